/* Sums of many public points times their scalars, spread over a pool, by signed digits
 * (docs/ALGEBRA.md). For points in the subgroup; they may be infinity. Variable time. Threads: no
 * state. */
#pragma once

#include "algebra/backend.h"

/* *ret = the sum of k[i] * points[i]. False: memory. */
bool sum_of_products(const Group *g, const void *points, size_t n, const Fr *k, CvkPool *pool,
                     Element *ret, CvkErr *err) MUST_USE;
/* The same with scalars of 128 bits, little endian. */
bool sum_of_short_products(const Group *g, const void *points, size_t n, const uint8_t (*k)[16],
                           CvkPool *pool, Element *ret, CvkErr *err) MUST_USE;
