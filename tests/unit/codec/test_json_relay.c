#include "codec/json_relay.h"

#include "support/test.h"

static bool copy(const char *text, CvkBuf *to, CvkErr *err) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    __attribute__((cleanup(json_reader_free_at))) JsonReader *r =
        json_reader_new(json_from_memory(&m), 1000, err);
    JsonWriter w = JSON_WRITER(json_to_buf(to), 0);
    return r != NULL && json_relay(r, &w, err) && json_read_end(r, err) && json_finish(&w, err);
}

static void assert_copy(const char *text, const char *expected) {
    CvkErr err;
    _cleanup_buf_ CvkBuf to = CVK_BUF(1000);
    assert_true(copy(text, &to, &err));
    assert_string_equal(cvk_buf_str(&to), expected);
}

static void every_kind_of_value_is_copied(void **state) {
    (void)state;
    assert_copy(" { \"a\" : [ 1 , [ ] , { } , true,false,null ] , \"b\":\"\\u00e9\\/\" } ",
                "{\"a\":[1,[],{},true,false,null],\"b\":\"\xc3\xa9/\"}");
    assert_copy("\"x\"", "\"x\"");
}

static void numbers_stay_as_they_are_written(void **state) {
    (void)state;
    assert_copy("[3.10,1e5,1E+5,-0,0.10000000000000000000000000001,18446744073709551616]",
                "[3.10,1e5,1E+5,-0,0.10000000000000000000000000001,18446744073709551616]");
}

static void the_deepest_that_can_be_read_can_be_written(void **state) {
    (void)state;
    char text[2 * LIMIT_JSON_DEPTH + 3];
    CvkErr err;
    _cleanup_buf_ CvkBuf to = CVK_BUF(1000);
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++) {
        text[i] = '[';
        text[2 * LIMIT_JSON_DEPTH - 1 - i] = ']';
    }
    text[2 * LIMIT_JSON_DEPTH] = '\0';
    assert_copy(text, text);

    memmove(text + 1, text, 2 * LIMIT_JSON_DEPTH);
    text[2 * LIMIT_JSON_DEPTH + 1] = ']';
    text[2 * LIMIT_JSON_DEPTH + 2] = '\0';
    assert_false(copy(text, &to, &err));
    assert_string_equal(err.id, "json.depth");
}

static void what_is_no_json_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"{\"a\"}", "[1,]", "{\"a\":1,}", "[", "tru", "01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CvkErr err;
        _cleanup_buf_ CvkBuf to = CVK_BUF(1000);
        assert_false(copy(bad[i], &to, &err));
        assert_string_equal(err.id, "json.syntax");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_value_is_copied),
        TEST(numbers_stay_as_they_are_written),
        TEST(the_deepest_that_can_be_read_can_be_written),
        TEST(what_is_no_json_is_refused),
    };
    return cmocka_run_group_tests_name("codec json relay", tests, NULL, NULL);
}
