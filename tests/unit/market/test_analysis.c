/* Whole analyses and simulations: of the worked example, and of panels at the edges. */
#include "support/test.h"

#include "format/svg.h"
#include "market/analysis.h"
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
    if (!analysis_run(p, &o, f, &err) || !simulation_run(p, &o, &s, f, &err))
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
     * 135 s. */
    contains(text, "{\"participant\":\"c\",\"requests\":4,\"open\":1,\"p25\":123,\"p50\":125,"
                   "\"p75\":135}");
    contains(text, "{\"participant\":\"(all)\",\"requests\":12,\"open\":1,");
    numbers_are_numbers(text);
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
    char name[8];
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
    return p;
}

static void panels_at_the_edges_are_told_of_without_nonsense(void **state) {
    (void)state;
    const PanelRow zero[] = {{.batch = 0}, {.batch = 1}}, /* free, in no time */
        largest[] = {{.batch = 0,
                      .cost = MONEY_MAX,
                      .price = MONEY_MAX / 128,
                      .proving_ms = INT64_MAX / 2048},
                     {.batch = 1, .cost = 1, .price = 1, .proving_ms = 1}};
    Panel *panels[] = {panel_of(NULL, 0, 0), panel_of(NULL, 0, 3), panel_of(zero, 1, 1),
                       panel_of(zero, 2, 2), panel_of(largest, 2, 2)};

    for (size_t i = 0; i < sizeof panels / sizeof *panels; i++) {
        char *text = all_of(panels[i], 1);
        numbers_are_numbers(text);
        free(text);
        panel_free(panels[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_open_request_counts_as_longer_than_it_was_open),
        TEST(the_same_seed_finds_the_same),
        TEST(a_complete_selection_has_only_whole_batches),
        TEST(panels_at_the_edges_are_told_of_without_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
