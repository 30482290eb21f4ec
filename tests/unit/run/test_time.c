/* What happens to turns and places while the server does not work. */
#include "base/file.h"
#include "run/ceremony_private.h"
#include "run/world.h"

#define HOUR INT64_C(3600000)

static int setup(void **state) {
    static const char *const settings[] = {"fetch_s=60", "on_missed=strike", NULL};
    World *w = malloc(sizeof *w);
    world_open(w, settings);
    *state = w;
    return 0;
}

static void sleep_for(int64_t ms) {
    world_wall_ms += ms;
    world_mono_ms += ms;
}

/* The server is away for so long; the last tick was at most a second before. */
static void restart_after(World *w, int64_t ms) {
    node_close(w->node);
    sleep_for(ms);
    world_start(w);
    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
}

static bool holds(World *w, const Session *s) {
    return ceremony_may_upload(w->c, s);
}

static void holder(World *w, Session *ret) {
    *ret = world_sign_in(w, "git|1|a");
    world_take_slot(w, ret);
}

/* ---- turns ---- */

static void a_turn_does_not_run_out_while_the_process_stands_still(void **state) {
    World *w = *state;
    Session a;
    holder(w, &a);

    sleep_for(HOUR);
    node_tick(w->node);

    assert_true(holds(w, &a));
    assert_int_equal(world_status(w).view.expired, 0);
    world_pass(w, 61000);
    assert_false(holds(w, &a));
}

static void a_turn_does_not_run_out_while_the_machine_sleeps(void **state) {
    World *w = *state;
    Session a;
    holder(w, &a);

    world_wall_ms += HOUR;
    node_tick(w->node);

    assert_true(holds(w, &a));
}

static void a_turn_has_as_much_time_left_as_before(void **state) {
    World *w = *state;
    Session a;
    holder(w, &a);
    world_pass(w, 40000);
    int64_t left = world_status(w).view.lease.deadline_ms - run_clock_now(w->c->host.clock);

    sleep_for(HOUR);
    node_tick(w->node);

    int64_t after = world_status(w).view.lease.deadline_ms - run_clock_now(w->c->host.clock);
    assert_int_equal(left - after, CLOCK_SLACK_MS); /* which it had before the server stood still */
}

static void a_turn_does_not_run_out_while_the_server_is_down(void **state) {
    World *w = *state;
    Session a;
    holder(w, &a);
    world_pass(w, 40000);

    restart_after(w, HOUR);

    assert_true(holds(w, &a));
    world_pass(w, 18000);
    assert_true(holds(w, &a));
    world_pass(w, 4000);
    assert_false(holds(w, &a));
}

static void a_start_that_does_not_know_the_downtime_believes_the_newest_event(void **state) {
    World *w = *state;
    char path[LIMIT_PATH];
    Session a;
    holder(w, &a);
    assert_true(cvk_path(path, w->at.dir, "alive", NULL));
    node_close(w->node);
    assert_int_equal(remove(path), 0);
    sleep_for(HOUR);

    world_start(w);

    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
    assert_true(holds(w, &a));
}

static void an_operator_at_work_while_the_server_is_down_costs_nobody_time(void **state) {
    World *w = *state;
    Node *other;
    Ceremony *c;
    Session a;
    holder(w, &a);
    node_close(w->node);
    sleep_for(HOUR);
    assert_true(
        node_open(w->at.dir, (NodeOptions){.threads = 1, .clock = world_clock}, &other, NULL));
    assert_true(node_ceremony(other, NULL, &c, NULL));
    assert_true(ceremony_set_mode(c, MODE_DRAINING, NULL));
    node_close(other);
    sleep_for(1000);

    world_start(w);

    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
    assert_true(holds(w, &a));
    world_pass(w, 50000);
    assert_true(holds(w, &a));
}

static void an_operators_command_lets_nobodys_time_run_out(void **state) {
    World *w = *state;
    Node *other;
    Ceremony *c;
    Session a;
    holder(w, &a);
    sleep_for(HOUR);
    assert_true(
        node_open(w->at.dir, (NodeOptions){.threads = 1, .clock = world_clock}, &other, NULL));
    assert_true(node_ceremony(other, NULL, &c, NULL));

    assert_true(ceremony_set_mode(c, MODE_DRAINING, NULL));

    node_close(other);
    node_tick(w->node);
    assert_int_equal(world_status(w).view.mode, MODE_DRAINING);
    assert_true(holds(w, &a));
}

/* A request may be quicker than the tick that finds the gap. */
static void who_comes_before_the_gap_is_on_record_ends_nobodys_turn(void **state) {
    World *w = *state;
    Node *other;
    Ceremony *c;
    Session a, b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    uint64_t lease;
    CeremonyFile file;
    CvkErr err;
    holder(w, &a);
    sleep_for(HOUR);
    assert_true(
        node_open(w->at.dir, (NodeOptions){.threads = 1, .clock = world_clock}, &other, NULL));
    assert_true(node_ceremony(other, NULL, &c, NULL));
    assert_true(ceremony_set_mode(c, MODE_PAUSED, NULL));
    node_close(other);

    assert_false(ceremony_check_in(w->c, &b, &refusal, &lease, &file, &err));
    assert_string_equal(err.id, "time.gap");

    node_tick(w->node);
    assert_true(holds(w, &a));
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
}

static void a_file_that_says_the_server_lived_later_than_now_says_nothing(void **state) {
    World *w = *state;
    char path[LIMIT_PATH];
    Session a;
    holder(w, &a);
    assert_true(cvk_path(path, w->at.dir, "alive", NULL));
    node_close(w->node);
    assert_true(cvk_file_write(path, "004000000000000\n", 16, 0600, NULL));
    sleep_for(HOUR);

    world_start(w);

    assert_true(node_ceremony(w->node, NULL, &w->c, NULL));
    world_pass(w, 2000);
    assert_true(holds(w, &a));
}

static void a_wall_clock_that_is_set_back_changes_nothing(void **state) {
    World *w = *state;
    Session a;
    holder(w, &a);

    world_wall_ms -= HOUR;
    world_pass(w, 50000);
    assert_true(holds(w, &a));
    world_pass(w, 11000);

    assert_false(holds(w, &a));
    world_wall_ms += HOUR;
    node_tick(w->node);
}

static void a_start_does_not_go_back_with_the_wall_clock(void **state) {
    World *w = *state;
    Session a;
    holder(w, &a);
    world_pass(w, 30000);
    int64_t before_ms = run_clock_now(w->c->host.clock);
    world_wall_ms -= HOUR;

    restart_after(w, 1000);

    assert_true(run_clock_now(w->c->host.clock) >= before_ms - 1000); /* it is noted each second */
    world_wall_ms += HOUR;
}

/* ---- places ---- */

static void places_are_kept_while_the_server_is_down(void **state) {
    World *w = *state;
    Session a, b = world_sign_in(w, "git|2|b");
    holder(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);

    restart_after(w, 24 * HOUR);
    world_pass(w, 40000);

    assert_int_equal(world_status(w).view.waiting, 1);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY); /* and nobody is too early after a start */
}

/* The skip on record is as long as the slot's new state allows; those who wait slept all of it. */
static void places_are_kept_when_the_operator_works_while_the_process_stands_still(void **state) {
    World *w = *state;
    Node *other;
    Ceremony *c;
    Session a, b = world_sign_in(w, "git|2|b");
    holder(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
    sleep_for(HOUR);
    assert_true(
        node_open(w->at.dir, (NodeOptions){.threads = 1, .clock = world_clock}, &other, NULL));
    assert_true(node_ceremony(other, NULL, &c, NULL));
    assert_true(ceremony_judge_person(c, COMMAND_DROP, "git|1|a", NULL, NULL));
    node_close(other);
    sleep_for(1000);

    node_tick(w->node);
    world_pass(w, 1000);

    assert_int_equal(world_status(w).view.waiting, 1);
    assert_int_equal(world_ask(w, &b), REFUSAL_NONE);
}

static void whoever_does_not_come_back_after_a_start_loses_the_place(void **state) {
    World *w = *state;
    Session a, b = world_sign_in(w, "git|2|b");
    holder(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
    restart_after(w, HOUR);

    world_pass(w, 4 * HOUR);

    assert_int_equal(world_status(w).view.waiting, 0);
}

static void whoever_is_back_at_the_place_after_a_turn_must_be_seen_again(void **state) {
    static const char *const settings[] = {"fetch_s=60", "on_expired=nothing", "on_missed=strike",
                                           NULL};
    World w;
    Session a;
    (void)state;
    world_open(&w, settings);
    holder(&w, &a);
    world_pass(&w, 61000);
    assert_int_equal(world_status(&w).view.waiting, 1);

    world_pass(&w, 4 * HOUR);

    assert_int_equal(world_status(&w).view.waiting, 0);
    world_close(&w);
}

static void whoever_asks_right_after_a_start_is_not_too_early(void **state) {
    World *w = *state;
    Session a, b = world_sign_in(w, "git|2|b");
    holder(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);

    restart_after(w, 1000);

    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
}

static void where_nothing_runs_a_start_adds_nothing(void **state) {
    World *w = *state;
    uint64_t before = w->c->seq;

    restart_after(w, HOUR);
    sleep_for(HOUR);
    node_tick(w->node);

    assert_int_equal(w->c->seq, before);
}

/* ---- sessions ---- */

static bool knows(World *w, const Session *s) {
    Session again;
    char id[AUTH_SESSION_TEXT];
    auth_session_id(w->c->host.auth, w->c->id, s->identity, 0, id);
    return ceremony_session(w->c, id, &again);
}

static void a_session_ends_a_day_after_its_owner_was_here(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");

    world_pass(w, 25 * HOUR);

    assert_false(knows(w, &a));
}

static void whoever_waits_longer_than_a_day_is_still_known(void **state) {
    static const char *const settings[] = {"fetch_s=10000000", "on_missed=nothing", NULL};
    World w;
    Session a, b;
    (void)state;
    world_open(&w, settings);
    holder(&w, &a);
    b = world_sign_in(&w, "git|2|b");
    assert_int_equal(world_ask(&w, &b), REFUSAL_BUSY);

    world_pass(&w, 50 * HOUR);

    assert_true(knows(&w, &a));
    assert_true(knows(&w, &b));
    assert_true(ceremony_judge_person(w.c, COMMAND_DROP, "git|2|b", NULL, NULL));
    world_pass(&w, HOUR);
    assert_true(knows(&w, &b));
    world_pass(&w, 24 * HOUR);
    assert_false(knows(&w, &b));
    world_close(&w);
}

static void a_clock_that_jumps_ahead_by_years_logs_nobody_out_who_waits(void **state) {
    World *w = *state;
    Session a, b = world_sign_in(w, "git|2|b");
    holder(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);

    world_wall_ms += 10 * 365 * 24 * HOUR;
    node_tick(w->node);

    assert_true(knows(w, &a));
    assert_true(knows(w, &b));
    world_wall_ms -= 10 * 365 * 24 * HOUR;
    world_pass(w, 40000);
    assert_true(holds(w, &a));
}

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, setup, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_turn_does_not_run_out_while_the_process_stands_still),
        IN_WORLD(a_turn_does_not_run_out_while_the_machine_sleeps),
        IN_WORLD(a_turn_has_as_much_time_left_as_before),
        IN_WORLD(a_turn_does_not_run_out_while_the_server_is_down),
        IN_WORLD(a_start_that_does_not_know_the_downtime_believes_the_newest_event),
        IN_WORLD(an_operator_at_work_while_the_server_is_down_costs_nobody_time),
        IN_WORLD(an_operators_command_lets_nobodys_time_run_out),
        IN_WORLD(who_comes_before_the_gap_is_on_record_ends_nobodys_turn),
        IN_WORLD(a_file_that_says_the_server_lived_later_than_now_says_nothing),
        IN_WORLD(a_wall_clock_that_is_set_back_changes_nothing),
        IN_WORLD(a_start_does_not_go_back_with_the_wall_clock),
        IN_WORLD(places_are_kept_while_the_server_is_down),
        IN_WORLD(places_are_kept_when_the_operator_works_while_the_process_stands_still),
        IN_WORLD(whoever_does_not_come_back_after_a_start_loses_the_place),
        cmocka_unit_test(whoever_is_back_at_the_place_after_a_turn_must_be_seen_again),
        IN_WORLD(whoever_asks_right_after_a_start_is_not_too_early),
        IN_WORLD(where_nothing_runs_a_start_adds_nothing),
        IN_WORLD(a_session_ends_a_day_after_its_owner_was_here),
        cmocka_unit_test(whoever_waits_longer_than_a_day_is_still_known),
        IN_WORLD(a_clock_that_jumps_ahead_by_years_logs_nobody_out_who_waits),
    };
    return cmocka_run_group_tests_name("run/time", tests, NULL, NULL);
}
