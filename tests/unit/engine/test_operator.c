/* The operator's commands, the ceremony's modes, its move to another server, and slept time. */
#include "support/test.h"

#include "support/engine_world.h"

#define A "eth|0xaa"
#define B "eth|0xbb"
#define C "git|3|carol"
#define D "git|4|dave"

static const uint8_t new_key[ENGINE_KEY_BYTES] = {0x0f};

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

/* A has the slot, B and C wait. */
static void line_up(World *w) {
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
    assert_int_equal(world_check_in(w, C), REFUSAL_BUSY);
}

static void finish(World *w, uint64_t lease) {
    world_store(w, lease, 1);
    world_accept(w, lease);
}

/* ---- modes ---- */

static void while_paused_people_wait_and_nobody_gets_the_slot(void **state) {
    World *w = *state;
    world_mode(w, MODE_PAUSED);

    assert_int_equal(world_check_in(w, A), REFUSAL_BUSY);
    presence_park(w->presence, A, true, w->now_ms);
    world_tick(w);

    assert_int_equal(world_view(w).lease.number, 0);
    assert_int_equal(world_view(w).waiting, 1);
    assert_int_equal(world_view(w).mode, MODE_PAUSED);
}

static void a_turn_under_way_goes_on_while_paused(void **state) {
    World *w = *state;
    line_up(w);
    world_mode(w, MODE_PAUSED);

    finish(w, 1);

    assert_int_equal(world_view(w).contributions, 1);
}

static void after_the_pause_whoever_is_ready_gets_the_slot(void **state) {
    World *w = *state;
    world_mode(w, MODE_PAUSED);
    world_check_in(w, A);
    presence_park(w->presence, A, true, w->now_ms);

    assert_int_equal(world_mode(w, MODE_OPEN), REFUSAL_NONE);
    assert_int_equal(w->last.n, 1); /* the operator's command gives nobody the slot */
    world_tick(w);

    assert_string_equal(world_view(w).lease.identity, A);
}

static void a_draining_queue_takes_nobody_new_and_serves_the_others(void **state) {
    World *w = *state;
    line_up(w);
    world_mode(w, MODE_DRAINING);

    assert_int_equal(world_check_in(w, D), REFUSAL_CLOSED);
    presence_park(w->presence, B, true, w->now_ms);
    finish(w, 1);
    assert_string_equal(world_view(w).lease.identity, B);
    assert_false(world_view(w).drained);
    finish(w, 2);
    assert_false(world_view(w).drained); /* C waits */
    world_person(w, COMMAND_LEAVE, C);
    assert_true(world_view(w).drained);
    world_mode(w, MODE_OPEN);
    assert_false(world_view(w).drained);
}

static void the_same_mode_again_is_no_change(void **state) {
    World *w = *state;

    assert_int_equal(world_mode(w, MODE_OPEN), REFUSAL_NO_CHANGE);
    assert_int_equal(w->last.n, 0);
}

/* ---- people ---- */

static void whoever_is_dropped_loses_the_place_alone(void **state) {
    World *w = *state;
    line_up(w);

    assert_int_equal(world_person(w, COMMAND_DROP, B), REFUSAL_NONE);

    assert_int_equal(world_event(w)->u.left.reason, LEFT_DROPPED);
    assert_int_equal(world_find(w, B).place, 0);
    assert_int_equal(world_find(w, B).strikes, 0);
}

static void a_holder_who_is_dropped_loses_the_turn_and_the_place(void **state) {
    World *w = *state;
    line_up(w);

    assert_int_equal(world_person(w, COMMAND_DROP, A), REFUSAL_NONE);

    assert_int_equal(world_event(w)->type, EVENT_LEASE_ABORTED);
    assert_true(world_event(w)->u.aborted.by_operator);
    assert_int_equal(world_view(w).lease.number, 0);
    assert_int_equal(world_find(w, A).place, 0);
    assert_int_equal(world_find(w, A).strikes, 0);
    assert_false(world_find(w, A).out);
}

static void only_those_who_wait_or_hold_the_slot_can_be_dropped(void **state) {
    World *w = *state;
    line_up(w);
    finish(w, 1);

    assert_int_equal(world_person(w, COMMAND_DROP, A), REFUSAL_NO_CHANGE);
    assert_int_equal(world_person(w, COMMAND_DROP, D), REFUSAL_UNKNOWN);
}

static void whoever_is_banned_loses_place_or_turn_and_may_not_come(void **state) {
    World *w = *state;
    line_up(w);

    assert_int_equal(world_person(w, COMMAND_BAN, A), REFUSAL_NONE);
    assert_int_equal(w->last.n, 2); /* the turn, then the ban */
    assert_int_equal(world_person(w, COMMAND_BAN, B), REFUSAL_NONE);
    assert_int_equal(w->last.n, 1);

    assert_int_equal(world_view(w).lease.number, 0);
    assert_int_equal(world_view(w).waiting, 1);
    assert_int_equal(world_check_in(w, A), REFUSAL_OUT);
    assert_int_equal(world_check_in(w, B), REFUSAL_OUT);
    assert_int_equal(world_person(w, COMMAND_BAN, B), REFUSAL_NO_CHANGE);
}

static void somebody_may_be_banned_while_being_verified(void **state) {
    World *w = *state;
    line_up(w);
    world_store(w, 1, 1);

    assert_int_equal(world_person(w, COMMAND_BAN, A), REFUSAL_NONE);

    assert_int_equal(world_accept(w, 1), REFUSAL_NOT_HOLDER);
    assert_int_equal(world_view(w).contributions, 0);
}

static void somebody_may_be_banned_before_they_come(void **state) {
    World *w = *state;

    assert_int_equal(world_person(w, COMMAND_BAN, D), REFUSAL_NONE);

    assert_int_equal(w->last.at[0].type, EVENT_PARTICIPANT_ADMITTED);
    assert_int_equal(w->last.at[1].type, EVENT_PARTICIPANT_BANNED);
    assert_string_equal(w->last.at[1].u.person.reason, "spam");
    assert_int_equal(world_check_in(w, D), REFUSAL_OUT);
}

static void a_ban_can_be_taken_back(void **state) {
    World *w = *state;
    world_person(w, COMMAND_BAN, D);

    assert_int_equal(world_person(w, COMMAND_UNBAN, D), REFUSAL_NONE);

    assert_int_equal(world_check_in(w, D), REFUSAL_NONE);
    assert_int_equal(world_person(w, COMMAND_UNBAN, D), REFUSAL_NO_CHANGE);
    assert_int_equal(world_person(w, COMMAND_UNBAN, B), REFUSAL_UNKNOWN);
}

static void a_pardon_forgives_strikes_cool_down_and_being_out_but_no_ban(void **state) {
    World *w = *state;
    EnginePolicy p = world_fifo();
    p.aborted = COST_OUT;
    world_close(w);
    world_open(w, p);
    world_check_in(w, A);
    world_abort(w, 1);
    world_person(w, COMMAND_BAN, A);

    assert_int_equal(world_person(w, COMMAND_PARDON, A), REFUSAL_NONE);

    EnginePerson a = world_find(w, A);
    assert_false(a.out);
    assert_int_equal(a.strikes, 0);
    assert_int_equal(a.cool_until_ms, 0);
    assert_true(a.banned);
    assert_int_equal(world_person(w, COMMAND_PARDON, A), REFUSAL_NO_CHANGE);
    world_person(w, COMMAND_UNBAN, A);
    presence_remove(w->presence, A);
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
}

static void a_pardon_does_not_let_anybody_contribute_twice(void **state) {
    World *w = *state;
    line_up(w);
    finish(w, 1);

    assert_int_equal(world_person(w, COMMAND_PARDON, A), REFUSAL_NO_CHANGE);
    assert_int_equal(world_check_in(w, A), REFUSAL_OUT);
}

static void the_operator_lets_nobodys_time_run_out(void **state) {
    World *w = *state;
    line_up(w);
    w->now_ms += 3600000;

    assert_int_equal(world_mode(w, MODE_DRAINING), REFUSAL_NONE);
    assert_int_equal(w->last.n, 1);
    assert_int_equal(world_person(w, COMMAND_DROP, B), REFUSAL_NONE);
    assert_int_equal(w->last.n, 1);
    assert_int_equal(world_person(w, COMMAND_BAN, D), REFUSAL_NONE);
    assert_int_equal(world_view(w).lease.number, 1);
    assert_int_equal(world_person(w, COMMAND_DROP, A), REFUSAL_NONE); /* late as they are */
    assert_int_equal(world_view(w).aborted, 1);
}

/* ---- slept time ---- */

static void a_skip_extends_the_turn_under_way(void **state) {
    World *w = *state;
    line_up(w);
    int64_t deadline = world_view(w).lease.deadline_ms, granted = world_view(w).lease.granted_ms;
    w->now_ms += 3600000;

    assert_int_equal(world_do(w, (Command){.type = COMMAND_SKIP, .by_ms = 3599000}), REFUSAL_NONE);

    assert_int_equal(w->last.n, 1);
    assert_int_equal(world_view(w).lease.deadline_ms, deadline + 3599000);
    assert_int_equal(world_view(w).lease.granted_ms, granted + 3599000);
    presence_skip(w->presence, 3599000);
    world_tick(w);
    assert_int_equal(world_view(w).lease.number, 1);
    assert_int_equal(world_view(w).waiting, 2);
}

static void a_skip_does_not_stretch_a_cool_down(void **state) {
    World *w = *state;
    line_up(w);
    world_abort(w, 1);
    int64_t until = world_find(w, A).cool_until_ms;
    w->now_ms += 100000;

    world_do(w, (Command){.type = COMMAND_SKIP, .by_ms = 100000});

    assert_int_equal(world_find(w, A).cool_until_ms, until);
}

static void no_more_time_is_skipped_than_has_passed(void **state) {
    World *w = *state;
    line_up(w);
    assert_int_equal(world_do(w, (Command){.type = COMMAND_SKIP, .by_ms = 5}), REFUSAL_NO_CHANGE);
    w->now_ms += 1000;

    world_do(w, (Command){.type = COMMAND_SKIP, .by_ms = 5000});

    assert_int_equal(world_event(w)->u.skipped.by_ms, 1000);
    assert_int_equal(world_do(w, (Command){.type = COMMAND_SKIP, .by_ms = -5}), REFUSAL_NO_CHANGE);
}

/* ---- to another server ---- */

static Refusal hand_over(World *w, const uint8_t *key) {
    return world_do(w, (Command){.type = COMMAND_HAND_OVER, .key = key});
}

static Refusal take_over(World *w, const uint8_t *key) {
    static const uint8_t root[32] = {0xaa}, signature[ENGINE_SIGNATURE_BYTES] = {0xbb};
    return world_do(
        w, (Command){.type = COMMAND_TAKE_OVER, .key = key, .hash = root, .signature = signature});
}

static void after_handing_over_nothing_happens_but_taking_over(void **state) {
    World *w = *state;
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
    assert_int_equal(hand_over(w, new_key), REFUSAL_TURN_LIVE);
    finish(w, 1);

    assert_int_equal(hand_over(w, new_key), REFUSAL_NONE);

    assert_true(world_view(w).handed_over);
    assert_int_equal(world_view(w).key[0], 0x0e); /* it is still the old one's to show */
    w->now_ms += 3600000;
    world_tick(w);
    assert_int_equal(w->last.n, 0);
    assert_int_equal(world_check_in(w, C), REFUSAL_HANDED_OVER);
    assert_int_equal(world_person(w, COMMAND_LEAVE, B), REFUSAL_HANDED_OVER);
    assert_int_equal(world_person(w, COMMAND_BAN, B), REFUSAL_HANDED_OVER);
    assert_int_equal(world_mode(w, MODE_PAUSED), REFUSAL_HANDED_OVER);
    assert_int_equal(world_finalize(w), REFUSAL_HANDED_OVER);
    assert_int_equal(hand_over(w, new_key), REFUSAL_HANDED_OVER);
    assert_int_equal(world_do(w, (Command){.type = COMMAND_SKIP, .by_ms = 1}), REFUSAL_HANDED_OVER);
}

static void the_server_that_was_named_takes_over_and_everybody_keeps_their_places(void **state) {
    World *w = *state;
    line_up(w);
    finish(w, 1);
    hand_over(w, new_key);
    const uint8_t other[ENGINE_KEY_BYTES] = {0x77};

    assert_int_equal(take_over(w, other), REFUSAL_UNKNOWN);
    assert_int_equal(take_over(w, new_key), REFUSAL_NONE);

    assert_false(world_view(w).handed_over);
    assert_memory_equal(world_view(w).key, new_key, sizeof new_key);
    assert_int_equal(world_find(w, B).ahead, 0);
    assert_int_equal(world_find(w, C).ahead, 1);
    assert_int_equal(take_over(w, new_key), REFUSAL_NO_CHANGE);
}

static void a_ceremony_is_not_handed_to_nobody_or_to_itself(void **state) {
    World *w = *state;
    const uint8_t nobody[ENGINE_KEY_BYTES] = {0};
    EngineView v = world_view(w);

    assert_int_equal(hand_over(w, nobody), REFUSAL_UNKNOWN);
    assert_int_equal(hand_over(w, v.key), REFUSAL_NO_CHANGE);
    assert_int_equal(take_over(w, new_key), REFUSAL_NO_CHANGE);
}

static void a_final_ceremony_takes_no_commands(void **state) {
    World *w = *state;
    world_finalize(w);

    assert_int_equal(world_mode(w, MODE_PAUSED), REFUSAL_FINALIZED);
    assert_int_equal(world_person(w, COMMAND_BAN, A), REFUSAL_FINALIZED);
    assert_int_equal(hand_over(w, new_key), REFUSAL_FINALIZED);
    assert_int_equal(take_over(w, new_key), REFUSAL_FINALIZED);
}

#define RULE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(while_paused_people_wait_and_nobody_gets_the_slot),
        RULE(a_turn_under_way_goes_on_while_paused),
        RULE(after_the_pause_whoever_is_ready_gets_the_slot),
        RULE(a_draining_queue_takes_nobody_new_and_serves_the_others),
        RULE(the_same_mode_again_is_no_change),
        RULE(whoever_is_dropped_loses_the_place_alone),
        RULE(a_holder_who_is_dropped_loses_the_turn_and_the_place),
        RULE(only_those_who_wait_or_hold_the_slot_can_be_dropped),
        RULE(whoever_is_banned_loses_place_or_turn_and_may_not_come),
        RULE(somebody_may_be_banned_while_being_verified),
        RULE(somebody_may_be_banned_before_they_come),
        RULE(a_ban_can_be_taken_back),
        RULE(a_pardon_forgives_strikes_cool_down_and_being_out_but_no_ban),
        RULE(a_pardon_does_not_let_anybody_contribute_twice),
        RULE(the_operator_lets_nobodys_time_run_out),
        RULE(a_skip_extends_the_turn_under_way),
        RULE(a_skip_does_not_stretch_a_cool_down),
        RULE(no_more_time_is_skipped_than_has_passed),
        RULE(after_handing_over_nothing_happens_but_taking_over),
        RULE(the_server_that_was_named_takes_over_and_everybody_keeps_their_places),
        RULE(a_ceremony_is_not_handed_to_nobody_or_to_itself),
        RULE(a_final_ceremony_takes_no_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
