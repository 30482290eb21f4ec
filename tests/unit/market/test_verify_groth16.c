/* The verifier "groth16" with keys and proofs that snarkjs made, on both curves. */
#include "base/file.h"
#include "base/hex.h"
#include "format/proof_binary.h"
#include "format/vkey.h"
#include "market/verifier.h"
#include "support/test.h"

#include "support/shared.h"

#define TEXT_MAX (64u << 10)

/* A verifier that is open, and a proof of the batch whose public inputs these are. */
typedef struct {
    const Curve *curve;
    const Verifier *verifier;
    void *handle;
    char *vkey; /* path, absolute */
    CvkBuf inputs, proof;
    uint8_t binary[PROOF_BINARY_BYTES_MAX];
    size_t binary_n;
    char why[VERIFIER_WHY_MAX];
} World;

static void read_text(CvkBuf *b, const char *path) {
    *b = CVK_BUF(TEXT_MAX);
    assert_true(cvk_file_read(path, b, NULL));
}

static void document(const Curve *c, const char *name, char ret[512]) {
    char file[64];
    if (c == curve_bls12_381()) {
        snprintf(ret, 512, "%s/tests/vectors/groth16/bls12381_%s.json", getenv("CONVOKE_SOURCE"),
                 name);
        return;
    }
    snprintf(file, sizeof file, "fixtures/snarkjs/tiny_%s.json", name);
    shared_path(ret, 512, file);
}

static void write_binary(World *w) {
    JsonMemory m = {.data = w->proof.data, .n = w->proof.n};
    Groth16Proof p;
    Verdict verdict;
    assert_true(proof_read(json_from_memory(&m), TEXT_MAX, w->curve, &p, &verdict, NULL));
    w->binary_n = proof_binary_bytes(w->curve);
    proof_binary_write(&p, w->binary);
}

static void world_open(World *w, const Curve *c) {
    char path[512], params[600];
    CvkErr err;
    *w = (World){.curve = c, .verifier = verifier_find("groth16")};
    assert_non_null(w->verifier);
    document(c, "vkey", path);
    w->vkey = realpath(path, NULL);
    assert_non_null(w->vkey);
    document(c, "public", path);
    read_text(&w->inputs, path);
    document(c, "proof", path);
    read_text(&w->proof, path);
    write_binary(w);
    snprintf(params, sizeof params, "{\"vkey\": \"%s\"}", w->vkey);
    if (!w->verifier->open(params, &w->handle, &err))
        fail_msg("%s", err.msg);
}

static void world_close(World *w) {
    w->verifier->close(w->handle);
    cvk_buf_done(&w->inputs);
    cvk_buf_done(&w->proof);
    free(w->vkey);
}

static ProofVerdict judge(World *w, const char *expect, const void *proof, size_t n) {
    const uint8_t sha256[32] = {0};
    const VerifierBatch batch = {.fd = -1, .sha256 = sha256, .name = "1", .expect = expect};
    w->why[0] = '\0';
    return w->verifier->verify(w->handle, &batch, proof, n, w->why);
}

static ProofVerdict judge_binary(World *w) {
    return judge(w, cvk_buf_str(&w->inputs), w->binary, w->binary_n);
}

/* Each test is done on both curves; without the shared data it is skipped when bn254's turn comes.
 */
static void on_both_curves(void (*test)(World *w)) {
    const Curve *const curves[] = {curve_bls12_381(), curve_bn254()};
    for (size_t i = 0; i < 2; i++) {
        World w;
        world_open(&w, curves[i]);
        test(&w);
        world_close(&w);
    }
}

#define ON_BOTH_CURVES(name)                                                                       \
    static void name##_on(World *w);                                                               \
    static void name(void **state) {                                                               \
        (void)state;                                                                               \
        on_both_curves(name##_on);                                                                 \
    }                                                                                              \
    static void name##_on(World *w)

ON_BOTH_CURVES(a_genuine_proof_is_valid_in_both_forms) {
    assert_int_equal(judge(w, cvk_buf_str(&w->inputs), w->proof.data, w->proof.n), PROOF_VALID);
    assert_int_equal(judge_binary(w), PROOF_VALID);
}

ON_BOTH_CURVES(both_forms_have_one_canonical_hash) {
    uint8_t a[32], b[32];

    assert_true(w->verifier->canonical(w->handle, (uint8_t *)w->proof.data, w->proof.n, a));
    assert_true(w->verifier->canonical(w->handle, w->binary, w->binary_n, b));

    assert_memory_equal(a, b, 32);
    assert_false(w->verifier->canonical(w->handle, w->binary, w->binary_n - 1, b));
}

ON_BOTH_CURVES(the_proof_of_another_batch_is_invalid) {
    char other[TEXT_MAX];
    snprintf(other, sizeof other, "%s", cvk_buf_str(&w->inputs));
    char *last = strrchr(other, '"');
    assert_non_null(last);
    last[-1] = last[-1] == '1' ? '2' : '1';

    assert_int_equal(judge(w, other, w->binary, w->binary_n), PROOF_INVALID);
    assert_non_null(strstr(w->why, "does not hold"));
}

ON_BOTH_CURVES(what_is_expected_wrongly_is_the_operators_error) {
    static const char *const wrong[] = {
        "null",
        "[]",
        "[\"1\"",
        "[1, 2]",
        "[\"0x1\", \"11\"]",
        "[\"99999999999999999999999999999999999999999999999999999999999999999999999999999\"]",
        "{}",
    };
    const uint8_t sha256[32] = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const VerifierBatch batch = {.fd = -1, .sha256 = sha256, .expect = wrong[i]};
        CvkErr err;
        assert_int_equal(judge(w, wrong[i], w->binary, w->binary_n), PROOF_ERROR);
        assert_false(w->verifier->check(w->handle, &batch, &err));
    }
    const VerifierBatch good = {.fd = -1, .sha256 = sha256, .expect = cvk_buf_str(&w->inputs)};
    assert_true(w->verifier->check(w->handle, &good, NULL));
}

ON_BOTH_CURVES(what_is_cut_off_or_too_long_is_malformed) {
    uint8_t longer[PROOF_BINARY_BYTES_MAX + 1] = {0};
    const char *expect = cvk_buf_str(&w->inputs);
    memcpy(longer, w->binary, w->binary_n);
    assert_int_equal(judge(w, expect, longer, w->binary_n + 1), PROOF_MALFORMED);
    assert_int_equal(judge(w, expect, longer, w->binary_n - 1), PROOF_MALFORMED);
    assert_int_equal(judge(w, expect, longer, 0), PROOF_MALFORMED);
    for (size_t n = 0; n < w->proof.n - 2; n += 7)
        assert_int_equal(judge(w, expect, w->proof.data, n), PROOF_MALFORMED);
    assert_true(cvk_buf_add_str(&w->proof, "x", NULL));
    assert_int_equal(judge(w, expect, w->proof.data, w->proof.n), PROOF_MALFORMED);
}

ON_BOTH_CURVES(a_proof_with_any_bit_changed_is_not_valid) {
    for (size_t i = 0; i < w->binary_n; i++) {
        w->binary[i] ^= 1;
        assert_int_not_equal(judge_binary(w), PROOF_VALID);
        w->binary[i] ^= 1;
    }
}

ON_BOTH_CURVES(points_in_other_places_or_negated_do_not_prove) {
    const size_t g1 = form_bytes(curve_g1(w->curve), FORM_UNCOMPRESSED);
    uint8_t a[FORM_BYTES_MAX], *c = w->binary + w->binary_n - g1;
    memcpy(a, w->binary, g1);
    memcpy(w->binary, c, g1);
    assert_int_equal(judge_binary(w), PROOF_INVALID);
    memcpy(c, a, g1);
    assert_int_equal(judge_binary(w), PROOF_INVALID);
    memcpy(w->binary, a, g1);
    assert_int_equal(judge_binary(w), PROOF_INVALID);
}

/* A sum of the field's prime and a coordinate, where there is room for it. */
ON_BOTH_CURVES(a_coordinate_above_the_prime_is_malformed) {
    uint8_t prime[48];
    size_t n = curve_base_bytes(w->curve);
    unsigned carry = 0;
    curve_base_prime(w->curve, prime);
    for (size_t i = 0; i < n; i++) {
        carry += (unsigned)w->binary[n - 1 - i] + prime[i];
        w->binary[n - 1 - i] = (uint8_t)carry;
        carry >>= 8;
    }

    assert_int_equal(judge_binary(w), PROOF_MALFORMED);
}

/* Points of the curve with small coordinates: almost all of them are outside the subgroup. */
static void put_g2(World *w, const char *c1_c0[4]) {
    size_t n = curve_base_bytes(w->curve);
    uint8_t *b = w->binary + form_bytes(curve_g1(w->curve), FORM_UNCOMPRESSED);
    for (size_t i = 0; i < 4; i++)
        assert_true(cvk_hex_decode(c1_c0[i], n, b + i * n));
}

#define ZEROS_62 "00000000000000000000000000000000000000000000000000000000000000"
#define ZEROS_94 ZEROS_62 "00000000000000000000000000000000"

ON_BOTH_CURVES(a_b_outside_the_subgroup_is_malformed) {
    static const char *on_bn254[4] = {
        ZEROS_62 "00", ZEROS_62 "01",
        "0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4",
        "2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb"};
    static const char *on_bls12_381[4] = {
        ZEROS_94 "00", ZEROS_94 "02",
        "172e93db764a8400a7d5071b6b6f5de0da2f0f4a063119abca014006b7c40a2cfe291a1924e65db0d6d0fcfbf3"
        "bf3d5c",
        "18c6b864ae17dc9da64203ffefb966306425a7bc6aeb7c75247438372716284a4173830420cd476ba1a365b95b"
        "fcec38"};
    put_g2(w, w->curve == curve_bn254() ? on_bn254 : on_bls12_381);

    assert_int_equal(judge_binary(w), PROOF_MALFORMED);
    assert_non_null(strstr(w->why, "B is not in the prime-order subgroup"));
}

/* (0, 2) on bls12_381 is of order 3. */
static void an_a_outside_the_subgroup_is_malformed(void **state) {
    (void)state;
    World w;
    world_open(&w, curve_bls12_381());
    memset(w.binary, 0, 96);
    w.binary[95] = 2;

    assert_int_equal(judge_binary(&w), PROOF_MALFORMED);
    assert_non_null(strstr(w.why, "A is not in the prime-order subgroup"));
    world_close(&w);
}

/* Algebra reads two. */
ON_BOTH_CURVES(infinity_has_one_writing_and_proves_nothing) {
    memset(w->binary, 0, form_bytes(curve_g1(w->curve), FORM_UNCOMPRESSED));
    assert_int_equal(judge_binary(w), PROOF_INVALID);
    w->binary[0] = 0x40;

    assert_int_equal(judge_binary(w), PROOF_MALFORMED);
}

ON_BOTH_CURVES(a_key_may_stand_in_the_parameters_or_be_them) {
    _cleanup_buf_ CvkBuf key = CVK_BUF(TEXT_MAX);
    char params[TEXT_MAX];
    read_text(&key, w->vkey);
    for (size_t i = 0; i < 2; i++) {
        snprintf(params, sizeof params, i == 0 ? "{\"vkey\": %s}" : "%s", cvk_buf_str(&key));
        w->verifier->close(w->handle);

        assert_true(w->verifier->open(params, &w->handle, NULL));

        assert_int_equal(judge_binary(w), PROOF_VALID);
    }
}

static void assert_not_opened(const char *params, const char *id) {
    void *handle;
    CvkErr err;
    assert_false(verifier_find("groth16")->open(params, &handle, &err));
    assert_string_equal(err.id, id);
}

static void parameters_that_make_no_sense_are_refused(void **state) {
    (void)state;
    assert_not_opened("{}", "doc.field");
    assert_not_opened("", "json.syntax");
    assert_not_opened("{\"vkey\": 3}", "json.type");
    assert_not_opened("{\"vkey\": \"relative/key.json\"}", "params.path");
    assert_not_opened("{\"vkey\": \"/nowhere/key.json\"}", "file.open");
    assert_not_opened("{\"vkey\": {\"protocol\": \"plonk\"}}", "doc.field");
    assert_not_opened("{\"vk\": \"/key.json\"}", "doc.field");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_genuine_proof_is_valid_in_both_forms),
        TEST(both_forms_have_one_canonical_hash),
        TEST(the_proof_of_another_batch_is_invalid),
        TEST(what_is_expected_wrongly_is_the_operators_error),
        TEST(what_is_cut_off_or_too_long_is_malformed),
        TEST(a_proof_with_any_bit_changed_is_not_valid),
        TEST(points_in_other_places_or_negated_do_not_prove),
        TEST(a_coordinate_above_the_prime_is_malformed),
        TEST(a_b_outside_the_subgroup_is_malformed),
        TEST(an_a_outside_the_subgroup_is_malformed),
        TEST(infinity_has_one_writing_and_proves_nothing),
        TEST(a_key_may_stand_in_the_parameters_or_be_them),
        TEST(parameters_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests_name("verify_groth16", tests, NULL, NULL);
}
