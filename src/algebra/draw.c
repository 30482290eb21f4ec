#include "algebra/draw.h"

#include "algebra/backend.h"
#include "base/le.h"

#include <assert.h>
#include <string.h>

#define BLOCK_WORDS (CVK_STREAM_BLOCK / 4)
#define WORDS_MAX (2 * 48 / 8) /* of a coordinate */

Draw draw_from(const uint8_t seed[DRAW_SEED_BYTES]) {
    Draw ret = {.used = BLOCK_WORDS}; /* the first block is made when it is needed */
    static_assert(DRAW_SEED_BYTES == CVK_SEED_BYTES, "the seed is the key");
    for (size_t i = 0; i < DRAW_SEED_BYTES; i++) /* the cipher reads its words little endian */
        ret.key[i] = seed[i - i % 4 + 3 - i % 4];
    return ret;
}

uint32_t draw_u32(Draw *d) {
    if (d->used == BLOCK_WORDS) {
        cvk_stream_block(d->key, 0, d->block++, d->words);
        d->used = 0;
    }
    return cvk_le32(d->words + (size_t)4 * d->used++);
}

uint64_t draw_u64(Draw *d) {
    uint64_t high = draw_u32(d);
    return high << 32 | draw_u32(d);
}

bool draw_bool(Draw *d) {
    return (draw_u32(d) & 1) != 0;
}

/* Word i, counted from the least significant one, of a big-endian number of `bytes` bytes. */
static uint64_t word_at(const uint8_t *be, size_t bytes, size_t i) {
    uint64_t ret = 0;
    for (size_t j = 0; j < 8; j++)
        ret = ret << 8 | be[bytes - 8 * (i + 1) + j];
    return ret;
}

/* As many low bits as the prime has. */
static uint64_t mask_of(uint64_t high_word) {
    uint64_t mask = high_word;
    for (unsigned shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    return mask;
}

/* Draws once; is it below the prime? All of it is looked at whatever it is. */
static bool draw_below(Draw *d, const uint8_t *prime_be, size_t bytes, uint64_t *ret) {
    size_t words = bytes / 8;
    assert(words != 0);
    uint64_t borrow = 0;
    for (size_t i = 0; i < words; i++)
        ret[i] = draw_u64(d);
    ret[words - 1] &= mask_of(word_at(prime_be, bytes, words - 1));
    for (size_t i = 0; i < words; i++) {
        uint64_t p = word_at(prime_be, bytes, i), difference = ret[i] - p;
        borrow = ((~ret[i] & p) | (~(ret[i] ^ p) & (difference - borrow))) >> 63;
    }
    return borrow != 0;
}

/* A field element: what is drawn is its Montgomery residue. */
static void draw_residue(Draw *d, const uint8_t *prime_be, size_t bytes, uint64_t *ret) {
    while (!draw_below(d, prime_be, bytes, ret))
        continue;
}

Fr draw_fr(const Curve *c, Draw *d) {
    Fr ret;
    draw_residue(d, c->order_be, FR_BYTES, ret.w);
    return ret;
}

Element draw_element(const Group *g, Draw *d) {
    const Curve *c = g->curve;
    Element ret = {.group = g};
    uint64_t x[WORDS_MAX];
    bool larger;
    do {
        for (size_t i = 0; i < g->degree; i++)
            draw_residue(d, c->base_prime_be, c->base_bytes, x + i * (c->base_bytes / 8));
        larger = draw_bool(d);
    } while (!g->lift_x(x, larger, &ret));
    return ret;
}

Element draw_hash_to_g2(const Curve *c, const uint8_t digest[64]) {
    Draw d = draw_from(digest);
    return draw_element(c->g2, &d);
}
