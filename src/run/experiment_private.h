/* The inside of an Experiment, shared by the files that make it: experiment.c (opening, and what
 * memory answers), experiment_commit.c (transactions, and what others wrote), experiment_load.c
 * (tables to memory), experiment_new.c, experiment_requests.c, experiment_files.c,
 * experiment_submit.c, experiment_judge.c, experiment_operate.c, experiment_batches.c,
 * experiment_rows.c, experiment_verify.c; and by those of run/ that go to its tables by themselves
 * (experiment_audit.c, experiment_export.c, experiment_panel.c), by node_private.h for node.c and
 * timer.c, and by the tests of audits and of crashes. Nothing outside run/ includes this.
 *
 * A command: experiment_begin takes the database's write lock and brings memory up to what others
 * wrote; then it decides on the state, writes rows and entries (experiment_log), and
 * experiment_end makes all of it durable and only then lets memory follow. So nothing is decided on
 * an old state, whichever process writes.
 *
 * LOCKS, in this order:
 * - writer: one command at a time; held while SQLite syncs. Of the state only who holds it and
 *   `published` changes anything, so who holds it alone may read.
 * - published: state, provers, issued, served, vitals, handed_in; held for microseconds.
 * - reader: the connection for quick questions; watch: the one that sees whether anybody wrote.
 *   Within none of the others. */
#pragma once

#include "base/merkle.h"
#include "engine/id_index.h"
#include "run/clock.h"
#include "run/experiment.h"
#include "run/experiment_entry.h"
#include "run/kept_head.h"
#include "run/verify_process.h"
#include "run/vitals.h"
#include "store/market.h"

#include <pthread.h>

/* What a participant may do so often a minute; one kind takes nothing from another. */
typedef enum {
    BUDGET_PROOFS = 0, /* proofs that are verified and not valid */
    BUDGET_FAILURES,   /* failures that they declare */
    BUDGET_REFUSALS,   /* rows of what was refused before it was verified */
    BUDGETS_N
} Budget;

/* Beside the state, by the number of the participant. */
typedef struct {
    char secret[2 * 32 + 1]; /* sha256 of their id, as digits; first: IdIndex */
    uint8_t token[STORE_TOKEN_BYTES];
    int64_t rate_ms[BUDGETS_N]; /* when that budget will be whole again, less its size */
} Prover;

/* Beside the state, by the number of the request. */
typedef struct {
    uint8_t token[STORE_TOKEN_BYTES];
    bool whole, last; /* its batch went out whole; its last byte did */
    bool keeping;     /* a proof of it is being kept, and recorded */
    uint64_t bytes;   /* that went out of it */
    uint32_t served;  /* 1 + where it stands in the list of what is to be written; 0: nowhere */
} IssuedRequest;

typedef struct {
    uint64_t request;
    StoreServed more;
} Served;

/* An entry that was written, and is not durable yet. */
typedef struct {
    MarketEntry entry;
    uint8_t hash[32], leaf[MERKLE_HASH];
} Pending;

#define VERIFIER_NAME_MAX 64

/* What a new experiment needs of its node. */
typedef struct {
    const char *dir, *store_path;
    RunClock *clock;
    VerifyProcess *verify;
    const uint8_t *key; /* of heads, ETH_SECRET_BYTES */
    bool tables_only;   /* NodeOptions */
} ExperimentHost;

/* Where a test may end the process, or look. */
typedef enum { POINT_VERIFIED, POINT_KEPT, POINT_COMMITTED } ExperimentPoint;

struct Experiment {
    char dir[LIMIT_PATH], store_path[LIMIT_PATH];
    RunClock *clock;
    VerifyProcess *verify;
    int64_t id;
    char name[64];
    MarketRules rules;
    uint8_t hash[32];
    bool tables_only; /* the state is empty, and no command begins */

    pthread_mutex_t writer;
    Store *store;
    _Atomic uint64_t seq; /* of the journal, as far as memory follows it: raised behind it */
    uint8_t head[32];
    CvkMerkle tree;
    uint64_t attempts; /* the number of the newest */
    int64_t newest_ms; /* of what the tables had at the start */
    /* of a transaction under way: */
    Pending *pending;
    size_t n_pending, pending_cap;
    uint64_t next_seq;
    uint8_t next_head[32];
    CvkMerkle next_tree;
    bool wrote; /* an entry, in this process */

    KeptHead kept_head;

    pthread_mutex_t published;
    MarketState *state;
    Prover *provers;
    size_t n_provers, provers_cap;
    IdIndex by_secret; /* of provers */
    IssuedRequest *issued;
    size_t n_issued, issued_cap;
    Served *served;
    size_t n_served, served_cap;
    pthread_cond_t kept; /* one that was being kept is recorded, or not */
    ExperimentVitals vitals;
    HandedIn *handed_in; /* bodies that wait to be judged */

    pthread_mutex_t reader_lock;
    Store *reader;

    pthread_mutex_t watch_lock;
    Store *watch;
    int64_t watched; /* its store_version when memory held all there was; -1: never yet */

    int64_t flushed_ms;                             /* of the thread that keeps the time */
    void (*at_point)(void *ctx, ExperimentPoint p); /* NULL but in tests */
    void *at_point_ctx;
};

/* experiment.c */
bool experiment_open(const ExperimentHost *host, const StoreCeremony *row, Experiment **ret,
                     CvkErr *err) MUST_USE;
/* Writes what waits to be written, and keeps the head (kept_head_keep, patience_ms). NULL is fine.
 */
Experiment *experiment_close(Experiment *e, unsigned *patience_ms);
/* Time has passed: what others wrote, what ran out, what was served, the head. Each 200 ms. */
bool experiment_tick(Experiment *e, CvkErr *err) MUST_USE;
/* The answer of an open request. Held: published. */
void experiment_answer(const Experiment *e, uint32_t participant, uint64_t request,
                       OpenRequest *ret);
/* Whose id has this sha256, allowed or not; 0: nobody's. Held: published, or writer. */
uint32_t experiment_whose(const Experiment *e, const uint8_t secret[32]);

/* experiment_load.c */
static inline IdRecords experiment_provers(const Experiment *e) {
    return (IdRecords){e->provers, sizeof *e->provers};
}
/* Everything, from the tables. Nobody else knows e yet. */
bool experiment_load(Experiment *e, CvkErr *err) MUST_USE;
/* Memory follows an entry that is durable. Held: writer. */
bool experiment_follow(Experiment *e, const MarketEntry *entry, CvkErr *err) MUST_USE;

/* experiment_commit.c */
/* Takes writer and the database; false: neither is held. */
bool experiment_begin(Experiment *e, CvkErr *err) MUST_USE;
/* An entry goes with the rows that were written; its time must be set. */
bool experiment_log(Experiment *e, const MarketEntry *entry, CvkErr *err) MUST_USE;
/* ok false: nothing of it happens. Releases both. True: it is durable (if ok was). */
bool experiment_end(Experiment *e, bool ok, CvkErr *err) MUST_USE;
/* What others wrote. Held: writer. */
bool experiment_catch_up(Experiment *e, CvkErr *err) MUST_USE;
/* Signs the journal's head, as far as memory follows it, and keeps it (run/kept_head.h, which
 * says what patience_ms is). Waits for the disk, but with no lock of e's. */
void experiment_keep_head(Experiment *e, unsigned *patience_ms);

/* experiment_requests.c */
bool experiment_sweep(Experiment *e, CvkErr *err) MUST_USE;

/* experiment_files.c */
/* get_batch was asked again. Held: published. */
void experiment_asked_again(Experiment *e, uint64_t request);
bool experiment_flush_served(Experiment *e, CvkErr *err) MUST_USE;

/* experiment_judge.c */
/* The proof of a request for this batch: proof_n bytes of fd. Seconds. False: no answer at all
 * (store, blobs). */
bool experiment_judge(Experiment *e, uint32_t batch, int proof_fd, size_t proof_n,
                      VerifyAnswer *ret, char ret_verifier[VERIFIER_NAME_MAX],
                      CvkErr *err) MUST_USE;

/* vitals.c */
/* A proof was judged. */
void experiment_note_verdict(Experiment *e, const VerifyAnswer *a);
