#include "base/hex.h"
#include "fuzz/fuzz.h"

/* Whatever decodes is what encoding gives back. */
static void decode(const uint8_t *data, size_t n) {
    uint8_t bytes[64];
    char again[2 * sizeof bytes + 1];
    size_t n_bytes = n / 2 < sizeof bytes ? n / 2 : sizeof bytes;

    if (!cvk_hex_decode((const char *)data, n_bytes, bytes))
        return;
    cvk_hex_encode(bytes, n_bytes, again);
    assert(memcmp(again, data, 2 * n_bytes) == 0);
}

static void parse(const uint8_t *data, size_t n) {
    uint8_t bytes[64];
    char text[2 * sizeof bytes + 16];
    size_t kept = n < sizeof text ? n : sizeof text - 1;
    if (kept != 0)
        memcpy(text, data, kept);
    text[kept] = '\0';

    if (cvk_hex_parse(text, 32, bytes))
        assert(strlen(text) == 66);
}

void fuzz_one(const uint8_t *data, size_t n) {
    if (n != 0)
        decode(data, n);
    parse(data, n);
}
