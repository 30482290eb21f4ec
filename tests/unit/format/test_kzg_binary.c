/* The binary form: what comes back, what is refused and where, and that nothing is taken on trust.
 */
#include "format/doc.h"
#include "format/kind.h"
#include "format/kzg_form.h"
#include "support/test.h"

#include "support/chunks.h"

enum { ROOM = 1 << 20, HEADER = 10 + 9 };

/* Two sub-setups of different sizes; `signatures`: the second's BLS and the ECDSA one. */
static KzgWire *some_wire(bool signatures) {
    KzgWire *w = kzg_wire_new(2, NULL);
    assert_non_null(w);
    for (size_t i = 0; i < w->n; i++) {
        KzgSubWire *sub = &w->subs[i];
        assert_true(kzg_powers_wire_alloc(&sub->powers, (size_t)4 << i, 2 + i, NULL));
        memset(sub->powers.g1, (int)(0x10 + i), sub->powers.n_g1 * KZG_G1_BYTES);
        memset(sub->powers.g2, (int)(0x20 + i), sub->powers.n_g2 * KZG_G2_BYTES);
        memset(sub->pubkey, (int)(0x30 + i), sizeof sub->pubkey);
    }
    w->subs[1].bls.present = w->ecdsa.present = signatures;
    memset(w->subs[1].bls.bytes, 0x41, sizeof w->subs[1].bls.bytes);
    memset(w->ecdsa.bytes, 0x42, sizeof w->ecdsa.bytes);
    return w;
}

static CvkBuf binary_of(const KzgWire *w) {
    CvkBuf b = CVK_BUF(ROOM);
    assert_true(kzg_binary_write(json_to_buf(&b), w, NULL));
    return b;
}

static CvkBuf json_of(const KzgWire *w) {
    CvkBuf b = CVK_BUF(ROOM);
    assert_true(kzg_contribution_write(json_to_buf(&b), w, 0, KZG_JSON_SIGNATURES, NULL));
    return b;
}

static CvkBuf some_bytes(bool signatures) {
    KzgWire *w = some_wire(signatures);
    CvkBuf b = binary_of(w);
    kzg_wire_free(w);
    return b;
}

/* In pieces of seven bytes, so that every part crosses an edge. */
static KzgWire *read_bytes(const CvkBuf *b, size_t max, CvkErr *err) {
    Chunks c = {.data = b->data, .n = b->n, .piece = 7};
    KzgWire *w = NULL;
    bool ok = kzg_form_read((JsonSource){chunks_read, &c}, max, &w, err);
    assert_int_equal(ok, w != NULL);
    return w;
}

static void assert_same(const CvkBuf *a, const CvkBuf *b) {
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->data, b->data, a->n);
}

static void assert_refused(const CvkBuf *b, size_t max, const char *id, const char *text) {
    CvkErr err = {.id = "", .msg = "no error"};
    if (read_bytes(b, max, &err) != NULL || strcmp(err.id, id) != 0 ||
        strstr(err.msg, text) == NULL)
        fail_msg("%s: %s, not %s: %s", err.id, err.msg, id, text);
}

/* ---- what comes back ---- */

static void a_contribution_comes_back_from_binary_as_from_json(void **state) {
    (void)state;
    for (int signatures = 0; signatures < 2; signatures++) {
        KzgWire *w = some_wire(signatures != 0);
        CvkBuf binary = binary_of(w), json = json_of(w);

        KzgWire *back = read_bytes(&binary, binary.n, NULL);

        assert_non_null(back);
        CvkBuf again = json_of(back), binary_again = binary_of(back);
        assert_same(&again, &json);
        assert_same(&binary_again, &binary);
        cvk_buf_done(&again);
        cvk_buf_done(&binary_again);
        cvk_buf_done(&binary);
        cvk_buf_done(&json);
        kzg_wire_free(w);
        kzg_wire_free(back);
    }
}

static void the_layout_is_the_documented_one(void **state) {
    (void)state;
    CvkBuf b = some_bytes(true);
    const uint8_t *at = (const uint8_t *)b.data;
    static const uint8_t header[] = {0x89, 'C', 'V', 'K', 'K', 'Z', 'G', 1, 2, 1, 0, 0, 0, 4,
                                     0,    0,   0,   2,   0,   0,   0,   0, 8, 0, 0, 0, 3, 1};
    size_t first = 4 * 48 + 2 * 96 + 96, second = 8 * 48 + 3 * 96 + 96 + 48;

    assert_memory_equal(at, header, sizeof header);
    assert_int_equal(b.n, sizeof header + first + second + 65);
    at += sizeof header;
    assert_int_equal(at[0], 0x10);
    assert_int_equal(at[4 * 48], 0x20);
    assert_int_equal(at[4 * 48 + 2 * 96], 0x30);
    assert_int_equal(at[first], 0x11);
    assert_int_equal(at[first + second - 1], 0x41);
    assert_int_equal(at[first + second], 0x42);
    cvk_buf_done(&b);
}

static void a_contribution_to_nothing_comes_back(void **state) {
    (void)state;
    KzgWire *w = kzg_wire_new(0, NULL);
    CvkBuf b = binary_of(w);

    KzgWire *back = read_bytes(&b, b.n, NULL);

    assert_non_null(back);
    assert_int_equal(back->n, 0);
    assert_int_equal(b.n, 10);
    cvk_buf_done(&b);
    kzg_wire_free(w);
    kzg_wire_free(back);
}

static void a_challenge_is_the_same_in_both_forms(void **state) {
    (void)state;
    KzgWire *last = some_wire(true);
    CvkBuf json = CVK_BUF(ROOM), binary = CVK_BUF(ROOM);

    assert_true(kzg_challenge_write(json_to_buf(&json), last, 0, NULL));
    assert_true(kzg_binary_challenge_write(json_to_buf(&binary), last, NULL));

    KzgWire *challenge = read_bytes(&binary, binary.n, NULL);
    assert_non_null(challenge);
    CvkBuf again = json_of(challenge);
    assert_same(&again, &json);
    cvk_buf_done(&again);
    cvk_buf_done(&json);
    cvk_buf_done(&binary);
    kzg_wire_free(challenge);
    kzg_wire_free(last);
}

/* ---- what tells the forms apart ---- */

static void json_is_read_as_json(void **state) {
    (void)state;
    KzgWire *w = some_wire(true);
    CvkBuf json = json_of(w);

    KzgWire *back = read_bytes(&json, json.n, NULL);

    assert_non_null(back);
    CvkBuf again = json_of(back);
    assert_same(&again, &json);
    assert_int_equal(kzg_form_of(json.data, json.n), KZG_FORM_JSON);
    cvk_buf_done(&again);
    cvk_buf_done(&json);
    kzg_wire_free(w);
    kzg_wire_free(back);
}

static void the_first_byte_tells_the_form(void **state) {
    (void)state;
    CvkBuf b = some_bytes(false), nothing = CVK_BUF(1);

    assert_int_equal(kzg_form_of(b.data, b.n), KZG_FORM_BINARY);
    assert_int_equal(kzg_form_of("", 0), KZG_FORM_JSON);
    assert_refused(&nothing, 1, "json.syntax", "");
    DocumentKind kind;
    JsonMemory m = {.data = b.data, .n = b.n};
    assert_true(document_kind(json_from_memory(&m), &kind, NULL));
    assert_int_equal(kind, KIND_CONTRIBUTION);
    cvk_buf_done(&b);
}

/* ---- what is refused ---- */

static void assert_byte_refused(size_t at, uint8_t byte, const char *id, const char *text) {
    CvkBuf b = some_bytes(true);
    b.data[at] = (char)byte;
    assert_refused(&b, b.n, id, text);
    cvk_buf_done(&b);
}

static void another_beginning_is_refused(void **state) {
    (void)state;
    for (size_t i = 1; i < 7; i++)
        assert_byte_refused(i, 'x', "binary.syntax", "at byte 0: ");
}

static void another_version_is_refused(void **state) {
    (void)state;
    assert_byte_refused(7, 2, "binary.syntax", "at byte 7: version 2");
}

static void a_flag_is_nothing_but_0_or_1(void **state) {
    (void)state;
    assert_byte_refused(9, 2, "binary.syntax", "at byte 9: a flag");
    assert_byte_refused(10 + 8, 0xff, "binary.syntax", "at byte 18: a flag");
    assert_byte_refused(HEADER + 8, 2, "binary.syntax", "at byte 27: a flag");
}

static void too_many_sub_setups_are_refused(void **state) {
    (void)state;
    assert_byte_refused(8, LIMIT_KZG_SUBS + 1, "binary.limit", "at byte 8: 17 sub-setups");
}

static void too_many_powers_are_refused(void **state) {
    (void)state;
    assert_byte_refused(10, 1, "binary.limit", "at byte 10: 16777220 G1"); /* 2^24 + 4 */
    assert_byte_refused(HEADER + 6, 0x11, "binary.limit", "at byte 19: "); /* 0x1103 G2 */
}

static void every_shorter_document_is_refused(void **state) {
    (void)state;
    CvkBuf whole = some_bytes(true);
    for (size_t n = 1; n < whole.n; n++) {
        CvkBuf part = {.data = whole.data, .n = n};
        assert_refused(&part, whole.n, "binary.length", "it ends at byte ");
    }
    cvk_buf_done(&whole);
}

static void a_longer_document_is_refused(void **state) {
    (void)state;
    CvkBuf b = some_bytes(true);
    char text[64];
    snprintf(text, sizeof text, "at byte %zu: more", b.n);
    assert_true(cvk_buf_add(&b, "", 1, NULL));
    assert_refused(&b, b.n, "binary.length", text);
    cvk_buf_done(&b);
}

/* The points are not there, and need not be: the header alone says that they cannot be. */
static void what_cannot_be_there_is_refused_before_memory_is_taken(void **state) {
    (void)state;
    char header[] = "\x89"
                    "CVKKZG\x01\x01\x00"
                    "\x00\x10\x00\x00"
                    "\x00\x00\x10\x00"
                    "\x00";
    CvkBuf b = {.data = header, .n = HEADER};
    assert_refused(&b, 10 << 20, "binary.length",
                   "announces 50724979 bytes, and there are at most 10485760");
}

static void a_source_that_breaks_is_no_fault_of_the_document(void **state) {
    (void)state;
    CvkBuf b = some_bytes(true);
    for (size_t at = 1; at < b.n; at += 13) {
        Chunks c = {.data = b.data, .n = b.n, .piece = 7, .fail_at = at};
        KzgWire *w = NULL;
        CvkErr err;
        assert_false(kzg_form_read((JsonSource){chunks_read, &c}, b.n, &w, &err));
        assert_string_equal(err.id, "test.source");
        assert_int_equal(doc_fault(&err), DOC_NO_FAULT);
    }
    cvk_buf_done(&b);
}

static bool full(void *ctx, const void *data, size_t n, CvkErr *err) {
    size_t *room = ctx;
    (void)data;
    if (n > *room)
        return cvk_fail(err, CVK_EBACKEND, "test.full", "full");
    *room -= n;
    return true;
}

static void a_sink_that_is_full_is_told(void **state) {
    (void)state;
    KzgWire *w = some_wire(true);
    CvkBuf whole = binary_of(w);
    for (size_t n = 0; n < whole.n; n++) {
        size_t room = n;
        CvkErr err;
        assert_false(kzg_binary_write((JsonSink){full, &room}, w, &err));
        assert_string_equal(err.id, "test.full");
    }
    cvk_buf_done(&whole);
    kzg_wire_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_contribution_comes_back_from_binary_as_from_json),
        TEST(the_layout_is_the_documented_one),
        TEST(a_contribution_to_nothing_comes_back),
        TEST(a_challenge_is_the_same_in_both_forms),
        TEST(json_is_read_as_json),
        TEST(the_first_byte_tells_the_form),
        TEST(another_beginning_is_refused),
        TEST(another_version_is_refused),
        TEST(a_flag_is_nothing_but_0_or_1),
        TEST(too_many_sub_setups_are_refused),
        TEST(too_many_powers_are_refused),
        TEST(every_shorter_document_is_refused),
        TEST(a_longer_document_is_refused),
        TEST(what_cannot_be_there_is_refused_before_memory_is_taken),
        TEST(a_source_that_breaks_is_no_fault_of_the_document),
        TEST(a_sink_that_is_full_is_told),
    };
    return cmocka_run_group_tests_name("format/kzg_binary", tests, NULL, NULL);
}
