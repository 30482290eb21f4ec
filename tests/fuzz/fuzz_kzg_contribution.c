#include "format/kzg_json.h"
#include "fuzz/fuzz.h"

static KzgWire *read_wire(const char *text, size_t n) {
    JsonMemory m = {.data = text, .n = n};
    KzgWire *w = NULL;
    CvkErr err = {0};
    bool ok = kzg_contribution_read(json_from_memory(&m), n, &w, &err);
    assert(ok == (w != NULL) && ok == (err.id == NULL));
    return w;
}

static CvkBuf write_wire(const KzgWire *w, unsigned indent) {
    CvkBuf text = CVK_BUF((size_t)1 << 24);
    bool ok = kzg_contribution_write(json_to_buf(&text), w, indent, KZG_JSON_SIGNATURES, NULL);
    assert(ok);
    return text;
}

/* Whatever is read is written so that it reads and writes the same again. */
void fuzz_one(const uint8_t *data, size_t n) {
    KzgWire *first = read_wire((const char *)data, n);
    if (first == NULL)
        return;
    CvkBuf once = write_wire(first, 0);
    KzgWire *second = read_wire(once.data, once.n);
    assert(second != NULL);
    CvkBuf twice = write_wire(second, 0);
    assert(once.n == twice.n && memcmp(once.data, twice.data, once.n) == 0);
    cvk_buf_done(&once);
    cvk_buf_done(&twice);
    kzg_wire_free(first);
    kzg_wire_free(second);
}
