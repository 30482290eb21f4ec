/* Products that are not reduced yet, so that a sum of products is reduced once: what multiplication
 * in the extension fields is made of. Constant time. Threads: no state. */
#pragma once

#include "algebra/mont4.h"

/* Modulo 2^512, so that differences may be negative on the way. p^2 is less than 2^512 / 28. */
typedef struct {
    uint64_t w[8];
} Mont4Wide;

/* ret = a b */
MONT4_INLINE void mont4_wide_product(Mont4Wide *ret, const uint64_t a[4], const uint64_t b[4]) {
    uint64_t *t = ret->w;
    mont4_row(t, a, b[0]);
    MONT4_UNROLL for (size_t i = 1; i < 4; i++) {
        t[i + 4] = 0;
        mont4_add_row(t + i, a, b[i]);
    }
}

/* ret = a a, for a below 2^255 */
MONT4_INLINE void mont4_wide_square(Mont4Wide *ret, const uint64_t a[4]) {
    const Mont4Square s = mont4_square(a);
    uint64_t *t = ret->w;
    mont4_row(t, s.row0, a[0]);
    t[5] = t[6] = t[7] = 0;
    mont4_add_row3(t + 2, s.row1, a[1]);
    mont4_add_row2(t + 4, s.row2, a[2]);
    unsigned char carry = word_add(0, t[6], (uint64_t)s.last, &t[6]);
    (void)word_add(carry, t[7], (uint64_t)(s.last >> 64), &t[7]);
}

/* t += a */
MONT4_INLINE void mont4_wide_add(Mont4Wide *t, const Mont4Wide *a) {
    unsigned char carry = mont4_sum(t->w, t->w, a->w);
    (void)mont4_sum_on(t->w + 4, carry, t->w + 4, a->w + 4);
}

/* t += a b */
MONT4_INLINE void mont4_wide_add_product(Mont4Wide *t, const uint64_t a[4], const uint64_t b[4]) {
    unsigned char over = 0; /* from the row before, to the highest word of this one */
    MONT4_UNROLL for (size_t i = 0; i < 4; i++) {
        uint64_t row[5], *w = t->w + i;
        mont4_row(row, a, b[i]);
        over = word_add(mont4_sum(w, w, row), w[4], row[4] + over, &w[4]);
    }
}

/* t -= a */
MONT4_INLINE void mont4_wide_take(Mont4Wide *t, const Mont4Wide *a) {
    unsigned char borrow = mont4_subtract(t->w, t->w, a->w);
    (void)mont4_subtract_on(t->w + 4, borrow, t->w + 4, a->w + 4);
}

/* t += p R / 2, which is 2.64 p^2 and no change modulo p. */
MONT4_INLINE void mont4_wide_add_half(const Mont4 *m, Mont4Wide *t) {
    const uint64_t *p = m->p;
    unsigned char carry = word_add(0, t->w[3], p[0] << 63, &t->w[3]);
    carry = word_add(carry, t->w[4], p[0] >> 1 | p[1] << 63, &t->w[4]);
    carry = word_add(carry, t->w[5], p[1] >> 1 | p[2] << 63, &t->w[5]);
    carry = word_add(carry, t->w[6], p[2] >> 1 | p[3] << 63, &t->w[6]);
    (void)word_add(carry, t->w[7], p[3] >> 1, &t->w[7]);
}

/* ret = t / R modulo p: reduced for a t from 0 to (p - 1) R, which is 5.29 p^2; below 2p if t is
 * below 2 (p - 1) R. The lower half becomes a number between -p and fold / 2^64 by itself. */
MONT4_INLINE void mont4_wide_reduce(const Mont4 *m, uint64_t ret[4], const Mont4Wide *wide) {
    uint64_t t[5] = {wide->w[0], wide->w[1], wide->w[2], wide->w[3], 0};
    MONT4_UNROLL for (size_t i = 0; i < 4; i++) mont4_clear_row(m, t, i, 2);
    (void)mont4_sum(t, t, wide->w + 4);
    mont4_add_p(m, ret, t, (uint64_t)((int64_t)t[3] >> 63));
}
