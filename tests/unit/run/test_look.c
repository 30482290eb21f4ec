/* Coming for a turn in two steps: a check-in that only looks, then the challenge. */
#include "run/world.h"

#include <unistd.h>

static Refusal look(World *w, const Session *s) {
    Refusal refusal;
    assert_true(ceremony_look(w->c, s, &refusal, NULL));
    return refusal;
}

/* *ret_file is open when there is a challenge. */
static Refusal come(World *w, const Session *s, CeremonyFile *ret_file) {
    Refusal refusal;
    uint64_t lease;
    *ret_file = (CeremonyFile){.fd = -1};
    assert_true(ceremony_come(w->c, s, &refusal, &lease, ret_file, NULL));
    return refusal;
}

static Refusal leave(World *w, const Session *s) {
    Refusal refusal;
    assert_true(ceremony_leave(w->c, s, &refusal, NULL));
    return refusal;
}

static Waiting waiting(World *w, const Session *s) {
    Waiting ret;
    ceremony_waiting(w->c, s, &ret);
    return ret;
}

static void whoever_looks_is_offered_the_turn_and_comes_for_it(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    CeremonyFile file;

    assert_int_equal(look(w, &a), REFUSAL_NONE);
    Waiting offered = waiting(w, &a);
    assert_true(offered.holds && !offered.waits);
    assert_int_equal(offered.phase, PHASE_OFFERED);
    assert_true(offered.deadline_ms > offered.now_ms);

    assert_int_equal(come(w, &a, &file), REFUSAL_HOLDER_AGAIN);
    assert_true(file.fd >= 0 && file.size > 0);
    close(file.fd);
    assert_int_equal(waiting(w, &a).phase, PHASE_FETCHING);
}

static void coming_without_a_turn_joins_nobody(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    CeremonyFile file;

    assert_int_equal(come(w, &a, &file), REFUSAL_NOT_HOLDER);

    assert_int_equal(file.fd, -1);
    assert_false(waiting(w, &a).waits);
    assert_int_equal(world_status(w).view.leases, 0);
}

static void leaving_gives_the_place_up_once(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");
    assert_int_equal(look(w, &a), REFUSAL_NONE);
    assert_int_equal(look(w, &b), REFUSAL_BUSY);
    assert_true(waiting(w, &b).placed);

    assert_int_equal(leave(w, &b), REFUSAL_NONE);

    assert_false(waiting(w, &b).waits);
    assert_int_equal(leave(w, &b), REFUSAL_NO_CHANGE);
    assert_int_equal(leave(w, &a), REFUSAL_NO_CHANGE); /* has the turn: that is aborted */
}

static void leaving_a_lobby_changes_nothing(void **state) {
    static const char *const settings[] = {"entry=lobby", "checkin_every_s=30", NULL};
    (void)state;
    World w;
    world_open(&w, settings);
    Session a = world_sign_in(&w, "git|1|a"), b = world_sign_in(&w, "git|2|b");
    assert_int_equal(look(&w, &a), REFUSAL_NONE);
    assert_int_equal(look(&w, &b), REFUSAL_BUSY);

    assert_int_equal(leave(&w, &b), REFUSAL_NONE);

    assert_true(waiting(&w, &b).waits && !waiting(&w, &b).placed);
    world_close(&w);
}

static void who_missed_an_offer_has_lost_while_the_cost_lasts(void **state) {
    static const char *const settings[] = {"on_missed=cooldown", "cooldown_s=100", "offer_s=5",
                                           NULL};
    (void)state;
    World w;
    world_open(&w, settings);
    Session a = world_sign_in(&w, "git|1|a");
    assert_int_equal(look(&w, &a), REFUSAL_NONE);

    world_pass(&w, 6000);
    Waiting lost = waiting(&w, &a);
    world_pass(&w, 100000);

    assert_true(lost.lost && !lost.holds && !lost.waits);
    assert_false(waiting(&w, &a).lost);
    world_close(&w);
}

static void a_receipt_is_had_again_by_its_owner_only(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");
    Submit submit;
    world_contribute(w, "git|1|a", 1);

    assert_true(ceremony_own_receipt(w->c, &a, &submit, NULL));
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    assert_int_equal(submit.index, 1);
    assert_string_equal(submit.signatures, "bls=kept,kept; ecdsa=none");
    submit_done(&submit);
    assert_true(ceremony_own_receipt(w->c, &b, &submit, NULL));
    assert_int_equal(submit.result, SUBMIT_NOT_YOURS);
    submit_done(&submit);
}

#define RUN(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        RUN(whoever_looks_is_offered_the_turn_and_comes_for_it),
        RUN(coming_without_a_turn_joins_nobody),
        RUN(leaving_gives_the_place_up_once),
        cmocka_unit_test(leaving_a_lobby_changes_nothing),
        cmocka_unit_test(who_missed_an_offer_has_lost_while_the_cost_lasts),
        RUN(a_receipt_is_had_again_by_its_owner_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
