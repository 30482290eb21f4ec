/* Is this a proof of that batch? */
#include "base/alloc.h"
#include "run/experiment_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A copy of what a batch's row says. */
typedef struct {
    char *params, *expect, *name;
    char verifier[VERIFIER_NAME_MAX];
    uint8_t sha256[32];
} BatchRow;

static void row_done(BatchRow *b) {
    free(b->params);
    free(b->expect);
    free(b->name);
}

static bool copy_row(void *ctx, const StoreBatch *b, CvkErr *err) {
    BatchRow *r = ctx;
    r->params = cvk_strdup(b->params, err);
    r->expect = r->params == NULL ? NULL : cvk_strdup(b->expect, err);
    r->name = r->expect == NULL ? NULL : cvk_strdup(b->name, err);
    snprintf(r->verifier, sizeof r->verifier, "%s", b->verifier);
    memcpy(r->sha256, b->sha256, sizeof r->sha256);
    return r->name != NULL;
}

static bool read_row(Experiment *e, uint32_t batch, BatchRow *ret, CvkErr *err) {
    bool found;
    pthread_mutex_lock(&e->reader_lock);
    bool ok = store_batch_get(e->reader, e->id, batch, copy_row, ret, &found, err);
    pthread_mutex_unlock(&e->reader_lock);
    return ok && (found || cvk_fail(err, CVK_EBACKEND, "market.broken", "batch %u is lost", batch));
}

bool experiment_judge(Experiment *e, uint32_t batch, int proof_fd, size_t proof_n,
                      VerifyAnswer *ret, char ret_verifier[VERIFIER_NAME_MAX], CvkErr *err) {
    BatchRow row = {.params = NULL};
    bool ok = read_row(e, batch, &row, err);
    VerifyJob job = {
        .verifier = row.verifier,
        .params = row.params,
        .dev = e->rules.dev,
        .batch = {.sha256 = row.sha256, .name = row.name, .expect = row.expect},
        .proof_fd = proof_fd,
        .proof_n = proof_n,
    };
    if (ok)
        ok = blob_open(e->dir, row.sha256, &job.batch.fd, &job.batch.size, err);
    if (ok) {
        verify_process_run(e->verify, &job, ret);
        close(job.batch.fd);
        memcpy(ret_verifier, row.verifier, VERIFIER_NAME_MAX);
    }
    row_done(&row);
    return ok;
}
