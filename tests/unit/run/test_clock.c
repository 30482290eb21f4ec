/* The time of ceremonies, under clocks that do what they like. */
#include "run/clock.h"
#include "support/test.h"

#define START INT64_C(1700000000000)

static int64_t wall_ms, mono_ms;

static int64_t wall(void) {
    return wall_ms;
}

static int64_t mono(void) {
    return mono_ms;
}

static void pass(int64_t ms) {
    wall_ms += ms;
    mono_ms += ms;
}

static RunClock *fresh(void) {
    wall_ms = START;
    mono_ms = 12345;
    RunClock *k = run_clock_new((ClockSources){wall, mono}, NULL);
    assert_non_null(k);
    return k;
}

/* A clock whose time is kept since START. */
static RunClock *kept(void) {
    RunClock *k = fresh();
    (void)run_clock_tick(k);
    return k;
}

static void assert_no_gap(ClockGap gap) {
    assert_int_equal(gap.from_ms, gap.to_ms);
}

static void assert_gap(ClockGap gap, int64_t from, int64_t to) {
    assert_int_equal(gap.from_ms - START, from);
    assert_int_equal(gap.to_ms - START, to);
}

/* ---- ordinary time ---- */

static void it_begins_at_wall_time_and_goes_on_with_the_monotonic_clock(void **state) {
    (void)state;
    RunClock *k = fresh();
    assert_int_equal(run_clock_now(k), START);

    mono_ms += 700;

    assert_int_equal(run_clock_now(k), START + 700);
    run_clock_free(k);
}

static void without_ticks_it_does_not_stand_still(void **state) {
    (void)state;
    RunClock *k = fresh();

    pass(3600000);

    assert_int_equal(run_clock_now(k), START + 3600000);
    run_clock_free(k);
}

static void it_begins_no_earlier_than_the_newest_event(void **state) {
    (void)state;
    RunClock *k = fresh();

    run_clock_begin(k, START + 5000);
    run_clock_begin(k, START + 4000);
    assert_no_gap(run_clock_tick(k));

    assert_int_equal(run_clock_now(k), START + 5000);
    pass(100);
    assert_int_equal(run_clock_now(k), START + 5100);
    run_clock_free(k);
}

static void the_first_tick_finds_no_gap(void **state) {
    (void)state;
    RunClock *k = fresh();
    pass(60000);

    assert_no_gap(run_clock_tick(k));

    assert_int_equal(run_clock_now(k), START + 60000);
    run_clock_free(k);
}

static void ticks_in_time_find_no_gap(void **state) {
    (void)state;
    RunClock *k = kept();
    for (int i = 1; i <= 50; i++) {
        pass(i % 2 == 0 ? 200 : CLOCK_SLACK_MS);

        assert_no_gap(run_clock_tick(k));

        assert_int_equal(run_clock_now(k), wall_ms);
    }
    run_clock_free(k);
}

/* ---- the server did not run ---- */

static void between_two_ticks_it_advances_no_further_than_the_slack(void **state) {
    (void)state;
    RunClock *k = kept();

    pass(600000);

    assert_int_equal(run_clock_now(k), START + CLOCK_SLACK_MS);
    run_clock_free(k);
}

static void a_late_tick_is_a_gap_from_where_time_stood_still(void **state) {
    (void)state;
    RunClock *k = kept();
    pass(600000);

    ClockGap gap = run_clock_tick(k);

    assert_gap(gap, CLOCK_SLACK_MS, 600000);
    run_clock_cross(k, gap);
    assert_int_equal(run_clock_now(k), START + 600000);
    pass(200);
    assert_no_gap(run_clock_tick(k));
    run_clock_free(k);
}

static void a_tick_that_is_late_by_a_little_is_a_gap_of_that(void **state) {
    (void)state;
    RunClock *k = kept();
    pass(CLOCK_SLACK_MS + 1);

    assert_gap(run_clock_tick(k), CLOCK_SLACK_MS, CLOCK_SLACK_MS + 1);
    run_clock_free(k);
}

static void time_stands_still_until_the_gap_is_on_record(void **state) {
    (void)state;
    RunClock *k = kept();
    pass(600000);
    (void)run_clock_tick(k);

    pass(1000);

    assert_int_equal(run_clock_now(k), START + CLOCK_SLACK_MS);
    assert_gap(run_clock_tick(k), CLOCK_SLACK_MS, 601000);
    run_clock_free(k);
}

static void what_passes_while_a_gap_is_recorded_is_not_lost(void **state) {
    (void)state;
    RunClock *k = kept();
    pass(600000);
    ClockGap gap = run_clock_tick(k);
    pass(300);

    run_clock_cross(k, gap);

    assert_int_equal(run_clock_now(k), START + 600300);
    run_clock_free(k);
}

static void a_tick_that_failed_lets_no_time_pass(void **state) {
    (void)state;
    RunClock *k = kept();
    for (int i = 0; i < 30; i++) {
        pass(1000);
        if (run_clock_tick(k).from_ms == run_clock_now(k))
            run_clock_stay(k);
    }

    assert_int_equal(run_clock_now(k), START + CLOCK_SLACK_MS);
    assert_gap(run_clock_tick(k), CLOCK_SLACK_MS, 30000);
    run_clock_free(k);
}

/* ---- the wall clock goes its own ways ---- */

static void a_suspended_machine_is_a_gap(void **state) {
    (void)state;
    RunClock *k = kept();
    pass(200);
    wall_ms += 3600000; /* the monotonic clock slept */

    ClockGap gap = run_clock_tick(k);

    assert_gap(gap, 200, 3600200);
    run_clock_cross(k, gap);
    assert_int_equal(run_clock_now(k), wall_ms);
    run_clock_free(k);
}

static void a_wall_clock_that_is_a_little_ahead_is_followed(void **state) {
    (void)state;
    RunClock *k = kept();
    pass(200);
    wall_ms += 150;

    assert_no_gap(run_clock_tick(k));

    assert_int_equal(run_clock_now(k), START + 350);
    run_clock_free(k);
}

static void a_wall_clock_that_is_set_back_changes_nothing(void **state) {
    (void)state;
    RunClock *k = kept();
    for (int i = 1; i <= 10; i++) {
        pass(200);
        wall_ms -= 86400000;

        assert_no_gap(run_clock_tick(k));

        assert_int_equal(run_clock_now(k), START + i * 200);
    }
    run_clock_free(k);
}

static void a_wall_clock_that_is_set_back_and_right_again_is_no_gap(void **state) {
    (void)state;
    RunClock *k = kept();
    wall_ms -= 86400000;
    pass(200);
    assert_no_gap(run_clock_tick(k));
    wall_ms += 86400000;
    pass(200);

    assert_no_gap(run_clock_tick(k));

    assert_int_equal(run_clock_now(k), START + 400);
    run_clock_free(k);
}

static void whatever_the_clocks_do_time_never_goes_back(void **state) {
    (void)state;
    RunClock *k = kept();
    uint32_t chance = 1;
    int64_t last = run_clock_now(k);
    for (int i = 0; i < 5000; i++) {
        chance = chance * 1664525 + 1013904223;
        int64_t by = (int64_t)(chance >> 18);
        mono_ms += by % 4001;
        wall_ms += chance % 3 == 0 ? -by : by;
        assert_true(run_clock_now(k) >= last);
        if (chance % 5 != 0) {
            ClockGap gap = run_clock_tick(k);
            assert_true(gap.to_ms >= gap.from_ms && gap.from_ms >= last);
            if (chance % 7 != 0 && gap.to_ms != gap.from_ms)
                run_clock_cross(k, gap);
        }
        assert_true(run_clock_now(k) >= last);
        last = run_clock_now(k);
    }
    run_clock_free(k);
}

static void it_stands_when_no_tick_has_come_for_too_long(void **state) {
    (void)state;
    RunClock *k = kept();
    pass(CLOCK_SLACK_MS);
    assert_false(run_clock_stands(k));
    pass(1);
    assert_true(run_clock_stands(k));

    ClockGap gap = run_clock_tick(k);

    assert_true(run_clock_stands(k));
    run_clock_cross(k, gap);
    assert_false(run_clock_stands(k));
    run_clock_free(k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_begins_at_wall_time_and_goes_on_with_the_monotonic_clock),
        cmocka_unit_test(without_ticks_it_does_not_stand_still),
        cmocka_unit_test(it_begins_no_earlier_than_the_newest_event),
        cmocka_unit_test(the_first_tick_finds_no_gap),
        cmocka_unit_test(ticks_in_time_find_no_gap),
        cmocka_unit_test(between_two_ticks_it_advances_no_further_than_the_slack),
        cmocka_unit_test(a_late_tick_is_a_gap_from_where_time_stood_still),
        cmocka_unit_test(a_tick_that_is_late_by_a_little_is_a_gap_of_that),
        cmocka_unit_test(time_stands_still_until_the_gap_is_on_record),
        cmocka_unit_test(what_passes_while_a_gap_is_recorded_is_not_lost),
        cmocka_unit_test(a_tick_that_failed_lets_no_time_pass),
        cmocka_unit_test(a_suspended_machine_is_a_gap),
        cmocka_unit_test(a_wall_clock_that_is_a_little_ahead_is_followed),
        cmocka_unit_test(a_wall_clock_that_is_set_back_changes_nothing),
        cmocka_unit_test(a_wall_clock_that_is_set_back_and_right_again_is_no_gap),
        cmocka_unit_test(whatever_the_clocks_do_time_never_goes_back),
        cmocka_unit_test(it_stands_when_no_tick_has_come_for_too_long),
    };
    return cmocka_run_group_tests_name("run/clock", tests, NULL, NULL);
}
