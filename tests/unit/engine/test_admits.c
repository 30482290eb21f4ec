/* Events from elsewhere: which ones can follow in a state, and what is said of the others. */
#include "support/test.h"

#include "support/engine_world.h"

#define A "eth|0xaa"
#define B "eth|0xbb"

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

static Event grant(const World *w, uint64_t lease, const char *identity) {
    Event e = {.type = EVENT_LEASE_GRANTED, .now_ms = w->now_ms, .lease = lease};
    snprintf(e.u.granted.identity, sizeof e.u.granted.identity, "%s", identity);
    e.u.granted.attempt = lease;
    e.u.granted.position = world_view(w).contributions + 1;
    return e;
}

/* A has uploaded and waits for the verdict. */
static void until_verifying(World *w) {
    world_check_in(w, A);
    world_store(w, 1, 0x11);
}

static Event acceptance(const World *w) {
    Event e = {.type = EVENT_CONTRIBUTION_ACCEPTED, .now_ms = w->now_ms, .lease = 1};
    e.u.accepted.index = 1;
    memset(e.u.accepted.response, 0x11, 32);
    return e;
}

static void refused_as(const World *w, Event e, const char *id) {
    CvkErr err = {0};
    assert_false(engine_admits(w->state, &e, &err));
    assert_string_equal(err.id, id);
    assert_int_equal(err.code, CVK_EBADREQ);
}

static void admitted(const World *w, Event e) {
    CvkErr err = {0};
    if (!engine_admits(w->state, &e, &err))
        fail_msg("%s: %s", err.id, err.msg);
}

static void the_first_event_opens_the_ceremony(void **state) {
    World *w = *state;
    EngineState *s = engine_state_new(NULL);
    Event first = grant(w, 1, A), opening = world_opening(world_policy(), 0);
    CvkErr err;

    assert_false(engine_admits(s, &first, &err));
    assert_string_equal(err.id, "event.order");
    assert_true(engine_admits(s, &opening, NULL));
    engine_check(s);
    engine_state_free(s);
}

static void a_ceremony_opens_once(void **state) {
    World *w = *state;

    refused_as(w, world_opening(world_policy(), w->now_ms), "event.order");
}

static void a_policy_out_of_range_opens_nothing(void **state) {
    (void)state;
    EngineState *s = engine_state_new(NULL);
    for (int i = 0; i < 7; i++) {
        EnginePolicy p = world_policy();
        CvkErr err;
        if (i == 0)
            p.lobby_max = 0;
        else if (i == 1)
            p.checkin_every_ms = -1;
        else if (i == 2)
            p.checkin_tolerance_ms = ENGINE_DURATION_MAX + 1;
        else if (i == 3)
            p.deadline_ms[PHASE_VERIFYING] = INT64_MAX;
        else if (i == 4)
            p.expired = COST_N;
        else if (i == 5)
            p.aborted = COST_N;
        else
            p.invalid = COST_N;
        Event e = world_opening(p, 0);

        assert_false(engine_admits(s, &e, &err));
        assert_string_equal(err.id, "event.field");
    }
    engine_state_free(s);
}

static void a_ceremony_has_a_usable_name_and_kind(void **state) {
    (void)state;
    EngineState *s = engine_state_new(NULL);
    Event no_name = world_opening(world_policy(), 0), no_kind = no_name, no_end = no_name;
    no_name.u.opened.name[0] = '\0';
    no_kind.u.opened.kind[0] = '\0';
    memset(no_end.u.opened.kind, 'k', sizeof no_end.u.opened.kind);

    assert_false(engine_admits(s, &no_name, NULL));
    assert_false(engine_admits(s, &no_kind, NULL));
    assert_false(engine_admits(s, &no_end, NULL));
    engine_state_free(s);
}

static void an_unknown_type_is_refused(void **state) {
    World *w = *state;
    Event none = {.type = (EventType)0, .now_ms = w->now_ms},
          beyond = {.type = EVENT_N, .now_ms = w->now_ms};

    refused_as(w, none, "event.order");
    refused_as(w, beyond, "event.order");
}

static void time_does_not_go_back(void **state) {
    World *w = *state;
    Event e = grant(w, 1, A);
    e.now_ms = w->now_ms - 1;

    refused_as(w, e, "event.time");
    e.now_ms = ENGINE_TIME_MAX + 1;
    refused_as(w, e, "event.time");
    e.now_ms = ENGINE_TIME_MAX;
    admitted(w, e);
}

static void leases_are_numbered_without_gaps(void **state) {
    World *w = *state;

    admitted(w, grant(w, 1, A));
    refused_as(w, grant(w, 0, A), "event.lease");
    refused_as(w, grant(w, 2, A), "event.lease");
}

static void a_grant_says_its_attempt_and_position_rightly(void **state) {
    World *w = *state;
    Event attempt = grant(w, 1, A), position = attempt, nobody = grant(w, 1, "");
    attempt.u.granted.attempt = 2;
    position.u.granted.position = 2;

    refused_as(w, attempt, "event.field");
    refused_as(w, position, "event.field");
    refused_as(w, nobody, "event.field");
}

static void there_is_one_live_lease(void **state) {
    World *w = *state;
    world_check_in(w, A);

    refused_as(w, grant(w, 2, B), "event.lease");
}

static void whoever_is_out_gets_no_lease(void **state) {
    World *w = *state;
    world_check_in(w, A);
    world_abort(w, 1);

    refused_as(w, grant(w, 2, A), "event.field");
    admitted(w, grant(w, 2, B));
}

static void only_the_live_lease_moves(void **state) {
    World *w = *state;
    Event e = {.type = EVENT_LEASE_MOVED, .now_ms = w->now_ms, .lease = 0};
    e.u.moved.phase = PHASE_COMPUTING;
    refused_as(w, e, "event.lease");
    world_check_in(w, A);

    refused_as(w, e, "event.lease");
    e.lease = 2;
    refused_as(w, e, "event.lease");
    e.lease = 1;
    admitted(w, e);
}

static void a_lease_moves_forward_only_and_not_into_verifying(void **state) {
    World *w = *state;
    world_check_in(w, A);
    world_reach(w, 1, PHASE_COMPUTING);
    for (unsigned to = 0; to <= PHASE_N; to++) {
        Event e = {.type = EVENT_LEASE_MOVED, .now_ms = w->now_ms, .lease = 1};
        e.u.moved.phase = (Phase)to;
        if (to == PHASE_UPLOADING)
            admitted(w, e);
        else
            refused_as(w, e, "event.field");
    }
}

static void nothing_happens_to_a_lease_after_its_deadline_but_its_end(void **state) {
    World *w = *state;
    world_check_in(w, A);
    Event store = {.type = EVENT_RESPONSE_STORED, .now_ms = w->now_ms + 60000, .lease = 1},
          expiry = {.type = EVENT_LEASE_EXPIRED, .now_ms = w->now_ms + 60000, .lease = 1};
    expiry.u.expired.phase = PHASE_FETCHING;

    admitted(w, store);
    refused_as(w, expiry, "event.time");
    store.now_ms++;
    expiry.now_ms++;
    refused_as(w, store, "event.time");
    admitted(w, expiry);
    expiry.u.expired.phase = PHASE_COMPUTING;
    refused_as(w, expiry, "event.field");
}

static void an_abort_while_verifying_is_refused(void **state) {
    World *w = *state;
    until_verifying(w);
    Event e = {.type = EVENT_LEASE_ABORTED, .now_ms = w->now_ms, .lease = 1};

    refused_as(w, e, "event.phase");
    e.type = EVENT_RESPONSE_STORED;
    refused_as(w, e, "event.phase");
}

static void a_verdict_needs_a_stored_response(void **state) {
    World *w = *state;
    world_check_in(w, A);
    Event refusal = {.type = EVENT_CONTRIBUTION_REFUSED, .now_ms = w->now_ms, .lease = 1};

    refused_as(w, acceptance(w), "event.phase");
    refused_as(w, refusal, "event.phase");
}

static void an_acceptance_names_the_stored_response_and_the_next_index(void **state) {
    World *w = *state;
    until_verifying(w);
    Event e = acceptance(w), other = e, gap = e;
    other.u.accepted.response[31] ^= 1;
    gap.u.accepted.index = 2;

    admitted(w, e);
    refused_as(w, other, "event.field");
    refused_as(w, gap, "event.field");
}

static void a_refusal_says_why(void **state) {
    World *w = *state;
    until_verifying(w);
    Event e = {.type = EVENT_CONTRIBUTION_REFUSED, .now_ms = w->now_ms, .lease = 1};

    refused_as(w, e, "event.field");
    snprintf(e.u.refused.reason, sizeof e.u.refused.reason, "CeremonyError::ZeroPubkey");
    admitted(w, e);
}

static void the_end_counts_the_contributions(void **state) {
    World *w = *state;
    Event e = {.type = EVENT_CEREMONY_FINALIZED, .now_ms = w->now_ms};

    admitted(w, e);
    e.u.finalized.contributions = 1;
    refused_as(w, e, "event.field");
    e.u.finalized.contributions = 0;
    world_check_in(w, A);
    refused_as(w, e, "event.lease");
}

static void nothing_follows_the_end(void **state) {
    World *w = *state;
    world_finalize(w);

    refused_as(w, grant(w, 1, A), "event.order");
}

#define RULE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(the_first_event_opens_the_ceremony),
        RULE(a_ceremony_opens_once),
        RULE(a_policy_out_of_range_opens_nothing),
        RULE(a_ceremony_has_a_usable_name_and_kind),
        RULE(an_unknown_type_is_refused),
        RULE(time_does_not_go_back),
        RULE(leases_are_numbered_without_gaps),
        RULE(a_grant_says_its_attempt_and_position_rightly),
        RULE(there_is_one_live_lease),
        RULE(whoever_is_out_gets_no_lease),
        RULE(only_the_live_lease_moves),
        RULE(a_lease_moves_forward_only_and_not_into_verifying),
        RULE(nothing_happens_to_a_lease_after_its_deadline_but_its_end),
        RULE(an_abort_while_verifying_is_refused),
        RULE(a_verdict_needs_a_stored_response),
        RULE(an_acceptance_names_the_stored_response_and_the_next_index),
        RULE(a_refusal_says_why),
        RULE(the_end_counts_the_contributions),
        RULE(nothing_follows_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
