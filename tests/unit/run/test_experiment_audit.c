/* Tables against the journal; backups and restored directories. */
#include "market_world.h"

#include "run/backup.h"
#include "run/experiment_audit.h"
#include "run/experiment_private.h"

/* Something of everything: what an experiment can hold. */
static int busy_setup(void **state) {
    MarketWorld *w = calloc(1, sizeof *w);
    OpenRequest r;
    uint32_t number;
    char id[LIMIT_PROVER_ID + 1], path[512];
    CvkErr err;
    market_open(w, (const char *const[]){"group=a:1", NULL});
    market_person(w, "alice");
    assert_true(experiment_participant_add(w->e, "bob", "a",
                                           &(ParticipantWords){.label = "Bob", .note = "a note"},
                                           id, &number, &err));
    market_batches(w, 4);
    assert_true(market_prove(w, 1) && market_prove(w, 2));
    assert_int_equal(market_ask(w, 1, &r), NEXT_OPEN);
    assert_int_equal(market_submit(w, 1, r.request, "wrong"), SUBMISSION_INVALID);
    assert_true(experiment_request_close(w->e, r.request, REQUEST_SKIPPED, &err));
    assert_true(experiment_request_reopen(w->e, r.request, &err));
    assert_true(experiment_request_close(w->e, r.request, REQUEST_EXPIRED, &err));
    assert_true(experiment_participant_rotate(w->e, 1, "alice2", id, &err));
    assert_true(experiment_batch_retire(w->e, 4, true, &err));
    assert_true(experiment_participant_describe(
        w->e, 2, &(ParticipantWords){.contact = "bob@example.org"}, &err));
    assert_true(experiment_batch_describe(w->e, 3, "{\"n\": 1}", &err));
    market_person(w, "carol");
    assert_true(experiment_participant_allow(w->e, 3, false, &err));
    scratch_path(&w->at, path, "b1");
    assert_true(experiment_examples(w->e, path, path, &err));
    for (int i = 0; i < 2; i++)
        assert_true(experiment_deployment_set(
            w->e,
            &(StoreDeployment){.participant = 1,
                               .deployment = "2",
                               .description = i == 0 ? "" : "a \"quoted\" name\n",
                               .hardware = "",
                               .rate = i,
                               .power_w = -1},
            &err));
    *state = w;
    return 0;
}

static bool audit(MarketWorld *w, ExperimentAudit *ret, CvkErr *err) {
    Store *s;
    StoreCeremony row;
    char path[512];
    snprintf(path, sizeof path, "%s/convoke.db", w->dir);
    assert_true(store_open(path, false, &s, err));
    assert_true(store_ceremony_find(s, "x", &row, err));
    bool ok = experiment_audit_rows(s, &row, NULL, 0, ret, err);
    free(row.definition);
    store_close(s);
    return ok;
}

static void tables_that_nobody_changed_are_what_the_journal_says(void **state) {
    MarketWorld *w = *state;
    ExperimentAudit a;
    CvkErr err;

    if (!audit(w, &a, &err))
        fail_msg("%s", err.msg);

    assert_int_equal(a.participants, 3);
    assert_int_equal(a.batches, 4);
    assert_int_equal(a.requests, 3);
    assert_int_equal(a.submissions, 2);
    assert_int_equal(a.attempts, 1);
}

static void any_change_of_a_table_is_found(void **state) {
    MarketWorld *w = *state;
    static const char *const changes[][2] = {
        {"UPDATE submission SET price = price + 1 WHERE request = 1",
         "UPDATE submission SET price = price - 1 WHERE request = 1"},
        {"UPDATE submission SET deployment = '3' WHERE request = 2",
         "UPDATE submission SET deployment = '2' WHERE request = 2"},
        {"UPDATE submission SET flags = 0 WHERE request = 1", NULL},
        {"UPDATE attempt SET verdict = 'invalid'", NULL},
        {"UPDATE attempt SET id = 2", NULL},
        {"DELETE FROM attempt", NULL},
        {"INSERT INTO attempt SELECT experiment, 2, request, participant, received_ms, verdict, "
         "proof, proof_n, verify_us, why FROM attempt",
         NULL},
        {"DELETE FROM submission WHERE request = 2", NULL},
        {"UPDATE request SET state = 2 WHERE id = 1", NULL},
        {"UPDATE request SET issued_ms = issued_ms - 1 WHERE id = 1", NULL},
        {"UPDATE request SET closed_ms = closed_ms + 1 WHERE id = 1", NULL},
        {"UPDATE request SET body = zeroblob(32) WHERE id = 1", NULL},
        {"UPDATE participant SET allowed = 1 WHERE id = 3", NULL},
        {"UPDATE participant SET grp = -1 WHERE id = 2", NULL},
        {"UPDATE participant SET note = '' WHERE id = 2", NULL},
        {"UPDATE participant SET contact = '' WHERE id = 2", NULL},
        {"UPDATE participant SET label = 'b' WHERE id = 2", NULL},
        {"UPDATE participant SET secret = zeroblob(32) WHERE id = 1", NULL},
        {"UPDATE batch SET retired = 0 WHERE id = 4", NULL},
        {"UPDATE batch SET covariates = '{}' WHERE id = 3", NULL},
        {"UPDATE batch SET expect = '1' WHERE id = 1", NULL},
        {"UPDATE deployment SET rate = 0", NULL},
        {"DELETE FROM deployment", NULL},
        {"DELETE FROM public_file WHERE name = 'example-proof.bin'", NULL},
        {"UPDATE ceremony SET definition = replace(definition, 'shuffled', 'sequential')", NULL},
        {"UPDATE journal SET json = replace(json, '\"attempt\":1', '\"attempt\":2')", NULL},
        {"DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)", NULL},
    };
    char path[512], kept[512], line[1200];
    ExperimentAudit a;
    CvkErr err;
    w->node = node_close(w->node);
    snprintf(path, sizeof path, "%s/convoke.db", w->dir);
    scratch_path(&w->at, kept, "kept.db");
    snprintf(line, sizeof line, "cp %s %s", path, kept);
    assert_int_equal(system(line), 0);

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        snprintf(line, sizeof line, "cp %s %s", kept, path);
        assert_int_equal(system(line), 0);
        market_change(w, changes[i][0]);
        if (audit(w, &a, &err))
            fail_msg("not found: %s", changes[i][0]);
        if (changes[i][1] != NULL) {
            market_change(w, changes[i][1]);
            assert_true(audit(w, &a, &err));
        }
    }
}

static void a_start_refuses_tables_that_do_not_fit_together(void **state) {
    MarketWorld *w = *state;
    CvkErr err;
    w->node = node_close(w->node);
    market_change(w, "UPDATE request SET seq = 9 WHERE id = 1");

    assert_false(node_open(w->dir, (NodeOptions){.threads = 1}, &w->node, &err));

    assert_string_equal(err.id, "market.broken");
    w->node = NULL;
}

static void a_backup_has_all_of_it_and_a_restored_directory_goes_on(void **state) {
    MarketWorld *w = *state;
    char out[512], restored[512];
    BackupReport told;
    MarketCounts before, after;
    CvkErr err;
    static RestoreReport report;
    experiment_counts(w->e, &before);
    scratch_path(&w->at, out, "backup");
    scratch_path(&w->at, restored, "restored");

    if (!node_backup(w->dir, out, 1, &told, (CvkProgress){.fn = NULL}, &err))
        fail_msg("%s", err.msg);
    if (!node_restore(out, restored, NULL, &report, (CvkProgress){.fn = NULL}, &err))
        fail_msg("%s", err.msg);

    assert_int_equal(told.n, 1);
    assert_string_equal(told.ceremony[0].kind, "market");
    assert_int_equal(told.ceremony[0].contributions, 2);
    node_close(w->node);
    snprintf(w->dir, sizeof w->dir, "%.250s", restored);
    market_restart_from(w);
    experiment_counts(w->e, &after);
    assert_memory_equal(&before, &after, sizeof after);
    assert_int_equal(experiment_who(w->e, "alice2", 6), 1);
    assert_true(market_prove(w, 2));
    ExperimentAudit a;
    assert_true(audit(w, &a, &err));
}

static void what_a_damaged_directory_has_beyond_the_backup_is_told_and_not_taken(void **state) {
    MarketWorld *w = *state;
    char out[512], restored[512];
    BackupReport told;
    MarketCounts before, after;
    CvkErr err;
    static RestoreReport report;
    scratch_path(&w->at, out, "backup");
    scratch_path(&w->at, restored, "restored");
    experiment_counts(w->e, &before);
    assert_true(node_backup(w->dir, out, 1, &told, (CvkProgress){.fn = NULL}, &err));
    assert_true(market_prove(w, 2)); /* an entry for its issue, and one for its proof */
    w->node = node_close(w->node);

    if (!node_restore(out, restored, w->dir, &report, (CvkProgress){.fn = NULL}, &err))
        fail_msg("%s", err.msg);

    assert_int_equal(report.salvaged[0].taken_entries, 0);
    assert_int_equal(report.salvaged[0].lost_entries, 2);
    snprintf(w->dir, sizeof w->dir, "%.250s", restored);
    market_restart_from(w);
    experiment_counts(w->e, &after);
    assert_memory_equal(&before, &after, sizeof after);
    assert_true(market_prove(w, 2));
}

static void a_backup_without_one_proof_is_refused(void **state) {
    MarketWorld *w = *state;
    char out[512], line[1200];
    BackupReport told;
    CvkErr err;
    scratch_path(&w->at, out, "backup");
    snprintf(line, sizeof line, "rm -r %s/blobs/*", w->dir);
    assert_int_equal(system(line), 0);

    assert_false(node_backup(w->dir, out, 1, &told, (CvkProgress){.fn = NULL}, &err));

    assert_string_equal(err.id, "blob.none");
}

#define BUSY_TEST(fn) cmocka_unit_test_setup_teardown(fn, busy_setup, market_teardown)

int main(int argc, char **argv) {
    MARKET_WORKER(argc, argv);
    const struct CMUnitTest tests[] = {
        BUSY_TEST(tables_that_nobody_changed_are_what_the_journal_says),
        BUSY_TEST(any_change_of_a_table_is_found),
        BUSY_TEST(a_start_refuses_tables_that_do_not_fit_together),
        BUSY_TEST(a_backup_has_all_of_it_and_a_restored_directory_goes_on),
        BUSY_TEST(what_a_damaged_directory_has_beyond_the_backup_is_told_and_not_taken),
        BUSY_TEST(a_backup_without_one_proof_is_refused),
    };
    return cmocka_run_group_tests_name("experiment_audit", tests, NULL, NULL);
}
