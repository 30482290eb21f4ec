/* Steps of a PLONK verification, for the files plonk*.c and for tests, which compare each step with
 * what others computed.
 *
 * Notation in comments: z and omega as in plonk.h, n the number of rows, L_i the polynomial that is
 * 1 in row i and 0 in all others. Threads: none shared. */
#pragma once

#include "setup/plonk.h"

/* Arithmetic by value, so that formulas look like formulas. */
static inline Fr fr_plus(Fr a, Fr b) {
    return fr_add(curve_bn254(), &a, &b);
}
static inline Fr fr_minus(Fr a, Fr b) {
    return fr_sub(curve_bn254(), &a, &b);
}
static inline Fr fr_times(Fr a, Fr b) {
    return fr_mul(curve_bn254(), &a, &b);
}

/* What the verifier of the interactive protocol would have drawn: hashes of all that the prover had
 * said before. */
typedef struct {
    Fr eta;                       /* joins the columns of a lookup */
    Fr beta, gamma;               /* of the permutation argument */
    Fr lookup_beta, lookup_gamma; /* of the lookup argument */
    Fr alpha;                     /* joins the identities */
    Fr z;                         /* where polynomials are opened */
    Fr v;                         /* joins the openings */
    Fr u;                         /* joins the two places of the openings */
} PlonkChallenges;

void plonk_challenges(const PlonkProof *p, PlonkChallenges *ret);

/* Identities that must hold in every row: the power of alpha that each is multiplied by. */
typedef enum {
    IDENTITY_MAIN_GATE,
    IDENTITY_SQUARE, /* a^2 = b */
    IDENTITY_FOURTH, /* b^2 = c */
    IDENTITY_FIFTH,  /* c a = d */
    IDENTITY_PERMUTATION,
    IDENTITY_PERMUTATION_START, /* the grand product is 1 in the first row */
    IDENTITY_LOOKUP,
    IDENTITY_LOOKUP_START,
    IDENTITY_LOOKUP_END, /* and in the last row, of the lookup, what it must come to */
    PLONK_IDENTITIES
} PlonkIdentity;

/* Everything about z that follows from the challenges. */
typedef struct {
    PlonkChallenges challenge;
    Fr alpha[PLONK_IDENTITIES];
    Fr z_next, z_to_n, vanishing; /* z omega, z^n, z^n - 1 */
    Fr first, last;               /* L_0(z), L_(n-1)(z) */
    Fr before_last;               /* z - omega^(n-1): 0 in the last row, where there is no next */
    Fr lookup_shift;              /* gamma' (1 + beta') */
} PlonkPlace;

void plonk_place(const PlonkProof *p, PlonkPlace *ret);

/* The permutation's product in the next row, times what the wires but d come to under the
 * permutation: z_perm(z omega) * product of (w_i + beta sigma_i + gamma). */
Fr plonk_permuted_wires(const PlonkProof *p, const PlonkPlace *at);

/* Do the identities hold for the values that the proof claims? */
bool plonk_quotient_holds(const PlonkProof *p, const PlonkPlace *at);

/* Commitments to what is opened at z and is no commitment of the proof or the key itself. */
Element plonk_quotient(const PlonkProof *p, const PlonkPlace *at);
Element plonk_linear(const PlonkKey *k, const PlonkProof *p, const PlonkPlace *at);
Element plonk_table(const PlonkKey *k, const PlonkPlace *at);

/* The openings hold if e(with_tau, tau_g2) = e(with_one, generator). */
typedef struct {
    Element with_tau, with_one;
} PlonkPair;
PlonkPair plonk_pair(const PlonkKey *k, const PlonkProof *p, const PlonkPlace *at);
