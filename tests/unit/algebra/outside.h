/* Points on the curve and outside its prime-order subgroup, made with blst itself: material for the
 * tests that show what must be refused. */
#pragma once

#include "support/test.h"

#include <blst.h>

/* k times p by doubling and adding with blst's complete additions (its own multiplication is not
 * for points of low order). k is big endian. */
static inline blst_p1 outside_mul(const blst_p1 *p, const uint8_t *k, size_t n) {
    blst_p1 ret;
    memset(&ret, 0, sizeof ret);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        blst_p1_add_or_double(&ret, &ret, &ret);
        if (k[bit / 8] >> (7 - bit % 8) & 1)
            blst_p1_add_or_double(&ret, &ret, p);
    }
    return ret;
}

/* (0, 2), of order 3: blst leaves it in `ret` though it reports that it is not in the group. */
static inline blst_p1 order_3_point(void) {
    uint8_t bytes[48] = {0x80};
    blst_p1_affine affine;
    blst_p1 ret;
    assert_int_equal(blst_p1_uncompress(&affine, bytes), BLST_POINT_NOT_IN_GROUP);
    blst_p1_from_affine(&ret, &affine);
    return ret;
}

/* The `nth` point on the curve from x = 3 upwards: almost surely of a large composite order. */
static inline blst_p1 random_curve_point(unsigned nth) {
    blst_p1_affine affine;
    blst_p1 ret;
    for (unsigned x = 3;; x++) {
        uint8_t bytes[48] = {0x80};
        bytes[46] = (uint8_t)(x >> 8);
        bytes[47] = (uint8_t)x;
        if (blst_p1_uncompress(&affine, bytes) == BLST_SUCCESS && nth-- == 0)
            break;
    }
    blst_p1_from_affine(&ret, &affine);
    return ret;
}

/* Of order 11. The curve has h * r points; h is divisible by 11^2 and the part of order 11^2 is not
 * cyclic, so h * r / 11^2 times any point has order 11 or 1. */
static inline blst_p1 order_11_point(void) {
    static const uint8_t cofactor[] = {
        0x37, 0x04, 0x61, 0x24, 0x71, 0x30, 0x73, 0x85, 0xe8, 0xf4, 0xb1, 0x1c,
        0x0f, 0x6f, 0x71, 0xe9, 0x8e, 0xbc, 0xeb, 0xf1, 0x16, 0x41, 0xbd, 0xe1,
        0x1e, 0x05, 0xf8, 0xde, 0x12, 0x63, 0x5b, 0x46, 0x12, 0x58, 0xdc, 0x05,
        0xb2, 0x69, 0xc8, 0xff, 0x0a, 0x94, 0x19, 0x63, 0x70, 0x23, 0x43,
    };
    for (unsigned nth = 0;; nth++) {
        blst_p1 any = random_curve_point(nth), ret = outside_mul(&any, cofactor, sizeof cofactor);
        if (!blst_p1_is_inf(&ret))
            return ret;
    }
}
