/* What is changed behind an experiment's back is found: in its tables, its batches, its proofs. */
#include "market_world.h"

#include "run/experiment_verify.h"

#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    unsigned n;
    ExperimentFault last;
    bool stop;
} Faults;

static bool note(void *ctx, const ExperimentFault *f, CvkErr *err) {
    Faults *x = ctx;
    x->n++;
    x->last = *f;
    return !x->stop || cvk_fail(err, CVK_EBACKEND, "test.stop", "enough");
}

static Faults verified(MarketWorld *w, bool proofs, ExperimentVerified *ret) {
    Faults x = {.n = 0};
    CvkErr err;
    if (!experiment_verify(w->e, &(ExperimentChecks){.proofs = proofs}, note, &x, ret, &err))
        fail_msg("%s: %s", err.id, err.msg);
    assert_int_equal(ret->faults, x.n);
    return x;
}

static bool first_proof(void *ctx, const StoreSubmission *s, CvkErr *err) {
    (void)err;
    memcpy(ctx, s->proof, 32);
    return true;
}

static void proof_path(MarketWorld *w, char *ret, size_t cap) {
    uint8_t hash[32];
    CvkErr err;
    assert_true(experiment_each_submission(w->e, first_proof, hash, &err));
    blob_path(w->dir, hash, ret, cap);
}

static void an_experiment_that_nobody_touched_is_valid(void **state) {
    MarketWorld *w = *state;
    ExperimentVerified v;
    assert_true(market_prove(w, 1));
    assert_true(market_prove(w, 2));

    Faults x = verified(w, true, &v);

    assert_int_equal(x.n, 0);
    assert_true(v.audited);
    assert_int_equal(v.audit.submissions, 2);
    assert_int_equal(v.proofs, 2);
    assert_int_equal(v.batches, 3);
}

static void a_price_that_was_changed_is_found(void **state) {
    MarketWorld *w = *state;
    ExperimentVerified v;
    assert_true(market_prove(w, 1));
    market_change(w, "UPDATE submission SET price = price + 1");

    Faults x = verified(w, true, &v);

    assert_int_equal(x.n, 1);
    assert_string_equal(x.last.id, "market.changed");
    assert_false(v.audited);
    assert_int_equal(v.proofs, 1); /* proofs are verified all the same */
}

static void a_proof_whose_bytes_changed_is_found_with_its_request(void **state) {
    MarketWorld *w = *state;
    ExperimentVerified v;
    char path[512];
    assert_true(market_prove(w, 1));
    proof_path(w, path, sizeof path);
    assert_int_equal(chmod(path, 0600), 0);
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    fputc('x', f);
    fclose(f);

    Faults x = verified(w, true, &v);

    assert_int_equal(x.n, 1);
    assert_string_equal(x.last.id, "blob.damaged");
    assert_int_equal(x.last.request, 1);
    assert_int_equal(verified(w, false, &v).n, 0); /* the tables are as they were */
    assert_int_equal(v.proofs, 0);
}

static void a_proof_that_is_gone_is_found(void **state) {
    MarketWorld *w = *state;
    ExperimentVerified v;
    char path[512];
    assert_true(market_prove(w, 1));
    proof_path(w, path, sizeof path);
    assert_int_equal(unlink(path), 0);

    Faults x = verified(w, true, &v);

    assert_int_equal(x.n, 1);
    assert_string_equal(x.last.id, "blob.none");
    assert_int_equal(x.last.request, 1);
}

/* Its bytes are whole, and are a proof: of another batch. */
static void a_proof_of_another_batch_is_judged_again(void **state) {
    MarketWorld *w = *state;
    ExperimentVerified v;
    assert_true(market_prove(w, 1));
    assert_true(market_prove(w, 1));
    market_change(w,
                  "UPDATE submission SET proof = (SELECT proof FROM submission WHERE request = 2) "
                  "WHERE request = 1");

    Faults x = verified(w, true, &v);

    assert_int_equal(x.n, 2); /* the row, and the proof */
    assert_string_equal(x.last.id, "proof.invalid");
    assert_int_equal(x.last.request, 1);
}

static void who_is_told_may_stop_it(void **state) {
    MarketWorld *w = *state;
    ExperimentVerified v;
    Faults x = {.stop = true};
    CvkErr err;
    assert_true(market_prove(w, 1));
    market_change(w, "UPDATE submission SET price = price + 1");

    assert_false(experiment_verify(w->e, &(ExperimentChecks){.proofs = true}, note, &x, &v, &err));

    assert_string_equal(err.id, "test.stop");
    assert_int_equal(x.n, 1);
}

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
#define TEST_IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, market_setup, market_teardown)
    const struct CMUnitTest tests[] = {
        TEST_IN_WORLD(an_experiment_that_nobody_touched_is_valid),
        TEST_IN_WORLD(a_price_that_was_changed_is_found),
        TEST_IN_WORLD(a_proof_whose_bytes_changed_is_found_with_its_request),
        TEST_IN_WORLD(a_proof_that_is_gone_is_found),
        TEST_IN_WORLD(a_proof_of_another_batch_is_judged_again),
        TEST_IN_WORLD(who_is_told_may_stop_it),
    };
    return cmocka_run_group_tests_name("run/experiment_verify", tests, NULL, NULL);
}
