/* Linear combinations with public factors. */
#include "algebra/subset_sums.h"

#include "base/alloc.h"

#include <assert.h>
#include <string.h>

uint8_t *factors_expand(const Factors *f, size_t n, CvkErr *err) {
    uint8_t *ret = cvk_alloc(n, FACTOR_BYTES, err);
    if (ret != NULL)
        cvk_stream(f->seed, f->label, ret, n * FACTOR_BYTES);
    return ret;
}

static bool combine(const Points *p, size_t from, size_t n, const uint8_t *scalars,
                    size_t scalar_bytes, unsigned bits, CvkPool *pool, Element *ret, CvkErr *err) {
    Element sums[SUBSET_BITS_MAX];
    if (!subset_sums(p->group, points_slot(p, from), n, scalars, scalar_bytes, bits, pool, sums,
                     err))
        return false;
    *ret = subset_sums_weigh(p->group, sums, bits);
    return true;
}

bool points_combine(const Points *p, size_t from, size_t n, const Factors *factors, CvkPool *pool,
                    Element *ret, CvkErr *err) {
    assert(from <= p->n && n <= p->n - from);
    _cleanup_free_ uint8_t *scalars = factors_expand(factors, n, err);
    return scalars != NULL &&
           combine(p, from, n, scalars, FACTOR_BYTES, FACTOR_BITS, pool, ret, err);
}

bool points_combine_fr(const Points *p, size_t from, size_t n, const Fr *k, CvkPool *pool,
                       Element *ret, CvkErr *err) {
    assert(from <= p->n && n <= p->n - from);
    const Curve *c = p->group->curve;
    _cleanup_free_ uint8_t *scalars = cvk_alloc(n, FR_BYTES, err);
    if (scalars == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        fr_to_le(c, &k[i], scalars + i * FR_BYTES);
    return combine(p, from, n, scalars, FR_BYTES, c->fr_bits, pool, ret, err);
}

void factors_list(const Curve *c, const Factors *f, size_t from, size_t n, Fr *ret) {
    enum { PER_BLOCK = CVK_STREAM_BLOCK / FACTOR_BYTES };
    uint8_t block[CVK_STREAM_BLOCK], be[FACTOR_BYTES];
    for (size_t i = from; i < from + n; i++) {
        if (i == from || i % PER_BLOCK == 0)
            cvk_stream_block(f->seed, f->label, i / PER_BLOCK, block);
        const uint8_t *le = block + i % PER_BLOCK * FACTOR_BYTES;
        for (size_t k = 0; k < FACTOR_BYTES; k++)
            be[k] = le[FACTOR_BYTES - 1 - k];
        ret[i - from] = fr_from_be_reduced(c, be, sizeof be);
    }
}

Fr factors_at(const Curve *c, const Factors *f, size_t i) {
    Fr ret;
    factors_list(c, f, i, 1, &ret);
    return ret;
}
