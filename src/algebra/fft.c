/* The transform of scalars. The usual decimation in time: entries in bit-reversed order, then
 * log2(n) levels of butterflies (a + w b, a - w b) with growing distance. */
#include "algebra/fft.h"

#include "base/alloc.h"

unsigned fft_log2(size_t n) {
    unsigned bits = 0;
    while ((size_t)1 << bits < n)
        bits++;
    return bits;
}

size_t fft_reverse_bits(size_t v, unsigned bits) {
    size_t ret = 0;
    for (unsigned i = 0; i < bits; i++)
        ret |= (v >> i & 1) << (bits - 1 - i);
    return ret;
}

Fr *fft_roots(const Curve *c, FftDirection direction, size_t n, size_t count, CvkErr *err) {
    Fr root;
    if (!fr_root_of_unity(c, n, &root)) {
        cvk_fail(err, CVK_EBADREQ, "fft.size", "%zu is not a power of two that can be transformed",
                 n);
        return NULL;
    }
    Fr *w = cvk_alloc(count, sizeof *w, err);
    if (w == NULL || count == 0)
        return w;
    if (direction == FFT_INVERSE)
        root = fr_inverse(c, &root);
    w[0] = fr_from_uint(c, 1);
    for (size_t i = 1; i < count; i++)
        w[i] = fr_mul(c, &w[i - 1], &root);
    return w;
}

#define BLOCK 4096 /* butterflies of one task */

typedef struct {
    const Curve *curve;
    Fr *a;
    const Fr *w;
    size_t n, half;
    Fr scale;
} ScalarFft;

static void butterfly_block(void *ctx, size_t block) {
    const ScalarFft *f = ctx;
    size_t from = block * BLOCK, end = from + block_len(f->n / 2, BLOCK, block);
    for (size_t i = from; i < end; i++) {
        size_t k = i % f->half, low = i / f->half * 2 * f->half + k, high = low + f->half;
        Fr t = fr_mul(f->curve, &f->a[high], &f->w[k * (f->n / 2 / f->half)]);
        f->a[high] = fr_sub(f->curve, &f->a[low], &t);
        f->a[low] = fr_add(f->curve, &f->a[low], &t);
    }
}

static void scale_block(void *ctx, size_t block) {
    const ScalarFft *f = ctx;
    size_t from = block * BLOCK, end = from + block_len(f->n, BLOCK, block);
    for (size_t i = from; i < end; i++)
        f->a[i] = fr_mul(f->curve, &f->a[i], &f->scale);
}

bool fr_fft(const Curve *c, FftDirection direction, Fr *a, size_t n, CvkPool *pool, CvkErr *err) {
    _cleanup_free_ Fr *w = fft_roots(c, direction, n, n / 2, err);
    if (w == NULL)
        return false;
    unsigned bits = fft_log2(n);
    for (size_t i = 0; i < n; i++) {
        size_t j = fft_reverse_bits(i, bits);
        if (i < j) {
            Fr swap = a[i];
            a[i] = a[j];
            a[j] = swap;
        }
    }
    ScalarFft f = {.curve = c, .a = a, .w = w, .n = n};
    for (f.half = 1; f.half < n; f.half *= 2)
        cvk_pool_each(pool, blocks_n(n / 2, BLOCK), butterfly_block, &f);
    if (direction == FFT_INVERSE) {
        Fr size = fr_from_uint(c, n);
        f.scale = fr_inverse(c, &size);
        cvk_pool_each(pool, blocks_n(n, BLOCK), scale_block, &f);
    }
    return true;
}
