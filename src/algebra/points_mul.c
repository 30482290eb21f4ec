/* Multiplication by the powers of a secret: what a contributor does. */
#include "algebra/backend.h"

#include "base/alloc.h"
#include "base/secret.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

typedef struct {
    const Points *p;
    size_t block; /* points of a turn: fewer where one takes longer, so that nobody waits long */
    const PowersOf *k;
    Points *ret;
    CvkProgress progress;
    pthread_mutex_t lock; /* of `done` and the calls to progress */
    size_t done;
    atomic_bool infinity;
} MulPowers;

static void report_progress(MulPowers *job, size_t more) {
    pthread_mutex_lock(&job->lock);
    job->done += more;
    if (job->progress.fn != NULL)
        job->progress.fn(job->progress.ctx, job->done, job->p->n);
    pthread_mutex_unlock(&job->lock);
}

static void mul_block(void *ctx, size_t i) {
    MulPowers *job = ctx;
    const Group *g = job->p->group;
    size_t from = i * job->block, n = block_len(job->p->n, job->block, i);
    Fr powers[MUL_BLOCK];
    powers[0] = fr_pow(g->curve, &job->k->x, job->k->from + from);
    powers[0] = fr_mul(g->curve, &powers[0], &job->k->first);
    for (size_t k = 1; k < n; k++)
        powers[k] = fr_mul(g->curve, &powers[k - 1], &job->k->x);
    g->mul_points_secret(points_slot(job->p, from), powers, n, points_slot(job->ret, from));
    for (size_t k = from; k < from + n; k++)
        if (point_is_infinity(job->ret, k) != point_is_infinity(job->p, k))
            atomic_store(&job->infinity, true);
    cvk_wipe(powers, sizeof powers);
    cvk_wipe_stack(); /* the back end's tables and sums on the way */
    report_progress(job, n);
}

bool points_mul_secret(const Points *p, const PowersOf *k, CvkPool *pool, CvkProgress progress,
                       Points **ret, CvkErr *err) {
    assert(!fr_is_zero(&k->x) && !fr_is_zero(&k->first));
    Points *out = points_new(p->group, p->n, err);
    if (out == NULL)
        return false;
    MulPowers job = {.p = p, .k = k, .ret = out, .progress = progress};
    job.block = MUL_BLOCK / p->group->degree;
    pthread_mutex_init(&job.lock, NULL);
    cvk_pool_each(pool, blocks_n(p->n, job.block), mul_block, &job);
    pthread_mutex_destroy(&job.lock);
    /* No factor is zero and every point has the order r: infinity would be a fault of the back end,
     * and must never leave here as if it were a point. */
    assert(!atomic_load(&job.infinity));
    *ret = out;
    return true;
}
