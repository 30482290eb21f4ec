#include "format/kzg_form.h"
#include "fuzz/fuzz.h"

static KzgWire *read_wire(const char *bytes, size_t n) {
    JsonMemory m = {.data = bytes, .n = n};
    KzgWire *w = NULL;
    CvkErr err = {0};
    bool ok = kzg_form_read(json_from_memory(&m), n, &w, &err);
    assert(ok == (w != NULL) && ok == (err.id == NULL));
    return w;
}

/* There is one binary form of a content: what is read from it is written so again, and through JSON
 * as well. */
void fuzz_one(const uint8_t *data, size_t n) {
    if (kzg_form_of(data, n) != KZG_FORM_BINARY)
        return;
    KzgWire *first = read_wire((const char *)data, n);
    if (first == NULL)
        return;
    CvkBuf json = CVK_BUF((size_t)1 << 26), binary = CVK_BUF((size_t)1 << 26);
    bool ok = kzg_contribution_write(json_to_buf(&json), first, 0, KZG_JSON_SIGNATURES, NULL);
    assert(ok);
    KzgWire *second = read_wire(json.data, json.n);
    assert(second != NULL);
    ok = kzg_binary_write(json_to_buf(&binary), second, NULL);
    assert(ok && binary.n == n && memcmp(binary.data, data, n) == 0);
    cvk_buf_done(&json);
    cvk_buf_done(&binary);
    kzg_wire_free(first);
    kzg_wire_free(second);
}
