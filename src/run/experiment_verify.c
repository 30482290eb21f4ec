/* What an outsider would check: tables against the journal, and every kept proof again. */
#include "run/experiment_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool experiment_audit(Experiment *e, ExperimentAudit *ret, CvkErr *err) {
    StoreCeremony row = {.definition = NULL};
    Store *s = NULL;
    bool ok = store_open(e->store_path, false, &s, err) &&
              store_ceremony_find(s, e->name, &row, err) &&
              experiment_audit_rows(s, &row, ret, err);
    free(row.definition);
    store_close(s);
    return ok;
}

typedef struct {
    Experiment *e;
    bool (*fn)(void *ctx, const ProofCheck *c, CvkErr *err);
    void *ctx;
} Verifying;

/* False: no answer, for a fault that has nothing to do with this proof. */
static bool judge(Experiment *e, const StoreSubmission *x, VerifyAnswer *ret, CvkErr *err) {
    char verifier[VERIFIER_NAME_MAX];
    CvkErr why;
    int fd;
    *ret = (VerifyAnswer){.verdict = PROOF_ERROR};
    if (!blob_open_checked(e->dir, x->proof, &fd, &why)) {
        snprintf(ret->why, sizeof ret->why, "%.*s", (int)sizeof ret->why - 1, why.msg);
        return true;
    }
    bool ok = experiment_judge(e, x->batch, fd, x->proof_n, ret, verifier, err);
    close(fd);
    return ok;
}

static bool verify_one(void *ctx, const StoreSubmission *x, CvkErr *err) {
    const Verifying *v = ctx;
    VerifyAnswer a;
    if (!judge(v->e, x, &a, err))
        return false;
    ProofCheck c = {.request = x->request,
                    .participant = x->participant,
                    .batch = x->batch,
                    .verdict = a.verdict,
                    .why = a.why};
    return v->fn(v->ctx, &c, err);
}

bool experiment_verify_proofs(Experiment *e,
                              bool (*fn)(void *ctx, const ProofCheck *c, CvkErr *err), void *ctx,
                              CvkErr *err) {
    Verifying v = {.e = e, .fn = fn, .ctx = ctx};
    return experiment_each_submission(e, verify_one, &v, err);
}
