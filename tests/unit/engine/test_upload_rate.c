#include "support/test.h"

#include "engine/presence_private.h"

#define WINDOW 30000
#define START INT64_C(1700000000000)

static int make(void **state) {
    *state = presence_new(NULL);
    return *state == NULL;
}

static int unmake(void **state) {
    presence_free(*state);
    return 0;
}

/* The bytes of the last window; -1: not known. */
static int64_t bytes(const Presence *p, uint64_t lease, int64_t now_ms, int64_t window_ms) {
    uint64_t n;
    return presence_upload_bytes(p, lease, now_ms, window_ms, &n) ? (int64_t)n : -1;
}

static void nothing_is_known_before_a_whole_window_was_measured(void **state) {
    Presence *p = *state;

    assert_int_equal(bytes(p, 7, START, WINDOW), -1);
    presence_received(p, 7, 0, START);
    assert_int_equal(bytes(p, 7, START + WINDOW - 1, WINDOW), -1);
    assert_int_equal(bytes(p, 7, START + WINDOW, WINDOW), 0);
}

static void all_that_came_in_the_window_is_counted(void **state) {
    Presence *p = *state;
    presence_received(p, 7, 100, START);
    presence_received(p, 7, 20, START + 10000);
    presence_received(p, 7, 3, START + WINDOW);

    assert_int_equal(bytes(p, 7, START + WINDOW, WINDOW), 123);
}

static void what_came_before_the_window_counts_no_longer_than_the_rounding(void **state) {
    Presence *p = *state;
    const int64_t rounding = WINDOW / 31;
    presence_received(p, 7, 0, START);
    presence_received(p, 7, 100, START + 1000);

    assert_int_equal(bytes(p, 7, START + 1000 + WINDOW, WINDOW), 100);
    assert_int_equal(bytes(p, 7, START + 1000 + WINDOW + rounding, WINDOW), 0);
}

/* Whoever sends at the rate, in bursts of any period shorter than the window, is never found to
 * have sent less than the window's worth. */
static void an_upload_that_kept_its_rate_is_never_found_slow(void **state) {
    (void)state;
    static const int64_t windows[] = {500, 30000, 47000, 3600000};
    for (size_t w = 0; w < 4; w++)
        for (int64_t step = 1; step < windows[w]; step = step * 5 / 2 + 1) {
            int64_t window = windows[w] - windows[w] % step; /* a whole number of bursts */
            Presence *p = presence_new(NULL);
            presence_received(p, 7, 0, START);
            for (int64_t t = step; t <= 4 * window && t / step < 4000; t += step) {
                presence_received(p, 7, (uint64_t)step, START + t);
                int64_t got = bytes(p, 7, START + t, window);
                if (got != -1 && got < window)
                    fail_msg("window %ld step %ld at %ld: %ld", (long)window, (long)step, (long)t,
                             (long)got);
            }
            presence_free(p);
        }
}

static void a_newer_lease_begins_anew_and_the_old_ones_bytes_are_ignored(void **state) {
    Presence *p = *state;
    presence_received(p, 7, 100, START);
    presence_received(p, 8, 10, START + 5000);
    presence_received(p, 7, 1000, START + 6000);

    assert_int_equal(bytes(p, 7, START + WINDOW, WINDOW), -1);
    assert_int_equal(bytes(p, 8, START + WINDOW, WINDOW), -1);
    assert_int_equal(bytes(p, 8, START + 5000 + WINDOW, WINDOW), 10);
}

static void the_clock_stands_still_while_the_server_sleeps(void **state) {
    Presence *p = *state;
    presence_received(p, 7, 100, START);
    presence_skip(p, 3600000);

    assert_int_equal(bytes(p, 7, START + 3600000 + WINDOW - 1, WINDOW), -1);
    assert_int_equal(bytes(p, 7, START + 3600000 + WINDOW, WINDOW), 100);
    presence_skip(p, INT64_MAX);
    assert_int_equal(bytes(p, 7, INT64_MAX, WINDOW), -1);
}

static void long_windows_are_measured_up_to_the_longest(void **state) {
    Presence *p = *state;
    presence_received(p, 7, 100, START);
    presence_received(p, 7, UINT64_MAX, START + PRESENCE_WINDOW_MAX);

    assert_int_equal(bytes(p, 7, START + PRESENCE_WINDOW_MAX, PRESENCE_WINDOW_MAX + 1), -1);
    uint64_t n = 0;
    assert_true(presence_upload_bytes(p, 7, START + PRESENCE_WINDOW_MAX, PRESENCE_WINDOW_MAX, &n));
    assert_true(n == UINT64_MAX);
}

static void times_that_make_no_sense_do_no_harm(void **state) {
    Presence *p = *state;
    presence_received(p, 7, 5, INT64_MAX);
    presence_received(p, 7, 5, INT64_MIN);

    assert_int_equal(bytes(p, 7, INT64_MIN, 0), 10);
    assert_int_equal(bytes(p, 7, INT64_MAX, -1), -1);
}

static void a_whole_response_is_there_until_it_is_given_up(void **state) {
    Presence *p = *state;

    assert_false(presence_is_whole(p, 7, INT64_MAX));
    presence_whole(p, 7, true, 5000);
    assert_true(presence_is_whole(p, 7, 5000));
    presence_whole(p, 7, false, 5000);
    assert_false(presence_is_whole(p, 7, 5000));
}

static void a_response_that_was_whole_too_late_does_not_count(void **state) {
    Presence *p = *state;
    presence_whole(p, 7, true, 5000);

    assert_false(presence_is_whole(p, 7, 4999));
}

static void of_several_each_is_given_up_by_itself(void **state) {
    Presence *p = *state;
    for (int64_t i = 0; i < LIMIT_UPLOADS + 3; i++)
        presence_whole(p, 7, true, 5000 + i);

    presence_whole(p, 7, false, 5000);
    assert_false(presence_is_whole(p, 7, 5000));
    assert_true(presence_is_whole(p, 7, 5001));
    presence_whole(p, 7, false, 4711);
    for (int64_t i = 1; i < LIMIT_UPLOADS; i++)
        presence_whole(p, 7, false, 5000 + i);
    assert_false(presence_is_whole(p, 7, INT64_MAX));
}

static void whole_responses_of_an_old_lease_are_not_the_new_ones(void **state) {
    Presence *p = *state;
    presence_whole(p, 7, true, 5000);
    presence_whole(p, 8, true, 6000);

    assert_false(presence_is_whole(p, 7, INT64_MAX));
    presence_whole(p, 7, false, 6000);
    presence_whole(p, 7, true, 1000);
    assert_false(presence_is_whole(p, 8, 1000));
    assert_true(presence_is_whole(p, 8, 6000));
}

int main(void) {
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, make, unmake)
    const struct CMUnitTest tests[] = {
        CASE(nothing_is_known_before_a_whole_window_was_measured),
        CASE(all_that_came_in_the_window_is_counted),
        CASE(what_came_before_the_window_counts_no_longer_than_the_rounding),
        CASE(an_upload_that_kept_its_rate_is_never_found_slow),
        CASE(a_newer_lease_begins_anew_and_the_old_ones_bytes_are_ignored),
        CASE(the_clock_stands_still_while_the_server_sleeps),
        CASE(long_windows_are_measured_up_to_the_longest),
        CASE(times_that_make_no_sense_do_no_harm),
        CASE(a_whole_response_is_there_until_it_is_given_up),
        CASE(a_response_that_was_whole_too_late_does_not_count),
        CASE(of_several_each_is_given_up_by_itself),
        CASE(whole_responses_of_an_old_lease_are_not_the_new_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
