/* The time of an upload, what stops its clock, and how long turns take. */
#include "support/test.h"

#include "support/engine_world.h"

#define A "eth|0xaa"
#define B "eth|0xbb"
#define RATE 1000
#define WINDOW 30000

static EnginePolicy rated(void) {
    EnginePolicy p = world_policy();
    p.upload_rate = RATE;
    p.upload_window_ms = WINDOW;
    p.deadline_ms[PHASE_UPLOADING] = 0;
    p.expired = COST_NOTHING;
    return p;
}

static int begin(void **state) {
    static World w;
    world_open(&w, rated());
    *state = &w;
    return 0;
}

static int end(void **state) {
    world_close(*state);
    return 0;
}

static void begin_upload(World *w, uint64_t size) {
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
    assert_int_equal(world_upload(w, 1, size), REFUSAL_NONE);
}

/* So many bytes each second, for so long. */
static void bring(World *w, uint64_t bytes, int seconds) {
    for (int i = 0; i < seconds; i++) {
        w->now_ms += 1000;
        presence_received(w->presence, 1, bytes, w->now_ms);
        world_tick(w);
    }
}

static Refusal store_received(World *w, int64_t received_ms) {
    static const uint8_t hash[32] = {1};
    return world_do(
        w, (Command){.type = COMMAND_STORE, .lease = 1, .hash = hash, .received_ms = received_ms});
}

/* ---- its time ---- */

static void an_upload_has_the_time_of_its_size_at_the_least_rate(void **state) {
    World *w = *state;

    begin_upload(w, 100000);

    assert_int_equal(world_view(w).lease.deadline_ms, w->now_ms + 100000);
}

static void a_small_upload_has_a_window_of_time(void **state) {
    World *w = *state;

    begin_upload(w, 10);

    assert_int_equal(world_view(w).lease.deadline_ms, w->now_ms + WINDOW);
}

static void a_deadline_of_its_own_counts_if_it_is_sooner(void **state) {
    World *w = *state;
    EnginePolicy p = rated();
    p.deadline_ms[PHASE_UPLOADING] = 50000;
    world_close(w);
    world_open(w, p);

    begin_upload(w, 100000);

    assert_int_equal(world_view(w).lease.deadline_ms, w->now_ms + 50000);
}

static void a_size_beyond_all_bounds_is_cut(void **state) {
    World *w = *state;

    begin_upload(w, UINT64_MAX);

    assert_true(world_view(w).lease.deadline_ms > w->now_ms);
    assert_true(world_view(w).lease.deadline_ms < INT64_MAX);
}

static void an_upload_that_keeps_its_rate_goes_on(void **state) {
    World *w = *state;
    begin_upload(w, 200000);

    bring(w, RATE, 150);

    assert_int_equal(world_view(w).lease.number, 1);
}

static void an_upload_that_stalls_ends_after_a_window(void **state) {
    World *w = *state;
    begin_upload(w, 200000);
    bring(w, RATE, 60);
    for (int i = 0; i < 2 * WINDOW / 1000 && world_view(w).lease.number != 0; i++)
        bring(w, RATE / 2, 1);

    assert_int_equal(world_view(w).lease.number, 0);
    const Event *e = &w->last.at[0];
    assert_int_equal(e->type, EVENT_LEASE_EXPIRED);
    assert_true(e->u.expired.stalled);
    assert_int_equal(e->u.expired.phase, PHASE_UPLOADING);
    assert_true(e->u.expired.bytes < (uint64_t)RATE * WINDOW / 1000);
}

static void nobody_stalls_in_the_first_window(void **state) {
    World *w = *state;
    begin_upload(w, 200000);
    w->now_ms += WINDOW - 1;

    world_tick(w);
    assert_int_equal(world_view(w).lease.number, 1);
    w->now_ms++;
    world_tick(w);
    assert_int_equal(world_view(w).lease.number, 0);
}

static void without_a_rate_nobody_stalls(void **state) {
    World *w = *state;
    EnginePolicy p = rated();
    p.upload_rate = 0;
    world_close(w);
    world_open(w, p);
    begin_upload(w, 200000);
    w->now_ms += 100 * WINDOW;

    world_tick(w);

    assert_int_equal(world_view(w).lease.number, 1);
    assert_int_equal(world_view(w).lease.deadline_ms, INT64_MAX);
}

/* ---- the last byte ---- */

static void a_whole_response_stops_the_clock_until_it_is_stored(void **state) {
    World *w = *state;
    begin_upload(w, 10);
    int64_t whole_ms = w->now_ms + WINDOW;
    presence_whole(w->presence, 1, true, whole_ms);
    w->now_ms = whole_ms + 60000;

    world_tick(w);
    assert_int_equal(world_view(w).lease.number, 1);
    assert_int_equal(store_received(w, whole_ms), REFUSAL_NONE);

    assert_int_equal(world_event(w)->u.stored.received_ms, whole_ms);
    assert_int_equal(world_view(w).lease.phase, PHASE_VERIFYING);
}

static void a_whole_response_that_is_given_up_starts_it_again(void **state) {
    World *w = *state;
    begin_upload(w, 10);
    int64_t whole_ms = w->now_ms + 1000;
    presence_whole(w->presence, 1, true, whole_ms);
    w->now_ms += WINDOW + 1;
    world_tick(w);
    presence_whole(w->presence, 1, false, whole_ms);

    world_tick(w);

    assert_int_equal(world_view(w).lease.number, 0);
}

static void a_response_that_was_whole_too_late_is_not_stored(void **state) {
    World *w = *state;
    begin_upload(w, 10);
    w->now_ms += WINDOW + 1;
    presence_whole(w->presence, 1, true, w->now_ms);

    assert_int_equal(store_received(w, w->now_ms), REFUSAL_NOT_HOLDER);

    assert_int_equal(w->last.at[0].type, EVENT_LEASE_EXPIRED);
}

static void a_late_response_does_not_cost_the_one_that_was_whole_in_time(void **state) {
    World *w = *state;
    begin_upload(w, 10);
    int64_t whole_ms = w->now_ms + 1000, late_ms = w->now_ms + WINDOW + 1;
    presence_whole(w->presence, 1, true, whole_ms);
    presence_whole(w->presence, 1, true, late_ms);
    w->now_ms = late_ms + 5000;

    assert_int_equal(store_received(w, late_ms), REFUSAL_NOT_HOLDER);

    assert_int_equal(world_view(w).lease.number, 1);
    assert_int_equal(store_received(w, whole_ms), REFUSAL_NONE);
}

static void nobody_gives_up_what_is_being_stored_after_its_time(void **state) {
    World *w = *state;
    begin_upload(w, 10);
    presence_whole(w->presence, 1, true, w->now_ms + 1000);
    w->now_ms += WINDOW + 1;

    assert_int_equal(world_abort(w, 1), REFUSAL_WRONG_PHASE);
    assert_int_equal(w->last.n, 0);
}

static void a_response_received_before_a_skip_is_still_in_time(void **state) {
    World *w = *state;
    begin_upload(w, 10);
    int64_t whole_ms = w->now_ms + 1000;
    w->now_ms += 3600000;
    world_do(w, (Command){.type = COMMAND_SKIP, .by_ms = 3599000});
    presence_skip(w->presence, 3599000);

    assert_int_equal(store_received(w, whole_ms), REFUSAL_NONE);
}

/* ---- how long turns take ---- */

static void turn(World *w, const char *identity, int64_t takes_ms) {
    assert_int_equal(world_check_in(w, identity), REFUSAL_NONE);
    uint64_t lease = world_view(w).lease.number;
    world_reach(w, lease, PHASE_COMPUTING);
    w->now_ms += takes_ms;
    world_store(w, lease, 1);
    world_accept(w, lease);
}

static void a_turn_is_measured_from_the_end_of_the_one_before(void **state) {
    World *w = *state;
    w->now_ms += 1000;
    turn(w, A, 10000);
    assert_int_equal(world_view(w).turns.n, 1);
    assert_int_equal(world_view(w).turns.mean_ms, 11000); /* since the opening */
    w->now_ms += 3000;

    turn(w, B, 20000);

    assert_int_equal(world_view(w).turns.n, 2);
    assert_int_equal(world_view(w).turns.mean_ms, (11000 + 23000) / 2);
    assert_int_equal(world_view(w).turns.spread_ms, 8485); /* 12000 / sqrt(2) */
}

static void time_in_which_nobody_asked_is_not_counted(void **state) {
    World *w = *state;
    w->now_ms += 3600000;

    turn(w, A, 10000);

    assert_int_equal(world_view(w).turns.mean_ms, WORLD_EVERY + 10000);
}

static void slept_time_is_not_counted(void **state) {
    World *w = *state;
    turn(w, A, 1000);
    assert_int_equal(world_check_in(w, B), REFUSAL_NONE);
    w->now_ms += 3600000;
    world_do(w, (Command){.type = COMMAND_SKIP, .by_ms = 3600000});
    w->now_ms += 2000;

    world_abort(w, 2);

    assert_int_equal(world_view(w).turns.mean_ms, 1500);
}

static void only_the_newest_turns_count(void **state) {
    World *w = *state;
    char name[32];
    for (unsigned i = 0; i < 2 * ENGINE_TURNS; i++) {
        snprintf(name, sizeof name, "git|%u|x", i);
        turn(w, name, i < ENGINE_TURNS ? 50000 : 7000);
        presence_count(w->presence, w->now_ms, 0, true);
    }

    assert_int_equal(world_view(w).turns.n, ENGINE_TURNS);
    assert_int_equal(world_view(w).turns.mean_ms, 7000);
    assert_int_equal(world_view(w).turns.spread_ms, 0);
}

#define RULE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(an_upload_has_the_time_of_its_size_at_the_least_rate),
        RULE(a_small_upload_has_a_window_of_time),
        RULE(a_deadline_of_its_own_counts_if_it_is_sooner),
        RULE(a_size_beyond_all_bounds_is_cut),
        RULE(an_upload_that_keeps_its_rate_goes_on),
        RULE(an_upload_that_stalls_ends_after_a_window),
        RULE(nobody_stalls_in_the_first_window),
        RULE(without_a_rate_nobody_stalls),
        RULE(a_whole_response_stops_the_clock_until_it_is_stored),
        RULE(a_whole_response_that_is_given_up_starts_it_again),
        RULE(a_response_that_was_whole_too_late_is_not_stored),
        RULE(a_late_response_does_not_cost_the_one_that_was_whole_in_time),
        RULE(nobody_gives_up_what_is_being_stored_after_its_time),
        RULE(a_response_received_before_a_skip_is_still_in_time),
        RULE(a_turn_is_measured_from_the_end_of_the_one_before),
        RULE(time_in_which_nobody_asked_is_not_counted),
        RULE(slept_time_is_not_counted),
        RULE(only_the_newest_turns_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
