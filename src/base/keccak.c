#include "base/keccak.h"

#include <string.h>

#define RATE 136 /* bytes absorbed a permutation */
#define ROUNDS 24

static uint64_t rotl(uint64_t x, unsigned by) {
    return by == 0 ? x : x << by | x >> (64 - by);
}

/* One bit of the LFSR x^8 + x^6 + x^5 + x^4 + 1 that makes the round constants. */
static unsigned lfsr_step(uint8_t *state) {
    unsigned out = *state & 1u;
    unsigned high = *state >> 7;
    *state = (uint8_t)((*state << 1) ^ (high != 0 ? 0x71 : 0));
    return out;
}

static void permute(uint64_t a[25]) {
    uint8_t lfsr = 1;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t c[5], t;
        for (unsigned x = 0; x < 5; x++) /* theta */
            c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (unsigned x = 0; x < 5; x++) {
            t = c[(x + 4) % 5] ^ rotl(c[(x + 1) % 5], 1);
            for (unsigned y = 0; y < 25; y += 5)
                a[x + y] ^= t;
        }
        unsigned x = 1, y = 0; /* rho and pi: walk the lane path (x, y) -> (y, 2x + 3y) */
        t = a[1];
        for (unsigned i = 0; i < 24; i++) {
            unsigned next = (2 * x + 3 * y) % 5;
            x = y;
            y = next;
            uint64_t moved = rotl(t, (i + 1) * (i + 2) / 2 % 64);
            t = a[x + 5 * y];
            a[x + 5 * y] = moved;
        }
        for (unsigned row = 0; row < 25; row += 5) { /* chi */
            memcpy(c, a + row, sizeof c);
            for (unsigned k = 0; k < 5; k++)
                a[row + k] = c[k] ^ (~c[(k + 1) % 5] & c[(k + 2) % 5]);
        }
        for (unsigned j = 0; j < 7; j++) /* iota */
            a[0] ^= (uint64_t)lfsr_step(&lfsr) << ((1u << j) - 1);
    }
}

static void absorb(uint64_t a[25], const uint8_t block[RATE]) {
    for (unsigned i = 0; i < RATE / 8; i++) {
        uint64_t lane = 0;
        for (unsigned k = 0; k < 8; k++)
            lane |= (uint64_t)block[8 * i + k] << (8 * k);
        a[i] ^= lane;
    }
    permute(a);
}

/* What has been given and not yet absorbed is block[0 .. filled). */
typedef struct {
    uint64_t a[25];
    uint8_t block[RATE];
    size_t filled;
} Sponge;

static void feed(Sponge *s, const void *data, size_t n) {
    const uint8_t *p = data;
    while (n != 0) {
        size_t room = RATE - s->filled, take = n < room ? n : room;
        memcpy(s->block + s->filled, p, take);
        s->filled += take;
        p += take;
        n -= take;
        if (s->filled == RATE) {
            absorb(s->a, s->block);
            s->filled = 0;
        }
    }
}

void cvk_keccak256_joined(const void *head, size_t head_n, const void *data, size_t n,
                          uint8_t ret[KECCAK256_BYTES]) {
    Sponge s = {.filled = 0};
    feed(&s, head, head_n);
    feed(&s, data, n);
    memset(s.block + s.filled, 0, RATE - s.filled);
    s.block[s.filled] = 0x01;
    s.block[RATE - 1] |= 0x80;
    absorb(s.a, s.block);
    for (unsigned i = 0; i < KECCAK256_BYTES; i++)
        ret[i] = (uint8_t)(s.a[i / 8] >> (8 * (i % 8)));
}

void cvk_keccak256(const void *data, size_t n, uint8_t ret[KECCAK256_BYTES]) {
    cvk_keccak256_joined(NULL, 0, data, n, ret);
}
