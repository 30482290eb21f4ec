/* Scalars: what can be said of them without knowing the curve. */
#include "algebra/backend.h"

#include "base/secret.h"

#include <assert.h>
#include <string.h>

Fr fr_from_uint(const Curve *c, uint64_t v) {
    uint8_t be[8];
    for (size_t i = 0; i < sizeof be; i++)
        be[i] = (uint8_t)(v >> (56 - 8 * i));
    return c->fr_from_be_reduced(be, sizeof be);
}

/* Is a < r? In constant time: this also judges secrets. */
static bool below_order(const Curve *c, const uint8_t be[FR_BYTES]) {
    unsigned borrow = 0;
    for (size_t i = FR_BYTES; i-- > 0;)
        borrow = (((unsigned)be[i] - c->order_be[i] - borrow) >> 8) & 1;
    return borrow != 0;
}

bool fr_from_be(const Curve *c, const uint8_t be[FR_BYTES], Fr *ret) {
    if (!below_order(c, be))
        return false;
    *ret = c->fr_from_be_reduced(be, FR_BYTES);
    return true;
}

Fr fr_from_be_reduced(const Curve *c, const uint8_t *be, size_t n) {
    assert(n <= 64);
    return n != 0 ? c->fr_from_be_reduced(be, n) : fr_from_uint(c, 0);
}

void fr_to_be(const Curve *c, const Fr *a, uint8_t ret[FR_BYTES]) {
    c->fr_to_be(a, ret);
}

Fr fr_add(const Curve *c, const Fr *a, const Fr *b) {
    return c->fr_add(a, b);
}

Fr fr_sub(const Curve *c, const Fr *a, const Fr *b) {
    return c->fr_sub(a, b);
}

Fr fr_mul(const Curve *c, const Fr *a, const Fr *b) {
    return c->fr_mul(a, b);
}

Fr fr_inverse(const Curve *c, const Fr *a) {
    return fr_is_zero(a) ? *a : c->fr_inverse(a);
}

bool fr_equal(const Fr *a, const Fr *b) {
    return memcmp(a->w, b->w, sizeof a->w) == 0;
}

bool fr_is_zero(const Fr *a) {
    return (a->w[0] | a->w[1] | a->w[2] | a->w[3]) == 0;
}

Fr fr_pow(const Curve *c, const Fr *x, uint64_t e) {
    Fr ret = fr_from_uint(c, 1);
    for (unsigned bit = 64; bit-- > 0;) {
        ret = c->fr_mul(&ret, &ret);
        if (e >> bit & 1)
            ret = c->fr_mul(&ret, x);
    }
    return ret;
}

/* The order n is 2^k: take a number that is no square to the power (r - 1) / 2^k. r - 1 and r
 * differ in the last bit alone, which the shift drops (for k = 0 the answer is 1). */
bool fr_root_of_unity_from(const Curve *c, uint64_t nonsquare, size_t n, Fr *ret) {
    unsigned k = 0;
    while (k <= c->two_adicity && (size_t)1 << k < n)
        k++;
    if (k > c->two_adicity || n == 0 || (size_t)1 << k != n)
        return false;
    const Fr generator = fr_from_uint(c, nonsquare);
    Fr power = fr_from_uint(c, 1);
    for (unsigned bit = 8 * FR_BYTES; bit-- > k;) {
        power = c->fr_mul(&power, &power);
        if (bit != 0 && (c->order_be[FR_BYTES - 1 - bit / 8] >> bit % 8 & 1))
            power = c->fr_mul(&power, &generator);
    }
    *ret = power;
    return true;
}

unsigned fr_two_adicity(const Curve *c) {
    return c->two_adicity;
}

bool fr_root_of_unity(const Curve *c, size_t n, Fr *ret) {
    return fr_root_of_unity_from(c, c->fr_nonsquare, n, ret);
}

Fr fr_coset(const Curve *c) {
    return fr_from_uint(c, c->fr_nonsquare * c->fr_nonsquare);
}

void fr_to_le(const Curve *c, const Fr *a, uint8_t ret[FR_BYTES]) {
    uint8_t be[FR_BYTES];
    fr_to_be(c, a, be);
    for (size_t i = 0; i < FR_BYTES; i++)
        ret[i] = be[FR_BYTES - 1 - i];
}

bool fr_from_le(const Curve *c, const uint8_t le[FR_BYTES], Fr *ret) {
    uint8_t be[FR_BYTES];
    for (size_t i = 0; i < FR_BYTES; i++)
        be[i] = le[FR_BYTES - 1 - i];
    bool below = fr_from_be(c, be, ret);
    cvk_wipe(be, sizeof be);
    return below;
}

void fr_to_montgomery(const Fr *a, uint8_t ret[FR_BYTES]) {
    for (size_t i = 0; i < FR_BYTES; i++)
        ret[i] = (uint8_t)(a->w[i / 8] >> 8 * (i % 8));
}

bool fr_from_montgomery(const Curve *c, const uint8_t le[FR_BYTES], Fr *ret) {
    uint8_t be[FR_BYTES];
    for (size_t i = 0; i < FR_BYTES; i++)
        be[i] = le[FR_BYTES - 1 - i];
    bool below = below_order(c, be);
    cvk_wipe(be, sizeof be);
    if (!below)
        return false;
    *ret = (Fr){{0}};
    for (size_t i = 0; i < FR_BYTES; i++)
        ret->w[i / 8] |= (uint64_t)le[i] << 8 * (i % 8);
    return true;
}

Fr fr_neg(const Curve *c, const Fr *a) {
    const Fr zero = {{0}};
    return c->fr_sub(&zero, a);
}
