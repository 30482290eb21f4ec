#include "format/csv.h"
#include "support/test.h"

static void assert_field(const char *text, size_t n, const char *expected) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(256);
    CvkErr err;

    assert_true(csv_add_text(&b, text, n, &err));

    assert_string_equal(cvk_buf_str(&b), expected);
}

static void assert_text(const char *text, const char *expected) {
    assert_field(text, strlen(text), expected);
}

static void plain_text_stands_as_it_is(void **state) {
    (void)state;
    assert_text("GPU", "GPU");
    assert_text("3.1-GPU", "3.1-GPU");
    assert_text(" a b ", " a b ");
    assert_text("it's", "it's");
    assert_text("\xc3\xa9", "\xc3\xa9");
}

static void what_would_end_a_field_is_quoted(void **state) {
    (void)state;
    assert_text("a,b", "\"a,b\"");
    assert_text("\"", "\"\"\"\"");
    assert_text("say \"a\" and \"b\"", "\"say \"\"a\"\" and \"\"b\"\"\"");
    assert_text("one\ntwo", "\"one\ntwo\"");
    assert_text("one\r\ntwo", "\"one\r\ntwo\"");
}

static void empty_text_is_not_an_empty_field(void **state) {
    (void)state;
    assert_text("", "\"\"");
}

static void formulas_are_disarmed(void **state) {
    (void)state;
    assert_text("=1+1", "'=1+1");
    assert_text("+1", "'+1");
    assert_text("-1", "'-1");
    assert_text("@SUM(A1)", "'@SUM(A1)");
    assert_text("\tx", "'\tx");
    assert_text("\rx", "\"'\rx\"");
    assert_text("=HYPERLINK(\"a\",\"b\")", "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\"");
    assert_text("a=1", "a=1");
}

static void a_full_buffer_is_an_error(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf b = CVK_BUF(4);
    CvkErr err;

    assert_false(csv_add_text(&b, "\"\"\"", 3, &err));

    assert_string_equal(err.id, "limit.buffer");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(plain_text_stands_as_it_is),       TEST(what_would_end_a_field_is_quoted),
        TEST(empty_text_is_not_an_empty_field), TEST(formulas_are_disarmed),
        TEST(a_full_buffer_is_an_error),
    };
    return cmocka_run_group_tests_name("format/csv", tests, NULL, NULL);
}
