/* clang-format off */
/* Verification, away from the server: each proof is judged in a process of its own that may crash,
 * hang or eat memory, and the server gets a verdict all the same.
 *
 *     server ── started once ──▶ helper ── forks ──▶ minder ── forks ──▶ worker
 *        │                                             ▲ │  limits, clock   Verifier, or program
 *        └── a connection, the batch, the proof ───────┘ │
 *        ◀───────────────── verdict ─────────────────────┘
 *
 * The server has threads and may not fork. The helper is this very program, started again with a
 * word of its own (docs/adr/0005): it has one thread and little memory, inherits and ends what a
 * minder that died has left, and is started again when it has died itself. INVARIANT: nothing that
 * a verifier or a program of the operator's does is an error here; what went wrong is a verdict,
 * PROOF_ERROR, and `why`.
 *
 * THREADS: any may call verify_process_run at the same time. Linux only. */
/* clang-format on */
#pragma once

#include "market/verifier.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    unsigned wall_ms, cpu_s; /* cpu_s: of each process */
    unsigned grace_ms;       /* of helper and minder, which do nothing else than that: then they are
                                killed */
    uint64_t memory;         /* address space of a worker, data of a program; of each process */
} VerifyLimits;
extern const VerifyLimits verify_usual_limits; /* those of base/limits.h */

typedef struct {
    const char *verifier; /* a name of market/verifier.h, or "exec" */
    const char *params;   /* a JSON object */
    bool dev;             /* those for tests are allowed */
    VerifierBatch batch;
    int proof_fd;   /* a plain file from its beginning, which is read as a mapping: its offset stays
                       as it is. As blob_seal gives it */
    size_t proof_n; /* of its bytes */
} VerifyJob;

typedef struct {
    ProofVerdict verdict;
    char why[VERIFIER_WHY_MAX]; /* printable ASCII; "" of what is valid */
    uint8_t canonical[32];      /* of what is valid: the same for all writings of one proof */
    int64_t us;                 /* from the worker's start to its end */
} VerifyAnswer;

typedef struct VerifyProcess VerifyProcess;

/* Starts nothing yet. `limits` NULL: the usual ones; parameters of "exec" may ask for others. */
VerifyProcess *verify_process_new(const VerifyLimits *limits, CvkErr *err) MUST_USE;
/* Nobody is in verify_process_run any more. Ends the helper. NULL is fine; returns NULL. */
VerifyProcess *verify_process_free(VerifyProcess *p);

/* Judges a proof. About 1 ms (the first time 15) more than the verification itself. Belongs in a
 * job. */
void verify_process_run(VerifyProcess *p, const VerifyJob *job, VerifyAnswer *ret);

/* Do the verifier, its parameters and what is expected of the batch make sense? For when a batch
 * comes; there is no proof in such a job. CVK_EBADREQ "verifier.refused" says why not (also: there
 * is no such one, or it is for tests). */
bool verify_process_check(VerifyProcess *p, const VerifyJob *job, CvkErr *err) MUST_USE;

/* ---- in the helper ---- */

/* Has this program been started as the helper? To be asked first in main of every program in which
 * verify_process_run may be called. */
bool verify_process_asked(int argc, char *const *argv);
/* What main does then; returns its exit status. `find`: verifier_find, or a test's own. */
int verify_process_serve(const Verifier *(*find)(const char *name));
