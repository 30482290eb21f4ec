/* G2 of BLS12-381: the template with blst's names for it filled in. */
#include "algebra/bls12_381_blst.h"

#define GROUP blst_bls12_381_g2
#define GROUP_NAME "G2"
#define COORDINATES 2 /* field elements of 48 bytes in one coordinate: c1, then c0 */
#define IN_GROUP blst_p2_in_g2
#define AFFINE_IN_GROUP blst_p2_affine_in_g2

typedef blst_fp2 Field;
typedef blst_p2_affine Affine;
typedef blst_p2 Jacobian;
#define FIELD(operation) blst_fp2_##operation
#define POINT(operation) blst_p2_##operation
#define POINTS(operation) blst_p2s_##operation

#include "algebra/bls12_381_blst_group.inc"
