#include "algebra/backend.h"

#include "base/alloc.h"

#include <assert.h>

typedef struct {
    const Curve *curve;
    const PairingTerm *terms;
    size_t n;
    Gt *products; /* one a block */
} Pairing;

static void miller_block(void *ctx, size_t i) {
    Pairing *job = ctx;
    job->curve->miller(job->terms + i * MILLER_TERMS, block_len(job->n, MILLER_TERMS, i),
                       &job->products[i]);
}

/* Terms with an infinity count as one, and the back end may not see them. */
static size_t keep_finite(const Curve *c, const PairingTerm *terms, size_t n, PairingTerm *ret) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        assert(terms[i].g1.group == c->g1 && terms[i].g2.group == c->g2);
        if (!element_is_infinity(&terms[i].g1) && !element_is_infinity(&terms[i].g2))
            ret[kept++] = terms[i];
    }
    return kept;
}

bool pairing_product_is_one(const Curve *c, const PairingTerm *terms, size_t n, CvkPool *pool,
                            bool *ret_one, CvkErr *err) {
    _cleanup_free_ PairingTerm *finite = cvk_alloc(n, sizeof *finite, err);
    if (finite == NULL)
        return false;
    Pairing job = {.curve = c, .terms = finite, .n = keep_finite(c, terms, n, finite)};
    if (job.n == 0) {
        *ret_one = true;
        return true;
    }
    size_t blocks = blocks_n(job.n, MILLER_TERMS);
    _cleanup_free_ Gt *products = cvk_alloc(blocks, sizeof *products, err);
    if (products == NULL)
        return false;
    job.products = products;
    cvk_pool_each(pool, blocks, miller_block, &job);
    Gt product = products[0];
    for (size_t i = 1; i < blocks; i++)
        c->gt_mul(&product, &products[i], &product);
    *ret_one = c->gt_is_one(&product);
    return true;
}

void pairing_coordinates(const Curve *c, const Element *g1, const Element *g2, uint8_t *ret) {
    const PairingTerm term = {*g1, *g2};
    Gt product;
    assert(!element_is_infinity(g1) && !element_is_infinity(g2));
    c->miller(&term, 1, &product);
    c->gt_coordinates(&product, ret);
}
