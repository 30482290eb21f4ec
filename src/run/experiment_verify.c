#include "run/experiment_verify.h"

#include "base/alloc.h"
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
    static const char *const ids[] = {"journal.",      "market.",       "entry.",
                                      "store.damaged", "blob.",         "head.damaged",
                                      "head.ceremony", "head.signature"};
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

static bool audit_rows(const Experiment *e, const JournalHead *heads, size_t n_heads,
                       ExperimentAudit *ret, CvkErr *err) {
    StoreCeremony row = {.definition = NULL};
    Store *s = NULL;
    bool ok = store_open(e->store_path, false, &s, err) &&
              store_ceremony_find(s, e->name, &row, err) &&
              experiment_audit_rows(s, &row, heads, n_heads, ret, err);
    free(row.definition);
    store_close(s);
    return ok;
}

/* Heads are read before the database, which may grow meanwhile. */
bool experiment_audit(Experiment *e, ExperimentAudit *ret, CvkErr *err) {
    JournalHead kept;
    return kept_head_read(&e->kept_head, &kept, err) && audit_rows(e, &kept, 1, ret, err);
}

static bool read_head(const Experiment *e, const char *path, JournalHead *ret, CvkErr *err) {
    SignedHead s;
    if (!head_read_file(path, &s, err) || !kept_head_is_ours(&e->kept_head, &s, err))
        return cvk_fail_prefix(err, "'%s'", CVK_SHOWN(path));
    *ret = s.head;
    return true;
}

/* The kept one, and those that were given. *ret_n: of them that are there. The caller frees. */
static JournalHead *read_heads(Experiment *e, const char *const *paths, size_t *ret_n,
                               CvkErr *err) {
    size_t n = 0;
    while (paths != NULL && paths[n] != NULL)
        n++;
    JournalHead *ret = cvk_alloc(n + 1, sizeof *ret, err);
    bool ok = ret != NULL && kept_head_read(&e->kept_head, &ret[0], err);
    *ret_n = ok && ret[0].entries != 0;
    for (size_t i = 0; ok && i < n; i++)
        ok = read_head(e, paths[i], &ret[*ret_n + i], err);
    *ret_n += n;
    if (ok)
        return ret;
    free(ret);
    return NULL;
}

static bool audit(Verifying *v, const char *const *paths, CvkErr *err) {
    size_t n;
    JournalHead *heads = read_heads(v->e, paths, &n, err);
    v->told.audited = heads != NULL && audit_rows(v->e, heads, n, &v->told.audit, err);
    v->told.heads = v->told.audited ? n : 0;
    free(heads);
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

bool experiment_verify(Experiment *e, const ExperimentChecks *checks,
                       bool (*fault)(void *ctx, const ExperimentFault *f, CvkErr *err), void *ctx,
                       ExperimentVerified *ret, CvkErr *err) {
    Verifying v = {.e = e, .fault = fault, .ctx = ctx};
    if (!audit(&v, checks->heads, err))
        return false;
    if (checks->proofs && (!experiment_each_batch(e, see_batch, &v, err) ||
                           !experiment_each_submission(e, see_submission, &v, err)))
        return false;
    *ret = v.told;
    return true;
}
