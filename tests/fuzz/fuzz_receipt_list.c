#include "base/limits.h"
#include "format/receipt_list.h"
#include "fuzz/fuzz.h"

/* Numbered from 1 without a gap. */
static bool count(void *ctx, uint64_t index, const char *text,
                  const uint8_t signature[ETH_SIGNATURE_BYTES], CvkErr *err) {
    uint64_t *seen = ctx;
    (void)signature;
    (void)err;
    assert(index == ++*seen);
    assert(strlen(text) <= LIMIT_JSON_STRING);
    return true;
}

void fuzz_one(const uint8_t *data, size_t n) {
    JsonMemory m = {.data = (const char *)data, .n = n};
    uint64_t seen = 0, again = 0;
    bool whole = receipt_list_each(json_from_memory(&m), n, count, &seen, NULL);
    m = (JsonMemory){.data = (const char *)data, .n = n};
    assert(receipt_list_each(json_from_memory(&m), n, count, &again, NULL) == whole);
    assert(again == seen);
}
