/* What somebody hears of their own place and turn. */
#include "run/world.h"

#include "run/standing.h"

static Standing look(World *w, const Session *s, Heard *heard) {
    Standing ret;
    ceremony_standing(w->c, s, heard, &ret);
    return ret;
}

static Session newcomer(World *w, const char *identity, Heard *ret) {
    Session s = world_sign_in(w, identity);
    ceremony_standing_begin(w->c, ret);
    return s;
}

static void give_up(World *w, const Session *s) {
    Refusal refusal;
    assert_true(ceremony_abort(w->c, s, &refusal, NULL));
    assert_int_equal(refusal, REFUSAL_NONE);
}

static void assert_over(const Standing *s, Outcome outcome, uint64_t index, const char *reason) {
    assert_int_equal(s->kind, STANDING_OVER);
    assert_string_equal(outcome_name(s->outcome), outcome_name(outcome));
    assert_int_equal(s->index, index);
    assert_string_equal(s->reason, reason);
}

static void whoever_has_not_checked_in_is_away(void **state) {
    World *w = *state;
    Heard heard;
    Session a = newcomer(w, "git|1|a", &heard);

    assert_int_equal(look(w, &a, &heard).kind, STANDING_AWAY);
}

static void a_place_in_the_queue_moves_up_to_the_turn(void **state) {
    World *w = *state;
    Heard heard;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");
    Session c = newcomer(w, "git|3|c", &heard);
    world_take_slot(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
    assert_int_equal(world_ask(w, &c), REFUSAL_BUSY);
    Standing s = look(w, &c, &heard);
    assert_int_equal(s.kind, STANDING_WAITS);
    assert_true(s.in_queue);
    assert_int_equal(s.ahead, 1);

    give_up(w, &a);
    world_take_slot(w, &b);
    assert_int_equal(look(w, &c, &heard).ahead, 0);
    give_up(w, &b);
    world_take_slot(w, &c);

    s = look(w, &c, &heard);
    EngineView view = world_status(w).view;
    assert_int_equal(s.kind, STANDING_TURN);
    assert_int_equal(s.lease, view.lease.number);
    assert_int_equal(s.phase, view.lease.phase);
    assert_int_equal(s.deadline_ms, view.lease.deadline_ms);
}

static void an_accepted_contribution_is_heard_with_its_index(void **state) {
    World *w = *state;
    Heard heard;
    world_contribute(w, "git|1|a", 1);
    Session b = newcomer(w, "git|2|b", &heard);
    world_contribute(w, "git|2|b", 2);

    Standing s = look(w, &b, &heard);

    assert_over(&s, OVER_ACCEPTED, 2, "");
}

static void a_contribution_from_before_has_no_index(void **state) {
    World *w = *state;
    Heard heard;
    Session a = world_sign_in(w, "git|1|a");
    world_contribute(w, "git|1|a", 1);
    ceremony_standing_begin(w->c, &heard);

    Standing s = look(w, &a, &heard);

    assert_over(&s, OVER_ACCEPTED, 0, "");
}

static void a_refused_contribution_is_heard_with_its_reason(void **state) {
    World *w = *state;
    Heard heard;
    Refusal refusal;
    size_t n;
    Session a = newcomer(w, "git|1|a", &heard);
    char *challenge = world_check_in(w, &a, &refusal, &n);
    Submit submit = world_upload(w, &a, challenge, n); /* its own challenge: no contribution */
    assert_int_equal(submit.result, SUBMIT_REFUSED);

    Standing s = look(w, &a, &heard);

    assert_over(&s, OVER_REFUSED, 0, submit.code);
    submit_done(&submit);
    free(challenge);
}

static void a_turn_that_ran_out_is_heard_with_its_phase(void **state) {
    World *w = *state;
    Heard heard;
    Session a = newcomer(w, "git|1|a", &heard);
    world_take_slot(w, &a);
    assert_int_equal(look(w, &a, &heard).kind, STANDING_TURN);

    world_pass(w, 61000);

    Standing s = look(w, &a, &heard);
    assert_over(&s, OVER_EXPIRED, 0, "fetching");
}

static void an_end_is_heard_once(void **state) {
    World *w = *state;
    Heard heard;
    Session a = newcomer(w, "git|1|a", &heard);
    world_take_slot(w, &a);
    give_up(w, &a);

    Standing s = look(w, &a, &heard);
    assert_over(&s, OVER_ABORTED, 0, "");

    assert_int_equal(look(w, &a, &heard).kind, STANDING_AWAY);
}

static void the_ends_of_others_are_not_heard(void **state) {
    World *w = *state;
    Heard heard;
    Session a = world_sign_in(w, "git|1|a"), b = newcomer(w, "git|2|b", &heard);
    world_take_slot(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
    give_up(w, &a);

    assert_int_equal(look(w, &b, &heard).kind, STANDING_WAITS);
}

static void a_lost_place_is_heard_with_its_reason(void **state) {
    World *w = *state;
    Heard heard;
    Session a = world_sign_in(w, "git|1|a"), b = newcomer(w, "git|2|b", &heard);
    world_take_slot(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
    assert_true(ceremony_judge_person(w->c, COMMAND_DROP, "git|2|b", NULL, NULL));

    Standing s = look(w, &b, &heard);

    assert_over(&s, OVER_LEFT, 0, "dropped");
}

static void a_ban_is_heard(void **state) {
    World *w = *state;
    Heard heard;
    Session a = newcomer(w, "git|1|a", &heard);
    assert_true(ceremony_judge_person(w->c, COMMAND_BAN, "git|1|a", "rude", NULL));

    Standing s = look(w, &a, &heard);
    assert_over(&s, OVER_BANNED, 0, "rude");

    s = look(w, &a, &heard);
    assert_over(&s, OVER_BANNED, 0, "");
}

static void the_ceremonys_end_is_everybodys(void **state) {
    World *w = *state;
    Heard heard;
    Session a = newcomer(w, "git|1|a", &heard);
    assert_true(ceremony_finalize(w->c, NULL));

    Standing s = look(w, &a, &heard);

    assert_over(&s, OVER_FINISHED, 0, "");
}

static void whoever_signs_out_is_told_nothing_more(void **state) {
    World *w = *state;
    Heard heard;
    Session a = newcomer(w, "git|1|a", &heard);
    assert_true(node_log_out(w->node, w->c, &a, NULL));

    Standing s = look(w, &a, &heard);

    assert_over(&s, OVER_SIGNED_OUT, 0, "");
}

static int setup_lobby(void **state) {
    static const char *const settings[] = {"entry=lobby", "checkin_every_s=30",
                                           "checkin_tolerance_s=15", "on_aborted=nothing", NULL};
    World *w = malloc(sizeof *w);
    assert_non_null(w);
    world_open(w, settings);
    *state = w;
    return 0;
}

static void in_a_lobby_whoever_was_seen_waits_without_a_place(void **state) {
    World *w = *state;
    Heard heard;
    Session a = world_sign_in(w, "git|1|a"), b = newcomer(w, "git|2|b", &heard);
    world_take_slot(w, &a);
    assert_int_equal(look(w, &b, &heard).kind, STANDING_AWAY);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);

    Standing s = look(w, &b, &heard);

    assert_int_equal(s.kind, STANDING_WAITS);
    assert_false(s.in_queue);
}

int main(void) {
#define IN_QUEUE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
#define IN_LOBBY(fn) cmocka_unit_test_setup_teardown(fn, setup_lobby, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_QUEUE(whoever_has_not_checked_in_is_away),
        IN_QUEUE(a_place_in_the_queue_moves_up_to_the_turn),
        IN_QUEUE(an_accepted_contribution_is_heard_with_its_index),
        IN_QUEUE(a_contribution_from_before_has_no_index),
        IN_QUEUE(a_refused_contribution_is_heard_with_its_reason),
        IN_QUEUE(a_turn_that_ran_out_is_heard_with_its_phase),
        IN_QUEUE(an_end_is_heard_once),
        IN_QUEUE(the_ends_of_others_are_not_heard),
        IN_QUEUE(a_lost_place_is_heard_with_its_reason),
        IN_QUEUE(a_ban_is_heard),
        IN_QUEUE(the_ceremonys_end_is_everybodys),
        IN_QUEUE(whoever_signs_out_is_told_nothing_more),
        IN_LOBBY(in_a_lobby_whoever_was_seen_waits_without_a_place),
    };
    return cmocka_run_group_tests_name("run/standing", tests, NULL, NULL);
}
