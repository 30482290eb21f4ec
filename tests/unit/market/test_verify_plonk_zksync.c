/* plonk-zksync-era with the published example: what it takes, and that no byte of a proof is free
 * once a batch says what it expects. The mathematics has tests of its own (vectors_plonk). */
#include "support/test.h"

#include "base/hex.h"
#include "base/sha256.h"
#include "market/verifier.h"
#include "support/plonk_fixture.h"
#include "support/scratch.h"

#define TEXT_MAX 4096
#define INPUT "0xb40c33eb3122c1e0fe8b01ae78749441184cebbd39ac1dbae76870a5"

typedef struct {
    const Verifier *v;
    void *handle;
    char expect[TEXT_MAX];
    uint8_t proof[PLONK_EXAMPLE_BYTES];
    char why[VERIFIER_WHY_MAX];
} World;

/* {"vkey": (the published one), then `more`}; the caller frees it. */
static char *params_text(const char *more) {
    PlonkFixture *f = plonk_fixture_open(PLONK_EXAMPLE);
    char *key = plonk_fixture_key(f);
    size_t n = strlen(key) + strlen(more) + 16;
    char *ret = malloc(n);
    assert_non_null(ret);
    snprintf(ret, n, "{\"vkey\":%s%s}", key, more);
    free(key);
    plonk_fixture_free(f);
    return ret;
}

static void expect_of(char ret[TEXT_MAX], const char *input, const uint8_t *hashes) {
    char hex[4][65];
    for (size_t i = 0; i < 4; i++)
        cvk_hex_encode(hashes + 32 * i, 32, hex[i]);
    snprintf(ret, TEXT_MAX,
             "{\"public_input\":\"%s\",\"aggregation_result_coords\":"
             "[\"0x%s\",\"0x%s\",\"0x%s\",\"0x%s\"]}",
             input, hex[0], hex[1], hex[2], hex[3]);
}

static World world_open(const char *more) {
    World w = {.v = verifier_find("plonk-zksync-era")};
    CvkErr err;
    char *params = params_text(more);
    assert_non_null(w.v);
    if (!w.v->open(params, &w.handle, &err))
        fail_msg("%s", err.msg);
    free(params);
    plonk_example_bytes(w.proof);
    expect_of(w.expect, INPUT, w.proof);
    return w;
}

static VerifierBatch batch_of(const World *w) {
    static const uint8_t sha256[32];
    return (VerifierBatch){.fd = -1, .sha256 = sha256, .name = "batch", .expect = w->expect};
}

static ProofVerdict judge(World *w, size_t n) {
    VerifierBatch batch = batch_of(w);
    return w->v->verify(w->handle, &batch, w->proof, n, w->why);
}

static bool opens(const char *params, CvkErr *err) {
    const Verifier *v = verifier_find("plonk-zksync-era");
    void *handle;
    if (!v->open(params, &handle, err))
        return false;
    v->close(handle);
    return true;
}

/* ---- verdicts ---- */

static void the_published_proof_is_valid_for_its_batch(void **state) {
    (void)state;
    World w = world_open("");

    assert_int_equal(judge(&w, sizeof w.proof), PROOF_VALID);

    w.v->close(w.handle);
}

static void it_is_invalid_for_a_batch_with_another_public_input(void **state) {
    (void)state;
    World w = world_open("");
    expect_of(w.expect, "0x01", w.proof);

    assert_int_equal(judge(&w, sizeof w.proof), PROOF_INVALID);

    assert_string_equal(w.why, "its public input is not the batch's");
    w.v->close(w.handle);
}

static void it_is_invalid_for_a_batch_that_came_to_something_else(void **state) {
    (void)state;
    World w = world_open("");
    uint8_t other[128];
    memcpy(other, w.proof, sizeof other);
    other[127] ^= 1;
    expect_of(w.expect, INPUT, other);

    assert_int_equal(judge(&w, sizeof w.proof), PROOF_INVALID);

    assert_string_equal(w.why, "its aggregation_result_coords are not the batch's");
    w.v->close(w.handle);
}

static void no_bit_of_a_proof_is_free(void **state) {
    (void)state;
    World w = world_open("");
    unsigned n[PROOF_VERDICTS_N] = {0}, hashes = 0;

    for (size_t i = 0; i < sizeof w.proof; i++) {
        w.proof[i] ^= 1;
        n[judge(&w, sizeof w.proof)]++;
        hashes += strcmp(w.why, "its aggregation_result_coords are not the batch's") == 0;
        w.proof[i] ^= 1;
        w.why[0] = '\0';
    }

    assert_int_equal(n[PROOF_VALID], 0);
    assert_int_equal(n[PROOF_INVALID], 1440 + 128);
    assert_int_equal(hashes, 128);
    assert_int_equal(n[PROOF_MALFORMED], 155);
    assert_int_equal(n[PROOF_ERROR], 0);
    w.v->close(w.handle);
}

static void any_other_length_is_malformed(void **state) {
    (void)state;
    World w = world_open("");

    for (size_t n = 0; n < sizeof w.proof; n++)
        assert_int_equal(judge(&w, n), PROOF_MALFORMED);

    w.v->close(w.handle);
}

static void a_proof_of_another_version_is_malformed(void **state) {
    (void)state;
    World w = world_open(",\"version\":\"0.25.0\"");

    assert_int_equal(judge(&w, sizeof w.proof), PROOF_MALFORMED);
    memcpy(w.proof + sizeof w.proof - 6, "0.25.0", 6);
    assert_int_equal(judge(&w, sizeof w.proof), PROOF_VALID);

    w.v->close(w.handle);
}

static void without_an_expectation_there_is_no_verdict(void **state) {
    (void)state;
    World w = world_open("");
    VerifierBatch batch = batch_of(&w);
    CvkErr err;
    static const char *const bad[] = {
        "null",
        "{}",
        "{\"public_input\":\"" INPUT "\"}",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(w.expect, sizeof w.expect, "%s", bad[i]);
        assert_int_equal(judge(&w, sizeof w.proof), PROOF_ERROR);
        assert_false(w.v->check(w.handle, &batch, &err));
    }
    w.v->close(w.handle);
}

static void an_expectation_is_checked_when_the_batch_comes(void **state) {
    (void)state;
    World w = world_open("");
    VerifierBatch batch = batch_of(&w);
    CvkErr err;
    static const char *const bad[] = {
        "",
        "0x",
        "b40c",
        "0xzz",
        /* the order of the groups, and 2^256 */
        "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001",
        "0x10000000000000000000000000000000000000000000000000000000000000000",
    };
    assert_true(w.v->check(w.handle, &batch, &err));

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect_of(w.expect, bad[i], w.proof);
        if (w.v->check(w.handle, &batch, &err))
            fail_msg("public input '%s' is taken", bad[i]);
    }
    /* its zeros may be written */
    expect_of(w.expect, "0x00000000b40c33eb3122c1e0fe8b01ae78749441184cebbd39ac1dbae76870a5",
              w.proof);
    assert_int_equal(judge(&w, sizeof w.proof), PROOF_VALID);
    w.v->close(w.handle);
}

/* ---- one proof, whoever hands it in ---- */

static void a_proof_has_the_same_hash_whatever_batch_it_is_for(void **state) {
    (void)state;
    World w = world_open("");
    uint8_t one[SHA256_BYTES], other[SHA256_BYTES];

    assert_true(w.v->canonical(w.handle, w.proof, sizeof w.proof, one));
    w.proof[0] ^= 1; /* a hash beside the proof */
    assert_true(w.v->canonical(w.handle, w.proof, sizeof w.proof, other));
    assert_memory_equal(one, other, sizeof one);
    w.proof[plonk_fixture_place(22)] ^= 1; /* a value of it */
    assert_true(w.v->canonical(w.handle, w.proof, sizeof w.proof, other));
    assert_memory_not_equal(one, other, sizeof one);

    assert_false(w.v->canonical(w.handle, w.proof, sizeof w.proof - 1, other));
    w.v->close(w.handle);
}

static void its_hash_is_that_of_the_words(void **state) {
    (void)state;
    World w = world_open("");
    PlonkFixture *f = plonk_fixture_open(PLONK_EXAMPLE);
    uint8_t words[PLONK_PROOF_WORDS][32], expected[SHA256_BYTES], got[SHA256_BYTES];
    for (size_t i = 0; i < PLONK_PROOF_WORDS; i++)
        plonk_fixture_word(f, i, words[i]);
    cvk_sha256(words, sizeof words, expected);

    assert_true(w.v->canonical(w.handle, w.proof, sizeof w.proof, got));

    assert_memory_equal(got, expected, sizeof got);
    plonk_fixture_free(f);
    w.v->close(w.handle);
}

/* ---- parameters ---- */

static void the_key_may_lie_in_a_file(void **state) {
    PlonkFixture *f = plonk_fixture_open(PLONK_EXAMPLE);
    char *key = plonk_fixture_key(f), params[TEXT_MAX], path[512];
    scratch_path(*state, path, "vk.json");
    CvkErr err;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(key, file);
    fclose(file);
    snprintf(params, sizeof params, "{\"vkey\":\"%s\"}", path);

    if (!opens(params, &err))
        fail_msg("%s", err.msg);

    remove(path);
    assert_false(opens(params, &err));
    assert_non_null(strstr(err.msg, "vk.json"));
    free(key);
    plonk_fixture_free(f);
}

static void parameters_that_make_no_sense_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "null", "{}", "[]", "{\"vkey\":1}", "{\"vkey\":{}}", "{\"vkey\":\"/nowhere/vk.json\"}"};
    CvkErr err;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (opens(bad[i], &err))
            fail_msg("'%s' is taken", bad[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_published_proof_is_valid_for_its_batch),
        TEST(it_is_invalid_for_a_batch_with_another_public_input),
        TEST(it_is_invalid_for_a_batch_that_came_to_something_else),
        TEST(no_bit_of_a_proof_is_free),
        TEST(any_other_length_is_malformed),
        TEST(a_proof_of_another_version_is_malformed),
        TEST(without_an_expectation_there_is_no_verdict),
        TEST(an_expectation_is_checked_when_the_batch_comes),
        TEST(a_proof_has_the_same_hash_whatever_batch_it_is_for),
        TEST(its_hash_is_that_of_the_words),
        TEST_SCRATCH(the_key_may_lie_in_a_file),
        TEST(parameters_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
