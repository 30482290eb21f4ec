#include "codec/utf8.h"
#include "support/test.h"

static void assert_clean(const char *text, const char *expected) {
    _cleanup_buf_ CvkBuf scratch = CVK_BUF(256);
    CvkErr err;

    const char *got = utf8_clean(text, &scratch, &err);

    assert_non_null(got);
    assert_string_equal(got, expected);
    assert_true((got == text) == (strcmp(text, expected) == 0)); /* copied only if it must be */
}

static void text_that_is_unicode_is_left_alone(void **state) {
    (void)state;
    assert_clean("", "");
    assert_clean("plain", "plain");
    assert_clean("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8c\x8d",
                 "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8c\x8d");
}

#define BAD "\xef\xbf\xbd"

static void each_byte_that_does_not_fit_is_replaced(void **state) {
    (void)state;
    assert_clean("\xff", BAD);
    assert_clean("a\x80z", "a" BAD "z");
    assert_clean("\xe2\x82", BAD BAD);                    /* cut off */
    assert_clean("\xed\xa0\x80", BAD BAD BAD);            /* a surrogate */
    assert_clean("\xc0\xaf\xc3\xa9", BAD BAD "\xc3\xa9"); /* overlong; what follows stays */
}

static void a_scratch_buffer_may_be_used_again(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf scratch = CVK_BUF(256);
    CvkErr err;
    assert_string_equal(utf8_clean("long\xff", &scratch, &err), "long" BAD);

    assert_string_equal(utf8_clean("\xff", &scratch, &err), BAD);
}

static void a_copy_that_does_not_fit_is_an_error(void **state) {
    (void)state;
    _cleanup_buf_ CvkBuf scratch = CVK_BUF(2);
    CvkErr err;

    assert_null(utf8_clean("\xff", &scratch, &err));

    assert_string_equal(err.id, "limit.buffer");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(text_that_is_unicode_is_left_alone),
        TEST(each_byte_that_does_not_fit_is_replaced),
        TEST(a_scratch_buffer_may_be_used_again),
        TEST(a_copy_that_does_not_fit_is_an_error),
    };
    return cmocka_run_group_tests_name("codec/utf8", tests, NULL, NULL);
}
