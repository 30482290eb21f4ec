/* How the contributions to a Groth16 key hang together: what is hashed, and what each proves.
 *
 * Contribution i multiplies delta by a secret d_i. It shows g1_s and g1_sx = d_i g1_s for a random
 * g1_s; its transcript is the hash of the circuit and of everything that all before it published,
 * then of the two; g2_sp is a point drawn from the transcript, whose logarithm nobody knows, and
 * g2_spx = d_i g2_sp. So
 *   e(g1_s, g2_spx) = e(g1_sx, g2_sp)            whoever made it knew d_i (a proof of knowledge),
 *   e(delta before, g2_spx) = e(delta after, g2_sp)   and delta grew by this very d_i.
 * With random r and s of 128 bits both are one product of two pairings,
 *   e(r g1_s + s before, g2_spx) e(-(r g1_sx + s after), g2_sp) = 1,
 * and so are those of many contributions; a wrong one passes with probability 2^-128.
 * Names and the fields of a beacon are not hashed: anybody can change them afterwards, and only a
 * copy kept elsewhere shows it. Threads: pure functions. */
#pragma once

#include "setup/phase2.h"

/* The running hash over what was published so far. */
typedef struct {
    CvkBlake2b hash;
} Phase2Chain;

Phase2Chain phase2_chain(const uint8_t circuit_hash[BLAKE2B_BYTES]);
void phase2_chain_add(Phase2Chain *chain, const Phase2Contribution *c);
void phase2_chain_transcript(const Phase2Chain *chain, const Element *g1_s, const Element *g1_sx,
                             uint8_t ret[BLAKE2B_BYTES]);

/* What a contributor is shown and publishes. */
void phase2_contribution_hash(const Phase2Contribution *c, uint8_t ret[BLAKE2B_BYTES]);

/* Delta after the first n contributions; n = 0: the generator. */
Element phase2_delta_after(const Phase2Key *key, uint32_t n);

/* Re-derives beacons' secrets: minutes for an exponent over BEACON_EXP_QUICK, so there is a highest
 * one for all together ("beacon.slow" above it: no verdict). */
typedef struct {
    uint32_t from; /* contributions before it are believed */
    unsigned beacon_exp_max;
} Phase2Replay;

/* Checks contributions [from, n). The verdict names the first that is wrong:
 *   "zkey.contribution.transcript"  it does not follow what was published before it
 *   "zkey.contribution.infinity"    one of its points is infinite
 *   "zkey.contribution.beacon"      its key is not the one that the beacon gives
 *   "zkey.contribution.key"         no proof that its author knew the secret
 *   "zkey.contribution.delta"       its delta is not the one before times its secret
 * False: no verdict. About 2 ms a contribution and thread; memory: a few KiB a contribution of a
 * block of 64. */
bool phase2_replay(const Phase2Key *key, const Phase2Replay *how, const Work *w, Verdict *verdict,
                   CvkErr *err) MUST_USE;

/* For meters: one contribution, in units. */
#define PHASE2_CONTRIBUTION_UNITS 40
