#include "format/mpcparams_zkey.h"
#include "setup/phase2_basis.h"
#include "setup/phase2_verify.h"
#include "support/test.h"

#include "support/file_bytes.h"
#include "support/phase2_world.h"
#include "support/scratch.h"

#define BEFORE "fixtures/snarkjs/tiny_0001.zkey"
#define CHALLENGE "fixtures/snarkjs/tiny_challenge_0002.mpcparams"
#define RESPONSE "fixtures/snarkjs/tiny_response_0002.mpcparams"
#define AFTER "fixtures/snarkjs/tiny_0002.zkey"

/* Where things begin in the response: points of 64 and 128 bytes. */
#define ALPHA1 0
#define BETA1 64
#define BETA2 128
#define GAMMA2 256
#define DELTA1 384
#define DELTA2 448
#define IC 576  /* a count, 3 points */
#define H 772   /* 15 */
#define L 1736  /* 8 */
#define A 2252  /* 11 */
#define B1 2960 /* 11 */
#define B2 3668 /* 11 */
#define HASH 5080
#define COUNT 5144
#define FIRST 5148
#define SECOND (FIRST + 384)

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

/* The verdict of an import that writes `path`; an error is a verdict with its id. */
static Verdict imported(const FileBytes *before, const FileBytes *response, const char *path) {
    Zkey *z = opened_zkey(before);
    Mpcparams *m;
    Work w = world_work();
    Verdict v = {.valid = true};
    CvkErr err;
    if (!mpcparams_memory(response->data, response->n, "a.file", &m, &err)) {
        v = (Verdict){.id = err.id};
    } else {
        if (!mpcparams_import(zkey_key(z), mpcparams_key(m), "bob via bellman", path, &w, &v, &err))
            v = (Verdict){.id = err.id};
        mpcparams_close(m);
    }
    zkey_close(z);
    return v;
}

static void a_response_is_imported_as_snarkjs_does(void **state) {
    char path[512];
    FileBytes before = file_bytes_shared(BEFORE), response = file_bytes_shared(RESPONSE);

    Verdict v = imported(&before, &response, scratch_path(*state, path, "after.zkey"));

    assert_true(v.valid);
    assert_file_is(path, AFTER);
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
    Verdict v = imported(&before, &response, scratch_path(*state, after, "after.zkey"));
    assert_true(v.valid);
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

/* ---- what is refused ---- */

#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
/* the generator of G1, and twice it */
#define G                                                                                          \
    "0000000000000000000000000000000000000000000000000000000000000001"                             \
    "0000000000000000000000000000000000000000000000000000000000000002"
#define GG                                                                                         \
    "030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3"                             \
    "15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4"

static bool open_params(const FileBytes *b, CvkErr *err) {
    Mpcparams *m;
    if (!mpcparams_memory(b->data, b->n, "a.file", &m, err))
        return false;
    mpcparams_close(m);
    return true;
}

static void a_changed_field_is_refused_where_it_stands(void **state) {
    (void)state;
    static const Corruption changes[] = {
        {"alpha1", 0, ALPHA1 + 31, "00", "mpcparams.curve", 0, ALPHA1},
        {"alpha1 infinite", 0, ALPHA1, ZEROS ZEROS, "mpcparams.curve", 0, ALPHA1},
        {"beta1", 0, BETA1 + 63, "00", "mpcparams.point", 0, BETA1},
        {"beta1 not below q", 0, BETA1, ONES, "mpcparams.point", 0, BETA1},
        {"beta2", 0, BETA2 + 100, "00", "mpcparams.point", 0, BETA2},
        {"gamma2", 0, GAMMA2 + 5, "00", "mpcparams.point", 0, GAMMA2},
        {"delta1", 0, DELTA1 + 5, "00", "mpcparams.point", 0, DELTA1},
        {"delta1 infinite", 0, DELTA1, "40" ZEROS, "mpcparams.point", 0, DELTA1},
        {"delta2", 0, DELTA2 + 127, "00", "mpcparams.point", 0, DELTA2},
        {"more of IC", 0, IC + 3, "04", "file.truncated", 0, H + 64},
        {"IC by far", 0, IC, "ffffffff", "file.truncated", 0, IC},
        {"H by far", 0, H, "00ffffff", "file.truncated", 0, H},
        {"L by far", 0, L + 2, "ff", "file.truncated", 0, L},
        {"A by far", 0, A, "7fffffff", "file.truncated", 0, A},
        {"B1 by far", 0, B1, "7fffffff", "file.truncated", 0, B1},
        {"B2 by one point", 0, B2, "0000000c", "mpcparams.count", 0, HASH + 128},
        {"one contribution", 0, COUNT, "00000001", "file.trailing", 0, SECOND},
        {"three contributions", 0, COUNT, "00000003", "file.truncated", 0, COUNT},
        {"contributions by far", 0, COUNT, "ffffffff", "file.truncated", 0, COUNT},
        {"deltaAfter", 0, SECOND + 10, "00", "mpcparams.point", 0, SECOND},
        {"g1_s", 0, SECOND + 64 + 10, "00", "mpcparams.point", 0, SECOND + 64},
        {"g1_s infinite", 0, SECOND + 64, ZEROS ZEROS, "mpcparams.point", 0, SECOND + 64},
        {"g1_sx", 0, SECOND + 128 + 10, "00", "mpcparams.point", 0, SECOND + 128},
        {"g2_spx", 0, SECOND + 192 + 10, "00", "mpcparams.point", 0, SECOND + 192},
    };
    FileBytes b = file_bytes_shared(RESPONSE);
    assert_corruptions_refused(open_params, &b, changes, sizeof changes / sizeof *changes);
    file_bytes_done(&b);
}

static void lengths_that_contradict_each_other_are_refused(void **state) {
    (void)state;
    static const struct {
        size_t at, size, from; /* a point is taken out of this vector, put into that */
    } moves[] = {{L, 64, A}, {A, 64, B1}, {H, 64, L}, {B1, 64, IC}};
    FileBytes whole = file_bytes_shared(RESPONSE);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        CvkErr err;
        size_t from = moves[i].from, at = moves[i].at;
        FileBytes less = file_bytes_splice(&whole, from + 4, moves[i].size, 0, 0);
        less.data[from + 3]--;
        if (from < at)
            at -= moves[i].size;
        FileBytes more = file_bytes_splice(&less, at + 4, 0, moves[i].size, 0);
        more.data[at + 3]++;

        assert_false(open_params(&more, &err));

        assert_string_equal(err.id, "mpcparams.count");
        file_bytes_done(&less);
        file_bytes_done(&more);
    }
    file_bytes_done(&whole);
}

static void a_cut_or_longer_file_is_refused(void **state) {
    (void)state;
    FileBytes b = file_bytes_shared(RESPONSE);
    CvkErr err;
    for (size_t n = 1; n < b.n; n += 7) {
        FileBytes cut = file_bytes_splice(&b, n, b.n - n, 0, 0);
        assert_false(open_params(&cut, &err));
        assert_string_equal(err.id, n < 64 ? "mpcparams.curve" : "file.truncated");
        file_bytes_done(&cut);
    }
    FileBytes longer = file_bytes_splice(&b, b.n, 0, 1, 0);
    assert_false(open_params(&longer, &err));
    assert_string_equal(err.id, "file.trailing");
    file_bytes_done(&longer);
    file_bytes_done(&b);
}

static void a_changed_response_is_not_imported(void **state) {
    static const struct {
        const char *what;
        size_t at;
        const char *hex, *id;
    } changes[] = {
        {"alpha1", ALPHA1, G, "zkey.alpha_g1"},
        {"beta1", BETA1, G, "zkey.beta_g1"},
        {"delta1", DELTA1, GG, "zkey.delta_g1"},
        {"a point of IC", IC + 4, G, "zkey.ic"},
        {"a flag in H", H + 4 + 3 * 64, "ff", "point.bad_infinity"},
        {"a point of IC off the curve", IC + 4 + 10, "00", "point.not_on_curve"},
        {"a point of H", H + 4, G, "zkey.h"},
        {"the last point of H", H + 4 + 14 * 64, G, "zkey.h"},
        {"a point of H off the curve", H + 4 + 5 * 64, "00", "point.not_on_curve"},
        {"a point of H infinite", H + 4 + 3 * 64, ZEROS ZEROS, "zkey.h"},
        {"a point of H not below q", H + 4 + 3 * 64, "3f" ONES, "point.too_large"},
        {"a point of L", L + 4 + 64, G, "zkey.l"},
        {"a point of L off the curve", L + 4 + 64 + 7, "00", "point.not_on_curve"},
        {"a point of L infinite", L + 4 + 64, ZEROS ZEROS, "zkey.l.infinity"},
        {"a point of A", A + 4 + 128, G, "zkey.a"},
        {"a point of B1", B1 + 4 + 64, G, "zkey.b1"},
        {"a point of B2 infinite", B2 + 4 + 2 * 128, ZEROS ZEROS ZEROS ZEROS, "zkey.b2"},
        {"the circuit's hash", HASH + 63, "00", "zkey.circuit_hash"},
        {"the first contribution", FIRST, G, "zkey.prefix"},
        {"the first transcript", FIRST + 320, "00", "zkey.prefix"},
        {"deltaAfter", SECOND, GG, "zkey.contribution.delta"},
        {"g1_s", SECOND + 64, GG, "zkey.contribution.transcript"},
        {"g1_sx", SECOND + 128, GG, "zkey.contribution.transcript"},
        {"the transcript", SECOND + 320 + 5, "00", "zkey.contribution.transcript"},
    };
    char path[512];
    FileBytes before = file_bytes_shared(BEFORE), whole = file_bytes_shared(RESPONSE);
    scratch_path(*state, path, "after.zkey");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        FileBytes b = file_bytes_copy(&whole);
        file_bytes_patch(&b, changes[i].at, changes[i].hex);
        assert_memory_not_equal(b.data, whole.data, whole.n);

        Verdict v = imported(&before, &b, path);

        if (v.valid || strcmp(v.id, changes[i].id) != 0)
            fail_msg("%s: expected %s, not %s", changes[i].what, changes[i].id,
                     v.valid ? "valid" : v.id);
        assert_int_not_equal(access(path, F_OK), 0);
        file_bytes_done(&b);
    }
    file_bytes_done(&before);
    file_bytes_done(&whole);
}

static void a_challenge_is_no_response(void **state) {
    char path[512];
    FileBytes before = file_bytes_shared(BEFORE), challenge = file_bytes_shared(CHALLENGE);

    Verdict v = imported(&before, &challenge, scratch_path(*state, path, "after.zkey"));

    assert_string_equal(v.id, "zkey.count");
    file_bytes_done(&before);
    file_bytes_done(&challenge);
}

static int make_scratch(void **state) {
    static Scratch s;
    scratch_make(&s);
    *state = &s;
    return 0;
}

static int remove_scratch(void **state) {
    scratch_remove(*state);
    return 0;
}

#define IN_SCRATCH(fn) cmocka_unit_test_setup_teardown(fn, make_scratch, remove_scratch)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_response_of_snarkjs_is_read),
        IN_SCRATCH(a_response_is_written_as_it_was_read),
        IN_SCRATCH(a_key_is_exported_as_snarkjs_does),
        IN_SCRATCH(a_response_is_imported_as_snarkjs_does),
        IN_SCRATCH(a_challenge_is_answered_and_the_answer_imported),
        TEST(what_h_keeps_in_the_other_basis_comes_back),
        TEST(a_domain_without_a_root_of_twice_its_size_is_refused),
        TEST(a_changed_field_is_refused_where_it_stands),
        TEST(lengths_that_contradict_each_other_are_refused),
        TEST(a_cut_or_longer_file_is_refused),
        IN_SCRATCH(a_changed_response_is_not_imported),
        IN_SCRATCH(a_challenge_is_no_response),
    };
    return cmocka_run_group_tests_name("format/mpcparams", tests, NULL, NULL);
}
