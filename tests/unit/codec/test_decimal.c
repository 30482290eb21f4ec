#include "codec/decimal.h"
#include "support/test.h"

static void a_number_comes_back_whatever_its_length(void **state) {
    (void)state;
    uint8_t be[DECIMAL_BYTES_MAX], back[DECIMAL_BYTES_MAX];
    char text[DECIMAL_TEXT_MAX];
    for (size_t n = 0; n <= sizeof be; n++) {
        memset(be, 0, sizeof be);
        memset(be + sizeof be - n, 0xff - (int)n, n);

        decimal_text(be, sizeof be, text);

        assert_true(decimal_parse(text, strlen(text), back, sizeof back));
        assert_memory_equal(back, be, sizeof be);
    }
}

static void known_numbers_have_their_digits(void **state) {
    (void)state;
    static const struct {
        uint8_t be[8];
        const char *text;
    } known[] = {
        {{0}, "0"},
        {{0, 0, 0, 0, 0, 0, 0, 10}, "10"},
        {{0, 0, 0, 0, 0x3b, 0x9a, 0xca, 0x00}, "1000000000"},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "18446744073709551615"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[DECIMAL_TEXT_MAX];
        uint8_t back[8];

        decimal_text(known[i].be, 8, text);

        assert_string_equal(text, known[i].text);
        assert_true(decimal_parse(text, strlen(text), back, 8));
        assert_memory_equal(back, known[i].be, 8);
    }
}

static void the_largest_number_has_155_digits(void **state) {
    (void)state;
    uint8_t be[DECIMAL_BYTES_MAX];
    char text[DECIMAL_TEXT_MAX];
    memset(be, 0xff, sizeof be);

    decimal_text(be, sizeof be, text);

    assert_int_equal(strlen(text), 155);
    assert_int_equal(strncmp(text, "134078079299425970995740249982058461274793658205923933", 54),
                     0);
}

static void a_number_that_does_not_fit_is_refused(void **state) {
    (void)state;
    uint8_t be[8];

    assert_true(decimal_parse("18446744073709551615", 20, be, 8));
    assert_false(decimal_parse("18446744073709551616", 20, be, 8));
    assert_false(decimal_parse("99999999999999999999", 20, be, 8));
    assert_false(decimal_parse("4294967296", 10, be, 4));
}

static void only_one_way_of_writing_is_read(void **state) {
    (void)state;
    static const char *const bad[] = {"",   "00",  "01", "-1",  "+1",   " 1",      "1 ",
                                      "1.", "1e3", "0x", "0xf", "1\n2", "\xc2\xb2"};
    uint8_t be[8];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(decimal_parse(bad[i], strlen(bad[i]), be, sizeof be));
    assert_false(decimal_parse("1\0", 2, be, sizeof be));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_number_comes_back_whatever_its_length), TEST(known_numbers_have_their_digits),
        TEST(the_largest_number_has_155_digits),       TEST(a_number_that_does_not_fit_is_refused),
        TEST(only_one_way_of_writing_is_read),
    };
    return cmocka_run_group_tests_name("codec/decimal", tests, NULL, NULL);
}
