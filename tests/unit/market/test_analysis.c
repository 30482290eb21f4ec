/* Whole analyses and simulations: of the worked example, and of panels at the edges. */
#include "support/test.h"

#include "format/svg.h"
#include "market/analysis.h"
#include "market/market.h"
#include "unit/market/golden.h"

#define MOST ((size_t)1 << 24)

static Simulation every_auction(void) {
    Simulation s = {.base = auction_usual, .points = 7, .vcg_sweep = true};
    for (AuctionKind k = 0; k < AUCTIONS_N; k++) {
        Auction *a = &s.auction[s.n++];
        *a = auction_usual;
        a->kind = k;
        a->winners = 2;
        a->posted = 100 * CVK_CENT;
        a->lambda = CVK_CENT / 10;
        a->dutch_to = 200 * CVK_CENT;
        a->ramp_ms = 60000;
        a->capacity = 2;
    }
    return s;
}

/* Everything that can be said of a panel, in one text; the caller frees. */
static char *all_of(const Panel *p, uint64_t seed) {
    const AnalysisOptions o = {.seed = seed, .replicates = 50};
    const Simulation s = every_auction();
    CvkBuf b = CVK_BUF(MOST);
    CvkErr err;
    const Figure *g;
    Findings *f = findings_new("title", "about", &err);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);

    assert_non_null(f);
    if (!analysis_run(p, NULL, &o, f, &err) || !simulation_run(p, &o, &s, f, &err))
        fail_msg("%s", err.msg);
    json_object_begin(&w);
    findings_json(f, &w);
    json_object_end(&w);
    assert_true(json_finish(&w, &err));
    assert_true(findings_text(f, &b, &err));
    assert_true(findings_html(f, &b, &err));
    for (size_t i = 0; (g = findings_figure_at(f, i)) != NULL; i++)
        assert_true(svg_add(&b, g, &err));
    findings_free(f);
    return cvk_buf_take(&b);
}

static void contains(const char *text, const char *what) {
    if (strstr(text, what) == NULL)
        fail_msg("nowhere: %s", what);
}

static void numbers_are_numbers(const char *text) {
    static const char *const bad[] = {":nan", ":-nan", ":inf", ":-inf", ",nan", ",inf", "[nan",
                                      "[inf", "\"nan", " nan", "Mnan",  "Lnan", "-nan"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (strstr(text, bad[i]) != NULL)
            fail_msg("found %s", bad[i]);
}

static void an_open_request_counts_as_longer_than_it_was_open(void **state) {
    (void)state;
    Panel *p = golden_panel();

    char *text = all_of(p, 1);

    /* c: 123, 125, 135 s done, one open for 200 s: half are done after 125 s, three quarters after
     * 135 s. The band reaches a half at 123 s below (0.13 to 0.96), and nowhere above (at last
     * 0.01 to 0.67). */
    contains(text, "{\"participant\":\"c\",\"requests\":4,\"open\":1,\"p25\":123,\"p50\":125,"
                   "\"p50_low\":123,\"p50_high\":null,\"p75\":135}");
    contains(text, "{\"participant\":\"(all)\",\"requests\":12,\"open\":1,");
    numbers_are_numbers(text);
    free(text);
    panel_free(p);
}

/* The golden panel's 12 requests: the first ends after 35 s, 11 of 12 go on. */
static void the_curve_of_open_requests_has_its_band(void **state) {
    (void)state;
    Panel *p = golden_panel();

    char *text = all_of(p, 1);

    contains(text, "\"open_curve\":[{\"t\":35,\"at_risk\":12,\"proved\":1,\"open\":0.916666666667,"
                   "\"error\":0.079785592313,\"low\":0.538977");
    contains(text, "{\"name\":\"95 % interval\",\"points\":[[35,0.538977");
    /* The curve goes on to the open request's 200 s, but not past a quarter more than 135 s. */
    contains(text, "[135,0.0833333333333],[168.75,0.0833333333333]]");
    contains(text, "; the longest is open for 200 s");
    free(text);
    panel_free(p);
}

static void the_same_seed_finds_the_same(void **state) {
    (void)state;
    Panel *p = golden_panel();

    char *once = all_of(p, 3), *again = all_of(p, 3), *other = all_of(p, 4);

    assert_string_equal(once, again);
    assert_string_not_equal(once, other);
    free(once);
    free(again);
    free(other);
    panel_free(p);
}

static void a_complete_selection_has_only_whole_batches(void **state) {
    (void)state;
    Panel *p = golden_panel(), *complete;
    CvkErr err;

    assert_true(panel_select(p, true, 0, &complete, &err));

    assert_int_equal(panel_n(complete), 9);
    assert_int_equal(panel_open_n(complete), 0); /* c's fourth is of no whole batch */
    panel_free(complete);
    panel_free(p);
}

static Panel *panel_of(const PanelRow *row, size_t n, size_t batches) {
    CvkErr err;
    char name[24];
    Panel *p = panel_new(&err);
    golden_name(p, PANEL_PARTICIPANT, "a");
    golden_name(p, PANEL_DEPLOYMENT, "a/x");
    golden_name(p, PANEL_ACCELERATION, "");
    for (size_t i = 0; i < batches; i++) {
        snprintf(name, sizeof name, "%zu", i);
        golden_name(p, PANEL_BATCH, name);
    }
    for (size_t i = 0; i < n; i++)
        assert_true(panel_add(p, &row[i], &err));
    assert_true(panel_number(p, &err));
    return p;
}

/* The text of an analysis; the caller frees. */
static char *analysis_of(const Panel *p, const Panel *timed, bool json) {
    const AnalysisOptions o = {.seed = 1, .replicates = 200};
    CvkBuf b = CVK_BUF(MOST);
    CvkErr err;
    Findings *f = findings_new("title", "about", &err);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);

    assert_non_null(f);
    assert_true(analysis_run(p, timed, &o, f, &err));
    if (json) {
        json_object_begin(&w);
        findings_json(f, &w);
        json_object_end(&w);
        assert_true(json_finish(&w, &err));
    } else {
        assert_true(findings_text(f, &b, &err));
    }
    findings_free(f);
    return cvk_buf_take(&b);
}

/* One table of an analysis as JSON; the caller frees. */
static char *table_of(const Panel *p, const char *id) {
    char *text = analysis_of(p, NULL, true), key[32];
    snprintf(key, sizeof key, "\"%s\":", id);
    char *from = strstr(text, key);
    assert_non_null(from);
    char *to = strchr(from, ']');
    assert_non_null(to);
    char *table = strndup(from, (size_t)(to - from));
    free(text);
    return table;
}

/* `people` provers of their own price and time on batches named from `first` on. */
static Panel *level_panel(uint32_t people, uint32_t batches, uint32_t whole) {
    CvkErr err;
    char name[16];
    Panel *p = panel_new(&err);
    golden_name(p, PANEL_ACCELERATION, "");
    for (uint32_t j = 0; j < batches; j++)
        for (uint32_t i = 0; i < (j % 15 == 7 && j / 15 < whole ? people : 1); i++) {
            PanelRow row = {.seq = j + 1,
                            .cost = CVK_CENT,
                            .price = (90 + (7 * j + i) % 23) * CVK_CENT,
                            .proving_ms = 1000 + j};
            snprintf(name, sizeof name, "p%u", i);
            row.participant = golden_name(p, PANEL_PARTICIPANT, name);
            row.deployment = golden_name(p, PANEL_DEPLOYMENT, name);
            snprintf(name, sizeof name, "b%u", j);
            row.batch = golden_name(p, PANEL_BATCH, name);
            assert_true(panel_add(p, &row, &err));
        }
    return p;
}

/* Only the rows of a panel, and only the names that they have. */
static Panel *rows_alone(const Panel *from) {
    CvkErr err;
    Panel *p = panel_new(&err);
    for (size_t i = 0; i < panel_n(from); i++) {
        PanelRow r = panel_rows(from)[i];
        uint32_t *const index[] = {&r.participant, &r.batch, &r.deployment, &r.acceleration};
        for (PanelNames of = 0; of < sizeof index / sizeof *index; of++)
            *index[of] = golden_name(p, of, panel_name_at(from, of, *index[of]));
        assert_true(panel_add(p, &r, &err));
    }
    return p;
}

static void batches_that_are_left_out_are_not_resampled(void **state) {
    (void)state;
    CvkErr err;
    Panel *all = level_panel(3, 60, 4), *complete;
    assert_true(panel_select(all, true, 0, &complete, &err));
    assert_int_equal(panel_n(complete), 12);
    Panel *alone = rows_alone(complete);

    char *got = table_of(complete, "prices"), *want = table_of(alone, "prices");

    assert_string_equal(got, want);
    free(got);
    free(want);
    panel_free(alone);
    panel_free(complete);
    panel_free(all);
}

/* Markups of 0.1, 0.2 and -0.3: no sum of these doubles is 0. */
static void a_mean_that_is_less_than_the_rounding_of_its_values_is_0(void **state) {
    (void)state;
    const PanelRow row[] = {{.batch = 0, .cost = 10, .price = 11},
                            {.batch = 1, .cost = 10, .price = 12},
                            {.batch = 2, .cost = 10, .price = 7}};
    Panel *p = panel_of(row, 3, 3);

    char *table = table_of(p, "margins"), *spread = table_of(p, "markups");

    contains(table, "\"markup\":0,");
    contains(spread, "\"mean\":0,");
    free(table);
    free(spread);
    panel_free(p);
}

/* c alone has not proved the fourth batch, which took 200 s at least. */
static void times_are_those_of_all_batches_whatever_was_selected(void **state) {
    (void)state;
    CvkErr err;
    Panel *p = golden_panel(), *complete;
    assert_true(panel_select(p, true, 0, &complete, &err));

    char *text = analysis_of(complete, p, true);

    contains(text, "\"participant\":\"c\",\"requests\":4,\"open\":1,");
    free(text);
    panel_free(complete);
    panel_free(p);
}

/* b's second submission lacks the time of its hand-out, a has no times at all. */
static void times_that_no_file_told_are_left_out(void **state) {
    (void)state;
    CvkErr err;
    Panel *p = panel_of(NULL, 0, 2);
    golden_name(p, PANEL_PARTICIPANT, "b");
    const PanelRow row[] = {{.batch = 0},
                            {.participant = 1, .batch = 0, .issued_ms = 1000, .received_ms = 8000},
                            {.participant = 1, .batch = 1, .received_ms = 8000}};
    for (size_t i = 0; i < 3; i++)
        assert_true(panel_add(p, &row[i], &err));

    char *table = table_of(p, "open_times");

    contains(table, "{\"participant\":\"a\",\"requests\":0,\"open\":0,\"p25\":null,\"p50\":null,");
    contains(table, "{\"participant\":\"b\",\"requests\":1,\"open\":0,\"p25\":7,");
    contains(table, "{\"participant\":\"(all)\",\"requests\":1,");
    free(table);
    panel_free(p);
}

/* Two of "paid" on two batches, and one of no group. */
static void treatments_are_told_apart_where_somebody_is_of_one(void **state) {
    (void)state;
    CvkErr err;
    const PanelRow row[] = {{.batch = 0, .price = 100 * CVK_CENT},
                            {.batch = 0, .price = 110 * CVK_CENT, .group = 1},
                            {.batch = 1, .price = 130 * CVK_CENT, .group = 1}};
    Panel *p = panel_of(row, 1, 2);

    char *without = table_of(p, "prices");
    assert_int_equal(golden_name(p, PANEL_GROUP, "paid"), 0);
    for (size_t i = 1; i < 3; i++)
        assert_true(panel_add(p, &row[i], &err));
    char *with = table_of(p, "prices");

    assert_null(strstr(without, "\"by\":\"group\""));
    contains(with, "{\"by\":\"group\",\"name\":\"(none)\",\"n\":1,\"min\":100,");
    contains(with, "{\"by\":\"group\",\"name\":\"paid\",\"n\":2,\"min\":110,");
    free(without);
    free(with);
    panel_free(p);
}

static void a_row_of_no_known_group_is_refused(void **state) {
    (void)state;
    CvkErr err;
    Panel *p = panel_of(NULL, 0, 1);

    assert_false(panel_add(p, &(PanelRow){.group = 1}, &err));

    assert_string_equal(err.id, "panel.row");
    panel_free(p);
}

/* Declared 6, 12 and 5 s; 10 s each since the hand-out, 8 s since the first download where that is
 * known; the last has no times. */
static void declared_times_are_set_against_those_observed(void **state) {
    (void)state;
    const PanelRow row[] = {{.batch = 0,
                             .issued_ms = 1000,
                             .first_get_ms = 3000,
                             .received_ms = 11000,
                             .proving_ms = 6000},
                            {.batch = 1,
                             .issued_ms = 1000,
                             .received_ms = 11000,
                             .proving_ms = 12000,
                             .flags = MARKET_FLAG_TIME_IMPOSSIBLE | MARKET_FLAG_COPIED},
                            {.batch = 2, .proving_ms = 5000, .flags = MARKET_FLAG_COPIED},
                            {.batch = 3, .issued_ms = 9000, .received_ms = 9000}};
    Panel *p = panel_of(row, 4, 4);

    char *table = table_of(p, "observed");

    contains(table, "{\"by\":\"participant\",\"name\":\"a\",\"n\":4,\"issued_n\":2,"
                    "\"issued_p25\":0.75,\"issued_p50\":0.9,\"issued_p75\":1.05,"
                    "\"first_get_n\":1,\"first_get_p25\":0.75,\"first_get_p50\":0.75,"
                    "\"first_get_p75\":0.75,\"impossible\":0.25}");
    contains(table, "{\"by\":\"deployment\",\"name\":\"a/x\",\"n\":4,");
    assert_null(strstr(table, "\"by\":\"group\""));
    free(table);
    panel_free(p);
}

static void a_figure_of_many_steps_ends_at_the_last(void **state) {
    (void)state;
    const AnalysisOptions o = {0};
    CvkErr err;
    const Figure *g;
    Findings *f = findings_new("title", "about", &err);
    Panel *p = panel_of(NULL, 0, 900);
    for (uint32_t i = 0; i < 900; i++) {
        PanelRow row = {.batch = i, .issued_ms = 1000, .received_ms = 2000 + 1000 * i};
        assert_true(panel_add(p, &row, &err));
    }
    assert_true(panel_number(p, &err));

    assert_true(analysis_run(p, NULL, &o, f, &err));

    for (size_t i = 0; (g = findings_figure_at(f, i)) != NULL; i++)
        if (strcmp(g->id, "open-times") == 0)
            break;
    assert_non_null(g);
    assert_true(g->series[0].kind == FIGURE_BAND && g->series[0].n < 420);
    const FigureSeries *s = &g->series[1];
    assert_true(s->n < 420);
    assert_true(s->point[0].x == 0 && s->point[0].y == 1 && s->point[1].x == 1);
    assert_true(s->point[s->n - 1].x == 900 && s->point[s->n - 1].y == 0);
    findings_free(f);
    panel_free(p);
}

static void who_never_bid_has_no_bar(void **state) {
    (void)state;
    const AnalysisOptions o = {0};
    const Simulation s = every_auction();
    CvkErr err;
    Findings *f = findings_new("title", "about", &err);
    Panel *p = golden_panel();
    golden_name(p, PANEL_PARTICIPANT, "mallory");

    assert_true(simulation_run(p, &o, &s, f, &err));

    const Figure *g = findings_figure_at(f, 0);
    assert_string_equal(g->id, "wins");
    assert_int_equal(g->labels_n, 3);
    assert_string_equal(g->label[2], "c");
    findings_free(f);
    panel_free(p);
}

static void shares_are_told_as_what_may_be_below_0(void **state) {
    (void)state;
    Panel *p = golden_panel();

    char *text = analysis_of(p, NULL, false);

    contains(text, "may fall below 0");
    free(text);
    panel_free(p);
}

static void panels_at_the_edges_are_told_of_without_nonsense(void **state) {
    (void)state;
    const PanelRow zero[] = {{.batch = 0}, {.batch = 1}}, /* free, in no time */
        largest[] = {{.batch = 0,
                      .cost = MONEY_MAX,
                      .price = MONEY_MAX / 128,
                      .proving_ms = INT64_MAX / 2048},
                     {.batch = 1, .cost = 1, .price = 1, .proving_ms = 1}};
    enum { PANELS = 5 };
    Panel *panels[PANELS] = {panel_of(NULL, 0, 0), panel_of(NULL, 0, 3), panel_of(zero, 1, 1),
                             panel_of(zero, 2, 2), panel_of(largest, 2, 2)};

    for (size_t i = 0; i < PANELS; i++) {
        char *text = all_of(panels[i], 1);
        numbers_are_numbers(text);
        free(text);
        panel_free(panels[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_open_request_counts_as_longer_than_it_was_open),
        TEST(the_curve_of_open_requests_has_its_band),
        TEST(the_same_seed_finds_the_same),
        TEST(a_complete_selection_has_only_whole_batches),
        TEST(batches_that_are_left_out_are_not_resampled),
        TEST(a_mean_that_is_less_than_the_rounding_of_its_values_is_0),
        TEST(times_are_those_of_all_batches_whatever_was_selected),
        TEST(times_that_no_file_told_are_left_out),
        TEST(treatments_are_told_apart_where_somebody_is_of_one),
        TEST(a_row_of_no_known_group_is_refused),
        TEST(declared_times_are_set_against_those_observed),
        TEST(a_figure_of_many_steps_ends_at_the_last),
        TEST(who_never_bid_has_no_bar),
        TEST(shares_are_told_as_what_may_be_below_0),
        TEST(panels_at_the_edges_are_told_of_without_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
