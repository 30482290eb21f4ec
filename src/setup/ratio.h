/* Equal ratios across the two groups, which is what contributions prove: b is to a, in G1, as d is
 * to c, in G2. Threads: pure functions. */
#pragma once

#include "algebra/curve.h"

typedef struct {
    Element a, b; /* of G1 */
    Element c, d; /* of G2 */
} Ratio;

/* e(a, d) = e(b, c), and none of the four is infinity. About 1 ms. */
bool ratio_holds(const Curve *curve, const Ratio *r, CvkPool *pool, bool *ret,
                 CvkErr *err) MUST_USE;

/* Do all of them hold, but for a chance of 2^-128? Neighbours with the same c and d share their
 * pairings. */
bool ratios_hold(const Curve *curve, const Ratio *r, size_t n, const Factors *factors,
                 CvkPool *pool, bool *ret, CvkErr *err) MUST_USE;
