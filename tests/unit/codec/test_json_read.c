#include "base/alloc.h"
#include "codec/json_read.h"
#include "support/test.h"

#include "base/limits.h"
#include "support/chunks.h"

static Chunks chunks;

static JsonReader *reader_of(const char *text, size_t n, size_t piece) {
    chunks = (Chunks){.data = text, .n = n, .piece = piece};
    JsonReader *r = json_reader_new((JsonSource){chunks_read, &chunks}, n, NULL);
    assert_non_null(r);
    return r;
}

/* Reads a whole document by skipping it. */
static void assert_refused_n(const char *text, size_t n, const char *id, const char *message) {
    for (size_t piece = 1; piece <= n + 1; piece += n < 8 ? 1 : n / 4) {
        _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, n, piece);
        CvkErr err = {0};

        bool ok = json_read_skip(r, &err) && json_read_end(r, &err);

        assert_false(ok);
        assert_string_equal(err.id, id);
        if (message != NULL)
            assert_string_equal(err.msg, message);
    }
}

static void assert_refused(const char *text, const char *id, const char *message) {
    assert_refused_n(text, strlen(text), id, message);
}

static void assert_accepted(const char *text) {
    for (size_t piece = 1; piece < 4; piece++) {
        _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), piece);
        CvkErr err = {.msg = "no error"};

        bool ok = json_read_skip(r, &err) && json_read_end(r, &err);

        if (!ok)
            print_error("'%s': %s\n", text, err.msg);
        assert_true(ok);
    }
}

static void a_document_is_read_as_asked(void **state) {
    (void)state;
    const char *text =
        " {\"n\" : 3,\r\n\t\"list\":[ \"a\" , -7,true,null ],\"rest\":{\"x\":[{}]} } \n";
    _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), 1);
    const char *key, *s;
    size_t n;
    uint64_t u = 0;
    int64_t i = 0;
    bool more = false, yes = false;

    assert_true(json_read_object(r, NULL));
    assert_true(json_read_key(r, &key, NULL));
    assert_string_equal(key, "n");
    assert_true(json_read_uint(r, 3, &u, NULL));
    assert_true(json_read_key(r, &key, NULL));
    assert_string_equal(key, "list");
    assert_true(json_read_array(r, NULL));
    assert_true(json_read_more(r, &more, NULL) && more && json_read_string(r, &s, &n, NULL));
    assert_string_equal(s, "a");
    assert_true(json_read_more(r, &more, NULL) && more && json_read_int(r, &i, NULL));
    assert_true(json_read_more(r, &more, NULL) && more && json_read_bool(r, &yes, NULL));
    assert_true(json_read_more(r, &more, NULL) && more && json_read_null(r, NULL));
    assert_true(json_read_more(r, &more, NULL) && !more);
    assert_true(json_read_key(r, &key, NULL));
    assert_string_equal(key, "rest");
    assert_true(json_read_skip(r, NULL));
    assert_true(json_read_key(r, &key, NULL));
    assert_null(key);
    assert_true(json_read_end(r, NULL));

    assert_int_equal(u, 3);
    assert_int_equal(i, -7);
    assert_true(yes);
}

static void assert_string_is(const char *text, const char *expected, size_t expected_n) {
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), piece);
        const char *s;
        size_t n;

        assert_true(json_read_string(r, &s, &n, NULL));

        assert_int_equal(n, expected_n);
        assert_string_equal(s, expected);
        assert_true(json_read_end(r, NULL));
    }
}

static void escapes_are_decoded(void **state) {
    (void)state;
    assert_string_is("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
    assert_string_is("\"plain, then\\u0041 and \\u00e9\"", "plain, thenA and \xc3\xa9", 19);
    assert_string_is("\"\\ud83d\\uDE00\\u20ac\"", "\xf0\x9f\x98\x80\xe2\x82\xac", 7);
    assert_string_is("\"\xf4\x8f\xbf\xbf\xee\x80\x80\"", "\xf4\x8f\xbf\xbf\xee\x80\x80", 7);
    assert_string_is("\"\"", "", 0);
}

static void every_plain_byte_is_kept_at_every_offset(void **state) {
    (void)state;
    for (size_t offset = 0; offset < 16; offset++) {
        char text[200], expected[160];
        size_t n = 0;
        memset(expected, 'x', offset);
        for (n = offset; n < offset + 95; n++)
            expected[n] = (char)(' ' + (int)(n - offset));
        expected['"' - ' ' + (int)offset] = expected['\\' - ' ' + (int)offset] = '_';
        expected[n] = '\0';
        snprintf(text, sizeof text, "\"%s\"", expected);
        _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), 200);
        const char *s;
        size_t got;

        assert_true(json_read_string(r, &s, &got, NULL));

        assert_int_equal(got, n);
        assert_string_equal(s, expected);
    }
}

static void what_json_is_not_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",         " ",          "{",       "[",    "]",           "{]",          "[}",
        "[1,]",     "[,1]",       "[1 2]",   "{,}",  "{\"a\"}",     "{\"a\":}",    "{1:2}",
        "{a:1}",    "{\"a\":1,}", "tru",     "True", "nul",         "nulll",       "falsey",
        "NaN",      "+1",         "01",      "-",    "1.",          ".5",          "1e",
        "1e+",      "0x10",       "1 2",     "[] x", "\"",          "\"a",         "'a'",
        "\"\\",     "\"\\x\"",    "\"\\u12", "--1",  "\"\\u12g4\"", "\"\n\"",      "\"\t\"",
        "\"\x1f\"", "\"\\ud800",  "//\n1",   "[1]]", "1-2",         "\"\\u0000\"", "\xef\xbb\xbf[]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refused(bad[i], "json.syntax", NULL);
    assert_refused_n("[1]\0", 4, "json.syntax", NULL);
    assert_refused_n("\"a\0b\"", 5, "json.syntax", NULL);
}

static void text_that_is_not_unicode_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "\"\x80\"",
        "\"\xc0\x80\"",
        "\"\xc1\xbf\"",
        "\"\xe0\x9f\xbf\"",
        "\"\xed\xa0\x80\"",
        "\"\xf5\x80\x80\"",
        "\"\xf4\x90\x80\x80\"",
        "\"\xf0\x8f\xbf\xbf\"",
        "\"\xe2\x82\"",
        "\"\xc3",
        "\"\xe2\x82\xc0\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041",
        "\xff",
    };
    for (size_t i = 0; i + 1 < sizeof bad / sizeof *bad; i++)
        assert_refused(bad[i], "json.utf8", NULL);
    assert_refused("\xff", "json.syntax", NULL);
}

static void what_json_is_is_accepted(void **state) {
    (void)state;
    static const char *const good[] = {
        "0",  "-0",       "1e5",  "-0.5E-3",          "10.25e+1",
        "[]", "[[[]],1]", "{}",   "{\"\":\"\"}",      "{\"a\":1,\"a\":2}",
        "0 ", "\"\x7f\"", "null", "[true , false\n]", "1234567890123456789012345678901234567890",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_accepted(good[i]);
}

static void errors_name_their_place(void **state) {
    (void)state;
    assert_refused("[1,\n  2 x]", "json.syntax",
                   "line 2, column 5 (byte 8): expected ',' or ']', found 'x'");
    assert_refused("\r\n\r\n  [\"\xc3\xa9\", \"a\x01\"]", "json.syntax",
                   "line 3, column 12 (byte 15): expected the rest of a string, found byte 0x01");
    assert_refused("{\"a\": 1", "json.syntax",
                   "line 1, column 8 (byte 7): expected ',' or '}', found the end");
    assert_refused("[-x]", "json.syntax", "line 1, column 2 (byte 1): '-' is not a number");
}

static void a_wrong_type_is_told_where_it_stands(void **state) {
    (void)state;
    const char *text = "{\n \"n\": \"3\"}";
    _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), 1);
    CvkErr err, again;
    const char *key;
    uint64_t n = 0;

    assert_true(json_read_object(r, &err) && json_read_key(r, &key, &err));
    assert_false(json_read_uint(r, 10, &n, &err));
    assert_false(json_read_skip(r, &again));

    assert_string_equal(err.id, "json.type");
    assert_string_equal(err.msg, "line 2, column 7 (byte 8): expected a number, found a string");
    assert_string_equal(again.msg, err.msg);
}

static bool read_uint(const char *text, uint64_t max, uint64_t *ret, CvkErr *err) {
    _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), 1);
    return json_read_uint(r, max, ret, err) && json_read_end(r, err);
}

static void unsigned_integers_keep_their_range(void **state) {
    (void)state;
    CvkErr err;
    uint64_t v = 0;

    assert_true(read_uint("18446744073709551615", UINT64_MAX, &v, &err));
    assert_true(v == UINT64_MAX);
    assert_true(read_uint("0", 0, &v, &err));
    assert_true(v == 0);

    static const char *const bad[] = {
        "18446744073709551616", "99999999999999999999999", "-1", "-0", "4096.0", "1e2",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(read_uint(bad[i], UINT64_MAX, &v, &err));
        assert_string_equal(err.id, "json.type");
    }
    assert_false(read_uint("17", 16, &v, &err));
    assert_string_equal(err.msg, "line 1, column 1 (byte 0): expected an integer from 0 to 16");
}

static bool read_int(const char *text, int64_t *ret) {
    _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), 1);
    return json_read_int(r, ret, NULL) && json_read_end(r, NULL);
}

static void signed_integers_keep_their_range(void **state) {
    (void)state;
    int64_t v = 1;

    assert_true(read_int("-9223372036854775808", &v) && v == INT64_MIN);
    assert_true(read_int("9223372036854775807", &v) && v == INT64_MAX);
    assert_true(read_int("-0", &v) && v == 0);
    assert_false(read_int("-9223372036854775809", &v));
    assert_false(read_int("9223372036854775808", &v));
    assert_false(read_int("1.0", &v));
}

static void nesting_has_a_limit(void **state) {
    (void)state;
    char text[2 * (LIMIT_JSON_DEPTH + 1) + 1] = "";
    for (size_t i = 0; i < LIMIT_JSON_DEPTH; i++) {
        text[i] = '[';
        text[2 * LIMIT_JSON_DEPTH - 1 - i] = ']';
    }
    assert_accepted(text);

    memset(text, '[', LIMIT_JSON_DEPTH + 1);
    assert_refused(text, "json.depth", NULL);
}

static void strings_have_a_limit(void **state) {
    (void)state;
    static char text[6 * LIMIT_JSON_STRING + 16];
    size_t n = 0;
    text[n++] = '"';
    for (size_t i = 0; i < LIMIT_JSON_STRING; i++, n += 6)
        memcpy(text + n, "\\u0041", 6);
    memcpy(text + n, "\"", 2);
    assert_accepted(text);

    memcpy(text + n, "A\"", 3);
    assert_refused(text, "json.string", NULL);
    memset(text, '1', sizeof text - 1);
    assert_refused(text, "json.string", NULL);
}

static void documents_have_a_limit(void **state) {
    (void)state;
    const char *text = "[1, 2]    ";
    for (size_t max = 0; max <= strlen(text); max++) {
        chunks = (Chunks){.data = text, .n = strlen(text), .piece = 3};
        _cleanup_(json_reader_free_at) JsonReader *r =
            json_reader_new((JsonSource){chunks_read, &chunks}, max, NULL);
        CvkErr err = {0};

        bool ok = json_read_skip(r, &err) && json_read_end(r, &err);

        assert_int_equal(ok, max == strlen(text));
        if (!ok)
            assert_string_equal(err.id, "json.size");
    }
}

static void a_broken_source_is_told_as_it_is(void **state) {
    (void)state;
    const char *text = "{\"key\": [\"value\", 1.5, true, \"\\u00e9\xc3\xa9\"]}";
    for (size_t at = 1; at < strlen(text); at++) {
        _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), 1);
        chunks.fail_at = at;
        CvkErr err = {0};

        assert_false(json_read_skip(r, &err) && json_read_end(r, &err));

        assert_string_equal(err.id, "test.source");
    }
}

static void tokens_may_cross_the_window(void **state) {
    (void)state;
    enum { N = 4000, DIGITS = 98 };
    static char text[N * (DIGITS + 4) + 2];
    size_t n = 0, seen = 0;
    text[n++] = '[';
    for (size_t i = 0; i < N; i++, n += DIGITS + 3)
        snprintf(text + n, DIGITS + 4, "\"%0*zu\",", DIGITS, i);
    text[n - 1] = ']';
    _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, n, n);
    bool more = false;

    assert_true(json_read_array(r, NULL));
    while (json_read_more(r, &more, NULL) && more) {
        const char *s;
        size_t length;
        assert_true(json_read_string(r, &s, &length, NULL));
        assert_int_equal(length, DIGITS);
        assert_int_equal(strtoul(s, NULL, 10), seen++);
    }

    assert_int_equal(seen, N);
    assert_true(json_read_end(r, NULL));
}

static void a_caller_can_fail_at_the_last_token(void **state) {
    (void)state;
    const char *text = "[1,\n\"no hex\"]";
    _cleanup_(json_reader_free_at) JsonReader *r = reader_of(text, strlen(text), 64);
    CvkErr err;
    const char *s;
    size_t n;
    bool more;
    assert_true(json_read_array(r, &err) && json_read_more(r, &more, &err) &&
                json_read_skip(r, &err) && json_read_more(r, &more, &err) &&
                json_read_string(r, &s, &n, &err));

    assert_false(json_read_fail(r, &err, CVK_EBADREQ, "test.hex", "'%s' is wrong", s));

    assert_string_equal(err.id, "test.hex");
    assert_string_equal(err.msg, "line 2, column 1 (byte 4): 'no hex' is wrong");
    assert_false(json_read_more(r, &more, &err));
    assert_string_equal(err.id, "test.hex");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_document_is_read_as_asked),
        TEST(escapes_are_decoded),
        TEST(every_plain_byte_is_kept_at_every_offset),
        TEST(what_json_is_not_is_refused),
        TEST(text_that_is_not_unicode_is_refused),
        TEST(what_json_is_is_accepted),
        TEST(errors_name_their_place),
        TEST(a_wrong_type_is_told_where_it_stands),
        TEST(unsigned_integers_keep_their_range),
        TEST(signed_integers_keep_their_range),
        TEST(nesting_has_a_limit),
        TEST(strings_have_a_limit),
        TEST(documents_have_a_limit),
        TEST(a_broken_source_is_told_as_it_is),
        TEST(tokens_may_cross_the_window),
        TEST(a_caller_can_fail_at_the_last_token),
    };
    return cmocka_run_group_tests_name("codec/json_read", tests, NULL, NULL);
}
