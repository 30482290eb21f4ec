/* What people are told about a document, and what programs match on. */
#include "format/report.h"
#include "support/test.h"

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

static void sub_ceremonies_are_counted_from_one_and_powers_from_zero(void **state) {
    (void)state;
    char text[REPORT_TEXT];
    report_kzg(&(KzgReport){.verdict = KZG_G1_PAIRING, .sub = 1, .index = 17}, text);
    assert_string_equal(text,
                        "sub-ceremony 2, G1 power 17: does not continue the powers before it");
    report_kzg(&(KzgReport){.verdict = KZG_BAD_PUBKEY_POINT, .point = bad_point}, text);
    assert_string_equal(text, "sub-ceremony 1: the public key is not on the curve");
    report_transcript(&(TranscriptReport){.verdict = TRANSCRIPT_BROKEN_CHAIN, .sub = 1, .entry = 3},
                      text);
    assert_string_equal(
        text, "sub-ceremony 2, contribution 3: does not extend the contribution before it");
}

/* The report of the powers does not know which sub-setup they are. */
static void bad_powers_of_a_transcript_are_told_with_its_sub_ceremony(void **state) {
    (void)state;
    char text[REPORT_TEXT];
    TranscriptReport r = {.verdict = TRANSCRIPT_BAD_POWERS,
                          .sub = 3,
                          .powers = {.verdict = KZG_G2_PAIRING, .index = 5}};
    assert_string_equal(report_transcript(&r, text), "g2_pairing");
    assert_string_equal(text, "sub-ceremony 4, G2 power 5: is not the power that G1 has there");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_verdict_has_an_id_of_its_own_and_a_sentence),
        TEST(what_is_valid_is_called_so),
        TEST(sub_ceremonies_are_counted_from_one_and_powers_from_zero),
        TEST(bad_powers_of_a_transcript_are_told_with_its_sub_ceremony),
    };
    return cmocka_run_group_tests_name("format/report", tests, NULL, NULL);
}
