/* One ceremony that runs: the engine, its journal, its blobs and its mathematics brought together.
 *
 * Polls are reads: status, a check-in while the slot is taken, and "may I upload?" are answered
 * from a published view and touch presence; they never wait for the writer, an upload or a
 * verification. Everything else is a command: decide, append (durable), apply, publish, answer.
 * Threads: any. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "base/progress.h"
#include "engine/engine.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Ceremony Ceremony;

const char *ceremony_name(const Ceremony *c);
const char *ceremony_kind(const Ceremony *c);       /* "kzg" */
const char *ceremony_definition(const Ceremony *c); /* JSON */

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
/* ENOENT is no error: *ret_found = false for unknown and expired sessions. */
bool ceremony_session(Ceremony *c, const char *session_id, Session *ret, bool *ret_found,
                      CvkErr *err) MUST_USE;

/* A file to be sent: the caller closes fd. */
typedef struct {
    int fd;
    uint64_t size;
    char etag[65]; /* hex, zero-terminated: names the contents */
} CeremonyFile;

/* ---- a turn ---- */

/* Check in; get the slot if it is free. REFUSAL_NONE and REFUSAL_HOLDER_AGAIN come with the
 * challenge and the lease; other refusals without. An ended session is REFUSAL_OUT. */
bool ceremony_check_in(Ceremony *c, const Session *s, Refusal *ret_refusal, uint64_t *ret_lease,
                       CeremonyFile *ret_challenge, CvkErr *err) MUST_USE;
/* The challenge has gone out whole. */
void ceremony_challenge_sent(Ceremony *c, uint64_t lease);

/* From the view, at once: does this session hold the slot (or may it repeat its upload)? */
bool ceremony_may_upload(Ceremony *c, const Session *s);

typedef struct Upload Upload;
/* The headers of a response have come; ECONFLICT "turn.not_yours" if not the holder. A holder may
 * have several under way (a connection died): the first that is whole and well-formed is judged. */
bool upload_begin(Ceremony *c, const Session *s, Upload **ret, CvkErr *err) MUST_USE;
bool upload_write(Upload *u, const void *data, size_t n, CvkErr *err) MUST_USE;
/* The last byte has come, whatever becomes of it: the contributor's clock stops. At once. */
void upload_whole(Upload *u);
Upload *upload_free(Upload *u); /* abandons what was not finished; NULL is fine */

typedef enum {
    SUBMIT_ACCEPTED,    /* receipt and signature are set */
    SUBMIT_NOT_YOURS,   /* the lease ended meanwhile */
    SUBMIT_NOT_JSON,    /* text says why, in the protocol's words; the lease goes on */
    SUBMIT_WRONG_SHAPE, /* JSON, but not a contribution; the lease goes on */
    SUBMIT_STORED,      /* it is safe, and waits for its verdict: of upload_store only */
    SUBMIT_REFUSED,     /* verified and invalid: code and text; the lease is over */
} SubmitResult;

typedef struct {
    SubmitResult result;
    char code[64]; /* "CeremonyError::G1PairingFailed" */
    char text[512];
    char *receipt; /* the signed string */
    char signature[131];
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

/* REFUSAL_NONE: the slot is free again. */
bool ceremony_abort(Ceremony *c, const Session *s, Refusal *ret_refusal, CvkErr *err) MUST_USE;

/* The transcript so far, as one JSON file; made when first asked for after a change (seconds at
 * most): call it on a worker, unless ceremony_transcript_ready. */
bool ceremony_transcript(Ceremony *c, CeremonyFile *ret, CvkErr *err) MUST_USE;
bool ceremony_transcript_ready(Ceremony *c);

/* The receipt of contribution `index` (from 1), again: {"receipt","signature"} by parts; the caller
 * frees. */
bool ceremony_receipt(Ceremony *c, uint64_t index, char **ret_receipt, char ret_signature[131],
                      CvkErr *err) MUST_USE;

/* ---- the operator ---- */
bool ceremony_finalize(Ceremony *c, CvkErr *err) MUST_USE;

/* Writes what anybody needs to check the ceremony into `out` (a new or empty directory):
 * transcript.json, journal.jsonl, receipts.json, trusted_setup_<n>.json per size and
 * trusted_setup_4096.txt (when finalized and not `brief`), and manifest.json: names, sizes, sha256
 * of each, signed by the server. */
bool ceremony_export(Ceremony *c, const char *out, bool brief, CvkProgress progress,
                     CvkErr *err) MUST_USE;
