/* What is told of a list of numbers. Amounts and times come as doubles: exact up to 2^53 (90
 * million dollars in micro-cents). "Not a number" stands for what is not defined: a mean of
 * nothing, the deviation of one. Pure. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t n;
    double min, p5, p25, p50, p75, p95, max;
    double mean, sd; /* sd: of a sample (n - 1) */
    double mad;      /* median of the distances from the median, as it is (not scaled) */
} Summary;

/* ret[0..*ret_n): the indices of v[0..n) in the order of their values, those that are no number
 * left out; equals keep their order. n < 2^32. O(n), and 32 bytes of memory each meanwhile. */
bool stats_order(const double *v, size_t n, uint32_t *ret, size_t *ret_n, CvkErr *err) MUST_USE;

/* The values of v[0..n) in their order: ret[0..*ret_n), room for n. As stats_order otherwise. */
bool stats_sort(const double *v, size_t n, double *ret, size_t *ret_n, CvkErr *err) MUST_USE;

/* Of sorted values; O(n). */
void stats_summary(const double *sorted, size_t n, Summary *ret);

/* Linear between neighbours (R's type 7, Python's "inclusive"); NaN of nothing. O(1). */
double stats_quantile(const double *sorted, size_t n, double q);

double stats_mean(const double *v, size_t n); /* compensated sum */
/* The same of values that are rounded themselves (quotients, logarithms): 0 where they cancel but
 * for that. */
double stats_mean_rounded(const double *v, size_t n);

/* A curve of the share of values at most x: at most `cap` points, the last one at 1. Returns how
 * many. */
typedef struct {
    double x, share;
} EcdfPoint;
size_t stats_ecdf(const double *sorted, size_t n, EcdfPoint *ret, size_t cap);
