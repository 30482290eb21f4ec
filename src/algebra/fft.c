/* Inverse Fourier transforms over the n-th roots of unity, of scalars and of points: natural order
 * in, natural order out. The usual decimation in time: entries in bit-reversed order, then
 * log2(n) levels of butterflies (a + w b, a - w b) with growing distance. */
#include "algebra/backend.h"

#include "base/alloc.h"

#include <assert.h>
#include <pthread.h>
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

#define BUTTERFLIES 32 /* of one task */

typedef struct {
    const Curve *curve;
    const Fr *w;
    Fr scale; /* 1/n */
    Element *a;
    size_t n, half;
    CvkProgress progress;
    pthread_mutex_t lock; /* of `done` and the calls to progress */
    size_t done, total;
} GroupFft;

static void report_progress(GroupFft *f, size_t more) {
    pthread_mutex_lock(&f->lock);
    f->done += more;
    if (f->progress.fn != NULL)
        f->progress.fn(f->progress.ctx, f->done, f->total);
    pthread_mutex_unlock(&f->lock);
}

/* The division by n is done by the last level: there w b / n costs no more than w b. */
static void butterfly(const GroupFft *f, size_t i) {
    size_t half = f->half, k = i % half, low = i / half * 2 * half + k;
    bool last = 2 * half == f->n;
    Fr w = f->w[k * (f->n / 2 / half)];
    if (last) {
        w = fr_mul(f->curve, &w, &f->scale);
        f->a[low] = element_mul(&f->a[low], &f->scale);
    }
    Element t = f->a[low + half];
    if (k != 0 || last)
        t = element_mul(&t, &w);
    Element minus = element_neg(&t);
    f->a[low + half] = element_add(&f->a[low], &minus);
    f->a[low] = element_add(&f->a[low], &t);
}

static void butterflies(void *ctx, size_t i) {
    GroupFft *f = ctx;
    size_t n = block_len(f->n / 2, BUTTERFLIES, i);
    for (size_t k = 0; k < n; k++)
        butterfly(f, i * BUTTERFLIES + k);
    report_progress(f, n);
}

bool points_lagrange(const Points *p, CvkPool *pool, CvkProgress progress, Points **ret,
                     CvkErr *err) {
    const Curve *c = p->group->curve;
    _cleanup_free_ Fr *w = inverse_twiddles(c, p->n, err);
    if (w == NULL)
        return false;
    _cleanup_free_ Element *a = cvk_alloc(p->n, sizeof *a, err);
    if (a == NULL)
        return false;
    unsigned bits = log2_exact(p->n);
    for (size_t i = 0; i < p->n; i++)
        a[reverse_bits(i, bits)] = points_at(p, i);
    Fr size = fr_from_uint(c, p->n);
    GroupFft f = {.curve = c,
                  .w = w,
                  .scale = fr_inverse(c, &size),
                  .a = a,
                  .n = p->n,
                  .progress = progress,
                  .total = bits * (p->n / 2)};
    pthread_mutex_init(&f.lock, NULL);
    for (f.half = 1; f.half < p->n; f.half *= 2)
        cvk_pool_each(pool, blocks_n(p->n / 2, BUTTERFLIES), butterflies, &f);
    pthread_mutex_destroy(&f.lock);
    return points_from_elements(p->group, a, p->n, pool, ret, err);
}
