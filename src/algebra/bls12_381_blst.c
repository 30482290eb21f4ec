#include "algebra/bls12_381_blst.h"

#include "base/secret.h"

#include <assert.h>
#include <string.h>

const Curve *curve_bls12_381(void) {
    return &blst_bls12_381;
}

/* ---- scalars ---- */

static Fr from_be_reduced(const uint8_t *be, size_t n) {
    blst_scalar scalar;
    Fr ret;
    (void)blst_scalar_from_be_bytes(&scalar, be, n); /* false only says that it is zero */
    blst_fr_from_scalar(fr_out(&ret), &scalar);
    cvk_wipe(&scalar, sizeof scalar);
    return ret;
}

static void to_be(const Fr *a, uint8_t ret[FR_BYTES]) {
    blst_scalar scalar;
    blst_scalar_from_fr(&scalar, fr_in(a));
    blst_bendian_from_scalar(ret, &scalar);
    cvk_wipe(&scalar, sizeof scalar);
}

static Fr add(const Fr *a, const Fr *b) {
    Fr ret;
    blst_fr_add(fr_out(&ret), fr_in(a), fr_in(b));
    return ret;
}

static Fr sub(const Fr *a, const Fr *b) {
    Fr ret;
    blst_fr_sub(fr_out(&ret), fr_in(a), fr_in(b));
    return ret;
}

static Fr mul(const Fr *a, const Fr *b) {
    Fr ret;
    blst_fr_mul(fr_out(&ret), fr_in(a), fr_in(b));
    return ret;
}

static Fr inverse(const Fr *a) {
    Fr ret;
    blst_fr_inverse(fr_out(&ret), fr_in(a));
    return ret;
}

/* ---- encodings ---- */

bool blst_coordinate_ok(const uint8_t be[48], uint8_t flags) {
    const uint8_t *p = blst_bls12_381.base_prime_be;
    uint8_t first = (uint8_t)(be[0] & ~flags);
    return first != p[0] ? first < p[0] : memcmp(be + 1, p + 1, 47) < 0;
}

static void hash_to_g1(const void *msg, size_t n, const char *dst, Element *ret) {
    size_t dst_n = strlen(dst);
    assert(dst_n <= 255); /* RFC 9380 hashes longer ones first; ours are constants */
    blst_hash_to_g1((blst_p1 *)(void *)ret->w, msg, n, (const uint8_t *)dst, dst_n, NULL, 0);
}

/* ---- pairing ---- */

static const blst_fp12 *gt_in(const Gt *a) {
    return (const blst_fp12 *)(const void *)a->w;
}

static blst_fp12 *gt_out(Gt *a) {
    return (blst_fp12 *)(void *)a->w;
}

static void miller(const PairingTerm *terms, size_t n, Gt *ret) {
    blst_p1_affine g1[MILLER_TERMS];
    blst_p2_affine g2[MILLER_TERMS];
    assert(n >= 1 && n <= MILLER_TERMS);
    for (size_t i = 0; i < n; i++) {
        assert(!element_is_infinity(&terms[i].g1));
        assert(!element_is_infinity(&terms[i].g2));
        blst_p1_to_affine(&g1[i], (const blst_p1 *)(const void *)terms[i].g1.w);
        blst_p2_to_affine(&g2[i], (const blst_p2 *)(const void *)terms[i].g2.w);
    }
    const blst_p1_affine *g1s[] = {g1, NULL};
    const blst_p2_affine *g2s[] = {g2, NULL};
    blst_miller_loop_n(gt_out(ret), g2s, g1s, n);
}

static void gt_mul(const Gt *a, const Gt *b, Gt *ret) {
    blst_fp12_mul(gt_out(ret), gt_in(a), gt_in(b));
}

static bool gt_is_one(const Gt *a) {
    Gt power;
    blst_final_exp(gt_out(&power), gt_in(a));
    return blst_fp12_is_one(gt_in(&power));
}

/* blst's towers, and its final exponentiation to three times the exact power, are snarkjs's. */
static void gt_coordinates(const Gt *a, uint8_t *ret) {
    Gt power;
    blst_final_exp(gt_out(&power), gt_in(a));
    const blst_fp *coordinates = (const blst_fp *)(const void *)power.w;
    for (size_t i = 0; i < 12; i++)
        blst_bendian_from_fp(ret + 48 * i, &coordinates[i]);
}

const Curve blst_bls12_381 = {
    .name = "bls12_381",
    .backend = "blst",
    .g1 = &blst_bls12_381_g1,
    .g2 = &blst_bls12_381_g2,
    .base_bytes = 48,
    .base_prime_be = {0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6,
                      0x43, 0x4b, 0xac, 0xd7, 0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf,
                      0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24, 0x1e, 0xab, 0xff, 0xfe,
                      0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab},
    .fr_bits = 255,
    .order_be = {0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8,
                 0x08, 0x09, 0xa1, 0xd8, 0x05, 0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe,
                 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01},
    .two_adicity = 32,
    .fr_nonsquare = 5,
    .fr_from_be_reduced = from_be_reduced,
    .fr_to_be = to_be,
    .fr_add = add,
    .fr_sub = sub,
    .fr_mul = mul,
    .fr_inverse = inverse,
    .hash_to_g1 = hash_to_g1,
    .miller = miller,
    .gt_mul = gt_mul,
    .gt_is_one = gt_is_one,
    .gt_coordinates = gt_coordinates,
};
