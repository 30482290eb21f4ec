/* How often a participant may send what is no valid proof: three times a minute here, of each kind.
 */
#include "market_world.h"

static bool count_verdict(void *ctx, const StoreAttempt *a, CvkErr *err) {
    size_t *n = ctx;
    (void)a;
    (void)err;
    (*n)++;
    return true;
}

static size_t attempts(MarketWorld *w) {
    size_t n = 0;
    CvkErr err;
    assert_true(experiment_each_attempt(w->e, count_verdict, &n, &err));
    return n;
}

static void failures_are_recorded_or_answered_busy(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);

    for (int i = 0; i < 3; i++)
        assert_int_equal(market_failure(w, 1, r.request), SUBMISSION_ACCEPTED);
    assert_int_equal(market_failure(w, 1, r.request), SUBMISSION_BUSY);

    assert_int_equal(attempts(w), 3);
    market_pass(w, 20000);
    assert_int_equal(market_failure(w, 1, r.request), SUBMISSION_ACCEPTED);
    assert_int_equal(attempts(w), 4);
}

static void nothing_but_wrong_proofs_makes_a_proof_wait(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    CvkErr err;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    for (int i = 0; i < 4; i++)
        (void)market_failure(w, 1, r.request);
    for (int i = 0; i < 4; i++)
        assert_true(experiment_refuse(w->e, 1, r.request, "badmeta", "price", &err));

    assert_int_equal(attempts(w), 3 + 3);
    assert_true(market_prove(w, 1));
}

static void too_many_wrong_proofs_in_a_minute_have_to_wait(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    char proof[65];
    for (int i = 0; i < 4; i++) /* what is right costs nothing */
        assert_true(market_prove(w, 1));
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);

    for (int i = 0; i < 3; i++)
        assert_int_equal(market_submit(w, 1, r.request, "x"), SUBMISSION_INVALID);

    Submission s = market_submission(w, r.request, proof);
    SubmissionResult result;
    unsigned retry_s;
    CvkErr err;
    assert_true(experiment_submit(w->e, 1, &s, &result, &retry_s, &err));
    blob_writer_free(s.proof);
    assert_int_equal(result, SUBMISSION_BUSY);
    assert_int_equal(retry_s, 20);
    market_pass(w, 20000);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
}

static void a_verifier_that_fails_is_not_run_without_end(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    char path[512];
    const BatchSource broken = {.name = "broken",
                                .path = path,
                                .verifier = "exec",
                                .params = "{\"command\": [\"/bin/sh\", \"-c\", \"exit 2\"]}"};
    size_t added;
    CvkErr err;
    FILE *f = fopen(scratch_path(&w->at, path, "broken"), "w");
    fputs("whatever", f);
    fclose(f);
    while (market_prove(w, 1)) {
    }
    assert_true(experiment_batches_add(w->e, &broken, 1, &added, &err));
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);

    for (int i = 0; i < 3; i++)
        assert_int_equal(market_submit(w, 1, r.request, "AAAA"), SUBMISSION_ERROR);

    assert_int_equal(market_submit(w, 1, r.request, "AAAA"), SUBMISSION_BUSY);
    assert_int_equal(attempts(w), 3);
}

static int setup(void **state) {
    static const char *const settings[] = {"attempts_per_minute=3", NULL};
    MarketWorld *w = calloc(1, sizeof *w);
    market_open(w, settings);
    assert_int_equal(market_person(w, "alice"), 1);
    assert_int_equal(market_person(w, "bob"), 2);
    market_batches(w, 5);
    *state = w;
    return 0;
}

#define BUDGET_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, market_teardown)

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {
        BUDGET_TEST(failures_are_recorded_or_answered_busy),
        BUDGET_TEST(nothing_but_wrong_proofs_makes_a_proof_wait),
        BUDGET_TEST(too_many_wrong_proofs_in_a_minute_have_to_wait),
        BUDGET_TEST(a_verifier_that_fails_is_not_run_without_end),
    };
    return cmocka_run_group_tests_name("experiment_budget", tests, NULL, NULL);
}
