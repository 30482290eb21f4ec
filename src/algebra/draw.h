/* Field elements and points drawn from a ChaCha20 stream, as snarkjs and rust's rand 0.4 draw them:
 * the same seed gives the same values everywhere, which beacons and proofs of knowledge need.
 * Reference: the formats' notes on randomness (docs/GROTH16.md). Values drawn for a secret take
 * constant time but for how many tries it took, which says nothing of the one that was kept. */
#pragma once

#include "algebra/curve.h"

#include <stdint.h>

#define DRAW_SEED_BYTES 32

/* Holds the key: wipe it (cvk_wipe) when what was drawn is secret. */
typedef struct {
    uint8_t key[CVK_SEED_BYTES];
    uint64_t block; /* the next one */
    uint8_t words[CVK_STREAM_BLOCK];
    unsigned used; /* words of the block that have been drawn */
} Draw;

/* The first 32 bytes of a hash, read as eight big-endian words. */
Draw draw_from(const uint8_t seed[DRAW_SEED_BYTES]);
uint32_t draw_u32(Draw *d);
uint64_t draw_u64(Draw *d); /* the first word is the high half */
bool draw_bool(Draw *d);

Fr draw_fr(const Curve *c, Draw *d);
Element draw_element(const Group *g, Draw *d); /* in the subgroup */
/* A point of G2 from the first half of a BLAKE2b-512 digest: what proofs of knowledge multiply. */
Element draw_hash_to_g2(const Curve *c, const uint8_t digest[64]);
