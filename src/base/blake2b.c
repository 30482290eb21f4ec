/* From RFC 7693: sequential, 64-byte digests, no key. */
#include "base/blake2b.h"

#include "base/le.h"

#include <stdbool.h>
#include <string.h>

static const uint64_t iv[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* Which two message words each of a round's eight mixings takes; rounds 10 and 11 are 0 and 1. */
static const uint8_t sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline uint64_t rotr(uint64_t x, unsigned by) {
    return x >> by | x << (64 - by);
}

static inline void mix(uint64_t v[16], unsigned a, unsigned b, unsigned c, unsigned d, uint64_t x,
                       uint64_t y) {
    v[a] += v[b] + x;
    v[d] = rotr(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = rotr(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = rotr(v[b] ^ v[c], 63);
}

static inline __attribute__((always_inline)) void mix_round(uint64_t v[16], const uint64_t m[16],
                                                            const uint8_t s[16]) {
    mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
    mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
    mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
    mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
    mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
    mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
    mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
    mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
}

/* `t` counts the input up to and with this block. */
static void compress(uint64_t h[8], const uint8_t block[BLAKE2B_BLOCK], uint64_t t, bool last) {
    uint64_t m[16], v[16];
    for (unsigned i = 0; i < 16; i++)
        m[i] = cvk_le64(block + 8 * i);
    memcpy(v, h, 64);
    memcpy(v + 8, iv, 64);
    v[12] ^= t;
    if (last)
        v[14] = ~v[14];
    /* written out, so that compilers see constant indices */
    mix_round(v, m, sigma[0]);
    mix_round(v, m, sigma[1]);
    mix_round(v, m, sigma[2]);
    mix_round(v, m, sigma[3]);
    mix_round(v, m, sigma[4]);
    mix_round(v, m, sigma[5]);
    mix_round(v, m, sigma[6]);
    mix_round(v, m, sigma[7]);
    mix_round(v, m, sigma[8]);
    mix_round(v, m, sigma[9]);
    mix_round(v, m, sigma[0]);
    mix_round(v, m, sigma[1]);
    for (unsigned i = 0; i < 8; i++)
        h[i] ^= v[i] ^ v[i + 8];
}

void cvk_blake2b_init(CvkBlake2b *b) {
    *b = (CvkBlake2b){.t = 0};
    memcpy(b->h, iv, sizeof b->h);
    b->h[0] ^= 0x01010000 ^ BLAKE2B_BYTES; /* no key, no tree */
}

static void compress_next(CvkBlake2b *b, const uint8_t block[BLAKE2B_BLOCK]) {
    b->t += BLAKE2B_BLOCK;
    compress(b->h, block, b->t, false);
}

void cvk_blake2b_add(CvkBlake2b *b, const void *data, size_t n) {
    const uint8_t *p = data;
    if (n == 0)
        return;
    size_t room = BLAKE2B_BLOCK - b->pos;
    if (b->pos != 0 && n > room) {
        memcpy(b->buffer + b->pos, p, room);
        compress_next(b, b->buffer);
        memset(b->buffer, 0, sizeof b->buffer);
        b->pos = 0;
        p += room;
        n -= room;
    }
    for (; n > BLAKE2B_BLOCK; p += BLAKE2B_BLOCK, n -= BLAKE2B_BLOCK)
        compress_next(b, p);
    memcpy(b->buffer + b->pos, p, n);
    b->pos += n;
}

void cvk_blake2b_finish(const CvkBlake2b *b, uint8_t ret[BLAKE2B_BYTES]) {
    uint64_t h[8];
    memcpy(h, b->h, sizeof h);
    compress(h, b->buffer, b->t + b->pos, true);
    for (unsigned i = 0; i < 8; i++)
        cvk_put_le64(h[i], ret + 8 * i);
}

void cvk_blake2b(const void *data, size_t n, uint8_t ret[BLAKE2B_BYTES]) {
    CvkBlake2b b;
    cvk_blake2b_init(&b);
    cvk_blake2b_add(&b, data, n);
    cvk_blake2b_finish(&b, ret);
}

static bool sink_add(void *ctx, const void *data, size_t n, CvkErr *err) {
    (void)err;
    cvk_blake2b_add(ctx, data, n);
    return true;
}

CvkSink cvk_sink_blake2b(CvkBlake2b *b) {
    return (CvkSink){.write = sink_add, .ctx = b};
}
