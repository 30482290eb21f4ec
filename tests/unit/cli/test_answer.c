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

#define FILE_AT_FAULT "a.ptau"

static Answer answer_of(bool json) {
    return (Answer){.file = "a.ptau", .kind = "ptau", .json = json};
}

static Verdict some_fault(void) {
    Verdict v = {.valid = true, .contribution = 3};
    const CvkPlace place = cvk_place_at(FILE_AT_FAULT, 2, 1234);
    verdict_refuse_at(&v, &place, "point.infinity", "tauG1[%d] is infinity", 17);
    return v;
}

static int print_valid(void) {
    const Answer a = answer_of(true);
    return answer_verdict(&a, &(Verdict){.valid = true});
}

static int print_fault(void) {
    const Answer a = answer_of(true);
    Verdict v = some_fault();
    return answer_verdict(&a, &v);
}

static int print_fault_for_people(void) {
    const Answer a = answer_of(false);
    Verdict v = some_fault();
    return answer_verdict(&a, &v);
}

static int print_unusable(void) {
    const Answer a = answer_of(true);
    CvkErr err;
    cvk_fail(&err, CVK_EBADREQ, "section.short", "it ends too early");
    return answer_error(&a, &err);
}

static void an_answer_is_one_line_of_json(void **state) {
    (void)state;
    assert_string_equal(caught(print_valid, EXIT_DONE),
                        "{\"file\":\"a.ptau\",\"kind\":\"ptau\",\"verdict\":\"valid\","
                        "\"id\":\"valid\",\"message\":\"valid\"}\n");
    assert_string_equal(
        caught(print_fault, EXIT_INVALID),
        "{\"file\":\"a.ptau\",\"kind\":\"ptau\",\"verdict\":\"invalid\","
        "\"id\":\"point.infinity\",\"message\":\"tauG1[17] is infinity (section 2, offset 1234)\","
        "\"section\":2,\"offset\":1234,\"contribution\":3}\n");
    assert_string_equal(caught(print_unusable, EXIT_UNUSABLE),
                        "{\"file\":\"a.ptau\",\"kind\":\"ptau\",\"verdict\":\"unusable\","
                        "\"id\":\"section.short\",\"message\":\"it ends too early\"}\n");
}

static void people_read_file_and_reason(void **state) {
    (void)state;
    assert_string_equal(caught(print_fault_for_people, EXIT_INVALID),
                        "a.ptau: INVALID: tauG1[17] is infinity (section 2, offset 1234)\n");
}

/* A command that makes a.ptau from in.ptau and a circuit. */
static int print_fault_of_another(void) {
    const Answer a = {.file = "a.ptau",
                      .kind = "ptau",
                      .json = true,
                      .others = {{"in.ptau", "ptau"}, {"c.r1cs", "r1cs"}}};
    const CvkPlace place = cvk_place_at("c.r1cs", 3, 64);
    CvkErr err;
    cvk_fail(&err, CVK_EBADREQ, "r1cs.wire", "no such wire");
    cvk_fail_at(&err, &place);
    return answer_error(&a, &err);
}

static int print_fault_of_another_for_people(void) {
    const Answer a = {.file = "a.zkey", .kind = "zkey", .others = {{FILE_AT_FAULT, "ptau"}}};
    const Verdict v = some_fault();
    return answer_verdict(&a, &v);
}

static void a_fault_names_the_file_that_it_is_in(void **state) {
    (void)state;
    assert_string_equal(caught(print_fault_of_another, EXIT_UNUSABLE),
                        "{\"file\":\"c.r1cs\",\"kind\":\"r1cs\",\"verdict\":\"unusable\","
                        "\"id\":\"r1cs.wire\",\"message\":\"no such wire\",\"section\":3,"
                        "\"offset\":64}\n");
    assert_string_equal(caught(print_fault_of_another_for_people, EXIT_INVALID),
                        "a.ptau: INVALID: tauG1[17] is infinity (section 2, offset 1234)\n");
}

static char long_path[1000];

static int print_fault_far_away(void) {
    const Answer a = {.file = "a.ptau", .kind = "ptau", .others = {{long_path, "ptau"}}};
    const CvkPlace place = cvk_place(long_path);
    Verdict v = {.valid = true};
    verdict_refuse_at(&v, &place, "a", "no");
    return answer_verdict(&a, &v);
}

static void a_long_path_is_told_as_it_was_given(void **state) {
    (void)state;
    char expected[sizeof long_path + 20];
    memset(long_path, 'd', sizeof long_path - 1);

    const char *got = caught(print_fault_far_away, EXIT_INVALID);

    snprintf(expected, sizeof expected, "%s: INVALID: no\n", long_path);
    assert_string_equal(got, expected);
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
        TEST(a_fault_names_the_file_that_it_is_in),
        TEST(a_long_path_is_told_as_it_was_given),
        TEST(the_first_reason_counts),
    };
    return cmocka_run_group_tests_name("cli/answer", tests, NULL, NULL);
}
