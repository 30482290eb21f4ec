/* Against plain formulas, written another way: selection by counting, sums of long doubles. */
#include "support/test.h"

#include "base/rng.h"
#include "market/stats.h"
#include "market/sum.h"

#include <math.h>

#define MANY 1000

static void near(double got, double want) {
    double scale = fabs(want) > 1 ? fabs(want) : 1;
    if (!(fabs(got - want) <= 1e-9 * scale))
        fail_msg("%.17g, not %.17g", got, want);
}

/* Deterministic values; `coarse` gives many equal ones. */
static void draw(uint64_t label, double *ret, size_t n, unsigned coarse) {
    static const uint8_t seed[CVK_SEED_BYTES] = {7};
    uint64_t words[MANY];
    cvk_stream(seed, label, words, n * sizeof *words);
    for (size_t i = 0; i < n; i++)
        ret[i] = (double)(words[i] % coarse) - coarse / 3.0;
}

/* The k-th smallest, from 0, by counting. */
static double kth(const double *v, size_t n, size_t k) {
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0;
        for (size_t j = 0; j < n; j++) {
            below += v[j] < v[i];
            equal += v[j] == v[i];
        }
        if (below <= k && k < below + equal)
            return v[i];
    }
    return NAN;
}

static double plain_quantile(const double *v, size_t n, double q) {
    double at = q * (double)(n - 1);
    size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
    return kth(v, n, low) * (1 - (at - (double)low)) + kth(v, n, high) * (at - (double)low);
}

static void check_summary(const double *v, size_t n) {
    uint32_t order[MANY];
    double sorted[MANY], away[MANY];
    size_t m;
    Summary s;
    CvkErr err;

    assert_true(stats_order(v, n, order, &m, &err));
    for (size_t i = 0; i < m; i++)
        sorted[i] = v[order[i]];
    stats_summary(sorted, m, &s);

    long double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - sum / n) * (v[i] - sum / n);
    double median = plain_quantile(v, n, 0.5);
    for (size_t i = 0; i < n; i++)
        away[i] = fabs(v[i] - median);
    assert_int_equal(s.n, n);
    near(s.min, kth(v, n, 0));
    near(s.p5, plain_quantile(v, n, 0.05));
    near(s.p25, plain_quantile(v, n, 0.25));
    near(s.p50, median);
    near(s.p75, plain_quantile(v, n, 0.75));
    near(s.p95, plain_quantile(v, n, 0.95));
    near(s.max, kth(v, n, n - 1));
    near(s.mean, (double)(sum / n));
    near(s.mad, plain_quantile(away, n, 0.5));
    if (n > 1)
        near(s.sd, (double)sqrtl(squares / (n - 1)));
    else
        assert_true(isnan(s.sd));
}

static void summaries_agree_with_plain_formulas(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 4, 5, 10, 57, 100, 501};
    static const unsigned coarse[] = {1, 2, 7, 1000003};
    double v[MANY];

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof coarse / sizeof *coarse; j++) {
            draw(10 * i + j, v, sizes[i], coarse[j]);
            check_summary(v, sizes[i]);
        }
}

static void a_summary_of_nothing_has_no_numbers(void **state) {
    (void)state;
    Summary s;

    stats_summary(NULL, 0, &s);

    assert_int_equal(s.n, 0);
    assert_true(isnan(s.mean) && isnan(s.p50) && isnan(s.sd) && isnan(s.mad));
}

static void order_is_stable_and_leaves_out_what_is_no_number(void **state) {
    (void)state;
    const double v[] = {3, NAN, -1, 3, INFINITY, -INFINITY, 0.0, -0.0, -2.5, NAN};
    const uint32_t want[] = {5, 8, 2, 6, 7, 0, 3, 4};
    uint32_t order[10];
    size_t n;
    CvkErr err;

    assert_true(stats_order(v, 10, order, &n, &err));

    assert_int_equal(n, 8);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(order[i], want[i]);
}

static void a_mean_keeps_what_small_values_add_to_large_ones(void **state) {
    (void)state;
    const double v[] = {1e16, 1, -1e16, 1};

    assert_true(stats_mean(v, 4) == 0.5);
}

static void an_ecdf_ends_at_one_and_never_falls(void **state) {
    (void)state;
    double v[MANY], sorted[MANY];
    uint32_t order[MANY];
    EcdfPoint point[50];
    size_t n;
    CvkErr err;
    draw(99, v, MANY, 40);
    assert_true(stats_order(v, MANY, order, &n, &err));
    for (size_t i = 0; i < n; i++)
        sorted[i] = v[order[i]];

    size_t points = stats_ecdf(sorted, n, point, 50);

    assert_in_range(points, 20, 50);
    assert_true(point[points - 1].share == 1);
    for (size_t i = 0; i < points; i++) {
        size_t at_most = 0;
        for (size_t j = 0; j < n; j++)
            at_most += v[j] <= point[i].x;
        near(point[i].share, (double)at_most / MANY);
        assert_true(i == 0 || (point[i].x > point[i - 1].x && point[i].share > point[i - 1].share));
    }
}

/* 1/21 again and again: its mean is another double, and no spread of some 1e-18 follows. */
static void equal_values_have_no_spread(void **state) {
    (void)state;
    double v[30];
    Summary s;
    for (size_t i = 0; i < 30; i++)
        v[i] = 1.0 / 21 + (i % 7 == 0 ? 6.9e-18 : 0);

    stats_summary(v, 30, &s);

    assert_true(s.sd == 0);
}

static void check_text(Sum v, const char *exact, const char *rounded) {
    char text[SUM_TEXT_MAX];
    sum_text(v, text);
    assert_string_equal(text, exact);
    sum_text_rounded(v, text);
    assert_string_equal(text, rounded);
}

static void sums_are_told_in_cents(void **state) {
    (void)state;
    check_text(0, "0", "0.00");
    check_text(448000000, "448", "448.00");
    check_text(51600, "0.0516", "0.0516");
    check_text(40420, "0.04042", "0.04042");
    check_text(400, "0.0004", "0.0004");
    check_text(123456, "0.123456", "0.1235");
    check_text(500000, "0.5", "0.50");
    check_text(999960, "0.99996", "1.00");
    check_text(-3500000, "-3.5", "-3.50");
    check_text(-1, "-0.000001", "-0.000001");
    check_text(995000, "0.995", "0.995");
    check_text(1995000, "1.995", "1.995");
    check_text(1074400, "1.0744", "1.074");
    check_text(9999600, "9.9996", "10.00");
    check_text(12345678, "12.345678", "12.35");
    check_text((Sum)INT64_MAX * 1000000, "9223372036854775807", "9223372036854775807.00");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(summaries_agree_with_plain_formulas),
        TEST(a_summary_of_nothing_has_no_numbers),
        TEST(order_is_stable_and_leaves_out_what_is_no_number),
        TEST(a_mean_keeps_what_small_values_add_to_large_ones),
        TEST(an_ecdf_ends_at_one_and_never_falls),
        TEST(equal_values_have_no_spread),
        TEST(sums_are_told_in_cents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
