#include "base/hex.h"
#include "support/test.h"

static void every_byte_survives_a_round_trip(void **state) {
    (void)state;
    uint8_t bytes[256], again[256];
    char text[2 * sizeof bytes + 1];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;

    cvk_hex_encode(bytes, sizeof bytes, text);

    assert_int_equal(strlen(text), 2 * sizeof bytes);
    assert_memory_equal(text, "000102", 6);
    assert_memory_equal(text + 508, "feff", 4);
    assert_true(cvk_hex_decode(text, sizeof bytes, again));
    assert_memory_equal(again, bytes, sizeof bytes);
}

static void only_lower_case_digits_decode(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        uint8_t byte;
        const char first[2] = {(char)c, '0'}, second[2] = {'0', (char)c};
        bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

        assert_int_equal(cvk_hex_decode(first, 1, &byte), is_digit);
        assert_int_equal(cvk_hex_decode(second, 1, &byte), is_digit);
    }
}

static void pasted_text_may_be_in_either_case(void **state) {
    (void)state;
    uint8_t bytes[2];

    assert_true(cvk_hex_parse("0xaBCd", 2, bytes));
    assert_memory_equal(bytes, "\xab\xcd", 2);
    assert_true(cvk_hex_parse("0Xabcd", 2, bytes));
}

static void pasted_text_of_any_other_form_is_refused(void **state) {
    (void)state;
    const char *const wrong[] = {"",       "0x",   "0xabc",  "0xabcde", "0xabcd ",
                                 " xabcd", "abcd", "1xabcd", "0xabcg",  "0xab\ncd"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t bytes[2];
        assert_false(cvk_hex_parse(wrong[i], 2, bytes));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_byte_survives_a_round_trip),
        TEST(only_lower_case_digits_decode),
        TEST(pasted_text_may_be_in_either_case),
        TEST(pasted_text_of_any_other_form_is_refused),
    };
    return cmocka_run_group_tests_name("base/hex", tests, NULL, NULL);
}
