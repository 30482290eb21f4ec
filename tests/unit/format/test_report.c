/* What people are told about a document, and what programs match on. */
#include "format/report.h"
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

static const PointReport bad_point = {.fault = POINT_NOT_ON_CURVE};

/* An id of its own for each verdict, and a sentence. */
static void assert_new(const char *id, const char *text, const char **ids, size_t *n) {
    assert_true(strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(id));
    assert_true(strlen(text) > 10);
    for (size_t i = 0; i < *n; i++)
        assert_string_not_equal(ids[i], id);
    ids[(*n)++] = id;
}

static void every_verdict_has_an_id_of_its_own_and_a_sentence(void **state) {
    (void)state;
    const char *ids[32];
    char text[REPORT_TEXT];
    size_t n = 0;
    for (int v = KZG_VALID + 1; v <= KZG_DUPLICATE_KEY; v++) {
        KzgReport r = {.verdict = (KzgVerdict)v, .point = bad_point};
        assert_new(report_kzg(&r, text), text, ids, &n);
    }
    n = 0;
    for (int v = TRANSCRIPT_VALID + 1; v <= TRANSCRIPT_BAD_ECDSA; v++) {
        TranscriptReport r = {.verdict = (TranscriptVerdict)v,
                              .point = bad_point,
                              .powers = {.verdict = KZG_G1_PAIRING}};
        assert_new(report_transcript(&r, text), text, ids, &n);
    }
    n = 0;
    for (int v = TRUSTED_SETUP_VALID + 1; v <= TRUSTED_SETUP_NOT_LAGRANGE; v++) {
        TrustedSetupReport r = {.verdict = (TrustedSetupVerdict)v,
                                .point = bad_point,
                                .powers = {.verdict = KZG_G1_PAIRING}};
        assert_new(report_trusted_setup(&r, text), text, ids, &n);
    }
}

static void what_is_valid_is_called_so(void **state) {
    (void)state;
    char text[REPORT_TEXT];
    assert_string_equal(report_kzg(&(KzgReport){0}, text), "valid");
    assert_string_equal(report_transcript(&(TranscriptReport){0}, text), "valid");
    assert_string_equal(report_trusted_setup(&(TrustedSetupReport){0}, text), "valid");
    assert_string_equal(text, "valid");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_fault_of_a_contribution_names_sub_ceremony_and_power),
        TEST(a_wrong_count_says_what_was_expected),
        TEST(a_fault_of_the_chain_names_the_contribution),
        TEST(bad_powers_of_a_transcript_are_told_in_its_sub_ceremony),
        TEST(a_trusted_setup_is_told_by_its_lists),
        TEST(every_verdict_has_an_id_of_its_own_and_a_sentence),
        TEST(what_is_valid_is_called_so),
    };
    return cmocka_run_group_tests_name("format/report", tests, NULL, NULL);
}
