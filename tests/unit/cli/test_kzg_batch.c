/* Batches of the generator, and what proves them, before the verifier that judges them. */
#include "base/file.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "cli/kzg_batch.h"
#include "market/verifier.h"
#include "support/test.h"

#include "support/scratch.h"

#include <fcntl.h>
#include <unistd.h>

typedef struct {
    KzgPowers *powers;
    uint8_t tau_g2[KZG_G2_BYTES];
    uint8_t *bytes;
    size_t n;
} World;

static World world_of(const char *setup, uint64_t seed, uint64_t i) {
    World w = {0};
    CvkErr err;
    if (!cvk_file_exists(setup))
        assert_true(kzg_batch_setup_new(setup, 16, NULL, &err));
    assert_true(kzg_batch_setup(setup, NULL, &w.powers, w.tau_g2, &err));
    w.bytes = kzg_batch_new(seed, i, 16, &w.n, &err);
    assert_non_null(w.bytes);
    return w;
}

static void world_done(World *w) {
    free(w->bytes);
    kzg_powers_free(w->powers);
}

static Element commit(const World *w) {
    KzgPolynomial *f = NULL;
    Element c;
    CvkErr err;
    assert_true(kzg_polynomial_read(w->bytes, w->n, &f, &err));
    assert_true(kzg_commit(f, w->powers, NULL, &c, &err));
    free(f);
    return c;
}

static void prove(const World *w, uint8_t ret[KZG_OPENING_BYTES]) {
    KzgPolynomial *f = NULL;
    uint8_t hash[SHA256_BYTES];
    KzgOpening o;
    CvkErr err;
    const Element c = commit(w);
    cvk_sha256(w->bytes, w->n, hash);
    const Fr z = kzg_opening_point(hash, &c);
    assert_true(kzg_polynomial_read(w->bytes, w->n, &f, &err));
    assert_true(kzg_open(f, &z, w->powers, NULL, &o, &err));
    kzg_opening_write(&o, ret);
    free(f);
}

static ProofVerdict judge(const World *w, const char *file, const uint8_t *proof) {
    const Verifier *v = verifier_find("kzg-opening");
    char params[300], expect[300], why[VERIFIER_WHY_MAX] = "", hex[2 * KZG_G2_BYTES + 1];
    uint8_t hash[SHA256_BYTES], c_bytes[KZG_G1_BYTES];
    void *handle = NULL;
    CvkErr err;
    const Element c = commit(w);
    cvk_hex_encode(w->tau_g2, sizeof w->tau_g2, hex);
    snprintf(params, sizeof params, "{\"tau_g2\": \"0x%s\"}", hex);
    element_write(&c, FORM_ZCASH, c_bytes);
    cvk_hex_encode(c_bytes, sizeof c_bytes, hex);
    snprintf(expect, sizeof expect, "{\"commitment\": \"0x%s\"}", hex);
    cvk_sha256(w->bytes, w->n, hash);
    assert_true(cvk_file_write(file, w->bytes, w->n, 0600, &err));
    int fd = open(file, O_RDONLY);
    assert_true(fd >= 0);
    VerifierBatch batch = {.fd = fd, .size = w->n, .sha256 = hash, .name = "b", .expect = expect};
    assert_true(v->open(params, &handle, &err));
    ProofVerdict verdict = v->verify(handle, &batch, proof, KZG_OPENING_BYTES, why);
    v->close(handle);
    close(fd);
    return verdict;
}

static void a_proof_holds_for_its_batch_and_for_no_other(void **state) {
    uint8_t proof[KZG_OPENING_BYTES];
    char setup[512], file[512];
    scratch_path(*state, setup, "setup.json");
    scratch_path(*state, file, "batch");
    World one = world_of(setup, 7, 1), two = world_of(setup, 7, 2);

    prove(&one, proof);

    assert_int_equal(judge(&one, file, proof), PROOF_VALID);
    assert_int_equal(judge(&two, file, proof), PROOF_INVALID);
    world_done(&one);
    world_done(&two);
}

static void the_same_seed_gives_the_same_batches_and_another_others(void **state) {
    (void)state;
    size_t n, m, k;
    CvkErr err;

    uint8_t *a = kzg_batch_new(5, 3, 100, &n, &err), *b = kzg_batch_new(5, 3, 100, &m, &err);
    uint8_t *c = kzg_batch_new(6, 3, 100, &k, &err);

    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    assert_memory_not_equal(a, c, 32);
    free(a);
    free(b);
    free(c);
}

static void every_batch_is_a_polynomial_of_a_length_that_was_asked_for(void **state) {
    (void)state;
    size_t shortest = 1000, longest = 0;
    for (uint64_t i = 1; i <= 200; i++) {
        size_t n;
        KzgPolynomial *f;
        CvkErr err;
        uint8_t *bytes = kzg_batch_new(1, i, 9, &n, &err);
        assert_non_null(bytes);
        assert_true(kzg_polynomial_read(bytes, n, &f, &err));
        shortest = f->n < shortest ? f->n : shortest;
        longest = f->n > longest ? f->n : longest;
        free(f);
        free(bytes);
    }
    assert_int_equal(shortest, 4);
    assert_int_equal(longest, 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_SCRATCH(a_proof_holds_for_its_batch_and_for_no_other),
        TEST(the_same_seed_gives_the_same_batches_and_another_others),
        TEST(every_batch_is_a_polynomial_of_a_length_that_was_asked_for),
    };
    return cmocka_run_group_tests_name("cli/kzg_batch", tests, NULL, NULL);
}
