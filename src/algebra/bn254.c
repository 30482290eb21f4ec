/* bn254 in portable C: its table, and its scalars. */
#include "algebra/bn254.h"

#include "algebra/bn254_pairing.h"
#include "algebra/mont4_inverse.h"

#include "base/secret.h"

#include <string.h>

const Curve *curve_bn254(void) {
    return &bn254;
}

/* high R + low, each brought into Montgomery form by its own power of R. */
static Fr from_be_reduced(const uint8_t *be, size_t n) {
    uint8_t padded[2 * FR_BYTES] = {0};
    uint64_t high[4], low[4];
    Fr ret;
    memcpy(padded + sizeof padded - n, be, n);
    mont4_read_be(high, padded);
    mont4_read_be(low, padded + FR_BYTES);
    mont4_scale(&bn254_r, high, high, bn254_r.r3);
    mont4_scale(&bn254_r, low, low, bn254_r.r2);
    mont4_add(&bn254_r, ret.w, high, low);
    cvk_wipe(padded, sizeof padded);
    cvk_wipe(high, sizeof high);
    cvk_wipe(low, sizeof low);
    return ret;
}

static void to_be(const Fr *a, uint8_t ret[FR_BYTES]) {
    uint64_t plain[4];
    mont4_plain(&bn254_r, plain, a->w);
    mont4_write_be(plain, ret);
    cvk_wipe(plain, sizeof plain);
}

static Fr add(const Fr *a, const Fr *b) {
    Fr ret;
    mont4_add(&bn254_r, ret.w, a->w, b->w);
    return ret;
}

static Fr sub(const Fr *a, const Fr *b) {
    Fr ret;
    mont4_sub(&bn254_r, ret.w, a->w, b->w);
    return ret;
}

static Fr mul(const Fr *a, const Fr *b) {
    Fr ret;
    mont4_mul(&bn254_r, ret.w, a->w, b->w);
    return ret;
}

static Fr inverse(const Fr *a) {
    Fr ret;
    mont4_inverse(&bn254_r, ret.w, a->w);
    return ret;
}

static void hash_to_g1(const void *msg, size_t n, const char *dst, Element *ret) {
    (void)msg, (void)n, (void)dst, (void)ret;
    assert(false); /* no suite of RFC 9380 is for this curve, and nothing here asks for one */
}

const Curve bn254 = {
    .name = "bn254",
    .backend = "portable",
    .g1 = &bn254_g1,
    .g2 = &bn254_g2,
    .base_bytes = FQ_BYTES,
    .base_prime_be = BN254_Q_BE,
    .fr_bits = 254,
    .order_be = BN254_R_BE,
    .two_adicity = 28,
    .fr_nonsquare = 5,
    .fr_from_be_reduced = from_be_reduced,
    .fr_to_be = to_be,
    .fr_add = add,
    .fr_sub = sub,
    .fr_mul = mul,
    .fr_inverse = inverse,
    .hash_to_g1 = hash_to_g1,
    .miller = bn254_miller,
    .gt_mul = bn254_gt_mul,
    .gt_is_one = bn254_gt_is_one,
    .gt_coordinates = bn254_gt_coordinates,
};
