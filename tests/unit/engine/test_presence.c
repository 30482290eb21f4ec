#include "support/test.h"

#include "engine/presence_private.h"

#define READY 10000

static int make(void **state) {
    *state = presence_new(NULL);
    return *state == NULL;
}

static int unmake(void **state) {
    presence_free(*state);
    return 0;
}

static void touch(Presence *p, const char *who, int64_t now_ms) {
    assert_true(presence_touch(p, who, now_ms, INT64_MAX, NULL));
}

static void due(Presence *p, const char *who, int64_t now_ms, int64_t due_ms) {
    assert_true(presence_touch(p, who, now_ms, due_ms, NULL));
}

static int64_t seen(const Presence *p, const char *who) {
    int64_t ms = -1;
    return presence_last_seen(p, who, &ms) ? ms : -1;
}

static int64_t asked(const Presence *p, const char *who) {
    int64_t ms = -1;
    return presence_last_asked(p, who, &ms) ? ms : -1;
}

static size_t late(const Presence *p, int64_t now_ms) {
    const char *who[PRESENCE_LATE_MAX];
    return presence_late(p, now_ms, who, PRESENCE_LATE_MAX);
}

/* How often `who` is among those who are ready; *ret_n: how many are. */
static size_t among_ready(const Presence *p, const char *who, int64_t now_ms, size_t *ret_n) {
    PresenceWalk w = {0};
    size_t times = 0;
    const char *x;
    for (*ret_n = 0; (x = presence_next_ready(p, &w, now_ms, READY)) != NULL; ++*ret_n)
        times += strcmp(x, who) == 0 ? 1 : 0;
    return times;
}

static void somebody_who_was_never_seen_is_not_there(void **state) {
    Presence *p = *state;

    assert_int_equal(seen(p, "a"), -1);
    assert_int_equal(asked(p, "a"), -1);
    assert_false(presence_seen(p, "a", INT64_MIN));
    assert_false(presence_ready(p, "a", 0, READY));
    presence_park(p, "a", true, 5);
    assert_int_equal(presence_seen_since(p, 0), 0);
}

static void the_last_touch_is_remembered(void **state) {
    Presence *p = *state;
    touch(p, "a", 1000);
    touch(p, "a", 4000);

    assert_int_equal(seen(p, "a"), 4000);
    assert_int_equal(asked(p, "a"), 4000);
    assert_true(presence_seen(p, "a", 4000));
    assert_false(presence_seen(p, "a", 4001));
}

static void time_does_not_go_back(void **state) {
    Presence *p = *state;
    touch(p, "a", 9000);
    touch(p, "b", 4000);

    assert_int_equal(seen(p, "b"), 9000);
}

static void those_seen_earlier_are_forgotten_only_when_asked_to(void **state) {
    Presence *p = *state;
    touch(p, "a", 1000);
    touch(p, "b", 2000);
    touch(p, "c", 3000);

    assert_int_equal(presence_count(p, 3500, 1500, false), 2);
    assert_int_equal(seen(p, "a"), 1000);
    assert_int_equal(presence_count(p, 3500, 1500, true), 2);
    assert_int_equal(seen(p, "a"), -1);
    assert_int_equal(seen(p, "b"), 2000);
    assert_int_equal(presence_count(p, 3500, INT64_MAX, true), 2);
    assert_int_equal(presence_count(p, INT64_MIN, INT64_MAX, true), 2);
}

static void whoever_comes_every_few_seconds_is_ready_for_as_long(void **state) {
    Presence *p = *state;
    touch(p, "a", 20000);
    touch(p, "a", 29999);

    assert_true(presence_ready(p, "a", 39999, READY));
    assert_false(presence_ready(p, "a", 40000, READY));
}

static void whoever_came_once_is_not_ready(void **state) {
    Presence *p = *state;
    touch(p, "a", 20000);

    assert_false(presence_ready(p, "a", 20001, READY));
}

static void whoever_comes_seldom_is_not_ready(void **state) {
    Presence *p = *state;
    touch(p, "a", 20000);
    touch(p, "a", 20000 + READY + 1);

    assert_false(presence_ready(p, "a", 20000 + READY + 1, READY));
}

static void whoever_is_seated_has_not_asked(void **state) {
    Presence *p = *state;
    assert_true(presence_seat(p, "a", 20000, INT64_MAX, NULL));

    assert_int_equal(seen(p, "a"), 20000);
    int64_t at;
    assert_false(presence_last_asked(p, "a", &at));
}

static void a_first_check_in_after_a_start_makes_nobody_ready(void **state) {
    Presence *p = *state;
    assert_true(presence_seat(p, "a", 20000, INT64_MAX, NULL));
    touch(p, "a", 24000);

    assert_false(presence_ready(p, "a", 24000, READY));
    touch(p, "a", 28000);
    assert_true(presence_ready(p, "a", 28000, READY));
}

static void a_first_check_in_after_a_skip_makes_nobody_ready(void **state) {
    Presence *p = *state;
    touch(p, "a", 20000);
    presence_skip(p, 60000);
    touch(p, "a", 84000);

    assert_false(presence_ready(p, "a", 84000, READY));
}

static void whoever_came_often_is_ready_after_a_skip_too(void **state) {
    Presence *p = *state;
    touch(p, "a", 20000);
    touch(p, "a", 25000);
    presence_skip(p, 60000);
    touch(p, "a", 99000);

    assert_true(presence_ready(p, "a", 99000, READY));
}

static void whoever_wakes_after_a_skip_and_comes_late_is_not_ready(void **state) {
    Presence *p = *state;
    touch(p, "a", 20000);
    touch(p, "a", 25000);
    presence_park(p, "a", true, 25000);
    presence_skip(p, 60000);
    presence_park(p, "a", false, 90000);
    touch(p, "a", 120000);

    assert_false(presence_ready(p, "a", 120000, READY));
}

static void a_parked_one_is_ready_and_seen_however_long(void **state) {
    Presence *p = *state;
    touch(p, "a", 1000);
    presence_park(p, "a", true, 1000);
    touch(p, "b", 900000);

    assert_true(presence_ready(p, "a", 900000, READY));
    assert_true(presence_seen(p, "a", 900000));
    assert_int_equal(seen(p, "a"), 900000);
    assert_int_equal(presence_seen_since(p, 900000), 2);
    assert_int_equal(presence_count(p, 900000, 10, true), 2);
}

static void whoever_wakes_was_seen_then_but_did_not_ask(void **state) {
    Presence *p = *state;
    touch(p, "a", 1000);
    presence_park(p, "a", true, 1000);
    touch(p, "b", 5000);
    presence_park(p, "a", false, 21000);

    assert_int_equal(seen(p, "a"), 21000);
    assert_int_equal(asked(p, "a"), 1000);
    assert_false(presence_ready(p, "a", 21000, READY));
    touch(p, "a", 21500);
    assert_true(presence_ready(p, "a", 21500, READY));
    assert_int_equal(presence_count(p, 21500, 1000, true), 1);
}

static void those_ready_are_told_once_each(void **state) {
    Presence *p = *state;
    size_t n;
    for (int64_t t = 0; t < 3; t++) {
        touch(p, "often", 100000 + 5000 * t);
        touch(p, "parked", 100000 + 5000 * t);
    }
    touch(p, "once", 110000);
    touch(p, "away", 110000);
    presence_park(p, "away", true, 110000);
    presence_park(p, "parked", true, 110000);

    assert_int_equal(among_ready(p, "often", 110000, &n), 1);
    assert_int_equal(n, 3);
    assert_int_equal(among_ready(p, "parked", 110000, &n), 1);
    assert_int_equal(among_ready(p, "away", 110000, &n), 1);
    assert_int_equal(among_ready(p, "once", 110000, &n), 0);
    assert_int_equal(among_ready(p, "often", 120001, &n), 0);
    assert_int_equal(n, 2);
}

static void a_check_in_is_late_after_its_due_time_and_not_at_it(void **state) {
    Presence *p = *state;
    due(p, "a", 1000, 5000);
    due(p, "b", 1000, INT64_MAX);

    assert_int_equal(late(p, 5000), 0);
    assert_int_equal(late(p, 5001), 1);
    assert_int_equal(late(p, INT64_MAX), 1);
    due(p, "a", 4000, 9000);
    assert_int_equal(late(p, 5001), 0);
}

static void a_parked_one_is_not_late_and_due_so_much_later(void **state) {
    Presence *p = *state;
    due(p, "a", 1000, 5000);
    presence_park(p, "a", true, 2000);

    assert_int_equal(late(p, 100000), 0);
    presence_park(p, "a", false, 22000);
    assert_int_equal(late(p, 25000), 0);
    assert_int_equal(late(p, 25001), 1);
}

static void the_one_due_first_is_told_first_and_no_more_than_were_asked_for(void **state) {
    Presence *p = *state;
    const char *who[PRESENCE_LATE_MAX];
    for (int i = 0; i < 500; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%d", i);
        due(p, name, 1000, 5000 + (i * 7919) % 500);
    }

    assert_int_equal(presence_late(p, 5000 + 20, who, PRESENCE_LATE_MAX), 20);
    assert_string_equal(who[0], "p0");
    assert_int_equal(presence_late(p, 6000, who, PRESENCE_LATE_MAX), PRESENCE_LATE_MAX);
    assert_int_equal(presence_late(p, 6000, who, 3), 3);
}

/* Compared with a plain table, through a few thousand random steps. */
static void who_is_late_agrees_with_a_plain_table(void **state) {
    Presence *p = *state;
    int64_t due_ms[40];
    bool there[40] = {false}, parked[40] = {false};
    int64_t parked_ms[40] = {0};
    uint32_t x = 12345;
    for (int64_t now = 1; now < 8000; now++) {
        x = x * 1664525 + 1013904223;
        size_t i = (x >> 8) % 40;
        char name[16];
        snprintf(name, sizeof name, "p%zu", i);
        switch ((x >> 20) % 4) {
        case 0:
        case 1:
            due_ms[i] = now + (x >> 12) % 500;
            due(p, name, now, due_ms[i]);
            there[i] = true;
            parked_ms[i] = now;
            break;
        case 2:
            presence_remove(p, name);
            there[i] = parked[i] = false;
            break;
        case 3:
            presence_park(p, name, !parked[i], now);
            if (there[i]) {
                parked[i] = !parked[i];
                if (parked[i])
                    parked_ms[i] = now;
                else
                    due_ms[i] += now - parked_ms[i];
            }
            break;
        }
        size_t want = 0;
        for (size_t k = 0; k < 40; k++)
            want += there[k] && !parked[k] && due_ms[k] < now ? 1 : 0;
        assert_int_equal(late(p, now), want < PRESENCE_LATE_MAX ? want : PRESENCE_LATE_MAX);
    }
}

static void after_a_skip_everybody_counts_as_seen_later(void **state) {
    Presence *p = *state;
    due(p, "a", 1000, 5000);
    due(p, "b", 2000, 6000);
    presence_skip(p, 1000000);

    assert_int_equal(seen(p, "a"), 1001000);
    assert_int_equal(seen(p, "b"), 1002000);
    assert_int_equal(asked(p, "a"), 1000);
    assert_int_equal(late(p, 1005000), 0);
    assert_int_equal(late(p, 1005001), 1);
    presence_skip(p, INT64_MAX);
    presence_skip(p, -5);
    assert_int_equal(late(p, INT64_MAX), 0);
}

static void records_are_used_again_up_to_the_limit(void **state) {
    Presence *p = *state;
    CvkErr err = {0};
    char name[32];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < LIMIT_SESSIONS; i++) {
            snprintf(name, sizeof name, "r%d-%d", round, i);
            touch(p, name, 1000 * round);
        }
        assert_false(presence_touch(p, "one-more", 1000 * round, INT64_MAX, &err));
        assert_string_equal(err.id, "limit.count");
        assert_int_equal(presence_count(p, 1000 * (round + 1), 500, true), 0);
    }
}

int main(void) {
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, make, unmake)
    const struct CMUnitTest tests[] = {
        CASE(somebody_who_was_never_seen_is_not_there),
        CASE(the_last_touch_is_remembered),
        CASE(time_does_not_go_back),
        CASE(those_seen_earlier_are_forgotten_only_when_asked_to),
        CASE(whoever_comes_every_few_seconds_is_ready_for_as_long),
        CASE(whoever_came_once_is_not_ready),
        CASE(whoever_comes_seldom_is_not_ready),
        CASE(whoever_is_seated_has_not_asked),
        CASE(a_first_check_in_after_a_start_makes_nobody_ready),
        CASE(a_first_check_in_after_a_skip_makes_nobody_ready),
        CASE(whoever_came_often_is_ready_after_a_skip_too),
        CASE(whoever_wakes_after_a_skip_and_comes_late_is_not_ready),
        CASE(a_parked_one_is_ready_and_seen_however_long),
        CASE(whoever_wakes_was_seen_then_but_did_not_ask),
        CASE(those_ready_are_told_once_each),
        CASE(a_check_in_is_late_after_its_due_time_and_not_at_it),
        CASE(a_parked_one_is_not_late_and_due_so_much_later),
        CASE(the_one_due_first_is_told_first_and_no_more_than_were_asked_for),
        CASE(who_is_late_agrees_with_a_plain_table),
        CASE(after_a_skip_everybody_counts_as_seen_later),
        CASE(records_are_used_again_up_to_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
