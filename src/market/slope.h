/* Slopes by least squares, and how exact they are.
 *
 * All participants prove the same batches, and what makes a batch hard makes it hard for all of
 * them: values of one batch are not independent. Standard errors allow for that, and for a spread
 * that varies (CR1, clustered by batch): with u what the fit leaves of y, and x without its mean,
 * or without all that other regressors explain of it (Frisch, Waugh and Lovell),
 *
 *     variance of b = c * sum over batches of (sum over the batch of x u)^2 / (sum of x^2)^2
 *     c = G / (G - 1) * (N - 1) / (N - K)
 *
 * of G batches, N values and K parameters: Cameron and Miller, A Practitioner's Guide to
 * Cluster-Robust Inference, Journal of Human Resources 50 (2015), section II.B; Stata's. Where each
 * batch has one value, as one participant's have, that is HC1: c is N / (N - K).
 *
 * There is none where parameters are as many as values, as nothing is left of any y; and none of
 * fewer than three batches: of two, both sums are the same but for their sign, so that the error
 * would rest on one number. Of fewer than about forty it is too small rather than too large. Pure.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define SLOPE_BATCHES_MIN 3

typedef struct {
    const double *x, *y;
    const uint32_t *batch;
    size_t n;
} Pairs;

/* n: pairs used. b and what follows are NaN where x does not vary; error: of b, NaN of fewer than
 * SLOPE_BATCHES_MIN, and where parameters leave no freedom. y that does not vary but for its
 * rounding: b is 0, r2 NaN. */
typedef struct {
    size_t n, batches;
    double a, b, error, r2;
} LineFit;

/* y = a + b x. sum: room for a number of each batch, whatever is in it. O(n). */
void slope_fit(const Pairs *p, double *sum, LineFit *ret);

/* What other parameters than b took from x and y: `rank` parameters, `counted` of them in K. Those
 * that are of one batch each are not counted, as they take as much from its values as from its
 * freedom (Cameron and Miller, section III.B). all_xx: the sum of squares of x before; of hardly
 * anything that is left of it there is no slope. */
typedef struct {
    size_t rank, counted;
    double all_xx;
} Taken;

/* y = b x + u, where x and y are what others leave of them, exact to SLOPE_RESTS_EXACT: an error
 * that is below what this makes of it is 0 if all values agree on b so far, and NaN otherwise: then
 * those that tell of b have no freedom left. */
#define SLOPE_RESTS_EXACT 1e-8
void slope_of_rests(const Pairs *p, const Taken *by, double *sum, LineFit *ret);

/* Room for n pairs, and for a number of each batch. */
typedef struct {
    double *x, *y, *sum;
    uint32_t *batch;
} PairsRoom;
bool pairs_room_make(PairsRoom *r, size_t n, size_t batches, CvkErr *err) MUST_USE;
void pairs_room_done(PairsRoom *r);
