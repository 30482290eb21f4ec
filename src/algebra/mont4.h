/* Arithmetic modulo a prime of 254 bits in Montgomery form, R = 2^256, on four words, least
 * significant first: what bn254's Fq and Fr share. Portable C; constant time throughout.
 *
 * The modulus comes as a constant of the file that includes this, so that the compiler puts its
 * words into the code. Results are below p, but for those of functions that say "lazy". Operands of
 * sums and differences are below p too. Those of products may be larger, because p < 0.19 R: see
 * mont4_mul. Results may be operands. Threads: no state. */
#pragma once

#include "algebra/mont4_carry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t p[4];
    uint64_t n0;      /* -1/p mod 2^64 */
    uint64_t fold[4]; /* (n0 p + 1) / 2^64 */
    uint64_t one[4];  /* R mod p */
    uint64_t r2[4];   /* R^2 mod p */
    uint64_t r3[4];   /* R^3 mod p */
    uint64_t half[4]; /* (p - 1) / 2, a plain number */
    uint64_t root[4]; /* (p + 1) / 4 where p = 3 mod 4: the exponent of square roots; else 0 */
} Mont4;

#define MONT4_INLINE WORD_INLINE
#define MONT4_UNROLL _Pragma("GCC unroll 8")

/* ---- plain numbers of four words ---- */

/* Chains of carries are written out, here and below: clang 14 makes bad code of loops over them. */

/* ret = a + b + carry mod 2^256; returns the carry out of it. */
MONT4_INLINE unsigned char mont4_sum_on(uint64_t ret[4], unsigned char carry, const uint64_t a[4],
                                        const uint64_t b[4]) {
    carry = word_add(carry, a[0], b[0], &ret[0]);
    carry = word_add(carry, a[1], b[1], &ret[1]);
    carry = word_add(carry, a[2], b[2], &ret[2]);
    return word_add(carry, a[3], b[3], &ret[3]);
}

/* ret = a - b - borrow mod 2^256; returns the borrow out of it. */
MONT4_INLINE unsigned char mont4_subtract_on(uint64_t ret[4], unsigned char borrow,
                                             const uint64_t a[4], const uint64_t b[4]) {
    borrow = word_sub(borrow, a[0], b[0], &ret[0]);
    borrow = word_sub(borrow, a[1], b[1], &ret[1]);
    borrow = word_sub(borrow, a[2], b[2], &ret[2]);
    return word_sub(borrow, a[3], b[3], &ret[3]);
}

/* ret = a + b mod 2^256; returns the carry, 0 or 1. */
MONT4_INLINE unsigned char mont4_sum(uint64_t ret[4], const uint64_t a[4], const uint64_t b[4]) {
    return mont4_sum_on(ret, 0, a, b);
}

/* ret = a - b mod 2^256; returns the borrow, 0 or 1. */
MONT4_INLINE unsigned char mont4_subtract(uint64_t ret[4], const uint64_t a[4],
                                          const uint64_t b[4]) {
    return mont4_subtract_on(ret, 0, a, b);
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

/* ret = a, plus p where the mask has ones. */
MONT4_INLINE void mont4_add_p(const Mont4 *m, uint64_t ret[4], const uint64_t a[4], uint64_t mask) {
    uint64_t p[4];
    MONT4_UNROLL for (size_t i = 0; i < 4; i++) p[i] = word_hidden(m->p[i] & mask);
    (void)mont4_sum(ret, a, p);
}

/* ret = a - b, plus p if that is negative. */
MONT4_INLINE void mont4_sub(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t b[4]) {
    uint64_t difference[4];
    uint64_t borrow = mont4_subtract(difference, a, b);
    mont4_add_p(m, ret, difference, 0 - borrow);
}

/* a below 2p. */
MONT4_INLINE void mont4_reduce_once(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    mont4_sub(m, ret, a, m->p);
}

MONT4_INLINE void mont4_add(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t b[4]) {
    uint64_t sum[4];
    (void)mont4_sum(sum, a, b);
    mont4_reduce_once(m, ret, sum);
}

/* Lazy: ret = a - b + p, between 0 and 2p. For products. */
MONT4_INLINE void mont4_sub_lazy(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                                 const uint64_t b[4]) {
    uint64_t difference[4];
    (void)mont4_subtract(difference, a, b);
    (void)mont4_sum(ret, difference, m->p);
}

/* flag ? -a : a, in constant time also in the flag. */
MONT4_INLINE void mont4_cneg(const Mont4 *m, uint64_t ret[4], const uint64_t a[4], bool flag) {
    static const uint64_t zero[4] = {0};
    uint64_t negative[4];
    mont4_sub(m, negative, zero, a);
    mont4_select(ret, 0 - (uint64_t)flag, negative, a);
}

/* ---- products ----
 *
 * Rows of products are put in two products at a time, at words 0 and 2 and then at 1 and 3: those
 * do not overlap, so that few words need to be kept. */

/* *ret_high = the upper word of a b; returns the lower one. */
MONT4_INLINE uint64_t word_mul(uint64_t a, uint64_t b, uint64_t *ret_high) {
    Word2 product = (Word2)a * b;
    *ret_high = (uint64_t)(product >> 64);
    return (uint64_t)product;
}

/* ret = a k */
MONT4_INLINE void mont4_row(uint64_t ret[5], const uint64_t a[4], uint64_t k) {
    uint64_t high0, high1, high2, high3;
    uint64_t low0 = word_mul(a[0], k, &high0), low1 = word_mul(a[1], k, &high1),
             low2 = word_mul(a[2], k, &high2), low3 = word_mul(a[3], k, &high3);
    ret[0] = low0;
    unsigned char carry = word_add(0, high0, low1, &ret[1]);
    carry = word_add(carry, high1, low2, &ret[2]);
    carry = word_add(carry, high2, low3, &ret[3]);
    (void)word_add(carry, high3, 0, &ret[4]);
}

/* t += a k mod 2^320. */
MONT4_INLINE void mont4_add_row(uint64_t t[5], const uint64_t a[4], uint64_t k) {
    uint64_t high0, high1, high2, high3;
    uint64_t low0 = word_mul(a[0], k, &high0), low2 = word_mul(a[2], k, &high2);
    unsigned char carry = word_add(0, t[0], low0, &t[0]);
    carry = word_add(carry, t[1], high0, &t[1]);
    carry = word_add(carry, t[2], low2, &t[2]);
    carry = word_add(carry, t[3], high2, &t[3]);
    (void)word_add(carry, t[4], 0, &t[4]);
    uint64_t low1 = word_mul(a[1], k, &high1), low3 = word_mul(a[3], k, &high3);
    carry = word_add(0, t[1], low1, &t[1]);
    carry = word_add(carry, t[2], high1, &t[2]);
    carry = word_add(carry, t[3], low3, &t[3]);
    (void)word_add(carry, t[4], high3, &t[4]);
}

/* The same for three words of a, and for two. */
MONT4_INLINE void mont4_add_row3(uint64_t t[4], const uint64_t a[3], uint64_t k) {
    uint64_t high0, high1, high2;
    uint64_t low0 = word_mul(a[0], k, &high0), low2 = word_mul(a[2], k, &high2);
    unsigned char carry = word_add(0, t[0], low0, &t[0]);
    carry = word_add(carry, t[1], high0, &t[1]);
    carry = word_add(carry, t[2], low2, &t[2]);
    (void)word_add(carry, t[3], high2, &t[3]);
    uint64_t low1 = word_mul(a[1], k, &high1);
    carry = word_add(0, t[1], low1, &t[1]);
    carry = word_add(carry, t[2], high1, &t[2]);
    (void)word_add(carry, t[3], 0, &t[3]);
}

MONT4_INLINE void mont4_add_row2(uint64_t t[3], const uint64_t a[2], uint64_t k) {
    Word2 x0 = (Word2)a[0] * k, x1 = (Word2)a[1] * k + (uint64_t)(x0 >> 64);
    unsigned char carry = word_add(0, t[0], (uint64_t)x0, &t[0]);
    carry = word_add(carry, t[1], (uint64_t)x1, &t[1]);
    (void)word_add(carry, t[2], (uint64_t)(x1 >> 64), &t[2]);
}

/* t = (t + t[0] (2^64 fold - 1)) / 2^64: the multiple of p that is in brackets clears the lowest
 * word, and no factor is to be found first; but the result is below 2^64 fold + 2^256 only. */
MONT4_INLINE void mont4_fold_row(const Mont4 *m, uint64_t t[5]) {
    uint64_t k = t[0];
    t[0] = t[1];
    t[1] = t[2];
    t[2] = t[3];
    t[3] = t[4];
    t[4] = 0;
    mont4_add_row(t, m->fold, k);
}

/* t = (t - q p) / 2^64 for the q below 2^64 that clears the lowest word, from where no borrow comes
 * then. First the upper words of the products, then the lower ones. The result, signed, must fit in
 * 256 bits. */
MONT4_INLINE void mont4_take_row(const Mont4 *m, uint64_t t[5]) {
    const uint64_t *p = m->p;
    uint64_t q = t[0] * (0 - m->n0);
    Word2 x0 = (Word2)p[0] * q, x1 = (Word2)p[1] * q, x2 = (Word2)p[2] * q, x3 = (Word2)p[3] * q;
    unsigned char borrow = word_sub(0, t[1], (uint64_t)(x0 >> 64), &t[0]);
    borrow = word_sub(borrow, t[2], (uint64_t)(x1 >> 64), &t[1]);
    borrow = word_sub(borrow, t[3], (uint64_t)(x2 >> 64), &t[2]);
    (void)word_sub(borrow, t[4], (uint64_t)(x3 >> 64), &t[3]);
    borrow = word_sub(0, t[0], (uint64_t)x1, &t[0]);
    borrow = word_sub(borrow, t[1], (uint64_t)x2, &t[1]);
    borrow = word_sub(borrow, t[2], (uint64_t)x3, &t[2]);
    (void)word_sub(borrow, t[3], 0, &t[3]);
    t[4] = (uint64_t)((int64_t)t[3] >> 63); /* the sign again */
}

/* Clears the next word of t, the i-th of four. */
MONT4_INLINE void mont4_clear_row(const Mont4 *m, uint64_t t[5], size_t i, size_t folds) {
    if (i < folds)
        mont4_fold_row(m, t);
    else
        mont4_take_row(m, t);
}

MONT4_INLINE void mont4_product(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                                const uint64_t b[4], size_t folds) {
    uint64_t t[5];
    mont4_row(t, a, b[0]);
    mont4_clear_row(m, t, 0, folds);
    MONT4_UNROLL for (size_t i = 1; i < 4; i++) {
        mont4_add_row(t, a, b[i]);
        mont4_clear_row(m, t, i, folds);
    }
    mont4_add_p(m, ret, t, t[4]);
}

/* a b / R modulo p, for a b below (p - fold) R: for two operands below p, and where fold is below
 * 0.6 p, as it is for bn254's q, one of them may be below 2p. In the end t is
 * (a b + f - q p) / R for an f from 0 to fold R and a q below R, so that it is between -p and p. */
MONT4_INLINE void mont4_mul(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t b[4]) {
    mont4_product(m, ret, a, b, 3);
}

/* The same for a b below (p - 1) R, which is 5.29 p^2, and an a below 2^255: for two operands below
 * 2p. With one fold less f is below fold R / 2^64. */
MONT4_INLINE void mont4_mul_lazy(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                                 const uint64_t b[4]) {
    mont4_product(m, ret, a, b, 2);
}

/* The rows of a a: row i is a[i] times a[i] and twice the words above it; what is below it has had
 * its row. */
typedef struct {
    uint64_t row0[4], row1[3], row2[2];
    Word2 last;
} Mont4Square;

/* For a below 2^255. */
MONT4_INLINE Mont4Square mont4_square(const uint64_t a[4]) {
    const uint64_t d1 = a[1] << 1, d2 = a[2] << 1, d3 = a[3] << 1, over1 = a[1] >> 63,
                   over2 = a[2] >> 63;
    return (Mont4Square){.row0 = {a[0], d1, d2 | over1, d3 | over2},
                         .row1 = {a[1], d2, d3 | over2},
                         .row2 = {a[2], d3},
                         .last = (Word2)a[3] * a[3]};
}

/* a a / R modulo p, for a below p. */
MONT4_INLINE void mont4_sqr(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    const Mont4Square s = mont4_square(a);
    uint64_t t[5];
    mont4_row(t, s.row0, a[0]);
    mont4_fold_row(m, t);
    mont4_add_row3(t + 1, s.row1, a[1]);
    mont4_fold_row(m, t);
    mont4_add_row2(t + 2, s.row2, a[2]);
    mont4_fold_row(m, t);
    unsigned char carry = word_add(0, t[3], (uint64_t)s.last, &t[3]);
    (void)word_add(carry, t[4], (uint64_t)(s.last >> 64), &t[4]);
    mont4_take_row(m, t);
    mont4_add_p(m, ret, t, t[4]);
}

/* The number a as a Montgomery residue times R^k / R, where rk = R^k mod p, r2 or r3; a is any
 * number of four words. */
MONT4_INLINE void mont4_scale(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                              const uint64_t rk[4]) {
    mont4_mul_lazy(m, ret, rk, a);
}

/* Out of Montgomery form: the number itself. */
MONT4_INLINE void mont4_plain(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    static const uint64_t one[4] = {1};
    mont4_mul(m, ret, a, one);
}

/* The n bits of e below `end`. */
MONT4_INLINE unsigned mont4_bits_below(const uint64_t e[4], unsigned end, unsigned n) {
    unsigned from = end - n, word = from / 64, shift = from % 64;
    uint64_t bits = e[word] >> shift;
    if (shift + n > 64)
        bits |= e[word + 1] << (64 - shift);
    return (unsigned)bits & ((1U << n) - 1);
}

#define MONT4_WINDOW 5 /* bits of an exponent for which one multiplication does */

/* a^e; constant time in a, not in e, which is public. ret may be a. */
MONT4_INLINE void mont4_pow(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t e[4]) {
    uint64_t odd[1 << (MONT4_WINDOW - 1)][4], square[4], x[4]; /* a, a^3, .. a^31 */
    mont4_sqr(m, square, a);
    for (size_t i = 0; i < 4; i++) {
        odd[0][i] = a[i];
        x[i] = m->one[i];
    }
    for (size_t k = 1; k < sizeof odd / sizeof *odd; k++)
        mont4_mul(m, odd[k], odd[k - 1], square);
    for (unsigned bit = 256; bit != 0;) {
        unsigned n = bit < MONT4_WINDOW ? bit : MONT4_WINDOW;
        unsigned digit = mont4_bits_below(e, bit, n);
        if (digit >> (n - 1) == 0) { /* squared alone */
            mont4_sqr(m, x, x);
            bit--;
            continue;
        }
        for (; (digit & 1) == 0; digit >>= 1)
            n--;
        for (unsigned k = 0; k < n; k++)
            mont4_sqr(m, x, x);
        mont4_mul(m, x, x, odd[digit / 2]);
        bit -= n;
    }
    for (size_t i = 0; i < 4; i++)
        ret[i] = x[i];
}
