#include "format/kzg_json.h"
#include "fuzz/fuzz.h"

static KzgTranscriptWire *read_wire(const char *text, size_t n) {
    JsonMemory m = {.data = text, .n = n};
    KzgTranscriptWire *t = NULL;
    CvkErr err = {0};
    bool ok = kzg_transcript_read(json_from_memory(&m), n, &t, &err);
    assert(ok == (t != NULL) && ok == (err.id == NULL));
    return t;
}

static CvkBuf write_wire(const KzgTranscriptWire *t) {
    CvkBuf text = CVK_BUF((size_t)1 << 24);
    bool ok = kzg_transcript_write(json_to_buf(&text), t, 2, NULL);
    assert(ok);
    return text;
}

/* Whatever is read is written so that it reads and writes the same again. */
void fuzz_one(const uint8_t *data, size_t n) {
    KzgTranscriptWire *first = read_wire((const char *)data, n);
    if (first == NULL)
        return;
    CvkBuf once = write_wire(first);
    KzgTranscriptWire *second = read_wire(once.data, once.n);
    assert(second != NULL);
    CvkBuf twice = write_wire(second);
    assert(once.n == twice.n && memcmp(once.data, twice.data, once.n) == 0);
    cvk_buf_done(&once);
    cvk_buf_done(&twice);
    kzg_transcript_wire_free(first);
    kzg_transcript_wire_free(second);
}
