/* Sums of many public points times their scalars, spread over a pool, by signed digits
 * (docs/ALGEBRA.md). Points may be infinity. Variable time. Threads: no state. */
#pragma once

#include "algebra/backend.h"

/* *ret = the sum of k[i] * points[i], which are in the subgroup. False: memory. */
bool sum_of_products(const Group *g, const void *points, size_t n, const Fr *k, CvkPool *pool,
                     Element *ret, CvkErr *err) MUST_USE;
/* The same with scalars of FACTOR_BYTES, little endian, and anything on the curve. */
bool sum_of_short_products(const Group *g, const void *points, size_t n, const uint8_t *k,
                           CvkPool *pool, Element *ret, CvkErr *err) MUST_USE;

/* It in windows: the sum of 2^(window * w) sums[w], where sums[w] is that of digit w of k[i] times
 * points[i]. Of random scalars, digit w has, whatever those below it are, each of as many
 * neighbouring values as it has bits for, with the same probability. */
#define WINDOW_SUMS_MAX 65
typedef struct {
    unsigned window, n;
    Element sums[WINDOW_SUMS_MAX];
} WindowSums;
bool window_sums(const Group *g, const void *points, size_t n, const uint8_t *k,
                 unsigned window_max, CvkPool *pool, WindowSums *ret, CvkErr *err) MUST_USE;
