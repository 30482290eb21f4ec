/* A contribution to powers of tau: the keys, the new vectors, the hashes.
 *
 * The order of the draws and what is hashed decide what a beacon gives and what others verify:
 * reference, formats. Vectors are multiplied in blocks, so that memory is bounded by Work.memory.
 * Threads: one caller; the work is spread over Work.pool. */
#pragma once

#include "setup/phase1.h"

/* tau, alpha, beta. Only in memory from cvk_secret_alloc. */
typedef struct {
    Fr key[PHASE1_KEYS];
} Phase1Secrets;

/* Draws the secrets, then g1_s of each key, and computes the rest of the public keys. NULL: *err
 * says why. The caller frees it with cvk_secret_free. */
Phase1Secrets *phase1_keygen(const Curve *c, Draw *d, const uint8_t challenge[BLAKE2B_BYTES],
                             Phase1Pubkey *ret, CvkErr *err) MUST_USE;
/* The point of G2 that g2_spx must be a multiple of. */
Element phase1_g2_sp(const Curve *c, Phase1Key key, const uint8_t challenge[BLAKE2B_BYTES],
                     const Element *g1_s, const Element *g1_sx);

/* Where new vectors go: opened in order, each when the one before is written. */
typedef struct {
    PointForm form;
    bool (*open)(void *ctx, Phase1Vector which, CvkSink *ret, CvkErr *err);
    void *ctx;
} Phase1Output;

/* Points [from, from + n) of a vector after this contribution; n as work_block(.., 2) has it.
 * An old point that is none is an error with vector_read's id. Units: one a point of G1,
 * PHASE1_G2_UNITS a point of G2. */
bool phase1_multiply(const Phase1State *old, Phase1Vector which, uint64_t from, size_t n,
                     const Phase1Secrets *s, const Work *w, Points **ret, CvkErr *err) MUST_USE;
#define PHASE1_G2_UNITS 3

/* The whole contribution, of a person (entropy_draw) or a beacon (beacon_draw). `old` may lie in
 * any form: a .ptau's or a challenge's. Wipe `d` afterwards. *ret has all but next_challenge and
 * params. */
bool phase1_contribute(const Phase1State *old, const uint8_t challenge[BLAKE2B_BYTES], Draw *d,
                       const Phase1Output *out, const Work *w, Phase1Contribution *ret,
                       CvkErr *err) MUST_USE;
size_t phase1_contribute_units(unsigned power);

/* The hash of the challenge that follows: of the response's and of the new vectors, which this
 * process has written and now reads again. One unit a point. */
bool phase1_next_challenge(const Vector v[PHASE1_VECTORS],
                           const uint8_t response_hash[BLAKE2B_BYTES], const Work *w,
                           uint8_t ret[BLAKE2B_BYTES], CvkErr *err) MUST_USE;
