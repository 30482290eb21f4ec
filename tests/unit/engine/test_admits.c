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

/* In version 1, which admits whoever gets a turn. */
static Event grant(const World *w, uint64_t lease, const char *identity) {
    Event e = {.type = EVENT_LEASE_GRANTED, .now_ms = w->now_ms, .lease = lease};
    snprintf(e.u.granted.identity, sizeof e.u.granted.identity, "%s", identity);
    e.u.granted.attempt = lease;
    e.u.granted.position = world_view(w).contributions + 1;
    return e;
}

static Event grant_to(const World *w, uint64_t lease, uint64_t participant) {
    Event e = grant(w, lease, "");
    e.u.granted.participant = participant;
    return e;
}

static Event admission(const World *w, uint64_t participant, const char *identity) {
    Event e = {.type = EVENT_PARTICIPANT_ADMITTED, .now_ms = w->now_ms};
    e.u.admitted.participant = participant;
    snprintf(e.u.admitted.identity, sizeof e.u.admitted.identity, "%s", identity);
    return e;
}

static Event joining(const World *w, uint64_t participant, uint64_t place) {
    Event e = {.type = EVENT_JOINED, .now_ms = w->now_ms};
    e.u.joined.participant = participant;
    e.u.joined.place = place;
    return e;
}

static Event leaving(const World *w, uint64_t participant, LeftReason reason, int64_t seen_ms) {
    Event e = {.type = EVENT_LEFT, .now_ms = w->now_ms};
    e.u.left.participant = participant;
    e.u.left.reason = reason;
    e.u.left.seen_ms = seen_ms;
    return e;
}

static Event about(const World *w, EventType type, uint64_t participant) {
    Event e = {.type = type, .now_ms = w->now_ms};
    e.u.person.participant = participant;
    if (type == EVENT_PARTICIPANT_BANNED)
        snprintf(e.u.person.reason, sizeof e.u.person.reason, "spam");
    return e;
}

/* The ceremony begins again with a queue: A has the slot, B waits. */
static void with_queue(World *w) {
    world_close(w);
    world_open(w, world_fifo());
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
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
    for (int i = 0; i < 15; i++) {
        EnginePolicy p = world_fifo();
        CvkErr err;
        int64_t *const times[] = {
            &p.checkin_every_ms, &p.checkin_shortest_ms, &p.checkin_lead_ms, &p.ready_ms,
            &p.park_ms,          &p.cooldown_ms,
        };
        Cost *const costs[] = {&p.missed, &p.expired, &p.aborted, &p.invalid};
        if (i < 6)
            *times[i] = -1;
        else if (i < 10)
            *costs[i - 6] = COST_N;
        else if (i == 10)
            p.waiting_max = 0;
        else if (i == 11)
            p.checkin_tolerance_ms = ENGINE_DURATION_MAX + 1;
        else if (i == 12)
            p.deadline_ms[PHASE_VERIFYING] = INT64_MAX;
        else if (i == 13)
            p.checkin_shortest_ms = p.checkin_longest_ms + 1;
        else
            p.upload_rate = 1; /* over no time */
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
    store.u.stored.received_ms = store.now_ms;

    admitted(w, store);
    refused_as(w, expiry, "event.time");
    store.now_ms++;
    store.u.stored.received_ms++;
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

    refused_as(w, e, "event.field");
    e.u.aborted.by_operator = true;
    admitted(w, e);
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

/* ---- people ---- */

static void participants_are_numbered_without_gaps_and_once(void **state) {
    World *w = *state;
    Event nobody = admission(w, 1, "");

    refused_as(w, nobody, "event.field"); /* neither an identity nor a commitment to one */
    nobody.u.admitted.commitment[0] = 1;
    admitted(w, nobody);
    admitted(w, admission(w, 1, A));
    refused_as(w, admission(w, 0, A), "event.field");
    refused_as(w, admission(w, 2, A), "event.field");
    refused_as(w, admission(w, 1, "two words"), "event.field");
    world_check_in(w, A);
    refused_as(w, admission(w, 2, A), "event.field");
    admitted(w, admission(w, 2, B));
}

static void the_slot_goes_to_participants(void **state) {
    World *w = *state;

    refused_as(w, grant_to(w, 1, 1), "event.field");
    world_person(w, COMMAND_BAN, A);
    world_person(w, COMMAND_BAN, B);
    world_person(w, COMMAND_UNBAN, B);
    refused_as(w, grant_to(w, 1, 1), "event.field"); /* banned */
    refused_as(w, grant_to(w, 1, 3), "event.field"); /* unknown */
    admitted(w, grant_to(w, 1, 2));
    Event offered = grant_to(w, 1, 2);
    offered.u.granted.offered = true;
    refused_as(w, offered, "event.field"); /* not in a lobby */
}

static void places_are_given_in_order_to_those_who_have_none(void **state) {
    World *w = *state;
    refused_as(w, joining(w, 1, 1), "event.field"); /* there is no queue */
    with_queue(w);
    Event c = admission(w, 3, "git|3|carol");
    world_commit(&c);
    assert_true(engine_reserve(w->state, 1, NULL));
    engine_apply(w->state, &c);

    admitted(w, joining(w, 3, 3));
    refused_as(w, joining(w, 3, 2), "event.field");
    refused_as(w, joining(w, 3, 4), "event.field");
    refused_as(w, joining(w, 1, 3), "event.field"); /* has the slot */
    refused_as(w, joining(w, 2, 3), "event.field"); /* waits */
    refused_as(w, joining(w, 4, 3), "event.field");
    world_mode(w, MODE_DRAINING);
    refused_as(w, joining(w, 3, 3), "event.field");
}

static void only_those_who_wait_get_the_slot_of_a_queue(void **state) {
    World *w = *state;
    with_queue(w);
    world_person(w, COMMAND_DROP, A);

    refused_as(w, grant_to(w, 2, 1), "event.field");
    refused_as(w, grant(w, 2, "git|3|carol"), "event.field"); /* version 1 knows no queue */
    admitted(w, grant_to(w, 2, 2));
    world_mode(w, MODE_PAUSED);
    refused_as(w, grant_to(w, 2, 2), "event.field");
}

static void a_place_is_lost_for_silence_only_after_the_longest_rhythm(void **state) {
    World *w = *state;
    with_queue(w);
    int64_t seen_ms = w->now_ms;
    w->now_ms += WORLD_EVERY + WORLD_TOLERANCE;

    refused_as(w, leaving(w, 2, LEFT_MISSED, seen_ms), "event.field");
    w->now_ms++;
    admitted(w, leaving(w, 2, LEFT_MISSED, seen_ms));
    refused_as(w, leaving(w, 1, LEFT_MISSED, seen_ms), "event.field"); /* does not wait */
    refused_as(w, leaving(w, 2, LEFT_OWN_WISH, seen_ms), "event.field");
    admitted(w, leaving(w, 2, LEFT_OWN_WISH, 0));
    refused_as(w, leaving(w, 2, LEFT_N, 0), "event.field");
}

static void bans_and_pardons_change_something(void **state) {
    World *w = *state;
    with_queue(w);

    refused_as(w, about(w, EVENT_PARTICIPANT_BANNED, 1), "event.field"); /* has the slot */
    admitted(w, about(w, EVENT_PARTICIPANT_BANNED, 2));
    refused_as(w, about(w, EVENT_PARTICIPANT_BANNED, 3), "event.field");
    refused_as(w, about(w, EVENT_PARTICIPANT_UNBANNED, 2), "event.field");
    refused_as(w, about(w, EVENT_PARTICIPANT_PARDONED, 2), "event.field");
    world_person(w, COMMAND_BAN, B);
    refused_as(w, about(w, EVENT_PARTICIPANT_BANNED, 2), "event.field");
    admitted(w, about(w, EVENT_PARTICIPANT_UNBANNED, 2));
}

/* ---- the ceremony ---- */

static void a_skip_is_no_longer_than_the_time_that_passed(void **state) {
    World *w = *state;
    Event e = {.type = EVENT_CLOCK_SKIPPED, .now_ms = w->now_ms + 1000};

    refused_as(w, e, "event.field");
    e.u.skipped.by_ms = 1001;
    refused_as(w, e, "event.field");
    e.u.skipped.by_ms = 1000;
    admitted(w, e);
}

static void a_change_of_mode_changes_it(void **state) {
    World *w = *state;
    Event e = {.type = EVENT_MODE_CHANGED, .now_ms = w->now_ms};

    refused_as(w, e, "event.field");
    e.u.mode.mode = MODE_N;
    refused_as(w, e, "event.field");
    e.u.mode.mode = MODE_DRAINING;
    admitted(w, e);
}

static void a_ceremony_is_handed_to_somebody_else_and_taken_by_them(void **state) {
    World *w = *state;
    Event give = {.type = EVENT_HANDED_OVER, .now_ms = w->now_ms},
          take = {.type = EVENT_TAKEN_OVER, .now_ms = w->now_ms};
    refused_as(w, give, "event.field"); /* to nobody */
    memset(give.u.handed_over.key, 0x0e, ENGINE_KEY_BYTES);
    refused_as(w, give, "event.field"); /* to itself */
    memset(give.u.handed_over.key, 0x0f, ENGINE_KEY_BYTES);
    refused_as(w, take, "event.order");
    admitted(w, give);
    assert_true(engine_reserve(w->state, 1, NULL));
    engine_apply(w->state, &give);

    refused_as(w, give, "event.order");
    refused_as(w, grant(w, 1, A), "event.order");
    refused_as(w, take, "event.field");
    memset(take.u.taken_over.key, 0x0f, ENGINE_KEY_BYTES);
    admitted(w, take);
}

static void an_upload_stalls_only_below_its_rate_and_after_a_window(void **state) {
    World *w = *state;
    EnginePolicy p = world_policy();
    p.upload_rate = 1000;
    p.upload_window_ms = 30000;
    world_close(w);
    world_open(w, p);
    world_check_in(w, A);
    world_upload(w, 1, 1000000);
    Event e = {.type = EVENT_LEASE_EXPIRED, .now_ms = w->now_ms + 29999, .lease = 1};
    e.u.expired.phase = PHASE_UPLOADING;
    e.u.expired.stalled = true;
    e.u.expired.bytes = 29999;

    refused_as(w, e, "event.time");
    e.now_ms++;
    admitted(w, e);
    e.u.expired.bytes++;
    refused_as(w, e, "event.field");
    e.u.expired.stalled = false;
    refused_as(w, e, "event.time"); /* it has time */
}

static void a_response_is_stored_after_the_deadline_if_it_was_whole_before(void **state) {
    World *w = *state;
    world_check_in(w, A);
    world_upload(w, 1, 0);
    int64_t deadline = world_view(w).lease.deadline_ms;
    Event e = {.type = EVENT_RESPONSE_STORED, .now_ms = deadline + 5000, .lease = 1};
    e.u.stored.received_ms = deadline;

    admitted(w, e);
    e.u.stored.received_ms = deadline + 1;
    refused_as(w, e, "event.time");
    e.u.stored.received_ms = w->now_ms - 1; /* before the first byte */
    refused_as(w, e, "event.field");
    e.now_ms = deadline - 1;
    e.u.stored.received_ms = deadline;
    refused_as(w, e, "event.field"); /* ahead of its time */
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
        RULE(participants_are_numbered_without_gaps_and_once),
        RULE(the_slot_goes_to_participants),
        RULE(places_are_given_in_order_to_those_who_have_none),
        RULE(only_those_who_wait_get_the_slot_of_a_queue),
        RULE(a_place_is_lost_for_silence_only_after_the_longest_rhythm),
        RULE(bans_and_pardons_change_something),
        RULE(a_skip_is_no_longer_than_the_time_that_passed),
        RULE(a_change_of_mode_changes_it),
        RULE(a_ceremony_is_handed_to_somebody_else_and_taken_by_them),
        RULE(an_upload_stalls_only_below_its_rate_and_after_a_window),
        RULE(a_response_is_stored_after_the_deadline_if_it_was_whole_before),
        RULE(nothing_follows_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
