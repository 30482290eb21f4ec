#include "support/test.h"

#include "support/engine_world.h"

#define A "eth|0xaa"
#define B "eth|0xbb"
#define C "git|3|carol"
#define D "git|4|dave"
#define E "git|5|erin"
#define SOONEST (WORLD_EVERY - WORLD_TOLERANCE) /* after which one may ask again */
#define WINDOW (WORLD_EVERY + WORLD_TOLERANCE)  /* for which one is seen */

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

/* A holds the slot; B, C and D fill the lobby of three. */
static void fill(World *w) {
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
    assert_int_equal(world_check_in(w, C), REFUSAL_BUSY);
    assert_int_equal(world_check_in(w, D), REFUSAL_BUSY);
}

static void asking_again_too_soon_is_refused(void **state) {
    World *w = *state;
    world_check_in(w, A);
    world_check_in(w, B);
    w->now_ms += SOONEST - 1;

    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY);
    w->now_ms += 1;
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
}

static void a_refused_call_does_not_put_off_the_next(void **state) {
    World *w = *state;
    world_check_in(w, A);
    world_check_in(w, B);
    w->now_ms += SOONEST / 2;
    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY);
    w->now_ms += SOONEST / 2;

    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
}

static void asking_too_soon_does_not_win_a_free_slot(void **state) {
    World *w = *state;
    world_check_in(w, A);
    world_check_in(w, B);
    world_abort(w, 1);

    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY);
    assert_int_equal(world_view(w).lease.number, 0);
}

static void a_tolerance_longer_than_the_interval_allows_any_call(void **state) {
    World *w = *state;
    EnginePolicy p = world_policy();
    p.checkin_tolerance_ms = p.checkin_every_ms + 1;
    world_close(w);
    world_open(w, p);
    world_check_in(w, A);

    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
}

static void a_last_visit_in_the_future_does_not_count(void **state) {
    World *w = *state;
    assert_true(presence_touch(w->presence, B, w->now_ms + 3600000, INT64_MAX, NULL));

    assert_int_equal(world_check_in(w, B), REFUSAL_NONE);
}

static void the_holder_may_ask_for_the_challenge_again(void **state) {
    World *w = *state;
    world_check_in(w, A);
    w->now_ms += SOONEST;

    assert_int_equal(world_check_in(w, A), REFUSAL_HOLDER_AGAIN);
    assert_int_equal(w->last.n, 0);
}

static void but_not_all_the_time(void **state) {
    World *w = *state;
    world_check_in(w, A);
    w->now_ms += SOONEST;
    world_check_in(w, A);
    w->now_ms += SOONEST - 1;

    assert_int_equal(world_check_in(w, A), REFUSAL_EARLY);
}

/* An upload may break off: whoever signs in anew after that begins with the challenge. */
static void until_the_response_is_stored(void **state) {
    World *w = *state;
    world_check_in(w, A);
    w->now_ms += SOONEST;
    world_reach(w, 1, PHASE_UPLOADING);

    assert_int_equal(world_check_in(w, A), REFUSAL_HOLDER_AGAIN);
    world_store(w, 1, 1);
    w->now_ms += SOONEST;
    assert_int_equal(world_check_in(w, A), REFUSAL_WRONG_PHASE);
}

static void a_full_lobby_refuses_newcomers(void **state) {
    World *w = *state;
    fill(w);

    assert_int_equal(world_check_in(w, E), REFUSAL_FULL);
}

static void the_holder_takes_no_place_in_the_lobby(void **state) {
    World *w = *state;
    fill(w); /* four have been seen, three places */

    assert_int_equal(presence_count(w->presence, w->now_ms, WINDOW, true), 4);
}

static void a_full_lobby_does_not_refuse_its_members(void **state) {
    World *w = *state;
    fill(w);
    w->now_ms += SOONEST;

    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
}

static void a_full_lobby_does_not_refuse_the_holder(void **state) {
    World *w = *state;
    fill(w);
    w->now_ms += SOONEST;

    assert_int_equal(world_check_in(w, A), REFUSAL_HOLDER_AGAIN);
}

static void members_come_before_newcomers_when_the_slot_is_free(void **state) {
    World *w = *state;
    fill(w);
    presence_remove(w->presence, A);
    world_abort(w, 1);
    w->now_ms += SOONEST;

    assert_int_equal(world_check_in(w, E), REFUSAL_FULL);
    assert_int_equal(world_check_in(w, C), REFUSAL_NONE);
}

static void a_newcomer_refused_by_a_full_lobby_is_not_early_next_time(void **state) {
    World *w = *state;
    fill(w);
    world_check_in(w, E);
    presence_remove(w->presence, B);

    assert_int_equal(world_check_in(w, E), REFUSAL_BUSY);
}

static void whoever_stays_silent_leaves_the_lobby(void **state) {
    World *w = *state;
    fill(w);
    w->now_ms += WINDOW;
    assert_int_equal(world_check_in(w, E), REFUSAL_FULL);
    w->now_ms += 1;

    assert_int_equal(world_check_in(w, E), REFUSAL_BUSY);
}

static void coming_back_after_a_silence_costs_nothing_but_the_place(void **state) {
    World *w = *state;
    fill(w);
    w->now_ms += WINDOW + 1;

    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
}

static void an_identity_that_the_journal_cannot_hold_is_out(void **state) {
    World *w = *state;
    static const char *const bad[] = {"",           "two words", "quo\"te", "back\\slash",
                                      "t\xc3\xbcr", "new\nline"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(world_check_in(w, bad[i]), REFUSAL_OUT);

    char longest[LIMIT_IDENTITY + 2];
    memset(longest, 'x', sizeof longest);
    longest[LIMIT_IDENTITY + 1] = '\0';
    assert_int_equal(world_check_in(w, longest), REFUSAL_OUT);
    longest[LIMIT_IDENTITY] = '\0';
    assert_int_equal(world_check_in(w, longest), REFUSAL_NONE);
}

static void a_paused_lobby_gives_nobody_the_slot(void **state) {
    World *w = *state;
    assert_int_equal(world_mode(w, MODE_PAUSED), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, A), REFUSAL_BUSY);
    world_mode(w, MODE_OPEN);
    w->now_ms += SOONEST;

    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
}

static void nobody_has_a_place_in_a_lobby(void **state) {
    World *w = *state;
    fill(w);

    assert_int_equal(world_person(w, COMMAND_LEAVE, A), REFUSAL_NO_CHANGE);
    assert_int_equal(world_person(w, COMMAND_LEAVE, B), REFUSAL_UNKNOWN); /* was never admitted */
    assert_int_equal(world_view(w).waiting, 0);
}

/* The original server's scenario of this name, step by step. (A session that is unknown is known to
 * the layers above.) */
static void lobby_try_contribute_test(void **state) {
    World *w = *state;
    assert_int_equal(world_check_in(w, A), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, B), REFUSAL_BUSY);
    w->now_ms += 5000;
    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY);
    assert_int_equal(world_abort(w, 1), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY); /* though the slot is free */
    w->now_ms += SOONEST - 5000;
    assert_int_equal(world_check_in(w, B), REFUSAL_NONE);
    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY);
    w->now_ms += SOONEST;
    assert_int_equal(world_check_in(w, B), REFUSAL_HOLDER_AGAIN); /* the same file again */
}

static void whoever_looks_in_a_lobby_has_the_free_slot_and_may_fetch_at_once(void **state) {
    World *w = *state;

    assert_int_equal(world_look(w, A), REFUSAL_NONE);

    assert_int_equal(world_view(w).lease.phase, PHASE_FETCHING); /* a lobby offers nothing */
    assert_int_equal(world_look(w, B), REFUSAL_BUSY);
    assert_int_equal(world_come(w, B), REFUSAL_NOT_HOLDER);
    assert_int_equal(world_come(w, A), REFUSAL_HOLDER_AGAIN);
    assert_int_equal(world_check_in(w, B), REFUSAL_EARLY); /* a look is a check-in */
}

#define RULE(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(asking_again_too_soon_is_refused),
        RULE(lobby_try_contribute_test),
        RULE(whoever_looks_in_a_lobby_has_the_free_slot_and_may_fetch_at_once),
        RULE(a_refused_call_does_not_put_off_the_next),
        RULE(asking_too_soon_does_not_win_a_free_slot),
        RULE(a_tolerance_longer_than_the_interval_allows_any_call),
        RULE(a_last_visit_in_the_future_does_not_count),
        RULE(the_holder_may_ask_for_the_challenge_again),
        RULE(but_not_all_the_time),
        RULE(until_the_response_is_stored),
        RULE(a_full_lobby_refuses_newcomers),
        RULE(the_holder_takes_no_place_in_the_lobby),
        RULE(a_full_lobby_does_not_refuse_its_members),
        RULE(a_full_lobby_does_not_refuse_the_holder),
        RULE(members_come_before_newcomers_when_the_slot_is_free),
        RULE(a_newcomer_refused_by_a_full_lobby_is_not_early_next_time),
        RULE(whoever_stays_silent_leaves_the_lobby),
        RULE(coming_back_after_a_silence_costs_nothing_but_the_place),
        RULE(a_paused_lobby_gives_nobody_the_slot),
        RULE(nobody_has_a_place_in_a_lobby),
        RULE(an_identity_that_the_journal_cannot_hold_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
