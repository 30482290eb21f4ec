#include "codec/json_lift.h"

#include "base/buf.h"
#include "codec/json_read.h"
#include "support/test.h"

#define REST_MAX 200

typedef struct {
    CvkBuf lifted;
    char rest[REST_MAX + 1];
    bool ok;
    CvkErr err;
} Lifted;

static bool collect(void *ctx, const char *text, size_t n, CvkErr *err) {
    assert_int_not_equal(n, 0);
    return cvk_buf_add(ctx, text, n, err);
}

/* `text` in pieces of so many bytes; "proof_data" is lifted. */
static void lift(Lifted *ret, const char *text, size_t n, size_t piece) {
    *ret = (Lifted){.lifted = CVK_BUF(4096), .ok = true};
    JsonLiftTo to = {
        .key = "proof_data", .piece = collect, .ctx = &ret->lifted, .rest_max = REST_MAX};
    JsonLift *l = json_lift_new(&to, &ret->err);
    assert_non_null(l);
    for (size_t at = 0; at < n && ret->ok; at += piece)
        ret->ok = json_lift_add(l, text + at, n - at < piece ? n - at : piece, &ret->err);
    snprintf(ret->rest, sizeof ret->rest, "%s", json_lift_rest(l, &n));
    json_lift_free(l);
}

/* However it is cut. */
static void assert_lift(const char *text, const char *lifted, const char *rest) {
    for (size_t piece = 1; piece <= strlen(text) + 1; piece++) {
        Lifted got;
        lift(&got, text, strlen(text), piece);
        assert_true(got.ok);
        assert_string_equal(cvk_buf_str(&got.lifted), lifted);
        assert_string_equal(got.rest, rest);
        cvk_buf_done(&got.lifted);
    }
}

static void a_string_is_given_away_and_an_empty_one_left(void **state) {
    (void)state;
    assert_lift("{\"request_id\": 2, \"proof_data\": \"jTV0NX\", \"cost\": 1}", "jTV0NX",
                "{\"request_id\": 2, \"proof_data\": \"\", \"cost\": 1}");
    assert_lift("{\"proof_data\":\"\"}", "", "{\"proof_data\":\"\"}");
}

static void escapes_of_the_string_are_decoded(void **state) {
    (void)state;
    assert_lift("{\"proof_data\":\"a\\/b\\u002Bc\\n\\\"\\\\\\u00e9\xc3\xa9\\ud83d\\ude00\"}",
                "a/b+c\n\"\\\xc3\xa9\xc3\xa9\xf0\x9f\x98\x80", "{\"proof_data\":\"\"}");
}

static void a_key_may_be_written_with_escapes(void **state) {
    (void)state;
    assert_lift("{\"pr\\u006fof\\u005Fdata\":\"a\"}", "a", "{\"pr\\u006fof\\u005Fdata\":\"\"}");
}

static void only_the_outermost_objects_key_is_meant(void **state) {
    (void)state;
    static const char *const others[] = {
        "{\"a\":{\"proof_data\":\"x\"}}",
        "[{\"proof_data\":\"x\"}]",
        "{\"a\":[\"proof_data\",\"x\"]}",
        "{\"a\":\"proof_data\",\"b\":\"x\"}",
        "{\"proof_dat\":\"x\",\"proof_data2\":\"x\",\"\":\"x\"}",
        "{\"proof_data\":1,\"b\":\"x\"}",
        "{\"proof_data\":[\"x\"],\"proof_data\":{\"y\":\"x\"}}",
        "\"proof_data\"",
        "{\"a\":\"}\\\"{\\\\\",\"b\":\"proof_data\\\\\"}",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_lift(others[i], "", others[i]);
}

static void blanks_in_a_row_are_left_as_one(void **state) {
    (void)state;
    assert_lift(" \n\t{ \"a  b\"   :\r\n 1  ,\"proof_data\" : \"x  y\" } ", "x  y",
                " { \"a  b\" : 1 ,\"proof_data\" : \"\" } ");
}

static void both_of_two_equal_keys_are_left_to_be_seen(void **state) {
    (void)state;
    assert_lift("{\"proof_data\":\"a\",\"proof_data\":\"b\"}", "ab",
                "{\"proof_data\":\"\",\"proof_data\":\"\"}");
}

static bool is_json(const char *text) {
    CvkErr err;
    JsonMemory m = {.data = text, .n = strlen(text)};
    __attribute__((cleanup(json_reader_free_at))) JsonReader *r =
        json_reader_new(json_from_memory(&m), REST_MAX, &err);
    assert_non_null(r);
    return json_read_skip(r, &err) && json_read_end(r, &err);
}

/* By the lift, or by who reads what is left. */
static void what_is_no_string_of_json_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "{\"proof_data\":\"a\nb\"}",         "{\"proof_data\":\"\\x\"}",
        "{\"proof_data\":\"\\u12g4\"}",      "{\"proof_data\":\"\\u0000\"}",
        "{\"proof_data\":\"\\ud800\"}",      "{\"proof_data\":\"\\ud800x\\udc00\"}",
        "{\"proof_data\":\"\\udc00\"}",      "{\"proof_data\":\"\\ud800\\u0041\"}",
        "{\"proof_data\":\"\xff\"}",         "{\"proof_data\":\"\xc3(\"}",
        "{\"proof_data\":\"\xed\xa0\x80\"}", "{\"proof_data\":\"\xe2\x82\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t piece = 1; piece <= strlen(bad[i]); piece++) {
            Lifted got;
            lift(&got, bad[i], strlen(bad[i]), piece);
            assert_false(got.ok && is_json(got.rest));
            cvk_buf_done(&got.lifted);
        }
}

static void what_is_left_has_a_limit(void **state) {
    (void)state;
    char text[1000];
    Lifted got;

    snprintf(text, sizeof text, "{\"proof_data\":\"%0500d\"}", 0);
    lift(&got, text, strlen(text), 7);
    assert_true(got.ok);
    assert_int_equal(got.lifted.n, 500);
    cvk_buf_done(&got.lifted);

    snprintf(text, sizeof text, "{\"other\":\"%0500d\"}", 0);
    lift(&got, text, strlen(text), 7);
    assert_false(got.ok);
    assert_string_equal(got.err.id, "limit.buffer");
    cvk_buf_done(&got.lifted);
}

static bool refuse(void *ctx, const char *text, size_t n, CvkErr *err) {
    (void)ctx;
    (void)text;
    (void)n;
    return cvk_fail(err, CVK_EBACKEND, "test.full", "no room");
}

static void a_failure_is_kept(void **state) {
    (void)state;
    CvkErr err;
    JsonLiftTo to = {.key = "k", .piece = refuse, .rest_max = REST_MAX};
    JsonLift *l = json_lift_new(&to, &err);

    assert_false(json_lift_add(l, "{\"k\":\"x\"}", 9, &err));
    assert_string_equal(err.id, "test.full");
    err.id = NULL;
    assert_false(json_lift_add(l, " ", 1, &err));
    assert_string_equal(err.id, "test.full");
    json_lift_free(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_string_is_given_away_and_an_empty_one_left),
        TEST(escapes_of_the_string_are_decoded),
        TEST(a_key_may_be_written_with_escapes),
        TEST(only_the_outermost_objects_key_is_meant),
        TEST(blanks_in_a_row_are_left_as_one),
        TEST(both_of_two_equal_keys_are_left_to_be_seen),
        TEST(what_is_no_string_of_json_is_refused),
        TEST(what_is_left_has_a_limit),
        TEST(a_failure_is_kept),
    };
    return cmocka_run_group_tests_name("codec json lift", tests, NULL, NULL);
}
