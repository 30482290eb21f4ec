/* A circuit of our own, for trying out and for measuring: each of `lanes` values is squared `steps`
 * times.
 *
 * Public are the values x_1 .. x_lanes, then their results y_j = x_j^(2^steps). Constraint number
 * (j - 1) steps + i says that the square of lane j's number i is its number i + 1. Signals: 0 is
 * one, then the x_j, the y_j, and lane by lane the numbers between.
 * A value of 0 makes its whole lane 0, which costs a prover little: batches that do not fill the
 * circuit cost less. Threads: pure. */
#pragma once

#include "setup/circuit.h"

typedef struct {
    const Curve *curve;
    uint32_t lanes, steps; /* at least 1 each; lanes * steps below 2^28 */
} Squarings;

#define SQUARINGS_CONSTRAINTS_MAX ((uint32_t)1 << 28)

uint32_t squarings_vars(const Squarings *s);
static inline uint32_t squarings_public(const Squarings *s) {
    return 2 * s->lanes;
}

/* It refers to *s. */
Circuit squarings_circuit(const Squarings *s);

/* All signals (squarings_vars) from the values of the lanes. */
void squarings_witness(const Squarings *s, const Fr *values, Fr *ret);
