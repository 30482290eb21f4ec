/* G1 of BLS12-381: the template with blst's names for it filled in. */
#include "algebra/bls12_381_blst.h"

#define GROUP blst_bls12_381_g1
#define GROUP_NAME "G1"
#define COORDINATES 1 /* field elements of 48 bytes in one coordinate */
/* (X - 1)^2 / 3 for the curve's parameter X = -0xd201000000010000 */
#define COFACTOR                                                                                   \
    0x39, 0x6c, 0x8c, 0x00, 0x55, 0x55, 0xe1, 0x56, 0x8c, 0x00, 0xaa, 0xab, 0x00, 0x00, 0xaa, 0xab
#define IN_GROUP blst_p1_in_g1
#define AFFINE_IN_GROUP blst_p1_affine_in_g1

typedef blst_fp Field;
typedef blst_p1_affine Affine;
typedef blst_p1 Jacobian;
#define FIELD(operation) blst_fp_##operation
#define POINT(operation) blst_p1_##operation
#define POINTS(operation) blst_p1s_##operation

#include "algebra/bls12_381_blst_group.inc"
