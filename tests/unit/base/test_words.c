#include "base/words.h"
#include "support/test.h"

static const char *const fruit[] = {"apple", "pear", "plum"};

static void a_word_is_found_by_its_place(void **state) {
    (void)state;
    size_t at = 9;
    CvkErr err;

    assert_true(cvk_words_find("--fruit", "pear", fruit, 3, &at, &err));

    assert_int_equal(at, 1);
}

static void another_word_is_told_all_that_there_are(void **state) {
    (void)state;
    static const char *const others[] = {"", "pea", "pears", "PEAR"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char want[80];
        size_t at = 9;
        CvkErr err;
        assert_false(cvk_words_find("--fruit", others[i], fruit, 3, &at, &err));
        snprintf(want, sizeof want, "--fruit is one of apple, pear, plum, not '%s'", others[i]);
        assert_string_equal(err.msg, want);
        assert_string_equal(err.id, "usage.value");
        assert_int_equal(at, 9);
    }
}

/* Words of 7 bytes, with ", " between. */
static void words_that_do_not_fit_are_left_out(void **state) {
    (void)state;
    const char *words[64];
    char all[CVK_WORDS_TEXT];
    for (size_t i = 0; i < 64; i++)
        words[i] = "abcdefg";
    for (size_t n = 0; n < 64; n++) {
        cvk_words(words, n, all);
        size_t length = n == 0 ? 0 : 9 * n - 2;
        if (length < CVK_WORDS_TEXT)
            assert_int_equal(strlen(all), length);
        else
            assert_string_equal(all + strlen(all) - 5, ", ...");
    }
}

static void a_word_that_is_too_long_alone_is_left_out(void **state) {
    (void)state;
    char word[CVK_WORDS_TEXT + 1], all[CVK_WORDS_TEXT];
    const char *const words[] = {word};
    memset(word, 'a', CVK_WORDS_TEXT);
    word[CVK_WORDS_TEXT] = '\0';
    assert_string_equal(cvk_words(words, 1, all), "...");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_word_is_found_by_its_place),
        TEST(another_word_is_told_all_that_there_are),
        TEST(words_that_do_not_fit_are_left_out),
        TEST(a_word_that_is_too_long_alone_is_left_out),
    };
    return cmocka_run_group_tests_name("base/words", tests, NULL, NULL);
}
