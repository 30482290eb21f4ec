/* Proofs with keys that snarkjs made, of a witness that circom's program computed. */
#include "base/alloc.h"
#include "format/wtns.h"
#include "format/zkey.h"
#include "setup/groth16_prove.h"
#include "support/test.h"

#include "support/file_bytes.h"

#define FIXTURES "fixtures/snarkjs/"

/* A key and what its circuit's program computed. */
typedef struct {
    FileBytes key_bytes;
    Zkey *zkey;
    const Phase2Key *key;
    Fr *witness;
} Case;

static Work work(void) {
    return (Work){.memory = WORK_MEMORY_MIN, .seed = {3}};
}

static Fr *read_witness(const Curve *c, const char *name) {
    FileBytes b = file_bytes_shared(name);
    Wtns *w;
    CvkErr err;
    assert_true(wtns_memory(b.data, b.n, name, &w, &err));
    const CvkSource values = wtns_values(w);
    Fr *ret = calloc(wtns_n(w), sizeof *ret);
    assert_non_null(ret);
    for (uint32_t i = 0; i < wtns_n(w); i++) {
        uint8_t le[FR_BYTES];
        assert_true(cvk_source_read(&values, (uint64_t)i * FR_BYTES, le, sizeof le, &err));
        assert_true(fr_from_le(c, le, &ret[i]));
    }
    wtns_close(w);
    file_bytes_done(&b);
    return ret;
}

static Case case_open(void) {
    Case c = {.key_bytes = file_bytes_shared(FIXTURES "tiny_final.zkey")};
    CvkErr err = {0};
    if (!zkey_memory(c.key_bytes.data, c.key_bytes.n, "key", &c.zkey, &err))
        fail_msg("%s", err.msg);
    c.key = zkey_key(c.zkey);
    c.witness = read_witness(c.key->header.curve, FIXTURES "tiny.wtns");
    return c;
}

static void case_close(Case *c) {
    free(c->witness);
    zkey_close(c->zkey);
    file_bytes_done(&c->key_bytes);
}

static Groth16Proof prove(const Case *c, uint8_t chance) {
    const Work w = work();
    uint8_t seed[DRAW_SEED_BYTES];
    memset(seed, chance, sizeof seed);
    Draw draw = draw_from(seed);
    Groth16Prover *p;
    Groth16Proof ret = {0};
    CvkErr err = {0};
    if (!groth16_prover_new(c->key, &w, &p, &err) ||
        !groth16_prove(p, c->witness, &draw, NULL, &ret, &err))
        fail_msg("%s", err.msg);
    groth16_prover_free(p);
    return ret;
}

static bool holds(const Case *c, const Fr *inputs, const Groth16Proof *p) {
    const Work w = work();
    Groth16Vkey *vkey;
    Verdict verdict;
    CvkErr err = {0};
    if (!groth16_vkey_of(c->key, &w, &vkey, &verdict, &err) || vkey == NULL ||
        !groth16_verify(vkey, inputs, c->key->header.n_public, p, NULL, &verdict, &err))
        fail_msg("%s", err.msg);
    groth16_vkey_free(vkey);
    return verdict.valid;
}

static void a_proof_of_circoms_witness_holds_under_snarkjss_key(void **state) {
    (void)state;
    Case c = case_open();

    Groth16Proof p = prove(&c, 1);

    assert_true(holds(&c, c.witness + 1, &p));
    case_close(&c);
}

static void it_holds_for_no_other_inputs(void **state) {
    (void)state;
    Case c = case_open();
    const Curve *curve = c.key->header.curve;
    const Fr one = fr_from_uint(curve, 1);
    Groth16Proof p = prove(&c, 1);

    c.witness[1] = fr_add(curve, &c.witness[1], &one);

    assert_false(holds(&c, c.witness + 1, &p));
    case_close(&c);
}

/* Whichever signal is wrong. */
static void no_signal_of_a_witness_is_free(void **state) {
    (void)state;
    Case c = case_open();
    const Curve *curve = c.key->header.curve;
    const Fr one = fr_from_uint(curve, 1);
    for (uint32_t i = 1; i < c.key->header.n_vars; i++) {
        const Fr right = c.witness[i];
        c.witness[i] = fr_add(curve, &right, &one);

        Groth16Proof p = prove(&c, 1);

        if (holds(&c, c.witness + 1, &p))
            fail_msg("signal %u may be anything", i);
        c.witness[i] = right;
    }
    case_close(&c);
}

static void two_proofs_of_one_witness_have_no_point_in_common(void **state) {
    (void)state;
    Case c = case_open();

    Groth16Proof p = prove(&c, 1), q = prove(&c, 2);

    assert_false(element_equal(&p.a, &q.a));
    assert_false(element_equal(&p.b, &q.b));
    assert_false(element_equal(&p.c, &q.c));
    assert_true(holds(&c, c.witness + 1, &q));
    case_close(&c);
}

/* A key's coefficients are damaged, and what reads .zkey files has not seen it. */
static void refuse_coefficients(size_t at, uint32_t value) {
    Case c = case_open();
    Phase2Key key = *c.key;
    const Work w = work();
    Groth16Prover *p;
    CvkErr err = {0};
    uint8_t *bytes = malloc((size_t)key.coefficients.n);
    assert_non_null(bytes);
    assert_true(cvk_source_read(&key.coefficients, 0, bytes, (size_t)key.coefficients.n, &err));
    cvk_put_le32(value, bytes + at);
    key.coefficients = cvk_source_memory(bytes, (size_t)key.coefficients.n);

    assert_false(groth16_prover_new(&key, &w, &p, &err));

    assert_string_equal(err.id, "groth16.coefficients");
    free(bytes);
    case_close(&c);
}

static void coefficients_that_point_outside_the_key_are_refused(void **state) {
    (void)state;
    refuse_coefficients(0, 1);                        /* their number */
    refuse_coefficients(4, 2);                        /* a matrix */
    refuse_coefficients(8, 1u << 20);                 /* a constraint */
    refuse_coefficients(12, 1u << 20);                /* a signal */
    refuse_coefficients(16 + FR_BYTES - 4, 1u << 31); /* a value that is not below r */
}

static void a_point_that_is_none_is_refused(void **state) {
    (void)state;
    Case c = case_open();
    const Work w = work();
    Groth16Prover *p;
    CvkErr err = {0};
    c.key_bytes.data[file_bytes_section(&c.key_bytes, ZKEY_H) + SECTION_HEAD_BYTES + 64] ^= 1;

    assert_false(groth16_prover_new(c.key, &w, &p, &err));

    assert_string_equal(err.id, "point.not_on_curve");
    case_close(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_proof_of_circoms_witness_holds_under_snarkjss_key),
        TEST(it_holds_for_no_other_inputs),
        TEST(no_signal_of_a_witness_is_free),
        TEST(two_proofs_of_one_witness_have_no_point_in_common),
        TEST(coefficients_that_point_outside_the_key_are_refused),
        TEST(a_point_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("groth16_prove", tests, NULL, NULL);
}
