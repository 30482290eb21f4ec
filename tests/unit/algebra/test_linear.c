/* What the back end does with many points side by side, against the same done one by one. */
#include "some_points.h"

#include "algebra/backend.h"

/* z^2, by which the endomorphism multiplies. */
static Fr z_squared(const Curve *c) {
    Fr z = fr_from_uint(c, 0xd201000000010000);
    return fr_mul(c, &z, &z);
}

/* 0, 1, 2, z^2 and what lies next to them on both sides, then anything. */
static size_t scalars(const Curve *c, Fr *ret, size_t n) {
    Fr zero = fr_from_uint(c, 0), one = fr_from_uint(c, 1), edge = z_squared(c);
    ret[0] = zero;
    ret[1] = one;
    ret[2] = fr_sub(c, &zero, &one);
    ret[3] = edge;
    ret[4] = fr_sub(c, &edge, &one);
    ret[5] = fr_add(c, &edge, &one);
    ret[6] = fr_sub(c, &zero, &edge);
    for (size_t i = 7; i < n; i++) {
        uint8_t wide[64];
        memset(wide, (int)(i * 37), sizeof wide);
        wide[i % 64] ^= 0x5a;
        ret[i] = i < 24 ? fr_from_uint(c, i) : fr_from_be_reduced(c, wide, sizeof wide);
    }
    return n;
}

static void each_point_is_multiplied_by_its_scalar(void **state) {
    Setup *s = *state;
    enum { N = 600 };
    const Group *groups[] = {s->g1, s->g2};
    static Fr k[N];
    for (size_t g = 0; g < 2; g++) {
        size_t n = g == 0 ? scalars(s->c, k, N) : scalars(s->c, k, 60);
        Points *p = powers_of(groups[g], s->c, 3, n, s->pool);
        Points *before = powers_of(groups[g], s->c, 3, n, s->pool);

        const LinearJob job = {.points = p->at, .k = k, .n = n, .terms = 1, .forms = 1};
        assert_true(groups[g]->linear(&job, p->at));

        for (size_t i = 0; i < n; i++) {
            Element point = points_at(before, i), expected = element_mul(&point, &k[i]);
            Element ours = points_at(p, i);
            assert_true(element_equal(&ours, &expected));
        }
        points_free(p);
        points_free(before);
    }
}

static void parts_of_scalars_have_no_more_bits_than_the_group_says(void **state) {
    Setup *s = *state;
    enum { N = 600 };
    const Group *groups[] = {s->g1, s->g2};
    static Fr k[N];
    scalars(s->c, k, N);
    for (size_t i = 0; i < 2 * N; i++) {
        const Group *g = groups[i % 2];
        ScalarPart parts[PARTS_MAX];

        g->split(&k[i / 2], parts);

        for (unsigned part = 0; part < g->parts; part++)
            assert_true(parts[part].size >> g->part_bits == 0);
    }
}

static void multiples_of_infinity_are_infinity(void **state) {
    Setup *s = *state;
    Fr k[30];
    Points *p = points_new(s->g1, scalars(s->c, k, 30), NULL);

    const LinearJob job = {.points = p->at, .k = k, .n = 30, .terms = 1, .forms = 1};
    assert_true(s->g1->linear(&job, p->at));

    for (size_t i = 0; i < 30; i++) {
        Element e = points_at(p, i);
        assert_true(element_is_infinity(&e));
    }
    points_free(p);
}

/* sum over t of k[t] * p[from + t] */
static Element form(const Points *p, size_t from, const Fr *k, size_t terms) {
    Element sum = element_infinity(points_group(p));
    for (size_t t = 0; t < terms; t++) {
        Element point = points_at(p, from + t), product = element_mul(&point, &k[t]);
        sum = element_add(&sum, &product);
    }
    return sum;
}

/* Of `same` lanes in a row all have the same scalars. */
static void check_forms(Setup *s, const Group *g, size_t terms, size_t forms, size_t same) {
    enum { LANES = 30 };
    Fr k[LANES * LINEAR_MAX * LINEAR_MAX];
    scalars(s->c, k, LANES * terms * forms);
    for (size_t i = 0; i < LANES; i++)
        memmove(k + i * terms * forms, k + i / same * same * terms * forms,
                terms * forms * sizeof *k);
    Points *p = powers_of(g, s->c, 3, LANES * terms, s->pool);
    memset(points_slot(p, LANES - 1), 0, g->point_bytes); /* one infinity */
    Points *ret = points_new(g, LANES * forms, NULL);

    const LinearJob job = {.points = p->at, .k = k, .n = LANES, .terms = terms, .forms = forms};
    assert_true(g->linear(&job, ret->at));

    for (size_t i = 0; i < LANES * forms; i++) {
        Element expected = form(p, i / forms * terms, k + i * terms, terms);
        Element ours = points_at(ret, i);
        assert_true(element_equal(&ours, &expected));
    }
    points_free(p);
    points_free(ret);
}

static void forms_of_several_terms_share_their_points(void **state) {
    Setup *s = *state;
    for (size_t terms = 1; terms <= LINEAR_MAX; terms++)
        for (size_t forms = 1; forms <= LINEAR_MAX; forms++)
            check_forms(s, s->g1, terms, forms, 1);
    check_forms(s, s->g2, 2, 2, 1);
}

static void lanes_of_the_same_scalars_have_their_own_points(void **state) {
    Setup *s = *state;
    check_forms(s, s->g1, 2, 1, 4);
    check_forms(s, s->g2, 2, 2, 30);
}

/* The sum so far and what is added to it are the same, opposite, or one is twice the other. */
static void forms_of_equal_and_opposite_points_are_right(void **state) {
    Setup *s = *state;
    static const int k[][2] = {{6, 3}, {6, -3}, {2, -1}, {-2, 1}, {1, -1}, {1, 1}, {4, -2}};
    enum { LANES = sizeof k / sizeof *k };
    for (uint64_t x = 1; x <= 2; x++) { /* points of a lane: G and x G */
        Points *p = powers_of(s->g1, s->c, x, 2, s->pool), *ret = points_new(s->g1, LANES, NULL);
        Points *points = points_new(s->g1, 2 * LANES, NULL);
        Fr scalar[2 * LANES], zero = fr_from_uint(s->c, 0);
        for (size_t i = 0; i < 2 * LANES; i++) {
            Fr size = fr_from_uint(s->c, (uint64_t)abs(k[i / 2][i % 2]));
            scalar[i] = k[i / 2][i % 2] < 0 ? fr_sub(s->c, &zero, &size) : size;
            memcpy(points_slot(points, i), points_slot(p, i % 2), s->g1->point_bytes);
        }

        const LinearJob job = {
            .points = points->at, .k = scalar, .n = LANES, .terms = 2, .forms = 1};
        assert_true(s->g1->linear(&job, ret->at));

        for (size_t i = 0; i < LANES; i++) {
            Element expected = form(p, 0, scalar + 2 * i, 2), ours = points_at(ret, i);
            assert_true(element_equal(&ours, &expected));
        }
        points_free(p);
        points_free(points);
        points_free(ret);
    }
}

static void sums_and_negatives_of_equal_opposite_and_infinite_points_are_right(void **state) {
    Setup *s = *state;
    enum { N = 4 }; /* anything, doubled, with the opposite, with infinity */
    Points *a = powers_of(s->g1, s->c, 3, N, NULL), *b = powers_of(s->g1, s->c, 5, N, NULL);
    memcpy(points_slot(b, 1), points_slot(a, 1), s->g1->point_bytes);
    memcpy(points_slot(b, 2), points_slot(a, 2), s->g1->point_bytes);
    s->g1->neg_points(points_slot(b, 2), 1);
    memset(points_slot(b, 3), 0, s->g1->point_bytes);
    s->g1->neg_points(points_slot(b, 3), 1);
    Element expected[N];
    for (size_t i = 0; i < N; i++) {
        Element x = points_at(a, i), y = points_at(b, i);
        expected[i] = element_add(&x, &y);
    }

    assert_true(s->g1->add_points(a->at, b->at, N));

    for (size_t i = 0; i < N; i++) {
        Element ours = points_at(a, i);
        assert_true(element_equal(&ours, &expected[i]));
    }
    assert_true(point_is_infinity(a, 2));
    points_free(a);
    points_free(b);
}

/* With equal, opposite and infinite entries. */
static void butterflies_give_sum_and_difference(void **state) {
    Setup *s = *state;
    enum { N = 6 };
    const Group *groups[] = {s->g1, s->g2};
    for (size_t g = 0; g < 2; g++) {
        Points *low = powers_of(groups[g], s->c, 3, N, NULL);
        Points *high = powers_of(groups[g], s->c, 5, N, NULL); /* at 0 both are the generator */
        memset(points_slot(low, 1), 0, groups[g]->point_bytes);
        memset(points_slot(high, 2), 0, groups[g]->point_bytes);
        memset(points_slot(low, 3), 0, groups[g]->point_bytes);
        memset(points_slot(high, 3), 0, groups[g]->point_bytes);
        Element a4 = points_at(low, 4), minus = element_neg(&a4), a[N], b[N];
        groups[g]->to_points(&minus, 1, points_slot(high, 4));
        for (size_t i = 0; i < N; i++) {
            a[i] = points_at(low, i);
            b[i] = points_at(high, i);
        }

        assert_true(groups[g]->butterflies(low->at, high->at, N));

        for (size_t i = 0; i < N; i++) {
            Element negative = element_neg(&b[i]), sum = element_add(&a[i], &b[i]);
            Element difference = element_add(&a[i], &negative);
            Element ours = points_at(low, i), theirs = points_at(high, i);
            assert_true(element_equal(&ours, &sum));
            assert_true(element_equal(&theirs, &difference));
        }
        points_free(low);
        points_free(high);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_EACH_CURVE(each_point_is_multiplied_by_its_scalar),
        ON_EACH_CURVE(parts_of_scalars_have_no_more_bits_than_the_group_says),
        ON_EACH_CURVE(multiples_of_infinity_are_infinity),
        ON_EACH_CURVE(forms_of_several_terms_share_their_points),
        ON_EACH_CURVE(lanes_of_the_same_scalars_have_their_own_points),
        ON_EACH_CURVE(forms_of_equal_and_opposite_points_are_right),
        ON_EACH_CURVE(sums_and_negatives_of_equal_opposite_and_infinite_points_are_right),
        ON_EACH_CURVE(butterflies_give_sum_and_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
