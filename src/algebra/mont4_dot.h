/* Sums of products with one reduction: what multiplication in the extension fields is made of. For
 * Fq2 that is as quick as Karatsuba's three products, for sums of three products in Fq2 much
 * quicker, as the additions between go. Constant time. Threads: no state. */
#pragma once

#include "algebra/mont4.h"

#define MONT4_DOT_MOST 6

/* Column sums: `low` holds 128 bits, `high` what went over. */
#define MONT4_ADD(a, b) (high += (uint64_t)__builtin_add_overflow(low, (Word2)(a) * (b), &low))
#define MONT4_NEXT (low = low >> 64 | (Word2)high << 64, high = 0)

/* (a[0] b[0] + .. + a[n - 1] b[n - 1]) / R for factors not above p and a constant n up to
 * MONT4_DOT_MOST. As p < 0.19 R, the sum before the last reductions is below (0.19 n + 1) p. */
MONT4_INLINE void mont4_dot(const Mont4 *m, uint64_t ret[4], const uint64_t *const *a,
                            const uint64_t *const *b, size_t n) {
    const uint64_t *p = m->p;
    uint64_t q[4], t[4], high = 0;
    Word2 low = 0;
    MONT4_UNROLL for (size_t k = 0; k < 7; k++) { /* the columns of the products, and of q p */
        size_t from = k < 4 ? 0 : k - 3, to = k < 4 ? k : 3;
        MONT4_UNROLL for (size_t j = 0; j < n; j++) {
            MONT4_UNROLL for (size_t i = from; i <= to; i++) MONT4_ADD(a[j][i], b[j][k - i]);
        }
        MONT4_UNROLL for (size_t i = from; i <= to && i < k; i++) MONT4_ADD(q[i], p[k - i]);
        if (k < 4) {
            q[k] = (uint64_t)low * m->n0;
            MONT4_ADD(q[k], p[0]); /* clears the column */
        } else {
            t[k - 4] = (uint64_t)low;
        }
        if (k < 6)
            MONT4_NEXT;
    }
    t[3] = (uint64_t)(low >> 64);
    if (n > 5)
        mont4_reduce_once(m, t, t);
    mont4_reduce_once(m, ret, t);
}
