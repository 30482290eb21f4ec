#include "base/file.h"
#include "base/hex.h"
#include "format/kzg_json.h"
#include "format/manifest.h"
#include "format/receipt.h"
#include "run/ceremony_private.h"
#include "run/world.h"
#include "setup/kzg_transcript.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

/* ---- turns ---- */

static void three_contributions_make_a_valid_transcript(void **state) {
    World *w = *state;
    CeremonyFile file;
    KzgTranscriptWire *t;
    TranscriptReport report;
    CvkErr err;

    world_contribute(w, "git|1|one", 1);
    world_contribute(w, "git|2|two", 2);
    world_contribute(w, "git|3|three", 3);

    assert_true(ceremony_transcript(w->c, AS_JSON, &file, &err));
    FILE *f = fdopen(file.fd, "rb");
    assert_true(kzg_transcript_read(json_from_file(f), LIMIT_TRANSCRIPT, &t, &err));
    fclose(f);
    assert_true(
        kzg_transcript_verify(t, NULL, (uint8_t[32]){3}, NULL, (CvkProgress){0}, &report, &err));
    assert_int_equal(report.verdict, TRANSCRIPT_VALID);
    assert_int_equal(report.contributions, 3);
    assert_int_equal(report.bls_signatures, 6);
    assert_string_equal(t->ids[2], "git|2|two");
    kzg_transcript_wire_free(t);
}

static void only_one_participant_has_the_slot(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    size_t n;

    char *first = world_check_in(w, &a, &refusal, &n);
    assert_int_equal(refusal, REFUSAL_NONE);
    assert_null(world_check_in(w, &b, &refusal, &n));

    assert_int_equal(refusal, REFUSAL_BUSY);
    assert_false(ceremony_may_upload(w->c, &b));
    free(first);
}

static void the_holder_gets_the_same_challenge_again(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n, again_n;
    char *first = world_check_in(w, &a, &refusal, &n);

    char *again = world_check_in(w, &a, &refusal, &again_n);

    assert_int_equal(refusal, REFUSAL_HOLDER_AGAIN);
    assert_int_equal(again_n, n);
    assert_memory_equal(again, first, n);
    free(first);
    free(again);
}

static void whoever_contributed_cannot_come_again(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    world_contribute(w, "git|2|b", 1);
    Refusal refusal;
    size_t n;
    char *challenge = world_check_in(w, &a, &refusal, &n);
    char *response = world_respond(challenge, n, 5, "git|1|a", &n);
    Submit submit = world_upload(w, &a, response, n);
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);

    Session fresh = a;
    fresh.ended = false; /* as if it had been looked up just before */
    assert_null(world_check_in(w, &fresh, &refusal, &n));

    assert_int_equal(refusal, REFUSAL_OUT);
    free(challenge);
    free(response);
}

static uint64_t live_sessions(World *w) {
    return sessions_live(w->c->sessions);
}

static void who_contributed_takes_no_session_any_more(void **state) {
    World *w = *state;
    world_sign_in(w, "git|1|a");
    assert_int_equal(live_sessions(w), 1);

    world_contribute(w, "git|2|b", 1);

    assert_int_equal(live_sessions(w), 1);
}

/* What was published to this server's threads may be older than what the writer finds. */
static void a_check_in_names_the_lease_though_another_has_granted_it(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    World other = *w;
    Refusal refusal;
    uint64_t lease = 0;
    CeremonyFile file = {.fd = -1};
    NodeOptions options = {.threads = 1, .clock = world_clock};
    assert_true(node_open(w->at.dir, options, &other.node, NULL));
    assert_true(node_ceremony(other.node, NULL, &other.c, NULL));
    world_take_slot(&other, &a);

    assert_true(ceremony_check_in(w->c, &a, &refusal, &lease, &file, NULL));

    assert_int_equal(refusal, REFUSAL_HOLDER_AGAIN);
    assert_int_equal(lease, 1);
    close(file.fd);
    node_close(other.node);
}

static void an_aborted_turn_frees_the_slot(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n;
    CvkErr err;
    free(world_check_in(w, &a, &refusal, &n));

    assert_true(ceremony_abort(w->c, &a, &refusal, &err));

    assert_int_equal(refusal, REFUSAL_NONE);
    world_contribute(w, "git|2|b", 1);
    assert_true(ceremony_abort(w->c, &a, &refusal, &err));
    assert_int_equal(refusal, REFUSAL_NOT_HOLDER);
}

static void a_turn_that_runs_out_of_time_frees_the_slot(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n;
    free(world_check_in(w, &a, &refusal, &n));

    world_pass(w, 61000); /* fetch_s is 60 */

    assert_false(ceremony_may_upload(w->c, &a) &&
                 world_upload(w, &a, "{}", 2).result != SUBMIT_NOT_YOURS);
    world_contribute(w, "git|2|b", 1);
    CeremonyStatus status;
    ceremony_status(w->c, &status);
    assert_int_equal(status.view.expired, 1);
}

/* ---- responses ---- */

static void an_upload_without_a_lease_is_not_taken(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");

    Submit submit = world_upload(w, &a, "{}", 2);

    assert_int_equal(submit.result, SUBMIT_NOT_YOURS);
}

static void a_malformed_response_leaves_the_turn_as_it_was(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n, response_n;
    char *challenge = world_check_in(w, &a, &refusal, &n);
    char *response = world_respond(challenge, n, 5, "git|1|a", &response_n);

    Submit not_json = world_upload(w, &a, "{", 1);
    Submit wrong_shape = world_upload(w, &a, "{\"contributions\":7}", 19);
    Submit right = world_upload(w, &a, response, response_n);

    assert_int_equal(not_json.result, SUBMIT_NOT_JSON);
    assert_int_equal(wrong_shape.result, SUBMIT_WRONG_SHAPE);
    assert_int_equal(right.result, SUBMIT_ACCEPTED);
    submit_done(&right);
    free(challenge);
    free(response);
}

static void an_invalid_response_ends_the_turn_and_changes_nothing(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n;
    char *challenge = world_check_in(w, &a, &refusal, &n);

    Submit submit = world_upload(w, &a, challenge, n); /* tau = 1 everywhere */

    assert_int_equal(submit.result, SUBMIT_REFUSED);
    assert_string_equal(submit.code, "CeremonyError::ContributionNoEntropy");
    assert_int_equal(world_contributions(w), 0);
    assert_false(ceremony_may_upload(w->c, &a));
    world_contribute(w, "git|2|b", 1);
    free(challenge);
}

/* Judges a response whose lease ran out meanwhile: neither journal nor mathematics may move. */
static void a_verdict_that_comes_too_late_changes_nothing(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n;
    CvkErr err;
    Events events;
    JsonMemory memory;
    KzgWire *wire;
    Submit submit;
    uint64_t lease;
    CeremonyFile file;
    char *challenge = world_check_in(w, &a, &refusal, &n);
    assert_true(ceremony_check_in(w->c, &a, &refusal, &lease, &file, &err));
    close(file.fd);
    char *response = world_respond(challenge, n, 5, "git|1|a", &n);
    uint8_t hash[32] = {1};
    Command reach = {.type = COMMAND_REACH, .lease = lease, .phase = PHASE_UPLOADING};
    Command store = {.type = COMMAND_STORE, .lease = lease, .hash = hash};
    assert_true(ceremony_execute(w->c, &reach, NULL, &events, &refusal, &err));
    assert_true(ceremony_execute(w->c, &store, NULL, &events, &refusal, &err));
    assert_int_equal(refusal, REFUSAL_NONE);
    memory = (JsonMemory){.data = response, .n = n};
    assert_true(kzg_contribution_read(json_from_memory(&memory), n, &wire, &err));

    world_pass(w, 601000); /* verify_s is 600 */
    assert_true(ceremony_judge(w->c, lease, "git|1|a", wire, hash, &submit, &err));

    assert_int_equal(submit.result, SUBMIT_NOT_YOURS);
    assert_int_equal(world_contributions(w), 0);
    kzg_wire_free(wire);
    free(challenge);
    free(response);
    world_contribute(w, "git|2|b", 1); /* on the initial state, as nothing was adopted */
}

static void the_same_bytes_again_get_the_same_receipt(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n;
    char *challenge = world_check_in(w, &a, &refusal, &n);
    char *response = world_respond(challenge, n, 5, "git|1|a", &n);
    Submit first = world_upload(w, &a, response, n);

    Submit again = world_upload(w, &a, response, n);
    Submit other = world_upload(w, &a, "{}", 2);
    world_restart(w);
    Submit later = world_upload(w, &a, response, n);

    assert_int_equal(again.result, SUBMIT_ACCEPTED);
    assert_string_equal(again.receipt, first.receipt);
    assert_string_equal(again.signature, first.signature);
    assert_int_equal(other.result, SUBMIT_NOT_YOURS);
    assert_string_equal(later.receipt, first.receipt);
    assert_int_equal(world_contributions(w), 1);
    submit_done(&first);
    submit_done(&again);
    submit_done(&later);
    free(challenge);
    free(response);
}

static void a_repeated_upload_does_not_void_the_holders(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a"), b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    size_t n, old_n;
    CvkErr err;
    char *challenge = world_check_in(w, &a, &refusal, &n);
    char *old = world_respond(challenge, n, 5, "git|1|a", &old_n);
    Submit submit = world_upload(w, &a, old, old_n);
    submit_done(&submit);
    free(challenge);
    challenge = world_check_in(w, &b, &refusal, &n);
    char *response = world_respond(challenge, n, 6, "git|2|b", &n);
    Upload *u;
    assert_true(upload_begin(w->c, &b, 0, &u, &err));
    assert_true(upload_write(u, response, n, &err));

    submit = world_upload(w, &a, old, old_n);
    submit_done(&submit);

    assert_true(upload_finish(u, &submit, &err));
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    upload_free(u);
    free(challenge);
    free(old);
    free(response);
}

static void of_two_uploads_of_the_holder_the_one_that_is_whole_counts(void **state) {
    World *w = *state;
    Session a = world_sign_in(w, "git|1|a");
    Refusal refusal;
    size_t n;
    CvkErr err;
    Submit submit;
    char *challenge = world_check_in(w, &a, &refusal, &n);
    char *response = world_respond(challenge, n, 5, "git|1|a", &n);
    Upload *older, *newer;
    assert_true(upload_begin(w->c, &a, 0, &older, &err));
    assert_true(upload_write(older, response, n, &err));
    assert_true(upload_begin(w->c, &a, 0, &newer, &err));
    assert_true(upload_write(newer, "{}", 2, &err));

    assert_true(upload_finish(newer, &submit, &err));

    assert_int_equal(submit.result, SUBMIT_WRONG_SHAPE);
    assert_true(upload_finish(older, &submit, &err));
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    upload_free(older);
    upload_free(newer);
    free(challenge);
    free(response);
}

static void a_key_that_was_used_before_is_refused(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 7);
    Session b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    size_t n;
    char *challenge = world_check_in(w, &b, &refusal, &n);
    char *response = world_respond(challenge, n, 7, "git|2|b", &n);

    Submit submit = world_upload(w, &b, response, n);

    assert_int_equal(submit.result, SUBMIT_REFUSED);
    assert_string_equal(submit.code, "CeremonyError::DuplicateKey");
    free(challenge);
    free(response);
}

static void the_receipt_is_signed_by_the_server(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    char *receipt, signature[131], hex[140];
    uint8_t bytes[ETH_SIGNATURE_BYTES], address[ETH_ADDRESS_BYTES];
    char text[ETH_ADDRESS_TEXT];
    KzgReceipt read;
    CvkErr err;

    assert_true(ceremony_receipt(w->c, 1, &receipt, signature, &err));

    snprintf(hex, sizeof hex, "0x%s", signature);
    assert_true(cvk_hex_parse(hex, sizeof bytes, bytes));
    assert_true(kzg_receipt_signer(receipt, bytes, address));
    eth_address_checksummed(address, text);
    assert_string_equal(text, node_address(w->node));
    assert_true(kzg_receipt_read(receipt, &read, &err));
    assert_string_equal(read.identity, "git|1|a");
    assert_int_equal(read.n, 2);
    assert_false(ceremony_receipt(w->c, 2, &receipt, signature, &err));
    assert_string_equal(err.id, "receipt.none");
    free(receipt);
}

/* ---- restarts ---- */

static void a_restart_keeps_session_slot_and_contributions(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    Session b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    size_t n;
    char *challenge = world_check_in(w, &b, &refusal, &n);

    world_restart(w);

    assert_int_equal(world_contributions(w), 1);
    assert_true(ceremony_may_upload(w->c, &b));
    char *response = world_respond(challenge, n, 2, "git|2|b", &n);
    Submit submit = world_upload(w, &b, response, n);
    assert_int_equal(submit.result, SUBMIT_ACCEPTED);
    submit_done(&submit);
    free(challenge);
    free(response);
}

static void a_second_server_on_the_directory_is_refused(void **state) {
    World *w = *state;
    CvkErr err;
    Node *second = NULL;
    int status[2];
    assert_int_equal(pipe(status), 0);

    if (fork() == 0) { /* another process: locks are per process */
        bool opened =
            node_open(w->at.dir, (NodeOptions){.serving = true, .threads = 1}, &second, &err);
        char answer = opened ? 'o' : strcmp(err.id, "dir.locked") == 0 ? 'l' : 'e';
        _exit(write(status[1], &answer, 1) == 1 ? 0 : 1);
    }

    char answer = '?';
    assert_int_equal(read(status[0], &answer, 1), 1);
    assert_int_equal(answer, 'l');
    close(status[0]);
    close(status[1]);
}

/* ---- the operator ---- */

static void a_final_ceremony_takes_nobody(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    Session b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    size_t n;
    CvkErr err;

    assert_true(ceremony_finalize(w->c, &err));

    assert_null(world_check_in(w, &b, &refusal, &n));
    assert_int_equal(refusal, REFUSAL_FINALIZED);
    assert_false(ceremony_finalize(w->c, &err));
}

static void a_turn_under_way_puts_finalizing_off(void **state) {
    World *w = *state;
    Session b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    size_t n;
    CvkErr err;
    free(world_check_in(w, &b, &refusal, &n));

    assert_false(ceremony_finalize(w->c, &err));

    assert_string_equal(err.id, "ceremony.turn_live");
}

static void what_another_process_finalized_is_noticed(void **state) {
    World *w = *state;
    world_contribute(w, "git|1|a", 1);
    Node *other;
    Ceremony *same;
    CvkErr err;
    CeremonyStatus status;
    assert_true(
        node_open(w->at.dir, (NodeOptions){.threads = 1, .clock = world_clock}, &other, &err));
    assert_true(node_ceremony(other, NULL, &same, &err));

    assert_true(ceremony_finalize(same, &err));
    node_close(other);

    Session b = world_sign_in(w, "git|2|b");
    Refusal refusal;
    size_t n;
    assert_null(
        world_check_in(w, &b, &refusal, &n)); /* the conflict makes it read and decide again */
    assert_int_equal(refusal, REFUSAL_FINALIZED);
    ceremony_status(w->c, &status);
    assert_true(status.view.finalized);
}

static bool read_text(const char *dir, const char *name, CvkBuf *b) {
    char path[LIMIT_PATH];
    CvkErr err;
    return cvk_path(path, dir, name, &err) && cvk_file_read(path, b, &err);
}

static void an_export_has_a_signed_manifest_of_its_files(void **state) {
    World *w = *state;
    char out[192];
    CvkErr err;
    Manifest m;
    CvkBuf b = CVK_BUF(MANIFEST_MAX);
    world_contribute(w, "git|1|a", 1);
    world_contribute(w, "git|2|b", 2);
    assert_true(ceremony_finalize(w->c, &err));
    snprintf(out, sizeof out, "%s/export", w->at.dir);

    assert_true(ceremony_export(w->c, out, false, (CvkProgress){0}, &err));

    assert_true(read_text(out, "manifest.json", &b));
    assert_true(manifest_read(b.data, b.n, &m, &err));
    assert_int_equal(m.contributions, 2);
    assert_true(m.finalized);
    assert_true(m.has_root);
    assert_int_equal(m.n_files, 7); /* definition, transcript, receipts, journal, participants,
                                       two results */
    assert_string_equal(m.server, node_address(w->node));
    assert_false(
        ceremony_export(w->c, out, false, (CvkProgress){0}, &err)); /* not over an old one */
    cvk_buf_done(&b);
}

/* As another process sees it that opened the directory a moment ago. */
static void an_export_beside_the_server_is_of_one_moment(void **state) {
    World *w = *state;
    char out[192];
    CvkErr err;
    Manifest m;
    CvkBuf b = CVK_BUF(MANIFEST_MAX), lines = CVK_BUF(1 << 20);
    Node *other;
    Ceremony *same;
    world_contribute(w, "git|1|a", 1);
    assert_true(
        node_open(w->at.dir, (NodeOptions){.threads = 1, .clock = world_clock}, &other, &err));
    assert_true(node_ceremony(other, NULL, &same, &err));
    uint64_t seq = w->c->seq;
    world_contribute(w, "git|2|b", 2);
    snprintf(out, sizeof out, "%s/export", w->at.dir);

    assert_true(ceremony_export(same, out, true, (CvkProgress){0}, &err));

    assert_true(read_text(out, "manifest.json", &b));
    assert_true(manifest_read(b.data, b.n, &m, &err));
    assert_int_equal(m.contributions, 1);
    assert_int_equal(m.journal_entries, seq);
    assert_true(read_text(out, "journal.jsonl", &lines));
    assert_null(strstr(cvk_buf_str(&lines), "git|2|b"));
    cvk_buf_done(&b);
    cvk_buf_done(&lines);
    node_close(other);
}

static void a_changed_manifest_is_refused(void **state) {
    World *w = *state;
    char out[192];
    CvkErr err;
    Manifest m;
    CvkBuf b = CVK_BUF(MANIFEST_MAX);
    snprintf(out, sizeof out, "%s/export", w->at.dir);
    assert_true(ceremony_export(w->c, out, true, (CvkProgress){0}, &err));
    assert_true(read_text(out, "manifest.json", &b));

    for (size_t i = 0; i < b.n; i++) {
        b.data[i] ^= 1;
        assert_false(manifest_read(b.data, b.n, &m, &err));
        b.data[i] ^= 1;
    }

    assert_true(manifest_read(b.data, b.n, &m, &err));
    cvk_buf_done(&b);
}

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_WORLD(three_contributions_make_a_valid_transcript),
        IN_WORLD(only_one_participant_has_the_slot),
        IN_WORLD(the_holder_gets_the_same_challenge_again),
        IN_WORLD(whoever_contributed_cannot_come_again),
        IN_WORLD(who_contributed_takes_no_session_any_more),
        IN_WORLD(a_check_in_names_the_lease_though_another_has_granted_it),
        IN_WORLD(an_aborted_turn_frees_the_slot),
        IN_WORLD(a_turn_that_runs_out_of_time_frees_the_slot),
        IN_WORLD(an_upload_without_a_lease_is_not_taken),
        IN_WORLD(a_verdict_that_comes_too_late_changes_nothing),
        IN_WORLD(a_malformed_response_leaves_the_turn_as_it_was),
        IN_WORLD(an_invalid_response_ends_the_turn_and_changes_nothing),
        IN_WORLD(the_same_bytes_again_get_the_same_receipt),
        IN_WORLD(a_repeated_upload_does_not_void_the_holders),
        IN_WORLD(of_two_uploads_of_the_holder_the_one_that_is_whole_counts),
        IN_WORLD(a_key_that_was_used_before_is_refused),
        IN_WORLD(the_receipt_is_signed_by_the_server),
        IN_WORLD(a_restart_keeps_session_slot_and_contributions),
        IN_WORLD(a_second_server_on_the_directory_is_refused),
        IN_WORLD(a_final_ceremony_takes_nobody),
        IN_WORLD(a_turn_under_way_puts_finalizing_off),
        IN_WORLD(what_another_process_finalized_is_noticed),
        IN_WORLD(an_export_has_a_signed_manifest_of_its_files),
        IN_WORLD(an_export_beside_the_server_is_of_one_moment),
        IN_WORLD(a_changed_manifest_is_refused),
    };
    return cmocka_run_group_tests_name("run/ceremony", tests, NULL, NULL);
}
