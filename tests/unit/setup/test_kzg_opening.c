#include "support/test.h"

#include "support/kzg_ceremony.h"

#include "setup/kzg_opening.h"

/* Powers of a tau that is known here: each opening can be held against its definition. */
enum { TAU = 1001, N = 16 };

typedef struct {
    KzgPowers *powers;
    Element tau_g2;
} World;

static int set_up(void **state) {
    World *w = calloc(1, sizeof *w);
    assert_non_null(w);
    KzgSizes sizes = kzg_test_sizes("16,4");
    const uint64_t tau = TAU;
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *wire = kzg_test_contribute(initial, &tau, NULL);
    KzgReport report;
    assert_true(kzg_powers_check(&wire->subs[0].powers, sizes.at[0], TEST_SEED, NULL, &w->powers,
                                 &report, NULL));
    w->tau_g2 = points_at(w->powers->g2, 1);
    kzg_wire_free(wire);
    kzg_wire_free(initial);
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    World *w = *state;
    kzg_powers_free(w->powers);
    free(w);
    return 0;
}

/* Coefficients 3, 10, 31, ... : i^3 + 6 i + 3. */
static KzgPolynomial *polynomial(size_t n) {
    uint8_t bytes[(N + 1) * FR_BYTES] = {0};
    KzgPolynomial *f;
    for (size_t i = 0; i < n; i++) {
        size_t k = i * i * i + 6 * i + 3;
        bytes[i * FR_BYTES + 30] = (uint8_t)(k >> 8);
        bytes[i * FR_BYTES + 31] = (uint8_t)k;
    }
    assert_true(kzg_polynomial_read(bytes, n * FR_BYTES, &f, NULL));
    return f;
}

static Element times_g1(const Fr *k) {
    Element g1 = element_generator(curve_g1(curve_bls12_381()));
    return element_mul(&g1, k);
}

static Fr number(uint64_t k) {
    return fr_from_uint(curve_bls12_381(), k);
}

static KzgOpening opened(const World *w, const KzgPolynomial *f, const Fr *z) {
    KzgOpening o;
    assert_true(kzg_open(f, z, w->powers, NULL, &o, NULL));
    return o;
}

static Element committed(const World *w, const KzgPolynomial *f) {
    Element c;
    assert_true(kzg_commit(f, w->powers, NULL, &c, NULL));
    return c;
}

static bool holds(const World *w, const KzgOpening *o, const Element *c, const Fr *z) {
    bool ret;
    assert_true(kzg_opening_verify(o, c, z, &w->tau_g2, NULL, &ret, NULL));
    return ret;
}

static void a_value_is_the_sum_of_its_terms(void **state) {
    (void)state;
    KzgPolynomial *f = polynomial(3); /* 3 + 10 X + 23 X^2 */
    Fr z = number(100), expected = number(3 + 10 * 100 + 23 * 100 * 100);

    Fr y = kzg_polynomial_value(f, &z);

    assert_true(fr_equal(&y, &expected));
    free(f);
}

static void a_commitment_and_an_opening_are_those_of_the_definition(void **state) {
    const Curve *c = curve_bls12_381();
    KzgPolynomial *f = polynomial(N);
    Fr z = number(77), tau = number(TAU), at_tau = kzg_polynomial_value(f, &tau);
    Fr y = kzg_polynomial_value(f, &z), above = fr_sub(c, &at_tau, &y);
    Fr below = fr_sub(c, &tau, &z);
    below = fr_inverse(c, &below);
    Fr q = fr_mul(c, &above, &below);

    Element commitment = committed(*state, f);
    KzgOpening o = opened(*state, f, &z);

    Element expected = times_g1(&at_tau), w = times_g1(&q);
    assert_true(element_equal(&commitment, &expected));
    assert_true(element_equal(&o.w, &w));
    assert_true(fr_equal(&o.y, &y));
    free(f);
}

static void openings_of_all_lengths_hold(void **state) {
    for (size_t n = 1; n <= N; n++) {
        KzgPolynomial *f = polynomial(n);
        Element c = committed(*state, f);
        Fr z = number(5 + n);

        KzgOpening o = opened(*state, f, &z);

        assert_true(holds(*state, &o, &c, &z));
        free(f);
    }
}

static void another_value_point_commitment_or_tau_does_not_hold(void **state) {
    World *w = *state;
    const Curve *curve = curve_bls12_381();
    KzgPolynomial *f = polynomial(N), *other = polynomial(N - 1);
    Fr z = number(5), z2 = number(6), one = number(1);
    Element c = committed(w, f), c2 = committed(w, other);
    KzgOpening o = opened(w, f, &z), wrong = o;

    assert_true(holds(w, &o, &c, &z));
    assert_false(holds(w, &o, &c, &z2));
    assert_false(holds(w, &o, &c2, &z));
    wrong.y = fr_add(curve, &o.y, &one);
    assert_false(holds(w, &wrong, &c, &z));
    wrong = o;
    wrong.w = element_add(&o.w, &c);
    assert_false(holds(w, &wrong, &c, &z));
    w->tau_g2 = element_add(&w->tau_g2, &w->tau_g2);
    assert_false(holds(w, &o, &c, &z));
    w->tau_g2 = points_at(w->powers->g2, 1);
    free(f);
    free(other);
}

static void a_polynomial_longer_than_the_powers_is_refused(void **state) {
    const World *w = *state;
    KzgPolynomial *f = polynomial(N + 1);
    Element c;
    CvkErr err;

    assert_false(kzg_commit(f, w->powers, NULL, &c, &err));

    assert_string_equal(err.id, "kzg.degree");
    free(f);
}

static void bytes_that_are_no_polynomial_are_refused(void **state) {
    (void)state;
    uint8_t bytes[2 * FR_BYTES] = {0}, r_le[32];
    KzgPolynomial *f;
    CvkErr err;
    curve_order(curve_bls12_381(), r_le);
    for (size_t i = 0; i < 32; i++)
        bytes[FR_BYTES + i] = r_le[31 - i];

    assert_false(kzg_polynomial_read(bytes, sizeof bytes, &f, &err));
    assert_non_null(strstr(err.msg, "coefficient 1"));
    assert_false(kzg_polynomial_read(bytes, 0, &f, &err));
    assert_false(kzg_polynomial_read(bytes, 33, &f, &err));
    assert_string_equal(err.id, "kzg.polynomial");
    bytes[2 * FR_BYTES - 1]--; /* r - 1 */
    assert_true(kzg_polynomial_read(bytes, sizeof bytes, &f, &err));
    free(f);
}

/* Held against a value that was computed with Python's hashlib from the header's description. */
static void the_point_follows_from_the_batch_and_its_commitment(void **state) {
    (void)state;
    uint8_t sha256[SHA256_BYTES], be[FR_BYTES];
    char hex[2 * FR_BYTES + 1];
    Element c = element_generator(curve_g1(curve_bls12_381()));
    for (size_t i = 0; i < sizeof sha256; i++)
        sha256[i] = (uint8_t)i;

    Fr z = kzg_opening_point(sha256, &c);

    fr_to_be(curve_bls12_381(), &z, be);
    for (size_t i = 0; i < sizeof be; i++)
        snprintf(hex + 2 * i, 3, "%02x", be[i]);
    assert_string_equal(hex, "1b78925685a42032b86d97d3e08f6628a7e6f4dd36ec67eddfdd97e35723960b");
}

static void an_opening_survives_its_bytes(void **state) {
    KzgPolynomial *f = polynomial(N);
    Fr z = number(5);
    KzgOpening o = opened(*state, f, &z), again;
    uint8_t bytes[KZG_OPENING_BYTES];

    kzg_opening_write(&o, bytes);

    assert_true(kzg_opening_read(bytes, sizeof bytes, &again, NULL));
    assert_true(fr_equal(&o.y, &again.y));
    assert_true(element_equal(&o.w, &again.w));
    free(f);
}

static void assert_no_opening(const uint8_t *bytes, size_t n, const char *text) {
    KzgOpening o;
    CvkErr err;
    assert_false(kzg_opening_read(bytes, n, &o, &err));
    assert_string_equal(err.id, "kzg.opening");
    assert_non_null(strstr(err.msg, text));
}

static void bytes_that_are_no_opening_are_refused(void **state) {
    (void)state;
    uint8_t bytes[KZG_OPENING_BYTES + 1] = {0}, *w = bytes + FR_BYTES;
    KzgOpening o;
    w[0] = 0xc0;
    assert_true(kzg_opening_read(bytes, KZG_OPENING_BYTES, &o, NULL)); /* 0 and infinity */

    assert_no_opening(bytes, KZG_OPENING_BYTES - 1, "80 bytes");
    assert_no_opening(bytes, KZG_OPENING_BYTES + 1, "80 bytes");
    memset(bytes, 0xff, FR_BYTES);
    assert_no_opening(bytes, KZG_OPENING_BYTES, "y is not below");
    memset(bytes, 0, FR_BYTES);
    w[47] = 1;
    assert_no_opening(bytes, KZG_OPENING_BYTES, "malformed infinity");
    w[0] = 0x80;
    w[47] = 4; /* on the curve: 4^3 + 4 = 68 is a square; of another order */
    assert_no_opening(bytes, KZG_OPENING_BYTES, "subgroup");
    memset(w, 0x9f, 48);
    assert_no_opening(bytes, KZG_OPENING_BYTES, "below the field's prime");
    memset(w, 0, 48);
    assert_no_opening(bytes, KZG_OPENING_BYTES, "compressed");
}

#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_value_is_the_sum_of_its_terms),
        WORLD_TEST(a_commitment_and_an_opening_are_those_of_the_definition),
        WORLD_TEST(openings_of_all_lengths_hold),
        WORLD_TEST(another_value_point_commitment_or_tau_does_not_hold),
        WORLD_TEST(a_polynomial_longer_than_the_powers_is_refused),
        TEST(bytes_that_are_no_polynomial_are_refused),
        TEST(the_point_follows_from_the_batch_and_its_commitment),
        WORLD_TEST(an_opening_survives_its_bytes),
        TEST(bytes_that_are_no_opening_are_refused),
    };
    return cmocka_run_group_tests_name("kzg_opening", tests, NULL, NULL);
}
