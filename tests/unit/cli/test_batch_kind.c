/* Batches of the generator, and what proves them, before the verifier that judges them. */
#include "base/alloc.h"
#include "base/file.h"
#include "base/sha256.h"
#include "cli/batch_kinds.h"
#include "cli/groth16_key.h"
#include "format/batch_manifest.h"
#include "format/squares.h"
#include "market/verifier.h"
#include "setup/kzg_opening.h"
#include "setup/squarings.h"
#include "support/test.h"

#include "support/scratch.h"

#include <fcntl.h>
#include <unistd.h>

/* Each kind with a small setup of its own, opened. */
typedef struct {
    const BatchKind *kind;
    char path[512];
    void *setup;
} World;

static World world_of(const Scratch *s, const BatchKind *kind, const Curve *curve) {
    const BatchScale scale = {.n = 16, .curve = curve};
    World w = {.kind = kind};
    CvkErr err = {0};
    scratch_path(s, w.path, "setup");
    if (!kind->setup_new(w.path, &scale, NULL, &err) ||
        !kind->setup_open(w.path, NULL, &w.setup, &err))
        fail_msg("%s", err.msg);
    return w;
}

static void for_all_kinds(const Scratch *s, void (*check)(const Scratch *s, const World *w)) {
    const struct {
        const BatchKind *kind;
        const Curve *curve;
    } all[] = {{&BATCH_KZG_OPENING, NULL},
               {&BATCH_GROTH16, curve_bn254()},
               {&BATCH_GROTH16, curve_bls12_381()}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        World w = world_of(s, all[i].kind, all[i].curve);
        check(s, &w);
        w.kind->setup_close(w.setup);
    }
}

static CvkBuf batch_of(const World *w, uint64_t seed, uint64_t i) {
    CvkBuf ret;
    assert_true(batch_new(w->kind, seed, i, w->kind->most(w->setup), &ret, NULL));
    return ret;
}

static CvkBuf proof_of(const World *w, const CvkBuf *batch) {
    CvkBuf ret = CVK_BUF(LIMIT_TEXT_FILE);
    CvkErr err = {0};
    if (!w->kind->prove(w->setup, batch, NULL, &ret, &err))
        fail_msg("%s", err.msg);
    return ret;
}

/* ---- before the verifier ---- */

static BatchManifest manifest_of(const World *w, const CvkBuf *batch) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_MARKET_MANIFEST);
    BatchManifest ret;
    CvkErr err = {0};
    assert_true(batch_manifest(w->kind, w->setup, "0001", batch, NULL, &text, &err));
    JsonMemory m = {.data = text.data, .n = text.n};
    if (!batch_manifest_read(json_from_memory(&m), &ret, &err))
        fail_msg("%s", err.msg);
    return ret;
}

/* As the manifest says: its verifier, parameters and expectations. */
static ProofVerdict judge(const Scratch *s, const World *w, const CvkBuf *bytes,
                          const CvkBuf *proof) {
    BatchManifest m = manifest_of(w, bytes);
    const Verifier *v = verifier_find(m.verifier);
    char file[512], why[VERIFIER_WHY_MAX] = "";
    void *handle = NULL;
    CvkErr err = {0};
    scratch_path(s, file, "batch");
    assert_true(cvk_file_write(file, bytes->data, bytes->n, 0600, &err));
    int fd = open(file, O_RDONLY);
    const VerifierBatch batch = {.fd = fd,
                                 .size = m.size,
                                 .sha256 = m.sha256,
                                 .name = m.name,
                                 .expect = cvk_buf_str(&m.expect)};
    assert_non_null(v);
    if (!v->open(cvk_buf_str(&m.params), &handle, &err) || !v->check(handle, &batch, &err))
        fail_msg("%s", err.msg);
    ProofVerdict verdict = v->verify(handle, &batch, (const uint8_t *)proof->data, proof->n, why);
    v->close(handle);
    close(fd);
    batch_manifest_done(&m);
    return verdict;
}

static void check_bound(const Scratch *s, const World *w) {
    CvkBuf one = batch_of(w, 7, 1), two = batch_of(w, 7, 2), proof = proof_of(w, &one);

    assert_int_equal(judge(s, w, &one, &proof), PROOF_VALID);
    assert_int_equal(judge(s, w, &two, &proof), PROOF_INVALID);

    cvk_buf_done(&one);
    cvk_buf_done(&two);
    cvk_buf_done(&proof);
}

static void a_proof_holds_for_its_batch_and_for_no_other(void **state) {
    for_all_kinds(*state, check_bound);
}

static void check_manifest(const Scratch *s, const World *w) {
    (void)s;
    CvkBuf batch = batch_of(w, 7, 1);
    uint8_t hash[SHA256_BYTES];

    BatchManifest m = manifest_of(w, &batch);

    cvk_sha256(batch.data, batch.n, hash);
    assert_string_equal(m.verifier, w->kind->name);
    assert_true(m.has_size && m.size == batch.n);
    assert_memory_equal(m.sha256, hash, sizeof hash);
    batch_manifest_done(&m);
    cvk_buf_done(&batch);
}

static void a_manifest_says_what_is_in_the_batch(void **state) {
    for_all_kinds(*state, check_manifest);
}

/* ---- batches ---- */

static void the_same_seed_gives_the_same_batches_and_another_others(void **state) {
    (void)state;
    const BatchKind *k;
    for (size_t i = 0; (k = batch_kind_at(i)) != NULL; i++) {
        CvkBuf a, b, c;

        assert_true(batch_new(k, 5, 3, 100, &a, NULL) && batch_new(k, 5, 3, 100, &b, NULL));
        assert_true(batch_new(k, 6, 3, 100, &c, NULL));

        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.data, b.data, a.n);
        assert_memory_not_equal(a.data + strlen(k->head), c.data + strlen(k->head), FR_BYTES);
        cvk_buf_done(&a);
        cvk_buf_done(&b);
        cvk_buf_done(&c);
    }
}

static void a_batch_has_half_as_many_numbers_at_least_as_were_asked_for(void **state) {
    (void)state;
    size_t fewest = 1000, most = 0;
    for (uint64_t i = 1; i <= 200; i++) {
        CvkBuf b;
        assert_true(batch_new(&BATCH_KZG_OPENING, 1, i, 9, &b, NULL));
        fewest = b.n / FR_BYTES < fewest ? b.n / FR_BYTES : fewest;
        most = b.n / FR_BYTES > most ? b.n / FR_BYTES : most;
        cvk_buf_done(&b);
    }
    assert_int_equal(fewest, 4);
    assert_int_equal(most, 9);
}

static void every_number_is_below_the_orders_of_both_curves(void **state) {
    (void)state;
    for (uint64_t i = 1; i <= 200; i++) {
        CvkBuf b;
        assert_true(batch_new(&BATCH_KZG_OPENING, 1, i, 9, &b, NULL));
        for (size_t at = 0; at < b.n; at += FR_BYTES) {
            Fr x;
            assert_true(fr_from_be(curve_bn254(), (const uint8_t *)b.data + at, &x));
            assert_true(fr_from_be(curve_bls12_381(), (const uint8_t *)b.data + at, &x));
        }
        cvk_buf_done(&b);
    }
}

static void a_batch_tells_its_kind(void **state) {
    (void)state;
    const BatchKind *k;
    for (size_t i = 0; (k = batch_kind_at(i)) != NULL; i++) {
        CvkBuf b;
        assert_true(batch_new(k, 1, 1, 8, &b, NULL));
        assert_ptr_equal(batch_kind_of(&b), k);
        cvk_buf_done(&b);
    }
}

static void check_setup_tells(const Scratch *s, const World *w) {
    (void)s;
    const BatchKind *k;
    for (size_t i = 0; (k = batch_kind_at(i)) != NULL; i++) {
        bool fits;
        assert_true(batch_kind_setup(k, w->path, &fits, NULL));
        assert_int_equal(fits, k == w->kind);
    }
}

static void a_setup_tells_its_kind(void **state) {
    for_all_kinds(*state, check_setup_tells);
}

/* ---- Groth16 ---- */

static void refuse_batch(const World *w, const CvkBuf *batch, const char *id) {
    _cleanup_buf_ CvkBuf proof = CVK_BUF(LIMIT_TEXT_FILE);
    CvkErr err = {0};
    assert_false(w->kind->prove(w->setup, batch, NULL, &proof, &err));
    assert_string_equal(err.id, id);
    assert_int_equal(proof.n, 0);
}

static void values_of_another_number_or_size_are_refused(void **state) {
    World w = world_of(*state, &BATCH_GROTH16, curve_bn254());
    CvkBuf batch;
    assert_true(batch_new(w.kind, 1, 1, SQUARES_LANES, &batch, NULL));
    const CvkBuf none = {.data = batch.data, .n = strlen(w.kind->head)},
                 cut = {.data = batch.data, .n = batch.n - 1};
    CvkBuf more = CVK_BUF(4096);
    assert_true(cvk_buf_add_str(&more, w.kind->head, NULL));
    for (size_t i = 0; i < SQUARES_LANES + 1; i++)
        assert_true(cvk_buf_add(&more, batch.data + strlen(w.kind->head), FR_BYTES, NULL));

    refuse_batch(&w, &none, "batch.squares");
    refuse_batch(&w, &cut, "batch.squares");
    refuse_batch(&w, &more, "batch.squares");
    memset(batch.data + strlen(w.kind->head), 0xff, FR_BYTES);
    refuse_batch(&w, &batch, "batch.squares");

    cvk_buf_done(&batch);
    cvk_buf_done(&more);
    w.kind->setup_close(w.setup);
}

static void two_groth16_proofs_of_a_batch_differ(void **state) {
    World w = world_of(*state, &BATCH_GROTH16, curve_bls12_381());
    CvkBuf batch = batch_of(&w, 1, 1), p = proof_of(&w, &batch), q = proof_of(&w, &batch);

    assert_string_not_equal(cvk_buf_str(&p), cvk_buf_str(&q));

    assert_int_equal(judge(*state, &w, &batch, &q), PROOF_VALID);
    cvk_buf_done(&batch);
    cvk_buf_done(&p);
    cvk_buf_done(&q);
    w.kind->setup_close(w.setup);
}

/* Numbers as in ours, but the first value is not squared: it is multiplied with the second. */
static bool read_other(const void *ctx, CircuitPlace *place, CircuitTerm *ret, size_t n,
                       size_t *ret_n, CvkErr *err) {
    const Circuit ours = squarings_circuit(ctx);
    if (!ours.read(ours.ctx, place, ret, n, ret_n, err))
        return false;
    for (size_t i = 0; i < *ret_n; i++)
        if (ret[i].matrix == CIRCUIT_B && ret[i].signal == 1)
            ret[i].signal = 2;
    return true;
}

static void a_key_of_another_circuit_of_the_same_size_gives_no_proof(void **state) {
    const Squarings s = {.curve = curve_bn254(), .lanes = SQUARES_LANES, .steps = 2};
    Circuit other = squarings_circuit(&s);
    World w = {.kind = &BATCH_GROTH16};
    CvkBuf batch;
    CvkErr err = {0};
    other.read = read_other;
    scratch_path(*state, w.path, "other.zkey");
    assert_true(groth16_key_new(w.path, &other, NULL, &err));
    assert_true(w.kind->setup_open(w.path, NULL, &w.setup, &err));
    assert_true(batch_new(w.kind, 1, 1, SQUARES_LANES, &batch, NULL));

    refuse_batch(&w, &batch, "groth16.circuit");

    cvk_buf_done(&batch);
    w.kind->setup_close(w.setup);
}

static void a_key_of_a_circuit_of_another_size_is_refused(void **state) {
    const Squarings s = {.curve = curve_bn254(), .lanes = SQUARES_LANES + 1, .steps = 2};
    const Circuit other = squarings_circuit(&s);
    char path[512];
    void *setup = NULL;
    CvkErr err = {0};
    scratch_path(*state, path, "other.zkey");
    assert_true(groth16_key_new(path, &other, NULL, &err));

    assert_false(BATCH_GROTH16.setup_open(path, NULL, &setup, &err));

    assert_string_equal(err.id, "groth16.circuit");
    assert_null(setup);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_SCRATCH(a_proof_holds_for_its_batch_and_for_no_other),
        TEST_SCRATCH(a_manifest_says_what_is_in_the_batch),
        TEST(the_same_seed_gives_the_same_batches_and_another_others),
        TEST(a_batch_has_half_as_many_numbers_at_least_as_were_asked_for),
        TEST(every_number_is_below_the_orders_of_both_curves),
        TEST(a_batch_tells_its_kind),
        TEST_SCRATCH(a_setup_tells_its_kind),
        TEST_SCRATCH(values_of_another_number_or_size_are_refused),
        TEST_SCRATCH(two_groth16_proofs_of_a_batch_differ),
        TEST_SCRATCH(a_key_of_another_circuit_of_the_same_size_gives_no_proof),
        TEST_SCRATCH(a_key_of_a_circuit_of_another_size_is_refused),
    };
    return cmocka_run_group_tests_name("cli/batch_kind", tests, NULL, NULL);
}
