/* A queue: who waits where, who is ready, who gets the slot, and what is lost by silence. */
#include "support/test.h"

#include "support/engine_world.h"

#define A "eth|0xaa"
#define B "eth|0xbb"
#define C "git|3|carol"
#define D "git|4|dave"
#define SOONEST 2500 /* half the shortest interval */
#define LATE (WORLD_EVERY + WORLD_TOLERANCE)

static int begin(void **state) {
    static World w;
    world_open(&w, world_fifo());
    *state = &w;
    return 0;
}

static int end(void **state) {
    world_close(*state);
    return 0;
}

static void with_policy(World *w, EnginePolicy policy) {
    world_close(w);
    world_open(w, policy);
}

/* A has the slot; B, C and D wait in this order. */
static void line_up(World *w) {
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
    assert_int_equal(world_check_in(w, C), REFUSAL_BUSY);
    assert_int_equal(world_check_in(w, D), REFUSAL_BUSY);
}

/* They come again after `gap`: so they are ready if that is short. */
static void come_again(World *w, const char *identity, int64_t gap_ms) {
    w->now_ms += gap_ms;
    assert_int_equal(world_check_in(w, identity), REFUSAL_BUSY);
}

static void finish(World *w, uint64_t lease) {
    assert_int_equal(world_store(w, lease, 1), REFUSAL_NONE);
    assert_int_equal(world_accept(w, lease), REFUSAL_NONE);
}

static const char *holder(const World *w) {
    static EngineView v;
    v = world_view(w);
    return v.lease.identity;
}

/* ---- places ---- */

static void somebody_alone_gets_the_slot_at_the_first_check_in(void **state) {
    World *w = *state;

    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);

    assert_int_equal(w->last.n, 3);
    assert_int_equal(w->last.at[0].type, EVENT_PARTICIPANT_ADMITTED);
    assert_int_equal(w->last.at[1].type, EVENT_JOINED);
    assert_int_equal(w->last.at[1].u.joined.place, 1);
    assert_int_equal(w->last.at[2].type, EVENT_LEASE_GRANTED);
    assert_false(w->last.at[2].u.granted.offered);
    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING);
    assert_int_equal(world_view(w).waiting, 0); /* who has the slot does not wait */
    assert_int_equal(world_find(w, A).place, 0);
}

static void those_who_come_later_wait_in_order(void **state) {
    World *w = *state;
    line_up(w);

    assert_int_equal(world_view(w).waiting, 3);
    assert_int_equal(world_find(w, B).ahead, 0);
    assert_int_equal(world_find(w, C).ahead, 1);
    assert_int_equal(world_find(w, D).ahead, 2);
    assert_int_equal(world_find(w, D).place, 4);
}

static void checking_in_again_keeps_the_place(void **state) {
    World *w = *state;
    line_up(w);
    w->now_ms += SOONEST;

    assert_int_equal(world_check_in(w, C), REFUSAL_BUSY);

    assert_int_equal(w->last.n, 0);
    assert_int_equal(world_find(w, C).place, 3);
}

static void half_the_shortest_interval_is_not_too_early(void **state) {
    World *w = *state;
    line_up(w);
    w->now_ms += SOONEST - 1;

    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY);
    w->now_ms++;
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
}

static void a_full_queue_refuses_newcomers_only(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.waiting_max = 2;
    with_policy(w, p);
    world_check_in(w, A);
    world_check_in(w, B);
    world_check_in(w, C);

    assert_int_equal(world_check_in(w, D), REFUSAL_FULL);
    assert_int_equal(w->last.n, 0); /* nobody is admitted in vain */
    w->now_ms += SOONEST;
    assert_int_equal(world_check_in(w, C), REFUSAL_BUSY);
}

static void somebody_on_the_way_back_to_their_place_counts_in_a_full_queue(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.waiting_max = 1;
    with_policy(w, p);
    world_check_in(w, A);
    world_store(w, 1, 1);
    w->now_ms += 600001; /* A's verification is given up: A is back, first in the queue */

    assert_int_equal(world_check_in(w, B), REFUSAL_FULL);
    assert_int_equal(world_find(w, A).place, 1);
}

static void whoever_leaves_loses_the_place_and_nothing_else(void **state) {
    World *w = *state;
    line_up(w);

    assert_int_equal(world_person(w, COMMAND_LEAVE, B), REFUSAL_NONE);

    assert_int_equal(world_event(w)->type, EVENT_LEFT);
    assert_int_equal(world_event(w)->u.left.reason, LEFT_OWN_WISH);
    assert_int_equal(world_find(w, C).ahead, 0);
    assert_int_equal(world_find(w, B).strikes, 0);
    assert_int_equal(world_find(w, B).cool_until_ms, 0);
    presence_remove(w->presence, B);
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
    assert_int_equal(world_find(w, B).ahead, 2);
    assert_int_equal(world_find(w, B).place, 5); /* places are not given again */
}

static void only_those_who_wait_can_leave(void **state) {
    World *w = *state;
    line_up(w);

    assert_int_equal(world_person(w, COMMAND_LEAVE, "eth|0xff"), REFUSAL_UNKNOWN);
    assert_int_equal(world_person(w, COMMAND_LEAVE, A), REFUSAL_NO_CHANGE);
}

static void a_queue_of_many_is_in_order(void **state) {
    World *w = *state;
    char name[32];
    for (unsigned i = 0; i < 900; i++) {
        snprintf(name, sizeof name, "git|%u|x", i);
        world_check_in(w, name);
    }
    for (unsigned i = 1; i < 900; i += 3) {
        snprintf(name, sizeof name, "git|%u|x", i);
        assert_int_equal(world_person(w, COMMAND_LEAVE, name), REFUSAL_NONE);
    }
    uint64_t ahead = 0;
    for (unsigned i = 1; i < 900; i++) {
        snprintf(name, sizeof name, "git|%u|x", i);
        if (i % 3 != 1)
            assert_int_equal(world_find(w, name).ahead, ahead++);
    }
    assert_int_equal(world_view(w).waiting, ahead);
}

/* ---- who is ready ---- */

static void the_longest_waiter_who_is_ready_is_offered_the_free_slot_at_once(void **state) {
    World *w = *state;
    line_up(w);
    come_again(w, C, 5000);
    world_check_in(w, D);

    finish(w, 1);

    assert_int_equal(w->last.n, 2); /* with the verdict */
    assert_int_equal(w->last.at[1].type, EVENT_LEASE_GRANTED);
    assert_true(w->last.at[1].u.granted.offered);
    assert_int_equal(w->last.at[1].u.granted.position, 2);
    assert_string_equal(holder(w), C); /* B has been seen once, so nobody knows when they come */
    assert_int_equal(world_view(w).lease.phase, PHASE_OFFERED);
    assert_int_equal(world_view(w).lease.deadline_ms, w->now_ms + WORLD_WINDOW_START);
}

static void a_parked_poll_is_ready(void **state) {
    World *w = *state;
    line_up(w);
    presence_park(w->presence, B, true, w->now_ms);
    come_again(w, C, 5000);

    finish(w, 1);

    assert_string_equal(holder(w), B);
}

static void whoever_was_seen_too_long_ago_is_not_ready(void **state) {
    World *w = *state;
    line_up(w);
    come_again(w, B, 5000);
    w->now_ms += WORLD_READY + 1;

    finish(w, 1);

    assert_string_equal(holder(w), "");
}

static void whoever_comes_seldom_is_not_ready(void **state) {
    World *w = *state;
    line_up(w);
    come_again(w, B, WORLD_READY + 1);

    finish(w, 1);

    assert_string_equal(holder(w), "");
}

static void when_nobody_is_ready_the_first_who_asks_gets_it(void **state) {
    World *w = *state;
    line_up(w);
    w->now_ms += 20000;
    finish(w, 1);

    assert_int_equal(world_check_in(w, D), REFUSAL_NONE);

    assert_string_equal(holder(w), D);
    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING);
    assert_int_equal(world_find(w, B).ahead, 0); /* they keep their places */
    assert_int_equal(world_find(w, C).ahead, 1);
}

static void somebody_new_who_asks_first_gets_it_too(void **state) {
    World *w = *state;
    line_up(w);
    w->now_ms += 20000;
    finish(w, 1);

    assert_int_equal(world_check_in(w, "eth|0xee"), REFUSAL_NONE);
}

static void whoever_asks_gives_way_to_a_longer_waiter_who_is_ready(void **state) {
    World *w = *state;
    line_up(w);
    finish(w, 1);
    presence_park(w->presence, B, true, w->now_ms);
    w->now_ms += SOONEST;

    assert_int_equal(world_check_in(w, C), REFUSAL_BUSY);

    assert_string_equal(holder(w), B); /* by that very command */
    assert_true(world_event(w)->u.granted.offered);
}

static void whoever_asks_goes_before_those_behind_them_who_are_ready(void **state) {
    World *w = *state;
    line_up(w);
    finish(w, 1);
    presence_park(w->presence, D, true, w->now_ms);
    w->now_ms += SOONEST;

    assert_int_equal(world_check_in(w, C), REFUSAL_NONE);

    assert_string_equal(holder(w), C);
    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING);
}

static void a_tick_finds_who_has_become_ready(void **state) {
    World *w = *state;
    line_up(w);
    finish(w, 1);
    presence_park(w->presence, C, true, w->now_ms);

    world_tick(w);

    assert_string_equal(holder(w), C);
}

static void one_ready_person_is_found_behind_a_long_sleeping_queue(void **state) {
    World *w = *state;
    char name[32];
    for (unsigned i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "git|%u|x", i);
        world_check_in(w, name);
    }
    presence_park(w->presence, "git|400|x", true, w->now_ms);
    presence_park(w->presence, "git|300|x", true, w->now_ms);

    finish(w, 1);

    assert_string_equal(holder(w), "git|300|x");
}

static void without_a_start_window_the_turn_runs_at_once(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.deadline_ms[PHASE_OFFERED] = 0;
    with_policy(w, p);
    line_up(w);
    presence_park(w->presence, B, true, w->now_ms);

    finish(w, 1);

    assert_string_equal(holder(w), B);
    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING);
}

/* ---- offers ---- */

static void offered_to_b(World *w) {
    line_up(w);
    presence_park(w->presence, B, true, w->now_ms);
    finish(w, 1);
    presence_park(w->presence, B, false, w->now_ms);
    assert_int_equal(world_view(w).lease.phase, PHASE_OFFERED);
}

static void whoever_comes_for_the_offer_begins_to_fetch_however_early(void **state) {
    World *w = *state;
    offered_to_b(w);
    w->now_ms += 1;

    assert_int_equal(world_check_in(w, B), REFUSAL_HOLDER_AGAIN);

    assert_int_equal(world_event(w)->type, EVENT_LEASE_MOVED);
    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING);
    assert_int_equal(world_view(w).lease.deadline_ms, w->now_ms + 60000);
    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY); /* the challenge again: not at once */
}

static void an_offer_that_nobody_came_for_costs_what_missing_costs(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.missed = COST_STRIKE;
    p.expired = COST_OUT;
    with_policy(w, p);
    offered_to_b(w);
    w->now_ms += WORLD_WINDOW_START + 1;

    world_tick(w);

    assert_int_equal(w->last.at[0].type, EVENT_LEASE_EXPIRED);
    assert_int_equal(w->last.at[0].u.expired.phase, PHASE_OFFERED);
    assert_int_equal(world_find(w, B).strikes, 1);
    assert_false(world_find(w, B).out);
    assert_int_equal(world_find(w, B).place, 0);
    assert_int_equal(world_check_in(w, B), REFUSAL_COOLING);
}

/* ---- back to the place ---- */

static void whoever_lost_a_turn_at_no_cost_is_back_at_the_same_place(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.aborted = COST_NOTHING;
    with_policy(w, p);
    line_up(w);

    world_abort(w, 1);

    assert_int_equal(world_find(w, A).place, 1);
    assert_int_equal(world_find(w, A).ahead, 0);
    assert_int_equal(world_find(w, B).ahead, 1);
    assert_int_equal(world_view(w).waiting, 4);
}

static void a_verification_that_never_ends_gives_the_place_back(void **state) {
    World *w = *state;
    line_up(w);
    world_store(w, 1, 1);
    w->now_ms += 600001;

    assert_int_equal(world_store(w, 1, 2), REFUSAL_NOT_HOLDER);

    assert_int_equal(world_find(w, A).place, 1);
    assert_int_equal(world_find(w, A).strikes, 0);
}

static void whoever_just_lost_a_turn_at_no_cost_may_get_the_next_at_once(void **state) {
    World *w = *state;
    world_check_in(w, A);
    world_store(w, 1, 1);
    w->now_ms += 600001;

    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);

    assert_int_equal(w->last.n, 2); /* expired, granted: no new place */
    assert_int_equal(world_view(w).lease.number, 2);
}

static void whoever_gave_up_at_the_cost_of_the_place_stands_behind_all(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.aborted = COST_PLACE;
    with_policy(w, p);
    line_up(w);
    world_abort(w, 1);
    presence_remove(w->presence, A);
    presence_park(w->presence, B, true, w->now_ms);

    assert_int_equal(world_check_in(w, A), REFUSAL_BUSY);

    assert_int_equal(world_find(w, A).place, 5);
    assert_string_equal(holder(w), B);
}

static void whoever_may_contribute_again_does_so_from_behind(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.contributions_max = 2;
    with_policy(w, p);
    line_up(w);
    presence_park(w->presence, B, true, w->now_ms);
    finish(w, 1);

    assert_int_equal(world_find(w, A).place, 0);
    presence_remove(w->presence, A);
    assert_int_equal(world_check_in(w, A), REFUSAL_BUSY);
    assert_int_equal(world_find(w, A).place, 5);
}

/* ---- silence ---- */

static void whoever_misses_a_check_in_loses_the_place_at_its_cost(void **state) {
    World *w = *state;
    line_up(w);
    int64_t seen_ms = w->now_ms;
    w->now_ms += LATE;
    world_tick(w);
    assert_int_equal(world_view(w).waiting, 3);
    w->now_ms++;

    world_tick(w);

    assert_int_equal(w->last.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(w->last.at[i].type, EVENT_LEFT);
        assert_int_equal(w->last.at[i].u.left.reason, LEFT_MISSED);
        assert_int_equal(w->last.at[i].u.left.seen_ms, seen_ms);
    }
    assert_int_equal(world_view(w).waiting, 0);
    assert_int_equal(world_find(w, B).strikes, 1);
    assert_int_equal(world_check_in(w, B), REFUSAL_COOLING);
}

static void whoever_is_parked_misses_nothing(void **state) {
    World *w = *state;
    line_up(w);
    presence_park(w->presence, C, true, w->now_ms);
    w->now_ms += LATE + 1;

    world_tick(w);

    assert_int_equal(world_view(w).waiting, 1);
    assert_int_not_equal(world_find(w, C).place, 0);
}

static void where_missing_costs_nothing_silence_keeps_the_place(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.missed = COST_NOTHING;
    with_policy(w, p);
    line_up(w);
    w->now_ms += 10 * LATE;

    world_tick(w);

    assert_int_equal(world_view(w).waiting, 3);
}

static void whoever_keeps_the_rhythm_is_not_late_whatever_was_said_to_be_due(void **state) {
    World *w = *state;
    line_up(w);
    assert_true(presence_touch(w->presence, B, w->now_ms, w->now_ms + 1, NULL));
    w->now_ms += LATE;

    world_tick(w);

    assert_int_equal(w->last.n, 0);
}

static void under_the_seeds_rules_who_left_may_not_rejoin(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.missed = COST_OUT;
    with_policy(w, p);
    line_up(w);
    w->now_ms += LATE + 1;
    world_tick(w);

    assert_int_equal(world_check_in(w, B), REFUSAL_OUT);
}

static void a_tick_ends_some_places_and_the_next_the_others(void **state) {
    World *w = *state;
    char name[32];
    for (unsigned i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "git|%u|x", i);
        world_check_in(w, name);
    }
    w->now_ms += LATE + 1;
    unsigned ticks = 0;
    while (world_view(w).waiting != 0) {
        world_tick(w);
        for (size_t i = 0; i < w->last.n; i++)
            if (w->last.at[i].type == EVENT_LEFT) {
                EnginePerson p;
                assert_true(engine_person(w->state, w->last.at[i].u.left.participant, NULL, &p));
                presence_remove(w->presence, p.identity); /* as a server does */
            }
        assert_true(++ticks <= 99);
    }
    assert_true(ticks > 1);
}

static void checking_in_late_is_in_time_until_a_tick_has_found_it(void **state) {
    World *w = *state;
    line_up(w);
    w->now_ms += LATE + 1;

    assert_int_equal(world_check_in(w, C), REFUSAL_BUSY);
    world_tick(w);

    assert_int_equal(world_view(w).waiting, 1);
    assert_int_equal(world_find(w, C).place, 3);
}

/* ---- looking, and coming for the turn ---- */

static void whoever_only_looks_is_offered_the_free_slot(void **state) {
    World *w = *state;

    assert_int_equal(world_look(w, A), REFUSAL_NONE);

    assert_string_equal(holder(w), A);
    assert_int_equal(world_view(w).lease.phase, PHASE_OFFERED);
    assert_int_equal(world_look(w, A), REFUSAL_HOLDER_AGAIN);
    assert_int_equal(world_view(w).lease.phase, PHASE_OFFERED); /* that was no coming for it */
    assert_int_equal(world_come(w, A), REFUSAL_HOLDER_AGAIN);
    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING);
}

static void looking_keeps_the_place_as_asking_does(void **state) {
    World *w = *state;
    line_up(w);
    w->now_ms += SOONEST;

    assert_int_equal(world_look(w, C), REFUSAL_BUSY);
    assert_int_equal(w->last.n, 0);
    assert_int_equal(world_look(w, C), REFUSAL_EARLY);
    world_abort(w, 1);
    assert_string_equal(holder(w), C); /* a second look so soon: they are ready, B is not */
    assert_int_equal(world_view(w).lease.phase, PHASE_OFFERED);
}

static void coming_without_a_turn_changes_nothing(void **state) {
    World *w = *state;

    assert_int_equal(world_come(w, A), REFUSAL_NOT_HOLDER);
    assert_int_equal(w->last.n, 0);
    line_up(w);
    assert_int_equal(world_come(w, B), REFUSAL_NOT_HOLDER);
    assert_int_equal(w->last.n, 0);
    w->now_ms += SOONEST; /* it was no check-in: the next is due as before */
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
}

static void coming_too_late_for_an_offer_does_not_join_again(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.missed = COST_PLACE;
    with_policy(w, p);
    world_look(w, A);
    w->now_ms += WORLD_WINDOW_START + 1;

    assert_int_equal(world_come(w, A), REFUSAL_NOT_HOLDER);

    assert_int_equal(world_event(w)->type, EVENT_LEASE_EXPIRED);
    assert_int_equal(world_find(w, A).place, 0);
}

static void without_a_start_window_whoever_looks_may_fetch_at_once(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.deadline_ms[PHASE_OFFERED] = 0;
    with_policy(w, p);

    assert_int_equal(world_look(w, A), REFUSAL_NONE);

    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING);
    assert_int_equal(world_come(w, A), REFUSAL_HOLDER_AGAIN);
    assert_int_equal(world_come(w, A), REFUSAL_EARLY); /* the second time is a re-fetch */
}

#define RULE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(somebody_alone_gets_the_slot_at_the_first_check_in),
        RULE(those_who_come_later_wait_in_order),
        RULE(checking_in_again_keeps_the_place),
        RULE(half_the_shortest_interval_is_not_too_early),
        RULE(a_full_queue_refuses_newcomers_only),
        RULE(somebody_on_the_way_back_to_their_place_counts_in_a_full_queue),
        RULE(whoever_leaves_loses_the_place_and_nothing_else),
        RULE(only_those_who_wait_can_leave),
        RULE(a_queue_of_many_is_in_order),
        RULE(the_longest_waiter_who_is_ready_is_offered_the_free_slot_at_once),
        RULE(a_parked_poll_is_ready),
        RULE(whoever_was_seen_too_long_ago_is_not_ready),
        RULE(whoever_comes_seldom_is_not_ready),
        RULE(when_nobody_is_ready_the_first_who_asks_gets_it),
        RULE(somebody_new_who_asks_first_gets_it_too),
        RULE(whoever_asks_gives_way_to_a_longer_waiter_who_is_ready),
        RULE(whoever_asks_goes_before_those_behind_them_who_are_ready),
        RULE(a_tick_finds_who_has_become_ready),
        RULE(one_ready_person_is_found_behind_a_long_sleeping_queue),
        RULE(without_a_start_window_the_turn_runs_at_once),
        RULE(whoever_comes_for_the_offer_begins_to_fetch_however_early),
        RULE(an_offer_that_nobody_came_for_costs_what_missing_costs),
        RULE(whoever_lost_a_turn_at_no_cost_is_back_at_the_same_place),
        RULE(a_verification_that_never_ends_gives_the_place_back),
        RULE(whoever_just_lost_a_turn_at_no_cost_may_get_the_next_at_once),
        RULE(whoever_gave_up_at_the_cost_of_the_place_stands_behind_all),
        RULE(whoever_may_contribute_again_does_so_from_behind),
        RULE(whoever_misses_a_check_in_loses_the_place_at_its_cost),
        RULE(whoever_is_parked_misses_nothing),
        RULE(where_missing_costs_nothing_silence_keeps_the_place),
        RULE(whoever_keeps_the_rhythm_is_not_late_whatever_was_said_to_be_due),
        RULE(under_the_seeds_rules_who_left_may_not_rejoin),
        RULE(a_tick_ends_some_places_and_the_next_the_others),
        RULE(checking_in_late_is_in_time_until_a_tick_has_found_it),
        RULE(whoever_only_looks_is_offered_the_free_slot),
        RULE(looking_keeps_the_place_as_asking_does),
        RULE(coming_without_a_turn_changes_nothing),
        RULE(coming_too_late_for_an_offer_does_not_join_again),
        RULE(without_a_start_window_whoever_looks_may_fetch_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
