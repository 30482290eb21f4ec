/* What provers meet. */
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

/* ---- what is kept ---- */

typedef struct {
    size_t n;
    uint32_t participant, flags, attempts;
    char verdict[16], deployment[16], acceleration[16];
    uint64_t request;
    int64_t proving_ms, cost;
    StoreServed served;
} Seen;

static bool see_submission(void *ctx, const StoreSubmission *x, CvkErr *err) {
    Seen *seen = ctx;
    (void)err;
    seen->n++;
    seen->participant = x->participant;
    seen->flags = x->flags;
    seen->attempts = x->attempts;
    seen->proving_ms = x->proving_ms;
    seen->cost = x->cost;
    snprintf(seen->deployment, sizeof seen->deployment, "%s", x->deployment);
    snprintf(seen->acceleration, sizeof seen->acceleration, "%s", x->acceleration);
    return true;
}

static bool see_attempt(void *ctx, const StoreAttempt *a, CvkErr *err) {
    Seen *seen = ctx;
    (void)err;
    seen->n++;
    seen->request = a->request;
    snprintf(seen->verdict, sizeof seen->verdict, "%s", a->verdict);
    return true;
}

static bool see_request(void *ctx, const StoreRequest *r, CvkErr *err) {
    Seen *seen = ctx;
    (void)err;
    seen->n++;
    seen->served = r->served;
    return true;
}

static Seen submissions(MarketWorld *w) {
    Seen seen = {.n = 0};
    CvkErr err;
    assert_true(experiment_each_submission(w->e, see_submission, &seen, &err));
    return seen;
}

static Seen attempts(MarketWorld *w) {
    Seen seen = {.n = 0};
    CvkErr err;
    assert_true(experiment_each_attempt(w->e, see_attempt, &seen, &err));
    return seen;
}

static void a_submission_is_kept_with_its_metadata_and_flags(void **state) {
    MarketWorld *w = *state;

    assert_true(market_prove(w, 1));

    Seen seen = submissions(w);
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.participant, 1);
    assert_int_equal(seen.proving_ms, 7200000);
    assert_int_equal(seen.cost, INT64_C(100000) * 1000000);
    assert_string_equal(seen.deployment, "2");
    assert_string_equal(seen.acceleration, "GPU");
    assert_int_equal(seen.flags, MARKET_FLAG_PRICE_LT_COST | MARKET_FLAG_TIME_IMPOSSIBLE);
}

static void refused_proofs_and_declared_failures_are_attempts_and_no_data(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    CvkErr err;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);

    assert_int_equal(market_submit(w, 1, r.request, "AAAA"), SUBMISSION_INVALID);
    assert_string_equal(attempts(w).verdict, "malformed");
    assert_int_equal(market_failure(w, 1, r.request), SUBMISSION_ACCEPTED);
    assert_string_equal(attempts(w).verdict, "failed");
    assert_true(experiment_refuse(w->e, 1, 999, "badmeta", "price", &err));

    assert_int_equal(attempts(w).n, 3);
    assert_int_equal(attempts(w).request, 0); /* 999 is nobody's */
    assert_int_equal(submissions(w).n, 0);
    assert_true(market_prove(w, 1));
    assert_int_equal(submissions(w).attempts, 2);
}

static void a_failure_of_anothers_request_is_not_found(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);

    assert_int_equal(market_failure(w, 2, r.request), SUBMISSION_NO_REQUEST);

    assert_int_equal(attempts(w).n, 0);
}

static void the_only_proof_there_is_is_no_copy(void **state) {
    MarketWorld *w = *state;
    while (market_prove(w, 1)) {
    }

    assert_true(market_prove(w, 2)); /* of the same batch the same hash */

    assert_true((submissions(w).flags & MARKET_FLAG_COPIED) == 0);
}

static void write_batch(MarketWorld *w, const char *name, char path[512]) {
    FILE *f = fopen(scratch_path(&w->at, path, name), "w");
    assert_non_null(f);
    fputs(name, f);
    fclose(f);
}

static void a_proof_that_came_before_is_flagged_as_copied(void **state) {
    MarketWorld *w = *state;
    char path[512];
    const BatchSource any = {.name = "any", .path = path, .verifier = "accept-all"};
    size_t added;
    CvkErr err;
    write_batch(w, "any", path);
    assert_true(experiment_batches_add(w->e, &any, 1, &added, &err));

    for (uint32_t who = 1; who <= 2; who++) {
        OpenRequest r;
        for (int i = 0; i < 3; i++)
            assert_true(market_prove(w, who));
        assert_int_equal(market_ask(w, who, &r), NEXT_OPEN); /* of the later block */
        assert_int_equal(market_submit(w, who, r.request, "theirs"), SUBMISSION_ACCEPTED);
        assert_int_equal((submissions(w).flags & MARKET_FLAG_COPIED) != 0, who == 2);
    }
}

static void only_the_same_bytes_are_a_copy_where_a_program_judges(void **state) {
    static const char *const proofs[] = {"first", "second", "first"};
    static const char *const names[] = {"x1", "x2", "x3"};
    MarketWorld *w = *state;
    char path[3][512];
    BatchSource exec[3];
    size_t added;
    CvkErr err;
    for (size_t i = 0; i < 3; i++) {
        write_batch(w, names[i], path[i]);
        exec[i] = (BatchSource){.name = names[i],
                                .path = path[i],
                                .verifier = "exec",
                                .params = "{\"command\": \"/bin/true\"}"};
        assert_true(market_prove(w, 1)); /* the block before */
    }
    assert_true(experiment_batches_add(w->e, exec, 3, &added, &err));

    for (size_t i = 0; i < 3; i++) {
        OpenRequest r;
        assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
        assert_int_equal(market_submit(w, 1, r.request, proofs[i]), SUBMISSION_ACCEPTED);
        assert_int_equal((submissions(w).flags & MARKET_FLAG_COPIED) != 0, i == 2);
    }
}

static void whoever_did_not_fetch_the_batch_is_flagged(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    BatchFile f;
    CvkErr err;
    assert_true(market_prove(w, 1));
    assert_int_equal(submissions(w).flags & MARKET_FLAG_NOT_FETCHED, 0);
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    assert_true(experiment_file(w->e, r.path + strlen("static/"), &f, &err));
    close(f.fd);
    experiment_file_sent(w->e, r.request, 0, 1, f.size);
    experiment_file_sent(w->e, r.request, f.size - 1, 1, f.size); /* the last byte says nothing */

    assert_int_equal(market_submit(w, 1, r.request, f.etag), SUBMISSION_ACCEPTED);

    assert_true((submissions(w).flags & MARKET_FLAG_NOT_FETCHED) != 0); /* of the newest */
}

static void a_batch_that_came_in_parts_came_whole(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    BatchFile f;
    CvkErr err;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    assert_true(experiment_file(w->e, r.path + strlen("static/"), &f, &err));
    close(f.fd);
    char hash[65];
    memcpy(hash, f.etag, sizeof hash);

    experiment_file_sent(w->e, r.request, 0, 7, f.size);
    market_restart(w);
    experiment_file_sent(w->e, r.request, 7, f.size - 7, f.size);

    assert_int_equal(market_submit(w, 1, r.request, hash), SUBMISSION_ACCEPTED);
    assert_int_equal(submissions(w).flags & MARKET_FLAG_NOT_FETCHED, 0);
}

static void what_was_served_is_written_each_second_and_at_the_end(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    char proof[65];
    CvkErr err;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    assert_int_equal(experiment_peek(w->e, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);

    market_pass(w, 1000);

    Seen seen = {.n = 0};
    assert_true(experiment_each_request(w->e, see_request, &seen, &err));
    assert_int_equal(seen.served.refetches, 1);
    assert_int_equal(seen.served.whole, 1);
    assert_true(seen.served.bytes > 0);
    assert_int_equal(seen.served.first_get_ms, seen.served.last_get_ms);
    experiment_file_sent(w->e, r.request, 0, 5, 100);
    uint64_t bytes = seen.served.bytes;
    market_restart(w);
    assert_true(experiment_each_request(w->e, see_request, &seen, &err));
    assert_int_equal(seen.served.bytes, bytes + 5);
    assert_true(seen.served.last_get_ms > seen.served.first_get_ms);
}

/* ---- files ---- */

static void only_paths_that_were_given_lead_to_files(void **state) {
    MarketWorld *w = *state;
    static const char *const wrong[] = {"",
                                        "/",
                                        "AAAAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAAAAA",
                                        "../../etc/passwd",
                                        "example-batch.bin",
                                        "convoke.db"};
    OpenRequest alice, bob;
    BatchFile f;
    char mixed[80];
    CvkErr err;
    assert_int_equal(market_ask(w, 1, &alice), NEXT_OPEN);
    assert_int_equal(market_ask(w, 2, &bob), NEXT_OPEN);

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(experiment_file(w->e, wrong[i], &f, &err));
        assert_string_equal(err.id, "file.none");
    }
    /* the token of one and the request of another; part of a path; a path and more */
    snprintf(mixed, sizeof mixed, "%.24s/%.24s", alice.path + 7, bob.path + 32);
    assert_false(experiment_file(w->e, mixed, &f, &err));
    snprintf(mixed, sizeof mixed, "%.24s/", alice.path + 7);
    assert_false(experiment_file(w->e, mixed, &f, &err));
    snprintf(mixed, sizeof mixed, "%sA", alice.path + 7);
    assert_false(experiment_file(w->e, mixed, &f, &err));
    assert_true(experiment_file(w->e, alice.path + 7, &f, &err));
    assert_int_equal(f.request, alice.request);
    close(f.fd);
}

static void examples_are_public(void **state) {
    MarketWorld *w = *state;
    char path[512], bytes[8] = "";
    BatchFile f;
    CvkErr err;
    FILE *out = fopen(scratch_path(&w->at, path, "example"), "w");
    fputs("example", out);
    fclose(out);

    assert_true(experiment_examples(w->e, NULL, path, &err));

    assert_false(experiment_file(w->e, "example-batch.bin", &f, &err));
    assert_true(experiment_file(w->e, "example-proof.bin", &f, &err));
    assert_int_equal(read(f.fd, bytes, sizeof bytes), 7);
    assert_string_equal(bytes, "example");
    assert_int_equal(f.size, 7);
    assert_int_equal(f.request, 0);
    close(f.fd);
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
        MARKET_TEST(a_submission_is_kept_with_its_metadata_and_flags),
        MARKET_TEST(refused_proofs_and_declared_failures_are_attempts_and_no_data),
        MARKET_TEST(a_failure_of_anothers_request_is_not_found),
        MARKET_TEST(the_only_proof_there_is_is_no_copy),
        MARKET_TEST(a_proof_that_came_before_is_flagged_as_copied),
        MARKET_TEST(only_the_same_bytes_are_a_copy_where_a_program_judges),
        MARKET_TEST(whoever_did_not_fetch_the_batch_is_flagged),
        MARKET_TEST(a_batch_that_came_in_parts_came_whole),
        MARKET_TEST(what_was_served_is_written_each_second_and_at_the_end),
        MARKET_TEST(only_paths_that_were_given_lead_to_files),
        MARKET_TEST(examples_are_public),
    };
    return cmocka_run_group_tests_name("experiment", tests, NULL, NULL);
}
