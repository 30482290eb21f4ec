#include "base/rng.h"

#include "base/hex.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

void cvk_random(void *ret, size_t n) {
    int ready = sodium_init(); /* idempotent and thread-safe; 0 or 1 when usable */
    assert(ready >= 0);
    (void)ready;
    randombytes_buf(ret, n);
}

typedef struct {
    uint8_t bytes[crypto_stream_chacha20_NONCEBYTES];
} Nonce;

static Nonce nonce_of(uint64_t label) {
    Nonce ret;
    static_assert(sizeof ret == sizeof label, "the label is the nonce");
    for (size_t i = 0; i < sizeof ret.bytes; i++)
        ret.bytes[i] = (uint8_t)(label >> (8 * i)); /* so that every machine agrees */
    return ret;
}

void cvk_stream(const uint8_t seed[CVK_SEED_BYTES], uint64_t label, void *ret, size_t n) {
    const Nonce nonce = nonce_of(label);
    crypto_stream_chacha20(ret, n, nonce.bytes, seed);
}

void cvk_stream_block(const uint8_t seed[CVK_SEED_BYTES], uint64_t label, uint64_t block,
                      uint8_t ret[CVK_STREAM_BLOCK]) {
    const Nonce nonce = nonce_of(label);
    memset(ret, 0, CVK_STREAM_BLOCK);
    crypto_stream_chacha20_xor_ic(ret, ret, CVK_STREAM_BLOCK, nonce.bytes, block, seed);
}

void cvk_uuid4(const uint8_t bytes[16], char ret[37]) {
    uint8_t b[16];
    memcpy(b, bytes, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    char hex[33];
    cvk_hex_encode(b, sizeof b, hex);
    const size_t starts[] = {0, 8, 12, 16, 20, 32};
    char *out = ret;
    for (size_t i = 0; i < 5; i++) {
        if (i != 0)
            *out++ = '-';
        memcpy(out, hex + starts[i], starts[i + 1] - starts[i]);
        out += starts[i + 1] - starts[i];
    }
    *out = '\0';
}
