/* Sums and differences of vectors, against the same with elements. */
#include "some_points.h"

#include "algebra/backend.h"

/* Runs of one to many terms with the same sum, with 0, 1, -1 and other factors, equal points and
 * points that cancel. */
static void terms_are_added_where_they_belong(void **state) {
    Setup *s = *state;
    enum { SUMS = 40, IN = 30, TERMS = 1500 };
    const Curve *c = s->c;
    CvkErr err;
    Points *p = powers_of(s->g1, c, 3, IN, NULL), *sums = points_infinities(s->g1, SUMS, &err);
    memset(points_slot(p, 7), 0, s->g1->point_bytes);
    memcpy(points_slot(sums, 3), points_slot(p, 3), s->g1->point_bytes);
    static PointTerm terms[TERMS];
    Element expected[SUMS];
    for (size_t i = 0; i < SUMS; i++)
        expected[i] = points_at(sums, i);
    for (size_t i = 0; i < TERMS; i++) {
        Fr k = fr_from_uint(c, i % 5 < 2 ? i % 5 : i);
        if (i % 5 == 2)
            k = fr_from_uint(c, 1), k = fr_neg(c, &k);
        /* sum 0 has half of all terms; some have none */
        terms[i] = (PointTerm){
            .out = (uint32_t)(i % 2 * (i * i % (SUMS - 2))), .in = (uint32_t)(i * 7 % IN), .k = k};
        Element point = points_at(p, terms[i].in), product = element_mul(&point, &k);
        expected[terms[i].out] = element_add(&expected[terms[i].out], &product);
    }

    assert_true(points_accumulate(sums, p, terms, TERMS, s->pool, &err));

    for (size_t i = 0; i < SUMS; i++) {
        Element ours = points_at(sums, i);
        assert_true(element_equal(&ours, &expected[i]));
    }
    points_free(p);
    points_free(sums);
}

static void runs_of_every_length_are_added_up(void **state) {
    Setup *s = *state;
    CvkErr err;
    for (size_t length = 0; length < 20; length++) {
        Points *p = points_generators(s->g2, 1, &err), *sums = points_infinities(s->g2, 3, &err);
        PointTerm terms[60];
        for (size_t i = 0; i < 3 * length; i++)
            terms[i] = (PointTerm){.out = (uint32_t)(i % 3), .k = fr_from_uint(s->c, 1)};

        assert_true(points_accumulate(sums, p, terms, 3 * length, NULL, &err));

        Element generator = element_generator(s->g2);
        Fr k = fr_from_uint(s->c, length);
        Element expected = element_mul(&generator, &k);
        for (size_t i = 0; i < 3; i++) {
            Element ours = points_at(sums, i);
            assert_true(element_equal(&ours, &expected));
        }
        points_free(p);
        points_free(sums);
    }
}

static void differences_may_be_infinite(void **state) {
    Setup *s = *state;
    enum { N = 1100 };
    CvkErr err;
    Points *a = powers_of(s->g1, s->c, 3, N, s->pool), *b = powers_of(s->g1, s->c, 5, N, s->pool);
    Points *ret;
    memset(points_slot(b, 9), 0, s->g1->point_bytes);

    assert_true(points_subtract(a, b, s->pool, &ret, &err));

    for (size_t i = 0; i < N; i++) {
        Element x = points_at(a, i), y = points_at(b, i), minus = element_neg(&y);
        Element expected = element_add(&x, &minus), ours = points_at(ret, i);
        assert_true(element_equal(&ours, &expected));
    }
    assert_true(point_is_infinity(ret, 0)); /* both begin with the generator */
    assert_true(points_equal(ret, 9, a, 9, 1));
    assert_false(points_equal(ret, 8, a, 8, 2));
    points_free(a);
    points_free(b);
    points_free(ret);
}

static void a_part_is_a_copy(void **state) {
    Setup *s = *state;
    CvkErr err;
    Points *p = powers_of(s->g1, s->c, 3, 10, NULL), *part = points_part(p, 4, 3, &err);

    assert_int_equal(points_n(part), 3);
    assert_true(points_equal(part, 0, p, 4, 3));
    assert_false(points_equal(part, 0, p, 3, 3));
    points_free(p);
    points_free(part);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(terms_are_added_where_they_belong),
        ON_EACH_CURVE(runs_of_every_length_are_added_up),
        ON_EACH_CURVE(differences_may_be_infinite),
        ON_EACH_CURVE(a_part_is_a_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
