#include "some_points.h"
#include "vectors.h"

#include "algebra/draw.h"

static Element times(const Curve *c, const Group *g, uint64_t k) {
    Element generator = element_generator(g);
    Fr fr = fr_from_uint(c, k);
    return element_mul(&generator, &fr);
}

static bool is_one(Setup *s, const PairingTerm *terms, size_t n) {
    bool alone = false, pooled = true;
    CvkErr err;
    assert_true(pairing_product_is_one(s->c, terms, n, NULL, &alone, &err));
    assert_true(pairing_product_is_one(s->c, terms, n, s->pool, &pooled, &err));
    assert_int_equal(alone, pooled);
    return alone;
}

/* e(aG, bH) = e(abG, H) */
static void the_pairing_is_bilinear(void **state) {
    Setup *s = *state;
    PairingTerm terms[2] = {{times(s->c, s->g1, 6), times(s->c, s->g2, 35)},
                            {times(s->c, s->g1, 210), times(s->c, s->g2, 1)}};
    terms[1].g1 = element_neg(&terms[1].g1);

    assert_true(is_one(s, terms, 2));

    terms[0].g1 = times(s->c, s->g1, 7);
    assert_false(is_one(s, terms, 2));
}

/* e(aG, bH) e(-abG, H) = 1 and e(P, Q) e(-P, Q) = 1 = e(P, Q) e(P, -Q) */
static void the_pairing_is_bilinear_in_large_scalars(void **state) {
    Setup *s = *state;
    const uint8_t seed[DRAW_SEED_BYTES] = {42};
    Draw d = draw_from(seed);
    for (int i = 0; i < 6; i++) {
        Element p = draw_element(s->g1, &d), q = draw_element(s->g2, &d);
        Fr a = draw_fr(s->c, &d), b = draw_fr(s->c, &d), ab = fr_mul(s->c, &a, &b);
        PairingTerm terms[2] = {{element_mul(&p, &a), element_mul(&q, &b)}, {.g2 = q}};
        terms[1].g1 = element_mul(&p, &ab);

        assert_false(is_one(s, terms, 2));
        terms[1].g1 = element_neg(&terms[1].g1);
        assert_true(is_one(s, terms, 2));
        terms[1] = (PairingTerm){element_neg(&terms[0].g1), terms[0].g2};
        assert_true(is_one(s, terms, 2));
        terms[1] = (PairingTerm){terms[0].g1, element_neg(&terms[0].g2)};
        assert_true(is_one(s, terms, 2));
        terms[1] = terms[0];
        assert_false(is_one(s, terms, 2));
    }
}

static void one_term_is_not_one(void **state) {
    Setup *s = *state;
    PairingTerm term = {times(s->c, s->g1, 1), times(s->c, s->g2, 1)};

    assert_false(is_one(s, &term, 1));
}

static void no_terms_multiply_to_one(void **state) {
    assert_true(is_one(*state, NULL, 0));
}

static void terms_with_an_infinity_count_as_one(void **state) {
    Setup *s = *state;
    Element o1 = element_infinity(s->g1), o2 = element_infinity(s->g2);
    Element g1 = times(s->c, s->g1, 1), g2 = times(s->c, s->g2, 1);
    PairingTerm terms[5] = {{o1, g2}, {g1, o2}, {g1, g2}, {o1, o2}, {element_neg(&g1), g2}};

    assert_true(is_one(s, terms, 1));
    assert_true(is_one(s, terms, 2));
    assert_false(is_one(s, terms, 3));
    assert_false(is_one(s, terms, 4));
    assert_true(is_one(s, terms, 5));
}

/* Over the sizes of the blocks that share a Miller loop. */
static void products_of_many_terms_are_right(void **state) {
    Setup *s = *state;
    enum { MOST = 35 };
    PairingTerm terms[MOST];
    for (size_t n = 1; n < MOST;
         n += n < 18 ? 1 : 8) { /* sum of i * (i + 1), taken back by one term more */
        uint64_t sum = 0;
        for (size_t i = 0; i < n; i++) {
            terms[i] = (PairingTerm){times(s->c, s->g1, i + 1), times(s->c, s->g2, i + 2)};
            sum += (i + 1) * (i + 2);
        }
        Element all = times(s->c, s->g1, sum);
        terms[n] = (PairingTerm){element_neg(&all), times(s->c, s->g2, 1)};

        assert_true(is_one(s, terms, n + 1));
        assert_false(is_one(s, terms, n));
    }
}

/* As snarkjs writes the pairing in verification keys. */
static void a_pairing_has_the_coordinates_that_snarkjs_writes(void **state) {
    Setup *s = *state;
    const PointReading reading = {.form = FORM_UNCOMPRESSED};
    json_t *file = snarkjs_values();
    const json_t *values = json_object_get(json_object_get(file, curve_name(s->c)), "pairing");
    size_t bytes = curve_base_bytes(s->c);
    uint8_t point[4 * 48], ours[12 * 48], expected[48];
    Element g1, g2;
    hex_of(text_of(values, "g1"), 2 * bytes, point);
    assert_int_equal(element_read(s->g1, reading, point, &g1), POINT_OK);
    hex_of(text_of(values, "g2"), 4 * bytes, point);
    assert_int_equal(element_read(s->g2, reading, point, &g2), POINT_OK);

    pairing_coordinates(s->c, &g1, &g2, ours);

    for (size_t i = 0; i < 12; i++) {
        hex_of(json_string_value(json_array_get(json_object_get(values, "gt"), i)), bytes,
               expected);
        assert_memory_equal(ours + i * bytes, expected, bytes);
    }
    json_decref(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(the_pairing_is_bilinear),
        ON_EACH_CURVE(the_pairing_is_bilinear_in_large_scalars),
        ON_EACH_CURVE(one_term_is_not_one),
        ON_EACH_CURVE(no_terms_multiply_to_one),
        ON_EACH_CURVE(terms_with_an_infinity_count_as_one),
        ON_EACH_CURVE(products_of_many_terms_are_right),
        ON_EACH_CURVE(a_pairing_has_the_coordinates_that_snarkjs_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
