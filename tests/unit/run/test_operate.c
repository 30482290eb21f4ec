/* The operator's commands: on a ceremony that runs, and from another process beside it. */
#include "auth/auth.h"
#include "run/ceremony_private.h"
#include "run/world.h"

/* ---- modes ---- */

static void while_paused_nobody_gets_the_slot(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");

    assert_true(ceremony_set_mode(w->c, MODE_PAUSED, NULL));
    assert_int_equal(world_ask(w, &a), REFUSAL_BUSY);
    assert_true(ceremony_set_mode(w->c, MODE_OPEN, NULL));

    world_take_slot(w, &a);
}

static void a_mode_that_is_so_already_is_told(void **state) {
    World *w = *state;
    CvkErr err;

    assert_false(ceremony_set_mode(w->c, MODE_OPEN, &err));

    assert_string_equal(err.id, "ceremony.mode");
}

static void a_final_ceremony_has_no_modes(void **state) {
    World *w = *state;
    CvkErr err;
    assert_true(ceremony_finalize(w->c, &err));

    assert_false(ceremony_set_mode(w->c, MODE_PAUSED, &err));

    assert_string_equal(err.id, "ceremony.finalized");
}

static void the_server_sees_at_its_next_tick_what_another_process_did(void **state) {
    World *w = *state;
    Node *other;
    Ceremony *c;
    Session a = world_sign_in(w, "git|1|a");
    assert_true(
        node_open(w->at.dir, (NodeOptions){.threads = 1, .clock = world_clock}, &other, NULL));
    assert_true(node_ceremony(other, NULL, &c, NULL));

    assert_true(ceremony_judge_person(c, COMMAND_BAN, "git|1|a", "two-accounts", NULL));
    node_tick(w->node);

    assert_int_equal(world_ask(w, &a), REFUSAL_OUT);
    node_close(other);
}

static void what_cannot_be_read_of_anothers_writing_is_tried_again(void **state) {
    World *w = *state;
    CvkErr err;
    world_break_journal(w);

    assert_false(ceremony_tick(w->c, &err));

    assert_string_equal(err.id, "journal.broken");
    assert_false(ceremony_tick(w->c, &err));
}

/* ---- signing in ---- */

static SignInResult sign_in(World *w, const char *identity) {
    char invitation[AUTH_INVITATION_TEXT], who[LIMIT_IDENTITY + 1], proof[AUTH_STATE_MAX];
    char redirect[LIMIT_REDIRECT + 1];
    SignedIn in;
    SignInResult ret;
    assert_true(node_invite(w->node, identity, invitation, who, NULL));
    assert_true(node_login_state(w->node, "", proof, NULL));
    assert_true(node_sign_in(
        w->node, w->c, &(SignInProof){.server = "127.0.0.1", .state = proof, .code = invitation},
        redirect, &in, &ret, NULL));
    return ret;
}

static void an_account_that_changed_its_login_is_still_the_same(void **state) {
    World *w = *state;
    world_contribute(w, "git|17|old", 1);

    assert_int_equal(sign_in(w, "git|17|new"), SIGN_IN_OUT);

    assert_int_equal(sign_in(w, "git|1|new"), SIGN_IN_OK);
    assert_int_equal(sign_in(w, "git|170|new"), SIGN_IN_OK);
}

static void an_account_that_waits_under_another_login_has_one_session(void **state) {
    World *w = *state;
    Session old = world_sign_in(w, "git|17|old");

    Session new = world_sign_in(w, "git|17|new");

    assert_string_equal(new.identity, "git|17|old");
    assert_memory_equal(new.hash, old.hash, sizeof old.hash);
}

static void a_ban_is_of_the_account_whatever_its_login(void **state) {
    World *w = *state;
    char identity[LIMIT_IDENTITY + 1];
    Session a = world_sign_in(w, "git|17|old");
    world_take_slot(w, &a);

    assert_true(ceremony_who(w->c, "git|17|new", identity, NULL));

    assert_string_equal(identity, "git|17|old");
    assert_true(ceremony_who(w->c, "git|18|new", identity, NULL));
    assert_string_equal(identity, "git|18|new");
}

static void a_draining_lobby_takes_nobody_new(void **state) {
    static const char *const settings[] = {"entry=lobby", "checkin_every_s=0",
                                           "checkin_tolerance_s=0", NULL};
    World w;
    (void)state;
    world_open(&w, settings);
    Session a = world_sign_in(&w, "git|1|a");

    assert_true(ceremony_set_mode(w.c, MODE_DRAINING, NULL));

    assert_int_equal(sign_in(&w, "git|2|b"), SIGN_IN_CLOSED);
    assert_int_equal(sign_in(&w, "git|1|a"), SIGN_IN_OK); /* was in before */
    world_take_slot(&w, &a);
    world_close(&w);
}

static void a_draining_queue_gives_those_in_it_their_turns(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    world_take_slot(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);

    assert_true(ceremony_set_mode(w->c, MODE_DRAINING, NULL));

    Session late = world_sign_in(w, "git|3|c");
    assert_int_equal(world_ask(w, &late), REFUSAL_CLOSED);
    assert_true(ceremony_abort(w->c, &a, &refusal, NULL));
    assert_false(world_status(w).view.drained);
    refusal = world_ask(w, &b);
    assert_true(refusal == REFUSAL_NONE || refusal == REFUSAL_HOLDER_AGAIN);
    assert_true(ceremony_abort(w->c, &b, &refusal, NULL));
    assert_true(world_status(w).view.drained);
}

/* ---- people ---- */

static void participants_are_found_by_number_and_by_identity(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");
    Participant by_number, by_name;
    char identity[LIMIT_IDENTITY + 1];
    CvkErr err;
    world_take_slot(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);

    assert_true(ceremony_participant(w->c, 2, NULL, &by_number, &err));
    assert_true(ceremony_participant(w->c, 0, "git|1|a", &by_name, &err));
    assert_true(ceremony_who(w->c, "2", identity, &err));

    assert_string_equal(by_number.person.identity, "git|2|b");
    assert_true(by_number.person.place != 0);
    assert_true(by_name.person.holder);
    assert_string_equal(identity, "git|2|b");
    assert_true(ceremony_who(w->c, "git|9|never", identity, &err));
    assert_string_equal(identity, "git|9|never");
}

static void nobody_is_told_as_such(void **state) {
    World *w = *state;
    Participant p;
    char identity[LIMIT_IDENTITY + 1];
    CvkErr err;

    assert_false(ceremony_participant(w->c, 7, NULL, &p, &err));
    assert_string_equal(err.id, "participant.none");
    assert_false(ceremony_participant(w->c, 0, "git|1|a", &p, &err));
    assert_string_equal(err.id, "participant.none");
    assert_false(ceremony_who(w->c, "7", identity, &err));
    assert_string_equal(err.id, "participant.none");
    assert_false(ceremony_who(w->c, "somebody", identity, &err));
    assert_string_equal(err.id, "participant.who");
    assert_false(ceremony_who(w->c, "0", identity, &err));
    assert_string_equal(err.id, "participant.who");
    assert_false(ceremony_judge_person(w->c, COMMAND_DROP, "git|1|a", NULL, &err));
    assert_string_equal(err.id, "participant.none");
}

static void whoever_is_banned_is_out_until_unbanned(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    CvkErr err;

    assert_true(ceremony_judge_person(w->c, COMMAND_BAN, "git|1|a", "two-accounts", &err));
    assert_int_equal(world_ask(w, &a), REFUSAL_OUT);
    assert_int_equal(sign_in(w, "git|1|a"), SIGN_IN_OUT);
    assert_false(ceremony_judge_person(w->c, COMMAND_BAN, "git|1|a", "again", &err));
    assert_string_equal(err.id, "participant.no_change");
    assert_true(ceremony_judge_person(w->c, COMMAND_UNBAN, "git|1|a", NULL, &err));

    world_take_slot(w, &a);
}

static void a_reason_is_one_word(void **state) {
    World *w = *state;
    char longer[ENGINE_REASON_MAX + 1];
    CvkErr err;
    memset(longer, 'x', ENGINE_REASON_MAX);
    longer[ENGINE_REASON_MAX] = '\0';
    const char *const bad[] = {"", "two accounts", "\"", longer};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(ceremony_judge_person(w->c, COMMAND_BAN, "git|1|a", bad[i], &err));

        assert_string_equal(err.id, "participant.reason");
    }
}

static void whoever_is_dropped_loses_the_turn_and_may_come_again(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    world_take_slot(w, &a);

    assert_true(ceremony_judge_person(w->c, COMMAND_DROP, "git|1|a", NULL, NULL));

    assert_false(ceremony_may_upload(w->c, &a));
    world_take_slot(w, &a);
}

/* ---- waiting ---- */

static void those_who_wait_learn_their_position(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b"),
            c = world_sign_in(w, "git|3|c");
    Waiting of_a, of_c;
    world_take_slot(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
    assert_int_equal(world_ask(w, &c), REFUSAL_BUSY);

    ceremony_waiting(w->c, &a, &of_a);
    ceremony_waiting(w->c, &c, &of_c);

    assert_false(of_a.waits);
    assert_true(of_c.waits);
    assert_int_equal(of_c.ahead, 1);
    assert_int_equal(of_c.waiting, 2);
    assert_true(of_c.due.next_ms >= of_c.now_ms && of_c.due.late_ms >= of_c.due.next_ms);
}

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_WORLD(while_paused_nobody_gets_the_slot),
        IN_WORLD(a_mode_that_is_so_already_is_told),
        IN_WORLD(a_final_ceremony_has_no_modes),
        IN_WORLD(the_server_sees_at_its_next_tick_what_another_process_did),
        IN_WORLD(what_cannot_be_read_of_anothers_writing_is_tried_again),
        IN_WORLD(an_account_that_changed_its_login_is_still_the_same),
        IN_WORLD(an_account_that_waits_under_another_login_has_one_session),
        IN_WORLD(a_ban_is_of_the_account_whatever_its_login),
        cmocka_unit_test(a_draining_lobby_takes_nobody_new),
        IN_WORLD(a_draining_queue_gives_those_in_it_their_turns),
        IN_WORLD(participants_are_found_by_number_and_by_identity),
        IN_WORLD(nobody_is_told_as_such),
        IN_WORLD(whoever_is_banned_is_out_until_unbanned),
        IN_WORLD(a_reason_is_one_word),
        IN_WORLD(whoever_is_dropped_loses_the_turn_and_may_come_again),
        IN_WORLD(those_who_wait_learn_their_position),
    };
    return cmocka_run_group_tests_name("run/operate", tests, NULL, NULL);
}
