/* The negative cases of the small ceremony from their text to the answer: every one that the
 * protocol refuses gets the protocol's code and words, every other one is valid. */
#include "format/kzg_errors.h"
#include "format/kzg_json.h"
#include "setup/kzg_verify.h"
#include "support/test.h"

#include "support/mini.h"

static const uint8_t SEED[CVK_SEED_BYTES] = "verdicts";

static KzgWire *read_wire(json_t *document, CvkErr *err) {
    char *text = mini_text(document, 0);
    JsonMemory m = {.data = text, .n = strlen(text)};
    KzgWire *w = NULL;
    bool ok = kzg_contribution_read(json_from_memory(&m), m.n, &w, err);
    free(text);
    return ok ? w : NULL;
}

/* "transcript_1" is the state that "base_1" shows. */
static KzgBase base_for(json_t *all, json_t *item) {
    KzgSizes sizes;
    KzgBase base;
    char name[32];
    snprintf(name, sizeof name, "base_%s", fixture_text(item, "apply_on") + strlen("transcript_"));
    KzgWire *challenge = read_wire(json_object_get(all, name), NULL);
    assert_non_null(challenge);
    assert_true(kzg_sizes_parse(fixture_text(all, "ceremony_sizes"), &sizes, NULL));
    assert_true(kzg_base_from_wire(challenge, &sizes, &base, NULL));
    kzg_wire_free(challenge);
    return base;
}

static void assert_answer(const char *name, const KzgReport *report, const char *code,
                          const char *text) {
    char found[KZG_TEXT];
    kzg_report_text(report, found);
    const char *found_code = kzg_report_code(report);
    if (found_code == NULL || strcmp(found_code, code) != 0 || strcmp(found, text) != 0)
        fail_msg("%s: %s: %s", name, found_code == NULL ? "valid" : found_code, found);
}

static void refused_cases_get_code_and_words(void **state) {
    (void)state;
    json_t *all = mini_load(), *item;
    size_t i, refused = 0;
    json_array_foreach(json_object_get(all, "negative_and_edge_cases"), i, item) {
        const char *name = fixture_text(item, "name");
        if (json_integer_value(json_object_get(item, "http")) != 400)
            continue;
        KzgBase base = base_for(all, item);
        KzgWire *w = read_wire(json_object_get(item, "contribution"), NULL);
        KzgReport report;
        assert_non_null(w);

        assert_true(kzg_verify(&base, w, SEED, NULL, &report, NULL));

        assert_answer(name, &report, fixture_text(item, "code"), fixture_text(item, "error"));
        refused++;
        kzg_wire_free(w);
    }
    assert_int_equal(refused, 18);
    json_decref(all);
}

static void accepted_cases_are_valid_but_for_entropy(void **state) {
    (void)state;
    json_t *all = mini_load(), *item;
    size_t i, accepted = 0;
    json_array_foreach(json_object_get(all, "negative_and_edge_cases"), i, item) {
        const char *name = fixture_text(item, "name");
        if (json_integer_value(json_object_get(item, "http")) != 200)
            continue;
        KzgBase base = base_for(all, item);
        KzgWire *w = read_wire(json_object_get(item, "contribution"), NULL);
        KzgReport report;
        assert_non_null(w);

        assert_true(kzg_verify(&base, w, SEED, NULL, &report, NULL));

        if (strcmp(name, "no_entropy_tau_one") == 0)
            assert_answer(name, &report, "CeremonyError::ContributionNoEntropy",
                          "contribution invalid: Error in contribution 0: Contribution contains no "
                          "entropy: pubkey equals generator");
        else if (report.verdict != KZG_VALID)
            fail_msg("%s: %s", name, kzg_report_code(&report));
        accepted++;
        kzg_wire_free(w);
    }
    assert_int_equal(accepted, 5);
    json_decref(all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(refused_cases_get_code_and_words),
        TEST(accepted_cases_are_valid_but_for_entropy),
    };
    return cmocka_run_group_tests_name("vectors/kzg_verdicts", tests, NULL, NULL);
}
