/* Scalars of bn254 as sums of short signed parts, k = sum of part[i] factor^i mod r, where `factor`
 * is what an endomorphism of the group multiplies by.
 *
 * The rows of a lattice are vectors with sum of row[i] factor^i = 0 mod r; (k, 0, ..) minus the
 * point of the lattice that is near it has short parts. Constant time. Threads: no state. */
#pragma once

#include "algebra/backend.h"

#define SPLIT_PARTS_MAX 4

typedef struct {
    size_t parts;
    const uint64_t (*shares)[4];    /* of each row, times 2^256: how much of it is in (1, 0, ..) */
    const uint64_t (*rows)[2];      /* parts * parts, in two's complement */
    const uint8_t *odd_rows;        /* [k mod 2]: bits of the rows to take an odd number of times */
    const uint64_t (*odd_shift)[2]; /* a vector of the lattice, all even, in two's complement */
} Bn254Lattice;

extern const Bn254Lattice bn254_g1_lattice, bn254_g2_lattice;

/* `odd`: all parts are odd numbers, and so none is zero; they are at most a bit longer. And one of
 * those of G2 is positive and has no more than BN254_G2_ODD_APART bits less than the longest. */
void bn254_split(const Bn254Lattice *l, const Fr *k, bool odd, ScalarPart *ret_parts);
