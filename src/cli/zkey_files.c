#include "cli/zkey_files.h"

#include "base/alloc.h"
#include "setup/phase2_contribute.h"

/* A new key in the making. */
typedef struct {
    const Phase2Key *old;
    Phase2Step step;
    Compute *compute;
} Job;

static bool write_vector(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    const Job *job = ctx;
    return phase2_scale(&job->step, &job->old->v[which], &job->compute->work, to, err);
}

static bool write_key(Job *job, const char *path, CvkErr *err) {
    Phase2Key key = *job->old;
    const uint32_t n = key.contributions_n;
    const ZkeyMaker maker = {.vector = write_vector, .ctx = job};
    _cleanup_free_ Phase2Contribution *list = cvk_alloc((size_t)n + 1, sizeof *list, err);
    if (list == NULL)
        return false;
    if (n != 0)
        memcpy(list, key.contributions, n * sizeof *list);
    list[n] = job->step.contribution;
    key.header = job->step.header;
    key.contributions = list;
    key.contributions_n = n + 1;
    key.v[PHASE2_L].bytes = key.v[PHASE2_H].bytes = (CvkSource){.read = NULL};
    compute_begin(job->compute, "contributing",
                  (size_t)(job->old->v[PHASE2_L].n + job->old->v[PHASE2_H].n));
    bool ok = zkey_write(path, ZKEY_ORDER_CONTRIBUTE, &key, &maker, err);
    compute_end(job->compute);
    return ok;
}

bool zkey_file_contribute(const Phase2Key *old, const char *out, Draw *draw,
                          const ContributionParams *params, Compute *c, Phase2Contribution *ret,
                          CvkErr *err) {
    Job job = {.old = old, .compute = c};
    bool ok = phase2_contribute(old, draw, params, &job.step, err) && write_key(&job, out, err);
    if (ok)
        *ret = job.step.contribution;
    phase2_step_done(&job.step);
    return ok;
}
