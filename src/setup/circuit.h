/* A circuit as phase 2 sees it: the terms of its constraints, read where they lie.
 *
 * Constraint c says (sum of A's terms) * (sum of B's) = (sum of C's), over signals of which signal
 * 0 is the constant one and 1 to n_public are public. Threads: reading is thread-safe. */
#pragma once

#include "algebra/curve.h"

typedef enum { CIRCUIT_A, CIRCUIT_B, CIRCUIT_C, CIRCUIT_MATRICES } CircuitMatrix;

typedef struct {
    CircuitMatrix matrix;
    uint32_t constraint, signal;
    Fr value;
} CircuitTerm;

/* A place among the terms. All zero: before the first. The rest is the reader's own. */
typedef struct {
    uint64_t at;
    uint32_t constraint, left;
    unsigned lists; /* of this constraint that have begun */
} CircuitPlace;

typedef struct {
    const Curve *curve;
    uint32_t constraints, n_vars, n_public;
    /* The next terms, at most n (n >= 1), in the file's order: constraints rise, in each A before B
     * before C. *ret_n = 0: there are no more. */
    bool (*read)(const void *ctx, CircuitPlace *place, CircuitTerm *ret, size_t n, size_t *ret_n,
                 CvkErr *err);
    const void *ctx;
} Circuit;

/* The smallest power of two above constraints + n_public, and at least 2: its logarithm. */
unsigned circuit_domain_power(const Circuit *c);
