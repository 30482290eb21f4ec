/* The last term of H (setup/phase2_powers.c): the three that it may be, and why it may be no other.
 */
#include "support/test.h"

#include "support/phase2_world.h"

#include "setup/groth16.h"
#include "setup/phase2_verify.h"

typedef const Curve *(*CurveOf)(void);
static const CurveOf curves[] = {curve_bn254, curve_bls12_381};
#define CURVES (sizeof curves / sizeof *curves)

/* The powers and the initial key that belongs to them. */
typedef struct {
    const Curve *curve;
    WorldPowers *powers;
    WorldKey *initial;
} Setup;

static Setup set_up(CurveOf curve) {
    const Curve *c = curve();
    return (Setup){c, world_powers(c, WORLD_POWER), world_key(c)};
}

static void tear_down(Setup *s) {
    world_powers_free(s->powers);
    world_key_free(s->initial);
}

static Phase2Claim claim(const WorldKey *key, const WorldKey *before) {
    return (Phase2Claim){
        .key = &key->key, .before = &before->key, .beacon_exp_max = BEACON_EXP_QUICK};
}

/* "valid", or why not; the same with the powers' basis and without. */
static const char *verify(const Setup *s, const WorldKey *key) {
    Phase2Claim c = claim(key, s->initial);
    const Work w = world_work();
    Verdict v = {.valid = true}, with_basis = {.valid = true};
    assert_true(phase2_verify(&c, &s->powers->state, &w, &v, NULL));
    c.basis = &s->powers->basis;
    assert_true(phase2_verify(&c, &s->powers->state, &w, &with_basis, NULL));
    assert_int_equal(v.valid, with_basis.valid);
    return v.valid ? "valid" : v.id;
}

static const char *extends(const WorldKey *key, const WorldKey *before) {
    const Phase2Claim c = claim(key, before);
    const Work w = world_work();
    Verdict v = {.valid = true};
    assert_true(phase2_extends(&c, &w, &v, NULL));
    return v.valid ? "valid" : v.id;
}

static void set_last_term(WorldKey *k, const Element *t) {
    Element now = world_last_term(k), change = element_neg(&now);
    change = element_add(&change, t);
    world_add_last_term(k, &change);
}

static void a_key_of_powers_that_just_suffice_has_half_the_term_and_is_valid(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Setup s = set_up(curves[i]);
        const Element last = world_last_term(s.initial);

        assert_false(element_is_infinity(&last));
        assert_string_equal(verify(&s, s.initial), "valid");
        tear_down(&s);
    }
}

static void an_imported_key_has_no_last_term_and_is_valid(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Setup s = set_up(curves[i]);
        const Element none = element_infinity(curve_g1(s.curve));
        WorldKey *imported = world_contribute(s.initial, 1, NULL);
        set_last_term(imported, &none);
        WorldKey *next = world_contribute(imported, 4, NULL);

        assert_string_equal(verify(&s, imported), "valid");
        assert_string_equal(extends(imported, s.initial), "valid");
        assert_string_equal(verify(&s, next), "valid");
        assert_string_equal(extends(next, imported), "valid");
        world_put(imported, PHASE2_H, 7, element_generator(curve_g1(s.curve)));
        assert_string_equal(extends(imported, s.initial), "zkey.h");
        world_key_free(imported);
        world_key_free(next);
        tear_down(&s);
    }
}

/* H_j grows by w^(2j+1) tau^(2n-1) / 2n, with w a 2n-th root of unity. */
static void a_key_of_larger_powers_has_the_whole_last_term_and_is_valid(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Setup s = set_up(curves[i]);
        Element tau = world_power(s.curve, 2 * WORLD_DOMAIN - 1);
        WorldKey *whole = world_copy(s.initial);
        Fr root, x = fr_from_uint(s.curve, 2 * WORLD_DOMAIN);
        assert_true(fr_root_of_unity(s.curve, 2 * WORLD_DOMAIN, &root));
        x = fr_inverse(s.curve, &x);
        x = fr_mul(s.curve, &x, &root);
        tau = element_mul(&tau, &x);
        world_add_last_term(whole, &tau);
        WorldKey *next = world_contribute(whole, 4, NULL);

        assert_string_equal(verify(&s, whole), "valid");
        assert_string_equal(verify(&s, next), "valid");
        assert_string_equal(extends(next, whole), "valid");
        assert_string_equal(extends(next, s.initial), "zkey.h");
        world_key_free(whole);
        world_key_free(next);
        tear_down(&s);
    }
}

/* ---- the forgery ---- */

/* -(IC_0 + x_1 IC_1 + ..) */
static Element minus_statement(const Groth16Vkey *k, const Fr *x) {
    Element sum = points_at(k->ic, 0);
    for (size_t i = 0; i < WORLD_PUBLIC; i++) {
        Element e = points_at(k->ic, i + 1);
        e = element_mul(&e, &x[i]);
        sum = element_add(&sum, &e);
    }
    return element_neg(&sum);
}

static Groth16Vkey *vkey_of(const WorldKey *key) {
    const Work w = world_work();
    Groth16Vkey *k;
    Verdict v = {.valid = true};
    assert_true(groth16_vkey_of(&key->key, &w, &k, &v, NULL));
    assert_true(v.valid);
    return k;
}

static bool proof_holds(const WorldKey *key, const Fr *x, const Element *c) {
    Groth16Vkey *k = vkey_of(key);
    const Groth16Proof proof = {k->alpha_g1, k->beta_g2, *c};
    Verdict v = {.valid = true};
    assert_true(groth16_verify(k, x, WORLD_PUBLIC, &proof, NULL, &v, NULL));
    groth16_vkey_free(k);
    return v.valid;
}

/* The initial key that Mallory hands out has a term of his choice. Alice does all as she should:
 * now her key has that term divided by delta, so that it is a proof of public inputs that Mallory
 * chose, e(alpha, beta) = e(alpha, beta) e(sum, gamma) e(-sum / delta, delta), and there is no
 * witness. */
static void a_last_term_that_would_forge_proofs_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Setup s = set_up(curves[i]);
        const Fr x[WORLD_PUBLIC] = {fr_from_uint(s.curve, 42), fr_from_uint(s.curve, 1000003)};
        WorldKey *honest = world_contribute(s.initial, 2, "alice");
        Groth16Vkey *k = vkey_of(honest);
        const Element wanted = minus_statement(k, x);
        groth16_vkey_free(k);
        WorldKey *mallory = world_copy(s.initial);
        set_last_term(mallory, &wanted);
        WorldKey *alice = world_contribute(mallory, 2, "alice");
        const Element forged = world_last_term(alice);

        assert_true(proof_holds(alice, x, &forged));
        assert_string_equal(verify(&s, mallory), "zkey.h.ptau");
        assert_string_equal(verify(&s, alice), "zkey.h.ptau");
        assert_string_equal(verify(&s, honest), "valid");
        world_key_free(honest);
        world_key_free(mallory);
        world_key_free(alice);
        tear_down(&s);
    }
}

/* In the middle of a chain it is seen without powers of tau. */
static void a_contribution_that_changes_the_last_term_extends_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < CURVES; i++) {
        Setup s = set_up(curves[i]);
        const Element any = element_generator(curve_g1(s.curve));
        WorldKey *key = world_contribute(s.initial, 1, "mallory");
        set_last_term(key, &any);

        assert_string_equal(extends(key, s.initial), "zkey.h");
        assert_string_equal(verify(&s, key), "zkey.h.ptau");
        world_key_free(key);
        tear_down(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_key_of_powers_that_just_suffice_has_half_the_term_and_is_valid),
        TEST(an_imported_key_has_no_last_term_and_is_valid),
        TEST(a_key_of_larger_powers_has_the_whole_last_term_and_is_valid),
        TEST(a_last_term_that_would_forge_proofs_is_refused),
        TEST(a_contribution_that_changes_the_last_term_extends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
