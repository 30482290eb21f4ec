#include "format/vkey.h"
#include "fuzz/fuzz.h"

#define TEXT_MAX ((size_t)1 << 20)

/* A key that is read is written so that it reads, and is written, the same. */
void fuzz_one(const uint8_t *data, size_t n) {
    const Work w = {.memory = WORK_MEMORY_MIN, .seed = {1}};
    JsonMemory m = {.data = (const char *)data, .n = n};
    CvkBuf once = CVK_BUF(TEXT_MAX), twice = CVK_BUF(TEXT_MAX);
    Groth16Vkey *k, *again;
    if (!vkey_read(json_from_memory(&m), TEXT_MAX, &w, &k, NULL))
        return;
    bool ok = vkey_write(json_to_buf(&once), k, NULL);
    m = (JsonMemory){.data = once.data, .n = once.n};
    ok = ok && vkey_read(json_from_memory(&m), TEXT_MAX, &w, &again, NULL);
    assert(ok);
    ok = vkey_write(json_to_buf(&twice), again, NULL);
    assert(ok && strcmp(once.data, twice.data) == 0);
    groth16_vkey_free(k);
    groth16_vkey_free(again);
    cvk_buf_done(&once);
    cvk_buf_done(&twice);
}
