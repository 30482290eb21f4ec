/* Verifying powers of tau: that every contribution was made by somebody who knew its secrets and
 * extends the one before, and that the vectors are the powers that the last one leads to.
 *
 * Soundness: every point is checked (points_read), relations by random combinations with 128-bit
 * factors from Work.seed. Answers: the first reason why not, with section, offset and contribution
 * where they are known. The cheapest is looked at first, so that a small file that is wrong cannot
 * ask for much: that somebody contributed; the links of all contributions but the first, which
 * need what is in the file only; the first points of each vector; the first contribution's link,
 * for which blank powers of the ceremony's size may have to be hashed; beacons; all points.
 * Threads: one caller; the work is spread over Work.pool. */
#pragma once

#include "setup/phase1_contribute.h"

/* The Lagrange bases of a prepared file, level by level: v[which][p] has 2^p points. tauG1 has one
 * level more than the others, except in old files. */
typedef struct {
    unsigned levels[PHASE1_BETA_G2]; /* of tauG1, tauG2, alphaG1, betaG1 */
    Vector v[PHASE1_BETA_G2][PHASE1_POWER_MAX + 2];
} Phase1Lagrange;

typedef struct {
    const Phase1State *state;
    const Phase1Contribution *contributions;
    size_t contributions_n;
    const Phase1Lagrange *lagrange; /* NULL: not prepared */
    unsigned beacon_exp_max; /* more iterations of all beacons together: an error ("beacon.slow") */
} Phase1Claim;

/* *ret: the answer; if it is yes, ret_first is the challenge that the first contribution answered
 * (NULL: nobody wants it). False: there is none. Cost: about 5 us a point of G1, 20 of G2; and
 * phase1_first_challenge of the ceremony's power. */
bool phase1_verify(const Phase1Claim *claim, const Work *w, Verdict *ret,
                   uint8_t ret_first[BLAKE2B_BYTES], CvkErr *err) MUST_USE;
size_t phase1_verify_units(const Phase1Claim *claim);

/* A response to a challenge becomes a contribution: checks it in full (its keys, that it extends
 * `last`, or the initial state if that is NULL, and every vector), writes its vectors to `out` and
 * fills *ret but for its params, next_challenge included. The vectors are read twice. If the
 * answer is no, what was written is worth nothing. */
bool phase1_import(const Phase1State *response, const Phase1Pubkey *pubkey,
                   const Phase1Contribution *last, const Phase1Output *out, const Work *w,
                   Phase1Contribution *ret, Verdict *ret_verdict, CvkErr *err) MUST_USE;
size_t phase1_import_units(unsigned power);
