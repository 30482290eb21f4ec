/* G1 of bn254: the template over Fq. The curve has r points, so every one is in the group. */
#include "algebra/bn254.h"

#include <string.h>

#define GROUP bn254_g1
#define GROUP_NAME "G1"
#define COORDINATES 1
#define COFACTOR_IS_ONE true
#define COFACTOR_PRIME 0
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
#define LADDER(operation) fq_##operation##_inlined /* calls would cost it a fifteenth more */
#define LADDER_LANES 256
#define WINDOW 2
#define STEPS_APART BN254_G1_ODD_APART
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

#define MIDDLE_NEGATES false

static void turn(const Endomorphism *e, Fq *x) {
    fq_mul(x, x, &e->beta);
}

#include "algebra/bn254_group.inc"

/* ---- the tables of bn254_ladder.inc: a P + b phi(P), where a is 1 or 3, and b is that or -1, -3
 */

/* sum = 3 P */
static void triple(Ladder *l, const Affine *const *points) {
    for (size_t lane = 0; lane < l->n; lane++)
        l->sum[lane] = l->addend[lane] = *points[lane];
    pass(l, NULL, start_doubling);
    pass(l, finish_doubling, start_addition);
    pass(l, finish_addition, NULL);
}

static void fill_tables(Ladder *l, const Affine *const *points) {
    const Endomorphism e = endomorphism();
    triple(l, points);
    for (size_t lane = 0; lane < l->n; lane++) {
        Affine one = *points[lane], three = l->sum[lane], phi_one = one, phi_three = three;
        apply_endomorphism(&e, 1, &phi_one);
        apply_endomorphism(&e, 1, &phi_three);
        const Affine pairs[ENTRIES] = {one,   phi_one, one,   phi_three,
                                       three, phi_one, three, phi_three};
        memcpy(l->table[lane], pairs, sizeof pairs);
    }
    add_pairs(l, ENTRIES);
}

static uint8_t entry_at(const Word2 bits[PARTS], unsigned place) {
    unsigned a = (unsigned)(bits[0] >> WINDOW * place) & 3;
    unsigned b = (unsigned)(bits[1] >> WINDOW * place) & 3;
    unsigned minus = a >> 1 ^ 1, differ = a >> 1 ^ b >> 1;
    unsigned a_is_1 = (a ^ a >> 1) & 1, b_is_1 = (b ^ b >> 1) & 1;
    return (uint8_t)(minus * SIGN | (a_is_1 ^ 1) << 2 | (b_is_1 ^ 1) << 1 | differ);
}
