/* Groth16 proofs (Groth, EUROCRYPT 2016, section 3.2) with the keys of a circuit as a .zkey holds
 * them.
 *
 * With a witness w (w_0 = 1) and random r and s:
 *     A  = alpha + sum w_i A_i + r delta                        in G1
 *     B  = beta + sum w_i B_i + s delta                         in G2, and B' the same in G1
 *     C  = sum w_i L_i + sum h_j H_j + s A + r B' - r s delta   L: over signals that are not public
 * The polynomials a and b have the values of A's and B's rows on the domain of n points, and c
 * their products: a b - c vanishes there. H belongs to the other n points of the domain of 2n
 * (setup/phase2_basis.h), so h_j is the value of a b - c at v^(2j + 1), v a root of unity of order
 * 2n: no division is needed.
 *
 * Threads: a prover is immutable once made. TIME: the witness is taken for public, as everything
 * that is synthetic is: sums take variable time in it. r and s, without which a proof would tell of
 * the witness, are used in constant time and wiped. */
#pragma once

#include "algebra/draw.h"
#include "setup/groth16.h"

typedef struct Groth16Prover Groth16Prover;

/* Reads and checks all points and coefficients of the key, and holds them in memory: about 500
 * bytes a signal and 100 a constraint. False: a point is none (vector_read's ids),
 * "groth16.coefficients", memory. */
bool groth16_prover_new(const Phase2Key *key, const Work *w, Groth16Prover **ret,
                        CvkErr *err) MUST_USE;
Groth16Prover *groth16_prover_free(Groth16Prover *p); /* NULL is fine; returns NULL */

/* `witness`: the key's n_vars values, the first of them one. `draw`: where r and s come from; the
 * caller's to wipe. Whether the witness satisfies the circuit cannot be seen here, as a key does
 * not hold all of it: of one that does not, a proof is made that does not hold (groth16_verify).
 * About 0.04 ms a constraint and thread. */
bool groth16_prove(const Groth16Prover *p, const Fr *witness, Draw *draw, CvkPool *pool,
                   Groth16Proof *ret, CvkErr *err) MUST_USE;
