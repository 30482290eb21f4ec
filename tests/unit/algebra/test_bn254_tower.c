/* bn254's extension fields and pairing against another implementation, on random and edge values.
 */
#include "noble.h"
#include "some_points.h"

#include "algebra/bn254_tower.h"

static int load(void **state) {
    *state = noble_values();
    return 0;
}

static int unload(void **state) {
    json_decref(*state);
    return 0;
}

/* Skips the test where there is nobody to compare with. */
static const json_t *listed(void **state, const char *what) {
    if (*state == NULL) {
        print_message("# SKIP: no node, or no @noble/curves (npm ci)\n");
        skip();
    }
    return json_object_get(*state, what);
}

/* ---- Fq2, Fq6, Fq12 as text; each lies in memory as its coefficients ---- */

static Fq2 fq2_at(const json_t *object, const char *key) {
    Fq2 ret;
    fq_of(text_of(object, key), 2, &ret.c0);
    return ret;
}

static Fq6 fq6_at(const json_t *object, const char *key) {
    Fq6 ret;
    fq_of(text_of(object, key), 6, &ret.c[0].c0);
    return ret;
}

static Fq12 fq12_of(const char *digits) {
    Fq12 ret;
    fq_of(digits, 12, &ret.c[0].c[0].c0);
    return ret;
}

static Fq12 fq12_named(const json_t *object, const char *key) {
    return fq12_of(text_of(object, key));
}

static void assert_same2(Fq2 a, Fq2 b) {
    assert_memory_equal(&a, &b, sizeof a);
}

static void assert_same6(Fq6 a, Fq6 b) {
    assert_memory_equal(&a, &b, sizeof a);
}

static void assert_same12(Fq12 a, Fq12 b) {
    assert_true(fq12_equal(&a, &b));
}

/* ---- the tests ---- */

static void fq2_is_as_elsewhere(void **state) {
    size_t i;
    const json_t *v;
    json_array_foreach(listed(state, "fq2"), i, v) {
        const Fq2 a = fq2_at(v, "a"), b = fq2_at(v, "b");
        Fq2 x;
        fq2_mul(&x, &a, &b);
        assert_same2(x, fq2_at(v, "product"));
        fq2_sqr(&x, &a);
        assert_same2(x, fq2_at(v, "square"));
        fq2_add(&x, &a, &b);
        assert_same2(x, fq2_at(v, "sum"));
        fq2_sub(&x, &a, &b);
        assert_same2(x, fq2_at(v, "difference"));
        fq2_inverse(&x, &a);
        assert_same2(x, fq2_at(v, "inverse"));
    }
    assert_int_equal(i, 128);
}

/* Either root. */
static void roots_in_fq2_are_as_elsewhere(void **state) {
    size_t i, squares = 0;
    const json_t *v;
    json_array_foreach(listed(state, "fq2"), i, v) {
        const Fq2 a = fq2_at(v, "a");
        Fq2 root, theirs;
        bool square = text_of(v, "root")[0] != '\0';
        assert_int_equal(fq2_sqrt(&root, &a), square);
        if (!square)
            continue;
        squares++;
        theirs = fq2_at(v, "root");
        fq2_cneg(&root, &root, fq2_is_large(&root) != fq2_is_large(&theirs));
        assert_same2(root, theirs);
    }
    assert_in_range(squares, i / 4, i - i / 4);
}

static void fq6_is_as_elsewhere(void **state) {
    size_t i;
    const json_t *v;
    json_array_foreach(listed(state, "fq6"), i, v) {
        const Fq6 a = fq6_at(v, "a"), b = fq6_at(v, "b"),
                  v_alone = {{fq2_zero, fq2_one(), fq2_zero}};
        Fq6 x, y;
        fq6_mul(&x, &a, &b);
        assert_same6(x, fq6_at(v, "product"));
        fq6_inverse(&x, &a);
        assert_same6(x, fq6_at(v, "inverse"));
        fq6_mul(&x, &a, &v_alone);
        fq6_mul_by_v(&y, &a);
        assert_same6(x, y);
    }
    assert_int_equal(i, 40);
}

static void fq12_is_as_elsewhere(void **state) {
    size_t i;
    const json_t *v;
    json_array_foreach(listed(state, "fq12"), i, v) {
        const Fq12 a = fq12_named(v, "a"), b = fq12_named(v, "b");
        Fq12 x;
        fq12_mul(&x, &a, &b);
        assert_same12(x, fq12_named(v, "product"));
        fq12_sqr(&x, &a);
        assert_same12(x, fq12_named(v, "square"));
        fq12_inverse(&x, &a);
        assert_same12(x, fq12_named(v, "inverse"));
        fq12_conjugate(&x, &a);
        assert_same12(x, fq12_named(v, "conjugate"));
    }
    assert_int_equal(i, 40);
}

static void powers_of_frobenius_are_as_elsewhere(void **state) {
    size_t i;
    const json_t *v;
    json_array_foreach(listed(state, "fq12"), i, v) {
        const Fq12 a = fq12_named(v, "a");
        for (unsigned power = 1; power <= 3; power++) {
            Fq12 x;
            fq12_frobenius(&x, &a, power);
            assert_same12(x, fq12_of(json_string_value(
                                 json_array_get(json_object_get(v, "frobenius"), power - 1))));
        }
    }
}

static void squares_of_the_cyclotomic_subgroup_are_as_elsewhere(void **state) {
    size_t i;
    const json_t *v;
    json_array_foreach(listed(state, "fq12"), i, v) {
        Fq12 x = fq12_named(v, "cyclotomic");
        fq12_sqr_cyclotomic(&x, &x);
        assert_same12(x, fq12_named(v, "cyclotomic_square"));
    }
}

static void a_line_is_multiplied_as_the_element_that_it_is(void **state) {
    size_t i;
    const json_t *v;
    json_array_foreach(listed(state, "fq12"), i, v) {
        const Fq12 a = fq12_named(v, "a"), b = fq12_named(v, "b");
        const Line line = {b.c[0].c[0], b.c[0].c[1], b.c[1].c[2]};
        const Fq12 full = {{{{line.l0, fq2_zero, fq2_zero}}, {{line.l1, line.l3, fq2_zero}}}};
        Fq12 x, y;
        fq12_mul_by_line(&x, &a, &line);
        fq12_mul(&y, &a, &full);
        assert_same12(x, y);
    }
}

/* Their points to ours: FORM_UNCOMPRESSED has c1 before c0. */
static Element point_of(const Group *g, const char *digits) {
    uint8_t theirs[128], ours[128];
    size_t n = form_bytes(g, FORM_UNCOMPRESSED), parts = n / 64;
    Element ret;
    hex_of(digits, n, theirs);
    for (size_t i = 0; i < n / 32; i++)
        memcpy(ours + 32 * i, theirs + 32 * (i / parts * parts + parts - 1 - i % parts), 32);
    assert_int_equal(element_read(g, (PointReading){.form = FORM_UNCOMPRESSED}, ours, &ret),
                     POINT_OK);
    return ret;
}

static void pairings_are_as_elsewhere(void **state) {
    const Curve *c = curve_bn254();
    size_t i;
    const json_t *v;
    json_array_foreach(listed(state, "pairings"), i, v) {
        Element g1 = point_of(curve_g1(c), text_of(v, "g1"));
        Element g2 = point_of(curve_g2(c), text_of(v, "g2"));
        uint8_t theirs[12 * FQ_BYTES], ours[12 * FQ_BYTES];
        hex_of(text_of(v, "value"), sizeof theirs, theirs);

        pairing_coordinates(c, &g1, &g2, ours);

        assert_memory_equal(ours, theirs, sizeof ours);
    }
    assert_int_equal(i, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(fq2_is_as_elsewhere),
        TEST(roots_in_fq2_are_as_elsewhere),
        TEST(fq6_is_as_elsewhere),
        TEST(fq12_is_as_elsewhere),
        TEST(powers_of_frobenius_are_as_elsewhere),
        TEST(squares_of_the_cyclotomic_subgroup_are_as_elsewhere),
        TEST(a_line_is_multiplied_as_the_element_that_it_is),
        TEST(pairings_are_as_elsewhere),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
