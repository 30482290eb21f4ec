/* G2 of BLS12-381: the template with blst's names for it filled in. */
#include "algebra/bls12_381_blst.h"

#define GROUP blst_bls12_381_g2
#define GROUP_NAME "G2"
#define COORDINATES 2 /* field elements of 48 bytes in one coordinate: c1, then c0 */
/* (X^8 - 4 X^7 + 5 X^6 - 4 X^4 + 6 X^3 - 4 X^2 - 4 X + 13) / 9, X as for G1 */
#define COFACTOR                                                                                   \
    0x05, 0xd5, 0x43, 0xa9, 0x54, 0x14, 0xe7, 0xf1, 0x09, 0x1d, 0x50, 0x79, 0x28, 0x76, 0xa2,      \
        0x02, 0xcd, 0x91, 0xde, 0x45, 0x47, 0x08, 0x5a, 0xba, 0xa6, 0x8a, 0x20, 0x5b, 0x2e, 0x5a,  \
        0x7d, 0xdf, 0xa6, 0x28, 0xf1, 0xcb, 0x4d, 0x9e, 0x82, 0xef, 0x21, 0x53, 0x7e, 0x29, 0x3a,  \
        0x66, 0x91, 0xae, 0x16, 0x16, 0xec, 0x6e, 0x78, 0x6f, 0x0c, 0x70, 0xcf, 0x1c, 0x38, 0xe3,  \
        0x1c, 0x72, 0x38, 0xe5
#define IN_GROUP blst_p2_in_g2
#define AFFINE_IN_GROUP blst_p2_affine_in_g2

typedef blst_fp2 Field;
typedef blst_p2_affine Affine;
typedef blst_p2 Jacobian;
#define FIELD(operation) blst_fp2_##operation
#define POINT(operation) blst_p2_##operation
#define POINTS(operation) blst_p2s_##operation
#define NORM fp2_norm
#define INVERSE_BY_NORM fp2_inverse_by_norm

/* a times its conjugate */
static void fp2_norm(blst_fp *ret, const blst_fp2 *a) {
    blst_fp square;
    blst_fp_sqr(&square, &a->fp[0]);
    blst_fp_sqr(ret, &a->fp[1]);
    blst_fp_add(ret, ret, &square);
}

static void fp2_inverse_by_norm(blst_fp2 *ret, const blst_fp2 *a, const blst_fp *inverse_of_norm) {
    blst_fp_mul(&ret->fp[0], &a->fp[0], inverse_of_norm);
    blst_fp_mul(&ret->fp[1], &a->fp[1], inverse_of_norm);
    blst_fp_cneg(&ret->fp[1], &ret->fp[1], true);
}

#include "algebra/bls12_381_blst_group.inc"
