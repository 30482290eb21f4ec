/* Exports read back: quoted, cut anywhere, damaged. */
#include "support/test.h"

#include "codec/money.h"
#include "market/market.h"
#include "market/panel_read.h"

#include <math.h>

/* Gives `step` bytes at a time. */
typedef struct {
    const char *text;
    size_t n, at, step;
} Slow;

static bool read_slowly(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err) {
    Slow *s = ctx;
    size_t n = s->n - s->at;
    (void)err;
    n = n < s->step ? n : s->step;
    n = n < cap ? n : cap;
    memcpy(into, s->text + s->at, n);
    s->at += n;
    *ret_n = n;
    return true;
}

static bool read_text(const char *text, size_t step, Panel **ret, CvkErr *err) {
    Slow s = {text, strlen(text), 0, step};
    return panel_read((JsonSource){read_slowly, &s}, ret, err);
}

#define NAMES                                                                                      \
    "participant,batch,batch_name,proving_time_ms,cost_cents,price_cents,deployment,flags\n"

static const char *name_of(const Panel *p, PanelNames of, uint32_t i) {
    return panel_name_at(p, of, i);
}

static void quotes_and_guards_come_off(void **state) {
    (void)state;
    Panel *p;
    CvkErr err;

    assert_true(read_text(NAMES "\"a, \"\"b\"\"\n\",1,\"'=x\",5,0.0516,7e1,'-y,\n"
                                "c,2,'z,5,1,2,,COPIED|ZERO_COST\n",
                          1000, &p, &err));

    assert_int_equal(panel_n(p), 2);
    assert_string_equal(name_of(p, PANEL_PARTICIPANT, 0), "a, \"b\"\n");
    assert_string_equal(name_of(p, PANEL_BATCH, 0), "=x");
    assert_string_equal(name_of(p, PANEL_BATCH, 1), "'z");
    assert_string_equal(name_of(p, PANEL_DEPLOYMENT, 0), "a, \"b\"\n/-y");
    assert_int_equal(panel_rows(p)[0].cost, 51600);
    assert_int_equal(panel_rows(p)[0].price, 70 * CVK_CENT);
    assert_int_equal(panel_rows(p)[1].flags, MARKET_FLAG_COPIED | MARKET_FLAG_ZERO_COST);
    assert_int_equal(panel_rows(p)[1].seq, 2);
    panel_free(p);
}

static void covariates_are_numbers_or_passed_over(void **state) {
    (void)state;
    Panel *p;
    CvkErr err;

    assert_true(read_text("batch.n_tx,participant,batch,proving_time_ms,cost_cents,price_cents,"
                          "batch.kind,unknown\r\n"
                          "250,a,1,5,1,2,swap,x\r\n",
                          1000, &p, &err));

    assert_int_equal(panel_covariates_n(p), 1);
    assert_true(panel_covariate_at(p, 0, 0) == 250);
    panel_free(p);
}

static void a_group_is_read_where_there_is_such_a_column(void **state) {
    (void)state;
    static const char head[] = "participant,batch,proving_time_ms,cost_cents,price_cents,group\n";
    char text[256];
    Panel *p;
    CvkErr err;
    snprintf(text, sizeof text, "%sa,1,5,1,2,paid\nb,1,5,1,2,\nc,1,5,1,2,told\nd,1,5,1,2,paid\n",
             head);

    assert_true(read_text(text, 1000, &p, &err));

    static const uint32_t group[] = {1, 0, 2, 1};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(panel_rows(p)[i].group, group[i]);
    assert_string_equal(name_of(p, PANEL_GROUP, 0), "paid");
    assert_string_equal(name_of(p, PANEL_GROUP, 1), "told");
    panel_free(p);
}

static const char lines[] =
    "{\"participant\":\"a\",\"batch\":1,\"proving_time_ms\":5,\"cost_cents\":0.5,"
    "\"price_cents\":2,\"extra\":{\"x\":[1]},\"flags\":null}\n\n"
    "{\"participant\":\"\\u0062\",\"batch\":1,\"proving_time_ms\":6,\"cost_cents\":1,"
    "\"price_cents\":3,\"deployment\":\"{\\n}\"}";

static void wherever_it_is_cut_it_reads_the_same(void **state) {
    (void)state;
    const char *const texts[] = {lines, NAMES "\"a\",1,,5,0.5,2,,\r\n\"b\"\"\",1,,6,1,3,\"{\n}\","};

    for (size_t i = 0; i < 2; i++)
        for (size_t step = 1; step < strlen(texts[i]); step += step < 40 ? 1 : 17) {
            Panel *p;
            CvkErr err;
            if (!read_text(texts[i], step, &p, &err))
                fail_msg("text %zu in steps of %zu: %s", i, step, err.msg);
            assert_int_equal(panel_n(p), 2);
            assert_int_equal(panel_rows(p)[0].cost, CVK_CENT / 2);
            assert_int_equal(panel_rows(p)[1].proving_ms, 6);
            assert_int_equal(name_of(p, PANEL_PARTICIPANT, 1)[0], 'b');
            assert_non_null(strstr(name_of(p, PANEL_DEPLOYMENT, 1), "/{\n}"));
            panel_free(p);
        }
}

static void what_is_no_submission_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *id;
    } bad[] = {
        {"{\"participant\":\"a\"}", "panel.field"},
        {"{\"participant\":\"a\",\"batch\":1,\"proving_time_ms\":5,\"cost_cents\":1,"
         "\"price_cents\":2} {}",
         "json.syntax"},
        {"{\"participant\":\"a\"", "json.syntax"},
        {NAMES "a,1,,5,-1,2,,\n", "panel.field"},
        {NAMES "a,1,,5.5,1,2,,\n", "panel.field"},
        {NAMES "a,1,,99999999999999999999,1,2,,\n", "panel.field"},
        {NAMES ",1,,5,1,2,,\n", "panel.field"},
        {NAMES "a,,,5,1,2,,\n", "panel.field"},
        {NAMES "a,1,,5,1,2,\n", "panel.csv"},
        {NAMES "a,1,,5,1,2,,,\n", "panel.csv"},
        {NAMES "a,\"1,,5,1,2,,\n", "panel.csv"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Panel *p;
        CvkErr err;
        assert_false(read_text(bad[i].text, 7, &p, &err));
        assert_string_equal(err.id, bad[i].id);
    }
}

static void long_lines_and_many_columns_are_refused(void **state) {
    (void)state;
    static char text[PANEL_RECORD_MAX + 100];
    Panel *p;
    CvkErr err;
    memset(text, 'x', PANEL_RECORD_MAX + 10);

    assert_false(read_text(text, 4096, &p, &err));
    assert_string_equal(err.id, "limit.buffer");
    memset(text, ',', 200);
    text[200] = '\0';
    assert_false(read_text(text, 4096, &p, &err));
    assert_int_equal(err.code, CVK_ELIMIT);
}

static void an_empty_file_is_an_empty_panel(void **state) {
    (void)state;
    Panel *p;
    CvkErr err;

    assert_true(read_text("", 1, &p, &err));
    assert_int_equal(panel_n(p), 0);
    panel_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(quotes_and_guards_come_off),
        TEST(covariates_are_numbers_or_passed_over),
        TEST(a_group_is_read_where_there_is_such_a_column),
        TEST(wherever_it_is_cut_it_reads_the_same),
        TEST(what_is_no_submission_is_refused),
        TEST(long_lines_and_many_columns_are_refused),
        TEST(an_empty_file_is_an_empty_panel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
