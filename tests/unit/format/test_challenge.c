#include "format/challenge.h"
#include "support/test.h"

#include "support/file_bytes.h"
#include "support/scratch.h"

#define CHALLENGE "fixtures/snarkjs/pot4_challenge_0002"
#define RESPONSE "fixtures/snarkjs/pot4_response_0002"
#define PUBKEY (3936 - 768) /* where it begins in the response */

static bool open_as(ChallengeKind kind, const FileBytes *b, CvkErr *err) {
    ChallengeFile *f;
    if (!challenge_memory(b->data, b->n, "a.file", kind, &f, err))
        return false;
    challenge_close(f);
    return true;
}

static bool open_challenge(const FileBytes *b, CvkErr *err) {
    return open_as(FILE_CHALLENGE, b, err);
}

static bool open_response(const FileBytes *b, CvkErr *err) {
    return open_as(FILE_RESPONSE, b, err);
}

/* The only point of a vector, or its first. */
static PointFault first_point(const Vector *v) {
    uint8_t bytes[FORM_BYTES_MAX];
    Element e;
    CvkErr err;
    assert_true(cvk_source_read(&v->bytes, 0, bytes, form_bytes(v->group, v->reading.form), &err));
    return element_read(v->group, v->reading, bytes, &e);
}

/* ---- what is read ---- */

static void a_challenge_of_snarkjs_is_read(void **state) {
    (void)state;
    CvkErr err;
    ChallengeFile *f;
    FileBytes b = file_bytes_shared(CHALLENGE);

    assert_true(challenge_memory(b.data, b.n, "a.file", FILE_CHALLENGE, &f, &err));

    const Phase1State *s = challenge_state(f);
    assert_string_equal(curve_name(s->curve), "bn254");
    assert_int_equal(s->power, 4);
    assert_int_equal(s->ceremony_power, 4);
    assert_memory_equal(challenge_hash(f), b.data, BLAKE2B_BYTES);
    assert_int_equal(s->v[PHASE1_TAU_G1].bytes.from, 64);
    assert_int_equal(s->v[PHASE1_TAU_G1].n, 31);
    assert_int_equal(s->v[PHASE1_BETA_G2].bytes.from, 6272 - 128);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        assert_int_equal(first_point(&s->v[v]), POINT_OK);
    challenge_close(f);
    file_bytes_done(&b);
}

static void a_response_of_snarkjs_is_read(void **state) {
    (void)state;
    CvkErr err;
    ChallengeFile *f;
    uint8_t pubkey[PHASE1_PUBKEY_BYTES_MAX];
    FileBytes b = file_bytes_shared(RESPONSE);

    assert_true(challenge_memory(b.data, b.n, "a.file", FILE_RESPONSE, &f, &err));

    const Phase1State *s = challenge_state(f);
    assert_int_equal(s->power, 4);
    assert_int_equal(s->v[PHASE1_BETA_G2].bytes.from + 64, PUBKEY);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        assert_int_equal(first_point(&s->v[v]), POINT_OK);
    assert_int_equal(phase1_pubkey_write(challenge_pubkey(f), FORM_UNCOMPRESSED, pubkey), 768);
    assert_memory_equal(pubkey, b.data + PUBKEY, 768);
    challenge_close(f);
    file_bytes_done(&b);
}

static void every_size_has_one_meaning(void **state) {
    (void)state;
    const Curve *curves[] = {curve_bn254(), curve_bls12_381()};
    for (size_t c = 0; c < 2; c++)
        for (unsigned power = PHASE1_POWER_MIN; power <= PHASE1_POWER_MAX; power++)
            for (unsigned kind = FILE_CHALLENGE; kind <= FILE_RESPONSE; kind++) {
                ChallengeKind found_kind;
                const Curve *found_curve;
                unsigned found_power;
                uint64_t n = challenge_bytes(kind, curves[c], power);

                assert_true(challenge_of_size(n, &found_kind, &found_curve, &found_power));

                assert_int_equal(found_kind, kind);
                assert_ptr_equal(found_curve, curves[c]);
                assert_int_equal(found_power, power);
            }
}

static void sizes_are_those_of_snarkjs(void **state) {
    (void)state;
    assert_int_equal(challenge_bytes(FILE_CHALLENGE, curve_bn254(), 4), 6272);
    assert_int_equal(challenge_bytes(FILE_RESPONSE, curve_bn254(), 4), 3936);
    assert_int_equal(challenge_bytes(FILE_CHALLENGE, curve_bls12_381(), 4), 9376);
    assert_int_equal(challenge_bytes(FILE_RESPONSE, curve_bls12_381(), 4), 5872);
    assert_int_equal(challenge_bytes(FILE_RESPONSE, curve_bn254(), 25),
                     ((uint64_t)192 << 25) + 864);
}

/* Power 25, 6.4 GB: holes, but for the keys at the end. */
static void a_response_beyond_4_gib_is_opened(void **state) {
    CvkErr err = {0};
    char path[512];
    ChallengeFile *f;
    FileBytes small = file_bytes_shared(RESPONSE);
    uint64_t n = challenge_bytes(FILE_RESPONSE, curve_bn254(), 25);
    FILE *large = fopen(scratch_path(*state, path, "response"), "wb");
    assert_non_null(large);
    bool holes = ftruncate(fileno(large), (off_t)n) == 0;
    if (holes)
        assert_int_equal(pwrite(fileno(large), small.data + PUBKEY, 768, (off_t)(n - 768)), 768);
    fclose(large);
    file_bytes_done(&small);
    if (!holes) {
        print_message("# SKIP: this file system has no files of %llu bytes\n",
                      (unsigned long long)n);
        skip();
    }

    if (!challenge_open(path, FILE_RESPONSE, &f, &err))
        fail_msg("%s", err.msg);

    const Vector *last = &challenge_state(f)->v[PHASE1_BETA_G2];
    assert_int_equal(challenge_state(f)->power, 25);
    assert_int_equal(last->bytes.from, n - 768 - 64);
    challenge_close(f);
}

/* ---- what is refused ---- */

static void a_file_of_another_size_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool (*open)(const FileBytes *b, CvkErr *err);
        const char *id;
    } kinds[] = {{CHALLENGE, open_challenge, "challenge.size"},
                 {RESPONSE, open_response, "response.size"}};
    static const int by[] = {-6000, -3936 / 2, -768, -128, -64, -32, -2,  -1,  1,   2,   3,
                             31,    32,        63,   64,   96,  128, 192, 384, 768, 4096};
    for (size_t k = 0; k < 2; k++) {
        FileBytes b = file_bytes_shared(kinds[k].name);
        for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
            CvkErr err = {0};
            if (by[i] < 0 && (size_t)-by[i] > b.n)
                continue;
            FileBytes other = by[i] < 0 ? file_bytes_splice(&b, 0, (size_t)-by[i], 0, 0)
                                        : file_bytes_splice(&b, b.n, 0, (size_t)by[i], 0);

            assert_false(kinds[k].open(&other, &err));

            assert_string_equal(err.id, kinds[k].id);
            file_bytes_done(&other);
        }
        file_bytes_done(&b);
    }
}

static void the_other_kind_is_told_by_its_size(void **state) {
    (void)state;
    CvkErr err = {0};
    FileBytes challenge = file_bytes_shared(CHALLENGE), response = file_bytes_shared(RESPONSE);

    assert_false(open_response(&challenge, &err));
    assert_string_equal(
        err.msg, "a.file: it has the size of a challenge (bn254, power 4), not of a response");
    assert_false(open_challenge(&response, &err));
    assert_string_equal(err.id, "challenge.size");

    file_bytes_done(&challenge);
    file_bytes_done(&response);
}

#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void a_changed_key_of_a_response_is_refused_where_it_stands(void **state) {
    (void)state;
    static const Corruption changes[] = {
        {"tau.g1_s x", 0, PUBKEY + 31, "00", "response.point", 0, PUBKEY},
        {"tau.g1_s y", 0, PUBKEY + 63, "00", "response.point", 0, PUBKEY},
        {"tau.g1_s x not below q", 0, PUBKEY, ONES, "response.point", 0, PUBKEY},
        {"tau.g1_s y not below q", 0, PUBKEY + 32, ONES, "response.point", 0, PUBKEY},
        {"tau.g1_s zeros", 0, PUBKEY, ZEROS ZEROS, "response.point", 0, PUBKEY},
        {"tau.g1_s infinity flag", 0, PUBKEY, "40", "response.point", 0, PUBKEY},
        {"tau.g1_sx", 0, PUBKEY + 64 + 40, "00", "response.point", 0, PUBKEY + 64},
        {"tau.g1_sx infinite", 0, PUBKEY + 64, ZEROS ZEROS, "response.point", 0, PUBKEY + 64},
        {"alpha.g1_s", 0, PUBKEY + 128 + 9, "00", "response.point", 0, PUBKEY + 128},
        {"alpha.g1_sx", 0, PUBKEY + 192 + 50, "00", "response.point", 0, PUBKEY + 192},
        {"alpha.g1_sx not below q", 0, PUBKEY + 192, ONES, "response.point", 0, PUBKEY + 192},
        {"beta.g1_s", 0, PUBKEY + 256 + 1, "00", "response.point", 0, PUBKEY + 256},
        {"beta.g1_sx", 0, PUBKEY + 320 + 63, "00", "response.point", 0, PUBKEY + 320},
        {"tau.g2_spx x.c1", 0, PUBKEY + 384 + 31, "00", "response.point", 0, PUBKEY + 384},
        {"tau.g2_spx x.c0", 0, PUBKEY + 384 + 63, "00", "response.point", 0, PUBKEY + 384},
        {"tau.g2_spx y.c1", 0, PUBKEY + 384 + 95, "00", "response.point", 0, PUBKEY + 384},
        {"tau.g2_spx y.c0", 0, PUBKEY + 384 + 127, "00", "response.point", 0, PUBKEY + 384},
        {"tau.g2_spx not below q", 0, PUBKEY + 384, ONES, "response.point", 0, PUBKEY + 384},
        {"tau.g2_spx infinite", 0, PUBKEY + 384, ZEROS ZEROS ZEROS ZEROS, "response.point", 0,
         PUBKEY + 384},
        {"alpha.g2_spx", 0, PUBKEY + 512 + 127, "00", "response.point", 0, PUBKEY + 512},
        {"alpha.g2_spx not below q", 0, PUBKEY + 512 + 32, ONES, "response.point", 0, PUBKEY + 512},
        {"beta.g2_spx", 0, PUBKEY + 640, "00", "response.point", 0, PUBKEY + 640},
        {"beta.g2_spx y", 0, PUBKEY + 640 + 127, "00", "response.point", 0, PUBKEY + 640},
    };
    FileBytes b = file_bytes_shared(RESPONSE);

    assert_corruptions_refused(open_response, &b, changes, sizeof changes / sizeof changes[0]);

    file_bytes_done(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_challenge_of_snarkjs_is_read),
        TEST(a_response_of_snarkjs_is_read),
        TEST(every_size_has_one_meaning),
        TEST(sizes_are_those_of_snarkjs),
        TEST_SCRATCH(a_response_beyond_4_gib_is_opened),
        TEST(a_file_of_another_size_is_refused),
        TEST(the_other_kind_is_told_by_its_size),
        TEST(a_changed_key_of_a_response_is_refused_where_it_stands),
    };
    return cmocka_run_group_tests_name("format/challenge", tests, NULL, NULL);
}
