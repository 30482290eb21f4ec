/* The tables of experiments: what is written comes back, and what was never written is refused. */
#include "base/hex.h"
#include "store/market.h"
#include "store/sqlite.h"
#include "support/test.h"

#include "support/scratch.h"

typedef struct {
    Scratch at;
    char path[512];
    Store *s;
    int64_t id;
} Market;

static int market_setup(void **state) {
    Market *m = calloc(1, sizeof *m);
    CvkErr err;
    scratch_make(&m->at);
    scratch_path(&m->at, m->path, "convoke.db");
    assert_true(store_open(m->path, true, &m->s, &err));
    assert_true(store_ceremony_add(m->s, "x", STORE_MARKET_KIND, "{}", 1, &m->id, &err));
    *state = m;
    return 0;
}

static int market_teardown(void **state) {
    Market *m = *state;
    store_close(m->s);
    scratch_remove(&m->at);
    free(m);
    return 0;
}

/* ---- rows with a value of its own in each field ---- */

static const StoreParticipant participant = {.id = 1,
                                             .secret = {1, 2},
                                             .token = {3, 4},
                                             .group = 2,
                                             .label = "label",
                                             .contact = "mail",
                                             .note = "note",
                                             .allowed = true,
                                             .created_ms = 5};
static const StoreBatch batch = {.id = 1,
                                 .block = 1,
                                 .name = "b",
                                 .sha256 = {6},
                                 .size = 7,
                                 .verifier = "sha256",
                                 .params = "{\"a\":1}",
                                 .expect = "[2]",
                                 .covariates = "{\"n\":3}",
                                 .created_ms = 8};
static const StoreRequest request = {
    .id = 1, .participant = 1, .batch = 1, .seq = 1, .token = {9}, .issued_ms = 10, .since_ms = 11};
static const StoreSubmission submission = {.request = 1,
                                           .proof = {12},
                                           .proof_n = 13,
                                           .canonical = {14},
                                           .proving_ms = 15,
                                           .cost = 16,
                                           .price = 17,
                                           .cost_text = "0.000016",
                                           .price_text = "1.7e-5",
                                           .deployment = "3.10",
                                           .deployment_is_text = true,
                                           .acceleration = "GPU",
                                           .extra = "{\"x\":null}",
                                           .received_ms = 18,
                                           .verify_us = 19,
                                           .verifier = "sha256",
                                           .flags = 20,
                                           .attempts = 21};
static const StoreAttempt attempt = {.id = 1,
                                     .request = 1,
                                     .participant = 1,
                                     .received_ms = 22,
                                     .verdict = "invalid",
                                     .proof = {23},
                                     .proof_n = 24,
                                     .verify_us = 25,
                                     .why = "because"};

static void write_all(Market *m) {
    CvkErr err;
    if (!store_participant_add(m->s, m->id, &participant, &err) ||
        !store_batch_add(m->s, m->id, &batch, &err) ||
        !store_request_add(m->s, m->id, &request, &err) ||
        !store_submission_add(m->s, m->id, &submission, &err) ||
        !store_attempt_add(m->s, m->id, &attempt, &err))
        fail_msg("%s", err.msg);
}

/* ---- there and back ---- */

static bool see_participant(void *ctx, const StoreParticipant *p, CvkErr *err) {
    uint8_t was[32], is[32];
    (void)err;
    store_participant_digest(&participant, was);
    store_participant_digest(p, is);
    assert_memory_equal(was, is, sizeof is);
    assert_true(p->allowed);
    ++*(int *)ctx;
    return true;
}

static bool see_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    uint8_t was[32], is[32];
    (void)err;
    store_batch_digest(&batch, was);
    store_batch_digest(b, is);
    assert_memory_equal(was, is, sizeof is);
    assert_false(b->retired);
    ++*(int *)ctx;
    return true;
}

static bool see_submission(void *ctx, const StoreSubmission *x, CvkErr *err) {
    uint8_t was[32], is[32];
    (void)err;
    store_submission_digest(&submission, was);
    store_submission_digest(x, is);
    assert_memory_equal(was, is, sizeof is);
    assert_int_equal(x->participant, 1);
    assert_int_equal(x->batch, 1);
    assert_int_equal(x->issued_ms, 10);
    ++*(int *)ctx;
    return true;
}

static bool see_attempt(void *ctx, const StoreAttempt *a, CvkErr *err) {
    uint8_t was[32], is[32];
    (void)err;
    store_attempt_digest(&attempt, was);
    store_attempt_digest(a, is);
    assert_memory_equal(was, is, sizeof is);
    ++*(int *)ctx;
    return true;
}

static void what_was_written_comes_back(void **state) {
    Market *m = *state;
    int n = 0;
    CvkErr err;
    write_all(m);

    assert_true(store_participant_each(m->s, m->id, 1, see_participant, &n, &err));
    assert_true(store_batch_each(m->s, m->id, 1, see_batch, &n, &err));
    assert_true(store_submission_each(m->s, m->id, 1, see_submission, &n, &err));
    assert_true(store_attempt_each(m->s, m->id, 1, see_attempt, &n, &err));

    assert_int_equal(n, 4);
    assert_true(store_participant_each(m->s, m->id, 2, see_participant, &n, &err));
    assert_true(store_batch_each(m->s, m->id + 1, 1, see_batch, &n, &err));
    assert_int_equal(n, 4);
}

static void one_row_is_found_by_its_number_alone(void **state) {
    Market *m = *state;
    StoreRequest r;
    bool found;
    int n = 0;
    CvkErr err;
    write_all(m);

    assert_true(store_request_get(m->s, m->id, 1, &r, &found, &err));
    assert_true(found);
    assert_int_equal(r.since_ms, 11);
    assert_true(store_request_get(m->s, m->id, 0, &r, &found, &err));
    assert_false(found); /* 1 is the first from 0 on, but not 0 */
    assert_true(store_batch_get(m->s, m->id, 2, see_batch, &n, &found, &err));
    assert_false(found);
    assert_true(store_submission_get(m->s, m->id, 1, see_submission, &n, &found, &err));
    assert_true(found);
    assert_int_equal(n, 1);
}

static void a_request_is_closed_once_and_reopened_once(void **state) {
    Market *m = *state;
    StoreRequest r;
    uint8_t body[32] = {1};
    bool found;
    CvkErr err;
    write_all(m);

    assert_true(store_request_close(m->s, m->id, 1, 2, 50, body, &err));
    assert_false(store_request_close(m->s, m->id, 1, 2, 50, body, &err));
    assert_string_equal(err.id, "market.request");
    assert_true(store_request_reopen(m->s, m->id, 1, 60, &err));
    assert_false(store_request_reopen(m->s, m->id, 1, 60, &err));

    assert_true(store_request_get(m->s, m->id, 1, &r, &found, &err));
    assert_int_equal(r.state, 0);
    assert_int_equal(r.since_ms, 60);
    assert_int_equal(r.closed_ms, 0);
}

static void what_was_served_is_added_up(void **state) {
    Market *m = *state;
    StoreRequest r;
    bool found;
    CvkErr err;
    write_all(m);

    assert_true(store_request_served(m->s, m->id, 1, &(StoreServed){.refetches = 2}, &err));
    assert_true(store_request_served(
        m->s, m->id, 1,
        &(StoreServed){.first_get_ms = 70, .last_get_ms = 80, .bytes = 5, .whole = 1}, &err));
    assert_true(store_request_served(
        m->s, m->id, 1, &(StoreServed){.first_get_ms = 90, .last_get_ms = 90, .bytes = 6}, &err));

    assert_true(store_request_get(m->s, m->id, 1, &r, &found, &err));
    assert_int_equal(r.served.refetches, 2);
    assert_int_equal(r.served.first_get_ms, 70);
    assert_int_equal(r.served.last_get_ms, 90);
    assert_int_equal(r.served.bytes, 11);
    assert_int_equal(r.served.whole, 1);
}

static void only_both_tokens_together_lead_to_a_request(void **state) {
    Market *m = *state;
    uint8_t hash[32], wrong[STORE_TOKEN_BYTES] = {77};
    uint64_t found, size;
    CvkErr err;
    write_all(m);

    assert_true(store_request_find(m->s, m->id, participant.token, request.token, &found, hash,
                                   &size, &err));
    assert_int_equal(found, 1);
    assert_int_equal(size, 7);
    assert_memory_equal(hash, batch.sha256, sizeof hash);
    assert_true(store_request_find(m->s, m->id, wrong, request.token, &found, hash, &size, &err));
    assert_int_equal(found, 0);
    assert_true(store_participant_set(m->s, m->id, 1, participant.secret, false, &err));
    assert_true(store_request_find(m->s, m->id, participant.token, request.token, &found, hash,
                                   &size, &err));
    assert_int_equal(found, 0); /* whoever is disabled fetches nothing */
}

static void what_must_be_unique_is(void **state) {
    Market *m = *state;
    StoreParticipant p = participant;
    StoreBatch b = batch;
    StoreRequest r = request;
    CvkErr err;
    write_all(m);
    p.id = 2;
    b.id = 2;
    b.name = "other";
    r.id = 2;
    r.token[0] = 200;

    assert_false(store_participant_add(m->s, m->id, &p, &err));
    assert_string_equal(err.id, "store.constraint");
    assert_false(store_batch_add(m->s, m->id, &b, &err));
    assert_string_equal(err.id, "store.constraint");
    assert_false(store_request_add(m->s, m->id, &r, &err)); /* the same batch again */
    assert_string_equal(err.id, "store.constraint");
    assert_false(store_submission_add(m->s, m->id, &submission, &err));
    assert_string_equal(err.id, "store.constraint");
}

static void a_text_that_is_too_long_is_refused(void **state) {
    Market *m = *state;
    char text[300];
    StoreParticipant p = participant;
    CvkErr err;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    p.label = text;

    assert_false(store_participant_add(m->s, m->id, &p, &err));

    assert_string_equal(err.id, "market.text");
}

static void a_row_that_we_never_wrote_is_damage(void **state) {
    Market *m = *state;
    static const char *const changes[] = {
        "UPDATE submission SET request = 1, proof_n = -1",
        "UPDATE submission SET proof_n = 13, deployment = 'a' || char(0) || 'b'",
        "UPDATE submission SET deployment = hex(zeroblob(500))",
        "UPDATE submission SET deployment = '', flags = 4294967296",
    };
    CvkErr err;
    write_all(m);

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        int n = 0;
        assert_int_equal(sqlite3_exec(m->s->db, changes[i], NULL, NULL, NULL), SQLITE_OK);
        assert_false(store_submission_each(m->s, m->id, 1, see_submission, &n, &err));
        assert_string_equal(err.id, "store.damaged");
    }
}

/* ---- digests ---- */

static void every_field_of_a_submission_is_in_its_digest(void **state) {
    (void)state;
    StoreSubmission x[17];
    uint8_t digest[17][32];
    for (size_t i = 0; i < 17; i++)
        x[i] = submission;
    x[1].request++, x[2].proof[31]++, x[3].proof_n++, x[4].canonical[31]++, x[5].proving_ms++;
    x[6].cost++, x[7].price++, x[8].cost_text = "0.0000160", x[9].price_text = "";
    x[10].deployment = "3.1", x[11].deployment_is_text = false, x[12].acceleration = "";
    x[13].extra = "", x[14].received_ms++, x[15].flags++, x[16].attempts++;

    for (size_t i = 0; i < 17; i++) {
        store_submission_digest(&x[i], digest[i]);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(digest[i], digest[k], 32);
    }
}

static bool same_words(void *ctx, const StoreParticipant *p, CvkErr *err) {
    const StoreParticipant *is = ctx;
    (void)err;
    assert_string_equal(p->label, is->label);
    assert_string_equal(p->contact, is->contact);
    assert_string_equal(p->note, is->note);
    return true;
}

static bool has_no_covariates(void *ctx, const StoreBatch *b, CvkErr *err) {
    (void)ctx, (void)err;
    assert_string_equal(b->covariates, "{}");
    return true;
}

static void what_stands_on_either_side_of_a_border_is_told_apart(void **state) {
    (void)state;
    StoreParticipant a = participant, b = participant;
    uint8_t one[32], other[32];
    a.label = "ab", a.contact = "", a.note = "c";
    b.label = "a", b.contact = "", b.note = "bc";

    store_participant_digest(&a, one);
    store_participant_digest(&b, other);

    assert_memory_not_equal(one, other, sizeof one);
}

static void a_participant_without_a_contact_has_the_digest_of_earlier_releases(void **state) {
    (void)state;
    StoreParticipant p = participant;
    uint8_t digest[32];
    char text[65];
    p.contact = "";

    store_participant_digest(&p, digest);

    cvk_hex_encode(digest, 32, text);
    assert_string_equal(text, "65166aa147182fc11a38b24d0edd4860fc03bd12eef91060808756883ae8d657");
}

static void
other_words_of_a_participant_and_covariates_of_a_batch_take_the_place_of_the_old(void **state) {
    Market *m = *state;
    StoreParticipant p = participant;
    CvkErr err;
    bool found;
    assert_true(store_participant_add(m->s, m->id, &participant, &err));
    assert_true(store_batch_add(m->s, m->id, &batch, &err));
    p.label = "other", p.contact = "", p.note = "words";

    assert_true(store_participant_describe(m->s, m->id, &p, &err));
    assert_true(store_batch_describe(m->s, m->id, batch.id, "{}", &err));

    assert_true(store_participant_get(m->s, m->id, 1, same_words, &p, &found, &err));
    assert_true(found);
    assert_true(store_batch_get(m->s, m->id, 1, has_no_covariates, NULL, &found, &err));
    assert_true(found);
}

#define MARKET_TEST(fn) cmocka_unit_test_setup_teardown(fn, market_setup, market_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        MARKET_TEST(what_was_written_comes_back),
        MARKET_TEST(
            other_words_of_a_participant_and_covariates_of_a_batch_take_the_place_of_the_old),
        TEST(a_participant_without_a_contact_has_the_digest_of_earlier_releases),
        MARKET_TEST(one_row_is_found_by_its_number_alone),
        MARKET_TEST(a_request_is_closed_once_and_reopened_once),
        MARKET_TEST(what_was_served_is_added_up),
        MARKET_TEST(only_both_tokens_together_lead_to_a_request),
        MARKET_TEST(what_must_be_unique_is),
        MARKET_TEST(a_text_that_is_too_long_is_refused),
        MARKET_TEST(a_row_that_we_never_wrote_is_damage),
        TEST(every_field_of_a_submission_is_in_its_digest),
        TEST(what_stands_on_either_side_of_a_border_is_told_apart),
    };
    return cmocka_run_group_tests_name("market", tests, NULL, NULL);
}
