/* Groth16 keys of one circuit: the values that setup/phase2_*.c and format/zkey.c share. */
#pragma once

#include "base/blake2b.h"
#include "setup/contribution_params.h"
#include "setup/vector.h"

typedef enum {
    PHASE2_IC, /* n_public + 1 */
    PHASE2_A,  /* n_vars; points of signals that are not used are infinite */
    PHASE2_B1,
    PHASE2_B2, /* in G2 */
    PHASE2_L,  /* n_vars - n_public - 1; snarkjs's section is called C */
    PHASE2_H,  /* domain */
    PHASE2_VECTORS
} Phase2Vector;

typedef struct {
    const Curve *curve;
    uint32_t n_vars, n_public, domain; /* domain: a power of two */
    Element alpha_g1, beta_g1, beta_g2, gamma_g2, delta_g1, delta_g2;
} Phase2Header;

typedef struct {
    Element delta_after, g1_s, g1_sx, g2_spx;
    uint8_t transcript[BLAKE2B_BYTES];
    ContributionParams params;
    CvkSpot place;
} Phase2Contribution;

/* What stands alone in a key's file, rather than in a vector or a contribution. */
typedef enum {
    PHASE2_AT_CURVE,
    PHASE2_AT_N_VARS,
    PHASE2_AT_N_PUBLIC,
    PHASE2_AT_DOMAIN,
    PHASE2_AT_ALPHA_G1,
    PHASE2_AT_BETA_G1,
    PHASE2_AT_BETA_G2,
    PHASE2_AT_GAMMA_G2,
    PHASE2_AT_DELTA_G1,
    PHASE2_AT_DELTA_G2,
    PHASE2_AT_CIRCUIT_HASH,
    PHASE2_AT_COUNT, /* of the contributions */
    PHASE2_SINGLES
} Phase2Single;

/* A coefficient of A or B: matrix (0: A, 1: B), constraint, signal: u32 each; value * R^2 mod r */
#define PHASE2_COEFFICIENT_BYTES (3 * 4 + FR_BYTES)

/* Everything that a zkey holds. Vectors and coefficients are read where they lie. */
typedef struct {
    Phase2Header header;
    Vector v[PHASE2_VECTORS];
    CvkSource coefficients;              /* as in the file: a count, then the coefficients */
    uint32_t coefficients_section;       /* of the file, for messages; 0: none */
    uint8_t circuit_hash[BLAKE2B_BYTES]; /* csHash */
    uint32_t contributions_n;
    const Phase2Contribution *contributions;
    CvkSpot at[PHASE2_SINGLES]; /* where they stand, of what was read from a file */
} Phase2Key;

/* Its logarithm. */
unsigned phase2_domain_power(uint32_t domain);
/* Of one vector: its length, its group, its name for messages ("IC"). */
uint64_t phase2_vector_n(const Phase2Header *h, Phase2Vector which);
const Group *phase2_vector_group(const Curve *c, Phase2Vector which);
extern const char *const phase2_vector_names[PHASE2_VECTORS];

/* The vectors that no contribution changes, and the id of a verdict that one did. */
typedef struct {
    Phase2Vector which;
    const char *id;
} Phase2Constant;
#define PHASE2_CONSTANTS 4
extern const Phase2Constant phase2_constants[PHASE2_CONSTANTS];
