/* The traps of the blst in use, each shown in blst itself and then shown to be shut in ours: the
 * list of docs/adr/0001-blst-from-c-kzg.md. When a newer blst has mended one, its half of the test
 * fails and says so; then the list can be shortened. */
#include "some_points.h"

#include "outside.h"

#include <dirent.h>

/* ---- batch conversion to affine coordinates ---- */

static void blst_converts_a_batch_with_one_infinity_wrongly(void **state) {
    (void)state;
    enum { N = 8 };
    blst_p1 points[N];
    blst_p1_affine batch[N], one;
    blst_p1_double(&points[0], blst_p1_generator());
    for (size_t i = 1; i < N; i++)
        blst_p1_add_or_double(&points[i], &points[i - 1], blst_p1_generator());
    memset(&points[3], 0, sizeof points[3]);
    const blst_p1 *const list[] = {points, NULL};

    blst_p1s_to_affine(batch, list, N);

    size_t wrong = 0;
    for (size_t i = 0; i < N; i++) {
        blst_p1_to_affine(&one, &points[i]);
        wrong += i != 3 && !blst_p1_affine_is_equal(&one, &batch[i]);
    }
    assert_int_equal(wrong, N - 1);
}

static void ours_refuses_a_batch_with_one_infinity(void **state) {
    Setup *s = *state;
    enum { N = 8 };
    Element elements[N];
    CvkErr err = {.id = ""};
    Points *p = NULL;
    for (size_t i = 0; i < N; i++)
        elements[i] = i == 3 ? element_infinity(s->g1) : element_generator(s->g1);

    assert_false(points_from_elements(s->g1, elements, N, NULL, &p, &err));

    assert_string_equal(err.id, "point.infinity");
}

/* ---- Pippenger ---- */

static bool pippenger_is_right(size_t n, size_t infinite) {
    blst_p1_affine points[80];
    uint8_t scalars[80][16];
    blst_p1 sum, naive, term;
    memset(&naive, 0, sizeof naive);
    for (size_t i = 0; i < n; i++) {
        uint8_t k[2] = {(uint8_t)(i + 1), 1};
        blst_p1_mult(&term, blst_p1_generator(), k, 16);
        blst_p1_to_affine(&points[i], &term);
        memset(scalars[i], (int)(3 * i + 1), 16);
        if (i == infinite)
            memset(&points[i], 0, sizeof points[i]);
        blst_p1_from_affine(&term, &points[i]);
        if (i != infinite) {
            blst_p1_mult(&term, &term, scalars[i], 128);
            blst_p1_add_or_double(&naive, &naive, &term);
        }
    }
    limb_t *scratch = malloc(blst_p1s_mult_pippenger_scratch_sizeof(n));
    const blst_p1_affine *const list[] = {points, NULL};
    const uint8_t *const ks[] = {scalars[0], NULL};
    blst_p1s_mult_pippenger(&sum, list, n, ks, 128, scratch);
    free(scratch);
    return blst_p1_is_equal(&sum, &naive);
}

static void blsts_pippenger_of_2_to_64_points_with_an_infinity_is_wrong(void **state) {
    (void)state;
    for (size_t n = 2; n <= 64; n += n < 5 || n > 60 ? 1 : 8) {
        assert_true(pippenger_is_right(n, SIZE_MAX));
        assert_false(pippenger_is_right(n, 0));
    }
    assert_true(pippenger_is_right(65, 32));
}

static void ours_never_combines_an_infinity(void **state) {
    Setup *s = *state;
    Factors f = factors_of(1);
    for (size_t n = 2; n <= 64; n += 31) {
        Points *good = powers_of(s->g1, s->c, 3, n, NULL), *p;
        uint8_t *bytes = encoded(good, NULL);
        Element infinity = element_infinity(s->g1), sum, again;
        PointReport report;
        CvkErr err;
        element_write(&infinity, FORM_ZCASH, bytes + 48 * (n / 2));

        assert_true(points_read(s->g1, (PointReading){.form = FORM_ZCASH}, bytes, n, &f, NULL, &p,
                                &sum, &report, &err));

        assert_int_equal(points_n(p), n / 2);
        assert_true(points_combine(p, 0, n / 2, &f, NULL, &again, &err));
        Element naive = naive_combination(s->c, good, 0, n / 2, &f);
        assert_true(element_equal(&sum, &naive));
        assert_true(element_equal(&again, &naive));
        free(bytes);
        points_free(good);
        points_free(p);
    }
}

/* ---- decoding ---- */

static void blst_leaves_what_was_there_when_it_cannot_decode(void **state) {
    (void)state;
    uint8_t garbage[48];
    blst_p1_affine p;
    memset(garbage, 0xff, sizeof garbage);
    garbage[0] = 0x9f;
    memset(&p, 0, sizeof p);

    BLST_ERROR error = blst_p1_uncompress(&p, garbage);

    assert_int_not_equal(error, BLST_SUCCESS);
    assert_true(blst_p1_affine_is_inf(&p)); /* who forgets the result holds a valid infinity */
    assert_true(blst_p1_affine_in_g1(&p));
}

static void ours_returns_no_points_for_garbage(void **state) {
    Setup *s = *state;
    Factors f = factors_of(1);
    uint8_t garbage[2 * 48];
    memset(garbage, 0xff, sizeof garbage);
    garbage[0] = garbage[48] = 0x9f;
    Points *p = NULL;
    PointReport report;
    CvkErr err;

    assert_true(points_read(s->g1, (PointReading){.form = FORM_ZCASH}, garbage, 2, &f, NULL, &p,
                            NULL, &report, &err));

    assert_null(p);
    assert_int_equal(report.fault, POINT_X_TOO_LARGE);
    assert_int_equal(report.index, 0);
}

static void blst_names_x_zero_a_fault_and_yet_leaves_a_point(void **state) {
    (void)state;
    blst_p1 p = order_3_point(); /* asserts the code */

    assert_false(blst_p1_is_inf(&p));
    assert_true(blst_p1_on_curve(&p));
    assert_false(blst_p1_in_g1(&p));
}

static void ours_refuses_x_zero_as_outside_the_group(void **state) {
    Setup *s = *state;
    Factors f = factors_of(1);
    static const uint8_t signs[] = {0x80, 0xa0};
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[48] = {signs[i]};
        Points *p = NULL;
        PointReport report;
        CvkErr err;

        assert_true(points_read(s->g1, (PointReading){.form = FORM_ZCASH}, bytes, 1, &f, NULL, &p,
                                NULL, &report, &err));

        assert_null(p);
        assert_int_equal(report.fault, POINT_NOT_IN_GROUP);
    }
}

/* ---- points of low order ---- */

static void blsts_unchecked_mult_of_a_point_of_low_order_is_wrong(void **state) {
    (void)state;
    blst_p1 p = order_3_point(), product, right;
    size_t wrong = 0;
    for (uint8_t k = 1; k < 200; k++) {
        uint8_t le[1] = {k}, be[1] = {k};
        blst_p1_unchecked_mult(&product, &p, le, 8);
        right = outside_mul(&p, be, 1);
        wrong += !blst_p1_is_equal(&product, &right);
    }
    assert_true(wrong > 0);
}

/* What the batched test rests on: the test itself is right for points of low order. */
static void blsts_subgroup_test_is_right_for_points_of_low_order(void **state) {
    (void)state;
    const blst_p1 low[] = {order_3_point(), order_11_point()};
    static const unsigned orders[] = {3, 11};
    for (size_t i = 0; i < 2; i++) {
        blst_p1 p = low[i], shifted;
        for (unsigned k = 1; k < orders[i]; k++) {
            assert_false(blst_p1_in_g1(&p));
            blst_p1_add_or_double(&shifted, &p, blst_p1_generator());
            assert_false(blst_p1_in_g1(&shifted));
            blst_p1_add_or_double(&p, &p, &low[i]);
        }
        assert_true(blst_p1_is_inf(&p));
        assert_true(blst_p1_in_g1(&p));
    }
}

/* blst has unsafe functions; ours never calls them. */
static void ours_calls_none_of_the_unsafe_functions(void **state) {
    (void)state;
    static const char *const banned[] = {"_unchecked_mult(",   "(unchecked_mult)",   "_wbits(",
                                         "(mult_wbits",        "(mult_pippenger)",   "_pippenger(",
                                         "_miller_loop_lines", "(p1s_tile_pippenger"};
    char folder[4096], path[8192];
    snprintf(folder, sizeof folder, "%s/src/algebra", getenv("CONVOKE_SOURCE"));
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t files = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strncmp(entry->d_name, "bls12_381_blst", 14) != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        for (char line[512]; fgets(line, sizeof line, f) != NULL;)
            for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
                assert_null(strstr(line, banned[i]));
        fclose(f);
        files++;
    }
    closedir(dir);
    assert_true(files >= 4);
}

/* ---- random linear combinations ---- */

enum { MANY = 300, SEEDS = 16 };

/* MANY good points, the one in the middle with a defect. */
static uint8_t *with_defect(Setup *s, const blst_p1 *defect) {
    Points *p = powers_of(s->g1, s->c, 3, MANY, s->pool);
    uint8_t *bytes = encoded(p, NULL);
    blst_p1_affine affine;
    blst_p1 sum;
    assert_int_equal(blst_p1_uncompress(&affine, bytes + 48 * (MANY / 2)), BLST_SUCCESS);
    blst_p1_add_or_double_affine(&sum, defect, &affine);
    blst_p1_compress(bytes + 48 * (MANY / 2), &sum);
    points_free(p);
    return bytes;
}

/* How often the plain test, is the sum of r_i P_i in the group, is deceived. */
static size_t plain_test_passes(const uint8_t *bytes) {
    static blst_p1_affine points[MANY];
    static uint8_t scalars[MANY * 16];
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(blst_p1_uncompress(&points[i], bytes + 48 * i), BLST_SUCCESS);
    limb_t *scratch = malloc(blst_p1s_mult_pippenger_scratch_sizeof(MANY));
    size_t passes = 0;
    for (uint8_t seed = 0; seed < SEEDS; seed++) {
        Factors f = factors_of(seed);
        const blst_p1_affine *const list[] = {points, NULL};
        const uint8_t *const ks[] = {scalars, NULL};
        blst_p1 sum;
        cvk_stream(f.seed, f.label, scalars, sizeof scalars);
        blst_p1s_mult_pippenger(&sum, list, MANY, ks, 128, scratch);
        passes += blst_p1_in_g1(&sum);
    }
    free(scratch);
    return passes;
}

static void ours_refuses_it_always(Setup *s, const uint8_t *bytes) {
    for (uint8_t seed = 0; seed < SEEDS; seed++) {
        Factors f = factors_of(seed);
        Points *p = NULL;
        PointReport report;
        CvkErr err;
        assert_true(points_read(s->g1, (PointReading){.form = FORM_ZCASH}, bytes, MANY, &f, s->pool,
                                &p, NULL, &report, &err));
        assert_int_equal(report.fault, POINT_NOT_IN_GROUP);
        assert_int_equal(report.index, MANY / 2);
        assert_null(p);
    }
}

/* One seed in three lets it through. */
static void a_plain_combination_passes_a_defect_of_order_3_and_ours_does_not(void **state) {
    Setup *s = *state;
    blst_p1 defect = order_3_point();
    uint8_t *bytes = with_defect(s, &defect);

    size_t passes = plain_test_passes(bytes);

    assert_true(passes > 0 && passes < SEEDS);
    ours_refuses_it_always(s, bytes);
    free(bytes);
}

/* One seed in eleven. */
static void a_plain_combination_passes_a_defect_of_order_11_and_ours_does_not(void **state) {
    Setup *s = *state;
    blst_p1 defect = order_11_point();
    uint8_t *bytes = with_defect(s, &defect);

    size_t passes = plain_test_passes(bytes);

    assert_true(passes > 0 && passes < SEEDS);
    ours_refuses_it_always(s, bytes);
    free(bytes);
}

/* ---- pairing ---- */

/* e(G1, O) e(G1, G2) e(-G1, G2). With the infinity in G1 it happens to come out right. */
static void blsts_miller_loop_of_several_terms_cannot_take_an_infinity(void **state) {
    (void)state;
    const blst_p1_affine g1[3] = {BLS12_381_G1, BLS12_381_G1, BLS12_381_NEG_G1};
    blst_p2_affine g2[3] = {BLS12_381_G2, BLS12_381_G2, BLS12_381_G2};
    memset(&g2[0], 0, sizeof g2[0]);
    const blst_p1_affine *const g1s[] = {g1, NULL}, *const rest1[] = {g1 + 1, NULL};
    const blst_p2_affine *const g2s[] = {g2, NULL}, *const rest2[] = {g2 + 1, NULL};
    blst_fp12 product, rest;

    blst_miller_loop_n(&product, g2s, g1s, 3);
    blst_miller_loop_n(&rest, rest2, rest1, 2);
    blst_final_exp(&product, &product);
    blst_final_exp(&rest, &rest);

    assert_true(blst_fp12_is_one(&rest));
    assert_false(blst_fp12_is_one(&product));
}

static void ours_counts_a_term_with_an_infinity_as_one(void **state) {
    Setup *s = *state;
    Element g1 = element_generator(s->g1), g2 = element_generator(s->g2);
    PairingTerm terms[3] = {{g1, element_infinity(s->g2)}, {g1, g2}, {element_neg(&g1), g2}};
    bool one = false;
    CvkErr err;

    assert_true(pairing_product_is_one(s->c, terms, 3, NULL, &one, &err));

    assert_true(one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(blst_converts_a_batch_with_one_infinity_wrongly),
        TEST(ours_refuses_a_batch_with_one_infinity),
        TEST(blsts_pippenger_of_2_to_64_points_with_an_infinity_is_wrong),
        TEST(ours_never_combines_an_infinity),
        TEST(blst_leaves_what_was_there_when_it_cannot_decode),
        TEST(ours_returns_no_points_for_garbage),
        TEST(blst_names_x_zero_a_fault_and_yet_leaves_a_point),
        TEST(ours_refuses_x_zero_as_outside_the_group),
        TEST(blsts_unchecked_mult_of_a_point_of_low_order_is_wrong),
        TEST(blsts_subgroup_test_is_right_for_points_of_low_order),
        TEST(ours_calls_none_of_the_unsafe_functions),
        TEST(a_plain_combination_passes_a_defect_of_order_3_and_ours_does_not),
        TEST(a_plain_combination_passes_a_defect_of_order_11_and_ours_does_not),
        TEST(blsts_miller_loop_of_several_terms_cannot_take_an_infinity),
        TEST(ours_counts_a_term_with_an_infinity_as_one),
    };
    return cmocka_run_group_tests(tests, make_setup, drop_setup);
}
