#include "format/openings.h"
#include "support/test.h"

#include "base/buf.h"

static bool read_text(const char *text, Opening **ret, size_t *ret_n, CvkErr *err) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    return openings_read(json_from_memory(&m), ret, ret_n, err);
}

static void openings_come_back(void **state) {
    (void)state;
    Opening some[2] = {{.participant = 1, .identity = "git|1|a"},
                       {.participant = 7, .identity = "eth|0xaa"}};
    CvkBuf b = CVK_BUF(4096);
    Opening *all;
    size_t n;
    memset(some[1].salt, 0xab, sizeof some[1].salt);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 2);
    json_array_begin(&w);
    opening_write(&w, &some[0]);
    opening_write(&w, &some[1]);
    json_array_end(&w);
    assert_true(json_finish(&w, NULL));

    assert_true(read_text(b.data, &all, &n, NULL));

    assert_int_equal(n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(all[i].participant, some[i].participant);
        assert_string_equal(all[i].identity, some[i].identity);
        assert_memory_equal(all[i].salt, some[i].salt, sizeof all[i].salt);
    }
    free(all);
    cvk_buf_done(&b);
}

static void an_opening_is_found_by_its_number(void **state) {
    (void)state;
    Opening all[9];
    for (size_t n = 0; n <= 9; n++) {
        for (size_t i = 0; i < n; i++)
            all[i] = (Opening){.participant = 2 * i + 2};
        for (uint64_t number = 0; number <= 2 * n + 3; number++) {
            const Opening *found = openings_find(all, n, number);
            if (number % 2 == 0 && number >= 2 && number <= 2 * n)
                assert_ptr_equal(found, &all[number / 2 - 1]);
            else
                assert_null(found);
        }
    }
}

#define SALT "0xabababababababababababababababababababababababababababababababab"
#define ONE(number) "{\"participant\":" number ",\"identity\":\"a\",\"salt\":\"" SALT "\"}"

static void assert_refused(const char *text, const char *id) {
    Opening *all;
    size_t n;
    CvkErr err = {.id = "no error"};
    assert_false(read_text(text, &all, &n, &err));
    assert_string_equal(err.id, id);
}

static void malformed_lists_are_refused(void **state) {
    (void)state;
    assert_refused("", "json.syntax");
    assert_refused("{}", "json.type");
    assert_refused("[" ONE("1") "," ONE("1") "]", "doc.field");
    assert_refused("[" ONE("2") "," ONE("1") "]", "doc.field");
    assert_refused("[" ONE("0") "]", "doc.field");
    assert_refused("[" ONE("-1") "]", "json.type");
    assert_refused("[{\"participant\":1,\"identity\":\"a\"}]", "doc.field");
    assert_refused("[{\"participant\":1,\"identity\":\"a\",\"salt\":\"0x00\"}]", "doc.hex");
    assert_refused("[" ONE("1") "] x", "json.syntax");
}

static void a_list_may_be_empty(void **state) {
    (void)state;
    Opening *all;
    size_t n;
    assert_true(read_text("[]", &all, &n, NULL));
    assert_int_equal(n, 0);
    free(all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(openings_come_back),
        TEST(an_opening_is_found_by_its_number),
        TEST(malformed_lists_are_refused),
        TEST(a_list_may_be_empty),
    };
    return cmocka_run_group_tests_name("format/openings", tests, NULL, NULL);
}
