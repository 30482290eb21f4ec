/* The verifier "kzg-opening" over the powers of a small ceremony. */
#include "support/test.h"

#include "support/kzg_ceremony.h"
#include "support/scratch.h"

#include "base/file.h"
#include "base/hex.h"
#include "format/trusted_setup.h"
#include "market/verifier.h"
#include "setup/kzg_opening.h"

enum { COEFFICIENTS = 16, BATCH = COEFFICIENTS * FR_BYTES };

/* A batch, what is expected of it, and an honest proof. */
typedef struct {
    uint8_t bytes[BATCH], sha256[32];
    char expect[256];
    uint8_t proof[KZG_OPENING_BYTES];
    VerifierBatch batch;
} Batch;

typedef struct {
    Scratch at;
    char setup[512];
    KzgPowers *powers;
    const Verifier *verifier;
    void *handle;
    Batch one, two;
    char why[VERIFIER_WHY_MAX];
} World;

static void write_setup(World *w) {
    TrustedSetupWire *t;
    CvkFileOut out;
    scratch_path(&w->at, w->setup, "setup.json");
    assert_true(kzg_lagrange(w->powers, NULL, (CvkProgress){0}, &t, NULL));
    assert_true(cvk_file_out_open(&out, w->setup, 0600, NULL));
    assert_true(trusted_setup_write_json(json_to_file(out.f), t, 0, NULL));
    assert_true(cvk_file_out_commit(&out, NULL));
    trusted_setup_wire_free(t);
}

static void make_powers(World *w) {
    KzgSizes sizes = kzg_test_sizes("16,4");
    const uint64_t tau = 1001;
    KzgWire *initial = kzg_wire_initial(&sizes, NULL);
    KzgWire *wire = kzg_test_contribute(initial, &tau, NULL);
    KzgReport report;
    assert_true(kzg_powers_check(&wire->subs[0].powers, sizes.at[0], TEST_SEED, NULL, &w->powers,
                                 &report, NULL));
    kzg_wire_free(wire);
    kzg_wire_free(initial);
}

static void set_expect(Batch *b, const Element *commitment) {
    uint8_t bytes[KZG_G1_BYTES];
    char hex[2 * KZG_G1_BYTES + 1];
    element_write(commitment, FORM_ZCASH, bytes);
    cvk_hex_encode(bytes, sizeof bytes, hex);
    snprintf(b->expect, sizeof b->expect, "{\"commitment\": \"0x%s\"}", hex);
}

/* What an operator and a prover do. */
static void make_batch(World *w, Batch *b, const char *name, uint8_t first) {
    char path[512];
    KzgPolynomial *f;
    Element commitment;
    KzgOpening o;
    for (size_t i = 0; i < BATCH; i++)
        b->bytes[i] = i % FR_BYTES == 0 ? 0 : (uint8_t)(first + i * 37);
    cvk_sha256(b->bytes, BATCH, b->sha256);
    assert_true(cvk_file_write(scratch_path(&w->at, path, name), b->bytes, BATCH, 0600, NULL));
    assert_true(kzg_polynomial_read(b->bytes, BATCH, &f, NULL));
    assert_true(kzg_commit(f, w->powers, NULL, &commitment, NULL));
    const Fr z = kzg_opening_point(b->sha256, &commitment);
    assert_true(kzg_open(f, &z, w->powers, NULL, &o, NULL));
    kzg_opening_write(&o, b->proof);
    set_expect(b, &commitment);
    b->batch = (VerifierBatch){.fd = open(path, O_RDONLY | O_CLOEXEC),
                               .size = BATCH,
                               .sha256 = b->sha256,
                               .name = name,
                               .expect = b->expect};
    free(f);
}

static bool try_open(World *w, const char *params, CvkErr *err) {
    if (w->handle != NULL)
        w->verifier->close(w->handle);
    w->handle = NULL;
    return w->verifier->open(params, &w->handle, err);
}

static void open_with_setup(World *w) {
    char params[600];
    CvkErr err;
    snprintf(params, sizeof params, "{\"setup\": \"%s\"}", w->setup);
    if (!try_open(w, params, &err))
        fail_msg("%s", err.msg);
}

static void open_with_tau(World *w, const Element *tau_g2) {
    uint8_t bytes[KZG_G2_BYTES];
    char hex[2 * KZG_G2_BYTES + 1], params[300];
    element_write(tau_g2, FORM_ZCASH, bytes);
    cvk_hex_encode(bytes, sizeof bytes, hex);
    snprintf(params, sizeof params, "{\"tau_g2\": \"0x%s\"}", hex);
    assert_true(try_open(w, params, NULL));
}

static int set_up(void **state) {
    World *w = calloc(1, sizeof *w);
    assert_non_null(w);
    scratch_make(&w->at);
    w->verifier = verifier_find("kzg-opening");
    assert_non_null(w->verifier);
    make_powers(w);
    write_setup(w);
    make_batch(w, &w->one, "one", 1);
    make_batch(w, &w->two, "two", 2);
    open_with_setup(w);
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    World *w = *state;
    if (w->handle != NULL)
        w->verifier->close(w->handle);
    close(w->one.batch.fd);
    close(w->two.batch.fd);
    kzg_powers_free(w->powers);
    scratch_remove(&w->at);
    free(w);
    return 0;
}

static ProofVerdict judge(World *w, const Batch *b, const uint8_t *proof, size_t n) {
    return w->verifier->verify(w->handle, &b->batch, proof, n, w->why);
}

static void an_honest_proof_is_valid_by_the_setup_or_its_second_power(void **state) {
    World *w = *state;
    const Element tau_g2 = points_at(w->powers->g2, 1);
    assert_int_equal(judge(w, &w->one, w->one.proof, KZG_OPENING_BYTES), PROOF_VALID);

    open_with_tau(w, &tau_g2);

    assert_int_equal(judge(w, &w->one, w->one.proof, KZG_OPENING_BYTES), PROOF_VALID);
}

static void the_proof_of_another_batch_is_invalid(void **state) {
    World *w = *state;
    assert_int_equal(judge(w, &w->one, w->two.proof, KZG_OPENING_BYTES), PROOF_INVALID);

    /* even where both have the same commitment: the point follows from the batch's bytes too */
    snprintf(w->two.expect, sizeof w->two.expect, "%s", w->one.expect);

    assert_int_equal(judge(w, &w->two, w->one.proof, KZG_OPENING_BYTES), PROOF_INVALID);
}

static void a_proof_under_another_tau_is_invalid(void **state) {
    World *w = *state;
    Element tau_g2 = points_at(w->powers->g2, 1);
    tau_g2 = element_add(&tau_g2, &tau_g2);

    open_with_tau(w, &tau_g2);

    assert_int_equal(judge(w, &w->one, w->one.proof, KZG_OPENING_BYTES), PROOF_INVALID);
}

static void a_proof_with_any_bit_changed_is_not_valid(void **state) {
    World *w = *state;
    for (size_t i = 0; i < KZG_OPENING_BYTES; i++) {
        w->one.proof[i] ^= 1;
        assert_int_not_equal(judge(w, &w->one, w->one.proof, KZG_OPENING_BYTES), PROOF_VALID);
        w->one.proof[i] ^= 1;
    }
}

static void what_is_cut_off_or_too_long_is_malformed(void **state) {
    World *w = *state;
    uint8_t longer[KZG_OPENING_BYTES + 1] = {0};
    memcpy(longer, w->one.proof, KZG_OPENING_BYTES);
    assert_int_equal(judge(w, &w->one, longer, 0), PROOF_MALFORMED);
    assert_int_equal(judge(w, &w->one, longer, KZG_OPENING_BYTES - 1), PROOF_MALFORMED);
    assert_int_equal(judge(w, &w->one, longer, sizeof longer), PROOF_MALFORMED);
}

static void what_is_expected_wrongly_is_the_operators_error(void **state) {
    World *w = *state;
    static const char *const wrong[] = {"null", "{}", "{\"commitment\": \"0x00\"}", "[1]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CvkErr err;
        w->one.batch.expect = wrong[i];
        assert_int_equal(judge(w, &w->one, w->one.proof, KZG_OPENING_BYTES), PROOF_ERROR);
        assert_false(w->verifier->check(w->handle, &w->one.batch, &err));
    }
}

static void a_check_computes_the_commitment_again(void **state) {
    World *w = *state;
    CvkErr err;
    assert_true(w->verifier->check(w->handle, &w->one.batch, &err));
    w->one.batch.expect = w->two.expect;

    assert_false(w->verifier->check(w->handle, &w->one.batch, &err));

    assert_string_equal(err.id, "kzg.commitment");
}

static void a_check_refuses_a_batch_that_is_no_polynomial(void **state) {
    World *w = *state;
    CvkErr err;
    w->one.batch.size = BATCH - 1;
    assert_false(w->verifier->check(w->handle, &w->one.batch, &err));
    assert_string_equal(err.id, "kzg.polynomial");
    w->one.batch.size = BATCH + 32; /* more than the file has */
    assert_false(w->verifier->check(w->handle, &w->one.batch, &err));
    assert_string_equal(err.id, "kzg.batch");
}

static void parameters_that_make_no_sense_are_refused(void **state) {
    World *w = *state;
    const Element one = element_generator(curve_g2(curve_bls12_381()));
    uint8_t bytes[KZG_G2_BYTES];
    char hex[2 * KZG_G2_BYTES + 1], params[900];
    CvkErr err;
    assert_false(try_open(w, "{}", &err));
    assert_string_equal(err.id, "kzg.params");
    assert_false(try_open(w, "{\"setup\": \"setup.json\"}", &err));
    assert_string_equal(err.id, "params.path");
    assert_false(try_open(w, "{\"setup\": \"/nowhere/setup.json\"}", &err));
    assert_false(try_open(w, "{\"tau_g2\": \"0x12\"}", &err));
    assert_string_equal(err.id, "doc.hex");
    element_write(&one, FORM_ZCASH, bytes);
    cvk_hex_encode(bytes, sizeof bytes, hex);
    snprintf(params, sizeof params, "{\"tau_g2\": \"0x%s\"}", hex);
    assert_false(try_open(w, params, &err));
    assert_non_null(strstr(err.msg, "tau is 1"));
    snprintf(params, sizeof params, "{\"tau_g2\": \"0x%s\", \"setup\": \"%s\"}", hex, w->setup);
    assert_false(try_open(w, params, &err));
    assert_non_null(strstr(err.msg, "either"));
}

#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(an_honest_proof_is_valid_by_the_setup_or_its_second_power),
        WORLD_TEST(the_proof_of_another_batch_is_invalid),
        WORLD_TEST(a_proof_under_another_tau_is_invalid),
        WORLD_TEST(a_proof_with_any_bit_changed_is_not_valid),
        WORLD_TEST(what_is_cut_off_or_too_long_is_malformed),
        WORLD_TEST(what_is_expected_wrongly_is_the_operators_error),
        WORLD_TEST(a_check_computes_the_commitment_again),
        WORLD_TEST(a_check_refuses_a_batch_that_is_no_polynomial),
        WORLD_TEST(parameters_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests_name("verify_kzg_opening", tests, NULL, NULL);
}
