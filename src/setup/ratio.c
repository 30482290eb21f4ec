#include "setup/ratio.h"

#include "base/alloc.h"

static bool any_infinite(const Ratio *r) {
    return element_is_infinity(&r->a) || element_is_infinity(&r->b) || element_is_infinity(&r->c) ||
           element_is_infinity(&r->d);
}

bool ratio_holds(const Curve *curve, const Ratio *r, CvkPool *pool, bool *ret, CvkErr *err) {
    *ret = false;
    if (any_infinite(r))
        return true;
    const PairingTerm terms[2] = {{r->a, r->d}, {element_neg(&r->b), r->c}};
    return pairing_product_is_one(curve, terms, 2, pool, ret, err);
}

static void add_scaled(Element *sum, const Element *e, const Fr *k) {
    const Element scaled = element_mul(e, k);
    *sum = element_add(sum, &scaled);
}

/* Adds factor times the ratio to the two terms, which are of the same c and d. */
static void add_to_terms(PairingTerm terms[2], const Ratio *r, const Fr *k) {
    const Element minus_b = element_neg(&r->b);
    add_scaled(&terms[0].g1, &r->a, k);
    add_scaled(&terms[1].g1, &minus_b, k);
}

static bool same_in_g2(const Ratio *x, const Ratio *y) {
    return element_equal(&x->c, &y->c) && element_equal(&x->d, &y->d);
}

bool ratios_hold(const Curve *curve, const Ratio *r, size_t n, const Factors *factors,
                 CvkPool *pool, bool *ret, CvkErr *err) {
    size_t terms_n = 0;
    *ret = false;
    for (size_t i = 0; i < n; i++)
        if (any_infinite(&r[i]))
            return true;
    _cleanup_free_ PairingTerm *terms = cvk_alloc(n, 2 * sizeof *terms, err);
    if (terms == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !same_in_g2(&r[i - 1], &r[i])) {
            terms[terms_n++] = (PairingTerm){element_infinity(curve_g1(curve)), r[i].d};
            terms[terms_n++] = (PairingTerm){element_infinity(curve_g1(curve)), r[i].c};
        }
        const Fr k = factors_at(curve, factors, i);
        add_to_terms(&terms[terms_n - 2], &r[i], &k);
    }
    return pairing_product_is_one(curve, terms, terms_n, pool, ret, err);
}
