/* What operators do, and what they set. */
#include "market_world.h"

#include "base/sha256.h"

#define MARKET_TEST(fn) cmocka_unit_test_setup_teardown(fn, market_setup, market_teardown)

/* ---- operator ---- */

static void whoever_is_disabled_is_a_stranger_until_allowed_again(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    BatchFile f;
    char proof[65];
    CvkErr err;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);

    assert_true(experiment_participant_allow(w->e, 1, false, &err));

    assert_int_equal(experiment_who(w->e, "alice", 5), 0);
    assert_int_equal(market_ask(w, 1, &r), NEXT_STRANGER);
    assert_false(experiment_file(w->e, r.path + 7, &f, &err));
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_NO_REQUEST);
    assert_false(experiment_participant_allow(w->e, 1, false, &err));
    assert_string_equal(err.id, "participant.state");
    market_restart(w);
    assert_int_equal(experiment_who(w->e, "alice", 5), 0);
    assert_true(experiment_participant_allow(w->e, 1, true, &err));
    assert_int_equal(experiment_who(w->e, "alice", 5), 1);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
}

static void a_rotated_id_is_worth_nothing_and_the_new_one_goes_on(void **state) {
    MarketWorld *w = *state;
    OpenRequest before, after;
    char id[PROVER_ID_MAX + 1];
    CvkErr err;
    assert_int_equal(market_ask(w, 1, &before), NEXT_OPEN);

    assert_true(experiment_participant_rotate(w->e, 1, NULL, id, &err));

    assert_int_equal(experiment_who(w->e, "alice", 5), 0);
    assert_int_equal(strlen(id), 22);
    assert_int_equal(experiment_who(w->e, id, strlen(id)), 1);
    assert_int_equal(market_ask(w, 1, &after), NEXT_OPEN);
    assert_string_equal(before.path, after.path);
    assert_false(experiment_participant_rotate(w->e, 2, id, id, &err));
    assert_string_equal(err.id, "participant.exists");
    market_restart(w);
    assert_int_equal(experiment_who(w->e, id, strlen(id)), 1);
}

static void ids_are_drawn_and_those_that_are_given_are_looked_at(void **state) {
    MarketWorld *w = *state;
    uint32_t number;
    CvkErr err;

    assert_int_equal(market_person(w, NULL), 3);
    assert_int_equal(strlen(w->id), 22);
    assert_int_equal(experiment_who(w->e, w->id, strlen(w->id)), 3);

    assert_false(experiment_participant_add(w->e, "alice", NULL, NULL, NULL, w->id, &number, &err));
    assert_string_equal(err.id, "participant.exists");
    assert_false(experiment_participant_add(w->e, "a b", NULL, NULL, NULL, w->id, &number, &err));
    assert_string_equal(err.id, "participant.id");
    assert_false(experiment_participant_add(w->e, "x", NULL, "none", NULL, w->id, &number, &err));
    assert_string_equal(err.id, "group.none");
}

static void an_import_is_all_or_nothing_and_may_be_repeated(void **state) {
    MarketWorld *w = *state;
    char one[512], two[512];
    BatchSource b[2] = {{.name = "b1", .path = one, .verifier = "sha256"},
                        {.name = "new", .path = two, .verifier = "sha256"}};
    MarketCounts counts;
    size_t added;
    CvkErr err;
    scratch_path(&w->at, one, "b1");
    scratch_path(&w->at, two, "new");
    FILE *f = fopen(two, "w");
    fputs("something new", f);
    fclose(f);

    b[0].path = two; /* b1 with other contents, and so twice the same */
    assert_false(experiment_batches_add(w->e, b, 2, &added, &err));
    assert_string_equal(err.id, "batch.exists");
    b[0].path = one;
    b[1].expect = "not json";
    assert_false(experiment_batches_add(w->e, b, 2, &added, &err));
    b[1].expect = NULL;
    b[1].verifier = "no-such-one";
    assert_false(experiment_batches_add(w->e, b, 2, &added, &err));
    experiment_counts(w->e, &counts);
    assert_int_equal(counts.batches, 3);

    b[1].verifier = "sha256";
    assert_true(experiment_batches_add(w->e, b, 2, &added, &err));
    assert_int_equal(added, 1);
    assert_true(experiment_batches_add(w->e, b, 2, &added, &err));
    assert_int_equal(added, 0);
    experiment_counts(w->e, &counts);
    assert_int_equal(counts.batches, 4);
    assert_int_equal(counts.blocks, 2);
}

static void assert_refused(MarketWorld *w, const BatchSource *b, const char *id, const char *what) {
    size_t added;
    CvkErr err;
    assert_false(experiment_batches_add(w->e, b, 1, &added, &err));
    assert_string_equal(err.id, id);
    assert_non_null(strstr(err.msg, what));
}

static void of_a_batch_that_is_there_nothing_else_may_be_said(void **state) {
    MarketWorld *w = *state;
    char path[512];
    BatchSource b = {.name = "b1", .path = path, .verifier = "accept-all"};
    scratch_path(&w->at, path, "b1");

    assert_refused(w, &b, "batch.exists", "verifier");
    b.verifier = "sha256";
    b.params = "{\"x\": 1}";
    assert_refused(w, &b, "batch.exists", "params");
    b.params = NULL;
    b.expect = "[1]";
    assert_refused(w, &b, "batch.exists", "expect");
    b.expect = NULL;
    b.covariates = "{\"n_tx\": 1}";
    assert_refused(w, &b, "batch.exists", "covariates");
}

static void the_bytes_that_are_kept_are_those_that_were_announced(void **state) {
    MarketWorld *w = *state;
    char path[512];
    uint8_t sha256[32];
    uint64_t size = 8;
    size_t added;
    CvkErr err;
    BatchSource b = {
        .name = "new", .path = path, .verifier = "sha256", .sha256 = sha256, .size = &size};
    FILE *f = fopen(scratch_path(&w->at, path, "new"), "w");
    fputs("new bytes", f);
    fclose(f);
    cvk_sha256("new bytes", 9, sha256);

    assert_refused(w, &b, "batch.size", "size");
    size = 9;
    sha256[0] ^= 1;
    assert_refused(w, &b, "batch.sha256", "sha256");
    sha256[0] ^= 1;

    assert_true(experiment_batches_add(w->e, &b, 1, &added, &err));
    assert_int_equal(added, 1);
}

static void a_retired_batch_is_handed_out_to_nobody_new(void **state) {
    MarketWorld *w = *state;
    CvkErr err;

    assert_true(experiment_batch_retire(w->e, 2, true, &err));
    assert_true(market_prove(w, 1));
    assert_true(market_prove(w, 1));
    assert_false(market_prove(w, 1));
    market_restart(w);
    assert_true(experiment_batch_retire(w->e, 2, false, &err));

    assert_true(market_prove(w, 1));
}

static void a_skipped_request_may_be_reopened(void **state) {
    MarketWorld *w = *state;
    OpenRequest r, next;
    char proof[65];
    CvkErr err;
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);

    assert_true(experiment_request_close(w->e, r.request, REQUEST_SKIPPED, &err));
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_NO_REQUEST);
    assert_int_equal(market_ask(w, 1, &next), NEXT_OPEN);
    assert_int_not_equal(next.request, r.request);
    assert_false(experiment_request_reopen(w->e, r.request, &err));
    assert_string_equal(err.id, "request.open");
    assert_true(experiment_request_close(w->e, next.request, REQUEST_EXPIRED, &err));
    assert_true(experiment_request_reopen(w->e, r.request, &err));

    market_restart(w);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
    assert_false(experiment_request_close(w->e, r.request, REQUEST_EXPIRED, &err));
    assert_string_equal(err.id, "request.state");
}

/* ---- rules ---- */

static void requests_expire_after_their_time_and_the_next_batch_is_served(void **state) {
    MarketWorld *w = *state;
    OpenRequest r, next;
    MarketCounts counts;
    char proof[65];
    CvkErr err;
    market_close(w);
    market_open(w, (const char *const[]){"request_ttl_s=60", NULL});
    market_person(w, "alice");
    market_batches(w, 2);
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    market_proof(w, &r, proof);

    market_pass(w, 59000);
    assert_int_equal(market_ask(w, 1, &next), NEXT_OPEN);
    assert_int_equal(next.request, r.request);
    market_pass(w, 2000);

    experiment_counts(w->e, &counts);
    assert_int_equal(counts.expired, 1);
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_NO_REQUEST);
    assert_int_equal(market_ask(w, 1, &next), NEXT_OPEN);
    assert_int_not_equal(next.request, r.request);
    assert_true(experiment_request_close(w->e, next.request, REQUEST_SKIPPED, &err));
    assert_true(experiment_request_reopen(w->e, r.request, &err));
    market_pass(w, 30000); /* its time runs anew */
    assert_int_equal(market_submit(w, 1, r.request, proof), SUBMISSION_ACCEPTED);
}

static void groups_are_told_their_posted_price(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    uint32_t number;
    CvkErr err;
    market_close(w);
    market_open(w, (const char *const[]){"group=high:12.5", "group=none", NULL});
    market_batches(w, 1);
    assert_true(experiment_participant_add(w->e, "a", "A", "high", "note", w->id, &number, &err));
    assert_true(experiment_participant_add(w->e, "b", "B", "none", NULL, w->id, &number, &err));

    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    assert_int_equal(r.posted_price, 12500000);
    assert_int_equal(market_ask(w, 2, &r), NEXT_OPEN);
    assert_int_equal(r.posted_price, -1);
    market_restart(w);
    assert_int_equal(experiment_peek(w->e, 1, &r), NEXT_OPEN);
    assert_int_equal(r.posted_price, 12500000);
}

static void several_requests_may_be_open_where_the_rules_say_so(void **state) {
    MarketWorld *w = *state;
    OpenRequest r[3];
    market_close(w);
    market_open(w, (const char *const[]){"open_max=2", NULL});
    market_person(w, "alice");
    market_batches(w, 3);

    for (int i = 0; i < 3; i++)
        assert_int_equal(market_ask(w, 1, &r[i]), NEXT_OPEN);

    assert_int_not_equal(r[0].request, r[1].request);
    assert_int_equal(r[2].request, r[0].request);
}

static void names_of_experiments_and_settings_are_looked_at(void **state) {
    MarketWorld *w = *state;
    static const struct {
        const char *setting, *id;
    } wrong[] = {
        {"order=random", "setting.value"},
        {"seed=-1", "setting.value"},
        {"open_max=0", "setting.value"},
        {"open_max=65", "setting.value"},
        {"request_ttl_s=x", "setting.value"},
        {"dev=yes", "setting.value"},
        {"group=a b", "setting.value"},
        {"group=a:-1", "setting.value"},
        {"groups=a", "setting.unknown"},
        {"order", "setting.value"},
        {"seed=18446744073709551616", "setting.value"},
    };
    Experiment *e;
    CvkErr err;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *const settings[] = {wrong[i].setting, NULL};
        assert_false(node_experiment_new(w->node, "y", settings, &err));
        assert_string_equal(err.id, wrong[i].id);
    }
    assert_false(node_experiment_new(w->node, "a/b", NULL, &err));
    assert_string_equal(err.id, "experiment.name");
    assert_false(node_experiment_new(w->node, "x", NULL, &err));
    assert_string_equal(err.id, "ceremony.exists");
    assert_true(node_experiment_new(w->node, "y", NULL, &err));
    assert_false(node_experiment(w->node, NULL, &e, &err));
    assert_string_equal(err.id, "experiment.which");
    assert_true(node_experiment(w->node, "y", &e, &err));
    assert_int_equal(experiment_rules(e)->order, ORDER_SHUFFLED);
}

static void rules_are_as_they_were_set_after_a_restart(void **state) {
    MarketWorld *w = *state;
    static const char *const settings[] = {"order=latin",
                                           "seed=18446744073709551615",
                                           "open_max=7",
                                           "request_ttl_s=90",
                                           "attempts_per_minute=5",
                                           "group=a:0.07",
                                           "group=b",
                                           NULL};
    uint8_t hash[32];
    market_close(w);
    market_open(w, settings);
    MarketRules before = *experiment_rules(w->e);
    memcpy(hash, experiment_hash(w->e), sizeof hash);

    market_restart(w);

    assert_memory_equal(experiment_hash(w->e), hash, sizeof hash);
    const MarketRules *r = experiment_rules(w->e);
    assert_int_equal(r->order, ORDER_LATIN);
    assert_true(r->seed == UINT64_MAX && before.seed == UINT64_MAX);
    assert_int_equal(r->open_max, 7);
    assert_int_equal(r->request_ttl_ms, 90000);
    assert_int_equal(r->attempts_per_minute, 5);
    assert_true(r->dev);
    assert_int_equal(r->n_groups, 2);
    assert_int_equal(r->groups[0].posted_price, 70000);
    assert_int_equal(r->groups[1].posted_price, -1);
}

/* ---- the panel ---- */

static void the_panel_has_every_submission_and_what_is_still_open(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    Panel *p;
    CvkErr err;
    char path[512];
    size_t added;
    BatchSource b = {.name = "with numbers",
                     .path = path,
                     .verifier = "sha256",
                     .covariates = "{\"n_tx\": 12, \"who\": \"x\", \"gas\": 1.5e3}"};
    FILE *f = fopen(scratch_path(&w->at, path, "numbers"), "w");
    fputs("numbers", f);
    fclose(f);
    assert_true(experiment_batches_add(w->e, &b, 1, &added, &err));
    assert_true(experiment_deployment_set(w->e,
                                          &(StoreDeployment){.participant = 1,
                                                             .deployment = "2",
                                                             .description = "two cards",
                                                             .hardware = "",
                                                             .rate = 5000000,
                                                             .power_w = -1},
                                          &err));
    assert_true(market_prove(w, 1) && market_prove(w, 1) && market_prove(w, 2));
    assert_int_equal(market_ask(w, 2, &r), NEXT_OPEN);

    assert_true(experiment_panel(w->e, &p, &err));

    assert_int_equal(panel_n(p), 3);
    assert_int_equal(panel_open_n(p), 1);
    assert_int_equal(panel_names_n(p, PANEL_PARTICIPANT), 2);
    assert_int_equal(panel_names_n(p, PANEL_BATCH), 4);
    assert_string_equal(panel_name_at(p, PANEL_PARTICIPANT, 1), "p2");
    assert_string_equal(panel_name_at(p, PANEL_DEPLOYMENT, 0), "p1/2");
    assert_string_equal(panel_name_at(p, PANEL_ACCELERATION, 0), "GPU");
    assert_int_equal(panel_rows(p)[2].participant, 1);
    assert_int_equal(panel_rows(p)[1].seq, 2);
    assert_int_equal(panel_covariates_n(p), 2);
    panel_free(p);
}

static void a_label_that_is_anothers_usual_name_takes_it(void **state) {
    MarketWorld *w = *state;
    uint32_t number;
    Panel *p;
    CvkErr err;
    assert_true(experiment_participant_add(w->e, "c", "p4", NULL, NULL, w->id, &number, &err));
    assert_true(experiment_participant_add(w->e, "d", "p4", NULL, NULL, w->id, &number, &err));
    assert_true(experiment_participant_add(w->e, "e", "p4-4", NULL, NULL, w->id, &number, &err));

    assert_true(experiment_panel(w->e, &p, &err));

    assert_string_equal(panel_name_at(p, PANEL_PARTICIPANT, 2), "p4");
    assert_string_equal(panel_name_at(p, PANEL_PARTICIPANT, 3), "p4-2");
    assert_string_equal(panel_name_at(p, PANEL_PARTICIPANT, 4), "p4-4");
    panel_free(p);
}

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {
        MARKET_TEST(whoever_is_disabled_is_a_stranger_until_allowed_again),
        MARKET_TEST(a_rotated_id_is_worth_nothing_and_the_new_one_goes_on),
        MARKET_TEST(ids_are_drawn_and_those_that_are_given_are_looked_at),
        MARKET_TEST(an_import_is_all_or_nothing_and_may_be_repeated),
        MARKET_TEST(of_a_batch_that_is_there_nothing_else_may_be_said),
        MARKET_TEST(the_bytes_that_are_kept_are_those_that_were_announced),
        MARKET_TEST(a_retired_batch_is_handed_out_to_nobody_new),
        MARKET_TEST(a_skipped_request_may_be_reopened),
        MARKET_TEST(requests_expire_after_their_time_and_the_next_batch_is_served),
        MARKET_TEST(groups_are_told_their_posted_price),
        MARKET_TEST(several_requests_may_be_open_where_the_rules_say_so),
        MARKET_TEST(names_of_experiments_and_settings_are_looked_at),
        MARKET_TEST(rules_are_as_they_were_set_after_a_restart),
        MARKET_TEST(the_panel_has_every_submission_and_what_is_still_open),
        MARKET_TEST(a_label_that_is_anothers_usual_name_takes_it),
    };
    return cmocka_run_group_tests_name("experiment_operate", tests, NULL, NULL);
}
