/* EXTENDS, where the new key was imported from bellman's parameters: they have no last term of H
 * (phase2_powers.c), so that of the new key is nothing, whatever the old one's was.
 *
 * The last term K of a vector H is sum w^-j H_j, w an n-th root of unity; H without it is
 * H_j - w^j K / n. With the s_j of the comparison, sum s_j (H_j - w^j K / n) is
 * sum s_j H_j - (sum s_j w^j) K / n. */
#include "setup/phase2_check.h"

typedef struct {
    const Phase2Check *check;
    const Curve *curve;
    Fr root, inverse; /* w, 1/w */
    Fr x, y;          /* w^j, w^-j of the next j */
    Fr weight;        /* sum of s_j w^j so far */
    Element new_sum, old_sum, last;
} Import;

static void add(Element *sum, const Element *more) {
    *sum = element_add(sum, more);
}

/* ret[i] = w^-j for the block's j; moves x, y and the weight behind it. */
static void step(Import *m, const Factors *factors, size_t n, Fr *ret) {
    for (size_t i = 0; i < n; i++) {
        const Fr s = factors_at(m->curve, factors, i), term = fr_mul(m->curve, &s, &m->x);
        m->weight = fr_add(m->curve, &m->weight, &term);
        m->x = fr_mul(m->curve, &m->x, &m->root);
        ret[i] = m->y;
        m->y = fr_mul(m->curve, &m->y, &m->inverse);
    }
}

static bool add_block(Import *m, uint64_t from, size_t n, const Factors *factors, CvkErr *err) {
    const Phase2Check *c = m->check;
    _cleanup_(points_free_at) Points *new = NULL, *old = NULL;
    _cleanup_free_ Fr *k = cvk_alloc(n, sizeof *k, err);
    Element new_sum, old_sum, last;
    if (k == NULL || !vector_read(&c->key->v[PHASE2_H], from, n, c->w, factors->label, &new,
                                  &new_sum, c->verdict, err))
        return false;
    if (!c->verdict->valid)
        return true;
    step(m, factors, n, k);
    if (!vector_read_good(&c->before->v[PHASE2_H], from, n, c->w, factors->label, &old, &old_sum,
                          err) ||
        !points_combine_fr(old, 0, n, k, c->w->pool, &last, err))
        return false;
    add(&m->new_sum, &new_sum);
    add(&m->old_sum, &old_sum);
    add(&m->last, &last);
    return true;
}

static bool compare(const Import *m, size_t n, bool *ret, CvkErr *err) {
    const Curve *curve = m->curve;
    const Phase2Check *c = m->check;
    Fr k = fr_from_uint(curve, n);
    k = fr_inverse(curve, &k);
    k = fr_mul(curve, &k, &m->weight);
    Element gone = element_mul(&m->last, &k);
    gone = element_neg(&gone);
    const Element old_sum = element_add(&m->old_sum, &gone);
    const PairingTerm terms[2] = {{m->new_sum, c->key->header.delta_g2},
                                  {element_neg(&old_sum), c->before->header.delta_g2}};
    return pairing_product_is_one(curve, terms, 2, c->w->pool, ret, err);
}

bool phase2_h_is_imported(const Phase2Check *c, bool *ret, CvkErr *err) {
    const Curve *curve = c->key->header.curve;
    const size_t n = c->key->header.domain, block = work_block(c->w, curve_g1(curve), 2);
    const Fr one = fr_from_uint(curve, 1);
    const Element none = element_infinity(curve_g1(curve));
    Import m = {.check = c,
                .curve = curve,
                .x = one,
                .y = one,
                .weight = fr_from_uint(curve, 0),
                .new_sum = none,
                .old_sum = none,
                .last = none};
    *ret = false;
    if (!fr_root_of_unity(curve, n, &m.root))
        return true;
    m.inverse = fr_inverse(curve, &m.root);
    for (size_t at = 0, i = 0; at < n; at += block, i++) {
        const Factors factors = phase2_factors(c->w, PHASE2_USE_H, i);
        if (!add_block(&m, at, n - at < block ? n - at : block, &factors, err))
            return false;
        if (!c->verdict->valid)
            return true;
    }
    return compare(&m, n, ret, err);
}
