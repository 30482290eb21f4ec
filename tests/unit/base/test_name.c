#include "base/name.h"
#include "support/test.h"

static void a_name_has_letters_digits_hyphens_and_underscores(void **state) {
    (void)state;
    assert_true(cvk_name_ok(CVK_NAME_CHARS, 64));
    assert_true(cvk_name_ok("-", 1));
}

static void anything_else_is_no_name(void **state) {
    (void)state;
    static const char *const none[] = {"a b", "a.b", "a/b", "\xc3\xa4", "a\n", " a"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(cvk_name_ok(none[i], 64));
}

static void a_name_is_neither_empty_nor_too_long(void **state) {
    (void)state;
    assert_false(cvk_name_ok("", 3));
    assert_true(cvk_name_ok("abc", 3));
    assert_false(cvk_name_ok("abcd", 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_name_has_letters_digits_hyphens_and_underscores),
        TEST(anything_else_is_no_name),
        TEST(a_name_is_neither_empty_nor_too_long),
    };
    return cmocka_run_group_tests_name("base/name", tests, NULL, NULL);
}
