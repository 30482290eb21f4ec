/* A sum of two products with one reduction: what multiplication in a quadratic extension is made
 * of. Against Karatsuba's three products with a reduction each, 50 times 20 word products become
 * 104 for 108, but most of the additions between them go. Constant time. Threads: no state. */
#pragma once

#include "algebra/mont4.h"

/* Column k of the double product and of the multiples of p: i from `from` to `to`. */
#define MONT4_DOT_COLUMN(k, from, to)                                                              \
    for (size_t i = (from); i <= (to); i++) {                                                      \
        MONT4_ADD(a[i], b[(k)-i]);                                                                 \
        MONT4_ADD(c[i], d[(k)-i]);                                                                 \
    }
#define MONT4_DOT_MULTIPLES(k, from, to)                                                           \
    for (size_t i = (from); i <= (to); i++)                                                        \
        MONT4_ADD(q[i], p[(k)-i]);

/* (a * b + c * d) / R, for a * b + c * d below R p (5 p^2 fit; no operand from 2^256 on): the sum
 * before the last reduction is then below 2p. */
MONT4_INLINE void mont4_dot(const Mont4 *m, uint64_t ret[4], const uint64_t a[4],
                            const uint64_t b[4], const uint64_t c[4], const uint64_t d[4]) {
    const uint64_t *p = m->p;
    uint64_t q[4], t[4], high = 0;
    Word2 low = 0;
    MONT4_DOT_COLUMN(0, 0, 0)
    q[0] = (uint64_t)low * m->n0;
    MONT4_ADD(q[0], p[0]);
    MONT4_NEXT;
    MONT4_DOT_COLUMN(1, 0, 1)
    MONT4_DOT_MULTIPLES(1, 0, 0)
    q[1] = (uint64_t)low * m->n0;
    MONT4_ADD(q[1], p[0]);
    MONT4_NEXT;
    MONT4_DOT_COLUMN(2, 0, 2)
    MONT4_DOT_MULTIPLES(2, 0, 1)
    q[2] = (uint64_t)low * m->n0;
    MONT4_ADD(q[2], p[0]);
    MONT4_NEXT;
    MONT4_DOT_COLUMN(3, 0, 3)
    MONT4_DOT_MULTIPLES(3, 0, 2)
    q[3] = (uint64_t)low * m->n0;
    MONT4_ADD(q[3], p[0]);
    MONT4_NEXT;
    MONT4_DOT_COLUMN(4, 1, 3)
    MONT4_DOT_MULTIPLES(4, 1, 3)
    t[0] = (uint64_t)low;
    MONT4_NEXT;
    MONT4_DOT_COLUMN(5, 2, 3)
    MONT4_DOT_MULTIPLES(5, 2, 3)
    t[1] = (uint64_t)low;
    MONT4_NEXT;
    MONT4_DOT_COLUMN(6, 3, 3)
    MONT4_DOT_MULTIPLES(6, 3, 3)
    t[2] = (uint64_t)low;
    t[3] = (uint64_t)(low >> 64);
    mont4_reduce_once(m, ret, t);
}
