/* Drawing from seeds, against what snarkjs drew. */
#include "some_points.h"
#include "vectors.h"

#include "algebra/draw.h"

enum { POINT_MOST = 2 * 2 * 48, KEYS = 3 };

static json_t *values_of(const Curve *c, json_t **ret_file) {
    *ret_file = snarkjs_values();
    json_t *values = json_object_get(*ret_file, curve_name(c));
    assert_non_null(values);
    return values;
}

static Draw draw_of(const json_t *values) {
    uint8_t seed[DRAW_SEED_BYTES];
    hex_of(text_of(values, "seed"), sizeof seed, seed);
    return draw_from(seed);
}

static void assert_point(const Element *a, const char *digits) {
    uint8_t expected[POINT_MOST], written[POINT_MOST];
    size_t n = form_bytes(a->group, FORM_UNCOMPRESSED);
    hex_of(digits, n, expected);
    element_write(a, FORM_UNCOMPRESSED, written);
    assert_memory_equal(written, expected, n);
}

static void the_stream_begins_with_these_words(void **state) {
    Setup *s = *state;
    json_t *file, *values = values_of(s->c, &file), *words = json_object_get(values, "words");
    Draw d = draw_of(values);

    for (size_t i = 0; i < 16; i++) {
        char word[9];
        snprintf(word, sizeof word, "%08x", draw_u32(&d));
        assert_string_equal(word, json_string_value(json_array_get(words, i)));
    }

    json_decref(file);
}

/* The 16 words of the first block are 8 long ones, and a boolean is the low bit of one. */
static void long_words_and_booleans_are_made_of_words(void **state) {
    json_t *file, *values = values_of(((Setup *)*state)->c, &file);
    Draw words = draw_of(values), longs = words, booleans = words;

    for (size_t i = 0; i < 40; i++) {
        uint64_t high = draw_u32(&words), low = draw_u32(&words);
        assert_int_equal(draw_u64(&longs), high << 32 | low);
        assert_int_equal(draw_bool(&booleans), high & 1);
        assert_int_equal(draw_bool(&booleans), low & 1);
    }

    json_decref(file);
}

static void scalars_and_points_are_drawn_as_snarkjs_draws_them(void **state) {
    Setup *s = *state;
    json_t *file, *values = values_of(s->c, &file);
    Draw d = draw_of(values);

    for (size_t i = 0; i < KEYS; i++) {
        uint8_t expected[FR_BYTES], drawn[FR_BYTES];
        hex_of(json_string_value(json_array_get(json_object_get(values, "scalars"), i)), FR_BYTES,
               expected);
        Fr k = draw_fr(s->c, &d);
        fr_to_be(s->c, &k, drawn);
        assert_memory_equal(drawn, expected, FR_BYTES);
    }
    for (size_t i = 0; i < KEYS; i++) {
        Element g1 = draw_element(s->g1, &d);
        assert_point(&g1, text_of(json_array_get(json_object_get(values, "points"), i), "g1_s"));
    }

    json_decref(file);
}

static void digests_are_hashed_to_g2_as_snarkjs_hashes_them(void **state) {
    Setup *s = *state;
    json_t *file, *values = values_of(s->c, &file);

    for (size_t i = 0; i < KEYS; i++) {
        const json_t *point = json_array_get(json_object_get(values, "points"), i);
        uint8_t digest[64];
        hex_of(text_of(point, "digest"), sizeof digest, digest);
        Element g2 = draw_hash_to_g2(s->c, digest);
        assert_point(&g2, text_of(point, "g2_sp"));
    }

    json_decref(file);
}

/* Reading a point tests the curve and the subgroup. */
static void what_is_drawn_is_in_the_subgroup(void **state) {
    Setup *s = *state;
    for (uint8_t i = 0; i < 16; i++) {
        const Group *g = i % 4 == 0 ? s->g1 : s->g2;
        uint8_t seed[DRAW_SEED_BYTES], bytes[POINT_MOST];
        memset(seed, i, sizeof seed);
        Draw d = draw_from(seed);

        Element drawn = draw_element(g, &d), again;

        element_write(&drawn, FORM_UNCOMPRESSED, bytes);
        assert_int_equal(element_read(g, (PointReading){.form = FORM_UNCOMPRESSED}, bytes, &again),
                         POINT_OK);
        assert_true(element_equal(&drawn, &again));
    }
}

/* Each is below the order, and every part of the range is met. */
static void scalars_are_spread_over_all_of_the_field(void **state) {
    const Curve *c = ((Setup *)*state)->c;
    const uint8_t seed[DRAW_SEED_BYTES] = {1};
    uint8_t order[FR_BYTES], least = 0xff, greatest = 0;
    Draw d = draw_from(seed);
    curve_order(c, order);
    for (size_t i = 0; i < 2000; i++) {
        uint8_t le[FR_BYTES];
        Fr k = draw_fr(c, &d), same;
        fr_to_montgomery(&k, le);
        assert_true(fr_from_montgomery(c, le, &same)); /* below r */
        least = le[FR_BYTES - 1] < least ? le[FR_BYTES - 1] : least;
        greatest = le[FR_BYTES - 1] > greatest ? le[FR_BYTES - 1] : greatest;
    }

    assert_int_equal(least, 0);
    assert_int_equal(greatest, order[FR_BYTES - 1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(the_stream_begins_with_these_words),
        ON_EACH_CURVE(long_words_and_booleans_are_made_of_words),
        ON_EACH_CURVE(scalars_and_points_are_drawn_as_snarkjs_draws_them),
        ON_EACH_CURVE(digests_are_hashed_to_g2_as_snarkjs_hashes_them),
        ON_EACH_CURVE(what_is_drawn_is_in_the_subgroup),
        ON_EACH_CURVE(scalars_are_spread_over_all_of_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
