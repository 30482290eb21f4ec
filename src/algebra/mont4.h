/* Arithmetic modulo a prime of 254 bits in Montgomery form, R = 2^256, on four words, least
 * significant first: what bn254's Fq and Fr share. Portable C; constant time throughout.
 *
 * The modulus comes as a constant of the file that includes this, so that the compiler puts its
 * words into the code. Results are below p. Operands too, but for those of mont4_mul, mont4_sqr
 * and mont4_reduce, which may be as large as their comments say: below 2^254 there is room to leave
 * out reductions on the way. Threads: no state. */
#pragma once

#include "algebra/word2.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t p[4];
    uint64_t n0;      /* -1/p mod 2^64 */
    uint64_t one[4];  /* R mod p */
    uint64_t r2[4];   /* R^2 mod p */
    uint64_t r3[4];   /* R^3 mod p */
    uint64_t half[4]; /* (p - 1) / 2, a plain number */
    uint64_t root[4]; /* (p + 1) / 4 where p = 3 mod 4: the exponent of square roots; else 0 */
} Mont4;

#define MONT4_INLINE static inline __attribute__((always_inline))

/* ---- plain numbers of four words ---- */

/* Four words are two halves of 128 bits, which gcc and clang add by add, adc and leave in
 * registers. The carry between them is made of bits and never by a comparison: of those compilers
 * make jumps.
 */
MONT4_INLINE Word2 mont4_low(const uint64_t a[4]) {
    return (Word2)a[1] << 64 | a[0];
}

MONT4_INLINE Word2 mont4_high(const uint64_t a[4]) {
    return (Word2)a[3] << 64 | a[2];
}

MONT4_INLINE void mont4_set(uint64_t ret[4], Word2 low, Word2 high) {
    ret[0] = (uint64_t)low;
    ret[1] = (uint64_t)(low >> 64);
    ret[2] = (uint64_t)high;
    ret[3] = (uint64_t)(high >> 64);
}

/* Of a + b: their highest bits are both set, or one of them and not the sum's. */
MONT4_INLINE uint64_t mont4_carry(Word2 a, Word2 b, Word2 sum) {
    uint64_t x = (uint64_t)(a >> 64), y = (uint64_t)(b >> 64), z = (uint64_t)(sum >> 64);
    return ((x & y) | ((x | y) & ~z)) >> 63;
}

/* Of a - b, which is a carry of `difference` + b. */
MONT4_INLINE uint64_t mont4_borrow(Word2 a, Word2 b, Word2 difference) {
    return mont4_carry(difference, b, a);
}

/* ret = a - b mod 2^256; returns the borrow, 0 or 1. */
MONT4_INLINE uint64_t mont4_subtract(uint64_t ret[4], const uint64_t a[4], const uint64_t b[4]) {
    Word2 low = mont4_low(a) - mont4_low(b);
    Word2 high = mont4_high(a) - mont4_high(b) - mont4_borrow(mont4_low(a), mont4_low(b), low);
    mont4_set(ret, low, high);
    return mont4_borrow(mont4_high(a), mont4_high(b), high);
}

/* ret = a + b, which must fit. */
MONT4_INLINE void mont4_sum(uint64_t ret[4], const uint64_t a[4], const uint64_t b[4]) {
    Word2 low = mont4_low(a) + mont4_low(b);
    uint64_t carry = mont4_carry(mont4_low(a), mont4_low(b), low);
    mont4_set(ret, low, mont4_high(a) + mont4_high(b) + carry);
}

/* mask is all ones: ret = a; zero: ret = b. */
MONT4_INLINE void mont4_select(uint64_t ret[4], uint64_t mask, const uint64_t a[4],
                               const uint64_t b[4]) {
    for (size_t i = 0; i < 4; i++)
        ret[i] = b[i] ^ ((a[i] ^ b[i]) & mask);
}

MONT4_INLINE bool mont4_is_zero(const uint64_t a[4]) {
    return (a[0] | a[1] | a[2] | a[3]) == 0;
}

MONT4_INLINE bool mont4_equal(const uint64_t a[4], const uint64_t b[4]) {
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}

MONT4_INLINE void mont4_read_be(uint64_t ret[4], const uint8_t be[32]) {
    for (size_t i = 0; i < 4; i++) {
        uint64_t w = 0;
        for (size_t k = 0; k < 8; k++)
            w = w << 8 | be[8 * (3 - i) + k];
        ret[i] = w;
    }
}

MONT4_INLINE void mont4_read_le(uint64_t ret[4], const uint8_t le[32]) {
    for (size_t i = 0; i < 4; i++) {
        uint64_t w = 0;
        for (size_t k = 8; k-- > 0;)
            w = w << 8 | le[8 * i + k];
        ret[i] = w;
    }
}

MONT4_INLINE void mont4_write_be(const uint64_t a[4], uint8_t ret[32]) {
    for (size_t i = 0; i < 32; i++)
        ret[i] = (uint8_t)(a[3 - i / 8] >> (56 - 8 * (i % 8)));
}

MONT4_INLINE void mont4_write_le(const uint64_t a[4], uint8_t ret[32]) {
    for (size_t i = 0; i < 32; i++)
        ret[i] = (uint8_t)(a[i / 8] >> (8 * (i % 8)));
}

/* ---- modulo p ---- */

/* ret = a - b, plus p if that is negative; a and b below 2p. */
MONT4_INLINE void mont4_difference(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                                   const uint64_t b[4]) {
    Word2 low = mont4_low(a) - mont4_low(b);
    Word2 high = mont4_high(a) - mont4_high(b) - mont4_borrow(mont4_low(a), mont4_low(b), low);
    Word2 negative = 0 - (high >> 127); /* a mask; both are below 2^255 */
    Word2 p_low = mont4_low(m->p) & negative, sum = low + p_low;
    high += (mont4_high(m->p) & negative) + mont4_carry(low, p_low, sum);
    mont4_set(ret, sum, high);
}

/* a below 2p. */
MONT4_INLINE void mont4_reduce_once(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    mont4_difference(m, ret, a, m->p);
}

MONT4_INLINE void mont4_add(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t b[4]) {
    uint64_t sum[4];
    mont4_sum(sum, a, b);
    mont4_reduce_once(m, ret, sum);
}

MONT4_INLINE void mont4_sub(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t b[4]) {
    mont4_difference(m, ret, a, b);
}

/* flag ? -a : a, in constant time also in the flag. */
MONT4_INLINE void mont4_cneg(const Mont4 *m, uint64_t ret[4], const uint64_t a[4], bool flag) {
    static const uint64_t zero[4] = {0};
    uint64_t negative[4];
    mont4_sub(m, negative, zero, a);
    mont4_select(ret, 0 - (uint64_t)flag, negative, a);
}

/* Column sums: `low` holds 128 bits, `high` what went over. MONT4_FIT is for a product that cannot
 * go over: the products that are added with it have top words (below 2^63 for an operand below 2p,
 * below 0.19 * 2^64 for p) among their factors. gcc and clang make add, adc, adc of MONT4_ADD. */
#define MONT4_FIT(a, b) (low += (Word2)(a) * (b))
#define MONT4_ADD(a, b) (high += (uint64_t)__builtin_add_overflow(low, (Word2)(a) * (b), &low))
#define MONT4_NEXT (low = low >> 64 | (Word2)high << 64, high = 0)

/* a * b / R, a and b below 2p: p < 0.19 R, so that the sum before the last reduction is below
 * (4 * 0.19 + 1) p. Each column of the product and of the multiples of p that clear its low words
 * is summed at once, which needs few registers. */
MONT4_INLINE void mont4_mul(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t b[4]) {
    const uint64_t *p = m->p;
    uint64_t q[4], t[4], high = 0;
    Word2 low = (Word2)a[0] * b[0];
    q[0] = (uint64_t)low * m->n0;
    MONT4_ADD(q[0], p[0]);
    MONT4_NEXT;
    MONT4_ADD(a[0], b[1]);
    MONT4_ADD(a[1], b[0]);
    MONT4_ADD(q[0], p[1]);
    q[1] = (uint64_t)low * m->n0;
    MONT4_ADD(q[1], p[0]);
    MONT4_NEXT;
    MONT4_ADD(a[0], b[2]);
    MONT4_ADD(a[1], b[1]);
    MONT4_ADD(a[2], b[0]);
    MONT4_ADD(q[0], p[2]);
    MONT4_ADD(q[1], p[1]);
    q[2] = (uint64_t)low * m->n0;
    MONT4_ADD(q[2], p[0]);
    MONT4_NEXT;
    MONT4_FIT(a[0], b[3]);
    MONT4_ADD(a[3], b[0]);
    MONT4_ADD(a[1], b[2]);
    MONT4_ADD(a[2], b[1]);
    MONT4_ADD(q[0], p[3]);
    MONT4_ADD(q[1], p[2]);
    MONT4_ADD(q[2], p[1]);
    q[3] = (uint64_t)low * m->n0;
    MONT4_ADD(q[3], p[0]);
    MONT4_NEXT;
    MONT4_FIT(a[1], b[3]);
    MONT4_FIT(q[1], p[3]);
    MONT4_ADD(a[3], b[1]);
    MONT4_ADD(a[2], b[2]);
    MONT4_ADD(q[2], p[2]);
    MONT4_ADD(q[3], p[1]);
    t[0] = (uint64_t)low;
    MONT4_NEXT;
    MONT4_FIT(a[2], b[3]);
    MONT4_FIT(q[2], p[3]);
    MONT4_ADD(a[3], b[2]);
    MONT4_ADD(q[3], p[2]);
    t[1] = (uint64_t)low;
    MONT4_NEXT;
    MONT4_FIT(a[3], b[3]);
    MONT4_FIT(q[3], p[3]);
    t[2] = (uint64_t)low;
    t[3] = (uint64_t)(low >> 64);
    mont4_reduce_once(m, ret, t);
}

/* a * a / R, a below 2p. */
MONT4_INLINE void mont4_sqr(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    mont4_mul(m, ret, a, a);
}

/* The number a as a Montgomery residue times R^k / R, where rk = R^k mod p; a is any number of four
 * words, which is brought below 2p first: 2^256 is less than 6p. */
MONT4_INLINE void mont4_scale(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                              const uint64_t rk[4]) {
    uint64_t below[4] = {a[0], a[1], a[2], a[3]}, p4[4];
    for (size_t i = 0; i < 4; i++)
        p4[i] = m->p[i] << 2 | (i > 0 ? m->p[i - 1] >> 62 : 0);
    uint64_t less[4];
    uint64_t borrow = mont4_subtract(less, below, p4);
    mont4_select(below, 0 - borrow, below, less); /* below 4p */
    for (size_t i = 0; i < 2; i++)
        mont4_reduce_once(m, below, below);
    mont4_mul(m, ret, below, rk);
}

/* Out of Montgomery form: the number itself. */
MONT4_INLINE void mont4_plain(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    static const uint64_t one[4] = {1};
    mont4_mul(m, ret, a, one);
}

/* a^e; constant time in a, not in e, which is public. ret may be a. */
MONT4_INLINE void mont4_pow(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t e[4]) {
    uint64_t powers[16][4], x[4];
    for (size_t i = 0; i < 4; i++) {
        powers[0][i] = x[i] = m->one[i];
        powers[1][i] = a[i];
    }
    for (size_t k = 2; k < 16; k++)
        mont4_mul(m, powers[k], powers[k - 1], powers[1]);
    for (unsigned bit = 256; bit != 0; bit -= 4) {
        for (size_t k = 0; k < 4; k++)
            mont4_sqr(m, x, x);
        mont4_mul(m, x, x, powers[e[(bit - 4) / 64] >> (bit - 4) % 64 & 15]);
    }
    for (size_t i = 0; i < 4; i++)
        ret[i] = x[i];
}
