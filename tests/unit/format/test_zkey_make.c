#include "format/zkey_make.h"
#include "setup/phase1_new.h"
#include "support/test.h"

#include "support/file_bytes.h"
#include "support/gunzip.h"
#include "support/scratch.h"

#include "base/hex.h"

#define FIXTURES "fixtures/snarkjs/"
#define CHAIN_BYTES 3280228

static Work work(void) {
    Work w = {.memory = WORK_MEMORY_MIN};
    memset(w.seed, 7, sizeof w.seed);
    return w;
}

static R1cs *open_circuit(const FileBytes *b) {
    R1cs *r;
    CvkErr err = {0};
    if (!r1cs_memory(b->data, b->n, "a.r1cs", &r, &err))
        fail_msg("%s", err.msg);
    return r;
}

static Ptau *open_powers(const FileBytes *b) {
    Ptau *p;
    CvkErr err = {0};
    if (!ptau_memory(b->data, b->n, "a.ptau", &p, &err))
        fail_msg("%s", err.msg);
    return p;
}

/* A circuit, powers of tau and a place for the key. */
typedef struct {
    FileBytes circuit_bytes, powers_bytes;
    R1cs *circuit;
    Ptau *powers;
    Scratch scratch;
    char out[512];
} Case;

static Case case_open(FileBytes circuit, FileBytes powers) {
    Case c = {.circuit_bytes = circuit, .powers_bytes = powers};
    c.circuit = open_circuit(&circuit);
    c.powers = open_powers(&powers);
    scratch_make(&c.scratch);
    scratch_path(&c.scratch, c.out, "out.zkey");
    return c;
}

static void case_close(Case *c) {
    r1cs_close(c->circuit);
    ptau_close(c->powers);
    file_bytes_done(&c->circuit_bytes);
    file_bytes_done(&c->powers_bytes);
    scratch_remove(&c->scratch);
}

static Case tiny_case(const char *powers) {
    return case_open(file_bytes_shared(FIXTURES "tiny.r1cs"), file_bytes_shared(powers));
}

static void assert_made_as(const Case *c, const Work *w, const char *expected) {
    uint8_t hash[BLAKE2B_BYTES];
    Verdict verdict = {.valid = true};
    CvkErr err = {0};
    if (!zkey_make(c->circuit, c->powers, c->out, w, hash, &verdict, &err))
        fail_msg("%s", err.msg);
    assert_true(verdict.valid);
    FileBytes made = file_bytes_read(c->out), right = file_bytes_shared(expected);
    assert_int_equal(made.n, right.n);
    assert_memory_equal(made.data, right.data, right.n);
    assert_memory_equal(hash, right.data + file_bytes_section(&right, 10) + SECTION_HEAD_BYTES,
                        sizeof hash);
    file_bytes_done(&made);
    file_bytes_done(&right);
}

/* ---- as snarkjs makes them ---- */

static void the_key_is_the_same_as_snarkjs_made(void **state) {
    (void)state;
    Case c = tiny_case(FIXTURES "pot4_final.ptau");
    Work w = work();

    assert_made_as(&c, &w, FIXTURES "tiny_0000.zkey");

    case_close(&c);
}

static void the_key_of_the_deterministic_ceremony_is_the_same(void **state) {
    (void)state;
    Case c = tiny_case(FIXTURES "det/d4_final.ptau");
    Work w = work();

    assert_made_as(&c, &w, FIXTURES "det/t_0000.zkey");

    case_close(&c);
}

static void threads_and_memory_do_not_change_it(void **state) {
    (void)state;
    Case c = tiny_case(FIXTURES "det/d4_final.ptau");
    Work w = work();
    CvkErr err;
    w.memory = WORK_MEMORY_DEFAULT;
    w.pool = cvk_pool_new(3, &err);
    assert_non_null(w.pool);

    assert_made_as(&c, &w, FIXTURES "det/t_0000.zkey");

    cvk_pool_free(w.pool);
    case_close(&c);
}

static void an_unnamed_key_is_the_same_and_leaves_nothing_behind(void **state) {
    (void)state;
    Case c = tiny_case(FIXTURES "det/d4_final.ptau");
    Work w = work();
    Verdict verdict = {.valid = true};
    CvkErr err;
    Zkey *z;
    char old[512];
    snprintf(old, sizeof old, "%s", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    setenv("TMPDIR", c.scratch.dir, 1);

    assert_true(zkey_make_unnamed(c.circuit, c.powers, &w, &z, &verdict, &err));

    setenv("TMPDIR", old, 1);
    FileBytes right = file_bytes_shared(FIXTURES "det/t_0000.zkey");
    CvkSource h;
    uint8_t first[64];
    assert_int_equal(section_file_bytes(zkey_file(z)), right.n);
    assert_true(section_find(zkey_file(z), ZKEY_H, &h));
    assert_true(cvk_source_read(&h, 0, first, sizeof first, &err));
    assert_memory_equal(first, right.data + file_bytes_section(&right, 9) + SECTION_HEAD_BYTES,
                        sizeof first);
    assert_int_equal(rmdir(c.scratch.dir), 0);
    zkey_close(z);
    file_bytes_done(&right);
    case_close(&c);
}

/* ---- what does not fit ---- */

static void assert_not_made(const Case *c, const char *id, const char *text) {
    Work w = work();
    Verdict verdict = {.valid = true};
    CvkErr err = {0};

    assert_false(zkey_make(c->circuit, c->powers, c->out, &w, NULL, &verdict, &err));

    assert_string_equal(err.id, id);
    if (strstr(err.msg, text) == NULL)
        fail_msg("no '%s' in '%s'", text, err.msg);
    assert_int_not_equal(access(c->out, F_OK), 0);
}

static FileBytes chain_circuit(void) {
    FileBytes b = {.data = malloc(CHAIN_BYTES + 1)};
    FILE *f = gunzip_shared(FIXTURES "quirk/chain20000.r1cs.gz");
    b.n = fread(b.data, 1, CHAIN_BYTES + 1, f);
    assert_int_equal(pclose(f), 0);
    assert_int_equal(b.n, CHAIN_BYTES);
    return b;
}

static void too_few_powers_are_refused_with_what_is_needed(void **state) {
    (void)state;
    Case c = case_open(chain_circuit(), file_bytes_shared(FIXTURES "pot4_final.ptau"));

    assert_not_made(&c, "ptau.power", "need powers of tau of power 15 at least");

    case_close(&c);
}

static void powers_that_are_not_prepared_are_refused(void **state) {
    (void)state;
    Case c = tiny_case(FIXTURES "pot4_beacon.ptau");

    assert_not_made(&c, "ptau.prepared", "prepare");

    case_close(&c);
}

/* A coordinate of a point in a section of powers, made wrong. */
static void a_point_that_is_none_is_a_verdict_and_nothing_is_written(void **state) {
    (void)state;
    static const struct {
        uint32_t section;
        size_t at; /* in the section, in a level that is used */
        const char *name;
    } places[] = {
        {2, 3 * 64, "tauG1[3]"}, {2, 20 * 64, "tauG1[20]"}, {4, 0, "alphaTauG1[0]"},
        {5, 0, "betaTauG1[0]"},  {6, 0, "betaG2[0]"},       {12, 15 * 64, "[0]"},
        {12, 31 * 64, "[0]"},    {13, 16 * 128, "[1]"},     {14, 17 * 64, "[2]"},
        {15, 18 * 64, "[3]"},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        FileBytes powers = file_bytes_shared(FIXTURES "det/d4_final.ptau");
        size_t at =
            file_bytes_section(&powers, places[i].section) + SECTION_HEAD_BYTES + places[i].at;
        powers.data[at] ^= 1;
        Case c = case_open(file_bytes_shared(FIXTURES "tiny.r1cs"), powers);
        Work w = work();
        Verdict verdict = {.valid = true};
        CvkErr err = {0};

        assert_true(zkey_make(c.circuit, c.powers, c.out, &w, NULL, &verdict, &err));

        assert_false(verdict.valid);
        assert_int_equal(verdict.place.section, places[i].section);
        assert_int_equal(verdict.place.offset, at);
        if (strstr(verdict.text, places[i].name) == NULL)
            fail_msg("no '%s' in '%s'", places[i].name, verdict.text);
        assert_int_not_equal(access(c.out, F_OK), 0);
        case_close(&c);
    }
}

/* ---- the hash of large circuits ---- */

static bool put_zeros(const CvkSink *to, uint64_t n, CvkErr *err) {
    static const uint8_t zeros[4096];
    for (uint64_t m; n != 0; n -= m) {
        m = n < sizeof zeros ? n : sizeof zeros;
        if (!cvk_sink_write(to, zeros, (size_t)m, err))
            return false;
    }
    return true;
}

/* With tau = 1 each Lagrange basis is the generator and then nothing but infinity. */
static void put_lagrange(SectionWriter *w, const Curve *c, Phase1Vector which, unsigned power) {
    const Group *g = phase1_vector_group(c, which);
    Element one = element_generator(g);
    uint8_t b[FORM_BYTES_MAX];
    size_t each = form_bytes(g, FORM_MONTGOMERY);
    unsigned top = which == PHASE1_TAU_G1 ? power + 1 : power;
    CvkErr err;
    CvkSink to;
    element_write(&one, FORM_MONTGOMERY, b);
    assert_true(section_writer_begin(w, ptau_lagrange_section(which), &to, &err));
    for (unsigned level = 0; level <= top; level++) {
        assert_true(cvk_sink_write(&to, b, each, &err));
        assert_true(put_zeros(&to, (((uint64_t)1 << level) - 1) * each, &err));
    }
}

/* Powers of tau to which nobody has contributed, prepared but for their last level, which no hash
 * sees. */
static void write_new_powers(const char *path, const Curve *c, unsigned power) {
    const Phase1State s = {.curve = c, .power = power, .ceremony_power = power};
    SectionWriter *w;
    CvkErr err;
    CvkSink to;
    assert_true(ptau_writer_open(path, &s, true, &w, &err));
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        assert_true(section_writer_begin(w, ptau_vector_section(v), &to, &err));
        assert_true(phase1_new_write(c, v, power, FORM_MONTGOMERY, &to, NULL, &err));
    }
    assert_true(ptau_write_contributions(w, NULL, NULL, &err));
    for (Phase1Vector v = PHASE1_TAU_G1; v <= PHASE1_BETA_G1; v++)
        put_lagrange(w, c, v, power);
    assert_true(section_writer_commit(w, &err));
}

/* Of a circuit (whose bytes this frees) with new powers. */
static void assert_circuit_hash(FileBytes bytes, unsigned power, const char *expected_hex) {
    R1cs *circuit = open_circuit(&bytes);
    Scratch s;
    char path[512], out[512], hex[2 * BLAKE2B_BYTES + 1];
    uint8_t hash[BLAKE2B_BYTES];
    Work w = work();
    Verdict verdict = {.valid = true};
    CvkErr err = {0};
    Ptau *powers;
    scratch_make(&s);
    write_new_powers(scratch_path(&s, path, "new.ptau"), r1cs_circuit(circuit)->curve, power);
    if (!ptau_open(path, &powers, &err))
        fail_msg("%s", err.msg);

    bool ok =
        zkey_make(circuit, powers, scratch_path(&s, out, "out.zkey"), &w, hash, &verdict, &err);

    assert_true(ok && verdict.valid);
    cvk_hex_encode(hash, sizeof hash, hex);
    assert_string_equal(hex, expected_hex);
    ptau_close(powers);
    r1cs_close(circuit);
    file_bytes_done(&bytes);
    scratch_remove(&s);
}

/* fixtures/snarkjs/README.md, section 4 */
static void a_large_circuit_has_snarkjs_s_hash_where_the_powers_just_suffice(void **state) {
    (void)state;
    assert_circuit_hash(chain_circuit(), 15,
                        "532b50b0eb3af560ceb4a67644957ce1592cc5f573e3e6ce7c92b3803c79a5da"
                        "5f2afc4ea791ef7902be1a23329a71d84c6098a7b1e68b83f74ca94e6d49d2e4");
}

static void a_large_circuit_has_snarkjs_s_hash_where_there_are_more_powers(void **state) {
    (void)state;
    assert_circuit_hash(chain_circuit(), 16,
                        "bfd073206e470e0dc4278954482e16267cfd9333ab51392c5c32bf22058c00e1"
                        "4328b0fd1139b9078c42df3a2861e6737fdaf5a50a6ae97c3747aef7e66b04e6");
}

#define EMPTY_CONSTRAINTS 16384u
#define LIST_BYTES 4 /* of a sum without terms */

static uint8_t *put_section(uint8_t *at, uint32_t type, uint64_t n) {
    cvk_put_le32(type, at);
    cvk_put_le64(n, at + 4);
    return at + SECTION_HEAD_BYTES;
}

/* Two wires, the second an output w; w * w = w, and 16383 constraints that say 0 * 0 = 0. */
static FileBytes empty_circuit(const Curve *c) {
    const uint32_t constraints_n = EMPTY_CONSTRAINTS * 3 * LIST_BYTES + 3 * (4 + FR_BYTES);
    FileBytes b = {.n = 4 * SECTION_HEAD_BYTES + 64 + constraints_n + 16};
    b.data = calloc(1, b.n);
    assert_non_null(b.data);
    memcpy(b.data, "r1cs", 4);
    cvk_put_le32(1, b.data + 4);
    cvk_put_le32(3, b.data + 8);
    uint8_t *at = put_section(b.data + SECTION_HEAD_BYTES, 1, 64);
    cvk_put_le32(FR_BYTES, at);
    curve_order(c, at + 4);
    cvk_put_le32(2, at + 36);
    cvk_put_le32(1, at + 40);
    cvk_put_le32(EMPTY_CONSTRAINTS, at + 60);
    at = put_section(at + 64, 2, constraints_n);
    for (uint8_t *list = at; list < at + 3 * 40; list += 40) {
        cvk_put_le32(1, list);     /* a term */
        cvk_put_le32(1, list + 4); /* of wire 1 */
        list[8] = 1;               /* times 1 */
    }
    put_section(at + constraints_n, 3, 16);
    return b;
}

/* What snarkjs 0.7.6 (groth16 setup) says of these two. */
static void a_large_circuit_over_bn254_without_terms_has_snarkjs_s_hash(void **state) {
    (void)state;
    assert_circuit_hash(empty_circuit(curve_bn254()), 15,
                        "20cfc7e83bbc257b4a1b9b629936700e248e08525a3c3fc833fcbebaeaaffba5"
                        "559ac4dc78879fb7f3fabfa310bfed34f19e315fd83d80d7f608ebf6afc68315");
}

static void a_large_circuit_over_bls12_381_has_snarkjs_s_hash(void **state) {
    (void)state;
    assert_circuit_hash(empty_circuit(curve_bls12_381()), 15,
                        "192f2563c7b6d6dd5e8712a885f72b5f086258c27edea871e5e02e58f4c08aac"
                        "c761f207b46897eb9a966871f25c50c3d6d495611ef97cb59300532ea0bb6c61");
}

static void a_circuit_of_another_curve_is_refused(void **state) {
    (void)state;
    Case c =
        case_open(empty_circuit(curve_bls12_381()), file_bytes_shared(FIXTURES "pot4_final.ptau"));

    assert_not_made(&c, "zkey.curve",
                    "the circuit is for bls12_381, the powers of tau are for bn254");

    case_close(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_key_is_the_same_as_snarkjs_made),
        TEST(the_key_of_the_deterministic_ceremony_is_the_same),
        TEST(threads_and_memory_do_not_change_it),
        TEST(an_unnamed_key_is_the_same_and_leaves_nothing_behind),
        TEST(too_few_powers_are_refused_with_what_is_needed),
        TEST(powers_that_are_not_prepared_are_refused),
        TEST(a_point_that_is_none_is_a_verdict_and_nothing_is_written),
        TEST(a_large_circuit_has_snarkjs_s_hash_where_the_powers_just_suffice),
        TEST(a_large_circuit_has_snarkjs_s_hash_where_there_are_more_powers),
        TEST(a_large_circuit_over_bn254_without_terms_has_snarkjs_s_hash),
        TEST(a_large_circuit_over_bls12_381_has_snarkjs_s_hash),
        TEST(a_circuit_of_another_curve_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
