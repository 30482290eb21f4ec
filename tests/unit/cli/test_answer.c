#include "cli/answer.h"
#include "support/test.h"

#include <unistd.h>

/* What `print` writes to standard output. */
static const char *caught(int (*print)(void), int expected) {
    static char text[4096];
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    FILE *to = tmpfile();
    assert_non_null(to);
    assert_true(dup2(fileno(to), STDOUT_FILENO) >= 0);
    int code = print();
    fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    rewind(to);
    size_t n = fread(text, 1, sizeof text - 1, to);
    text[n] = '\0';
    fclose(to);
    assert_int_equal(code, expected);
    return text;
}

static Verdict some_fault(void) {
    Verdict v = {.valid = true, .section = 2, .offset = 1234, .contribution = 3};
    verdict_refuse(&v, "point.infinity", "tauG1[%d] is infinity", 17);
    return v;
}

static int print_valid(void) {
    return answer_verdict(&(Answer){"a.ptau", "ptau", true}, &(Verdict){.valid = true});
}

static int print_fault(void) {
    Verdict v = some_fault();
    return answer_verdict(&(Answer){"a.ptau", "ptau", true}, &v);
}

static int print_fault_for_people(void) {
    Verdict v = some_fault();
    return answer_verdict(&(Answer){"a.ptau", "ptau", false}, &v);
}

static int print_unusable(void) {
    CvkErr err;
    cvk_fail(&err, CVK_EBADREQ, "section.short", "it ends too early");
    return answer_error(&(Answer){"a.ptau", "ptau", true}, &err);
}

static void an_answer_is_one_line_of_json(void **state) {
    (void)state;
    assert_string_equal(caught(print_valid, EXIT_DONE),
                        "{\"file\":\"a.ptau\",\"kind\":\"ptau\",\"verdict\":\"valid\","
                        "\"id\":\"valid\",\"message\":\"valid\"}\n");
    assert_string_equal(caught(print_fault, EXIT_INVALID),
                        "{\"file\":\"a.ptau\",\"kind\":\"ptau\",\"verdict\":\"invalid\","
                        "\"id\":\"point.infinity\",\"message\":\"tauG1[17] is infinity\","
                        "\"section\":2,\"offset\":1234,\"contribution\":3}\n");
    assert_string_equal(caught(print_unusable, EXIT_UNUSABLE),
                        "{\"file\":\"a.ptau\",\"kind\":\"ptau\",\"verdict\":\"unusable\","
                        "\"id\":\"section.short\",\"message\":\"it ends too early\"}\n");
}

static void people_read_file_and_reason(void **state) {
    (void)state;
    assert_string_equal(caught(print_fault_for_people, EXIT_INVALID),
                        "a.ptau: INVALID: tauG1[17] is infinity\n");
}

static void the_first_reason_counts(void **state) {
    (void)state;
    Verdict v = some_fault();

    assert_false(verdict_refuse(&v, "other", "something else"));

    assert_string_equal(v.id, "point.infinity");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_answer_is_one_line_of_json),
        TEST(people_read_file_and_reason),
        TEST(the_first_reason_counts),
    };
    return cmocka_run_group_tests_name("cli/answer", tests, NULL, NULL);
}
