/* Powers of tau for Groth16: the values that setup/phase1_*.c and format/ptau.c share.
 *
 * A state of power p, N = 2^p: [tau^i]1 for i < 2N - 1; [tau^i]2, [alpha tau^i]1, [beta tau^i]1 for
 * i < N; [beta]2. Contributions are chained by hashes (docs/GROTH16.md). */
#pragma once

#include "base/blake2b.h"
#include "setup/contribution_params.h"
#include "setup/vector.h"

typedef enum {
    PHASE1_TAU_G1,
    PHASE1_TAU_G2,
    PHASE1_ALPHA_G1,
    PHASE1_BETA_G1,
    PHASE1_BETA_G2, /* one point */
    PHASE1_VECTORS
} Phase1Vector;

#define PHASE1_POWER_MIN 1
#define PHASE1_POWER_MAX 28 /* 2-adicity of bn254's r - 1; bls12_381's is 32 */

typedef struct {
    const Curve *curve;
    unsigned power, ceremony_power; /* differ in truncated files */
    Vector v[PHASE1_VECTORS];
} Phase1State;

/* The length of a vector. */
uint64_t phase1_vector_n(Phase1Vector which, unsigned power);
uint64_t phase1_points(unsigned power); /* of all vectors together */
const Group *phase1_vector_group(const Curve *c, Phase1Vector which);
extern const char *const phase1_vector_names[PHASE1_VECTORS]; /* "tauG1" ... */

typedef enum { KEY_TAU, KEY_ALPHA, KEY_BETA, PHASE1_KEYS } Phase1Key;

/* Public keys: proofs that the contributor knows tau, alpha, beta. */
typedef struct {
    struct {
        Element g1_s, g1_sx, g2_spx;
    } key[PHASE1_KEYS];
} Phase1Pubkey;

/* Its nine points in the order in which files and hashes have them: g1_s and g1_sx of tau, alpha
 * and beta, then the three g2_spx. */
#define PHASE1_PUBKEY_POINTS 9
Element *phase1_pubkey_point(Phase1Pubkey *k, unsigned i);
const Group *phase1_pubkey_group(const Curve *c, unsigned i);
const char *phase1_pubkey_name(unsigned i); /* "tau.g1_s" */
size_t phase1_pubkey_bytes(const Curve *c, PointForm form);
/* Returns how many bytes it wrote: phase1_pubkey_bytes. */
size_t phase1_pubkey_write(const Phase1Pubkey *k, PointForm form, uint8_t *ret);
#define PHASE1_PUBKEY_BYTES_MAX (6 * 96 + 3 * 192)

typedef struct {
    /* the state's heads after this contribution */
    Element tau_g1, tau_g2, alpha_g1, beta_g1, beta_g2;
    Phase1Pubkey pubkey;
    CvkBlake2b partial; /* over the previous challenge's hash and the compressed points */
    uint8_t next_challenge[BLAKE2B_BYTES];
    ContributionParams params;
    CvkSpot place;
} Phase1Contribution;

/* The hash of the response that this contribution was: it is shown, and the next challenge begins
 * with it. */
void phase1_response_hash(const Phase1Contribution *p, uint8_t ret[BLAKE2B_BYTES]);
/* The hash that a challenge begins with: of the last of n responses, or of nothing. */
void phase1_last_response(const Phase1Contribution *list, size_t n, uint8_t ret[BLAKE2B_BYTES]);
