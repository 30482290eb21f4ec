#include "base/span.h"
#include "support/test.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static void spans_are_told_in_the_unit_that_fits_rounded_outwards(void **state) {
    (void)state;
    static const struct {
        int64_t low_ms, high_ms;
        const char *text;
    } rows[] = {
        {0, 0, "less than a minute"},
        {0, MINUTE - 1, "less than a minute"},
        {0, MINUTE, "up to 1 minute"},
        {MINUTE, MINUTE, "about 1 minute"},
        {MINUTE + 59000, 3 * MINUTE + 1, "1 to 4 minutes"},
        {5 * MINUTE, 2 * HOUR, "5 to 120 minutes"},
        {90 * MINUTE, 3 * HOUR - 1, "1 to 3 hours"},
        {3 * HOUR, 3 * HOUR, "about 3 hours"},
        {10 * HOUR, 48 * HOUR + 1, "up to 3 days"},
        {48 * HOUR, 11 * 24 * HOUR, "2 to 11 days"},
        {-5, 2 * MINUTE, "up to 2 minutes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[CVK_SPAN_TEXT];
        cvk_span_text(rows[i].low_ms, rows[i].high_ms, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void the_longest_span_fits(void **state) {
    (void)state;
    char text[CVK_SPAN_TEXT];
    cvk_span_text(INT64_MAX - 1, INT64_MAX, text);
    assert_string_equal(text, "106751991167 to 106751991168 days");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(spans_are_told_in_the_unit_that_fits_rounded_outwards),
        TEST(the_longest_span_fits),
    };
    return cmocka_run_group_tests_name("base/span", tests, NULL, NULL);
}
