#include "base/err.h"
#include "support/test.h"

#include <errno.h>

static void a_failure_carries_code_id_and_message(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};

    bool ok = cvk_fail(&err, CVK_ELIMIT, "body.big", "%d bytes are too many", 7);

    assert_false(ok);
    assert_int_equal(err.code, CVK_ELIMIT);
    assert_string_equal(err.id, "body.big");
    assert_string_equal(err.msg, "7 bytes are too many");
}

static void nobody_has_to_ask_for_the_error(void **state) {
    (void)state;
    assert_false(cvk_fail(NULL, CVK_ELIMIT, "x", "y"));
    assert_false(cvk_fail_errno(NULL, "x", "y"));
    assert_false(cvk_fail_prefix(NULL, "y"));
}

static void a_failed_system_call_says_why(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};

    errno = ENOENT;
    assert_false(cvk_fail_errno(&err, "file.open", "cannot open '%s'", "a"));

    assert_int_equal(err.code, CVK_EBACKEND);
    assert_string_equal(err.id, "file.open");
    assert_string_equal(err.msg, "cannot open 'a': No such file or directory");
}

static void a_prefix_goes_before_what_was_said(void **state) {
    (void)state;
    CvkErr err;
    cvk_fail(&err, CVK_EBADREQ, "json.depth", "too deep");

    assert_false(cvk_fail_prefix(&err, "'%s' line %d", "a.json", 3));

    assert_int_equal(err.code, CVK_EBADREQ);
    assert_string_equal(err.id, "json.depth");
    assert_string_equal(err.msg, "'a.json' line 3: too deep");
}

static void a_message_may_quote_the_one_before(void **state) {
    (void)state;
    CvkErr err;
    cvk_fail(&err, CVK_EBADREQ, "a", "first");

    cvk_fail(&err, CVK_EINTERNAL, "b", "second after (%s)", err.msg);
    assert_string_equal(err.msg, "second after (first)");

    cvk_fail_prefix(&err, "third (%s)", err.msg);
    assert_string_equal(err.msg, "third (second after (first)): second after (first)");
}

static void too_long_a_message_is_cut_not_overrun(void **state) {
    (void)state;
    CvkErr err;
    char text[2 * CVK_ERR_MSG_MAX];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';

    cvk_fail(&err, CVK_EBADREQ, "a", "%s", text);
    assert_int_equal(strlen(err.msg), CVK_ERR_MSG_MAX - 1);

    errno = EIO;
    cvk_fail_errno(&err, "a", "%s", text);
    assert_int_equal(strlen(err.msg), CVK_ERR_MSG_MAX - 1);

    cvk_fail_prefix(&err, "%s", text);
    assert_int_equal(strlen(err.msg), CVK_ERR_MSG_MAX - 1);
}

static void a_cut_leaves_no_half_character(void **state) {
    (void)state;
    CvkErr err;
    char text[CVK_ERR_MSG_MAX];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';

    cvk_fail(&err, CVK_EBADREQ, "a", "%.*s\xe2\x82\xac", CVK_ERR_MSG_MAX - 3, text);

    assert_int_equal(strlen(err.msg), CVK_ERR_MSG_MAX - 3);
    assert_int_equal(err.msg[CVK_ERR_MSG_MAX - 4], 'x');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_failure_carries_code_id_and_message), TEST(nobody_has_to_ask_for_the_error),
        TEST(a_failed_system_call_says_why),         TEST(a_prefix_goes_before_what_was_said),
        TEST(a_message_may_quote_the_one_before),    TEST(too_long_a_message_is_cut_not_overrun),
        TEST(a_cut_leaves_no_half_character),
    };
    return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
