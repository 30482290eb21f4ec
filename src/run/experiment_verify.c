#include "run/experiment_verify.h"

#include "base/hex.h"
#include "run/experiment_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    Experiment *e;
    ExperimentVerified told;
    bool (*fault)(void *ctx, const ExperimentFault *f, CvkErr *err);
    void *ctx;
} Verifying;

bool experiment_is_fault(const CvkErr *err) {
    static const char *const ids[] = {"journal.", "market.", "entry.", "store.damaged", "blob."};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strncmp(err->id, ids[i], strlen(ids[i])) == 0)
            return true;
    return false;
}

static bool tell(Verifying *v, ExperimentFault f, CvkErr *err) {
    v->told.faults++;
    return v->fault(v->ctx, &f, err);
}

/* What failed is a fault of what is kept, and told; or there is no answer. */
static bool tell_error(Verifying *v, uint64_t request, uint32_t batch, CvkErr *err) {
    ExperimentFault f = {.id = err->id, .request = request, .batch = batch};
    snprintf(f.text, sizeof f.text, "%s", err->msg);
    return experiment_is_fault(err) && tell(v, f, err);
}

/* ---- the journal and the tables ---- */

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

static bool audit(Verifying *v, CvkErr *err) {
    v->told.audited = experiment_audit(v->e, &v->told.audit, err);
    return v->told.audited || tell_error(v, 0, 0, err);
}

/* ---- bytes ---- */

/* Opens a blob that has so many bytes. */
static bool open_blob(const Experiment *e, const uint8_t sha256[32], uint64_t size, int *ret_fd,
                      CvkErr *err) {
    struct stat st;
    int fd;
    if (!blob_open_checked(e->dir, sha256, &fd, err))
        return false;
    if (fstat(fd, &st) != 0 || (uint64_t)st.st_size != size) {
        close(fd);
        return cvk_fail(err, CVK_EBACKEND, "blob.size",
                        "it has not the %" PRIu64 " bytes that its row says", size);
    }
    *ret_fd = fd;
    return true;
}

static bool see_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    Verifying *v = ctx;
    int fd;
    v->told.batches++;
    if (!open_blob(v->e, b->sha256, b->size, &fd, err))
        return tell_error(v, 0, b->id, err);
    close(fd);
    return true;
}

/* ---- proofs ---- */

static bool judge(Verifying *v, const StoreSubmission *s, int fd, CvkErr *err) {
    VerifyAnswer answer;
    char verifier[VERIFIER_NAME_MAX];
    ExperimentFault f = {.id = "proof.invalid", .request = s->request, .batch = s->batch};
    if (!experiment_judge(v->e, s->batch, fd, s->proof_n, &answer, verifier, err))
        return tell_error(v, s->request, s->batch, err);
    if (answer.verdict == PROOF_ERROR)
        return cvk_fail(err, CVK_EBACKEND, "verifier.failed",
                        "request %" PRIu64 ": the verifier failed: %.100s", s->request, answer.why);
    if (answer.verdict != PROOF_VALID) {
        snprintf(f.text, sizeof f.text, "the proof that was accepted is %s: %s",
                 proof_verdict_name(answer.verdict), answer.why);
        return tell(v, f, err);
    }
    if (memcmp(answer.canonical, s->canonical, sizeof s->canonical) != 0) {
        f.id = "proof.canonical";
        snprintf(f.text, sizeof f.text, "the proof's canonical hash is not the one that was noted");
        return tell(v, f, err);
    }
    return true;
}

static bool see_submission(void *ctx, const StoreSubmission *s, CvkErr *err) {
    Verifying *v = ctx;
    int fd;
    v->told.proofs++;
    if (!open_blob(v->e, s->proof, s->proof_n, &fd, err))
        return tell_error(v, s->request, s->batch, err);
    bool ok = judge(v, s, fd, err);
    close(fd);
    return ok;
}

bool experiment_verify(Experiment *e, bool proofs,
                       bool (*fault)(void *ctx, const ExperimentFault *f, CvkErr *err), void *ctx,
                       ExperimentVerified *ret, CvkErr *err) {
    Verifying v = {.e = e, .fault = fault, .ctx = ctx};
    if (!audit(&v, err))
        return false;
    if (proofs && (!experiment_each_batch(e, see_batch, &v, err) ||
                   !experiment_each_submission(e, see_submission, &v, err)))
        return false;
    *ret = v.told;
    return true;
}
