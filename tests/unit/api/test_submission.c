#include "api/submission.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "support/test.h"

/* What the client of the protocol sends. */
static const char recorded[] =
    "{\"request_id\": 2, \"proof_data\": \"jTV0NXNO\", \"proving_time\": 7200000, "
    "\"cost\": 100000, \"price\": 10100, \"acceleration\": \"GPU\", \"deployment_version\": 2}";

typedef struct {
    SubmissionReader *reader;
    CvkBuf proof;
    const SubmissionText *text; /* NULL: it was refused */
    CvkErr err;
} Read;

static void read_pieces(Read *ret, const char *body, size_t n, size_t piece) {
    *ret = (Read){.proof = CVK_BUF(1 << 20)};
    ret->reader = submission_reader_new(cvk_sink_buf(&ret->proof), &ret->err);
    assert_non_null(ret->reader);
    bool ok = true;
    for (size_t at = 0; at < n && ok; at += piece)
        ok = submission_reader_add(ret->reader, body + at, n - at < piece ? n - at : piece,
                                   &ret->err);
    if (ok && !submission_reader_end(ret->reader, &ret->text, &ret->err))
        ret->text = NULL;
}

static void read_done(Read *r) {
    submission_reader_free(r->reader);
    cvk_buf_done(&r->proof);
}

static void read_body(Read *ret, const char *body) {
    read_pieces(ret, body, strlen(body), 4096);
}

static void the_recorded_body_is_read_however_it_is_cut(void **state) {
    (void)state;
    uint8_t hash[32];
    cvk_sha256(recorded, sizeof recorded - 1, hash);

    for (size_t piece = 1; piece <= sizeof recorded; piece++) {
        Read r;
        read_pieces(&r, recorded, sizeof recorded - 1, piece);

        assert_non_null(r.text);
        const Submission *s = &r.text->submission;
        assert_true(r.text->has_request);
        assert_int_equal(s->request, 2);
        assert_null(r.text->wrong_field);
        assert_true(r.text->has_proof);
        assert_null(r.text->failure);
        assert_int_equal(s->proof_n, 6);
        assert_memory_equal(r.proof.data, "\x8d\x35\x74\x35\x73\x4e", 6);
        assert_int_equal(s->proving_ms, 7200000);
        assert_int_equal(s->cost, INT64_C(100000000000));
        assert_int_equal(s->price, INT64_C(10100000000));
        assert_string_equal(s->cost_text, "100000");
        assert_string_equal(s->price_text, "10100");
        assert_string_equal(s->deployment, "2");
        assert_false(s->deployment_is_text);
        assert_string_equal(s->acceleration, "GPU");
        assert_null(s->extra);
        assert_memory_equal(s->body_sha256, hash, 32);
        read_done(&r);
    }
}

static void numbers_are_kept_as_they_are_written(void **state) {
    (void)state;
    Read r;
    read_body(&r, "{\"deployment_version\":3.10,\"cost\":0.0516,\"price\":7e-2,\"proving_time\":1,"
                  "\"gpus\":1.50,\"note\":\"\\u00e9\"}");
    const Submission *s = &r.text->submission;
    assert_null(r.text->wrong_field);
    assert_string_equal(s->deployment, "3.10");
    assert_int_equal(s->cost, 51600);
    assert_string_equal(s->cost_text, "0.0516");
    assert_int_equal(s->price, 70000);
    assert_string_equal(s->price_text, "7e-2");
    assert_string_equal(s->extra, "{\"gpus\":1.50,\"note\":\"\xc3\xa9\"}");
    read_done(&r);
}

static void a_text_with_too_many_zeros_is_kept_without_them(void **state) {
    (void)state;
    Read r;
    read_body(&r, "{\"cost\":1.50000000000000000000000000000000,\"price\":1,\"proving_time\":1,"
                  "\"deployment_version\":\"a\"}");
    assert_null(r.text->wrong_field);
    assert_string_equal(r.text->submission.cost_text, "1.5");
    read_done(&r);
}

/* The first wrong field, of those that come in this order. */
static void assert_wrong(const char *members, const char *expected) {
    char body[400];
    Read r;
    snprintf(body, sizeof body, "{%s}", members);
    read_body(&r, body);
    assert_non_null(r.text);
    if (expected == NULL)
        assert_null(r.text->wrong_field);
    else
        assert_string_equal(r.text->wrong_field, expected);
    read_done(&r);
}

#define FINE "\"cost\":1,\"price\":1,\"deployment_version\":\"x\""

static void metadata_that_cannot_be_are_named(void **state) {
    (void)state;
    static const char *const times[] = {"-5",    "0",  "1.5",  "1e3",  "9007199254740992",
                                        "\"1\"", "[]", "null", "true", "99999999999999999999999"};
    char members[200];
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        snprintf(members, sizeof members, "\"proving_time\":%s," FINE, times[i]);
        assert_wrong(members, "proving_time");
    }
    assert_wrong(FINE, "proving_time");
    assert_wrong("\"proving_time\":9007199254740991," FINE, NULL);
    assert_wrong("\"deployment_version\":null,\"price\":-1,\"cost\":\"3\",\"proving_time\":1",
                 "cost");
    assert_wrong("\"deployment_version\":null,\"price\":-1,\"cost\":3,\"proving_time\":1", "price");
    assert_wrong("\"deployment_version\":null,\"price\":0,\"cost\":0,\"proving_time\":1",
                 "deployment_version");
    assert_wrong("\"deployment_version\":\"\",\"price\":0,\"cost\":0,\"proving_time\":1",
                 "deployment_version");
    assert_wrong("\"cost\":0.0000001,\"price\":0,\"deployment_version\":1,\"proving_time\":1",
                 NULL); /* rounded */
}

static void deployments_and_extras_have_their_limits(void **state) {
    (void)state;
    char body[LIMIT_MARKET_EXTRA + 200];
    for (int over = 0; over < 2; over++) {
        Read r;
        snprintf(body, sizeof body,
                 "{\"cost\":1,\"price\":1,\"proving_time\":1,\"deployment_version\":\"%0*d\"}",
                 LIMIT_DEPLOYMENT + over, 0);
        read_body(&r, body);
        assert_true((r.text->wrong_field != NULL) == over);
        read_done(&r);

        int rest = (int)LIMIT_MARKET_EXTRA - 16000 -
                   (int)strlen("{\"a\":\"\",\"b\":\"\",\"c\":\"\"}") + over;
        snprintf(body, sizeof body,
                 "{" FINE ",\"proving_time\":1,\"a\":\"%08000d\",\"b\":\"%08000d\",\"c\":\"%0*d\"}",
                 0, 0, rest, 0);
        read_body(&r, body);
        if (over)
            assert_string_equal(r.text->wrong_field, "extra");
        else
            assert_int_equal(strlen(r.text->submission.extra), LIMIT_MARKET_EXTRA);
        read_done(&r);
    }
}

static void requests_are_whole_numbers(void **state) {
    (void)state;
    static const char *const bad[] = {"\"x\"", "\"2\"",           "0", "-1", "2.0",
                                      "null",  "9007199254740992"};
    char body[100];
    Read r;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(body, sizeof body, "{\"request_id\":%s}", bad[i]);
        read_body(&r, body);
        assert_false(r.text->has_request);
        read_done(&r);
    }
    read_body(&r, "{}");
    assert_false(r.text->has_request);
    read_done(&r);
}

static void proofs_are_base64_of_something(void **state) {
    (void)state;
    static const char *const bad[] = {"\"\"",      "\"@@@@\"", "\"AAA\"", "\"AA A\"",
                                      "\"AAAA=\"", "1",        "null",    "[\"AAAA\"]"};
    char body[100];
    Read r;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(body, sizeof body, "{\"proof_data\":%s}", bad[i]);
        read_body(&r, body);
        assert_false(r.text->has_proof);
        read_done(&r);
    }
    read_body(&r, "{\"proof_data\":\"\\u002b\\/AA\"}");
    assert_true(r.text->has_proof);
    assert_memory_equal(r.proof.data, "\xfb\xf0\x00", 3);
    read_done(&r);
}

static void what_a_prover_says_of_a_failure_is_one_without_a_proof(void **state) {
    (void)state;
    Read r;
    read_body(&r, "{\"request_id\":7,\"error\":\"out of memory\"}");
    assert_string_equal(r.text->failure, "out of memory");
    read_done(&r);

    read_body(&r, "{\"error\":\"a warning\",\"proof_data\":\"AAAA\"}");
    assert_null(r.text->failure);
    assert_string_equal(r.text->submission.extra, "{\"error\":\"a warning\"}");
    read_done(&r);

    read_body(&r, "{\"request_id\":7,\"error\":null}");
    assert_null(r.text->failure);
    read_done(&r);
}

static void an_acceleration_of_another_kind_is_kept_beside(void **state) {
    (void)state;
    Read r;
    read_body(&r, "{\"acceleration\":[\"GPU\",2]}");
    assert_string_equal(r.text->submission.acceleration, "");
    assert_string_equal(r.text->submission.extra, "{\"acceleration\":[\"GPU\",2]}");
    read_done(&r);
}

static void what_is_not_one_object_is_malformed(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "{\"request_id\":",
                                      "[1]",
                                      "1",
                                      "null",
                                      "{} {}",
                                      "{\"a\":1,}",
                                      "{'a':1}",
                                      "{\"cost\":NaN}",
                                      "{\"cost\":01}",
                                      "{\"proof_data\":\"AA\nAA\"}",
                                      "{\"proof_data\":\"\xff\"}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"cost\":1,\"cost\":1}",
                                      "{\"proof_data\":\"AAAA\",\"proof_\\u0064ata\":\"AAAA\"}",
                                      "{\"request_id\":1,\"x\":2,\"request_id\":1}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Read r;
        read_body(&r, bad[i]);
        assert_null(r.text);
        assert_int_equal(r.err.code, CVK_EBADREQ);
        read_done(&r);
    }
}

static void metadata_without_an_end_are_too_long(void **state) {
    (void)state;
    Read r;
    CvkBuf body = CVK_BUF(1 << 20);
    assert_true(cvk_buf_add_str(&body, "{\"a\":[0", NULL));
    for (int i = 0; i < (int)LIMIT_SUBMISSION_REST / 2; i++)
        assert_true(cvk_buf_add_str(&body, ",1", NULL));
    read_body(&r, body.data);
    assert_null(r.text);
    assert_int_equal(r.err.code, CVK_ELIMIT);
    read_done(&r);
    cvk_buf_done(&body);
}

static bool is_full(void *ctx, const void *data, size_t n, CvkErr *err) {
    (void)ctx;
    (void)data;
    (void)n;
    return cvk_fail(err, CVK_EBACKEND, "blob.full", "no space left");
}

static void a_full_disk_is_neither(void **state) {
    (void)state;
    CvkErr err;
    const SubmissionText *text;
    SubmissionReader *r = submission_reader_new((CvkSink){.write = is_full}, &err);
    assert_true(submission_reader_add(r, recorded, sizeof recorded - 1, &err));
    assert_false(submission_reader_end(r, &text, &err));
    assert_string_equal(err.id, "blob.full");
    submission_reader_free(r);
}

typedef struct {
    CvkBuf proof;
    size_t writes;
} Counted;

static bool count_write(void *ctx, const void *data, size_t n, CvkErr *err) {
    Counted *c = ctx;
    c->writes++;
    return cvk_buf_add(&c->proof, data, n, err);
}

/* Every character escaped: each reaches the reader alone. */
static void a_proof_is_written_in_long_pieces_however_it_is_escaped(void **state) {
    (void)state;
    enum { SLASHES = 400000, BYTES = SLASHES / 4 * 3 };
    _cleanup_buf_ CvkBuf body = CVK_BUF(3 * SLASHES);
    Counted c = {.proof = CVK_BUF(BYTES)};
    const SubmissionText *text;
    CvkErr err;
    assert_true(cvk_buf_add_str(&body, "{\"proof_data\": \"", &err));
    for (size_t i = 0; i < SLASHES; i++)
        assert_true(cvk_buf_add_str(&body, "\\/", &err));
    assert_true(cvk_buf_add_str(&body, "\"}", &err));
    SubmissionReader *r = submission_reader_new((CvkSink){.write = count_write, .ctx = &c}, &err);

    assert_true(submission_reader_add(r, body.data, body.n, &err));
    assert_true(submission_reader_end(r, &text, &err));

    assert_true(c.writes <= BYTES / 4096 + 1);
    assert_int_equal(text->submission.proof_n, BYTES);
    assert_int_equal(c.proof.n, BYTES);
    for (size_t i = 0; i < BYTES; i++)
        assert_int_equal((uint8_t)c.proof.data[i], 0xff);
    submission_reader_free(r);
    cvk_buf_done(&c.proof);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_recorded_body_is_read_however_it_is_cut),
        TEST(numbers_are_kept_as_they_are_written),
        TEST(a_text_with_too_many_zeros_is_kept_without_them),
        TEST(metadata_that_cannot_be_are_named),
        TEST(deployments_and_extras_have_their_limits),
        TEST(requests_are_whole_numbers),
        TEST(proofs_are_base64_of_something),
        TEST(what_a_prover_says_of_a_failure_is_one_without_a_proof),
        TEST(an_acceleration_of_another_kind_is_kept_beside),
        TEST(what_is_not_one_object_is_malformed),
        TEST(metadata_without_an_end_are_too_long),
        TEST(a_full_disk_is_neither),
        TEST(a_proof_is_written_in_long_pieces_however_it_is_escaped),
    };
    return cmocka_run_group_tests_name("api submission", tests, NULL, NULL);
}
