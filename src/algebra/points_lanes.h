/* Lanes: what transforms of points are made of. For points_fft.c, which says in what order.
 *
 * Decimation in time by split radix, over entries in bit-reversed order. A block of `size` values
 * is the transform of as many entries. It is merged from that of the even entries, E, which is its
 * first half, and from those of the entries that are 1 and 3 modulo 4, its last two quarters. With
 * w the root of unity of order `size`, z = shift * w^k, i = w^(size/4), and y_1, y_3 the values k
 * of the quarters:
 *
 *     value k,          value k + size/2          E_k +- O_0,            O_0 = z y_1 + z^3 y_3
 *     value k + size/4, value k + 3 size/4        E_(k + size/4) +- O_1, O_1 = i z y_1 + (i z)^3
 * y_3
 *
 * That is a lane: two forms of the same two points, which share tables and doublings (LinearJob). A
 * block of two values is a lane of one form of one point. Where z^4 is 1 or -1, the sum and the
 * difference of y_1 and y_3 need one factor each, or none. Multiplications are what all this costs
 * (an addition has a 200th of one). Of blocks of a size there are about two thirds as many as would
 * fit: the rest are parts of quarters. By count of multiplications in the field this is 3 % better
 * than the best single radix (8 in G1, 4 in G2), and simpler. Lanes that are computed together
 * share inversions, whatever transforms they are of.
 *
 * The scale costs nothing: every entry but the first goes through a multiplication when it meets
 * the block of the first one, so that is where the scale is put; the first is multiplied alone.
 *
 * Threads: a Lanes is one thread's. Lanes of the same pass touch different points; those of one
 * pass must all be done before any of the next. */
#pragma once

#include "algebra/backend.h"

/* The powers of a root of unity, for transforms of all sizes up to its order. */
typedef struct {
    Fr *w; /* w^0 .. w^(order/2) */
    size_t order;
} Roots;

/* Transforms of one size, all in the same pass: the blocks of one size. */
typedef struct {
    const PointsFft *how;
    Fr *shifts; /* of each transform, to the power of this pass; NULL: all one */
    bool scaled;
    size_t size;     /* of this pass's blocks; above how->n: there is none left */
    size_t given;    /* how many of its lanes somebody has taken, */
    size_t finished; /* and done */
} Batch;

typedef struct {
    Batch *of;
    size_t transform, block, k; /* block: the number of its place among all that would fit */
} Lane;

/* Some lanes of the same half and group, and room to compute them. */
typedef struct {
    const Roots *roots;
    size_t half, n;
    size_t twiddled; /* the first ones, which need forms of all points; */
    size_t eighths;  /* then those with z^4 = -1, and at the end those with z = 1 */
    Lane *lane;
    unsigned char *even;  /* E_..: `half` a lane */
    unsigned char *odd;   /* y_.., then O_..: `half` a lane */
    unsigned char *apart; /* of the others: all y_1 - y_3, then all y_1 + y_3 */
    Fr *k;                /* half^2 a lane */
} Lanes;

/* Room for `most` lanes. False: no memory, and nothing to free. */
bool lanes_init(Lanes *l, const Group *g, const Roots *roots, size_t most) MUST_USE;
void lanes_done(Lanes *l);

/* Half the values of a lane of the batch's pass: 1 or 2. */
size_t batch_half(const Batch *b);
/* How many lanes the batch's pass has, and which is number i: those with k = 0, which cost less,
 * come first. */
size_t batch_lanes(const Batch *b);
Lane batch_lane(Batch *b, size_t i);
void *batch_entry(const Batch *b, size_t transform, size_t i);

/* Does lane[0 .. n), and reorders them. False: no memory, and their points are spoilt. */
bool lanes_compute(Lanes *l) MUST_USE;
