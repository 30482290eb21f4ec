#include "support/test.h"

#include "market/panel.h"

#include <math.h>

static int begin(void **state) {
    CvkErr err;
    *state = panel_new(&err);
    return *state == NULL;
}

static int end(void **state) {
    panel_free(*state);
    return 0;
}

static uint32_t name(Panel *p, PanelNames of, const char *text) {
    uint32_t i;
    CvkErr err;
    assert_true(panel_name(p, of, text, &i, &err));
    return i;
}

static void a_name_has_one_index_however_many_there_are(void **state) {
    Panel *p = *state;
    char text[32];

    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "batch-%u", i);
        assert_int_equal(name(p, PANEL_BATCH, text), i);
    }

    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "batch-%u", i);
        assert_int_equal(name(p, PANEL_BATCH, text), i);
        assert_string_equal(panel_name_at(p, PANEL_BATCH, i), text);
    }
    assert_int_equal(panel_names_n(p, PANEL_BATCH), 5000);
    assert_int_equal(panel_names_n(p, PANEL_PARTICIPANT), 0);
}

static void a_name_that_never_came_is_not_found(void **state) {
    Panel *p = *state;
    uint32_t i = 7;

    assert_false(panel_find(p, PANEL_BATCH, "x", &i));
    name(p, PANEL_BATCH, "y");

    assert_false(panel_find(p, PANEL_BATCH, "x", &i));
    assert_int_equal(i, 7);
}

static PanelRow some_row(Panel *p) {
    return (PanelRow){
        .participant = name(p, PANEL_PARTICIPANT, "a"),
        .batch = name(p, PANEL_BATCH, "1"),
        .deployment = name(p, PANEL_DEPLOYMENT, "a/2"),
        .acceleration = name(p, PANEL_ACCELERATION, "GPU"),
        .proving_ms = 60000,
        .cost = 80,
        .price = 100,
    };
}

static void rows_are_kept_in_their_order(void **state) {
    Panel *p = *state;
    PanelRow row = some_row(p);
    CvkErr err;

    for (uint32_t i = 0; i < 1000; i++) {
        row.seq = i;
        assert_true(panel_add(p, &row, &err));
    }

    assert_int_equal(panel_n(p), 1000);
    assert_int_equal(panel_rows(p)[999].seq, 999);
    assert_int_equal(panel_rows(p)[0].price, 100);
}

static void rows_that_make_no_sense_are_refused(void **state) {
    Panel *p = *state;
    const PanelRow row = some_row(p);
    PanelRow bad[6] = {row, row, row, row, row, row};
    bad[0].participant = 1;
    bad[1].batch = 1;
    bad[2].deployment = 1;
    bad[3].acceleration = 1;
    bad[4].cost = -1;
    bad[5].price = -1;

    for (size_t i = 0; i < 6; i++) {
        CvkErr err;
        assert_false(panel_add(p, &bad[i], &err));
        assert_string_equal(err.id, "panel.row");
    }

    assert_int_equal(panel_n(p), 0);
}

static void an_open_request_names_what_there_is(void **state) {
    Panel *p = *state;
    CvkErr err;
    some_row(p);

    assert_true(panel_add_open(p, &(PanelOpen){0, 0, 10, 20}, &err));
    assert_false(panel_add_open(p, &(PanelOpen){0, 1, 10, 20}, &err));

    assert_int_equal(panel_open_n(p), 1);
    assert_int_equal(panel_opens(p)[0].until_ms, 20);
}

static void covariates_and_rates_are_known_or_not(void **state) {
    Panel *p = *state;
    CvkErr err;
    some_row(p);
    name(p, PANEL_BATCH, "2");

    assert_true(panel_covariate(p, 1, "n_tx", 250, &err));
    assert_true(panel_deployment_rate(p, 0, 5, &err));

    assert_int_equal(panel_covariates_n(p), 1);
    assert_string_equal(panel_covariate_name(p, 0), "n_tx");
    assert_true(panel_covariate_at(p, 0, 1) == 250);
    assert_true(isnan(panel_covariate_at(p, 0, 0)));
    assert_int_equal(panel_rate(p, 0), 5);
    assert_int_equal(panel_rate(p, 1), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_has_one_index_however_many_there_are, begin, end),
        cmocka_unit_test_setup_teardown(a_name_that_never_came_is_not_found, begin, end),
        cmocka_unit_test_setup_teardown(rows_are_kept_in_their_order, begin, end),
        cmocka_unit_test_setup_teardown(rows_that_make_no_sense_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(an_open_request_names_what_there_is, begin, end),
        cmocka_unit_test_setup_teardown(covariates_and_rates_are_known_or_not, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
