/* Learning, margins, structure and intervals: the reference's numbers, a
 * textbook's, data made by a known rule, and plain computations. */
#include "support/test.h"

#include "market/analysis.h"
#include "market/learning.h"
#include "market/margins.h"
#include "market/samples.h"
#include "market/two_way.h"
#include "unit/market/golden.h"
#include "unit/market/noise.h"

#include <math.h>

static void close_to(double got, double want, double by) {
    if (!(fabs(got - want) <= by))
        fail_msg("%.9f, not %.9f", got, want);
}

/* ---- the reference's numbers ---- */

static void learning_of_the_example_is_the_references(void **state) {
    (void)state;
    static const double beta[] = {0.2293, 0.2420, -0.0012}, ratio[] = {1.1723, 1.1826, 0.9992};
    Panel *p = golden_panel();
    Learning l[3];
    CvkErr err;

    assert_true(learning_fit(p, l, &err));

    for (size_t i = 0; i < 3; i++) {
        close_to(l[i].time.b, beta[i], 0.00005);
        close_to(learning_ratio(&l[i].time), ratio[i], 0.00005);
    }
    panel_free(p);
}

static void mean_lerner_indices_of_the_example_are_the_references(void **state) {
    (void)state;
    static const double want[] = {0.1889, 0.1021, 0.2511};
    double sum[3] = {0}, n[3] = {0};
    Panel *p = golden_panel();

    for (size_t i = 0; i < panel_n(p); i++) {
        const PanelRow *r = &panel_rows(p)[i];
        sum[r->participant] += margin_lerner(r);
        n[r->participant]++;
    }

    for (size_t i = 0; i < 3; i++)
        close_to(sum[i] / n[i], want[i], 0.00005);
    panel_free(p);
}

/* ---- margins ---- */

static void margins_of_nothing_are_no_numbers(void **state) {
    (void)state;
    const PanelRow free_cost = {.price = 10}, free_price = {.cost = 10},
                   usual = {.cost = 80, .price = 100};

    assert_true(isnan(margin_markup(&free_cost)) && isnan(margin_lerner(&free_price)));
    close_to(margin_markup(&usual), 0.25, 1e-15);
    close_to(margin_lerner(&usual), 0.20, 1e-15);
    assert_true(margin_covers(&free_cost));
    assert_false(margin_covers(&free_price));
}

static void imputed_cost_is_rate_times_time(void **state) {
    (void)state;
    Panel *p = golden_panel();
    CvkErr err;
    const PanelRow *r = panel_rows(p); /* a on batch 1: 60 s, 80 cents */

    assert_int_equal(margin_imputed(p, r), -1);
    assert_true(isnan(margin_declared_ratio(p, r)));
    assert_true(panel_deployment_rate(p, 0, 3000 * CVK_CENT, &err)); /* 30 dollars an hour */

    assert_int_equal(margin_imputed(p, r), 50 * CVK_CENT);
    close_to(margin_declared_ratio(p, r), 1.6, 1e-12);
    panel_free(p);
}

/* ---- two ways ---- */

#define PEOPLE 7
#define BATCHES 11

static double noise(uint64_t label, uint64_t i) {
    return noise_of(9, label, i);
}

typedef struct {
    double y[PEOPLE * BATCHES];
    uint32_t a[PEOPLE * BATCHES], b[PEOPLE * BATCHES];
    size_t n;
} Cells;

static void make_cells(Cells *c, double scatter, bool holes) {
    c->n = 0;
    for (uint32_t i = 0; i < PEOPLE; i++)
        for (uint32_t j = 0; j < BATCHES; j++) {
            if (holes && (i + 2 * j) % 5 == 0)
                continue;
            c->a[c->n] = i;
            c->b[c->n] = j;
            c->y[c->n] = 3 + 0.5 * i + 2 * noise(1, j) + scatter * noise(2, c->n);
            c->n++;
        }
}

static void effects_are_found_though_cells_are_missing(void **state) {
    (void)state;
    static Cells c;
    TwoWay t;
    CvkErr err;
    make_cells(&c, 0, true);

    assert_true(two_way_fit(c.y, c.a, PEOPLE, c.b, BATCHES, c.n, &t, &err));

    assert_true(t.settled);
    for (size_t i = 1; i < PEOPLE; i++)
        close_to(t.a[i] - t.a[0], 0.5 * (double)i, 1e-8);
    for (size_t j = 1; j < BATCHES; j++)
        close_to(t.b[j] - t.b[0], 2 * (noise(1, j) - noise(1, 0)), 1e-8);
    two_way_done(&t);
}

/* Of a whole table: sums of squares of row means, of column means, and of the rest. */
static void shares_of_a_whole_table_are_those_of_sums_of_squares(void **state) {
    (void)state;
    static Cells c;
    double mean = 0, row[PEOPLE] = {0}, column[BATCHES] = {0}, rows = 0, columns = 0, all = 0;
    TwoWay t;
    Shares s;
    CvkErr err;
    make_cells(&c, 1, false);
    for (size_t i = 0; i < c.n; i++) {
        mean += c.y[i] / (double)c.n;
        row[c.a[i]] += c.y[i] / BATCHES;
        column[c.b[i]] += c.y[i] / PEOPLE;
    }
    for (size_t i = 0; i < PEOPLE; i++)
        rows += BATCHES * (row[i] - mean) * (row[i] - mean);
    for (size_t j = 0; j < BATCHES; j++)
        columns += PEOPLE * (column[j] - mean) * (column[j] - mean);
    for (size_t i = 0; i < c.n; i++)
        all += (c.y[i] - mean) * (c.y[i] - mean);

    assert_true(two_way_fit(c.y, c.a, PEOPLE, c.b, BATCHES, c.n, &t, &err));
    two_way_shares(&t, c.y, c.a, c.b, c.n, &s);

    close_to(s.a, rows / all, 1e-9);
    close_to(s.b, columns / all, 1e-9);
    close_to(s.a + s.b + s.rest, 1, 1e-9);
    two_way_done(&t);
}

/* ---- learning with batches' difficulty ---- */

/* Times by a rule: beta -0.3, provers and batches of their own level. `shift`: how far each
 * prover's order is from the batches' own. */
static Panel *by_a_rule(unsigned shift) {
    CvkErr err;
    char name[16];
    Panel *p = panel_new(&err);
    golden_name(p, PANEL_ACCELERATION, "");
    for (uint32_t i = 0; i < PEOPLE; i++) {
        snprintf(name, sizeof name, "p%u", i);
        golden_name(p, PANEL_PARTICIPANT, name);
        golden_name(p, PANEL_DEPLOYMENT, name);
        for (uint32_t n = 1; n <= BATCHES; n++) {
            uint32_t batch = (n - 1 + i * shift) % BATCHES;
            snprintf(name, sizeof name, "b%u", batch);
            uint32_t j = golden_name(p, PANEL_BATCH, name);
            double t = exp(12 + i * 0.1 + noise(3, batch) - 0.3 * log(n));
            PanelRow row = {.participant = i,
                            .batch = j,
                            .deployment = i,
                            .seq = n,
                            .proving_ms = (int64_t)t,
                            .cost = 1,
                            .price = 1};
            assert_true(panel_add(p, &row, &err));
        }
    }
    assert_true(panel_number(p, &err));
    return p;
}

/* The first batches, which everybody has early or late, are left out: orders still tell. */
static void learning_of_some_batches_is_that_of_all(void **state) {
    (void)state;
    CvkErr err;
    LearningPooled l;
    Panel *all = by_a_rule(3), *p = panel_new(&err);
    for (PanelNames of = 0; of < PANEL_NAMES_N; of++)
        for (uint32_t i = 0; i < panel_names_n(all, of); i++)
            golden_name(p, of, panel_name_at(all, of, i));
    for (size_t i = 0; i < panel_n(all); i++)
        if (panel_rows(all)[i].batch > 3)
            assert_true(panel_add(p, &panel_rows(all)[i], &err));

    assert_true(learning_pooled(p, &l, &err));

    close_to(l.beta, -0.3, 1e-4);
    panel_free(p);
    panel_free(all);
}

static void learning_is_told_from_difficulty_where_orders_differ(void **state) {
    (void)state;
    Panel *p = by_a_rule(3);
    LearningPooled l;
    CvkErr err;

    assert_true(learning_pooled(p, &l, &err));

    assert_int_equal(l.n, PEOPLE * BATCHES);
    close_to(l.beta, -0.3, 1e-4);
    assert_true(l.error < 1e-4);
    panel_free(p);
}

/* Ten of twenty proofs are left out first, in a deployment that gains 30 % of ln n. */
static void a_selection_does_not_take_experience_away(void **state) {
    (void)state;
    CvkErr err;
    Learning l;
    Panel *p = panel_new(&err), *kept;
    golden_name(p, PANEL_PARTICIPANT, "a");
    golden_name(p, PANEL_DEPLOYMENT, "a/x");
    golden_name(p, PANEL_ACCELERATION, "");
    for (uint32_t n = 1; n <= 20; n++) {
        char name[16];
        snprintf(name, sizeof name, "b%u", n);
        PanelRow row = {.batch = golden_name(p, PANEL_BATCH, name),
                        .seq = 2 * n,
                        .flags = n <= 10,
                        .proving_ms = (int64_t)(1e9 * pow(n, -0.3)),
                        .cost = 1};
        assert_true(panel_add(p, &row, &err));
    }
    assert_true(panel_number(p, &err));
    assert_true(panel_select(p, false, 1, &kept, &err));

    assert_true(learning_fit(kept, &l, &err));

    assert_int_equal(l.time.n, 10);
    close_to(l.time.b, -0.3, 1e-6);
    panel_free(kept);
    panel_free(p);
}

static void learning_is_not_told_from_difficulty_where_the_order_is_one(void **state) {
    (void)state;
    Panel *p = by_a_rule(0);
    LearningPooled l;
    CvkErr err;

    assert_true(learning_pooled(p, &l, &err));

    assert_true(isnan(l.beta));
    panel_free(p);
}

static void a_switch_of_deployments_is_seen_with_what_it_changed(void **state) {
    (void)state;
    CvkErr err;
    Switch s[2];
    size_t n;
    Panel *p = panel_new(&err);
    golden_name(p, PANEL_PARTICIPANT, "a");
    golden_name(p, PANEL_ACCELERATION, "");
    golden_name(p, PANEL_DEPLOYMENT, "a/cpu");
    golden_name(p, PANEL_DEPLOYMENT, "a/gpu");
    static const int64_t ms[] = {400, 100, 200, 50, 50};
    for (uint32_t i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "b%u", i);
        PanelRow row = {.batch = golden_name(p, PANEL_BATCH, name),
                        .deployment = i >= 3,
                        .seq = 5 + i,
                        .proving_ms = ms[i],
                        .cost = i >= 3 ? 30 : 10,
                        .price = 50};
        assert_true(panel_add(p, &row, &err));
    }

    assert_true(learning_switches(p, s, 2, &n, &err));

    assert_int_equal(n, 1);
    assert_int_equal(s[0].seq, 8);
    assert_int_equal(s[0].before, 3);
    assert_int_equal(s[0].after, 2);
    close_to(s[0].time_ratio, 0.25, 1e-12);
    close_to(s[0].cost_ratio, 3, 1e-12);
    panel_free(p);
}

/* ---- intervals ---- */

static void samples_are_sorted_in_their_groups(void **state) {
    (void)state;
    const double v[] = {5, NAN, 3, 1, 4, 2};
    const uint32_t group[] = {0, 0, 2, 0, 2, 0}, batch[] = {10, 11, 12, 13, 14, 15};
    Samples s;
    CvkErr err;

    assert_true(samples_make(v, group, batch, 6, 3, &s, &err));

    assert_int_equal(s.start[1], 3);
    assert_int_equal(s.start[2], 3);
    assert_int_equal(s.start[3], 5);
    assert_true(s.value[0] == 1 && s.value[1] == 2 && s.value[2] == 5 && s.value[3] == 3);
    assert_int_equal(s.batch[0], 13);
    assert_int_equal(s.batch[4], 14);
    samples_done(&s);
}

/* Two batches: each replicate is the first twice, both, or the second twice, with chances of 1/4,
 * 1/2 and 1/4; so the interval is from the one extreme to the other. */
static void resampling_takes_whole_batches(void **state) {
    (void)state;
    const double v[] = {1, 2, 9, 101, 102, 103, 104};
    const uint32_t group[7] = {0}, batch[] = {0, 0, 0, 1, 1, 1, 1};
    Interval mean, median;
    Samples s;
    CvkErr err;
    assert_true(samples_make(v, group, batch, 7, 1, &s, &err));

    const Bootstrap how = {.batches = 2, .replicates = 1000, .seed = 5};
    assert_true(samples_bootstrap(&s, &how, &mean, &median, &err));

    close_to(mean.low, 4, 1e-9);
    close_to(mean.high, 102.5, 1e-9);
    close_to(median.low, 2, 1e-9);
    close_to(median.high, 102.5, 1e-9);
    samples_done(&s);
}

/* Independent values, one a batch: the interval of the mean is about 1.96 standard errors each way.
 */
static void intervals_of_independent_values_are_those_of_theory(void **state) {
    (void)state;
    static double v[2000];
    static uint32_t group[2000], batch[2000];
    Interval mean, median;
    Samples s;
    CvkErr err;
    double sum = 0, error = sqrt(1.0 / 12 / 2000);
    for (uint32_t i = 0; i < 2000; i++) {
        v[i] = noise(4, i);
        sum += v[i];
        batch[i] = i;
    }
    assert_true(samples_make(v, group, batch, 2000, 1, &s, &err));

    const Bootstrap how = {.batches = 2000, .replicates = 2000, .seed = 5};
    assert_true(samples_bootstrap(&s, &how, &mean, &median, &err));

    close_to(mean.low, sum / 2000 - 1.96 * error, 0.15 * error);
    close_to(mean.high, sum / 2000 + 1.96 * error, 0.15 * error);
    /* of a median of n uniform values: 1 / (2 sqrt n) */
    close_to(median.high - median.low, 2 * 1.96 / (2 * sqrt(2000)), 0.012);
    samples_done(&s);
}

/* However many threads there are; and each set of replicates advances the meter. */
static void intervals_do_not_depend_on_threads(void **state) {
    (void)state;
    static double v[5000];
    static uint32_t group[5000], batch[5000];
    Interval mean[2][3], median[2][3];
    CvkMeter meter;
    CvkPool *pool;
    Samples s;
    CvkErr err;
    for (uint32_t i = 0; i < 5000; i++) {
        v[i] = noise(6, i);
        group[i] = i % 3;
        batch[i] = i / 10;
    }
    assert_true(samples_make(v, group, batch, 5000, 3, &s, &err));
    assert_non_null(pool = cvk_pool_new(3, &err));
    cvk_meter_init(&meter, (CvkProgress){NULL, NULL}, 1000);
    const Bootstrap alone = {.batches = 500, .replicates = 90, .seed = 5};
    const Bootstrap together = {
        .batches = 500, .replicates = 90, .seed = 5, .pool = pool, .meter = &meter};

    assert_true(samples_bootstrap(&s, &alone, mean[0], median[0], &err));
    assert_true(samples_bootstrap(&s, &together, mean[1], median[1], &err));

    assert_memory_equal(mean[0], mean[1], sizeof mean[0]);
    assert_memory_equal(median[0], median[1], sizeof median[0]);
    assert_int_equal(meter.done, bootstrap_units(90));
    cvk_meter_done(&meter);
    cvk_pool_free(pool);
    samples_done(&s);
}

static void one_batch_gives_no_interval(void **state) {
    (void)state;
    const double v[] = {1, 2};
    const uint32_t group[2] = {0}, batch[2] = {3, 3};
    Interval mean, median;
    Samples s;
    CvkErr err;
    assert_true(samples_make(v, group, batch, 2, 1, &s, &err));

    const Bootstrap how = {.batches = 4, .replicates = 20, .seed = 5};
    assert_true(samples_bootstrap(&s, &how, &mean, &median, &err));

    assert_true(isnan(mean.low) && isnan(median.high));
    samples_done(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(learning_of_the_example_is_the_references),
        TEST(mean_lerner_indices_of_the_example_are_the_references),
        TEST(margins_of_nothing_are_no_numbers),
        TEST(imputed_cost_is_rate_times_time),
        TEST(effects_are_found_though_cells_are_missing),
        TEST(shares_of_a_whole_table_are_those_of_sums_of_squares),
        TEST(learning_of_some_batches_is_that_of_all),
        TEST(learning_is_told_from_difficulty_where_orders_differ),
        TEST(a_selection_does_not_take_experience_away),
        TEST(learning_is_not_told_from_difficulty_where_the_order_is_one),
        TEST(a_switch_of_deployments_is_seen_with_what_it_changed),
        TEST(samples_are_sorted_in_their_groups),
        TEST(resampling_takes_whole_batches),
        TEST(intervals_of_independent_values_are_those_of_theory),
        TEST(intervals_do_not_depend_on_threads),
        TEST(one_batch_gives_no_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
