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

static void assert_read(const char *text, int64_t expected) {
    int64_t ms = -1;
    assert_true(cvk_time_parse(text, strlen(text), &ms));
    assert_int_equal(ms, expected);
}

static void times_are_read_with_fractions_and_offsets(void **state) {
    (void)state;
    assert_read("1970-01-01T00:00:00Z", 0);
    assert_read("2000-02-29T12:34:56.789Z", 951827696789);
    assert_read("2000-02-29t12:34:56.789999z", 951827696789);
    assert_read("2000-02-29T12:34:56.7+00:00", 951827696700);
    assert_read("2000-02-29T13:34:56.7+01:00", 951827696700);
    assert_read("2000-02-28T23:04:56-13:30", 951827696000);
    assert_read("1969-12-31T23:59:59.999Z", -1);
    assert_read("2016-12-31T23:59:60Z", 1483228800000);
    assert_read("2017-01-01T00:59:60.9+01:00", 1483228800000);
}

static void what_was_written_as_a_time_reads_back(void **state) {
    (void)state;
    char text[CVK_TIME_TEXT];
    int64_t day = 86400000, first = -62167219200000, last = 253402300799999;
    for (int64_t ms = first; ms < last; ms += 97 * day + 12345678) {
        cvk_time_format(ms, text);
        assert_read(text, ms);
    }
    assert_read("0000-01-01T00:00:00Z", first);
    assert_read("9999-12-31T23:59:59.999Z", last);
}

static void what_is_no_time_is_not_read(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-11-21",
        "2026-11-21T08:00:00",
        "2026-11-21 08:00:00Z",
        "2026-11-21T08:00Z",
        "2026-13-21T08:00:00Z",
        "2026-00-21T08:00:00Z",
        "2026-11-31T08:00:00Z",
        "2026-11-00T08:00:00Z",
        "2026-02-29T08:00:00Z",
        "1900-02-29T08:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T08:60:00Z",
        "2026-11-21T08:00:61Z",
        "2026-11-21T08:00:60Z",
        "2026-11-21T08:00:00.Z",
        "2026-11-21T08:00:00,5Z",
        "2026-11-21T08:00:00+1:00",
        "2026-11-21T08:00:00+24:00",
        "2026-11-21T08:00:00+01:60",
        "2026-11-21T08:00:00+0100",
        "2026-11-21T08:00:00Z ",
        "02026-11-21T08:00:00Z",
        "-026-11-21T08:00:00Z",
    };
    int64_t ms;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (cvk_time_parse(bad[i], strlen(bad[i]), &ms))
            fail_msg("'%s' was read as a time", bad[i]);
    assert_false(cvk_time_parse("2026-11-21T08:00:00Z", 19, &ms));
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
        TEST(times_are_read_with_fractions_and_offsets),
        TEST(what_was_written_as_a_time_reads_back),
        TEST(what_is_no_time_is_not_read),
        TEST(the_wall_clock_knows_what_century_it_is),
        TEST(monotonic_time_does_not_go_back),
    };
    return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
