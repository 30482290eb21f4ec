/* G1 of bn254: the template over Fq. The curve has r points, so every one is in the group. */
#include "algebra/bn254.h"

#include <string.h>

#define GROUP bn254_g1
#define GROUP_NAME "G1"
#define COORDINATES 1
#define COFACTOR_IS_ONE true
#define B bn254_g1_b
#define B3 bn254_g1_b3
#define GENERATOR bn254_g1_generator
#define IN_GROUP(p) ((void)(p), true)
#define CLEAR_COFACTOR(p) ((void)(p))

typedef Fq Field;
typedef struct {
    Fq x, y;
} Affine;
typedef struct {
    Fq x, y, z;
} Jacobian;
#define FIELD(operation) fq_##operation

#define PARTS BN254_G1_PARTS
#define PART_BITS BN254_G1_PART_BITS
#define ODD_PART_BITS BN254_G1_ODD_PART_BITS
#define LADDER_LANES 128
#define LATTICE bn254_g1_lattice

typedef struct {
    Fq beta;
} Endomorphism;

static Endomorphism endomorphism(void) {
    Endomorphism ret;
    memcpy(&ret.beta, bn254_beta, sizeof ret.beta);
    return ret;
}

static void apply_endomorphism(const Endomorphism *e, unsigned part, Affine *p) {
    if (part == 1)
        fq_mul(&p->x, &p->x, &e->beta);
}

#include "algebra/bn254_group.inc"
