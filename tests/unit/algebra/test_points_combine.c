#include "some_points.h"

static const size_t sizes[] = {0, 1, 2, 3, 31, 64, 65, 300};

static void the_combination_is_the_sum_of_the_factors_times_the_points(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    Factors f = factors_of(1);
    CvkErr err;
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            Points *p = powers_of(groups[g], s->c, 5, sizes[i] + 2, s->pool);
            Element alone, pooled;

            assert_true(points_combine(p, 2, sizes[i], &f, NULL, &alone, &err));
            assert_true(points_combine(p, 2, sizes[i], &f, s->pool, &pooled, &err));

            Element naive = naive_combination(s->c, p, 2, sizes[i], &f);
            assert_true(element_equal(&alone, &naive));
            assert_true(element_equal(&pooled, &naive));
            points_free(p);
        }
}

/* The logarithm of the sum is known: the sum of r_i x^i. */
static void a_long_combination_has_the_right_logarithm(void **state) {
    Setup *s = *state;
    enum { N = 9000 };
    Factors f = factors_of(2);
    CvkErr err;
    Points *p = powers_of(s->g1, s->c, 3, N, s->pool);
    Fr x = fr_from_uint(s->c, 3), power = fr_from_uint(s->c, 1), log = fr_from_uint(s->c, 0);
    for (size_t i = 0; i < N; i++) {
        Fr r = factors_at(s->c, &f, i), term = fr_mul(s->c, &r, &power);
        log = fr_add(s->c, &log, &term);
        power = fr_mul(s->c, &power, &x);
    }
    Element generator = element_generator(s->g1), expected = element_mul(&generator, &log);
    Element alone, pooled;

    assert_true(points_combine(p, 0, N, &f, NULL, &alone, &err));
    assert_true(points_combine(p, 0, N, &f, s->pool, &pooled, &err));

    assert_true(element_equal(&alone, &expected));
    assert_true(element_equal(&pooled, &expected));
    points_free(p);
}

/* Every addition is a doubling, or of multiples of one another. */
static void equal_points_are_combined_rightly(void **state) {
    Setup *s = *state;
    enum { N = 1000 };
    Factors f = factors_of(3);
    CvkErr err;
    Points *p = points_generators(s->g1, N, &err);
    Fr log = fr_from_uint(s->c, 0);
    for (size_t i = 0; i < N; i++) {
        Fr r = factors_at(s->c, &f, i);
        log = fr_add(s->c, &log, &r);
    }
    Element generator = element_generator(s->g1), expected = element_mul(&generator, &log), sum;

    assert_true(points_combine(p, 0, N, &f, s->pool, &sum, &err));

    assert_true(element_equal(&sum, &expected));
    points_free(p);
}

/* P, -P, P, -P, ..: buckets cancel to infinity on the way. */
static void opposite_points_are_combined_rightly(void **state) {
    Setup *s = *state;
    enum { N = 700 };
    const Group *groups[] = {s->g1, s->g2};
    Factors f = factors_of(4);
    CvkErr err;
    for (size_t g = 0; g < 2; g++) {
        static Element elements[N];
        Fr log = fr_from_uint(s->c, 0);
        for (size_t i = 0; i < N; i++) {
            Fr r = factors_at(s->c, &f, i);
            Element generator = element_generator(groups[g]);
            elements[i] = i % 2 == 0 ? generator : element_neg(&generator);
            log = i % 2 == 0 ? fr_add(s->c, &log, &r) : fr_sub(s->c, &log, &r);
        }
        Points *p;
        assert_true(points_from_elements(groups[g], elements, N, NULL, &p, &err));
        Element generator = element_generator(groups[g]), expected = element_mul(&generator, &log);
        Element sum;

        assert_true(points_combine(p, 0, N, &f, s->pool, &sum, &err));

        assert_true(element_equal(&sum, &expected));
        points_free(p);
    }
}

static void points_that_cancel_altogether_sum_to_infinity(void **state) {
    Setup *s = *state;
    CvkErr err;
    Element elements[2] = {element_generator(s->g1)};
    elements[1] = element_neg(&elements[0]);
    Points *p;
    assert_true(points_from_elements(s->g1, elements, 2, NULL, &p, &err));
    Fr k[2] = {fr_from_uint(s->c, 77), fr_from_uint(s->c, 77)};
    Element sum;

    assert_true(points_combine_fr(p, 0, 2, k, NULL, &sum, &err));

    assert_true(element_is_infinity(&sum));
    points_free(p);
}

/* More than are added up in one piece; every third is infinity. */
static void many_points_with_infinite_ones_are_combined_rightly(void **state) {
    Setup *s = *state;
    enum { N = 66000 };
    Factors f = factors_of(5);
    CvkErr err;
    Points *p = points_infinities(s->g1, N, &err), *g = points_generators(s->g1, N, &err);
    PointTerm *terms = calloc(N, sizeof *terms);
    Fr *k = calloc(N, sizeof *k);
    assert_true(p != NULL && g != NULL && terms != NULL && k != NULL);
    Fr log = fr_from_uint(s->c, 0);
    size_t n = 0;
    factors_list(s->c, &f, 0, N, k);
    for (uint32_t i = 0; i < N; i++)
        if (i % 3 != 0) {
            log = fr_add(s->c, &log, &k[i]);
            terms[n++] = (PointTerm){.out = i, .in = i, .k = fr_from_uint(s->c, 1)};
        }
    assert_true(points_accumulate(p, g, terms, n, s->pool, &err));
    Element generator = element_generator(s->g1), expected = element_mul(&generator, &log), sum,
            same;

    assert_true(points_combine(p, 0, N, &f, s->pool, &sum, &err));
    assert_true(points_combine_fr(p, 0, N, k, s->pool, &same, &err));

    assert_true(element_equal(&sum, &expected));
    assert_true(element_equal(&same, &expected));
    free(terms);
    free(k);
    points_free(p);
    points_free(g);
}

static void any_scalars_can_be_combined(void **state) {
    Setup *s = *state;
    const Group *groups[] = {s->g1, s->g2};
    CvkErr err;
    Fr zero = fr_from_uint(s->c, 0), one = fr_from_uint(s->c, 1);
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            Fr k[300];
            Points *p = powers_of(groups[g], s->c, 5, sizes[i] + 1, s->pool);
            for (size_t j = 0; j < sizes[i]; j++) {
                uint8_t wide[64];
                memset(wide, (int)(j + 1), sizeof wide);
                k[j] = fr_from_be_reduced(s->c, wide, sizeof wide);
            }
            k[0] = fr_sub(s->c, &zero, &one); /* the largest */
            if (sizes[i] > 1)
                k[1] = zero;
            Element alone, pooled;

            assert_true(points_combine_fr(p, 1, sizes[i], k, NULL, &alone, &err));
            assert_true(points_combine_fr(p, 1, sizes[i], k, s->pool, &pooled, &err));

            Element naive = naive_sum(p, 1, k, sizes[i]);
            assert_true(element_equal(&alone, &naive));
            assert_true(element_equal(&pooled, &naive));
            points_free(p);
        }
}

static void a_factor_is_sixteen_bytes_of_the_stream_little_endian(void **state) {
    Setup *s = *state;
    Factors f = factors_of(9);
    uint8_t stream[16 * 20], be[16];
    cvk_stream(f.seed, f.label, stream, sizeof stream);
    for (size_t i = 0; i < 20; i++) {
        for (size_t k = 0; k < 16; k++)
            be[k] = stream[16 * i + 15 - k];
        Fr expected = fr_from_be_reduced(s->c, be, sizeof be);

        Fr r = factors_at(s->c, &f, i);

        assert_true(fr_equal(&r, &expected));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(the_combination_is_the_sum_of_the_factors_times_the_points),
        ON_EACH_CURVE(a_long_combination_has_the_right_logarithm),
        ON_EACH_CURVE(equal_points_are_combined_rightly),
        ON_EACH_CURVE(opposite_points_are_combined_rightly),
        ON_EACH_CURVE(points_that_cancel_altogether_sum_to_infinity),
        ON_EACH_CURVE(many_points_with_infinite_ones_are_combined_rightly),
        ON_EACH_CURVE(any_scalars_can_be_combined),
        ON_EACH_CURVE(a_factor_is_sixteen_bytes_of_the_stream_little_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
