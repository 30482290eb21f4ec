/* y = mean + a[participant] + b[batch] + rest, by least squares, whatever cells are missing. Used
 * to tell batches' difficulty from provers' own level. Pure. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    double mean;
    double *a, *b; /* [a_n], [b_n]: effects; 0 where there is no value */
    double *rest;  /* [n] */
    bool settled;  /* the effects moved less than 1e-10 at the end */
} TwoWay;

/* Value i belongs to a_of[i] < a_n and b_of[i] < b_n. Effects in turns, each the mean of what the
 * other leaves (a few rounds where cells are missing at random; 1,000 at most): O(n) a round. The
 * caller calls two_way_done. */
bool two_way_fit(const double *y, const uint32_t *a_of, size_t a_n, const uint32_t *b_of,
                 size_t b_n, size_t n, TwoWay *ret, CvkErr *err) MUST_USE;
void two_way_done(TwoWay *t);

/* How much of the variance of y goes with each part (covariance with y over y's variance: they add
 * up to 1, and are the usual shares of sums of squares where no cell is missing). NaN: y does not
 * vary. */
typedef struct {
    double a, b, rest;
} Shares;
void two_way_shares(const TwoWay *t, const double *y, const uint32_t *a_of, const uint32_t *b_of,
                    size_t n, Shares *ret);
