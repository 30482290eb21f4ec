#include "format/kzg_errors.h"
#include "support/test.h"

static void assert_report(KzgReport report, const char *code, const char *text) {
    char found[KZG_TEXT];

    kzg_report_text(&report, found);

    if (code == NULL)
        assert_null(kzg_report_code(&report));
    else
        assert_string_equal(kzg_report_code(&report), code);
    assert_string_equal(found, text);
}

/* The words of reference 1.5; tests/vectors checks them against whole contributions. */
static void verdicts_have_the_words_of_the_protocol(void **state) {
    (void)state;
    assert_report((KzgReport){.verdict = KZG_VALID}, NULL, "");
    assert_report((KzgReport){.verdict = KZG_WRONG_NUM_SUBS, .expected = 4, .got = 2},
                  "CeremoniesError::UnexpectedNumContributions",
                  "contribution invalid: Unexpected number of contributions: expected 4, got 2");
    assert_report((KzgReport){.verdict = KZG_WRONG_NUM_G1, .sub = 1, .expected = 8, .got = 7},
                  "CeremonyError::UnexpectedNumG1Powers",
                  "contribution invalid: Error in contribution 1: Unexpected number of G1 powers: "
                  "expected 8, got 7");
    assert_report((KzgReport){.verdict = KZG_WRONG_NUM_G2, .sub = 1, .expected = 65, .got = 64},
                  "CeremonyError::UnexpectedNumG2Powers",
                  "contribution invalid: Error in contribution 1: Unexpected number of G2 powers: "
                  "expected 65, got 64");
    assert_report((KzgReport){.verdict = KZG_BAD_G2_POINT,
                              .sub = 3,
                              .index = 7,
                              .point = {.fault = POINT_X_TOO_LARGE, .component = 1}},
                  "CeremonyError::InvalidG2Power",
                  "contribution invalid: Error in contribution 3: Error parsing G2 power 7: Error "
                  "in extension field component 1: Number is too large for the prime field");
    assert_report((KzgReport){.verdict = KZG_BAD_PUBKEY_POINT,
                              .index = 9,
                              .point = {.fault = POINT_NOT_IN_GROUP}},
                  "CeremonyError::InvalidG2Power",
                  "contribution invalid: Error in contribution 0: Error parsing G2 power 0: curve "
                  "point is not in prime order subgroup");
    assert_report(
        (KzgReport){.verdict = KZG_NO_ENTROPY, .sub = 2}, "CeremonyError::ContributionNoEntropy",
        "contribution invalid: Error in contribution 2: Contribution contains no entropy: "
        "pubkey equals generator");
    assert_report((KzgReport){.verdict = KZG_DUPLICATE_KEY, .sub = 2},
                  "CeremonyError::DuplicateKey",
                  "contribution invalid: Error in contribution 2: pubkey was already used in this "
                  "ceremony");
}

static void every_verdict_has_a_code_and_a_text(void **state) {
    (void)state;
    char text[KZG_TEXT];
    for (int v = KZG_VALID + 1; v <= KZG_DUPLICATE_KEY; v++) {
        KzgReport r = {.verdict = (KzgVerdict)v, .point = {.fault = POINT_NOT_ON_CURVE}};
        kzg_report_text(&r, text);
        assert_non_null(kzg_report_code(&r));
        assert_true(strlen(text) > strlen("contribution invalid: Error in contribution 0: "));
    }
}

static void assert_status(const char *id, unsigned status, const char *expected) {
    CvkErr err = {.code = CVK_EBADREQ, .msg = "why"};
    char text[KZG_TEXT + CVK_ERR_MSG_MAX];
    err.id = id;

    unsigned found = kzg_document_status(&err, text);

    assert_int_equal(found, status);
    assert_string_equal(text, expected);
}

static void unreadable_documents_have_a_status(void **state) {
    (void)state;
    assert_status("json.syntax", 400, "Failed to parse the request body as JSON: why");
    assert_status("json.utf8", 400, "Failed to parse the request body as JSON: why");
    assert_status("json.type", 422,
                  "Failed to deserialize the JSON body into the target type: why");
    assert_status("doc.hex", 422, "Failed to deserialize the JSON body into the target type: why");
    assert_status("binary.length", 400,
                  "Failed to parse the request body as application/vnd.convoke.kzg: why");
    assert_status("binary.limit", 422,
                  "Failed to deserialize the binary body into the target type: why");
    assert_status("json.size", 413, "length limit exceeded");
    assert_status("memory.short", 0, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(verdicts_have_the_words_of_the_protocol),
        TEST(every_verdict_has_a_code_and_a_text),
        TEST(unreadable_documents_have_a_status),
    };
    return cmocka_run_group_tests_name("format/kzg_errors", tests, NULL, NULL);
}
