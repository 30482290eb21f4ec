/* Inverse Fourier transforms over the n-th roots of unity, of scalars and of points: natural order
 * in, natural order out. The usual decimation in time: entries in bit-reversed order, then
 * log2(n) levels of butterflies (a + w b, a - w b) with growing distance. */
#include "algebra/backend.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static size_t reverse_bits(size_t v, unsigned bits) {
    size_t ret = 0;
    for (unsigned i = 0; i < bits; i++)
        ret |= (v >> i & 1) << (bits - 1 - i);
    return ret;
}

static unsigned log2_exact(size_t n) {
    unsigned bits = 0;
    while ((size_t)1 << bits < n)
        bits++;
    return bits;
}

/* w^0 .. w^(n/2 - 1) for w the inverse of the n-th root of unity; one entry for n = 1. The caller
 * frees. */
static Fr *inverse_twiddles(const Curve *c, size_t n, CvkErr *err) {
    Fr root;
    if (!fr_root_of_unity(c, n, &root)) {
        cvk_fail(err, CVK_EBADREQ, "fft.size", "%zu is not a power of two that can be transformed",
                 n);
        return NULL;
    }
    Fr *w = cvk_alloc(n / 2 + 1, sizeof *w, err);
    if (w == NULL)
        return NULL;
    root = fr_inverse(c, &root);
    w[0] = fr_from_uint(c, 1);
    for (size_t i = 1; i < n / 2; i++)
        w[i] = fr_mul(c, &w[i - 1], &root);
    return w;
}

bool fr_inverse_fft(const Curve *c, Fr *a, size_t n, CvkErr *err) {
    _cleanup_free_ Fr *w = inverse_twiddles(c, n, err);
    if (w == NULL)
        return false;
    unsigned bits = log2_exact(n);
    for (size_t i = 0; i < n; i++) {
        size_t j = reverse_bits(i, bits);
        if (i < j) {
            Fr swap = a[i];
            a[i] = a[j];
            a[j] = swap;
        }
    }
    for (size_t half = 1; half < n; half *= 2)
        for (size_t i = 0; i < n / 2; i++) {
            size_t k = i % half, low = i / half * 2 * half + k;
            Fr t = fr_mul(c, &a[low + half], &w[k * (n / 2 / half)]);
            a[low + half] = fr_sub(c, &a[low], &t);
            a[low] = fr_add(c, &a[low], &t);
        }
    Fr size = fr_from_uint(c, n), scale = fr_inverse(c, &size);
    for (size_t i = 0; i < n; i++)
        a[i] = fr_mul(c, &a[i], &scale);
    return true;
}

/* ---- over the group ---- */

/* Butterflies of one task: many, as they share inversions, and still some tasks for each thread. */
#define TASK_MOST 512
#define TASK_LEAST 32

typedef struct {
    const Curve *curve;
    const Fr *w;
    Fr scale;  /* 1/n */
    Points *a; /* on the way these may be infinity: nobody else sees them before the end */
    size_t half, task;
    CvkProgress progress;
    pthread_mutex_t lock; /* of `done` and the calls to progress */
    size_t done, total;
    atomic_bool failed;
} GroupFft;

static void report_progress(GroupFft *f, size_t more) {
    pthread_mutex_lock(&f->lock);
    f->done += more;
    if (f->progress.fn != NULL)
        f->progress.fn(f->progress.ctx, f->done, f->total);
    pthread_mutex_unlock(&f->lock);
}

/* What one task holds of its butterflies. */
typedef struct {
    unsigned char *low, *high;
    Fr *w, *scale;
} Lanes;

static void lanes_done(Lanes *l) {
    free(l->low);
    free(l->high);
    free(l->w);
    free(l->scale);
}

static bool lanes_init(Lanes *l, const GroupFft *f, size_t n) {
    size_t size = f->a->group->point_bytes;
    *l = (Lanes){.low = cvk_alloc(n, size, NULL),
                 .high = cvk_alloc(n, size, NULL),
                 .w = cvk_alloc(n, sizeof *l->w, NULL),
                 .scale = cvk_alloc(n, sizeof *l->scale, NULL)};
    if (l->low != NULL && l->high != NULL && l->w != NULL && l->scale != NULL)
        return true;
    lanes_done(l);
    return false;
}

/* Butterfly number i of this level takes the entries at this index and at that plus half. */
static size_t low_index(const GroupFft *f, size_t i) {
    return i / f->half * 2 * f->half + i % f->half;
}

static bool mul_each(const Group *g, void *points, const Fr *k, size_t n) {
    const LinearJob job = {.points = points, .k = k, .n = n, .terms = 1, .forms = 1};
    return g->linear(&job, points);
}

/* The division by n is done by the last level: there w b / n costs no more than w b. */
static bool lanes_compute(const GroupFft *f, const Lanes *l, size_t from, size_t n) {
    const Group *g = f->a->group;
    bool last = 2 * f->half == f->a->n;
    for (size_t i = 0; i < n; i++) {
        Fr w = f->w[(from + i) % f->half * (f->a->n / 2 / f->half)];
        l->w[i] = last ? fr_mul(f->curve, &w, &f->scale) : w;
        l->scale[i] = f->scale;
    }
    if (last && !mul_each(g, l->low, l->scale, n))
        return false;
    bool all_ones = f->half == 1 && !last;
    return (all_ones || mul_each(g, l->high, l->w, n)) && g->butterflies(l->low, l->high, n);
}

static void fft_task(void *ctx, size_t task) {
    GroupFft *f = ctx;
    size_t size = f->a->group->point_bytes, from = task * f->task;
    size_t n = block_len(f->a->n / 2, f->task, task);
    Lanes l;
    if (!lanes_init(&l, f, n)) {
        atomic_store(&f->failed, true);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(l.low + i * size, points_slot(f->a, low_index(f, from + i)), size);
        memcpy(l.high + i * size, points_slot(f->a, low_index(f, from + i) + f->half), size);
    }
    if (!lanes_compute(f, &l, from, n))
        atomic_store(&f->failed, true);
    for (size_t i = 0; i < n; i++) {
        memcpy(points_slot(f->a, low_index(f, from + i)), l.low + i * size, size);
        memcpy(points_slot(f->a, low_index(f, from + i) + f->half), l.high + i * size, size);
    }
    lanes_done(&l);
    report_progress(f, 2 * f->half == f->a->n ? 2 * n : n);
}

static size_t task_size(size_t butterflies, unsigned width) {
    size_t size = butterflies / (4 * (size_t)width);
    return size > TASK_MOST ? TASK_MOST : size < TASK_LEAST ? TASK_LEAST : size;
}

/* The points of p in bit-reversed order. */
static Points *reversed(const Points *p, CvkErr *err) {
    Points *ret = points_new(p->group, p->n, err);
    unsigned bits = log2_exact(p->n);
    if (ret != NULL)
        for (size_t i = 0; i < p->n; i++)
            memcpy(points_slot(ret, reverse_bits(i, bits)), points_slot(p, i),
                   p->group->point_bytes);
    return ret;
}

static bool any_infinity(const Points *p) {
    for (size_t i = 0; i < p->n; i++) {
        Element e = points_at(p, i);
        if (element_is_infinity(&e))
            return true;
    }
    return false;
}

static bool run_levels(GroupFft *f, CvkPool *pool, CvkErr *err) {
    size_t n = f->a->n;
    pthread_mutex_init(&f->lock, NULL);
    for (f->half = 1; f->half < n; f->half *= 2)
        cvk_pool_each(pool, blocks_n(n / 2, f->task), fft_task, f);
    pthread_mutex_destroy(&f->lock);
    if (atomic_load(&f->failed))
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory to transform %zu points", n);
    if (any_infinity(f->a))
        return cvk_fail(err, CVK_EBADREQ, "point.infinity",
                        "the secret of these powers is a root of unity");
    return true;
}

bool points_lagrange(const Points *p, CvkPool *pool, CvkProgress progress, Points **ret,
                     CvkErr *err) {
    const Curve *c = p->group->curve;
    _cleanup_free_ Fr *w = inverse_twiddles(c, p->n, err);
    if (w == NULL)
        return false;
    Fr size = fr_from_uint(c, p->n);
    GroupFft f = {.curve = c,
                  .w = w,
                  .scale = fr_inverse(c, &size),
                  .a = reversed(p, err),
                  .task = task_size(p->n / 2, cvk_pool_width(pool)),
                  .progress = progress,
                  .total = (log2_exact(p->n) + 1) * (p->n / 2)};
    if (f.a == NULL)
        return false;
    if (!run_levels(&f, pool, err)) {
        points_free(f.a);
        return false;
    }
    *ret = f.a;
    return true;
}
