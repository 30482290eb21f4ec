#include "setup/groth16.h"
#include "support/test.h"

#include "support/phase2_world.h"

static Groth16Vkey *vkey_of(const Phase2Key *key, Verdict *v) {
    Work w = world_work();
    Groth16Vkey *k;
    CvkErr err;
    if (!groth16_vkey_of(key, &w, &k, v, &err))
        fail_msg("%s", err.msg);
    assert_int_equal(k != NULL, v->valid);
    return k;
}

static void a_key_without_contributions_has_no_verification_key(void **state) {
    (void)state;
    WorldKey *k = world_key(curve_bn254());
    Verdict v;

    vkey_of(&k->key, &v);

    assert_string_equal(v.id, "zkey.no_contribution");
    world_key_free(k);
}

/* Contributions are on the list, but delta says that nothing was done. */
static void a_delta_that_is_the_generator_has_no_verification_key(void **state) {
    (void)state;
    const Curve *c = curve_bls12_381();
    WorldKey *first = world_key(c), *k = world_contribute(first, 1, NULL);
    Verdict v;
    Element delta = k->key.header.delta_g2;

    k->key.header.delta_g2 = element_generator(curve_g2(c));
    vkey_of(&k->key, &v);
    assert_string_equal(v.id, "zkey.no_contribution");

    k->key.header.delta_g2 = delta;
    k->key.header.delta_g1 = element_generator(curve_g1(c));
    vkey_of(&k->key, &v);
    assert_string_equal(v.id, "zkey.no_contribution");
    world_key_free(first);
    world_key_free(k);
}

static void a_contribution_makes_a_verification_key(void **state) {
    (void)state;
    WorldKey *first = world_key(curve_bn254()), *k = world_contribute(first, 1, NULL);
    const Phase2Header *h = &k->key.header;
    Verdict v;

    Groth16Vkey *vkey = vkey_of(&k->key, &v);

    assert_true(v.valid);
    assert_int_equal(groth16_inputs_n(vkey), WORLD_PUBLIC);
    assert_true(element_equal(&vkey->delta_g2, &h->delta_g2));
    assert_true(element_equal(&vkey->alpha_g1, &h->alpha_g1));
    groth16_vkey_free(vkey);
    world_key_free(first);
    world_key_free(k);
}

static void a_point_of_ic_that_is_none_is_told(void **state) {
    (void)state;
    WorldKey *first = world_key(curve_bn254()), *k = world_contribute(first, 1, NULL);
    Verdict v;
    k->bytes[PHASE2_IC][64] ^= 1;

    vkey_of(&k->key, &v);

    assert_string_equal(v.id, "point.not_on_curve");
    assert_non_null(strstr(v.text, "IC[1]"));
    world_key_free(first);
    world_key_free(k);
}

/* ---- the equation, with keys and proofs from known logarithms ---- */

enum { INPUTS = 3, ALPHA = 7, BETA = 11, GAMMA = 13, DELTA = 17, A = 19, B = 23, IC_FROM = 100 };

static Element times(const Group *g, const Fr *k) {
    Element e = element_generator(g);
    return element_mul(&e, k);
}

static Element small(const Curve *c, const Group *g, uint64_t k) {
    Fr s = fr_from_uint(c, k);
    return times(g, &s);
}

static Groth16Vkey *known_key(const Curve *c) {
    Groth16Vkey *k = calloc(1, sizeof *k);
    Element ic[INPUTS + 1];
    assert_non_null(k);
    for (size_t i = 0; i <= INPUTS; i++)
        ic[i] = small(c, curve_g1(c), IC_FROM + i);
    *k = (Groth16Vkey){.curve = c,
                       .alpha_g1 = small(c, curve_g1(c), ALPHA),
                       .beta_g2 = small(c, curve_g2(c), BETA),
                       .gamma_g2 = small(c, curve_g2(c), GAMMA),
                       .delta_g2 = small(c, curve_g2(c), DELTA)};
    assert_true(points_from_elements(curve_g1(c), ic, INPUTS + 1, NULL, &k->ic, NULL));
    return k;
}

/* c = (a b - alpha beta - gamma sum) / delta */
static Groth16Proof known_proof(const Curve *c, const Fr inputs[INPUTS]) {
    Fr sum = fr_from_uint(c, IC_FROM), gamma = fr_from_uint(c, GAMMA);
    Fr x = fr_from_uint(c, A * B - ALPHA * BETA), delta = fr_from_uint(c, DELTA);
    for (size_t i = 0; i < INPUTS; i++) {
        Fr ic = fr_from_uint(c, IC_FROM + 1 + i), term = fr_mul(c, &inputs[i], &ic);
        sum = fr_add(c, &sum, &term);
    }
    sum = fr_mul(c, &sum, &gamma);
    x = fr_sub(c, &x, &sum);
    delta = fr_inverse(c, &delta);
    x = fr_mul(c, &x, &delta);
    return (Groth16Proof){
        .a = small(c, curve_g1(c), A), .b = small(c, curve_g2(c), B), .c = times(curve_g1(c), &x)};
}

static Verdict judged(const Groth16Vkey *k, const Fr *inputs, size_t n, const Groth16Proof *p) {
    Verdict v;
    assert_true(groth16_verify(k, inputs, n, p, NULL, &v, NULL));
    return v;
}

static void the_equation_holds_for_its_proof_alone(void **state) {
    (void)state;
    const Curve *const curves[] = {curve_bn254(), curve_bls12_381()};
    for (unsigned curve = 0; curve < 2; curve++) {
        const Curve *c = curves[curve];
        Groth16Vkey *k = known_key(c);
        Fr zero = fr_from_uint(c, 0), inputs[INPUTS] = {fr_from_uint(c, 5), zero, fr_neg(c, &zero)};
        inputs[2] = fr_from_uint(c, UINT64_MAX);
        const Groth16Proof p = known_proof(c, inputs);
        Groth16Proof other[3] = {p, p, p};
        other[0].a = element_neg(&p.a);
        other[1].b = element_infinity(curve_g2(c));
        other[2].c = p.a;

        assert_true(judged(k, inputs, INPUTS, &p).valid);
        for (size_t i = 0; i < 3; i++)
            assert_string_equal(judged(k, inputs, INPUTS, &other[i]).id, "groth16.equation");
        assert_string_equal(judged(k, inputs, INPUTS - 1, &p).id, "groth16.inputs");
        for (size_t i = 0; i < INPUTS; i++) {
            Fr changed[INPUTS], one = fr_from_uint(c, 1);
            memcpy(changed, inputs, sizeof changed);
            changed[i] = fr_add(c, &changed[i], &one);
            assert_string_equal(judged(k, changed, INPUTS, &p).id, "groth16.equation");
        }
        groth16_vkey_free(k);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_key_without_contributions_has_no_verification_key),
        TEST(a_delta_that_is_the_generator_has_no_verification_key),
        TEST(a_contribution_makes_a_verification_key),
        TEST(a_point_of_ic_that_is_none_is_told),
        TEST(the_equation_holds_for_its_proof_alone),
    };
    return cmocka_run_group_tests_name("setup/groth16", tests, NULL, NULL);
}
