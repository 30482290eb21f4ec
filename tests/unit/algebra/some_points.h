/* What the tests of algebra share: small vectors of points with known logarithms. */
#pragma once

#include "support/test.h"

#include "algebra/curve.h"

typedef struct {
    const Curve *c;
    const Group *g1, *g2;
    CvkPool *pool; /* of three threads */
} Setup;

static inline int make_setup_on(const Curve *c, void **state) {
    static Setup s;
    s.c = c;
    s.g1 = curve_g1(s.c);
    s.g2 = curve_g2(s.c);
    s.pool = cvk_pool_new(2, NULL);
    *state = &s;
    return s.pool != NULL ? 0 : -1;
}

static inline int make_setup(void **state) {
    return make_setup_on(curve_bls12_381(), state);
}

static inline int make_bn254_setup(void **state) {
    return make_setup_on(curve_bn254(), state);
}

static inline int drop_setup(void **state) {
    Setup *s = *state;
    s->pool = cvk_pool_free(s->pool);
    return 0;
}

/* For lists of tests whose group has no setup of its own. */
#define ON_BLS12_381(test)                                                                         \
    { #test " on bls12_381", test, make_setup, drop_setup, NULL }
#define ON_BN254(test)                                                                             \
    { #test " on bn254", test, make_bn254_setup, drop_setup, NULL }
#define ON_EACH_CURVE(test) ON_BLS12_381(test), ON_BN254(test)

static inline Factors factors_of(uint8_t seed) {
    Factors f = {.label = 7};
    memset(f.seed, seed, sizeof f.seed);
    return f;
}

/* x^i G for i in [0, n). */
static inline Points *powers_of(const Group *g, const Curve *c, uint64_t x, size_t n,
                                CvkPool *pool) {
    CvkErr err;
    Points *generators = points_generators(g, n, &err), *ret = NULL;
    assert_non_null(generators);
    PowersOf powers = {.first = fr_from_uint(c, 1), .x = fr_from_uint(c, x)};
    assert_true(points_mul_secret(generators, &powers, pool, (CvkProgress){0}, &ret, &err));
    points_free(generators);
    return ret;
}

/* The compressed points; the caller frees. */
static inline uint8_t *encoded(const Points *p, CvkPool *pool) {
    uint8_t *ret = malloc(points_n(p) * form_bytes(points_group(p), FORM_ZCASH) + 1);
    assert_non_null(ret);
    points_write(p, 0, points_n(p), FORM_ZCASH, pool, ret);
    return ret;
}

/* Sum of k[i] * p[from + i] by the definition. */
static inline Element naive_sum(const Points *p, size_t from, const Fr *k, size_t n) {
    Element sum = element_infinity(points_group(p));
    for (size_t i = 0; i < n; i++) {
        Element point = points_at(p, from + i), term = element_mul(&point, &k[i]);
        sum = element_add(&sum, &term);
    }
    return sum;
}

static inline Element naive_combination(const Curve *c, const Points *p, size_t from, size_t n,
                                        const Factors *f) {
    Element sum = element_infinity(points_group(p));
    for (size_t i = 0; i < n; i++) {
        Fr r = factors_at(c, f, i);
        Element point = points_at(p, from + i), term = element_mul(&point, &r);
        sum = element_add(&sum, &term);
    }
    return sum;
}
