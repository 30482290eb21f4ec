/* Lanes: what transforms of points are made of. For points_fft.c, which says in what order.
 *
 * Decimation in time: entries in bit-reversed order, then passes that merge `radix` blocks of m
 * values each into one. With w the root of unity of the merged block's order and z = shift * w^k,
 * its values k, k + m, .. (which differ by powers of the radix-th root v) come from value k of each
 * block, where block r holds the entries that are r modulo the radix:
 *
 *     value k + j m = sum over r of (z v^j)^r y_r
 *
 * That is a lane. The blocks of even r alone make a transform of half the radix, E, and then
 *
 *     value k + j m, value k + (j + radix/2) m = E_j + O_j, E_j - O_j
 *
 * for j below radix/2, where O_j is the sum over odd r. So a lane is done in steps from half = 1 to
 * radix/2: a step makes `half` forms O_j of as many points. Multiplications are what all this costs
 * (an addition has a 200th of one), and forms of the same points share tables and doublings:
 * LinearJob. A larger radix needs fewer doublings and more additions. Lanes that are computed
 * together share inversions, whatever transforms they are of.
 *
 * The scale costs nothing: every entry but the first goes through a multiplication when it meets
 * the block of the first one, so that is where the scale is put; the first is multiplied alone.
 *
 * Threads: a Lanes is one thread's. Lanes of the same pass touch different points; those of one
 * pass must all be done before any of the next. */
#pragma once

#include "algebra/backend.h"

#define RADIX_MAX (2 * LINEAR_MAX)

/* The powers of a root of unity, for transforms of all sizes up to its order. */
typedef struct {
    Fr *w; /* w^0 .. w^(order/2) */
    size_t order;
} Roots;

/* Transforms of one size, all in the same pass. */
typedef struct {
    const PointsFft *how;
    Fr *shifts; /* of each transform, to the power of this pass; NULL: all one */
    bool scaled;
    size_t radix, m; /* of this pass; m = how->n: there is none left */
    size_t given;    /* how many of its lanes somebody has taken, */
    size_t finished; /* and done */
} Batch;

/* What becomes of one value of each of `radix` blocks. */
typedef struct {
    Batch *of;
    size_t transform, block, k;
} Lane;

/* Some lanes of the same radix and group, and room to compute them. */
typedef struct {
    const Roots *roots;
    size_t radix, n;
    size_t twiddled; /* the first ones, which need multiplications */
    Lane *lane;
    unsigned char *even; /* the values that are merged already: `half`, in the end radix, a lane */
    unsigned char *odd;  /* those that are merged next, `half` a lane */
    unsigned char *sum, *difference; /* of lanes without a twiddle */
    Fr *k;                           /* half^2 a lane */
} Lanes;

/* Room for `most` lanes. False: no memory, and nothing to free. */
bool lanes_init(Lanes *l, const Group *g, const Roots *roots, size_t most) MUST_USE;
void lanes_done(Lanes *l);

/* How many lanes the batch's pass has, and which is number i: those with k = 0, which cost less,
 * come first. */
size_t batch_lanes(const Batch *b);
Lane batch_lane(Batch *b, size_t i);
void *batch_entry(const Batch *b, size_t transform, size_t i);

/* Does lane[0 .. n), and reorders them. False: no memory, and their points are spoilt. */
bool lanes_compute(Lanes *l) MUST_USE;
