#include "market_world.h"

#define MARKET_TEST(fn) cmocka_unit_test_setup_teardown(fn, market_setup, market_teardown)

static void a_participant_is_known_by_their_id_alone(void **state) {
    MarketWorld *w = *state;

    assert_int_equal(experiment_who(w->e, "alice", 5), 1);
    assert_int_equal(experiment_who(w->e, "bob", 3), 2);
    assert_int_equal(experiment_who(w->e, "mallory", 7), 0);
    assert_int_equal(experiment_who(w->e, "", 0), 0);
}

static void the_same_request_is_given_until_it_is_proved(void **state) {
    MarketWorld *w = *state;
    OpenRequest first, again, peeked;

    assert_int_equal(experiment_peek(w->e, 1, &first), NEXT_NEW);
    assert_int_equal(market_ask(w, 1, &first), NEXT_OPEN);
    assert_int_equal(market_ask(w, 1, &again), NEXT_OPEN);
    assert_int_equal(experiment_peek(w->e, 1, &peeked), NEXT_OPEN);

    assert_int_equal(again.request, first.request);
    assert_string_equal(again.path, first.path);
    assert_string_equal(peeked.path, first.path);
    assert_int_equal(strlen(first.path), strlen("static/") + 24 + 1 + 24);
    assert_int_equal(first.posted_price, -1);
}

static void a_valid_proof_closes_its_request_and_a_wrong_one_does_not(void **state) {
    MarketWorld *w = *state;
    OpenRequest r, next;
    char proof[65];
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);

    assert_int_equal(market_submit(w, 1, r.request, "AAAA"), SUBMISSION_INVALID);
    assert_int_equal(market_ask(w, 1, &next), NEXT_OPEN);
    assert_int_equal(next.request, r.request);
    assert_int_equal(market_submit(w, 2, r.request, proof), SUBMISSION_NO_REQUEST);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);

    assert_int_equal(market_ask(w, 1, &next), NEXT_OPEN);
    assert_int_not_equal(next.request, r.request);
}

static void the_same_body_again_is_accepted_again(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    MarketCounts counts;
    char proof[65];
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);

    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
    assert_int_equal(market_submit(w, 1, r.request, "other"), SUBMISSION_NO_REQUEST);

    experiment_counts(w->e, &counts);
    assert_int_equal(counts.done, 1);
}

static void whoever_has_proved_all_batches_is_finished_until_more_come(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;

    for (int i = 0; i < 3; i++)
        assert_true(market_prove(w, 1));

    assert_int_equal(market_ask(w, 1, &r), NEXT_FINISHED);
    assert_int_equal(experiment_peek(w->e, 1, &r), NEXT_FINISHED);
    market_batches(w, 1);
    assert_true(market_prove(w, 1));
}

static void a_restart_changes_nothing(void **state) {
    MarketWorld *w = *state;
    OpenRequest before, after;
    MarketCounts was, is;
    assert_true(market_prove(w, 1));
    assert_int_equal(market_ask(w, 1, &before), NEXT_OPEN);
    experiment_counts(w->e, &was);

    market_restart(w);

    experiment_counts(w->e, &is);
    assert_memory_equal(&was, &is, sizeof is);
    assert_int_equal(experiment_who(w->e, "bob", 3), 2);
    assert_int_equal(market_ask(w, 1, &after), NEXT_OPEN);
    assert_string_equal(after.path, before.path);
    assert_true(market_prove(w, 1));
}

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {
        MARKET_TEST(a_participant_is_known_by_their_id_alone),
        MARKET_TEST(the_same_request_is_given_until_it_is_proved),
        MARKET_TEST(a_valid_proof_closes_its_request_and_a_wrong_one_does_not),
        MARKET_TEST(the_same_body_again_is_accepted_again),
        MARKET_TEST(whoever_has_proved_all_batches_is_finished_until_more_come),
        MARKET_TEST(a_restart_changes_nothing),
    };
    return cmocka_run_group_tests_name("experiment", tests, NULL, NULL);
}
