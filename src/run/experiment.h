/* A running experiment: its state, its tables, its files. What the server's handlers and the
 * operator's commands call.
 *
 * Threads: any. Functions marked (memory) answer at once; the others may wait for the disk, and
 * belong in jobs. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "market/market.h"
#include "market/panel.h"
#include "market/verifier.h"
#include "run/experiment_audit.h"
#include "run/node.h"
#include "store/blob.h"
#include "store/market.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Experiment Experiment;

/* name NULL: the only one ("experiment.none", "experiment.which"). Lives as long as the node. */
bool node_experiment(Node *n, const char *name, Experiment **ret, CvkErr *err) MUST_USE;
Experiment *node_experiment_at(Node *n, size_t i); /* NULL past the last */
/* `settings`: "key=value" (docs/MARKET.md), NULL-terminated, may be NULL. The rules' hash is the
 * journal's first entry. */
bool node_experiment_new(Node *n, const char *name, const char *const *settings,
                         CvkErr *err) MUST_USE;
const char *experiment_name(const Experiment *e);
const MarketRules *experiment_rules(const Experiment *e);
const uint8_t *experiment_hash(const Experiment *e); /* of its rules, 32 bytes */

/* ---- provers ---- */
/* Does memory hold all that was written so far, whoever wrote it? Then what it answers now is as
 * good as the tables; else experiment_make_current goes before an answer that ends something
 * ("nobody", "nothing is left"). (memory; about 3 us) */
bool experiment_is_current(Experiment *e);
bool experiment_make_current(Experiment *e, CvkErr *err) MUST_USE;
/* Whose id this is (it need not be well formed). 0: nobody's, or not allowed. (memory) */
uint32_t experiment_who(Experiment *e, const char *id, size_t n);

#define BATCH_PATH_MAX 64 /* "static/<24>/<24>", zero-terminated */
typedef struct {
    uint64_t request;
    char path[BATCH_PATH_MAX];
    int64_t posted_price; /* what their group is told, in micro-cents; -1: nothing */
} OpenRequest;
/* NEXT_OPEN: *ret. NEXT_NEW: experiment_get_batch has to be asked. (memory) */
MarketNext experiment_peek(Experiment *e, uint32_t participant, OpenRequest *ret);
/* Issues a request where one is due. Never NEXT_NEW. */
bool experiment_get_batch(Experiment *e, uint32_t participant, MarketNext *ret_next,
                          OpenRequest *ret, CvkErr *err) MUST_USE;

/* ---- files ---- */
typedef struct {
    int fd; /* the caller closes */
    uint64_t size;
    char etag[2 * 32 + 1]; /* sha256 of the file, in hex */
    uint64_t request;      /* 0: a public one */
} BatchFile;
/* `path`: what follows "static/". CVK_ENOTFOUND "file.none" for everything else than the two public
 * names and the paths of requests. */
bool experiment_file(Experiment *e, const char *path, BatchFile *ret, CvkErr *err) MUST_USE;
/* A download has ended: n bytes from `at` of a file of so many went out. They have the whole file
 * when its last byte went out and, with the downloads before, as many as it has. (memory) */
void experiment_file_sent(Experiment *e, uint64_t request, uint64_t at, uint64_t n, uint64_t size);

/* ---- submissions ---- */
typedef struct {
    uint64_t request;
    BlobWriter *proof; /* sealed or not; the caller frees it */
    size_t proof_n;
    int64_t received_ms; /* HandedIn's */
    uint8_t body_sha256[32];
    int64_t proving_ms, cost, price;    /* micro-cents */
    char cost_text[32], price_text[32]; /* as they were written */
    char deployment[LIMIT_DEPLOYMENT + 1];
    bool deployment_is_text;                   /* or a number, as it was written */
    char acceleration[LIMIT_ACCELERATION + 1]; /* "": not said */
    const char *extra;                         /* JSON object of everything else, or NULL */
} Submission;

typedef enum {
    SUBMISSION_ACCEPTED, /* or repeated: the same answer */
    SUBMISSION_NO_REQUEST,
    SUBMISSION_INVALID, /* or malformed */
    SUBMISSION_ERROR,   /* the verifier failed; the request stays open */
    SUBMISSION_BUSY,    /* too many attempts, or too many at once: retry_s */
} SubmissionResult;
/* Takes a proof's bytes while they arrive: Submission.proof later. The caller frees it. */
BlobWriter *experiment_proof_new(Experiment *e, size_t max, CvkErr *err) MUST_USE;
/* A body that is whole, and waits to be judged. */
typedef struct HandedIn {
    uint32_t participant; /* 0: none */
    int64_t received_ms;
    struct HandedIn *next;
} HandedIn;
/* It is whole now. Until experiment_judged no request of theirs runs out that had time left at this
 * moment: who handed in in time does not lose for how long it is judged. *ret stays where it is
 * until then. (memory) */
void experiment_hand_in(Experiment *e, uint32_t participant, HandedIn *ret);
/* Whatever came of it; one that was never handed in (zeros) is fine. (memory) */
void experiment_judged(Experiment *e, HandedIn *h);
/* Is there a request for this body to be about? Before any metadata are judged. (memory) */
MarketMay experiment_may_submit(Experiment *e, uint32_t participant, uint64_t request,
                                const uint8_t body[32]);
/* Verifies (in a worker process) and records. */
bool experiment_submit(Experiment *e, uint32_t participant, const Submission *s,
                       SubmissionResult *ret_result, unsigned *ret_retry_s, CvkErr *err) MUST_USE;
/* The prover says that it could not: kept as an attempt (accepted), unless they said so too often
 * (busy); the request stays open. */
bool experiment_declare_failure(Experiment *e, uint32_t participant, uint64_t request,
                                const char *error, SubmissionResult *ret_result,
                                unsigned *ret_retry_s, CvkErr *err) MUST_USE;
/* A refusal before verification (bad metadata, bad base64): an attempt's row, unless there were too
 * many within a minute. */
bool experiment_refuse(Experiment *e, uint32_t participant, uint64_t request, const char *verdict,
                       const char *why, CvkErr *err) MUST_USE;

/* ---- operator ---- */
/* What the operator says of a participant; no export has it. NULL: nothing, or as before. */
typedef struct {
    const char *label, *contact, *note;
} ParticipantWords;
/* id NULL: a new one of 128 random bits; *ret_id[LIMIT_PROVER_ID + 1] is shown once and not kept.
 * group, words NULL: none. The group is a treatment, and never changes. */
bool experiment_participant_add(Experiment *e, const char *id, const char *group,
                                const ParticipantWords *words, char *ret_id, uint32_t *ret,
                                CvkErr *err) MUST_USE;
bool experiment_participant_describe(Experiment *e, uint32_t participant,
                                     const ParticipantWords *words, CvkErr *err) MUST_USE;
bool experiment_participant_allow(Experiment *e, uint32_t participant, bool on,
                                  CvkErr *err) MUST_USE;
bool experiment_participant_rotate(Experiment *e, uint32_t participant, const char *id,
                                   char *ret_id, CvkErr *err) MUST_USE;

typedef struct {
    const char *name;                         /* unique */
    const char *path;                         /* the file: its bytes are copied into blobs */
    const char *verifier;                     /* of market/verifier.h, or "exec" */
    const char *params, *expect, *covariates; /* JSON objects; expect any JSON; NULL: none */
    const uint8_t *sha256; /* the file must have it, and so many bytes; NULL: whatever it has */
    const uint64_t *size;
} BatchSource;
/* All or none, as one block; those that are there already (the same in all) are left alone.
 * "batch.exists": the name with other contents or another verifier, params, expect (as text) or
 * covariates, or the contents by another name; "batch.size", "batch.sha256". */
bool experiment_batches_add(Experiment *e, const BatchSource *b, size_t n, size_t *ret_added,
                            CvkErr *err) MUST_USE;
bool experiment_batch_retire(Experiment *e, uint32_t batch, bool retired, CvkErr *err) MUST_USE;
/* Other covariates (a JSON object) take the place of those it has; what binds proofs to a batch
 * never changes. */
bool experiment_batch_describe(Experiment *e, uint32_t batch, const char *covariates,
                               CvkErr *err) MUST_USE;
bool experiment_request_close(Experiment *e, uint64_t request, RequestState as,
                              CvkErr *err) MUST_USE;
bool experiment_request_reopen(Experiment *e, uint64_t request, CvkErr *err) MUST_USE;
/* public: static/example-batch.bin, static/example-proof.bin; NULL leaves one as it is. */
bool experiment_examples(Experiment *e, const char *batch_path, const char *proof_path,
                         CvkErr *err) MUST_USE;
/* What a prover's deployment is and costs; its changed_ms is set here. */
bool experiment_deployment_set(Experiment *e, const StoreDeployment *d, CvkErr *err) MUST_USE;
void experiment_counts(Experiment *e, MarketCounts *ret); /* (memory) */

/* The panel of all submissions, for analyses; the caller frees it. Participants are named by their
 * labels where these are there and differ, else "p<number>" or, where that is taken, "p<number>-2"
 * and so on; deployments "<participant>/<name>". Progress is in submissions: about 2 us each. */
bool experiment_panel(Experiment *e, CvkProgress progress, Panel **ret, CvkErr *err) MUST_USE;

/* ---- verification ---- */

/* Are the tables what the journal says? run/experiment_audit.h; all there is to be verified:
 * run/experiment_verify.h */
bool experiment_audit(Experiment *e, ExperimentAudit *ret, CvkErr *err) MUST_USE;

/* ---- rows, of one moment each, in the order of their numbers; fn may stop it. A connection of
 * their own, so they disturb nobody. About 2 us a row ---- */
bool experiment_each_participant(Experiment *e,
                                 bool (*fn)(void *ctx, const StoreParticipant *p, CvkErr *err),
                                 void *ctx, CvkErr *err) MUST_USE;
bool experiment_each_batch(Experiment *e, bool (*fn)(void *ctx, const StoreBatch *b, CvkErr *err),
                           void *ctx, CvkErr *err) MUST_USE;
bool experiment_each_request(Experiment *e,
                             bool (*fn)(void *ctx, const StoreRequest *r, CvkErr *err), void *ctx,
                             CvkErr *err) MUST_USE;
bool experiment_each_submission(Experiment *e,
                                bool (*fn)(void *ctx, const StoreSubmission *x, CvkErr *err),
                                void *ctx, CvkErr *err) MUST_USE;
bool experiment_each_attempt(Experiment *e,
                             bool (*fn)(void *ctx, const StoreAttempt *a, CvkErr *err), void *ctx,
                             CvkErr *err) MUST_USE;
bool experiment_each_deployment(Experiment *e,
                                bool (*fn)(void *ctx, const StoreDeployment *d, CvkErr *err),
                                void *ctx, CvkErr *err) MUST_USE;
