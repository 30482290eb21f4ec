#include "support/test.h"

#include "support/kzg_ceremony.h"

#include "setup/kzg_lagrange.h"

/* The result of a ceremony of 16 powers with tau = 1001. */
enum { TAU = 1001, N = 16 };

static TrustedSetupWire *make_setup(uint64_t tau) {
    KzgSizes sizes = kzg_test_sizes("16,4");
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *w = kzg_test_contribute(initial, &tau, NULL);
    KzgPowers *powers;
    KzgReport report;
    TrustedSetupWire *t;
    assert_true(
        kzg_powers_check(&w->subs[0].powers, sizes.at[0], TEST_SEED, NULL, &powers, &report, NULL));
    assert_true(kzg_lagrange(powers, NULL, (CvkProgress){0}, &t, NULL));
    kzg_powers_free(powers);
    kzg_wire_free(w);
    kzg_wire_free(initial);
    return t;
}

static TrustedSetupReport verify(const TrustedSetupWire *t) {
    TrustedSetupReport r;
    assert_true(kzg_trusted_setup_verify(t, NULL, TEST_SEED, NULL, &r, NULL));
    return r;
}

/* Frees it. */
static void assert_refused(TrustedSetupWire *t, TrustedSetupVerdict verdict, size_t index) {
    TrustedSetupReport r = verify(t);
    assert_int_equal(r.verdict, verdict);
    assert_int_equal(r.index, index);
    trusted_setup_wire_free(t);
}

/* L_i(tau) = w^i (tau^n - 1) / (n (tau - w^i)), from the definition of the Lagrange polynomials of
 * the n-th roots of unity w^i: no FFT. */
static Fr lagrange_at(size_t i) {
    const Curve *c = curve_bls12_381();
    Fr w, root = fr_from_uint(c, 1), tau = fr_from_uint(c, TAU), tau_n = fr_from_uint(c, 1);
    assert_true(fr_root_of_unity_from(c, 7, N, &w));
    for (size_t k = 0; k < i; k++)
        root = fr_mul(c, &root, &w);
    for (size_t k = 0; k < N; k++)
        tau_n = fr_mul(c, &tau_n, &tau);
    Fr one = fr_from_uint(c, 1), n = fr_from_uint(c, N);
    Fr above = fr_sub(c, &tau_n, &one), below = fr_sub(c, &tau, &root);
    above = fr_mul(c, &above, &root);
    below = fr_mul(c, &below, &n);
    below = fr_inverse(c, &below);
    return fr_mul(c, &above, &below);
}

static void the_lagrange_form_is_that_of_the_definition(void **state) {
    (void)state;
    TrustedSetupWire *t = make_setup(TAU);
    Element g1 = element_generator(curve_g1(curve_bls12_381()));

    for (size_t i = 0; i < N; i++) {
        uint8_t expected[KZG_G1_BYTES];
        Fr k = lagrange_at(i);
        Element e = element_mul(&g1, &k);
        element_write(&e, FORM_ZCASH, expected);
        assert_memory_equal(t->g1_lagrange[i], expected, KZG_G1_BYTES);
    }
    trusted_setup_wire_free(t);
}

static void a_true_setup_is_valid_for_any_seed_and_pool(void **state) {
    (void)state;
    TrustedSetupWire *t = make_setup(TAU);
    CvkPool *pool = cvk_pool_new(2, NULL);
    for (uint8_t i = 0; i < 3; i++) {
        const uint8_t seed[CVK_SEED_BYTES] = {i};
        TrustedSetupReport r;
        assert_true(kzg_trusted_setup_verify(t, NULL, seed, pool, &r, NULL));
        assert_int_equal(r.verdict, TRUSTED_SETUP_VALID);
    }
    cvk_pool_free(pool);
    trusted_setup_wire_free(t);
}

static void another_lagrange_point_is_located(void **state) {
    (void)state;
    const size_t places[] = {0, 8, 15};
    for (size_t i = 0; i < 3; i++) {
        TrustedSetupWire *t = make_setup(TAU);
        kzg_test_g1(5, t->g1_lagrange[places[i]]);
        assert_refused(t, TRUSTED_SETUP_NOT_LAGRANGE, places[i]);
    }
    TrustedSetupWire *t = make_setup(TAU), *other = make_setup(TAU);
    memcpy(t->g1_lagrange[3], other->g1_lagrange[5], KZG_G1_BYTES);
    memcpy(t->g1_lagrange[5], other->g1_lagrange[3], KZG_G1_BYTES);
    assert_refused(t, TRUSTED_SETUP_NOT_LAGRANGE, 3);
    trusted_setup_wire_free(other);
}

static void a_lagrange_point_that_does_not_decode_is_located(void **state) {
    (void)state;
    TrustedSetupWire *t = make_setup(TAU);
    memset(t->g1_lagrange[9], 0, KZG_G1_BYTES);
    assert_refused(t, TRUSTED_SETUP_BAD_LAGRANGE, 9);
    t = make_setup(TAU);
    kzg_test_g1(0, t->g1_lagrange[15]);
    assert_int_equal(verify(t).point.fault, POINT_INFINITY);
    assert_refused(t, TRUSTED_SETUP_BAD_LAGRANGE, 15);
}

static void powers_are_checked_as_anywhere(void **state) {
    (void)state;
    TrustedSetupWire *t = make_setup(TAU);
    kzg_test_g1(5, t->g1_monomial[7]);
    TrustedSetupReport r = verify(t);
    assert_int_equal(r.powers.verdict, KZG_G1_PAIRING);
    assert_int_equal(r.powers.index, 7);
    assert_refused(t, TRUSTED_SETUP_BAD_POWERS, 0);
    t = make_setup(TAU);
    kzg_test_g2(5, t->g2_monomial[3]);
    r = verify(t);
    assert_int_equal(r.powers.verdict, KZG_G2_PAIRING);
    assert_int_equal(r.powers.index, 3);
    assert_refused(t, TRUSTED_SETUP_BAD_POWERS, 0);
}

static void a_size_without_a_lagrange_form_is_refused(void **state) {
    (void)state;
    TrustedSetupWire *t = make_setup(TAU);
    t->n_g1 = 15;
    assert_int_equal(verify(t).verdict, TRUSTED_SETUP_WRONG_SIZE);
    t->n_g1 = ((size_t)1 << 32) + 16;
    assert_int_equal(verify(t).verdict, TRUSTED_SETUP_WRONG_SIZE);
    t->n_g1 = 16;
    t->n_g2 = 17;
    assert_int_equal(verify(t).verdict, TRUSTED_SETUP_WRONG_SIZE);
    t->n_g2 = 1;
    assert_refused(t, TRUSTED_SETUP_WRONG_SIZE, 0);
}

static void tau_one_is_refused(void **state) {
    (void)state;
    TrustedSetupWire *t = make_setup(TAU);
    for (size_t i = 0; i < t->n_g1; i++)
        kzg_test_g1(1, t->g1_monomial[i]);
    for (size_t i = 0; i < t->n_g2; i++)
        kzg_test_g2(1, t->g2_monomial[i]);
    assert_refused(t, TRUSTED_SETUP_NO_ENTROPY, 0);
}

static void a_tau_that_is_a_root_of_unity_has_no_lagrange_form(void **state) {
    (void)state;
    const Curve *c = curve_bls12_381();
    TrustedSetupWire *t = make_setup(TAU);
    Fr root, power = fr_from_uint(c, 1);
    Element g1 = element_generator(curve_g1(c)), g2 = element_generator(curve_g2(c));
    assert_true(fr_root_of_unity_from(c, 7, N, &root));
    for (size_t i = 0; i < N; i++, power = fr_mul(c, &power, &root)) {
        Element e = element_mul(&g1, &power), f = element_mul(&g2, &power);
        element_write(&e, FORM_ZCASH, t->g1_monomial[i]);
        if (i < 4)
            element_write(&f, FORM_ZCASH, t->g2_monomial[i]);
    }

    assert_refused(t, TRUSTED_SETUP_NOT_LAGRANGE, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_lagrange_form_is_that_of_the_definition),
        TEST(a_true_setup_is_valid_for_any_seed_and_pool),
        TEST(another_lagrange_point_is_located),
        TEST(a_lagrange_point_that_does_not_decode_is_located),
        TEST(powers_are_checked_as_anywhere),
        TEST(a_size_without_a_lagrange_form_is_refused),
        TEST(tau_one_is_refused),
        TEST(a_tau_that_is_a_root_of_unity_has_no_lagrange_form),
    };
    return cmocka_run_group_tests_name("setup_kzg_lagrange", tests, NULL, NULL);
}
