/* G2 of bn254: the template over Fq2, on the twist y^2 = x^3 + 3 / (9 + u). */
#include "algebra/bn254.h"
#include "algebra/bn254_fq2.h"

#include <string.h>

#define GROUP bn254_g2
#define GROUP_NAME "G2"
#define COORDINATES 2
#define COFACTOR_IS_ONE false
#define COFACTOR_PRIME BN254_G2_COFACTOR_PRIME
#define B bn254_g2_b
#define B3 bn254_g2_b3
#define GENERATOR bn254_g2_generator
#define IN_GROUP in_subgroup
#define CLEAR_COFACTOR clear_cofactor

typedef Fq2 Field;
typedef struct {
    Fq2 x, y;
} Affine;
typedef struct {
    Fq2 x, y, z;
} Jacobian;
#define FIELD(operation) fq2_##operation
#define NORM fq2_norm
#define INVERSE_BY_NORM fq2_inverse_by_norm

#define PARTS BN254_G2_PARTS
#define PART_BITS BN254_G2_PART_BITS
#define ODD_PART_BITS BN254_G2_ODD_PART_BITS
#define LADDER(operation) fq2_##operation
#define LADDER_LANES 128
#define WINDOW 1
#define STEPS_APART BN254_G2_ODD_APART
#define LATTICE bn254_g2_lattice

/* psi^i for i = 0 to 3: (conj^i(x) x[i], conj^i(y) y[i]). */
typedef struct {
    Fq2 x[PARTS], y[PARTS];
} Endomorphism;

static Endomorphism endomorphism(void) {
    Endomorphism ret;
    memcpy(ret.x, bn254_psi_x, sizeof ret.x);
    memcpy(ret.y, bn254_psi_y, sizeof ret.y);
    return ret;
}

static void apply_endomorphism(const Endomorphism *e, unsigned part, Affine *p) {
    if (part == 0)
        return;
    if (part % 2 != 0) {
        fq2_conjugate(&p->x, &p->x);
        fq2_conjugate(&p->y, &p->y);
    }
    fq2_mul(&p->x, &p->x, &e->x[part]);
    fq2_mul(&p->y, &p->y, &e->y[part]);
}

#define MIDDLE_NEGATES true

/* x[2] is in Fq, y[2] is -1. */
static void turn(const Endomorphism *e, Fq2 *x) {
    fq2_scale(x, x, &e->x[2].c0);
}

static bool in_subgroup(const Jacobian *p);
static void clear_cofactor(Jacobian *p);

#include "algebra/bn254_group.inc"

/* ---- the tables of bn254_ladder.inc: P, psi(P), psi^2(P), psi^3(P) each once or -1 times ---- */

static void fill_tables(Ladder *l, const Affine *const *points) {
    const Endomorphism e = endomorphism();
    for (size_t lane = 0; lane < l->n; lane++) {
        l->table[lane][0] = l->table[lane][1] = *points[lane];
        apply_endomorphism(&e, 1, &l->table[lane][1]);
    }
    add_pairs(l, 2);
    for (size_t lane = 0; lane < l->n; lane++) {
        Affine *t = l->table[lane], plus = t[0], minus = t[1], psi2_plus = plus, psi2_minus = minus;
        apply_endomorphism(&e, 2, &psi2_plus);
        apply_endomorphism(&e, 2, &psi2_minus);
        const Affine pairs[ENTRIES] = {plus,  psi2_plus, plus,  psi2_minus,
                                       minus, psi2_plus, minus, psi2_minus};
        memcpy(t, pairs, sizeof pairs);
    }
    add_pairs(l, ENTRIES);
}

static uint8_t entry_at(const Word2 bits[PARTS], unsigned place) {
    unsigned digits[PARTS];
    for (size_t part = 0; part < PARTS; part++)
        digits[part] = (unsigned)(bits[part] >> place) & 1;
    return (uint8_t)((digits[0] ^ 1) * SIGN | (digits[0] ^ digits[1]) << 2 |
                     (digits[2] ^ digits[3]) << 1 | (digits[0] ^ digits[2]));
}

/* ---- the group ---- */

/* In Jacobian coordinates z is conjugated too. */
static void psi(Jacobian *ret, const Jacobian *p, unsigned i) {
    const Endomorphism e = endomorphism();
    Affine xy = {.x = p->x, .y = p->y};
    apply_endomorphism(&e, i, &xy);
    ret->z = p->z;
    if (i % 2 != 0)
        fq2_conjugate(&ret->z, &p->z);
    ret->x = xy.x;
    ret->y = xy.y;
}

/* k p by doubling and adding; any p on the twist. */
static void times(Jacobian *ret, const Jacobian *p, const uint64_t *k, unsigned bits) {
    Jacobian sum = {0};
    for (unsigned bit = bits; bit-- > 0;) {
        jacobian_double(&sum, &sum);
        if (k[bit / 64] >> bit % 64 & 1)
            jacobian_add(&sum, &sum, p);
    }
    *ret = sum;
}

static void clear_cofactor(Jacobian *p) {
    times(p, p, bn254_g2_cofactor, 256);
}

/* (x + 1) p + psi(x p) + psi^2(x p) = psi^3(2 x p): tools/bn254_constants checks that this holds
 * for the points of order r and for no others of the twist. */
static bool in_subgroup(const Jacobian *p) {
    static const uint64_t x = BN254_X;
    Jacobian xp, left, right;
    times(&xp, p, &x, 64);
    jacobian_add(&left, &xp, p);
    for (unsigned i = 1; i <= 2; i++) {
        psi(&right, &xp, i);
        jacobian_add(&left, &left, &right);
    }
    jacobian_double(&xp, &xp);
    psi(&right, &xp, 3);
    return jacobian_equal(&left, &right);
}
