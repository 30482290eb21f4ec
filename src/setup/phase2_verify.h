/* Is a Groth16 key what it claims to be? Two questions:
 *
 * VERIFY: did KEY grow from this circuit's initial key, by contributions whose authors knew their
 * secrets? EXTENDS: is KEY the key BEFORE with exactly one more contribution and nothing else
 * changed? (the check of one turn of a ceremony: it needs neither powers of tau nor the circuit.)
 *
 * What is checked, and with what certainty. Every point of KEY's L and H is canonical, on the
 * curve and in the subgroup (where that takes random subsets: all but 2^-128; with cofactor 1:
 * certain). The rest of its vectors, and the coefficients, are BEFORE's, byte for byte: certain.
 * Curve, sizes, alpha, beta and the circuit's hash are BEFORE's, gamma is the generator, BEFORE's
 * contributions stand in KEY with their names: certain. delta in G1 is the last contribution's, and
 * delta in G2 has the same logarithm: certain. Contributions prove their secrets and chain delta
 * (phase2_chain.h): 2^-128. L, and for EXTENDS H: for 128-bit r_i from a seed drawn after the data,
 *   e(sum r_i L_i, delta) = e(sum r_i L_before_i, delta before): all but 2^-128,
 * which is false too where a point became infinite. For VERIFY, H is what the powers of tau say,
 * all but 2^-128, in as far as it can matter (phase2_powers.c says what a prover never meets);
 * where the powers come with their Lagrange bases, H may be held against these.
 *
 * What is believed. EXTENDS believes that BEFORE was itself accepted. VERIFY believes that BEFORE's
 * IC, A, B1, B2, coefficients and L are this circuit's: a caller who made BEFORE from the circuit
 * and the powers of tau believes nothing but these; and that the powers of tau were verified, with
 * their Lagrange bases if these are given.
 * Memory: w->memory, for VERIFY also 32 bytes for each H. Threads: pure functions. */
#pragma once

#include "setup/phase1.h"
#include "setup/phase2.h"

typedef struct {
    const Phase2Key *key, *before;
    unsigned beacon_exp_max; /* BEACON_EXP_QUICK; "beacon.slow" above it: no verdict */
    /* VERIFY: the powers' Lagrange basis in G1 for twice the domain, which is quicker to compare
     * with; NULL: they are not prepared */
    const Vector *basis;
} Phase2Claim;

/* The verdict is the first reason why not, in this order:
 *   "zkey.curve" ".n_vars" ".n_public" ".domain" ".alpha_g1" ".beta_g1" ".beta_g2" ".gamma_g2"
 *   ".circuit_hash"                  the header is another circuit's, or another setup's
 *   "zkey.prefix", "zkey.count"      contributions of BEFORE are missing or changed; not one more
 *   "zkey.contribution.*"            phase2_replay's; ".idle": the secret is 1 (EXTENDS only)
 *   "zkey.delta_g1" ".delta_g2"
 *   "zkey.ic" ".coefficients" ".a" ".b1" ".b2"   a section differs
 *   "point.*"                        vector_read's, of L or H
 *   "zkey.l" ".l.infinity" ".h" ".h.infinity"   a point is not the old one times 1/d
 *   "zkey.ptau"                      alpha or beta are not those of the powers (VERIFY only)
 *   "zkey.h.ptau"                    H does not belong to the powers (VERIFY only)
 * False: no verdict; a point of BEFORE or of the powers that is none is such an error. */
bool phase2_extends(const Phase2Claim *claim, const Work *w, Verdict *verdict,
                    CvkErr *err) MUST_USE;

/* False also: "ptau.curve", "ptau.power" (they do not fit this key). */
bool phase2_verify(const Phase2Claim *claim, const Phase1State *powers, const Work *w,
                   Verdict *verdict, CvkErr *err) MUST_USE;

/* For meters. */
size_t phase2_extends_units(const Phase2Claim *claim);
size_t phase2_verify_units(const Phase2Claim *claim);
