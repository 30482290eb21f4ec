#include "format/r1cs.h"
#include "support/test.h"

#include "format/both_primes.h"
#include "support/gunzip.h"
#include "support/scratch.h"

#define TINY "fixtures/snarkjs/tiny.r1cs"
#define CHAIN_BYTES 3280228
#define ALL_ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static int setup(void **state) {
    FileBytes *b = *state = malloc(sizeof *b);
    char path[1024];
    const char *dir = getenv("CONVOKE_SHARED");
    snprintf(path, sizeof path, "%s/" TINY, dir != NULL ? dir : "../shared");
    *b = access(path, R_OK) == 0 ? file_bytes_read(path) : (FileBytes){0};
    return 0;
}

static int teardown(void **state) {
    FileBytes *b = *state;
    file_bytes_done(b);
    free(b);
    return 0;
}

/* Skips where there are no shared data. */
static const FileBytes *tiny(void **state) {
    char path[1024];
    shared_path(path, sizeof path, TINY);
    return *state;
}

static bool open_bytes(const FileBytes *b, CvkErr *err) {
    R1cs *r;
    if (!r1cs_memory(b->data, b->n, "a.r1cs", &r, err))
        return false;
    r1cs_close(r);
    return true;
}

static R1cs *open_good(const FileBytes *b) {
    R1cs *r;
    CvkErr err = {0};
    if (!r1cs_memory(b->data, b->n, "a.r1cs", &r, &err))
        fail_msg("%s", err.msg);
    return r;
}

/* ---- what is read ---- */

static void counts_are_those_of_the_circuit(void **state) {
    R1cs *r = open_good(tiny(state));

    const R1csCounts *n = r1cs_counts(r);
    const Circuit *c = r1cs_circuit(r);

    assert_int_equal(n->wires, 11);
    assert_int_equal(n->outputs, 1);
    assert_int_equal(n->public_inputs, 1);
    assert_int_equal(n->private_inputs, 2);
    assert_int_equal(n->labels, 11);
    assert_int_equal(n->constraints, 7);
    assert_int_equal(n->terms[CIRCUIT_A] + n->terms[CIRCUIT_B], 14);
    assert_string_equal(curve_name(c->curve), "bn254");
    assert_int_equal(c->n_vars, 11);
    assert_int_equal(c->n_public, 2);
    assert_int_equal(circuit_domain_power(c), 4);
    r1cs_close(r);
}

/* Constraint 0 of the fixture: (-1 * wire 3) * (1 * wire 2) = (-1 * wire 5), as its bytes say. */
static void assert_terms_of_tiny(const FileBytes *b, const Scalars *s) {
    R1cs *r = open_good(b);
    const Circuit *c = r1cs_circuit(r);
    CircuitTerm t[3];
    CircuitPlace place = {0};
    size_t n;
    CvkErr err;

    assert_true(c->read(c->ctx, &place, t, 3, &n, &err));

    Fr one = fr_from_uint(c->curve, 1), minus_one = fr_neg(c->curve, &one);
    assert_string_equal(curve_name(c->curve), s->curve);
    assert_int_equal(n, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(t[i].matrix, i);
        assert_int_equal(t[i].constraint, 0);
    }
    assert_int_equal(t[0].signal, 3);
    assert_true(fr_equal(&t[0].value, &minus_one));
    assert_int_equal(t[1].signal, 2);
    assert_true(fr_equal(&t[1].value, &one));
    assert_int_equal(t[2].signal, 5);
    assert_true(fr_equal(&t[2].value, &minus_one));
    r1cs_close(r);
}

static void terms_come_in_the_order_of_the_file(void **state) {
    over_both_primes(tiny(state), assert_terms_of_tiny);
}

static void blocks_of_any_length_give_the_same_terms(void **state) {
    R1cs *r = open_good(tiny(state));
    const Circuit *c = r1cs_circuit(r);
    CircuitTerm all[64], some[64];
    CircuitPlace place = {0};
    size_t n_all;
    CvkErr err;
    assert_true(c->read(c->ctx, &place, all, 64, &n_all, &err));

    for (size_t size = 1; size <= n_all; size++) {
        size_t n = 0, got;
        place = (CircuitPlace){0};
        do {
            assert_true(n + size <= 64);
            assert_true(c->read(c->ctx, &place, some + n, size, &got, &err));
            n += got;
        } while (got != 0);
        assert_int_equal(n, n_all);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(some[i].signal, all[i].signal);
            assert_int_equal(some[i].constraint, all[i].constraint);
            assert_int_equal(some[i].matrix, all[i].matrix);
            assert_true(fr_equal(&some[i].value, &all[i].value));
        }
    }
    r1cs_close(r);
}

static void sections_may_come_in_any_order(void **state) {
    static const uint32_t orders[][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                         {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        FileBytes b = file_bytes_order(tiny(state), orders[i], 3);
        R1cs *r = open_good(&b);
        assert_int_equal(r1cs_counts(r)->terms[CIRCUIT_B], 7);
        r1cs_close(r);
        file_bytes_done(&b);
    }
}

static void a_circuit_of_20001_constraints_is_read(void **state) {
    (void)state;
    FileBytes b = {.data = malloc(CHAIN_BYTES + 1)};
    FILE *f = gunzip_shared("fixtures/snarkjs/quirk/chain20000.r1cs.gz");
    b.n = fread(b.data, 1, CHAIN_BYTES + 1, f);
    assert_int_equal(pclose(f), 0);
    assert_int_equal(b.n, CHAIN_BYTES);

    R1cs *r = open_good(&b);

    assert_int_equal(r1cs_counts(r)->constraints, 20001);
    assert_int_equal(circuit_domain_power(r1cs_circuit(r)), 15);
    r1cs_close(r);
    file_bytes_done(&b);
}

/* ---- what is refused ---- */

/* Section 1: bytes of a value 0, prime 4, wires 36, outputs 40, public inputs 44, private inputs
 * 48, labels 52, constraints 60. Section 2: constraint 0 is 3 times (count, wire, value): 0, 40,
 * 80; constraint 1 begins at 120. */
static void refuse_damaged_fields(const FileBytes *b, const Scalars *s) {
    const Corruption table[] = {
        {"magic", 0, 0, "52", "file.magic", 0, 0},
        {"version 0", 0, 4, "00", "file.version", 0, 4},
        {"version 2", 0, 4, "02", "file.version", 0, 4},
        {"sections: one more", 0, 8, "04", "file.truncated", 0, 1220},
        {"sections: one less", 0, 8, "02", "file.trailing", 0, 1120},
        {"a section's size over the file's", 0, 16, "fcffff7f", "file.truncated", 0, 12},
        {"a section's type is another's", 0, 12, "01", "section.twice", 0, 1044},
        {"values of 31 bytes", 1, 0, "1f", "r1cs.prime", 1, 0},
        {"values of 48 bytes", 1, 0, "30", "r1cs.prime", 1, 0},
        {"another prime", 1, 4, "02", "r1cs.prime", 1, 4},
        {"another prime, at its end", 1, 35, s->longer, "r1cs.prime", 1, 4},
        {"no wires", 1, 36, "00", "r1cs.wires", 1, 36},
        {"fewer wires than are named", 1, 36, "04", "r1cs.wires", 1, 36},
        {"fewer wires than labels", 1, 36, "0a", "section.size", 3, 0},
        {"more wires than labels", 1, 36, "0c", "section.size", 3, 0},
        {"too many outputs", 1, 40, "09", "r1cs.wires", 1, 36},
        {"outputs that overflow a sum", 1, 40, "ffffffff", "r1cs.wires", 1, 36},
        {"too many public inputs", 1, 44, "ffffffff", "r1cs.wires", 1, 36},
        {"too many private inputs", 1, 48, "ffffffff", "r1cs.wires", 1, 36},
        {"one constraint more", 1, 60, "08", "r1cs.size", 2, 1020},
        {"one constraint less", 1, 60, "06", "r1cs.left_over", 2, 900},
        {"no constraints", 1, 60, "00", "r1cs.left_over", 2, 0},
        {"constraints by the billion", 1, 60, "ffffffff", "r1cs.size", 2, 0},
        {"terms by the billion", 2, 0, "ffffffff", "r1cs.size", 2, 0},
        {"more terms than there is room for", 2, 0, "1d", "r1cs.size", 2, 0},
        {"a wire that is not there", 2, 4, "0b", "r1cs.wire", 2, 4},
        {"a wire far away", 2, 44, "ffffffff", "r1cs.wire", 2, 44},
        {"a value that is the prime", 2, 8, s->prime, "r1cs.value", 2, 8},
        {"a value above the prime", 2, 48, ALL_ONES, "r1cs.value", 2, 48},
        {"a value just above the prime", 2, 88, s->behind_prime, "r1cs.value", 2, 88},
    };

    assert_corruptions_refused(open_bytes, b, table, sizeof table / sizeof *table);
}

static void each_damaged_field_is_refused_with_its_place(void **state) {
    over_both_primes(tiny(state), refuse_damaged_fields);
}

static void a_file_cut_anywhere_is_refused(void **state) {
    assert_cut_refused(open_bytes, tiny(state));
}

static void a_longer_or_shorter_section_is_refused(void **state) {
    static const struct {
        uint32_t type;
        int by;
        const char *id;
        size_t at;
    } table[] = {{1, 1, "section.size", 0},      {1, -1, "section.size", 0},
                 {2, 1, "r1cs.left_over", 1020}, {2, 40, "r1cs.left_over", 1020},
                 {3, 8, "section.size", 0},      {3, -8, "section.size", 0}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        FileBytes b = file_bytes_resize(tiny(state), table[i].type, table[i].by);
        assert_refused_at(open_bytes, &b, "resized", table[i].id, table[i].type, table[i].at);
        file_bytes_done(&b);
    }
}

static void constraints_that_end_too_early_are_refused(void **state) {
    for (int by = 1; by < 1020; by++) {
        FileBytes b = file_bytes_resize(tiny(state), 2, -by);
        CvkErr err = {0};
        assert_false(open_bytes(&b, &err));
        assert_string_equal(err.id, "r1cs.size");
        file_bytes_done(&b);
    }
}

static void a_missing_section_is_refused(void **state) {
    static const uint32_t orders[][2] = {{2, 3}, {1, 3}, {1, 2}};
    for (size_t i = 0; i < 3; i++) {
        FileBytes b = file_bytes_order(tiny(state), orders[i], 2);
        CvkErr err = {0};
        assert_false(open_bytes(&b, &err));
        assert_string_equal(err.id, "section.missing");
        file_bytes_done(&b);
    }
}

static void a_section_that_stands_twice_is_refused(void **state) {
    for (uint32_t type = 1; type <= 3; type++) {
        const uint32_t order[] = {1, 2, 3, type};
        FileBytes b = file_bytes_order(tiny(state), order, 4);
        CvkErr err = {0};
        assert_false(open_bytes(&b, &err));
        assert_string_equal(err.id, "section.twice");
        file_bytes_done(&b);
    }
}

/* A fourth section whose first number is `count`. */
static FileBytes with_gates(const FileBytes *b, uint32_t type, uint32_t count) {
    FileBytes r = file_bytes_splice(b, b->n, 0, SECTION_HEAD_BYTES + 4, 0);
    r.data[8] = 4;
    cvk_put_le32(type, r.data + b->n);
    cvk_put_le64(4, r.data + b->n + 4);
    cvk_put_le32(count, r.data + b->n + SECTION_HEAD_BYTES);
    return r;
}

static void custom_gates_are_refused_unless_there_are_none(void **state) {
    for (uint32_t type = 4; type <= 5; type++) {
        FileBytes none = with_gates(tiny(state), type, 0), one = with_gates(tiny(state), type, 1);
        r1cs_close(open_good(&none));
        assert_refused_at(open_bytes, &one, "a custom gate", "r1cs.custom_gates", type, 0);
        file_bytes_done(&none);
        file_bytes_done(&one);
    }
}

/* ---- what is written ---- */

static FileBytes written(const Circuit *c) {
    Scratch s;
    char path[512];
    CvkErr err = {0};
    scratch_make(&s);
    scratch_path(&s, path, "out.r1cs");
    if (!r1cs_write(path, c, &err))
        fail_msg("%s", err.msg);
    FileBytes ret = file_bytes_read(path);
    scratch_remove(&s);
    return ret;
}

static void a_circuit_that_was_read_is_written_with_the_same_constraints(void **state) {
    const FileBytes *b = tiny(state);
    R1cs *r = open_good(b);

    FileBytes out = written(r1cs_circuit(r));

    const size_t n = file_bytes_section_n(b, 2);
    assert_int_equal(file_bytes_section_n(&out, 2), n);
    assert_memory_equal(out.data + file_bytes_section(&out, 2), b->data + file_bytes_section(b, 2),
                        n + SECTION_HEAD_BYTES);
    R1cs *again = open_good(&out);
    assert_int_equal(r1cs_circuit(again)->n_public, r1cs_circuit(r)->n_public);
    assert_int_equal(r1cs_counts(again)->wires, r1cs_counts(r)->wires);
    r1cs_close(again);
    r1cs_close(r);
    file_bytes_done(&out);
}

/* Of three constraints, the second has the only term. */
static bool read_one_term(const void *ctx, CircuitPlace *place, CircuitTerm *ret, size_t n,
                          size_t *ret_n, CvkErr *err) {
    (void)n;
    (void)err;
    *ret_n = place->at == 0 ? 1 : 0;
    if (place->at++ == 0)
        *ret = (CircuitTerm){
            .matrix = CIRCUIT_B, .constraint = 1, .signal = 1, .value = fr_from_uint(ctx, 5)};
    return true;
}

static void sums_without_terms_are_written(void **state) {
    (void)state;
    const Curve *curve = curve_bls12_381();
    const Circuit c = {.curve = curve,
                       .constraints = 3,
                       .n_vars = 2,
                       .n_public = 1,
                       .read = read_one_term,
                       .ctx = curve};

    FileBytes out = written(&c);

    R1cs *r = open_good(&out);
    const R1csCounts *n = r1cs_counts(r);
    assert_int_equal(n->constraints, 3);
    assert_int_equal(n->terms[CIRCUIT_A], 0);
    assert_int_equal(n->terms[CIRCUIT_B], 1);
    assert_int_equal(n->terms[CIRCUIT_C], 0);
    assert_ptr_equal(r1cs_circuit(r)->curve, curve);
    r1cs_close(r);
    file_bytes_done(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(counts_are_those_of_the_circuit),
        TEST(terms_come_in_the_order_of_the_file),
        TEST(blocks_of_any_length_give_the_same_terms),
        TEST(sections_may_come_in_any_order),
        TEST(a_circuit_of_20001_constraints_is_read),
        TEST(each_damaged_field_is_refused_with_its_place),
        TEST(a_file_cut_anywhere_is_refused),
        TEST(a_longer_or_shorter_section_is_refused),
        TEST(constraints_that_end_too_early_are_refused),
        TEST(a_missing_section_is_refused),
        TEST(a_section_that_stands_twice_is_refused),
        TEST(custom_gates_are_refused_unless_there_are_none),
        TEST(a_circuit_that_was_read_is_written_with_the_same_constraints),
        TEST(sums_without_terms_are_written),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
