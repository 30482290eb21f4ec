/* Is everything in an experiment what it was? The journal against the tables
 * (run/experiment_audit.h), every batch and every accepted proof against its sha256, and every
 * proof verified again. Threads: any; a server may be running. */
#pragma once

#include "run/experiment.h"
#include "run/experiment_audit.h"

#define EXPERIMENT_FAULT_TEXT 512 /* as a CvkErr has */

typedef struct {
    const char *id;   /* "journal.broken", "market.changed", "blob.damaged", "proof.invalid", ... */
    uint64_t request; /* 0: it is about none */
    uint32_t batch;   /* 0: it is about none */
    char text[EXPERIMENT_FAULT_TEXT];
} ExperimentFault;

typedef struct {
    bool proofs; /* false: only the journal and the tables */
    const char *const
        *heads; /* signed heads (paths) that somebody kept, NULL-terminated; or NULL */
} ExperimentChecks;

typedef struct {
    bool audited; /* false: that was a fault, and `audit` is zeros */
    ExperimentAudit audit;
    uint64_t heads;           /* that the journal has grown from: the kept one, and those given */
    uint64_t batches, proofs; /* that were looked at */
    uint64_t faults;
} ExperimentVerified;

/* `fault` is called for each thing that is wrong, and may stop it. False: nothing can be said (no
 * memory, the database cannot be opened, a file of checks->heads is no head, a verifier failed), or
 * `fault` stopped it. As long as all verifications together. */
bool experiment_verify(Experiment *e, const ExperimentChecks *checks,
                       bool (*fault)(void *ctx, const ExperimentFault *f, CvkErr *err), void *ctx,
                       ExperimentVerified *ret, CvkErr *err) MUST_USE;

/* Does this error mean that what was kept is wrong (and not that it could not be looked at)? */
bool experiment_is_fault(const CvkErr *err);
