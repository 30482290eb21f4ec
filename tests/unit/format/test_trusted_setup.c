#include "format/kind.h"
#include "format/trusted_setup.h"
#include "support/test.h"

#include "support/chunks.h"

/* Two G1 and one G2 points of any bytes: nothing here looks at them. */
static TrustedSetupWire *some_setup(void) {
    TrustedSetupWire *t = trusted_setup_wire_new(2, 1, NULL);
    assert_non_null(t);
    memset(t->g1_monomial, 0x11, 2 * sizeof *t->g1_monomial);
    memset(t->g1_lagrange, 0x22, 2 * sizeof *t->g1_lagrange);
    memset(t->g2_monomial, 0x33, sizeof *t->g2_monomial);
    t->g1_monomial[1][47] = 0xab;
    return t;
}

static void assert_equal_setups(const TrustedSetupWire *a, const TrustedSetupWire *b) {
    assert_int_equal(a->n_g1, b->n_g1);
    assert_int_equal(a->n_g2, b->n_g2);
    assert_memory_equal(a->g1_monomial, b->g1_monomial, a->n_g1 * KZG_G1_BYTES);
    assert_memory_equal(a->g1_lagrange, b->g1_lagrange, a->n_g1 * KZG_G1_BYTES);
    assert_memory_equal(a->g2_monomial, b->g2_monomial, a->n_g2 * KZG_G2_BYTES);
}

static CvkBuf written(bool as_text) {
    TrustedSetupWire *t = some_setup();
    CvkBuf text = CVK_BUF(1 << 16);
    assert_true(as_text ? trusted_setup_write_text(json_to_buf(&text), t, NULL)
                        : trusted_setup_write_json(json_to_buf(&text), t, 2, NULL));
    trusted_setup_wire_free(t);
    return text;
}

static bool read_setup(const char *text, size_t n, size_t max, TrustedSetupWire **ret,
                       CvkErr *err) {
    Chunks c = {.data = text, .n = n, .piece = 5};
    return trusted_setup_read((JsonSource){chunks_read, &c}, max, ret, err);
}

static void both_forms_come_back(void **state) {
    (void)state;
    TrustedSetupWire *expected = some_setup();
    for (int as_text = 0; as_text < 2; as_text++) {
        CvkBuf text = written(as_text != 0);
        TrustedSetupWire *t = NULL;

        assert_true(read_setup(text.data, text.n, text.n, &t, NULL));

        assert_equal_setups(t, expected);
        trusted_setup_wire_free(t);
        cvk_buf_done(&text);
    }
    trusted_setup_wire_free(expected);
}

static void a_shortened_file_is_refused(void **state) {
    (void)state;
    for (int as_text = 0; as_text < 2; as_text++) {
        CvkBuf text = written(as_text != 0);
        for (size_t n = 0; n + 1 < text.n; n++) {
            TrustedSetupWire *t = NULL;
            assert_false(read_setup(text.data, n, text.n, &t, NULL));
        }
        cvk_buf_done(&text);
    }
}

static void assert_refused(const char *text, const char *id) {
    TrustedSetupWire *t = NULL;
    CvkErr err = {.id = "no error"};

    assert_false(read_setup(text, strlen(text), 1 << 16, &t, &err));

    assert_string_equal(err.id, id);
}

static void a_bad_text_is_refused(void **state) {
    (void)state;
    CvkBuf text = written(true);
    assert_true(cvk_buf_add_str(&text, "11\n", NULL));
    assert_refused(text.data, "doc.text");
    text.data[text.n - 10] = 'A';
    assert_refused(text.data, "doc.text");
    assert_refused("0\n1\n", "doc.text");
    assert_refused("1\n", "doc.text");
    assert_refused("4096x\n65\n", "doc.text");
    assert_refused("99999999999999999999999999\n65\n", "doc.text");
    assert_refused("1048577\n65\n", "doc.text");
    assert_refused("1048576\n4096\n", "doc.text");
    assert_refused("", "json.syntax");
    cvk_buf_done(&text);
}

static void bad_json_is_refused(void **state) {
    (void)state;
    assert_refused("{}", "doc.field");
    assert_refused("{\"g1_monomial\":[],\"g1_lagrange\":[],\"g2_monomial\":[],\"x\":1}",
                   "doc.field");
    assert_refused("{\"g1_monomial\":[\"0x00\"]}", "doc.hex");
    char text[512];
    snprintf(text, sizeof text,
             "{\"g1_monomial\":[\"0x%096d\"],\"g1_lagrange\":[],\"g2_monomial\":[]}", 0);
    assert_refused(text, "doc.count");
}

static void both_forms_have_a_limit(void **state) {
    (void)state;
    for (int as_text = 0; as_text < 2; as_text++) {
        CvkBuf text = written(as_text != 0);
        TrustedSetupWire *t = NULL;
        CvkErr err;

        assert_false(read_setup(text.data, text.n, text.n - 1, &t, &err));

        assert_string_equal(err.id, "json.size");
        cvk_buf_done(&text);
    }
}

static DocumentKind kind_of(const char *text) {
    JsonMemory m = {.data = text, .n = strlen(text)};
    DocumentKind kind;
    assert_true(document_kind(json_from_memory(&m), &kind, NULL));
    return kind;
}

static void documents_are_told_apart_by_their_beginning(void **state) {
    (void)state;
    assert_int_equal(kind_of("4096\n65\na041"), KIND_TRUSTED_SETUP);
    assert_int_equal(kind_of(" {\"g1_monomial\": ["), KIND_TRUSTED_SETUP);
    assert_int_equal(kind_of("{\"contributions\":["), KIND_CONTRIBUTION);
    assert_int_equal(kind_of("{\n  \"transcripts\": ["), KIND_TRANSCRIPT);
    assert_int_equal(kind_of("{\"receipt\":\"\""), KIND_RECEIPT);
    assert_int_equal(kind_of("{\"x\":1}"), KIND_UNKNOWN);
    assert_int_equal(kind_of("{}"), KIND_UNKNOWN);
    assert_int_equal(kind_of("[]"), KIND_UNKNOWN);
    DocumentKind kind;
    JsonMemory m = {.data = "\x7f"
                            "ELF",
                    .n = 4};
    assert_false(document_kind(json_from_memory(&m), &kind, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(both_forms_come_back),    TEST(a_shortened_file_is_refused),
        TEST(a_bad_text_is_refused),   TEST(bad_json_is_refused),
        TEST(both_forms_have_a_limit), TEST(documents_are_told_apart_by_their_beginning),
    };
    return cmocka_run_group_tests_name("format/trusted_setup", tests, NULL, NULL);
}
