/* Polls that wait for an answer. */
#include "run/world.h"

#include <unistd.h>

/* Polls that are still parked at the end of a test are woken when its world closes. */
static int woken, other_woken;

static int setup(void **state) {
    static const char *const settings[] = {"park_max=2", "park_s=20", "fetch_s=1000", NULL};
    World *w = malloc(sizeof *w);
    woken = other_woken = 0;
    world_open(w, settings);
    *state = w;
    return 0;
}

static void count(void *ctx) {
    ++*(int *)ctx;
}

/* Waits in the queue, behind somebody with the slot. */
static Session waiter(World *w, const char *identity) {
    Session s = world_sign_in(w, identity);
    assert_int_equal(world_ask(w, &s), REFUSAL_BUSY);
    return s;
}

static Session holder(World *w) {
    Session s = world_sign_in(w, "git|1|a");
    world_take_slot(w, &s);
    return s;
}

static void give_up(World *w, const Session *s) {
    Refusal refusal;
    assert_true(ceremony_abort(w->c, s, &refusal, NULL));
    assert_int_equal(refusal, REFUSAL_NONE);
}

/* ---- waking ---- */

static void a_parked_poll_wakes_when_the_slot_is_theirs(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    Refusal refusal;
    uint64_t lease;
    CeremonyFile file;
    assert_true(ceremony_park(w->c, &b, count, &woken));
    assert_int_equal(woken, 0);

    give_up(w, &a);

    assert_int_equal(woken, 1);
    assert_true(ceremony_after_park(w->c, &b, &refusal, &lease, &file, NULL));
    assert_true(refusal == REFUSAL_NONE || refusal == REFUSAL_HOLDER_AGAIN);
    assert_int_equal(lease, world_status(w).view.lease.number);
    close(file.fd);
    assert_int_equal(world_status(w).view.lease.phase, PHASE_FETCHING);
}

static void of_two_parked_polls_the_longer_waiter_wakes(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b"), c = waiter(w, "git|3|c");
    assert_true(ceremony_park(w->c, &c, count, &other_woken));
    assert_true(ceremony_park(w->c, &b, count, &woken));

    give_up(w, &a);

    assert_int_equal(woken, 1);
    assert_int_equal(other_woken, 0);
}

static void a_parked_poll_wakes_when_its_time_is_over(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    Refusal refusal;
    uint64_t lease;
    CeremonyFile file;
    (void)a;
    assert_true(ceremony_park(w->c, &b, count, &woken));
    world_pass(w, 19000);
    assert_int_equal(woken, 0);

    world_pass(w, 1000);

    assert_int_equal(woken, 1);
    assert_true(ceremony_after_park(w->c, &b, &refusal, &lease, &file, NULL));
    assert_int_equal(refusal, REFUSAL_BUSY);
    world_pass(w, 20000);
    assert_int_equal(woken, 1);
}

static void a_parked_poll_wakes_when_the_server_cannot_work(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    (void)a;
    assert_true(ceremony_park(w->c, &b, count, &woken));
    world_break_journal(w);

    world_pass(w, 1000);

    assert_int_equal(woken, 1);
}

static void a_parked_poll_wakes_when_the_server_stops(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    (void)a;
    assert_true(ceremony_park(w->c, &b, count, &woken));

    w->node = node_close(w->node);

    assert_int_equal(woken, 1);
}

static void a_parked_poll_wakes_when_the_operator_drops_its_place(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    (void)a;
    assert_true(ceremony_park(w->c, &b, count, &woken));

    assert_true(ceremony_judge_person(w->c, COMMAND_DROP, "git|2|b", NULL, NULL));

    assert_int_equal(woken, 1);
}

static void whoever_was_parked_is_not_late(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    Refusal refusal;
    uint64_t lease;
    CeremonyFile file;
    (void)a;
    for (int i = 0; i < 5; i++) { /* never checks in, but hangs on */
        assert_true(ceremony_park(w->c, &b, count, &woken));
        world_pass(w, 20000);
        assert_int_equal(woken, i + 1);
        assert_true(ceremony_after_park(w->c, &b, &refusal, &lease, &file, NULL));
        if (refusal != REFUSAL_BUSY)
            break;
    }
    CeremonyStatus status = world_status(w);
    assert_true(status.view.waiting == 1 || strcmp(status.view.lease.identity, "git|2|b") == 0);
}

static void whoever_wakes_over_a_skip_is_not_late(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    (void)a;
    assert_true(ceremony_park(w->c, &b, count, &woken));
    world_pass(w, 18500);

    world_wall_ms += 25000; /* the process stands still, and parking is over when it goes on */
    world_mono_ms += 25000;
    node_tick(w->node);
    assert_int_equal(woken, 1);
    world_pass(w, 44000);

    assert_int_equal(world_status(w).view.waiting, 1);
}

/* ---- hanging up ---- */

static void whoever_hangs_up_is_not_woken(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    assert_true(ceremony_park(w->c, &b, count, &woken));

    assert_true(ceremony_unpark(w->c, &woken));

    assert_false(ceremony_unpark(w->c, &woken));
    give_up(w, &a);
    world_pass(w, 30000);
    assert_int_equal(woken, 0);
}

static void whoever_was_woken_cannot_hang_up(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    assert_true(ceremony_park(w->c, &b, count, &woken));
    give_up(w, &a);

    assert_false(ceremony_unpark(w->c, &woken));
}

/* ---- who may ---- */

static void only_the_head_of_the_queue_may_be_parked(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b"), c = waiter(w, "git|3|c"),
            d = waiter(w, "git|4|d");
    Waiting waiting;

    assert_false(ceremony_park(w->c, &d, count, &woken)); /* park_max is 2 */
    assert_true(ceremony_park(w->c, &c, count, &woken));
    assert_true(ceremony_park(w->c, &b, count, &woken));

    assert_false(ceremony_park(w->c, &a, count, &woken)); /* holds the slot */
    ceremony_waiting(w->c, &d, &waiting);
    assert_false(waiting.parkable);
    assert_int_equal(waiting.ahead, 2);
    ceremony_waiting(w->c, &c, &waiting);
    assert_true(waiting.parkable);
}

static void nobody_is_parked_twice(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    (void)a;
    assert_true(ceremony_park(w->c, &b, count, &woken));

    assert_false(ceremony_park(w->c, &b, count, &other_woken));
}

static void nobody_is_parked_before_a_free_slot(void **state) {
    World *w = *state;
    Session a = holder(w), b = waiter(w, "git|2|b");
    give_up(w, &a);

    assert_false(ceremony_park(w->c, &b, count, &woken));
}

static void nobody_is_parked_in_a_lobby(void **state) {
    static const char *const settings[] = {"entry=lobby", NULL};
    World w;
    (void)state;
    world_open(&w, settings);
    Session a = holder(&w), b = waiter(&w, "git|2|b");
    (void)a;

    assert_false(ceremony_park(w.c, &b, count, &woken));

    world_close(&w);
}

static void there_is_room_for_so_many_only(void **state) {
    static const char *const settings[] = {"park_max=100", "park_s=20", NULL};
    World w;
    int count_of[LIMIT_PARKED + 1] = {0};
    char identity[32];
    (void)state;
    world_open(&w, settings);
    Session a = holder(&w);
    (void)a;
    for (int i = 0; i <= LIMIT_PARKED; i++) {
        snprintf(identity, sizeof identity, "git|%d|x", 10 + i);
        Session s = waiter(&w, identity);

        assert_true(ceremony_park(w.c, &s, count, &count_of[i]) == (i < LIMIT_PARKED));
    }

    world_close(&w);

    for (int i = 0; i <= LIMIT_PARKED; i++)
        assert_int_equal(count_of[i], i < LIMIT_PARKED);
}

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, setup, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_parked_poll_wakes_when_the_slot_is_theirs),
        IN_WORLD(of_two_parked_polls_the_longer_waiter_wakes),
        IN_WORLD(a_parked_poll_wakes_when_its_time_is_over),
        IN_WORLD(a_parked_poll_wakes_when_the_server_cannot_work),
        IN_WORLD(a_parked_poll_wakes_when_the_server_stops),
        IN_WORLD(a_parked_poll_wakes_when_the_operator_drops_its_place),
        IN_WORLD(whoever_was_parked_is_not_late),
        IN_WORLD(whoever_wakes_over_a_skip_is_not_late),
        IN_WORLD(whoever_hangs_up_is_not_woken),
        IN_WORLD(whoever_was_woken_cannot_hang_up),
        IN_WORLD(only_the_head_of_the_queue_may_be_parked),
        IN_WORLD(nobody_is_parked_twice),
        IN_WORLD(nobody_is_parked_before_a_free_slot),
        cmocka_unit_test(nobody_is_parked_in_a_lobby),
        cmocka_unit_test(there_is_room_for_so_many_only),
    };
    return cmocka_run_group_tests_name("run/park", tests, NULL, NULL);
}
