/* Kaplan and Meier's curve, Greenwood's errors and the log-log band: a textbook's, a small one by
 * hand, and plain formulas over random times; and what is not defined. */
#include "support/test.h"

#include "base/rng.h"
#include "market/survival.h"

#include <math.h>

#define MANY 300

static void close_to(double got, double want, double by) {
    if (!(fabs(got - want) <= by))
        fail_msg("%.9f, not %.9f", got, want);
}

/* Remission times under 6-MP (Freireich and others, 1963), as every textbook has them. */
static const double remission[] = {6,  6,  6,  6,  7,  9,  10, 10, 11, 13, 16,
                                   17, 19, 20, 22, 23, 25, 32, 32, 34, 35};
static const bool relapsed[] = {true,  true,  true,  false, true,  false, true,
                                false, false, true,  true,  false, false, false,
                                true,  true,  false, false, false, false, false};

static void survival_is_the_textbooks(void **state) {
    (void)state;
    static const double at[] = {6, 7, 10, 13, 16, 22, 23};
    static const double open[] = {0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482};
    static const double error[] = {0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346};
    Survival s;
    CvkErr err;

    assert_true(survival_fit(remission, relapsed, 21, &s, &err));

    assert_int_equal(s.ended, 9);
    assert_int_equal(s.steps, 7);
    for (size_t i = 0; i < 7; i++) {
        close_to(s.step[i].t, at[i], 0);
        close_to(s.step[i].open, open[i], 0.00006);
        close_to(s.step[i].error, error[i], 0.00006);
    }
    close_to(s.last, 35, 0);
    close_to(survival_quantile(&s, 0.5), 23, 0);
    close_to(survival_quantile(&s, 0.25), 13, 0);
    assert_true(isnan(survival_quantile(&s, 0.75)));
    survival_done(&s);
}

/* Of the same, worked out by a few lines of Python. */
static void so_is_its_band(void **state) {
    (void)state;
    static const double low[] = {0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881},
                        high[] = {0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801};
    double from, to;
    Survival s;
    CvkErr err;

    assert_true(survival_fit(remission, relapsed, 21, &s, &err));

    for (size_t i = 0; i < 7; i++) {
        close_to(s.step[i].low, low[i], 0.00006);
        close_to(s.step[i].high, high[i], 0.00006);
    }
    survival_quantile_limits(&s, 0.5, &from, &to);
    close_to(from, 13, 0); /* 0.4316: the first that is not above a half */
    assert_true(isnan(to));
    survival_done(&s);
}

/* 1, 2, 3+, 4. By hand: 3/4 with 1/(4*3) = 1/12, 1/2 with 1/12 + 1/(3*2) = 1/4, and nothing. */
static void a_curve_that_ends_at_nothing_has_no_band_there(void **state) {
    (void)state;
    static const double t[] = {4, 3, 2, 1};
    static const bool ended[] = {true, false, true, true};
    Survival s;
    CvkErr err;

    assert_true(survival_fit(t, ended, 4, &s, &err));

    assert_int_equal(s.steps, 3);
    close_to(s.step[0].error, 0.75 * sqrt(1.0 / 12), 1e-12);
    close_to(s.step[1].error, 0.25, 1e-12);
    /* ln(-ln(1/2)) = -0.366513, and 1.959964 * 0.5 / 0.693147 = 1.413815 each way */
    close_to(s.step[1].low, exp(-exp(-0.366513 + 1.413815)), 1e-6);
    close_to(s.step[1].high, exp(-exp(-0.366513 - 1.413815)), 1e-6);
    assert_true(s.step[2].open == 0);
    assert_true(isnan(s.step[2].error) && isnan(s.step[2].low) && isnan(s.step[2].high));
    survival_done(&s);
}

static void where_nothing_ended_there_is_no_step(void **state) {
    (void)state;
    static const double t[] = {3, 1, 2};
    static const bool ended[3] = {false};
    double low, high;
    Survival s;
    CvkErr err;

    assert_true(survival_fit(t, ended, 3, &s, &err));

    assert_true(s.n == 3 && s.ended == 0 && s.steps == 0 && s.last == 3);
    survival_quantile_limits(&s, 0.5, &low, &high);
    assert_true(isnan(survival_quantile(&s, 0.5)) && isnan(low) && isnan(high));
    survival_done(&s);

    assert_true(survival_fit(NULL, NULL, 0, &s, &err));
    assert_true(s.n == 0 && s.steps == 0);
    survival_done(&s);
}

static void one_that_ended_says_nothing_of_its_error(void **state) {
    (void)state;
    const double t = 5;
    const bool ended = true;
    double low, high;
    Survival s;
    CvkErr err;

    assert_true(survival_fit(&t, &ended, 1, &s, &err));

    assert_true(s.steps == 1 && s.step[0].open == 0 && isnan(s.step[0].low));
    survival_quantile_limits(&s, 0.5, &low, &high);
    assert_true(survival_quantile(&s, 0.5) == 5 && isnan(low) && isnan(high));
    survival_done(&s);
}

/* Each time by itself: products and sums over all times up to it, each counted anew. */
static void check_step(const double *t, const bool *ended, size_t n, const SurvivalStep *s) {
    double open = 1, variance = 0;
    for (int at = 0; at <= s->t; at++) { /* they are whole */
        size_t risk = 0, now = 0;
        for (size_t i = 0; i < n; i++) {
            risk += t[i] >= at;
            now += t[i] == at && ended[i];
        }
        if (now == 0)
            continue;
        open *= 1 - (double)now / (double)risk;
        variance += (double)now / ((double)risk * (double)(risk - now));
    }
    if (s->open < 1e-9)
        return;
    const double middle = log(-log(open)),
                 wide = 1.959964 * sqrt(variance / (log(open) * log(open)));
    close_to(s->open, open, 1e-12);
    close_to(s->error, open * sqrt(variance), 1e-12);
    close_to(s->low, exp(-exp(middle + wide)), 1e-6);
    close_to(s->high, exp(-exp(middle - wide)), 1e-6);
    assert_true(0 <= s->low && s->low < s->open && s->open < s->high && s->high <= 1);
}

static void bands_of_random_times_agree_with_plain_formulas(void **state) {
    (void)state;
    static const uint8_t seed[CVK_SEED_BYTES] = {13};
    uint64_t words[MANY];
    double t[MANY];
    bool ended[MANY];
    CvkErr err;
    for (uint64_t label = 0; label < 12; label++) {
        const size_t n = label < 6 ? 7 + label : MANY;
        Survival s;
        cvk_stream(seed, label, words, n * sizeof *words);
        for (size_t i = 0; i < n; i++) {
            t[i] = (double)(words[i] % (label % 2 == 0 ? 20 : 1000));
            ended[i] = words[i] / 1024 % 4 != 0;
        }

        assert_true(survival_fit(t, ended, n, &s, &err));

        for (size_t i = 0; i < s.steps; i++)
            check_step(t, ended, n, &s.step[i]);
        survival_done(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(survival_is_the_textbooks),
        TEST(so_is_its_band),
        TEST(a_curve_that_ends_at_nothing_has_no_band_there),
        TEST(where_nothing_ended_there_is_no_step),
        TEST(one_that_ended_says_nothing_of_its_error),
        TEST(bands_of_random_times_agree_with_plain_formulas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
