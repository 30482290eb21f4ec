/* PLONK (Gabizon, Williamson, Ciobotaru 2019) with a lookup argument (plookup, Gabizon and
 * Williamson 2020) over BN254, in the variant whose proofs zkSync Era publishes on Ethereum: four
 * wires a, b, c, d, a main gate that also sees d of the next row, one custom gate, one lookup table
 * of three columns, 2^24 rows, Keccak for the challenges.
 *
 * A proof commits to polynomials by one point each, opens them at a random z (suffix _at) and some
 * at the next row, z times omega (suffix _next), omega being the root of unity that rows are
 * powers of. It holds when the identities of all arguments, summed with powers of one challenge
 * alpha, are a multiple of z^n - 1 (the quotient), and a pairing says that the values are the
 * polynomials'. What part of this setup/plonk_private.h computes is said there.
 *
 * Invariant: a PlonkProof or PlonkKey holds only points of the group, none of them infinity, and
 * scalars below its order: format/plonk_proof.h and format/plonk_vkey.h make them. Threads:
 * everything is immutable once made. Nothing here is secret. */
#pragma once

#include "algebra/curve.h"
#include "setup/verdict.h"

#define PLONK_WIRES 4
#define PLONK_ROWS ((uint64_t)1 << 24)
/* Cells of wire i are numbered k_i omega^row, k_i from here: cosets that have nothing in common. */
extern const uint64_t plonk_cosets[PLONK_WIRES];
#define PLONK_SIGMAS_AT (PLONK_WIRES - 1) /* the last one's opening is left out (linearization) */

/* What the main gate multiplies its constants with. */
typedef enum {
    GATE_A,
    GATE_B,
    GATE_C,
    GATE_D,
    GATE_AB,
    GATE_AC,
    GATE_CONSTANT,
    GATE_D_NEXT,
    PLONK_GATE_TERMS
} PlonkGateTerm;

/* Rows of one gate are told by its selector. */
typedef enum {
    SELECT_MAIN,
    SELECT_FIFTH_POWER, /* a^2 = b, b^2 = c, c a = d */
    PLONK_SELECTORS
} PlonkSelector;

#define PLONK_TABLE_COLUMNS 4 /* three values and the number of the table that they are of */

/* The verification key: commitments to what the circuit is. */
typedef struct {
    Element gate[PLONK_GATE_TERMS];
    Element selectors[PLONK_SELECTORS];
    Element sigmas[PLONK_WIRES]; /* the permutation of the wires' cells */
    Element table[PLONK_TABLE_COLUMNS];
    Element lookup_selector, table_number; /* which rows look up, and where */
    Element tau_g2;                        /* the powers of tau's second point of G2 */
} PlonkKey;

typedef struct {
    Fr input; /* the public one */
    Element wires[PLONK_WIRES];
    Element permutation;           /* the grand product of the permutation */
    Element sorted, lookup;        /* of the lookup: the sorted list, the product */
    Element quotient[PLONK_WIRES]; /* parts of n coefficients */
    Fr wires_at[PLONK_WIRES], d_next;
    Fr main_at; /* SELECT_MAIN */
    Fr sigmas_at[PLONK_SIGMAS_AT], permutation_next;
    Fr sorted_next, lookup_next, table_at, table_next;
    Fr lookup_selector_at, table_number_at;
    Fr quotient_at, linear_at;        /* linear: the linearization */
    Element opening_at, opening_next; /* that the values at z, at z omega are true */
} PlonkProof;

/* Verdict ids: "plonk.quotient" (the identities do not hold), "plonk.opening" (values are not those
 * of the committed polynomials). About 10 ms. */
bool plonk_verify(const PlonkKey *k, const PlonkProof *p, Verdict *verdict, CvkErr *err) MUST_USE;
