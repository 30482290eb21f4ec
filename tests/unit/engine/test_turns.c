#include "support/test.h"

#include "support/engine_world.h"

#define A "eth|0xaa"
#define B "eth|0xbb"
#define C "git|3|carol"

static int begin(void **state) {
    static World w;
    world_open(&w, world_policy());
    *state = &w;
    return 0;
}

static int end(void **state) {
    world_close(*state);
    return 0;
}

/* The ceremony begins again under another policy. */
static void with_policy(World *w, EnginePolicy policy) {
    world_close(w);
    world_open(w, policy);
}

static uint64_t granted_to(World *w, const char *identity) {
    assert_int_equal(world_check_in(w, identity), REFUSAL_NONE);
    return world_view(w).lease.number;
}

/* ---- a turn ---- */

static void whoever_asks_first_is_admitted_and_gets_the_free_slot(void **state) {
    World *w = *state;

    Refusal r = world_check_in(w, A);

    assert_int_equal(r, REFUSAL_NONE);
    assert_int_equal(w->last.n, 2);
    assert_int_equal(w->last.at[0].type, EVENT_PARTICIPANT_ADMITTED);
    assert_int_equal(w->last.at[0].u.admitted.participant, 1);
    assert_string_equal(w->last.at[0].u.admitted.identity, A);
    const Event *e = &w->last.at[1];
    assert_int_equal(e->type, EVENT_LEASE_GRANTED);
    assert_int_equal(e->lease, 1);
    assert_int_equal(e->now_ms, w->now_ms);
    assert_int_equal(e->u.granted.participant, 1);
    assert_int_equal(e->u.granted.attempt, 1);
    assert_int_equal(e->u.granted.position, 1);
    assert_false(e->u.granted.offered);
    EngineView v = world_view(w);
    assert_int_equal(v.lease.number, 1);
    assert_int_equal(v.lease.participant, 1);
    assert_string_equal(v.lease.identity, A);
    assert_int_equal(v.lease.granted_ms, w->now_ms);
    assert_int_equal(v.participants, 1);
}

static void somebody_is_admitted_once(void **state) {
    World *w = *state;
    EnginePolicy p = world_policy();
    p.aborted = COST_NOTHING;
    with_policy(w, p);
    world_abort(w, granted_to(w, A));
    w->now_ms += 100000;

    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);

    assert_int_equal(w->last.n, 1);
    assert_int_equal(w->last.at[0].u.granted.participant, 1);
}

static void a_second_participant_finds_the_slot_busy(void **state) {
    World *w = *state;
    granted_to(w, A);

    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
    assert_int_equal(w->last.n, 0);
}

static void a_turn_goes_through_its_phases_to_an_accepted_contribution(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);

    assert_int_equal(world_reach(w, lease, PHASE_COMPUTING), REFUSAL_NONE);
    assert_int_equal(world_reach(w, lease, PHASE_UPLOADING), REFUSAL_NONE);
    assert_int_equal(world_store(w, lease, 0x11), REFUSAL_NONE);
    assert_int_equal(world_accept(w, lease), REFUSAL_NONE);

    const Event *e = &w->last.at[0];
    assert_int_equal(w->last.n, 1);
    assert_int_equal(e->type, EVENT_CONTRIBUTION_ACCEPTED);
    assert_int_equal(e->u.accepted.index, 1);
    assert_int_equal(e->u.accepted.response[31], 0x11);
    assert_int_equal(e->u.accepted.record[0], 0xec);
    EngineView v = world_view(w);
    assert_int_equal(v.contributions, 1);
    assert_int_equal(v.lease.number, 0);
}

static void the_next_turn_extends_the_newest_contribution_with_new_numbers(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    world_store(w, lease, 0x11);
    world_accept(w, lease);

    uint64_t next = granted_to(w, B);

    assert_int_equal(next, 2);
    assert_int_equal(world_event(w)->u.granted.position, 2);
    assert_int_equal(world_event(w)->u.granted.attempt, 2);
}

static void numbers_are_not_used_again_after_a_turn_that_failed(void **state) {
    World *w = *state;
    world_abort(w, granted_to(w, A));

    uint64_t next = granted_to(w, B);

    assert_int_equal(next, 2);
    assert_int_equal(world_event(w)->u.granted.attempt, 2);
    assert_int_equal(world_event(w)->u.granted.position, 1);
}

static void whoever_asks_for_the_slot_need_not_come_for_it(void **state) {
    World *w = *state;
    EnginePolicy p = world_policy();
    p.deadline_ms[PHASE_OFFERED] = 5000;
    with_policy(w, p);

    granted_to(w, A);

    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING);
    assert_int_equal(world_view(w).lease.deadline_ms, w->now_ms + 60000);
}

/* ---- phases ---- */

static void the_next_phase_replaces_the_deadline_of_the_one_before(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    w->now_ms += 50000;

    world_reach(w, lease, PHASE_COMPUTING);

    assert_int_equal(world_view(w).lease.deadline_ms, w->now_ms + 180000);
}

static void reaching_the_same_phase_again_changes_nothing(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    world_reach(w, lease, PHASE_COMPUTING);
    int64_t deadline = world_view(w).lease.deadline_ms;
    w->now_ms += 1000;

    assert_int_equal(world_reach(w, lease, PHASE_COMPUTING), REFUSAL_NONE);
    assert_int_equal(w->last.n, 0);
    assert_int_equal(world_view(w).lease.deadline_ms, deadline);
}

static void a_phase_may_be_passed_over(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);

    assert_int_equal(world_reach(w, lease, PHASE_UPLOADING), REFUSAL_NONE);
    assert_int_equal(world_view(w).lease.phase, PHASE_UPLOADING);
}

static void a_lease_does_not_go_back_to_an_earlier_phase(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    world_reach(w, lease, PHASE_UPLOADING);

    assert_int_equal(world_reach(w, lease, PHASE_COMPUTING), REFUSAL_WRONG_PHASE);
    assert_int_equal(w->last.n, 0);
}

static void verifying_is_reached_only_by_a_stored_response(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);

    assert_int_equal(world_reach(w, lease, PHASE_VERIFYING), REFUSAL_WRONG_PHASE);
    assert_int_equal(world_store(w, lease, 0x22), REFUSAL_NONE);
    EngineView v = world_view(w);
    assert_int_equal(v.lease.phase, PHASE_VERIFYING);
    assert_int_equal(v.lease.response[0], 0x22);
}

static void nothing_moves_a_lease_that_is_being_verified(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    world_store(w, lease, 0x22);

    assert_int_equal(world_store(w, lease, 0x33), REFUSAL_WRONG_PHASE);
    assert_int_equal(world_reach(w, lease, PHASE_UPLOADING), REFUSAL_WRONG_PHASE);
    assert_int_equal(world_abort(w, lease), REFUSAL_WRONG_PHASE);
}

static void a_verdict_before_a_response_is_refused(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);

    assert_int_equal(world_accept(w, lease), REFUSAL_WRONG_PHASE);
    assert_int_equal(world_reject(w, lease), REFUSAL_WRONG_PHASE);
}

static void whoever_does_not_hold_the_lease_is_refused(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);

    for (uint64_t wrong = 0; wrong <= 2; wrong += 2) {
        assert_int_equal(world_reach(w, wrong, PHASE_COMPUTING), REFUSAL_NOT_HOLDER);
        assert_int_equal(world_store(w, wrong, 1), REFUSAL_NOT_HOLDER);
        assert_int_equal(world_accept(w, wrong), REFUSAL_NOT_HOLDER);
        assert_int_equal(world_abort(w, wrong), REFUSAL_NOT_HOLDER);
    }
    assert_int_equal(world_view(w).lease.number, lease);
}

static void a_free_slot_has_no_holder_not_even_number_zero(void **state) {
    World *w = *state;

    assert_int_equal(world_reach(w, 0, PHASE_COMPUTING), REFUSAL_NOT_HOLDER);
    assert_int_equal(world_store(w, 0, 1), REFUSAL_NOT_HOLDER);
    assert_int_equal(world_accept(w, 0), REFUSAL_NOT_HOLDER);
    assert_int_equal(world_abort(w, 0), REFUSAL_NOT_HOLDER);
}

/* ---- deadlines ---- */

static void the_last_millisecond_still_counts(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    w->now_ms += 60000;

    assert_int_equal(world_tick(w), REFUSAL_NONE);
    assert_int_equal(w->last.n, 0);
    assert_int_equal(world_reach(w, lease, PHASE_COMPUTING), REFUSAL_NONE);
}

static void a_tick_after_the_deadline_ends_the_lease(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    w->now_ms += 60001;

    assert_int_equal(world_tick(w), REFUSAL_NONE);

    assert_int_equal(w->last.n, 1);
    assert_int_equal(w->last.at[0].type, EVENT_LEASE_EXPIRED);
    assert_int_equal(w->last.at[0].lease, lease);
    assert_int_equal(w->last.at[0].u.expired.phase, PHASE_FETCHING);
    assert_int_equal(world_view(w).lease.number, 0);
    assert_int_equal(world_view(w).expired, 1);
}

static void a_phase_without_deadline_does_not_end(void **state) {
    World *w = *state;
    EnginePolicy p = world_policy();
    p.deadline_ms[PHASE_COMPUTING] = 0;
    with_policy(w, p);
    uint64_t lease = granted_to(w, A);
    world_reach(w, lease, PHASE_COMPUTING);
    w->now_ms += INT64_C(1000000000000);

    world_tick(w);

    assert_int_equal(w->last.n, 0);
    assert_int_equal(world_view(w).lease.deadline_ms, INT64_MAX);
}

static void a_check_in_that_finds_an_expired_lease_gets_the_slot_at_once(void **state) {
    World *w = *state;
    granted_to(w, A);
    w->now_ms += 60001;

    assert_int_equal(world_check_in(w, B), REFUSAL_NONE);

    assert_int_equal(w->last.n, 3);
    assert_int_equal(w->last.at[0].type, EVENT_LEASE_EXPIRED);
    assert_int_equal(w->last.at[0].lease, 1);
    assert_int_equal(w->last.at[1].type, EVENT_PARTICIPANT_ADMITTED);
    assert_int_equal(w->last.at[2].type, EVENT_LEASE_GRANTED);
    assert_int_equal(w->last.at[2].lease, 2);
    assert_string_equal(world_view(w).lease.identity, B);
}

static void a_refused_command_still_brings_the_expiry_that_it_found(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    w->now_ms += 60001;

    assert_int_equal(world_store(w, lease, 1), REFUSAL_NOT_HOLDER);

    assert_int_equal(w->last.n, 1);
    assert_int_equal(w->last.at[0].type, EVENT_LEASE_EXPIRED);
}

static void a_holder_out_of_time_is_out_in_the_same_moment(void **state) {
    World *w = *state;
    granted_to(w, A);
    w->now_ms += 60001;

    assert_int_equal(world_check_in(w, A), REFUSAL_OUT);
    assert_int_equal(w->last.n, 1);
    assert_true(engine_is_out(w->state, A));
}

static void every_command_after_the_deadline_finds_the_lease_gone(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    world_store(w, lease, 1);
    w->now_ms += 600001;

    assert_int_equal(world_accept(w, lease), REFUSAL_NOT_HOLDER);
    assert_int_equal(world_view(w).contributions, 0);
}

static void a_verification_that_never_ends_costs_the_contributor_nothing(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    world_store(w, lease, 1);
    w->now_ms += 600001;

    world_tick(w);

    assert_int_equal(w->last.at[0].type, EVENT_LEASE_EXPIRED);
    assert_int_equal(w->last.at[0].u.expired.phase, PHASE_VERIFYING);
    assert_false(engine_is_out(w->state, A));
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
}

static void time_never_goes_back(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    int64_t granted_ms = w->now_ms;
    w->now_ms -= 500000;

    world_reach(w, lease, PHASE_COMPUTING);

    assert_int_equal(w->last.at[0].now_ms, granted_ms);
}

static void a_clock_beyond_all_years_is_held_at_the_last(void **state) {
    World *w = *state;
    w->now_ms = INT64_MAX;

    granted_to(w, A);

    assert_int_equal(w->last.at[0].now_ms, ENGINE_TIME_MAX);
}

/* ---- consequences ---- */

static void nobody_contributes_twice(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    world_store(w, lease, 1);
    world_accept(w, lease);
    w->now_ms += 100000;

    assert_int_equal(world_check_in(w, A), REFUSAL_OUT);
    assert_true(engine_is_out(w->state, A));
    assert_false(engine_is_out(w->state, B));
}

static void unless_the_policy_lets_them_repeat(void **state) {
    World *w = *state;
    EnginePolicy p = world_policy();
    p.contributions_max = 0;
    with_policy(w, p);
    uint64_t lease = granted_to(w, A);
    world_store(w, lease, 1);
    world_accept(w, lease);
    w->now_ms += 100000;

    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
    assert_int_equal(world_view(w).lease.number, 2);
}

typedef enum { BY_EXPIRY, BY_ABORT, BY_REFUSAL } Way;

static void lose(World *w, Way way) {
    uint64_t lease = granted_to(w, A);
    if (way == BY_REFUSAL)
        world_store(w, lease, 1);
    w->now_ms += way == BY_EXPIRY ? 60001 : 0;
    if (way == BY_EXPIRY)
        world_tick(w);
    else if (way == BY_ABORT)
        world_abort(w, lease);
    else
        world_reject(w, lease);
    assert_int_equal(world_view(w).lease.number, 0);
    w->now_ms += 100000;
}

static void each_bad_end_costs_what_the_policy_says(void **state) {
    World *w = *state;
    for (int costly = 0; costly < 3; costly++) {
        for (int way = 0; way < 3; way++) {
            EnginePolicy p = world_policy();
            p.expired = costly == BY_EXPIRY ? COST_OUT : COST_NOTHING;
            p.aborted = costly == BY_ABORT ? COST_OUT : COST_NOTHING;
            p.invalid = costly == BY_REFUSAL ? COST_OUT : COST_NOTHING;
            with_policy(w, p);

            lose(w, (Way)way);

            assert_int_equal(engine_is_out(w->state, A), way == costly);
            assert_int_equal(world_check_in(w, A), way == costly ? REFUSAL_OUT : REFUSAL_NONE);
        }
    }
}

static void an_identity_contributes_as_often_as_the_policy_says(void **state) {
    World *w = *state;
    EnginePolicy p = world_policy();
    p.contributions_max = 2;
    with_policy(w, p);
    for (int i = 0; i < 2; i++) {
        uint64_t lease = granted_to(w, A);
        world_store(w, lease, 1);
        world_accept(w, lease);
        w->now_ms += 100000;
    }

    assert_int_equal(world_check_in(w, A), REFUSAL_OUT);
    assert_int_equal(world_find(w, A).contributions, 2);
}

/* Loses a turn by giving up, once. */
static void with_cost(World *w, Cost cost, uint32_t strikes_max) {
    EnginePolicy p = world_policy();
    p.aborted = cost;
    p.cooldown_ms = 500000;
    p.strikes_max = strikes_max;
    with_policy(w, p);
    world_abort(w, granted_to(w, A));
}

static void each_cost_includes_the_milder_ones(void **state) {
    World *w = *state;
    for (Cost cost = COST_NOTHING; cost < COST_N; cost++) {
        with_cost(w, cost, 3);
        EnginePerson a = world_find(w, A);

        assert_int_equal(a.cool_until_ms, cost >= COST_COOLDOWN ? w->now_ms + 500000 : 0);
        assert_int_equal(a.strikes, cost >= COST_STRIKE ? 1 : 0);
        assert_int_equal(a.out, cost == COST_OUT);
    }
}

static void whoever_cools_down_may_come_again_to_the_millisecond(void **state) {
    World *w = *state;
    with_cost(w, COST_COOLDOWN, 0);
    w->now_ms += 499999;

    assert_int_equal(world_check_in(w, A), REFUSAL_COOLING);
    w->now_ms++;
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
}

static void the_last_strike_puts_out_for_good(void **state) {
    World *w = *state;
    with_cost(w, COST_STRIKE, 2);
    assert_false(world_find(w, A).out);
    w->now_ms += 500000;

    world_abort(w, granted_to(w, A));

    assert_true(world_find(w, A).out);
    assert_true(engine_is_out(w->state, A));
}

static void without_a_number_of_strikes_there_are_any(void **state) {
    World *w = *state;
    with_cost(w, COST_STRIKE, 0);
    for (int i = 0; i < 20; i++) {
        w->now_ms += 500000;
        world_abort(w, granted_to(w, A));
    }

    assert_int_equal(world_find(w, A).strikes, 21);
    assert_false(engine_is_out(w->state, A));
}

static void the_engine_tells_beforehand_whom_an_event_puts_out(void **state) {
    World *w = *state;
    with_cost(w, COST_STRIKE, 2);
    w->now_ms += 500000;
    uint64_t lease = granted_to(w, A);
    Event abort = {.type = EVENT_LEASE_ABORTED, .now_ms = w->now_ms, .lease = lease};

    assert_int_equal(engine_concerns(w->state, &abort), 1);
    assert_true(engine_goes_out(w->state, &abort));
    abort.u.aborted.by_operator = true;
    assert_false(engine_goes_out(w->state, &abort));
}

static void each_bad_end_is_counted(void **state) {
    World *w = *state;
    EnginePolicy p = world_policy();
    p.expired = p.aborted = p.invalid = COST_NOTHING;
    with_policy(w, p);

    lose(w, BY_EXPIRY);
    lose(w, BY_ABORT);
    lose(w, BY_ABORT);
    lose(w, BY_REFUSAL);

    EngineView v = world_view(w);
    assert_int_equal(v.leases, 4);
    assert_int_equal(v.expired, 1);
    assert_int_equal(v.aborted, 2);
    assert_int_equal(v.refused, 1);
    assert_int_equal(v.contributions, 0);
}

static void a_refused_contribution_says_why(void **state) {
    World *w = *state;
    uint64_t lease = granted_to(w, A);
    world_store(w, lease, 1);

    world_reject(w, lease);

    assert_int_equal(w->last.at[0].type, EVENT_CONTRIBUTION_REFUSED);
    assert_string_equal(w->last.at[0].u.refused.reason, "CeremonyError::G1PairingFailed");
}

/* ---- the end ---- */

static void a_ceremony_is_not_finalized_during_a_turn(void **state) {
    World *w = *state;
    granted_to(w, A);

    assert_int_equal(world_finalize(w), REFUSAL_TURN_LIVE);
    assert_false(world_view(w).finalized);
}

static void finalizing_lets_nobodys_time_run_out(void **state) {
    World *w = *state;
    granted_to(w, A);
    w->now_ms += 60001;

    assert_int_equal(world_finalize(w), REFUSAL_TURN_LIVE);
    assert_int_equal(w->last.n, 0);
    world_tick(w);
    assert_int_equal(world_finalize(w), REFUSAL_NONE);
    assert_true(world_view(w).finalized);
}

static void nothing_happens_after_the_end(void **state) {
    World *w = *state;
    world_finalize(w);

    assert_int_equal(world_check_in(w, A), REFUSAL_FINALIZED);
    assert_int_equal(world_finalize(w), REFUSAL_FINALIZED);
    assert_int_equal(world_store(w, 1, 1), REFUSAL_NOT_HOLDER);
    assert_int_equal(world_tick(w), REFUSAL_NONE);
    assert_int_equal(w->last.n, 0);
}

#define RULE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(whoever_asks_first_is_admitted_and_gets_the_free_slot),
        RULE(somebody_is_admitted_once),
        RULE(a_second_participant_finds_the_slot_busy),
        RULE(a_turn_goes_through_its_phases_to_an_accepted_contribution),
        RULE(the_next_turn_extends_the_newest_contribution_with_new_numbers),
        RULE(numbers_are_not_used_again_after_a_turn_that_failed),
        RULE(whoever_asks_for_the_slot_need_not_come_for_it),
        RULE(the_next_phase_replaces_the_deadline_of_the_one_before),
        RULE(reaching_the_same_phase_again_changes_nothing),
        RULE(a_phase_may_be_passed_over),
        RULE(a_lease_does_not_go_back_to_an_earlier_phase),
        RULE(verifying_is_reached_only_by_a_stored_response),
        RULE(nothing_moves_a_lease_that_is_being_verified),
        RULE(a_verdict_before_a_response_is_refused),
        RULE(whoever_does_not_hold_the_lease_is_refused),
        RULE(a_free_slot_has_no_holder_not_even_number_zero),
        RULE(the_last_millisecond_still_counts),
        RULE(a_tick_after_the_deadline_ends_the_lease),
        RULE(a_phase_without_deadline_does_not_end),
        RULE(a_check_in_that_finds_an_expired_lease_gets_the_slot_at_once),
        RULE(a_refused_command_still_brings_the_expiry_that_it_found),
        RULE(a_holder_out_of_time_is_out_in_the_same_moment),
        RULE(every_command_after_the_deadline_finds_the_lease_gone),
        RULE(a_verification_that_never_ends_costs_the_contributor_nothing),
        RULE(time_never_goes_back),
        RULE(a_clock_beyond_all_years_is_held_at_the_last),
        RULE(nobody_contributes_twice),
        RULE(unless_the_policy_lets_them_repeat),
        RULE(each_bad_end_costs_what_the_policy_says),
        RULE(an_identity_contributes_as_often_as_the_policy_says),
        RULE(each_cost_includes_the_milder_ones),
        RULE(whoever_cools_down_may_come_again_to_the_millisecond),
        RULE(the_last_strike_puts_out_for_good),
        RULE(without_a_number_of_strikes_there_are_any),
        RULE(the_engine_tells_beforehand_whom_an_event_puts_out),
        RULE(each_bad_end_is_counted),
        RULE(a_refused_contribution_says_why),
        RULE(a_ceremony_is_not_finalized_during_a_turn),
        RULE(finalizing_lets_nobodys_time_run_out),
        RULE(nothing_happens_after_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
