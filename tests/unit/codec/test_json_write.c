#include "codec/json_write.h"
#include "support/test.h"

static void write_document(JsonWriter *w) {
    static const uint8_t bytes[] = {0x00, 0xab, 0xff};
    json_object_begin(w);
    json_put_key(w, "n");
    json_put_uint(w, UINT64_MAX);
    json_put_key(w, "none");
    json_array_begin(w);
    json_array_end(w);
    json_put_key(w, "list");
    json_array_begin(w);
    json_put_int(w, INT64_MIN);
    json_object_begin(w);
    json_object_end(w);
    json_put_hex(w, bytes, sizeof bytes);
    json_put_bool(w, false);
    json_put_null(w);
    json_array_end(w);
    json_object_end(w);
}

static void assert_written(unsigned indent, const char *expected) {
    CvkBuf out = CVK_BUF(4096);
    JsonWriter w = JSON_WRITER(json_to_buf(&out), indent);

    write_document(&w);
    assert_true(json_finish(&w, NULL));

    assert_string_equal(cvk_buf_str(&out), expected);
    cvk_buf_done(&out);
}

static void compact_has_no_spaces(void **state) {
    (void)state;
    assert_written(0, "{\"n\":18446744073709551615,\"none\":[],\"list\":[-9223372036854775808,{},"
                      "\"0x00abff\",false,null]}");
}

static void pretty_has_an_item_a_line(void **state) {
    (void)state;
    assert_written(2,
                   "{\n  \"n\": 18446744073709551615,\n  \"none\": [],\n  \"list\": [\n"
                   "    -9223372036854775808,\n    {},\n    \"0x00abff\",\n    false,\n    null\n"
                   "  ]\n}");
    assert_written(4, "{\n    \"n\": 18446744073709551615,\n    \"none\": [],\n    \"list\": [\n"
                      "        -9223372036854775808,\n        {},\n        \"0x00abff\",\n"
                      "        false,\n        null\n    ]\n}");
}

static void assert_string_written(const char *s, size_t n, const char *expected) {
    CvkBuf out = CVK_BUF(4096);
    JsonWriter w = JSON_WRITER(json_to_buf(&out), 0);

    json_put_strn(&w, s, n);
    assert_true(json_finish(&w, NULL));

    assert_string_equal(cvk_buf_str(&out), expected);
    cvk_buf_done(&out);
}

static void strings_are_escaped(void **state) {
    (void)state;
    assert_string_written("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
    assert_string_written("\b\f\n\r\t\x01\x1f\x7f", 8, "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    assert_string_written("a\0b", 3, "\"a\\u0000b\"");
    assert_string_written("\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\"");
}

static void bytes_that_are_no_text_become_a_replacement(void **state) {
    (void)state;
    assert_string_written("a\xff"
                          "b\xe2\x82",
                          5,
                          "\"a\xef\xbf\xbd"
                          "b\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void a_large_value_is_written_whole(void **state) {
    (void)state;
    static uint8_t bytes[10000];
    memset(bytes, 0x5a, sizeof bytes);
    CvkBuf out = CVK_BUF(1 << 20);
    JsonWriter w = JSON_WRITER(json_to_buf(&out), 0);

    json_array_begin(&w);
    json_put_hex(&w, bytes, sizeof bytes);
    json_array_end(&w);
    assert_true(json_finish(&w, NULL));

    assert_int_equal(out.n, 2 * sizeof bytes + 6);
    assert_memory_equal(out.data, "[\"0x5a5a", 8);
    assert_memory_equal(out.data + out.n - 4, "5a\"]", 4);
    cvk_buf_done(&out);
}

static void a_full_sink_is_told_at_the_end(void **state) {
    (void)state;
    CvkBuf out = CVK_BUF(5000);
    JsonWriter w = JSON_WRITER(json_to_buf(&out), 2);
    CvkErr err;

    json_array_begin(&w);
    for (int i = 0; i < 5000; i++)
        json_put_int(&w, i);
    json_array_end(&w);

    assert_false(json_finish(&w, &err));
    assert_string_equal(err.id, "limit.buffer");
    cvk_buf_done(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(compact_has_no_spaces),
        TEST(pretty_has_an_item_a_line),
        TEST(strings_are_escaped),
        TEST(bytes_that_are_no_text_become_a_replacement),
        TEST(a_large_value_is_written_whole),
        TEST(a_full_sink_is_told_at_the_end),
    };
    return cmocka_run_group_tests_name("codec/json_write", tests, NULL, NULL);
}
