/* One ceremony that runs: the engine, its journal, its blobs and its mathematics brought together.
 *
 * Polls are reads: status, a check-in while the slot is taken, and "may I upload?" are answered
 * from a published view and touch presence; they never wait for the writer, an upload or a
 * verification. Everything else is a command: decide, append (durable), apply, publish, answer.
 * Threads: any. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/progress.h"
#include "engine/engine.h"
#include "format/head.h"
#include "run/feed.h"
#include "run/preset.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Ceremony Ceremony;

const char *ceremony_name(const Ceremony *c);
const char *ceremony_kind(const Ceremony *c); /* "kzg" */
Wallets ceremony_wallets(const Ceremony *c);  /* whose wallet signs in */

/* The public journal as it grows; lives as long as the ceremony. */
Feed *ceremony_feed(const Ceremony *c);
/* Appends to *b the lines of entries from `from` on, from the store, as many as have room in it;
 * *ret_next: the entry behind them. Opens the database: a millisecond or two, not for a thread that
 * must not block. "journal.broken" and the store's errors. */
bool ceremony_journal_lines(Ceremony *c, uint64_t from, CvkBuf *b, uint64_t *ret_next,
                            CvkErr *err) MUST_USE;

/* The newest signed head of the journal (of the newest acceptance) in the delivered form of
 * format/head.h, with a zero byte. False: there is none yet. */
bool ceremony_head(Ceremony *c, char ret[HEAD_MAX]);

typedef struct {
    EngineView view;
    size_t lobby_size; /* waiting now (lobby or queue), without the slot's holder */
} CeremonyStatus;
void ceremony_status(Ceremony *c, CeremonyStatus *ret);

/* A bearer token brought to an identity. */
typedef struct {
    uint8_t hash[32];
    char identity[LIMIT_IDENTITY + 1];
    bool ended;
} Session;
/* From memory, at once. False: an unknown, expired or logged-out session. */
bool ceremony_session(Ceremony *c, const char *session_id, Session *ret) MUST_USE;
/* Nobody further may sign in: there are as many that have not ended as the node lets in. */
bool ceremony_sessions_full(Ceremony *c);

/* The forms of one document. */
typedef enum {
    AS_JSON,
    AS_GZIP,   /* JSON in gzip */
    AS_BINARY, /* the kind's own; challenges only */
    AS_N,
} CeremonyForm;

/* A file to be sent: the caller closes fd. */
typedef struct {
    int fd;
    uint64_t size;
    CeremonyForm form;
    char etag[72]; /* names the contents and the form; "": has no name */
} CeremonyFile;

/* ---- a turn ---- */

/* Check in; get the slot if it is free. REFUSAL_NONE and REFUSAL_HOLDER_AGAIN come with the
 * challenge and the lease; other refusals without. An ended session is REFUSAL_OUT. */
bool ceremony_check_in(Ceremony *c, const Session *s, Refusal *ret_refusal, uint64_t *ret_lease,
                       CeremonyFile *ret_challenge, CvkErr *err) MUST_USE;
/* The same for somebody who comes for the slot by ceremony_come: no challenge. REFUSAL_NONE: it is
 * theirs now, in a queue as an offer for the start window; REFUSAL_HOLDER_AGAIN: it was before. */
bool ceremony_look(Ceremony *c, const Session *s, Refusal *ret_refusal, CvkErr *err) MUST_USE;
/* The challenge of the turn they have, as of ceremony_check_in; without one REFUSAL_NOT_HOLDER, and
 * nothing changes. */
bool ceremony_come(Ceremony *c, const Session *s, Refusal *ret_refusal, uint64_t *ret_lease,
                   CeremonyFile *ret_challenge, CvkErr *err) MUST_USE;
/* Gives up the place in the queue. REFUSAL_NO_CHANGE: has none. In a lobby there is no place to
 * give up: who does not ask any more is soon forgotten. */
bool ceremony_leave(Ceremony *c, const Session *s, Refusal *ret_refusal, CvkErr *err) MUST_USE;
/* What a poll that was answered REFUSAL_BUSY may do in a queue: wait for its answer. True: it is
 * parked, and `wake` is called exactly once, from any thread and perhaps before this returns: when
 * the slot is theirs, when park_ms is over, or when the ceremony closes. Whoever is woken asks
 * ceremony_after_park. False: the slot is free or theirs by now, there is no room, they are too far
 * from the head of the queue, or a poll of theirs is parked already: ask ceremony_after_park at
 * once. */
bool ceremony_park(Ceremony *c, const Session *s, void (*wake)(void *ctx), void *ctx);
/* Their client has hung up: wake will not be called. False: it is being called, or was. */
bool ceremony_unpark(Ceremony *c, void *ctx);
/* The answer after waking, as of ceremony_check_in: but this is no check-in that could be too
 * early.
 */
bool ceremony_after_park(Ceremony *c, const Session *s, Refusal *ret_refusal, uint64_t *ret_lease,
                         CeremonyFile *ret_challenge, CvkErr *err) MUST_USE;
/* Exchanges such a challenge, which is JSON, for the same one in another form. Where that is not
 * there, nothing changes: a turn does not wait for it. The binary form is made if need be, in some
 * 10 ms, but is there after each contribution; gzip is made by a worker soon after it. */
void ceremony_challenge_form(Ceremony *c, CeremonyForm form, CeremonyFile *file);
/* The challenge has gone out whole. */
void ceremony_challenge_sent(Ceremony *c, uint64_t lease);

/* From the view, at once: does this session hold the slot? */
bool ceremony_has_turn(Ceremony *c, const Session *s);
/* The same: has it a place in the queue that is lost unless it checks in soon? */
bool ceremony_is_due(Ceremony *c, const Session *s);
/* Does it hold the slot, or may it repeat its upload? */
bool ceremony_may_upload(Ceremony *c, const Session *s);

typedef struct Upload Upload;
/* The headers of a response have come, which announce `size` bytes (0: not announced);
 * ECONFLICT "turn.not_yours" if not the holder. A holder may have several under way (a connection
 * died): the first that is whole and well-formed is judged. */
bool upload_begin(Ceremony *c, const Session *s, uint64_t size, Upload **ret, CvkErr *err) MUST_USE;
bool upload_write(Upload *u, const void *data, size_t n, CvkErr *err) MUST_USE;
/* The last byte has come, whatever becomes of it: the contributor's clock stops. At once. */
void upload_whole(Upload *u);
Upload *upload_free(Upload *u); /* abandons what was not finished; NULL is fine */

typedef enum {
    SUBMIT_ACCEPTED,    /* receipt and signature are set */
    SUBMIT_NOT_YOURS,   /* the lease ended meanwhile */
    SUBMIT_NOT_JSON,    /* text says why, in the protocol's words; the lease goes on */
    SUBMIT_NOT_BINARY,  /* the same of what begins like the binary form */
    SUBMIT_WRONG_SHAPE, /* readable, but not a contribution; the lease goes on */
    SUBMIT_STORED,      /* it is safe, and waits for its verdict: of upload_store only */
    SUBMIT_REFUSED,     /* verified and invalid: code and text; the lease is over */
} SubmitResult;

#define SUBMIT_SIGNATURES 128

typedef struct {
    SubmitResult result;
    char code[64]; /* "CeremonyError::G1PairingFailed" */
    char text[512];
    char *receipt; /* the signed string */
    char signature[131];
    /* of what was accepted, too: */
    uint64_t index;
    char signatures[SUBMIT_SIGNATURES]; /* which of the contributor's own were recorded */
    char signed_as[LIMIT_IDENTITY + 2]; /* some were not, being made under this other name of
                                           theirs; "" where none was, and when asked again */
} Submit;
void submit_done(Submit *s);

/* The whole body has come: parse, store, verify, accept, sign. Seconds of work on the pool: call it
 * on a worker. Does not free u. Repeating an accepted upload gives the same receipt. */
bool upload_finish(Upload *u, Submit *ret, CvkErr *err) MUST_USE;
/* The same in two steps. The second is for what the first left SUBMIT_STORED; other results of it
 * are the answer. A response that is stored and not judged is judged by the server itself, later.
 */
bool upload_store(Upload *u, Submit *ret, CvkErr *err) MUST_USE;
bool upload_judge(Upload *u, Submit *ret, CvkErr *err) MUST_USE;

/* What they were answered for their newest contribution, again: SUBMIT_ACCEPTED, or
 * SUBMIT_NOT_YOURS for somebody who has none. */
bool ceremony_own_receipt(Ceremony *c, const Session *s, Submit *ret, CvkErr *err) MUST_USE;

/* REFUSAL_NONE: the slot is free again. */
bool ceremony_abort(Ceremony *c, const Session *s, Refusal *ret_refusal, CvkErr *err) MUST_USE;

/* The transcript so far, as one file (JSON or gzip); made when first asked for after a change
 * (seconds at most): call it on a worker, unless ceremony_transcript_ready. */
bool ceremony_transcript(Ceremony *c, CeremonyForm form, CeremonyFile *ret, CvkErr *err) MUST_USE;
bool ceremony_transcript_ready(Ceremony *c, CeremonyForm form);
/* A transcript whose lists begin with entry `from` (0 is the initial state; none that far: they are
 * empty); `bare`: without the powers. JSON, without a name; made anew each time, on a worker. */
bool ceremony_transcript_part(Ceremony *c, uint64_t from, bool bare, CeremonyFile *ret,
                              CvkErr *err) MUST_USE;

/* The receipt of contribution `index` (from 1), again: {"receipt","signature"} by parts; the caller
 * frees. */
bool ceremony_receipt(Ceremony *c, uint64_t index, char **ret_receipt, char ret_signature[131],
                      CvkErr *err) MUST_USE;

/* ---- waiting ---- */

typedef struct {
    bool waits; /* has a place in the queue; in a lobby, was seen lately */
    bool holds; /* has the turn, which is at ... */
    Phase phase;
    int64_t deadline_ms; /* ... this, until then (INT64_MAX: without limit) */
    bool lost;           /* a turn or a check-in that failed keeps them away, perhaps for good */
    bool parkable;       /* their polls may be parked (ceremony_park) */
    bool placed;         /* waits in a queue: `ahead` says where */
    uint64_t ahead, waiting; /* before them (0 in a lobby); altogether, without the holder */
    Mode mode;               /* of the ceremony */
    EngineEstimate estimate; /* until their turn */
    EngineDue due;           /* of the next check-in, if they were seen now */
    int64_t now_ms;          /* the ceremony's time, that `due` is in */
} Waiting;
/* For somebody who has just been answered REFUSAL_BUSY, or any other. */
void ceremony_waiting(Ceremony *c, const Session *s, Waiting *ret);

/* ---- the operator ----
 * All of these work beside a live server, on the directory: the server sees them at its next tick.
 */

/* ECONFLICT: "ceremony.mode" it is so already, "ceremony.finalized", "ceremony.handed_over". */
bool ceremony_set_mode(Ceremony *c, Mode mode, CvkErr *err) MUST_USE;

typedef struct {
    EnginePerson person; /* its identity is the one below */
    char identity[LIMIT_IDENTITY + 1];
} Participant;
/* By number, or (number 0) by identity. ENOTFOUND "participant.none". To walk over all: from 1 to
 * view.participants. */
bool ceremony_participant(Ceremony *c, uint64_t number, const char *identity, Participant *ret,
                          CvkErr *err) MUST_USE;
/* Whom `who` means: the number of a participant, or an identity, known or not; a GitHub account
 * whatever its login was when it came. EBADREQ
 * "participant.who", ENOTFOUND "participant.none". */
bool ceremony_who(Ceremony *c, const char *who, char ret_identity[LIMIT_IDENTITY + 1],
                  CvkErr *err) MUST_USE;
/* COMMAND_DROP, _BAN (with a reason: engine_text_ok), _UNBAN or _PARDON. ENOTFOUND
 * "participant.none", ECONFLICT "participant.no_change", "ceremony.finalized",
 * "ceremony.handed_over". */
bool ceremony_judge_person(Ceremony *c, CommandType what, const char *identity, const char *reason,
                           CvkErr *err) MUST_USE;
bool ceremony_finalize(Ceremony *c, CvkErr *err) MUST_USE;

/* Writes what anybody needs to check the ceremony into `out` (a new or empty directory):
 * transcript.json, journal.jsonl, receipts.json, trusted_setup_<n>.json per size and
 * trusted_setup_4096.txt (when finalized and not `brief`), and manifest.json: names, sizes, sha256
 * of each, signed by the server. */
bool ceremony_export(Ceremony *c, const char *out, bool brief, CvkProgress progress,
                     CvkErr *err) MUST_USE;
