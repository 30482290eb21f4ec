/* Groth16 (Groth, EUROCRYPT 2016): what a circuit's keys say to those who verify proofs, and the
 * verification itself.
 *
 * A proof (A, B, C) of public inputs x_1 .. x_n holds under a key when
 *     e(A, B) = e(alpha, beta) e(IC_0 + x_1 IC_1 + .. + x_n IC_n, gamma) e(C, delta).
 * Threads: everything is immutable once made. Nothing here is secret. */
#pragma once

#include "setup/phase2.h"

typedef struct {
    const Curve *curve;
    Element alpha_g1, beta_g2, gamma_g2, delta_g2; /* none is infinity */
    Points *ic; /* one more than there are public inputs; infinite ones may be among them */
} Groth16Vkey;

typedef struct {
    Element a, b, c; /* b in G2 */
} Groth16Proof;

/* The verification key of a circuit's keys. The verdict is no where nobody has contributed ("zkey.
 * no_contribution": who made the keys could prove anything) or a point of IC is none; then *ret is
 * NULL. The keys are not verified otherwise: `zkey verify` does that. */
bool groth16_vkey_of(const Phase2Key *key, const Work *w, Groth16Vkey **ret, Verdict *verdict,
                     CvkErr *err) MUST_USE;
Groth16Vkey *groth16_vkey_free(Groth16Vkey *k); /* NULL is fine; returns NULL */
size_t groth16_inputs_n(const Groth16Vkey *k);  /* public inputs that a proof must have */

/* Verdict ids: "groth16.inputs" (their number), "groth16.equation". About a millisecond, and 30 us
 * an input. */
bool groth16_verify(const Groth16Vkey *k, const Fr *inputs, size_t n, const Groth16Proof *p,
                    CvkPool *pool, Verdict *verdict, CvkErr *err) MUST_USE;
