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
    char id[LIMIT_PROVER_ID + 1];
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

    assert_false(experiment_participant_add(w->e, "alice", NULL, NULL, w->id, &number, &err));
    assert_string_equal(err.id, "participant.exists");
    assert_false(experiment_participant_add(w->e, "a b", NULL, NULL, w->id, &number, &err));
    assert_string_equal(err.id, "participant.id");
    assert_false(experiment_participant_add(w->e, "x", "none", NULL, w->id, &number, &err));
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

static bool see_received(void *ctx, const StoreSubmission *x, CvkErr *err) {
    (void)err;
    *(StoreSubmission *)ctx = (StoreSubmission){.received_ms = x->received_ms, .flags = x->flags};
    return true;
}

/* Alice has a request of 60 s open, and this is its proof. */
static void open_for_a_minute(MarketWorld *w, OpenRequest *ret, char proof[65]) {
    market_close(w);
    market_open(w, (const char *const[]){"request_ttl_s=60", NULL});
    market_person(w, "alice");
    market_batches(w, 2);
    assert_int_equal(market_ask(w, 1, ret), NEXT_OPEN);
    market_proof(w, ret, proof);
}

static void how_long_a_proof_is_judged_is_nobodys_loss_and_not_counted(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    HandedIn in;
    StoreSubmission row;
    SubmissionResult result;
    unsigned retry_s;
    char proof[65];
    CvkErr err;
    open_for_a_minute(w, &r, proof);
    market_pass(w, 59000);

    experiment_hand_in(w->e, 1, &in);
    Submission s = market_submission(w, r.request, proof);
    s.received_ms = in.received_ms;
    s.proving_ms = 60000; /* longer than they had it, shorter than until it is judged */
    market_pass(w, 30000);
    assert_true(experiment_submit(w->e, 1, &s, &result, &retry_s, &err));
    experiment_judged(w->e, &in);
    blob_writer_free(s.proof);

    assert_int_equal(result, SUBMISSION_ACCEPTED);
    assert_true(experiment_each_submission(w->e, see_received, &row, &err));
    assert_int_equal(row.received_ms, market_now_ms - 30000);
    assert_true((row.flags & MARKET_FLAG_TIME_IMPOSSIBLE) != 0);
    ExperimentAudit audit;
    assert_true(experiment_audit(w->e, &audit, &err));
}

static void what_was_handed_in_holds_its_time_only_for_as_long_as_it_is_judged(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    HandedIn in_time, late, anothers;
    MarketCounts counts;
    char proof[65];
    open_for_a_minute(w, &r, proof);
    experiment_hand_in(w->e, market_person(w, "bob"), &anothers);
    market_pass(w, 59000);
    experiment_hand_in(w->e, 1, &in_time);
    market_pass(w, 2000);
    experiment_hand_in(w->e, 1, &late);
    market_pass(w, 2000);
    experiment_counts(w->e, &counts);
    assert_int_equal(counts.expired, 0);

    experiment_judged(w->e, &in_time);
    market_pass(w, 1000);

    experiment_counts(w->e, &counts);
    assert_int_equal(counts.expired, 1);
    experiment_judged(w->e, &late);
    experiment_judged(w->e, &anothers);
}

static void groups_are_told_their_posted_price(void **state) {
    MarketWorld *w = *state;
    OpenRequest r;
    uint32_t number;
    CvkErr err;
    market_close(w);
    market_open(w, (const char *const[]){"group=high:12.5", "group=none", NULL});
    market_batches(w, 1);
    assert_true(experiment_participant_add(w->e, "a", "high",
                                           &(ParticipantWords){.label = "A", .note = "note"}, w->id,
                                           &number, &err));
    assert_true(experiment_participant_add(w->e, "b", "none", &(ParticipantWords){.label = "B"},
                                           w->id, &number, &err));

    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    assert_int_equal(r.posted_price, 12500000);
    assert_int_equal(market_ask(w, 2, &r), NEXT_OPEN);
    assert_int_equal(r.posted_price, -1);
    market_restart(w);
    assert_int_equal(experiment_peek(w->e, 1, &r), NEXT_OPEN);
    assert_int_equal(r.posted_price, 12500000);
}

#define BYTES_60 "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"
#define BYTES_300 BYTES_60 BYTES_60 BYTES_60 BYTES_60 BYTES_60

typedef struct {
    const char *label, *contact, *note, *covariates;
} Told;

static bool told_of_two(void *ctx, const StoreParticipant *p, CvkErr *err) {
    const Told *t = ctx;
    (void)err;
    if (p->id == 2) {
        assert_string_equal(p->label, t->label);
        assert_string_equal(p->contact, t->contact);
        assert_string_equal(p->note, t->note);
    }
    return true;
}

static bool told_of_one(void *ctx, const StoreBatch *b, CvkErr *err) {
    const Told *t = ctx;
    (void)err;
    if (b->id == 1)
        assert_string_equal(b->covariates, t->covariates);
    return true;
}

static void what_is_said_of_a_participant_may_change(void **state) {
    MarketWorld *w = *state;
    CvkErr err;
    assert_true(experiment_participant_describe(
        w->e, 2, &(ParticipantWords){.label = "Bob", .note = "n"}, &err));

    assert_true(experiment_participant_describe(
        w->e, 2, &(ParticipantWords){.contact = "c", .note = ""}, &err));

    Told told = {.label = "Bob", .contact = "c", .note = ""};
    assert_true(experiment_each_participant(w->e, told_of_two, &told, &err));
    assert_int_equal(experiment_who(w->e, "bob", 3), 2);
    assert_false(experiment_participant_describe(w->e, 3, &(ParticipantWords){.note = "x"}, &err));
    assert_string_equal(err.id, "participant.none");
    assert_false(
        experiment_participant_describe(w->e, 1, &(ParticipantWords){.label = BYTES_300}, &err));
    assert_string_equal(err.id, "market.text");
    market_restart(w);
    assert_true(experiment_each_participant(w->e, told_of_two, &told, &err));
}

static void covariates_may_change_and_must_make_sense(void **state) {
    MarketWorld *w = *state;
    static const char *const bad[] = {
        "[]", "{\"a\": [1]}", "{\"a b\": 1}", "{\"a\": 1", "", "{} , \"verifier\": \"accept-all\""};
    CvkErr err;
    assert_true(experiment_batch_describe(w->e, 1, "{ \"n\" : 1.50 }", &err));

    Told told = {.covariates = "{\"n\":1.50}"};
    assert_true(experiment_each_batch(w->e, told_of_one, &told, &err));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(experiment_batch_describe(w->e, 1, bad[i], &err));
    assert_false(experiment_batch_describe(w->e, 99, "{}", &err));
    assert_string_equal(err.id, "batch.none");
    assert_true(experiment_each_batch(w->e, told_of_one, &told, &err));
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

    assert_true(experiment_panel(w->e, (CvkProgress){NULL, NULL}, &p, &err));

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

static void the_panel_knows_the_treatment_of_each_prover(void **state) {
    MarketWorld *w = *state;
    static const char *const settings[] = {"group=unused", "group=paid:0.07", NULL};
    uint32_t paid;
    Panel *p;
    CvkErr err;
    market_close(w);
    market_open(w, settings);
    assert_int_equal(market_person(w, "alice"), 1);
    assert_true(experiment_participant_add(w->e, "bob", "paid", NULL, w->id, &paid, &err));
    market_batches(w, 1);
    assert_true(market_prove(w, 1) && market_prove(w, paid));

    assert_true(experiment_panel(w->e, (CvkProgress){NULL, NULL}, &p, &err));

    assert_int_equal(panel_names_n(p, PANEL_GROUP), 1); /* of those that somebody is of */
    assert_string_equal(panel_name_at(p, PANEL_GROUP, 0), "paid");
    assert_int_equal(panel_rows(p)[0].group, 0);
    assert_int_equal(panel_rows(p)[1].group, 1);
    panel_free(p);
}

static void a_label_that_is_anothers_usual_name_takes_it(void **state) {
    MarketWorld *w = *state;
    uint32_t number;
    Panel *p;
    CvkErr err;
    assert_true(experiment_participant_add(w->e, "c", NULL, &(ParticipantWords){.label = "p4"},
                                           w->id, &number, &err));
    assert_true(experiment_participant_add(w->e, "d", NULL, &(ParticipantWords){.label = "p4"},
                                           w->id, &number, &err));
    assert_true(experiment_participant_add(w->e, "e", NULL, &(ParticipantWords){.label = "p4-4"},
                                           w->id, &number, &err));

    assert_true(experiment_panel(w->e, (CvkProgress){NULL, NULL}, &p, &err));

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
        MARKET_TEST(how_long_a_proof_is_judged_is_nobodys_loss_and_not_counted),
        MARKET_TEST(what_was_handed_in_holds_its_time_only_for_as_long_as_it_is_judged),
        MARKET_TEST(groups_are_told_their_posted_price),
        MARKET_TEST(what_is_said_of_a_participant_may_change),
        MARKET_TEST(covariates_may_change_and_must_make_sense),
        MARKET_TEST(several_requests_may_be_open_where_the_rules_say_so),
        MARKET_TEST(names_of_experiments_and_settings_are_looked_at),
        MARKET_TEST(rules_are_as_they_were_set_after_a_restart),
        MARKET_TEST(the_panel_has_every_submission_and_what_is_still_open),
        MARKET_TEST(the_panel_knows_the_treatment_of_each_prover),
        MARKET_TEST(a_label_that_is_anothers_usual_name_takes_it),
    };
    return cmocka_run_group_tests_name("experiment_operate", tests, NULL, NULL);
}
