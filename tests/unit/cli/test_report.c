#include "cli/report.h"
#include "support/test.h"

static void a_fault_of_a_contribution_names_sub_ceremony_and_power(void **state) {
    (void)state;
    KzgReport r = {
        .verdict = KZG_BAD_G1_POINT, .sub = 1, .index = 17, .point = {.fault = POINT_NOT_IN_GROUP}};
    char text[REPORT_TEXT];

    assert_string_equal(report_kzg(&r, text), "bad_g1_point");

    assert_string_equal(text, "sub-ceremony 2, G1 power 17: is not in the prime-order subgroup");
}

static void a_wrong_count_says_what_was_expected(void **state) {
    (void)state;
    KzgReport r = {.verdict = KZG_WRONG_NUM_G2, .sub = 3, .expected = 65, .got = 64};
    char text[REPORT_TEXT];

    report_kzg(&r, text);

    assert_string_equal(text, "sub-ceremony 4: 64 G2 powers where 65 are expected");
}

static void a_fault_of_the_chain_names_the_contribution(void **state) {
    (void)state;
    TranscriptReport r = {.verdict = TRANSCRIPT_BROKEN_CHAIN, .sub = 0, .entry = 5};
    char text[REPORT_TEXT];

    assert_string_equal(report_transcript(&r, text), "broken_chain");

    assert_string_equal(
        text, "sub-ceremony 1, contribution 5: does not extend the contribution before it");
}

static void bad_powers_of_a_transcript_are_told_in_its_sub_ceremony(void **state) {
    (void)state;
    TranscriptReport r = {.verdict = TRANSCRIPT_BAD_POWERS,
                          .sub = 2,
                          .powers = {.verdict = KZG_G2_PAIRING, .index = 9}};
    char text[REPORT_TEXT];

    assert_string_equal(report_transcript(&r, text), "g2_pairing");

    assert_string_equal(text, "sub-ceremony 3, G2 power 9: is not the power that G1 has there");
}

static void a_trusted_setup_is_told_by_its_lists(void **state) {
    (void)state;
    TrustedSetupReport r = {.verdict = TRUSTED_SETUP_BAD_POWERS,
                            .powers = {.verdict = KZG_G1_PAIRING, .index = 3}};
    char text[REPORT_TEXT];

    assert_string_equal(report_trusted_setup(&r, text), "g1_pairing");

    assert_string_equal(text, "g1_monomial, point 3: does not continue the powers before it");
}

/* Every verdict has an id of its own and a text: nothing is told as an empty line. */
static void every_verdict_has_words(void **state) {
    (void)state;
    char text[REPORT_TEXT];
    for (int v = KZG_VALID; v <= KZG_DUPLICATE_KEY; v++) {
        KzgReport r = {.verdict = (KzgVerdict)v};
        assert_true(strlen(report_kzg(&r, text)) > 0 && strlen(text) > 0);
        assert_int_equal(strcmp(report_kzg(&r, text), "valid") == 0, v == KZG_VALID);
    }
    for (int v = TRANSCRIPT_VALID; v <= TRANSCRIPT_BAD_ECDSA; v++) {
        TranscriptReport r = {.verdict = (TranscriptVerdict)v,
                              .powers = {.verdict = KZG_BAD_G1_POINT}};
        assert_true(strlen(report_transcript(&r, text)) > 0 && strlen(text) > 0);
        assert_int_equal(strcmp(report_transcript(&r, text), "valid") == 0, v == TRANSCRIPT_VALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_fault_of_a_contribution_names_sub_ceremony_and_power),
        TEST(a_wrong_count_says_what_was_expected),
        TEST(a_fault_of_the_chain_names_the_contribution),
        TEST(bad_powers_of_a_transcript_are_told_in_its_sub_ceremony),
        TEST(a_trusted_setup_is_told_by_its_lists),
        TEST(every_verdict_has_words),
    };
    return cmocka_run_group_tests_name("cli/report", tests, NULL, NULL);
}
