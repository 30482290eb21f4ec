/* The inside of a Ceremony, shared by the files that make it: replay.c and journal.c (the journal),
 * contributions.c (their rows), command.c (commands), event_log.c, ceremony.c (what others
 * ask), waiting.c, standing.c (how somebody stands), park.c (polls that wait), sessions.c and
 * session_life.c (who may come), upload.c (responses), judge.c (verdicts), cache.c (files made from
 * the state), operate.c (the operator's commands), export.c, handover.c; and by those that make a
 * Node. Nobody else includes this.
 *
 * LOCKS, in the order in which they may be taken:
 * - blobs: a response is kept and stored, or taken away again; so nobody takes away what another
 *   has just stored.
 * - writer: decide + append + apply, one command at a time; held while SQLite syncs.
 * - cached[i][form]: one maker of this cache file at a time; gzip's before that of JSON.
 * - the feed: its own lock, within any of these.
 * - published: state, presence, sessions, recent, ends; held for microseconds, and the only one
 *   for most readers.
 * - reader: the connection that answers quick questions about sessions and contributions; whoever
 *   walks over many rows opens one of their own. */
#pragma once

#include "auth/auth.h"
#include "base/merkle.h"
#include "base/pool.h"
#include "engine/engine.h"
#include "format/identity.h"
#include "run/ceremony.h"
#include "run/clock.h"
#include "run/contributions.h"
#include "run/feed.h"
#include "run/kept_head.h"
#include "run/kind.h"
#include "run/sessions.h"
#include "run/standing.h"
#include "run/vitals.h"
#include "store/blob.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

#define RECENT_MAX 64       /* who was accepted last and may repeat the upload */
#define SNAPSHOT_EVERY 1000 /* events */

enum { CACHE_CHALLENGE, CACHE_TRANSCRIPT, CACHE_N };

/* What a ceremony needs of its node. */
typedef struct {
    const char *dir;
    CvkPool *pool;
    const Auth *auth;
    const uint8_t *key; /* of receipts, ETH_SECRET_BYTES */
    RunClock *clock;
    size_t sessions_max;                        /* 0: LIMIT_SESSIONS */
    const Kind *(*find_kind)(const char *name); /* NULL: kind_find */
} CeremonyHost;

/* How a turn or a place ended (standing.c). */
typedef struct {
    uint64_t participant;
    Outcome outcome;
    uint64_t index;
    char reason[ENGINE_REASON_MAX];
} TurnEnd;
#define ENDS_MAX 256 /* of the newest are remembered */

/* Polls that wait for an answer (park.c). */
typedef struct {
    struct {
        char identity[LIMIT_IDENTITY + 1];
        void (*wake)(void *ctx);
        void *ctx;
        int64_t until_ms;
    } at[LIMIT_PARKED];
    size_t n;
    bool closing; /* nobody may come any more */
} Parked;

struct Ceremony {
    CeremonyHost host;
    char store_path[LIMIT_PATH];
    int64_t id;
    char name[64];
    char *definition;
    Wallets wallets; /* as the definition says */
    const Kind *kind;
    void *self; /* the kind's part */

    pthread_mutex_t blobs;

    pthread_mutex_t writer;
    Store *store;
    int64_t store_version; /* to notice what other processes append */
    uint64_t seq;
    uint8_t head[32]; /* of the chain */
    CvkMerkle tree;

    atomic_bool append_fails; /* the last one did, for our own faults */

    int64_t skipped_to_ms, probed_ms; /* of the thread that keeps the time */

    pthread_mutex_t published;
    pthread_cond_t settled; /* a lease has ended, or its judgement without a verdict */
    EngineState *state;
    Presence *presence;
    Sessions *sessions;
    Signers signers;
    uint8_t newest[32];             /* hash of the newest accepted response; zero: none yet */
    uint8_t recent[RECENT_MAX][32]; /* auth_uploader's */
    size_t n_recent;
    uint64_t judging;    /* the lease whose response somebody judges now; 0: none */
    uint64_t uploads_of; /* a lease, and ... */
    size_t uploads;      /* ... how many of its uploads are under way */
    Parked parked;
    VerifyTimes verify;
    TurnEnd ends[ENDS_MAX]; /* end i, from 0, at i % ENDS_MAX */
    uint64_t n_ends;

    KeptHead kept_head; /* of the newest acceptance */

    Feed *feed; /* what was appended, from within writer */

    pthread_mutex_t reader_lock;
    Store *reader;

    struct {
        pthread_mutex_t lock;
        char path[LIMIT_PATH]; /* the last one made, "" at first */
    } cached[CACHE_N][AS_N];
};

/* Opens one ceremony of the store at `store_path`, replaying its journal; a new one's journal gets
 * its first event, CeremonyOpened. */
bool ceremony_open(const CeremonyHost *host, const char *store_path, const char *name,
                   Ceremony **ret, CvkErr *err) MUST_USE;
Ceremony *ceremony_close(Ceremony *c);

/* Reads the journal, from the newest snapshot on; a new one gets its first event. For
 * ceremony_open. */
bool ceremony_replay(Ceremony *c, CvkErr *err) MUST_USE;

/* An event as it stands in the journal. */
typedef struct {
    uint64_t seq;
    const Event *event;
    const char *json; /* its line, n bytes */
    size_t n;
    const CvkMerkle *before, *after; /* the tree without and with it */
} Appended;

/* What goes with the events of one command. */
typedef struct {
    /* Adds to the same transaction, for each event; called again for all of them where another
     * process was faster. */
    bool (*journal)(void *ctx, Store *store, const Appended *at, CvkErr *err);
    /* The event is durable and applied, those behind it are not applied yet (the slot may go on to
     * the next in line), and no further command has been decided. */
    void (*applied)(void *ctx, const Event *e);
    void *ctx;
} Also;

/* The live lease, if they hold it; else 0. Held: published. */
uint64_t ceremony_lease_of(const Ceremony *c, const char *identity, EngineView *ret);

/* Reads the sessions into memory, once the journal is read. */
bool ceremony_load_sessions(Ceremony *c, CvkErr *err) MUST_USE;
/* The name that this person has in this ceremony: a GitHub account whose login changed keeps the
 * one under which it came first, or it could come twice. */
bool ceremony_known_as(Ceremony *c, const Identity *who, char ret[LIMIT_IDENTITY + 1],
                       CvkErr *err) MUST_USE;

/* Runs one command to its end: decide, append with what `also` (may be NULL) adds, apply. A refusal
 * may come with events too: the LeaseExpired that was due. */
bool ceremony_execute(Ceremony *c, const Command *command, const Also *also, Events *ret_events,
                      Refusal *ret_refusal, CvkErr *err) MUST_USE;

/* What every command of the operator may be refused for, as an error for people; true: it was not.
 */
bool ceremony_refuse(const Ceremony *c, Refusal refusal, CvkErr *err) MUST_USE;

/* Time has passed: expire what ran out, read what other processes appended. */
bool ceremony_tick(Ceremony *c, CvkErr *err) MUST_USE;
/* The server did not work through this gap: what was running gets as much time as it had before
 * (ClockSkipped, decided at the gap's end). Of the thread that keeps the time. */
bool ceremony_skip(Ceremony *c, ClockGap gap, CvkErr *err) MUST_USE;
/* At the start of serving: whoever waits in the queue counts as seen now. */
void ceremony_seat(Ceremony *c);
/* For all that share a clock, in timer.c: what a server does when it begins to serve, before
 * anything else is decided, and then each 200 ms. alive_ms: when it was last known to live, 0 = not
 * known. False: the first error; the others went on. */
bool ceremonies_begin(RunClock *clock, int64_t alive_ms, Ceremony *const *at, size_t n,
                      CvkErr *err) MUST_USE;
bool ceremonies_tick(RunClock *clock, Ceremony *const *at, size_t n, CvkErr *err) MUST_USE;

/* Judges the stored response of the lease and puts the verdict on record. `identity` holds the
 * lease. Where another judges it already: waits for that verdict and answers SUBMIT_NOT_YOURS. */
bool ceremony_judge(Ceremony *c, uint64_t lease, const char *identity, void *response,
                    const uint8_t hash[32], Submit *ret, CvkErr *err) MUST_USE;
/* Is a response stored that nobody judges (a crash, a full disk)? */
bool ceremony_is_unjudged(Ceremony *c);
/* Then it is judged now. Seconds: on a worker, or before serving. */
bool ceremony_recover(Ceremony *c, CvkErr *err) MUST_USE;
/* Waits while somebody judges the response of this lease, LIMIT_UPLOAD_MS at most. */
void ceremony_await_verdict(Ceremony *c, uint64_t lease);

/* What the next response extends: the newest accepted response, or index 0 and nothing. */
typedef struct {
    uint64_t index;
    uint8_t response[32];
} Newest;
void ceremony_newest(Ceremony *c, Newest *ret);
/* Is its response there and whole? For a start: else nobody could be given a challenge. */
bool ceremony_intact(Ceremony *c, CvkErr *err) MUST_USE;
/* Its response for reading (*ret_fd -1: none yet; ret_fd NULL: not wanted), and the contributions
 * up to it. */
bool ceremony_newest_open(Ceremony *c, const Newest *newest, int *ret_fd, History *ret_history,
                          CvkErr *err) MUST_USE;

/* Is the row's receipt the one that was issued? Before anybody is given it. 0.1 to 0.4 ms. False:
 * "receipt.damaged". */
bool ceremony_receipt_right(Ceremony *c, const StoreContribution *k, CvkErr *err) MUST_USE;
/* In words, from the record of a contribution; "" where the kind has none. */
void ceremony_signatures(const Ceremony *c, const uint8_t *record, size_t n,
                         char ret[SUBMIT_SIGNATURES]);

/* A row without its record, to be looked at when the store is free again. */
typedef struct {
    const Ceremony *c; /* for `signatures`; may be NULL */
    StoreContribution row;
    char signatures[SUBMIT_SIGNATURES];
    char *receipt;       /* the caller frees; NULL: none yet */
    char signature[133]; /* what the row may hold */
} Issued;
/* For store_contribution_each and _of: copies one. */
bool issued_copy(void *issued, const StoreContribution *k, CvkErr *err);
/* Once it was found to be right, the receipt is the caller's. False: it was freed. */
bool issued_take(Ceremony *c, Issued *issued, char **ret_receipt, char ret_signature[131],
                 CvkErr *err) MUST_USE;

/* JSON, made if need be; a worker is then told to make the other forms as well. */
bool ceremony_challenge(Ceremony *c, CeremonyFile *ret, CvkErr *err) MUST_USE;
/* Makes it if need be. */
bool ceremony_challenge_ready(Ceremony *c, CvkErr *err) MUST_USE;
/* Makes that of a state to come, whose response is stored, so that nobody waits for it then: JSON
 * and, where the kind has it, binary. */
bool ceremony_challenge_prepare(Ceremony *c, const Newest *coming, CvkErr *err) MUST_USE;
/* Its other forms, on a worker: JSON is there. */
void ceremony_challenge_forms_soon(Ceremony *c);
/* Makes its other forms, those that are not there yet. */
bool ceremony_challenge_forms(Ceremony *c, CvkErr *err) MUST_USE;
/* For opening and closing. */
void ceremony_cache_init(Ceremony *c);
void ceremony_cache_done(Ceremony *c);
