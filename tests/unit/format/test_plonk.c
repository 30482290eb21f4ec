/* Keys and proofs of zkSync Era's PLONK as files: what is taken and what is not. The pair read here
 * was made with a known tau by tests/support/plonk.py, an implementation of its own. */
#include "support/test.h"

#include "base/buf.h"
#include "base/file.h"
#include "format/plonk_proof.h"
#include "format/plonk_vkey.h"

#define TEXT_MAX (64u << 10)
#define BYTES 1723
#define HASHES_END 128
#define FIRST_WIRE 184 /* the first point */

static CvkBuf corpus(const char *name) {
    CvkBuf b = CVK_BUF(TEXT_MAX);
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s/simulated", getenv("CONVOKE_SOURCE"),
             name);
    assert_true(cvk_file_read(path, &b, NULL));
    return b;
}

static bool read_key(const char *text, PlonkKey *ret, CvkErr *err) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    JsonReader *r = json_reader_new(json_from_memory(&m), TEXT_MAX, err);
    assert_non_null(r);
    bool ok = plonk_vkey_read(r, ret, err) && json_read_end(r, err);
    json_reader_free(r);
    return ok;
}

static bool read_proof(const CvkBuf *b, EraProof *ret, Verdict *v, CvkErr *err) {
    return plonk_proof_read((const uint8_t *)b->data, b->n, PLONK_PROOF_VERSION, ret, v, err);
}

/* ---- proofs ---- */

static void a_proof_made_with_tau_holds_under_its_key(void **state) {
    (void)state;
    CvkBuf text = corpus("plonk_vkey"), bytes = corpus("plonk_proof");
    PlonkKey k;
    EraProof p;
    Verdict v;
    CvkErr err;

    assert_true(read_key(text.data, &k, &err));
    assert_true(read_proof(&bytes, &p, &v, &err) && v.valid);
    assert_true(plonk_verify(&k, &p.plonk, &v, &err));

    assert_true(v.valid);
    assert_memory_equal(p.hashes, bytes.data, HASHES_END);
    cvk_buf_done(&text);
    cvk_buf_done(&bytes);
}

static void a_proof_has_one_length(void **state) {
    (void)state;
    CvkBuf bytes = corpus("plonk_proof");
    EraProof p;
    Verdict v;
    CvkErr err;
    assert_int_equal(bytes.n, BYTES);
    assert_int_equal(plonk_proof_bytes(PLONK_PROOF_VERSION), BYTES);

    bytes.n = BYTES - 1;
    assert_false(read_proof(&bytes, &p, &v, &err));
    assert_string_equal(err.id, "plonk.length");
    assert_true(cvk_buf_add(&bytes, "xy", 2, NULL));
    assert_false(read_proof(&bytes, &p, &v, &err));
    assert_string_equal(err.id, "plonk.length");

    cvk_buf_done(&bytes);
}

/* Whatever a byte is changed to, a number that a program would go by (a length) is never taken. */
static void bytes_that_are_no_values_can_only_be_what_they_are(void **state) {
    (void)state;
    CvkBuf bytes = corpus("plonk_proof");
    static const char changes[] = {1, 2, 0x40, (char)0x80, (char)0xff};
    EraProof p;
    Verdict v;
    CvkErr err;

    for (size_t c = 0; c < sizeof changes; c++) {
        unsigned refused = 0;
        for (size_t i = 0; i < BYTES; i++) {
            bytes.data[i] = (char)(bytes.data[i] ^ changes[c]);
            if (!read_proof(&bytes, &p, &v, &err)) {
                assert_int_equal(err.code, CVK_EBADREQ);
                refused++;
            }
            bytes.data[i] = (char)(bytes.data[i] ^ changes[c]);
        }
        assert_int_equal(refused, 155);
    }
    cvk_buf_done(&bytes);
}

static void a_number_that_must_be_another_is_told_with_its_place(void **state) {
    (void)state;
    CvkBuf bytes = corpus("plonk_proof");
    EraProof p;
    Verdict v;
    CvkErr err;
    bytes.data[136] = 2;

    assert_false(read_proof(&bytes, &p, &v, &err));

    assert_string_equal(err.id, "plonk.number");
    assert_string_equal(err.msg, "at byte 136: public inputs is 2, and can only be 1");
    cvk_buf_done(&bytes);
}

static void a_proof_of_another_version_is_refused(void **state) {
    (void)state;
    CvkBuf bytes = corpus("plonk_proof");
    EraProof p;
    Verdict v;
    CvkErr err;

    assert_false(plonk_proof_read((uint8_t *)bytes.data, bytes.n, "0.24.3", &p, &v, &err));

    assert_string_equal(err.id, "plonk.version");
    cvk_buf_done(&bytes);
}

static void a_point_off_the_curve_is_invalid(void **state) {
    (void)state;
    CvkBuf bytes = corpus("plonk_proof");
    EraProof p;
    Verdict v;
    bytes.data[FIRST_WIRE] ^= 1;

    assert_true(read_proof(&bytes, &p, &v, NULL));

    assert_string_equal(v.id, "plonk.point");
    assert_string_equal(v.text, "at byte 184: wire is not on the curve");
    cvk_buf_done(&bytes);
}

static void a_point_that_is_infinity_is_invalid(void **state) {
    (void)state;
    CvkBuf bytes = corpus("plonk_proof");
    EraProof p;
    Verdict v;
    memset(bytes.data + FIRST_WIRE, 0, 64);

    assert_true(read_proof(&bytes, &p, &v, NULL));

    assert_string_equal(v.id, "plonk.point");
    cvk_buf_done(&bytes);
}

static void a_scalar_that_is_not_below_the_order_is_invalid(void **state) {
    (void)state;
    CvkBuf bytes = corpus("plonk_proof");
    EraProof p;
    Verdict v;
    curve_order(curve_bn254(), (uint8_t *)bytes.data + 144);

    assert_true(read_proof(&bytes, &p, &v, NULL));

    assert_string_equal(v.id, "plonk.scalar");
    cvk_buf_done(&bytes);
}

/* ---- keys ---- */

/* The key's text with the first `from` replaced; the caller frees it. */
static char *key_with(const char *from, const char *to) {
    CvkBuf text = corpus("plonk_vkey");
    const char *at = strstr(text.data, from);
    size_t n = text.n + strlen(to) + 1;
    char *ret = malloc(n);
    assert_non_null(at);
    assert_non_null(ret);
    snprintf(ret, n, "%.*s%s%s", (int)(at - text.data), text.data, to, at + strlen(from));
    cvk_buf_done(&text);
    return ret;
}

static void expect_refused(const char *from, const char *to, const char *id) {
    char *text = key_with(from, to);
    PlonkKey k;
    CvkErr err;
    if (read_key(text, &k, &err))
        fail_msg("%s for %s is taken", to, from);
    if (strcmp(err.id, id) != 0)
        fail_msg("%s for %s: %s, %s", to, from, err.id, err.msg);
    free(text);
}

static void a_key_of_another_system_is_refused(void **state) {
    (void)state;

    expect_refused("\"n\":16777215", "\"n\":16777214", "plonk.key");
    expect_refused("\"num_inputs\":1", "\"num_inputs\":2", "plonk.key");
    expect_refused("\"state_width\":4", "\"state_width\":3", "plonk.key");
    expect_refused("\"num_witness_polys\":0", "\"num_witness_polys\":1", "plonk.key");
    expect_refused("[[5,0,0,0]", "[[5,0,0,1]", "plonk.key");
    /* the generator's negative: a point of G2 as well */
    expect_refused("\"y\":{\"c0\":[5541340697920699818,16416156555105522555,5380518976772849807,"
                   "1353435754470862315],\"c1\":[6173549831154472795,13567992399387660019,"
                   "17050234209342075797,650358724130500725]}",
                   "\"y\":{\"c0\":[17238020247068508061,12947711663081912081,7900672974501844941,"
                   "2133562512332108350],\"c1\":[16605811113834735084,15795875818799774617,"
                   "14677701815642170567,2836639542672469939]}",
                   "plonk.key");
}

static void lists_of_a_key_have_one_length(void **state) {
    (void)state;

    expect_refused(",[10,0,0,0]", "", "doc.count");
    expect_refused("[10,0,0,0]", "[10,0,0,0],[11,0,0,0]", "doc.count");
    expect_refused("[7,0,0,0]", "[7,0,0]", "doc.count");
}

static void a_point_of_a_key_is_a_point(void **state) {
    (void)state;

    expect_refused("\"infinity\":false", "\"infinity\":true", "plonk.point");
    expect_refused("{\"x\":[", "{\"x\":[1,0,0,0],\"y\":[3,0,0,0],\"infinity\":false},{\"x\":[",
                   "plonk.point");
    expect_refused("{\"x\":[", "{\"x\":[0,0,0,0],\"y\":[0,0,0,0],\"infinity\":false},{\"x\":[",
                   "plonk.point");
    expect_refused("\"infinity\":false", "\"infinity\":0", "json.type");
}

static void a_limb_has_64_bits_and_keeps_them(void **state) {
    (void)state;

    /* of the prime itself, then of 2^256 and more */
    expect_refused("{\"x\":[",
                   "{\"x\":[4332616871279656263,10917124144477883021,13281191951274694749,"
                   "3486998266802970665],\"y\":[2,0,0,0],\"infinity\":false},{\"x\":[",
                   "plonk.point");
    expect_refused("{\"x\":[", "{\"x\":[18446744073709551616,", "json.type");
    expect_refused("{\"x\":[", "{\"x\":[-1,", "json.type");
    expect_refused("{\"x\":[", "{\"x\":[1e3,", "json.type");
}

static void a_field_that_is_missing_is_told(void **state) {
    (void)state;

    expect_refused("\"lookup_tables_commitments\"", "\"other\"", "doc.field");
    expect_refused("\"n\":16777215", "\"n\":16777215,\"n\":16777215", "doc.field");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_proof_made_with_tau_holds_under_its_key),
        TEST(a_proof_has_one_length),
        TEST(bytes_that_are_no_values_can_only_be_what_they_are),
        TEST(a_number_that_must_be_another_is_told_with_its_place),
        TEST(a_proof_of_another_version_is_refused),
        TEST(a_point_off_the_curve_is_invalid),
        TEST(a_point_that_is_infinity_is_invalid),
        TEST(a_scalar_that_is_not_below_the_order_is_invalid),
        TEST(a_key_of_another_system_is_refused),
        TEST(lists_of_a_key_have_one_length),
        TEST(a_point_of_a_key_is_a_point),
        TEST(a_limb_has_64_bits_and_keeps_them),
        TEST(a_field_that_is_missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
