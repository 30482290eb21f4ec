#include "format/kind.h"
#include "format/trusted_setup.h"
#include "fuzz/fuzz.h"

static TrustedSetupWire *read_wire(const char *text, size_t n) {
    JsonMemory m = {.data = text, .n = n};
    TrustedSetupWire *t = NULL;
    CvkErr err = {0};
    bool ok = trusted_setup_read(json_from_memory(&m), n, &t, &err);
    assert(ok == (t != NULL) && ok == (err.id == NULL));
    return t;
}

static void assert_equal(const TrustedSetupWire *a, const TrustedSetupWire *b) {
    assert(a->n_g1 == b->n_g1 && a->n_g2 == b->n_g2);
    if (a->n_g1 != 0) {
        assert(memcmp(a->g1_monomial, b->g1_monomial, a->n_g1 * KZG_G1_BYTES) == 0);
        assert(memcmp(a->g1_lagrange, b->g1_lagrange, a->n_g1 * KZG_G1_BYTES) == 0);
    }
    if (a->n_g2 != 0)
        assert(memcmp(a->g2_monomial, b->g2_monomial, a->n_g2 * KZG_G2_BYTES) == 0);
}

/* What is read comes back through both forms (the text form has no empty lists). */
static void round_trip(const TrustedSetupWire *t, bool as_text) {
    CvkBuf text = CVK_BUF((size_t)1 << 24);
    bool ok = as_text ? trusted_setup_write_text(json_to_buf(&text), t, NULL)
                      : trusted_setup_write_json(json_to_buf(&text), t, 0, NULL);
    assert(ok);
    TrustedSetupWire *again = read_wire(text.data, text.n);
    assert(again != NULL);
    assert_equal(t, again);
    trusted_setup_wire_free(again);
    cvk_buf_done(&text);
}

void fuzz_one(const uint8_t *data, size_t n) {
    JsonMemory m = {.data = (const char *)data, .n = n};
    DocumentKind kind = KIND_UNKNOWN;
    bool known = document_kind(json_from_memory(&m), &kind, NULL);
    TrustedSetupWire *t = read_wire((const char *)data, n);
    if (t == NULL)
        return;
    assert(known && kind == KIND_TRUSTED_SETUP);
    round_trip(t, false);
    if (t->n_g1 != 0 && t->n_g2 != 0)
        round_trip(t, true);
    trusted_setup_wire_free(t);
}
