/* All subset sums of many points by bits of their scalars, spread over a pool. This is the
 * batched subgroup test, and gives the sum with the scalars on the way: docs/ALGEBRA.md. */
#pragma once

#include "algebra/backend.h"

#define SUBSET_BITS_MAX 128u

/* ret[b] = the sum of those points[i] whose scalar has bit b set, for b in [0, bits). The points
 * are on the curve and not infinity, and may lie outside the subgroup. Variable time: public data
 * only. False: memory. */
bool subset_sums(const Group *g, const void *points, size_t n, const uint8_t *scalars,
                 size_t scalar_bytes, unsigned bits, CvkPool *pool, Element *ret,
                 CvkErr *err) MUST_USE;

/* Sum of 2^(step * i) * sums[i] over i < n: with step 1 and the above, that of scalar_i *
 * points[i]. */
Element sums_weigh(const Group *g, const Element *sums, unsigned n, unsigned step);

/* The factors r_from .. r_(from + n - 1), FACTOR_BYTES each; NULL: memory. The caller frees. */
#define FACTOR_BYTES 16
#define FACTOR_BITS 128u
uint8_t *factors_expand(const Factors *f, size_t n, CvkErr *err) MUST_USE;
