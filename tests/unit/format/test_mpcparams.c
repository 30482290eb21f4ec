#include "setup/phase2_basis.h"
#include "setup/phase2_verify.h"
#include "support/test.h"

#include "format/mpcparams_turn.h"
#include "support/scratch.h"

#define BEFORE "fixtures/snarkjs/tiny_0001.zkey"
#define CHALLENGE "fixtures/snarkjs/tiny_challenge_0002.mpcparams"
#define RESPONSE "fixtures/snarkjs/tiny_response_0002.mpcparams"
#define AFTER "fixtures/snarkjs/tiny_0002.zkey"

/* Where things begin in the response. */
#define H 772 /* a count, 15 points */
#define B2 3668
#define HASH 5080

static Mpcparams *opened(const FileBytes *b) {
    Mpcparams *m;
    CvkErr err;
    if (!mpcparams_memory(b->data, b->n, "a.file", &m, &err))
        fail_msg("%s", err.msg);
    return m;
}

static Zkey *opened_zkey(const FileBytes *b) {
    Zkey *z;
    CvkErr err;
    if (!zkey_memory(b->data, b->n, "before.zkey", &z, &err))
        fail_msg("%s", err.msg);
    return z;
}

static void assert_file_is(const char *path, const char *shared_name) {
    FileBytes made = file_bytes_read(path), wanted = file_bytes_shared(shared_name);
    assert_int_equal(made.n, wanted.n);
    assert_memory_equal(made.data, wanted.data, wanted.n);
    file_bytes_done(&made);
    file_bytes_done(&wanted);
}

/* ---- what is read and written ---- */

static void a_response_of_snarkjs_is_read(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(RESPONSE);

    Mpcparams *m = opened(&b);

    const Phase2Key *key = mpcparams_key(m);
    assert_string_equal(curve_name(key->header.curve), "bn254");
    assert_int_equal(key->header.n_vars, 11);
    assert_int_equal(key->header.n_public, 2);
    assert_int_equal(key->header.domain, 16);
    assert_int_equal(key->v[PHASE2_H].n, 15);
    assert_int_equal(key->v[PHASE2_H].bytes.from, H + 4);
    assert_int_equal(key->v[PHASE2_B2].bytes.from, B2 + 4);
    assert_int_equal(key->contributions_n, 2);
    assert_true(element_equal(&key->contributions[1].delta_after, &key->header.delta_g1));
    assert_memory_equal(key->circuit_hash, b.data + HASH, BLAKE2B_BYTES);
    mpcparams_close(m);
    file_bytes_done(&b);
}

static void a_response_is_written_as_it_was_read(void **state) {
    char path[512];
    FileBytes b = file_bytes_shared(RESPONSE);
    Mpcparams *m = opened(&b);
    Work w = world_work();
    Verdict v;

    assert_true(
        mpcparams_write(scratch_path(*state, path, "copy"), mpcparams_key(m), NULL, &w, &v, NULL));

    assert_true(v.valid);
    assert_file_is(path, RESPONSE);
    mpcparams_close(m);
    file_bytes_done(&b);
}

static void a_key_is_exported_as_snarkjs_does(void **state) {
    char path[512];
    FileBytes b = file_bytes_shared(BEFORE);
    Zkey *z = opened_zkey(&b);
    Work w = world_work();
    Verdict v;

    assert_true(
        mpcparams_export(zkey_key(z), scratch_path(*state, path, "challenge"), &w, &v, NULL));

    assert_true(v.valid);
    assert_file_is(path, CHALLENGE);
    zkey_close(z);
    file_bytes_done(&b);
}

static void a_response_is_imported_as_snarkjs_does(void **state) {
    char path[512];
    FileBytes before = file_bytes_shared(BEFORE), response = file_bytes_shared(RESPONSE);
    Zkey *z = opened_zkey(&before);

    Verdict v = imported(zkey_key(z), &response, scratch_path(*state, path, "after.zkey"));

    assert_true(v.valid);
    assert_file_is(path, AFTER);
    zkey_close(z);
    file_bytes_done(&before);
    file_bytes_done(&response);
}

static void a_challenge_is_answered_and_the_answer_imported(void **state) {
    char answer[512], after[512];
    FileBytes before = file_bytes_shared(BEFORE), challenge = file_bytes_shared(CHALLENGE);
    const uint8_t seed[DRAW_SEED_BYTES] = {1};
    Draw draw = draw_from(seed);
    Work w = world_work();
    uint8_t hash[BLAKE2B_BYTES];
    Mpcparams *m = opened(&challenge);
    scratch_path(*state, answer, "response");

    assert_true(mpcparams_respond(mpcparams_key(m), &draw, answer, &w, hash, NULL));

    FileBytes response = file_bytes_read(answer);
    assert_int_equal(response.n, challenge.n + 384);
    Zkey *z = opened_zkey(&before);
    Verdict v = imported(zkey_key(z), &response, scratch_path(*state, after, "after.zkey"));
    assert_true(v.valid);
    zkey_close(z);
    mpcparams_close(m);
    file_bytes_done(&before);
    file_bytes_done(&challenge);
    file_bytes_done(&response);
}

/* ---- the bases of H ---- */

/* Points as the H of a key, in a form of files. */
static void put_h(Phase2Key *key, const Points *p, PointForm form, uint8_t *bytes) {
    Vector *h = &key->v[PHASE2_H];
    h->n = points_n(p);
    h->reading.form = form;
    h->bytes = cvk_source_memory(bytes, h->n * form_bytes(h->group, form));
    points_write(p, 0, h->n, form, NULL, bytes);
}

/* Both curves, without any file. */
static void what_h_keeps_in_the_other_basis_comes_back(void **state) {
    (void)state;
    const Curve *const curves[] = {curve_bn254(), curve_bls12_381()};
    for (size_t i = 0; i < 2; i++) {
        WorldKey *k = world_key(curves[i]);
        Phase2Key key = k->key;
        Work w = world_work();
        Verdict v = {.valid = true};
        Points *there, *back, *again;
        uint8_t bytes[WORLD_DOMAIN * FORM_BYTES_MAX];

        assert_true(phase2_h_tau(&key, &w, &there, &v, NULL));
        put_h(&key, there, FORM_UNCOMPRESSED, bytes);
        assert_true(phase2_h_lagrange(&key, &w, &back, &v, NULL));
        put_h(&key, back, FORM_MONTGOMERY, bytes);
        assert_true(phase2_h_tau(&key, &w, &again, &v, NULL));

        assert_int_equal(points_n(there), WORLD_DOMAIN - 1);
        assert_int_equal(points_n(back), WORLD_DOMAIN);
        assert_true(points_equal(there, 0, again, 0, WORLD_DOMAIN - 1));
        points_free(there);
        points_free(back);
        points_free(again);
        world_key_free(k);
    }
}

/* There is one of 2^32 in bls12_381's, one of 2^28 in bn254's. */
static void a_domain_without_a_root_of_twice_its_size_is_refused(void **state) {
    (void)state;
    Phase2Key key = {.header = {.curve = curve_bn254(), .domain = 1u << 28}};
    Work w = world_work();
    Verdict v = {.valid = true};
    Points *there;
    CvkErr err;
    key.v[PHASE2_H].n = key.header.domain;

    assert_false(phase2_h_tau(&key, &w, &there, &v, &err));

    assert_string_equal(err.id, "phase2.domain");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_response_of_snarkjs_is_read),
        TEST_SCRATCH(a_response_is_written_as_it_was_read),
        TEST_SCRATCH(a_key_is_exported_as_snarkjs_does),
        TEST_SCRATCH(a_response_is_imported_as_snarkjs_does),
        TEST_SCRATCH(a_challenge_is_answered_and_the_answer_imported),
        TEST(what_h_keeps_in_the_other_basis_comes_back),
        TEST(a_domain_without_a_root_of_twice_its_size_is_refused),
    };
    return cmocka_run_group_tests_name("format/mpcparams", tests, NULL, NULL);
}
