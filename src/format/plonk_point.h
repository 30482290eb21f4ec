/* Points of BN254 as the files of zkSync Era's prover have them: x, y, of G2 c0 before c1, each a
 * number of 32 bytes, little endian, not in Montgomery's form. Threads: any. */
#pragma once

#include "algebra/curve.h"

/* form_bytes(g, FORM_UNCOMPRESSED) bytes. NULL: *ret is a point of the group, not infinity; or what
 * is wrong with it: "is not on the curve". */
const char *plonk_point_read(const Group *g, const uint8_t *le, Element *ret) MUST_USE;
