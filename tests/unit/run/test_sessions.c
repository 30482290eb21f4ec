/* Sessions: the table in memory, and that it says what the database says, whoever changes that. */
#include "run/node_private.h"
#include "run/world.h"

#include "auth/auth.h"
#include "run/ceremony_private.h"

#include <string.h>

/* ---- the table ---- */

static SessionRow row(uint32_t name, char identity[32], int64_t expires_ms) {
    SessionRow r = {.identity = identity, .expires_ms = expires_ms};
    snprintf(identity, 32, "git|%u|x", name);
    memcpy(r.hash, &name, sizeof name);
    return r;
}

static Sessions *table_of(uint32_t n) {
    Sessions *s = sessions_new(NULL);
    char identity[32];
    assert_non_null(s);
    for (uint32_t i = 0; i < n; i++) {
        SessionRow r = row(i, identity, 100 + i);
        assert_true(sessions_put(s, &r, NULL));
    }
    return s;
}

static void each_is_found_by_its_hash_and_by_its_owner(void **state) {
    (void)state;
    Sessions *s = table_of(1000);
    char identity[32];
    SessionRow found;

    for (uint32_t i = 0; i < 1000; i++) {
        SessionRow want = row(i, identity, 0);
        assert_true(sessions_find(s, want.hash, &found));
        assert_string_equal(found.identity, identity);
        assert_int_equal(found.expires_ms, 100 + i);
        assert_true(sessions_of(s, identity, &found));
        assert_memory_equal(found.hash, want.hash, sizeof want.hash);
    }

    SessionRow other = row(1000, identity, 0);
    assert_false(sessions_find(s, other.hash, &found));
    assert_false(sessions_of(s, identity, &found));
    sessions_free(s);
}

static void those_that_remain_are_found_when_others_go(void **state) {
    (void)state;
    Sessions *s = table_of(1000);
    char identity[32];
    SessionRow found;

    for (uint32_t i = 0; i < 1000; i += 3) {
        row(i, identity, 0);
        sessions_remove(s, identity);
    }

    assert_int_equal(sessions_n(s), 666);
    assert_int_equal(sessions_live(s), 666);
    for (uint32_t i = 0; i < 1000; i++) {
        SessionRow want = row(i, identity, 0);
        assert_int_equal(sessions_find(s, want.hash, &found), i % 3 != 0);
        assert_int_equal(sessions_of(s, identity, &found), i % 3 != 0);
    }
    sessions_free(s);
}

static void an_owner_s_new_session_takes_the_place_of_the_old_one(void **state) {
    (void)state;
    Sessions *s = table_of(3);
    char identity[32];
    SessionRow old = row(1, identity, 0), next = old, found;
    memset(next.hash, 0xee, sizeof next.hash);

    assert_true(sessions_put(s, &next, NULL));

    assert_int_equal(sessions_n(s), 3);
    assert_false(sessions_find(s, old.hash, &found));
    assert_true(sessions_find(s, next.hash, &found));
    sessions_free(s);
}

static void ended_ones_are_known_and_do_not_count(void **state) {
    (void)state;
    Sessions *s = table_of(3);
    char identity[32];
    SessionRow one = row(1, identity, 0), found;

    sessions_end(s, identity);
    sessions_end(s, identity);

    assert_int_equal(sessions_live(s), 2);
    assert_true(sessions_find(s, one.hash, &found));
    assert_true(found.ended);
    sessions_remove(s, identity);
    assert_int_equal(sessions_live(s), 2);
    sessions_free(s);
}

static void a_walk_that_removes_what_it_sees_sees_all(void **state) {
    (void)state;
    Sessions *s = table_of(100);
    SessionRow found;
    size_t at = sessions_n(s), seen = 0;

    while (sessions_walk(s, &at, &found)) {
        seen++;
        if (seen % 2 == 0)
            sessions_remove(s, found.identity);
    }

    assert_int_equal(seen, 100);
    assert_int_equal(sessions_n(s), 50);
    sessions_free(s);
}

static void there_is_a_greatest_number(void **state) {
    (void)state;
    Sessions *s = table_of(2 * LIMIT_SESSIONS);
    char identity[32];
    SessionRow more = row(2 * LIMIT_SESSIONS, identity, 0);
    CvkErr err;

    assert_false(sessions_put(s, &more, &err));

    assert_string_equal(err.id, "limit.count");
    sessions_free(s);
}

/* ---- in a ceremony ---- */

static void id_of(World *w, const char *identity, uint64_t generation,
                  char ret[AUTH_SESSION_TEXT]) {
    auth_session_id(w->c->host.auth, w->c->id, identity, generation, ret);
}

/* Is the session of this generation theirs? */
static bool knows(World *w, const char *identity, uint64_t generation) {
    char id[AUTH_SESSION_TEXT];
    Session s;
    id_of(w, identity, generation, id);
    return ceremony_session(w->c, id, &s);
}

static void log_out(World *w, const Session *s) {
    CvkErr err;
    if (!node_log_out(w->node, w->c, s, &err))
        fail_msg("%s: %s", err.id, err.msg);
}

static EnginePerson person(World *w, const char *identity) {
    EnginePerson p = {.number = 0};
    (void)!engine_person(w->c->state, 0, identity, &p);
    return p;
}

static void signing_in_again_gives_the_same_session(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), again = world_sign_in(w, "git|1|a");

    assert_memory_equal(a.hash, again.hash, sizeof a.hash);
    assert_int_equal(sessions_live(w->c->sessions), 1);
}

static void a_session_outlives_a_restart(void **state) {
    World *w = *state;
    world_sign_in(w, "git|1|a");

    world_restart(w);

    assert_true(knows(w, "git|1|a", 0));
    assert_false(knows(w, "git|2|b", 0));
}

static void a_session_that_was_renewed_is_so_after_a_restart(void **state) {
    World *w = *state;
    const int64_t most = SESSION_LIFE_MS * 3 / 4; /* past the half, from which on it is renewed */
    SessionRow before, after;
    Session s = world_sign_in(w, "git|1|a");
    (void)world_ask(w, &s);
    world_wall_ms += most;
    world_mono_ms += most;
    node_tick(w->node); /* finds the gap, and goes on behind it */
    node_sweep_sessions(w->node);
    assert_true(sessions_of(w->c->sessions, "git|1|a", &before));

    world_restart(w);

    assert_true(sessions_of(w->c->sessions, "git|1|a", &after));
    assert_true(after.expires_ms == before.expires_ms);
}

static void an_ended_session_stays_ended_over_a_restart(void **state) {
    World *w = *state;
    char id[AUTH_SESSION_TEXT];
    Session s;
    world_contribute(w, "git|1|a", 1);
    id_of(w, "git|1|a", 0, id);
    assert_true(ceremony_session(w->c, id, &s));
    assert_true(s.ended);

    world_restart(w);

    assert_true(ceremony_session(w->c, id, &s));
    assert_true(s.ended);
    assert_int_equal(sessions_live(w->c->sessions), 0);
}

static void whoever_logs_out_is_not_known_any_more(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");

    log_out(w, &a);

    assert_false(knows(w, "git|1|a", 0));
    assert_true(knows(w, b.identity, 0));
    world_restart(w);
    assert_false(knows(w, "git|1|a", 0));
}

static void signing_in_after_logging_out_gives_another_session(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    log_out(w, &a);

    Session next = world_sign_in(w, "git|1|a");

    assert_memory_not_equal(a.hash, next.hash, sizeof a.hash);
    assert_false(knows(w, "git|1|a", 0));
    assert_true(knows(w, "git|1|a", 1));
    world_restart(w);
    assert_false(knows(w, "git|1|a", 0));
    assert_true(knows(w, "git|1|a", 1));
}

static void an_old_session_is_dead_when_the_newer_one_has_run_out_too(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    log_out(w, &a);
    world_sign_in(w, "git|1|a");
    world_pass(w, (int64_t)25 * 3600 * 1000);
    assert_false(knows(w, "git|1|a", 1));

    world_sign_in(w, "git|1|a");

    assert_false(knows(w, "git|1|a", 0));
    assert_true(knows(w, "git|1|a", 1));
}

static void logging_out_gives_up_the_place(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");
    world_take_slot(w, &a);
    assert_int_equal(world_ask(w, &b), REFUSAL_BUSY);
    assert_int_not_equal(person(w, "git|2|b").place, 0);

    log_out(w, &b);

    assert_int_equal(person(w, "git|2|b").place, 0);
    assert_int_equal(world_status(w).lobby_size, 0);
}

static void logging_out_leaves_the_lobby(void **state) {
    static const char *const settings[] = {"entry=lobby", NULL};
    World w;
    (void)state;
    world_open(&w, settings);
    Session a = world_sign_in(&w, "git|1|a"), b = world_sign_in(&w, "git|2|b");
    world_take_slot(&w, &a);
    assert_int_equal(world_ask(&w, &b), REFUSAL_BUSY);
    assert_int_equal(world_status(&w).lobby_size, 1);

    log_out(&w, &b);

    assert_int_equal(world_status(&w).lobby_size, 0);
    world_close(&w);
}

static void a_holder_who_logs_out_gives_up_the_turn_as_by_an_abort(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    world_take_slot(w, &a);

    log_out(w, &a);

    CeremonyStatus status = world_status(w);
    assert_int_equal(status.view.lease.number, 0);
    assert_int_equal(status.view.aborted, 1);
    assert_int_equal(person(w, "git|1|a").place, 0);
}

static void the_verdict_on_a_response_stands_though_its_sender_has_logged_out(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n, response_n;
    Upload *u;
    Submit submit;
    CvkErr err;
    char *challenge = world_check_in(w, &a, &refusal, &n);
    char *response = world_respond(challenge, n, 1, "git|1|a", &response_n);
    assert_true(upload_begin(w->c, &a, 0, &u, &err));
    assert_true(upload_write(u, response, response_n, &err));
    assert_true(upload_store(u, &submit, &err));
    assert_int_equal(submit.result, SUBMIT_STORED);

    log_out(w, &a);

    assert_false(knows(w, "git|1|a", 0));
    assert_true(upload_judge(u, &submit, &err));
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    upload_free(u);
    world_restart(w); /* the record is the one that a start expects */
    assert_int_equal(world_contributions(w), 1);
    free(challenge);
    free(response);
}

static void whom_another_process_bans_has_no_session_any_more(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), s;
    char id[AUTH_SESSION_TEXT];
    Node *operator_s;
    Ceremony *there;
    CvkErr err;
    assert_true(node_open(w->at.dir, (NodeOptions){.clock = world_clock}, &operator_s, &err));
    assert_true(node_ceremony(operator_s, NULL, &there, &err));
    assert_true(ceremony_judge_person(there, COMMAND_BAN, a.identity, "two-accounts", &err));
    node_close(operator_s);

    node_tick(w->node);

    id_of(w, "git|1|a", 0, id);
    assert_true(ceremony_session(w->c, id, &s));
    assert_true(s.ended);
    assert_int_equal(sessions_live(w->c->sessions), 0);
}

static void a_session_of_somebody_who_is_back_from_a_ban_is_that_of_the_database(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), s;
    char id[AUTH_SESSION_TEXT];
    assert_true(ceremony_judge_person(w->c, COMMAND_BAN, a.identity, "error", NULL));
    assert_true(ceremony_judge_person(w->c, COMMAND_UNBAN, a.identity, NULL, NULL));
    id_of(w, "git|1|a", 0, id);

    assert_true(ceremony_session(w->c, id, &s));

    assert_true(s.ended); /* they sign in again */
    world_restart(w);
    assert_true(ceremony_session(w->c, id, &s));
    assert_true(s.ended);
    assert_false(world_sign_in(w, "git|1|a").ended);
}

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_by_its_hash_and_by_its_owner),
        cmocka_unit_test(those_that_remain_are_found_when_others_go),
        cmocka_unit_test(an_owner_s_new_session_takes_the_place_of_the_old_one),
        cmocka_unit_test(ended_ones_are_known_and_do_not_count),
        cmocka_unit_test(a_walk_that_removes_what_it_sees_sees_all),
        cmocka_unit_test(there_is_a_greatest_number),
        IN_WORLD(signing_in_again_gives_the_same_session),
        IN_WORLD(a_session_outlives_a_restart),
        IN_WORLD(a_session_that_was_renewed_is_so_after_a_restart),
        IN_WORLD(an_ended_session_stays_ended_over_a_restart),
        IN_WORLD(whoever_logs_out_is_not_known_any_more),
        IN_WORLD(signing_in_after_logging_out_gives_another_session),
        IN_WORLD(an_old_session_is_dead_when_the_newer_one_has_run_out_too),
        IN_WORLD(logging_out_gives_up_the_place),
        cmocka_unit_test(logging_out_leaves_the_lobby),
        IN_WORLD(a_holder_who_logs_out_gives_up_the_turn_as_by_an_abort),
        IN_WORLD(the_verdict_on_a_response_stands_though_its_sender_has_logged_out),
        IN_WORLD(whom_another_process_bans_has_no_session_any_more),
        IN_WORLD(a_session_of_somebody_who_is_back_from_a_ban_is_that_of_the_database),
    };
    return cmocka_run_group_tests_name("run/sessions", tests, NULL, NULL);
}
