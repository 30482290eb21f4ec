#include "some_points.h"

#include "outside.h"

/* ---- what the tests say of an outcome ---- */

typedef struct {
    Points *points;
    PointReport report;
    Element sum;
} Decoded;

static Decoded decode(const Group *g, const uint8_t *bytes, size_t n, CvkPool *pool) {
    Factors f = factors_of(5);
    Decoded d = {.points = NULL};
    CvkErr err;
    assert_true(points_read(g, (PointReading){.form = FORM_ZCASH}, bytes, n, &f, pool, &d.points,
                            &d.sum, &d.report, &err));
    return d;
}

static void expect_fault(Setup *s, const Group *g, const uint8_t *bytes, size_t n, PointFault fault,
                         size_t index) {
    CvkPool *pools[] = {NULL, s->pool};
    for (size_t i = 0; i < 2; i++) {
        Decoded d = decode(g, bytes, n, pools[i]);
        assert_int_equal(d.report.fault, fault);
        assert_int_equal(d.report.index, index);
        assert_null(d.points);
    }
}

/* The first `kept` points came out, with their sum. */
static void expect_points(Setup *s, const Group *g, const uint8_t *bytes, size_t n, size_t kept) {
    CvkPool *pools[] = {NULL, s->pool};
    Factors f = factors_of(5);
    for (size_t i = 0; i < 2; i++) {
        Decoded d = decode(g, bytes, n, pools[i]);
        assert_int_equal(d.report.fault, kept == n ? POINT_OK : POINT_INFINITY);
        assert_int_equal(d.report.index, kept);
        assert_non_null(d.points);
        assert_int_equal(points_n(d.points), kept);
        uint8_t *again = encoded(d.points, NULL);
        assert_memory_equal(again, bytes, kept * form_bytes(g, FORM_ZCASH));
        Element naive = naive_combination(s->c, d.points, 0, kept, &f);
        assert_true(element_equal(&d.sum, &naive));
        free(again);
        points_free(d.points);
    }
}

static void put_infinity(const Group *g, uint8_t *bytes, size_t index) {
    Element infinity = element_infinity(g);
    element_write(&infinity, FORM_ZCASH, bytes + index * form_bytes(g, FORM_ZCASH));
}

/* Replaces point `index` of G1 by itself plus `defect`: on the curve, outside the group. */
static void add_defect(uint8_t *bytes, size_t index, const blst_p1 *defect) {
    blst_p1_affine affine;
    blst_p1 sum;
    assert_int_equal(blst_p1_uncompress(&affine, bytes + 48 * index), BLST_SUCCESS);
    blst_p1_add_or_double_affine(&sum, defect, &affine);
    blst_p1_compress(bytes + 48 * index, &sum);
}

static uint8_t *good_bytes(Setup *s, const Group *g, size_t n) {
    Points *p = powers_of(g, s->c, 11, n, s->pool);
    uint8_t *ret = encoded(p, s->pool);
    points_free(p);
    return ret;
}

/* ---- tests ---- */

static void good_points_come_out_as_they_went_in(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    static const size_t sizes[] = {0, 1, 2, 3, 64, 65, 255, 300};
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            uint8_t *bytes = good_bytes(s, groups[g], sizes[i]);

            expect_points(s, groups[g], bytes, sizes[i], sizes[i]);

            free(bytes);
        }
}

static void a_new_ceremony_of_equal_points_is_accepted(void **state) {
    Setup *s = *state;
    enum { N = 4096 };
    CvkErr err;
    Points *p = points_generators(s->g1, N, &err);
    uint8_t *bytes = encoded(p, NULL);

    Decoded d = decode(s->g1, bytes, N, s->pool);

    Factors f = factors_of(5);
    Element sum;
    assert_int_equal(d.report.fault, POINT_OK);
    assert_true(points_combine(p, 0, N, &f, NULL, &sum, &err));
    assert_true(element_equal(&sum, &d.sum));
    points_free(d.points);
    points_free(p);
    free(bytes);
}

/* One encoding with one fault each, alone. */
static void each_fault_of_an_encoding_has_its_name(void **state) {
    Setup *s = *state;
    uint8_t b[96] = {0};

    b[47] = 2;
    expect_fault(s, s->g1, b, 1, POINT_NOT_COMPRESSED, 0);
    memset(b, 0, sizeof b);
    b[0] = 0x40; /* infinity, not compressed */
    expect_fault(s, s->g1, b, 1, POINT_NOT_COMPRESSED, 0);
    b[0] = 0xc0;
    b[47] = 1;
    expect_fault(s, s->g1, b, 1, POINT_BAD_INFINITY, 0);
    b[0] = 0xe0;
    b[47] = 0;
    expect_fault(s, s->g1, b, 1, POINT_BAD_INFINITY, 0);
    b[0] = 0xd0;
    expect_fault(s, s->g1, b, 1, POINT_BAD_INFINITY, 0);
    b[0] = 0xc0;
    b[95] = 1;
    expect_fault(s, s->g2, b, 1, POINT_BAD_INFINITY, 0);
    memset(b, 0xff, sizeof b);
    b[0] = 0x9f;
    expect_fault(s, s->g1, b, 1, POINT_X_TOO_LARGE, 0);
    memset(b, 0, sizeof b);
    b[0] = 0x80;
    b[47] = 1;
    expect_fault(s, s->g1, b, 1, POINT_NOT_ON_CURVE, 0);
    b[47] = 0; /* x = 0 */
    expect_fault(s, s->g1, b, 1, POINT_NOT_IN_GROUP, 0);
    b[0] = 0xa0;
    b[95] = 2;
    expect_fault(s, s->g2, b, 1, POINT_NOT_IN_GROUP, 0);
}

static const uint8_t field_modulus[48] = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab};

static void a_coordinate_is_too_large_from_p_on(void **state) {
    Setup *s = *state;
    uint8_t b[48];
    memcpy(b, field_modulus, sizeof b);
    b[0] |= 0x80;

    expect_fault(s, s->g1, b, 1, POINT_X_TOO_LARGE, 0);

    b[47]--; /* p - 1 = -1: x^3 + 4 = 3 */
    Decoded d = decode(s->g1, b, 1, NULL);
    assert_int_not_equal(d.report.fault, POINT_X_TOO_LARGE);
    points_free(d.points);
}

static void the_lowest_component_that_is_too_large_is_named(void **state) {
    Setup *s = *state;
    uint8_t b[96] = {0};
    b[0] = 0x80;

    memcpy(b + 48, field_modulus, 48); /* c0 */
    assert_int_equal(decode(s->g2, b, 1, NULL).report.component, 0);

    memcpy(b, field_modulus, 48); /* and c1 */
    b[0] |= 0x80;
    assert_int_equal(decode(s->g2, b, 1, NULL).report.component, 0);
    memset(b + 48, 0, 48); /* c1 alone */
    Decoded d = decode(s->g2, b, 1, NULL);

    assert_int_equal(d.report.fault, POINT_X_TOO_LARGE);
    assert_int_equal(d.report.component, 1);
}

static void the_lowest_fault_of_any_kind_is_reported(void **state) {
    Setup *s = *state;
    static const size_t sizes[] = {100, 600};
    blst_p1 defect = order_3_point();
    for (size_t i = 0; i < 2; i++) {
        size_t n = sizes[i];
        uint8_t *bytes = good_bytes(s, s->g1, n);

        bytes[48 * (n - 1)] &= 0x7f;
        expect_fault(s, s->g1, bytes, n, POINT_NOT_COMPRESSED, n - 1);
        add_defect(bytes, n - 30, &defect);
        expect_fault(s, s->g1, bytes, n, POINT_NOT_IN_GROUP, n - 30);
        add_defect(bytes, n - 40, &defect);
        expect_fault(s, s->g1, bytes, n, POINT_NOT_IN_GROUP, n - 40);
        bytes[48 * 10] &= 0x7f;
        expect_fault(s, s->g1, bytes, n, POINT_NOT_COMPRESSED, 10);
        add_defect(bytes, 5, &defect);
        expect_fault(s, s->g1, bytes, n, POINT_NOT_IN_GROUP, 5);
        add_defect(bytes, 0, &defect);
        expect_fault(s, s->g1, bytes, n, POINT_NOT_IN_GROUP, 0);
        free(bytes);
    }
}

static void an_infinity_cuts_the_vector_and_is_no_fault(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    static const size_t sizes[] = {50, 600};
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < 2; i++) {
            uint8_t *bytes = good_bytes(s, groups[g], sizes[i]);

            put_infinity(groups[g], bytes, sizes[i] - 1);
            expect_points(s, groups[g], bytes, sizes[i], sizes[i] - 1);
            put_infinity(groups[g], bytes, 40);
            expect_points(s, groups[g], bytes, sizes[i], 40);
            put_infinity(groups[g], bytes, 0);
            expect_points(s, groups[g], bytes, sizes[i], 0);
            free(bytes);
        }
}

static void points_behind_an_infinity_are_checked_too(void **state) {
    Setup *s = *state;
    static const size_t sizes[] = {50, 600};
    blst_p1 defect = order_3_point();
    for (size_t i = 0; i < 2; i++) {
        size_t n = sizes[i];
        uint8_t *bytes = good_bytes(s, s->g1, n);
        put_infinity(s->g1, bytes, 3);
        put_infinity(s->g1, bytes, 7);

        add_defect(bytes, n - 2, &defect);
        expect_fault(s, s->g1, bytes, n, POINT_NOT_IN_GROUP, n - 2);
        bytes[48 * (n - 3)] &= 0x7f;
        expect_fault(s, s->g1, bytes, n, POINT_NOT_COMPRESSED, n - 3);
        add_defect(bytes, 8, &defect);
        expect_fault(s, s->g1, bytes, n, POINT_NOT_IN_GROUP, 8);
        free(bytes);
    }
}

static void only_infinities_make_an_empty_vector(void **state) {
    Setup *s = *state;
    uint8_t *bytes = malloc(300 * 48);
    for (size_t i = 0; i < 300; i++)
        put_infinity(s->g1, bytes, i);

    expect_points(s, s->g1, bytes, 300, 0);

    free(bytes);
}

static void many_points_outside_the_group_do_not_hide_one_another(void **state) {
    Setup *s = *state;
    enum { N = 520 };
    uint8_t *bytes = good_bytes(s, s->g1, N);
    blst_p1 defect = order_3_point();
    for (size_t i = 100; i < N; i++)
        add_defect(bytes, i, &defect); /* three of them cancel; all are found anyway */

    expect_fault(s, s->g1, bytes, N, POINT_NOT_IN_GROUP, 100);

    free(bytes);
}

static void random_points_of_the_curve_of_g2_are_refused(void **state) {
    Setup *s = *state;
    enum { N = 400 };
    uint8_t *bytes = good_bytes(s, s->g2, N);
    uint8_t *bad = bytes + 96 * 333;
    blst_p2_affine affine;
    for (uint8_t x = 3;; x++) { /* the next x with a point */
        memset(bad, 0, 96);
        bad[0] = 0x80;
        bad[95] = x;
        if (blst_p2_uncompress(&affine, bad) == BLST_SUCCESS)
            break;
    }

    expect_fault(s, s->g2, bytes, N, POINT_NOT_IN_GROUP, 333);

    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(good_points_come_out_as_they_went_in),
        TEST(a_new_ceremony_of_equal_points_is_accepted),
        TEST(each_fault_of_an_encoding_has_its_name),
        TEST(a_coordinate_is_too_large_from_p_on),
        TEST(the_lowest_component_that_is_too_large_is_named),
        TEST(the_lowest_fault_of_any_kind_is_reported),
        TEST(an_infinity_cuts_the_vector_and_is_no_fault),
        TEST(points_behind_an_infinity_are_checked_too),
        TEST(only_infinities_make_an_empty_vector),
        TEST(many_points_outside_the_group_do_not_hide_one_another),
        TEST(random_points_of_the_curve_of_g2_are_refused),
    };
    return cmocka_run_group_tests(tests, make_setup, drop_setup);
}
