/* Linear combinations with public factors. */
#include "algebra/digit_sums.h"
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

bool points_combine(const Points *p, size_t from, size_t n, const Factors *factors, CvkPool *pool,
                    Element *ret, CvkErr *err) {
    assert(from <= p->n && n <= p->n - from);
    _cleanup_free_ uint8_t *k = factors_expand(factors, n, err);
    return k != NULL && sum_of_short_products(p->group, points_slot(p, from), n, k, pool, ret, err);
}

bool points_combine_fr(const Points *p, size_t from, size_t n, const Fr *k, CvkPool *pool,
                       Element *ret, CvkErr *err) {
    assert(from <= p->n && n <= p->n - from);
    return sum_of_products(p->group, points_slot(p, from), n, k, pool, ret, err);
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
