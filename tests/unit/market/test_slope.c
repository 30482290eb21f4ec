/* Slopes and their standard errors, against whole matrices. */
#include "support/test.h"

#include "market/slope.h"
#include "market/two_way.h"
#include "unit/market/matrices.h"

#include <math.h>

/* Batches have a part in common, and the spread grows with x; one value in five is missing (the
 * first prover's are not), and the numbers of batches have gaps. */
static void make(Data *d, uint64_t label, size_t people, bool holes) {
    *d = (Data){.people = people};
    for (uint32_t i = 0; i < people; i++)
        for (uint32_t j = 0; j < BATCHES; j++) {
            const uint64_t at = i * BATCHES + j;
            if (holes && i > 0 && noise(label, 1000 + at) > 0.3)
                continue;
            d->who[d->n] = i;
            d->batch[d->n] = 2 * j + 1;
            d->x[d->n] = noise(label, 3000 + j) + noise(label, 4000 + at);
            d->y[d->n] = 1 - 0.3 * d->x[d->n] + 0.2 * i + noise(label, 5000 + j) +
                         (1 + d->x[d->n]) * noise(label, 6000 + at);
            d->n++;
        }
}

/* ---- lines ---- */

static void a_line_and_its_error_are_those_of_matrices(void **state) {
    (void)state;
    static Data d;
    static Design m;
    for (uint64_t label = 0; label < 24; label++) {
        double sum[2 * BATCHES + 1];
        LineFit f;
        make(&d, label, 1 + label % 6, label % 3 != 0);
        m.k = 2;
        for (size_t i = 0; i < d.n; i++) {
            m.x[i][0] = d.x[i];
            m.x[i][1] = 1;
        }
        solve(&m, d.y, d.n);

        slope_fit(&(Pairs){d.x, d.y, d.batch, d.n}, sum, &f);

        near(f.b, m.b[0]);
        near(f.a, m.b[1]);
        near(f.error, sandwich(&m, &d, 2));
    }
}

/* HC1 of MacKinnon and White: each value by itself, and N / (N - K). */
static void of_one_value_a_batch_the_error_is_hc1(void **state) {
    (void)state;
    static Data d;
    double sum[2 * BATCHES + 1], mean = 0, xx = 0, meat = 0;
    LineFit f;
    make(&d, 77, 1, false);

    slope_fit(&(Pairs){d.x, d.y, d.batch, d.n}, sum, &f);

    assert_int_equal(f.batches, BATCHES);
    for (size_t i = 0; i < d.n; i++)
        mean += d.x[i] / (double)d.n;
    for (size_t i = 0; i < d.n; i++) {
        const double x = d.x[i] - mean, u = d.y[i] - f.a - f.b * d.x[i];
        xx += x * x;
        meat += x * x * u * u;
    }
    near(f.error, sqrt((double)d.n / (double)(d.n - 2) * meat) / xx);
}

/* Twenty provers who copy each other tell no more than one does. */
static void copies_of_the_same_values_make_a_slope_no_surer(void **state) {
    (void)state;
    static Data d;
    double sum[2 * BATCHES + 1], x[20 * BATCHES], y[20 * BATCHES];
    uint32_t batch[20 * BATCHES];
    LineFit one, many;
    make(&d, 5, 1, false);
    for (size_t i = 0; i < 20 * d.n; i++) {
        x[i] = d.x[i % d.n];
        y[i] = d.y[i % d.n];
        batch[i] = d.batch[i % d.n];
    }

    slope_fit(&(Pairs){d.x, d.y, d.batch, d.n}, sum, &one);
    slope_fit(&(Pairs){x, y, batch, 20 * d.n}, sum, &many);

    const double n = (double)d.n; /* but for c */
    near(many.error / one.error, sqrt((20 * n - 1) / (20 * n - 2) * (n - 2) / (n - 1)));
}

/* Anscombe's first set of four: 3.0001 + 0.50009 x, r2 0.66654. */
static void a_line_is_the_known_one(void **state) {
    (void)state;
    const double x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
    const double y[] = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
    const uint32_t batch[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    double sum[11];
    LineFit f;

    slope_fit(&(Pairs){x, y, batch, 11}, sum, &f);

    assert_int_equal(f.n, 11);
    assert_true(fabs(f.a - 3.00009) < 1e-5);
    assert_true(fabs(f.b - 0.50009) < 1e-5);
    assert_true(fabs(f.r2 - 0.66654) < 1e-5);
}

static void two_batches_give_no_error_however_many_values_they_have(void **state) {
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {2, 1, 4, 3, 6, 5};
    const uint32_t two[] = {0, 0, 0, 1, 1, 1}, three[] = {0, 0, 1, 1, 2, 2};
    double sum[3];
    LineFit f;

    slope_fit(&(Pairs){x, y, two, 6}, sum, &f);
    assert_true(f.batches == 2 && f.b > 0 && isnan(f.error));

    slope_fit(&(Pairs){x, y, three, 6}, sum, &f);
    assert_true(f.batches == 3 && f.error > 0);
}

static void a_line_through_what_is_level_but_for_rounding_is_level(void **state) {
    (void)state;
    static const double x[] = {0, 0.69, 1.1, 1.39}, y[] = {0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3};
    const uint32_t batch[] = {0, 1, 2, 3};
    double sum[4];
    LineFit f;

    slope_fit(&(Pairs){x, y, batch, 4}, sum, &f);

    assert_true(f.b == 0 && f.error == 0 && isnan(f.r2));
}

/* A price that is always cost and a twentieth: no error of some 1e-17. */
static void what_all_values_agree_on_has_no_error(void **state) {
    (void)state;
    static Data d;
    double sum[2 * BATCHES + 1];
    LineFit f;
    make(&d, 6, 1, false);
    for (size_t i = 0; i < d.n; i++)
        d.y[i] = log(1.05) + d.x[i];

    slope_fit(&(Pairs){d.x, d.y, d.batch, d.n}, sum, &f);

    assert_true(fabs(f.b - 1) < 1e-12 && f.error == 0);
}

static void a_line_through_one_x_or_nothing_has_no_slope(void **state) {
    (void)state;
    const double x[] = {2, 2, 2}, y[] = {1, 2, 3};
    const uint32_t batch[] = {0, 1, 2};
    double sum[3];
    LineFit f;

    for (size_t n = 0; n <= 3; n++) {
        slope_fit(&(Pairs){x, y, batch, n}, sum, &f);
        assert_true(isnan(f.b) && isnan(f.error) && f.batches == n);
        slope_of_rests(&(Pairs){x + 3, y, batch, 0}, &(Taken){2, 2, 0}, sum, &f);
        assert_true(isnan(f.b) && isnan(f.error));
    }
}

/* ---- with effects ---- */

/* A column for each participant and each batch but the first; of c only the participants count. */
static void a_slope_with_effects_is_that_of_a_column_for_each(void **state) {
    (void)state;
    static Data d;
    static Design m;
    for (uint64_t label = 100; label < 112; label++) {
        double sum[2 * BATCHES + 1], all = 0;
        TwoWay x, y;
        LineFit f;
        CvkErr err;
        make(&d, label, 2 + label % 5, label % 2 == 0);
        m.k = 1 + d.people + BATCHES - 1;
        memset(m.x, 0, sizeof m.x);
        for (size_t i = 0; i < d.n; i++) {
            m.x[i][0] = d.x[i];
            m.x[i][1 + d.who[i]] = 1;
            if (d.batch[i] > 1)
                m.x[i][d.people + d.batch[i] / 2] = 1;
        }
        solve(&m, d.y, d.n);
        assert_true(two_way_fit(d.x, d.who, d.people, d.batch, 2 * BATCHES, d.n, &x, &err));
        assert_true(two_way_fit(d.y, d.who, d.people, d.batch, 2 * BATCHES, d.n, &y, &err));
        for (size_t i = 0; i < d.n; i++)
            all += d.x[i] * d.x[i];

        const Taken by = {d.people + BATCHES - 1, d.people, all};
        slope_of_rests(&(Pairs){x.rest, y.rest, d.batch, d.n}, &by, sum, &f);

        near(f.b, m.b[0]);
        near(f.error, sandwich(&m, &d, 1 + d.people));
        two_way_done(&x);
        two_way_done(&y);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_line_and_its_error_are_those_of_matrices),
        TEST(of_one_value_a_batch_the_error_is_hc1),
        TEST(copies_of_the_same_values_make_a_slope_no_surer),
        TEST(a_line_is_the_known_one),
        TEST(two_batches_give_no_error_however_many_values_they_have),
        TEST(a_line_through_what_is_level_but_for_rounding_is_level),
        TEST(what_all_values_agree_on_has_no_error),
        TEST(a_line_through_one_x_or_nothing_has_no_slope),
        TEST(a_slope_with_effects_is_that_of_a_column_for_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
