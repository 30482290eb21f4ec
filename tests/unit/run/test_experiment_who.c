/* Whose id it is, among many. */
#include "market_world.h"

#include "run/experiment_private.h"

#define PEOPLE 300u

static const char *id_of(unsigned i, const char *kind) {
    static char ret[LIMIT_PROVER_ID + 1];
    snprintf(ret, sizeof ret, "%s-%u", kind, i);
    return ret;
}

static uint32_t who(Experiment *e, const char *id) {
    return experiment_who(e, id, strlen(id));
}

static void everybody_is_found_among_many_and_nobody_else(void **state) {
    const MarketWorld *w = *state;

    for (unsigned i = 1; i <= PEOPLE; i++) {
        assert_int_equal(who(w->e, id_of(i, "person")), i);
        assert_int_equal(who(w->e, id_of(i, "stranger")), 0);
    }
}

static void an_id_that_was_changed_is_nobodys_and_may_become_anothers(void **state) {
    MarketWorld *w = *state;
    char id[LIMIT_PROVER_ID + 1];
    CvkErr err;

    for (unsigned i = 1; i <= PEOPLE; i += 2)
        assert_true(experiment_participant_rotate(w->e, i, id_of(i, "changed"), id, &err));
    assert_int_equal(market_person(w, id_of(1, "person")), PEOPLE + 1);

    for (unsigned i = 2; i <= PEOPLE; i++) {
        assert_int_equal(who(w->e, id_of(i, "person")), i % 2 == 0 ? i : 0);
        assert_int_equal(who(w->e, id_of(i, "changed")), i % 2 == 0 ? 0 : i);
    }
    assert_int_equal(who(w->e, id_of(1, "changed")), 1);
    assert_int_equal(who(w->e, id_of(1, "person")), PEOPLE + 1);
}

static void an_id_stays_taken_while_its_owner_is_not_allowed(void **state) {
    MarketWorld *w = *state;
    uint32_t number;
    char id[LIMIT_PROVER_ID + 1];
    CvkErr err;
    assert_true(experiment_participant_allow(w->e, 7, false, &err));

    assert_int_equal(who(w->e, id_of(7, "person")), 0);
    assert_false(
        experiment_participant_add(w->e, id_of(7, "person"), NULL, NULL, id, &number, &err));

    assert_string_equal(err.id, "participant.exists");
    assert_non_null(strstr(err.msg, "participant 7 "));
    assert_true(experiment_participant_allow(w->e, 7, true, &err));
    assert_int_equal(who(w->e, id_of(7, "person")), 7);
}

static void those_that_another_process_adds_and_changes_are_found(void **state) {
    MarketWorld *w = *state;
    MarketWorld beside = *w;
    char id[LIMIT_PROVER_ID + 1];
    CvkErr err;
    assert_true(node_open(w->dir, (NodeOptions){.threads = 1}, &beside.node, &err));
    assert_true(node_experiment(beside.node, NULL, &beside.e, &err));

    /* One entry after another is followed, by rows that are as they became at last. */
    for (unsigned i = PEOPLE + 1; i <= 2 * PEOPLE; i++)
        market_person(&beside, id_of(i, "person"));
    assert_true(experiment_participant_rotate(beside.e, 1, "spare", id, &err));
    assert_true(experiment_participant_rotate(beside.e, 2, id_of(1, "person"), id, &err));
    assert_true(experiment_participant_rotate(beside.e, 1, id_of(2, "person"), id, &err));
    assert_true(experiment_make_current(w->e, &err));

    for (unsigned i = 3; i <= 2 * PEOPLE; i++)
        assert_int_equal(who(w->e, id_of(i, "person")), i);
    assert_int_equal(who(w->e, id_of(1, "person")), 2);
    assert_int_equal(who(w->e, id_of(2, "person")), 1);
    assert_int_equal(who(w->e, "spare"), 0);
    node_close(beside.node);
}

static void a_start_finds_them_all_again(void **state) {
    MarketWorld *w = *state;

    market_restart(w);

    for (unsigned i = 1; i <= PEOPLE; i++)
        assert_int_equal(who(w->e, id_of(i, "person")), i);
}

static int crowd_setup(void **state) {
    MarketWorld *w = calloc(1, sizeof *w);
    market_open(w, NULL);
    for (unsigned i = 1; i <= PEOPLE; i++)
        assert_int_equal(market_person(w, id_of(i, "person")), i);
    *state = w;
    return 0;
}

#define CROWD_TEST(fn) cmocka_unit_test_setup_teardown(fn, crowd_setup, market_teardown)

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {
        CROWD_TEST(everybody_is_found_among_many_and_nobody_else),
        CROWD_TEST(an_id_that_was_changed_is_nobodys_and_may_become_anothers),
        CROWD_TEST(an_id_stays_taken_while_its_owner_is_not_allowed),
        CROWD_TEST(those_that_another_process_adds_and_changes_are_found),
        CROWD_TEST(a_start_finds_them_all_again),
    };
    return cmocka_run_group_tests_name("experiment_who", tests, NULL, NULL);
}
