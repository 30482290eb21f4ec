#include "base/buf.h"
#include "support/test.h"

static void what_is_added_is_held_and_ends_in_a_zero_byte(void **state) {
    (void)state;
    CvkErr err;
    _cleanup_buf_ CvkBuf b = CVK_BUF(100);

    assert_true(cvk_buf_add(&b, "a\0b", 3, &err));
    assert_true(cvk_buf_add_str(&b, "cd", &err));
    assert_true(cvk_buf_add_fmt(&b, &err, "-%d-%s", 7, "x"));

    assert_int_equal(b.n, 9);
    assert_memory_equal(b.data, "a\0bcd-7-x", 10);
}

static void an_empty_buffer_reads_as_empty_text(void **state) {
    (void)state;
    CvkErr err;
    _cleanup_buf_ CvkBuf b = CVK_BUF(10);

    assert_string_equal(cvk_buf_str(&b), "");
    assert_null(cvk_buf_take(&b));
    assert_true(cvk_buf_add(&b, NULL, 0, &err));
    assert_string_equal(cvk_buf_str(&b), "");
}

static void it_holds_exactly_its_cap(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};
    _cleanup_buf_ CvkBuf b = CVK_BUF(5);

    assert_true(cvk_buf_add(&b, "12345", 5, &err));

    assert_false(cvk_buf_add(&b, "6", 1, &err));
    assert_int_equal(err.code, CVK_ELIMIT);
    assert_string_equal(err.id, "limit.buffer");
    assert_string_equal(cvk_buf_str(&b), "12345");
}

static void formatting_past_the_cap_changes_nothing(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};
    _cleanup_buf_ CvkBuf b = CVK_BUF(5);
    assert_true(cvk_buf_add_str(&b, "123", &err));

    assert_false(cvk_buf_add_fmt(&b, &err, "%s", "456"));

    assert_int_equal(err.code, CVK_ELIMIT);
    assert_int_equal(b.n, 3);
    assert_string_equal(cvk_buf_str(&b), "123");
}

static void memory_never_exceeds_the_cap_and_the_zero_byte(void **state) {
    (void)state;
    CvkErr err;
    _cleanup_buf_ CvkBuf b = CVK_BUF(1000);

    while (b.n < 1000)
        assert_true(cvk_buf_add(&b, "x", 1, &err));

    assert_true(b.cap <= 1001);
}

static void an_absurd_length_is_a_limit_and_no_overflow(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};
    _cleanup_buf_ CvkBuf b = CVK_BUF(SIZE_MAX);
    assert_true(cvk_buf_add(&b, "x", 1, &err));

    assert_false(cvk_buf_add(&b, "y", SIZE_MAX - 1, &err));

    assert_int_equal(err.code, CVK_ELIMIT);
    assert_string_equal(cvk_buf_str(&b), "x");
}

static void what_is_taken_belongs_to_the_taker(void **state) {
    (void)state;
    CvkErr err;
    _cleanup_buf_ CvkBuf b = CVK_BUF(10);
    assert_true(cvk_buf_add_str(&b, "abc", &err));

    char *taken = cvk_buf_take(&b);

    assert_string_equal(taken, "abc");
    assert_int_equal(b.n, 0);
    assert_true(cvk_buf_add_str(&b, "d", &err));
    assert_string_equal(cvk_buf_str(&b), "d");
    assert_string_equal(taken, "abc");
    free(taken);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_added_is_held_and_ends_in_a_zero_byte),
        TEST(an_empty_buffer_reads_as_empty_text),
        TEST(it_holds_exactly_its_cap),
        TEST(formatting_past_the_cap_changes_nothing),
        TEST(memory_never_exceeds_the_cap_and_the_zero_byte),
        TEST(an_absurd_length_is_a_limit_and_no_overflow),
        TEST(what_is_taken_belongs_to_the_taker),
    };
    return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
