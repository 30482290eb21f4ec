#include "support/test.h"

#include "support/kzg_ceremony.h"
#include "support/kzg_fixture.h"

#include "setup/kzg_sign.h"

/* The mathematics of mini_ceremony_vectors.json: sizes 4,3:8,3:16,3; the contributions A and B made
 * again from their secrets; the transcripts; the verdict of every negative case. What is to be
 * refused as JSON is format's business. */

static json_t *vectors;
static KzgSizes sizes;

static int set_up(void **state) {
    (void)state;
    vectors = fixture_json("tests/vectors/kzg/mini_ceremony_vectors.json");
    return kzg_sizes_parse("4,3:8,3:16,3", &sizes, NULL) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    json_decref(vectors);
    return 0;
}

static KzgWire *contribution(const char *name) {
    KzgWire *w = NULL;
    assert_true(fixture_contribution(json_object_get(vectors, name), &w));
    return w;
}

static void assert_same(const KzgWire *a, const KzgWire *b) {
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const KzgSubWire *x = &a->subs[i], *y = &b->subs[i];
        assert_int_equal(x->powers.n_g1, y->powers.n_g1);
        assert_int_equal(x->powers.n_g2, y->powers.n_g2);
        assert_memory_equal(x->powers.g1, y->powers.g1, x->powers.n_g1 * KZG_G1_BYTES);
        assert_memory_equal(x->powers.g2, y->powers.g2, x->powers.n_g2 * KZG_G2_BYTES);
        assert_memory_equal(x->pubkey, y->pubkey, KZG_G2_BYTES);
        assert_int_equal(x->bls.present, y->bls.present);
        assert_memory_equal(x->bls.bytes, y->bls.bytes, KZG_G1_BYTES);
    }
    assert_int_equal(a->ecdsa.present, b->ecdsa.present);
    assert_memory_equal(a->ecdsa.bytes, b->ecdsa.bytes, KZG_ECDSA_BYTES);
}

/* The contribution of participant `name` on `challenge`, from the secrets of the file. */
static KzgWire *contribute(const KzgWire *challenge, const char *name, const KzgEcdsaWire *ecdsa) {
    const json_t *who = json_object_get(json_object_get(vectors, "participants"), name);
    const json_t *list = json_object_get(who, "secrets_be");
    uint8_t be[3][32];
    KzgPowers *powers[3];
    KzgReport report;
    KzgWire *w = NULL;
    for (size_t i = 0; i < 3; i++) {
        fixture_hex(json_string_value(json_array_get(list, i)), 32, be[i]);
        assert_true(kzg_powers_check(&challenge->subs[i].powers, sizes.at[i], TEST_SEED, NULL,
                                     &powers[i], &report, NULL));
        assert_int_equal(report.verdict, KZG_VALID);
    }
    KzgSecrets *s = kzg_secrets_from_be((const uint8_t(*)[32])be, 3, NULL);
    assert_true(kzg_contribute(powers, 3, s, fixture_text(who, "identity"), ecdsa, NULL,
                               (CvkProgress){0}, &w, NULL));
    kzg_secrets_free(s);
    for (size_t i = 0; i < 3; i++)
        kzg_powers_free(powers[i]);
    return w;
}

static void the_initial_state_is_the_published_one(void **state) {
    (void)state;
    KzgWire *base = contribution("base_0"), *ours = kzg_wire_initial(&sizes, NULL);

    assert_same(ours, base);

    kzg_wire_free(base);
    kzg_wire_free(ours);
}

static void assert_contribution_is_made_again(const char *base_name, const char *name,
                                              const char *who) {
    KzgWire *base = contribution(base_name), *expected = contribution(name);

    KzgWire *ours = contribute(base, who, &expected->ecdsa);

    assert_same(ours, expected);
    kzg_wire_free(base);
    kzg_wire_free(expected);
    kzg_wire_free(ours);
}

static void contribution_a_is_made_again_byte_for_byte(void **state) {
    (void)state;
    assert_contribution_is_made_again("base_0", "contribution_A", "A");
}

static void contribution_b_is_made_again_byte_for_byte(void **state) {
    (void)state;
    assert_contribution_is_made_again("base_1", "contribution_B", "B");
}

static void the_transcripts_are_valid(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t bls, ecdsa;
    } expected[] = {{"transcript_0", 0, 0}, {"transcript_1", 3, 1}, {"transcript_2", 6, 1}};
    for (size_t i = 0; i < 3; i++) {
        KzgTranscriptWire *t = fixture_transcript(json_object_get(vectors, expected[i].name));

        TranscriptReport r = kzg_test_verify_transcript(t, &sizes);

        assert_int_equal(r.verdict, TRANSCRIPT_VALID);
        assert_int_equal(r.contributions, i);
        assert_int_equal(r.bls_signatures, expected[i].bls);
        assert_int_equal(r.ecdsa_signatures, expected[i].ecdsa);
        kzg_transcript_wire_free(t);
    }
}

static void the_digest_of_contribution_a_is_the_known_one(void **state) {
    (void)state;
    uint8_t keys[3][KZG_G2_BYTES], expected[32], got[32];
    KzgWire *a = contribution("contribution_A");
    for (size_t i = 0; i < 3; i++)
        memcpy(keys[i], a->subs[i].pubkey, KZG_G2_BYTES);
    fixture_hex(fixture_text(json_object_get(vectors, "eip712_A"), "digest"), 32, expected);

    kzg_eip712_digest(&sizes, (const uint8_t(*)[KZG_G2_BYTES])keys, got);

    assert_memory_equal(got, expected, 32);
    kzg_wire_free(a);
}

static void the_signatures_of_a_and_b_are_kept(void **state) {
    (void)state;
    const char *names[] = {"A", "B"}, *documents[] = {"contribution_A", "contribution_B"};
    for (size_t i = 0; i < 2; i++) {
        const json_t *who = json_object_get(json_object_get(vectors, "participants"), names[i]);
        KzgWire *w = contribution(documents[i]), *kept = kzg_test_copy(w);

        kzg_prune_signatures(kept, &sizes, fixture_text(who, "identity"), NULL, NULL);

        assert_same(kept, w);
        kzg_wire_free(w);
        kzg_wire_free(kept);
    }
}

/* ---- the negative cases ---- */

static const struct {
    const char *name;
    KzgVerdict verdict;
    size_t sub, index;
    PointFault fault;
} cases[] = {
    {"pubkey_infinity", KZG_ZERO_PUBKEY, 0, 0, POINT_INFINITY},
    {"pubkey_all_zero_bytes", KZG_BAD_PUBKEY_POINT, 0, 0, POINT_NOT_COMPRESSED},
    {"pubkey_wrong_secret", KZG_PUBKEY_PAIRING, 1, 0, POINT_OK},
    {"g1_power_wrong", KZG_G1_PAIRING, 0, 3, POINT_OK},
    {"g1_0_not_generator", KZG_G1_PAIRING, 0, 0, POINT_OK},
    {"g1_last_infinity", KZG_G1_PAIRING, 2, 15, POINT_OK},
    {"g2_power_wrong", KZG_G2_PAIRING, 0, 2, POINT_OK},
    {"g2_0_not_generator", KZG_G2_PAIRING, 0, 0, POINT_OK},
    {"g1_x_zero", KZG_BAD_G1_POINT, 0, 2, POINT_NOT_IN_GROUP},
    {"g1_not_in_subgroup", KZG_BAD_G1_POINT, 0, 2, POINT_NOT_IN_GROUP},
    {"g2_not_in_subgroup", KZG_BAD_G2_POINT, 0, 2, POINT_NOT_IN_GROUP},
    {"g1_x_not_on_curve", KZG_BAD_G1_POINT, 0, 2, POINT_NOT_ON_CURVE},
    {"g1_bad_infinity", KZG_BAD_G1_POINT, 0, 2, POINT_BAD_INFINITY},
    {"g1_x_ge_p", KZG_BAD_G1_POINT, 0, 2, POINT_X_TOO_LARGE},
    {"g1_count_3_consistent", KZG_WRONG_NUM_G1, 0, 0, POINT_OK},
    {"g2_count_2_consistent", KZG_WRONG_NUM_G2, 0, 0, POINT_OK},
    {"two_contributions", KZG_WRONG_NUM_SUBS, 0, 0, POINT_OK},
    {"replay_previous_contribution", KZG_PUBKEY_PAIRING, 0, 0, POINT_OK},
    {"no_entropy_tau_one", KZG_NO_ENTROPY, 0, 0, POINT_OK}, /* where the original accepts */
    {"bls_signature_wrong", KZG_VALID, 0, 0, POINT_OK},
    {"ecdsa_signature_for_github_user", KZG_VALID, 0, 0, POINT_OK},
    {"bls_signature_one_missing", KZG_VALID, 0, 0, POINT_OK},
    {"signature_fields_absent", KZG_VALID, 0, 0, POINT_OK},
};

static const json_t *case_named(const char *name) {
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(vectors, "negative_and_edge_cases"), i,
                       c) if (strcmp(fixture_text(c, "name"), name) == 0) return c;
    fail_msg("no case '%s'", name);
    return NULL;
}

static KzgWire *case_contribution(const char *name) {
    KzgWire *w = NULL;
    assert_true(fixture_contribution(json_object_get(case_named(name), "contribution"), &w));
    return w;
}

static void every_negative_case_gets_its_verdict(void **state) {
    (void)state;
    KzgWire *challenge = contribution("base_1");
    KzgBase base;
    assert_true(kzg_base_from_wire(challenge, &sizes, &base, NULL));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        KzgWire *w = case_contribution(cases[i].name);

        KzgReport r = kzg_test_verify(&base, w), judge = kzg_naive_verify(&base, &sizes, w);

        if (r.verdict != cases[i].verdict)
            print_error("case %s\n", cases[i].name);
        assert_int_equal(r.verdict, cases[i].verdict);
        assert_int_equal(r.sub, cases[i].sub);
        assert_int_equal(r.index, cases[i].index);
        assert_int_equal(r.point.fault, cases[i].fault);
        assert_int_equal(judge.verdict, cases[i].verdict);
        assert_int_equal(judge.index, cases[i].index);
        kzg_wire_free(w);
    }
    kzg_wire_free(challenge);
}

/* The file may grow: a case that is neither above nor a fault of the JSON would be left out. */
static void no_case_is_left_out(void **state) {
    (void)state;
    size_t i, seen = 0;
    json_t *c;
    json_array_foreach(json_object_get(vectors, "negative_and_edge_cases"), i, c) {
        bool known = json_integer_value(json_object_get(c, "http")) == 422;
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
            known = known || strcmp(cases[k].name, fixture_text(c, "name")) == 0;
        assert_true(known);
        seen++;
    }
    assert_int_equal(seen, 28);
}

static void wrong_signatures_are_pruned_one_by_one(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool bls[3];
    } kept[] = {{"bls_signature_wrong", {false, false, false}},
                {"ecdsa_signature_for_github_user", {true, true, true}},
                {"bls_signature_one_missing", {true, false, true}},
                {"signature_fields_absent", {false, false, false}}};
    for (size_t i = 0; i < 4; i++) {
        KzgWire *w = case_contribution(kept[i].name);

        kzg_prune_signatures(w, &sizes, "git|123|kustosz", NULL, NULL);

        assert_false(w->ecdsa.present);
        for (size_t k = 0; k < 3; k++) {
            if (w->subs[k].bls.present != kept[i].bls[k])
                print_error("%s %zu\n", kept[i].name, k);
            assert_int_equal(w->subs[k].bls.present, kept[i].bls[k]);
        }
        kzg_wire_free(w);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_initial_state_is_the_published_one),
        TEST(contribution_a_is_made_again_byte_for_byte),
        TEST(contribution_b_is_made_again_byte_for_byte),
        TEST(the_transcripts_are_valid),
        TEST(the_digest_of_contribution_a_is_the_known_one),
        TEST(the_signatures_of_a_and_b_are_kept),
        TEST(every_negative_case_gets_its_verdict),
        TEST(no_case_is_left_out),
        TEST(wrong_signatures_are_pruned_one_by_one),
    };
    return cmocka_run_group_tests_name("vectors_kzg_mini", tests, set_up, tear_down);
}
