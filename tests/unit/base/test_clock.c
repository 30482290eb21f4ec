#include "base/clock.h"
#include "support/test.h"

static void assert_time(int64_t wall_ms, const char *expected) {
    char text[CVK_TIME_TEXT];

    cvk_time_format(wall_ms, text);

    assert_string_equal(text, expected);
}

static void times_are_written_in_utc_with_milliseconds(void **state) {
    (void)state;
    assert_time(0, "1970-01-01T00:00:00.000Z");
    assert_time(951827696789, "2000-02-29T12:34:56.789Z");
    assert_time(1795226585005, "2026-11-21T02:03:05.005Z");
}

static void times_before_1970_count_down(void **state) {
    (void)state;
    assert_time(-1, "1969-12-31T23:59:59.999Z");
    assert_time(-1000, "1969-12-31T23:59:59.000Z");
}

static void times_out_of_four_digit_years_stop_at_the_last_one(void **state) {
    (void)state;
    assert_time(INT64_MAX, "9999-12-31T23:59:59.999Z");
    assert_time(253402300800000, "9999-12-31T23:59:59.999Z");
    assert_time(INT64_MIN, "0000-01-01T00:00:00.000Z");
}

static void the_wall_clock_knows_what_century_it_is(void **state) {
    (void)state;
    assert_true(cvk_wall_ms() > 1600000000000);
    assert_true(cvk_wall_ms() < 4102444800000);
}

static void monotonic_time_does_not_go_back(void **state) {
    (void)state;
    int64_t first = cvk_monotonic_ms();
    assert_true(cvk_monotonic_ms() >= first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(times_are_written_in_utc_with_milliseconds),
        TEST(times_before_1970_count_down),
        TEST(times_out_of_four_digit_years_stop_at_the_last_one),
        TEST(the_wall_clock_knows_what_century_it_is),
        TEST(monotonic_time_does_not_go_back),
    };
    return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
