/* Binary digits of Eisenstein integers a + b w, where w is a primitive cube root of unity.
 *
 * On a curve y^2 = x^3 + c a point has six turns that cost next to nothing: by 1, w and w^2, which
 * is (x, y) -> (root x, y), and by their negatives. So digits that differ by one of these six units
 * share a multiple of the point. Of the 64 classes modulo 8 those that 2 does not divide are 48,
 * eight up to units; with the smallest numbers of these as digits at least two zeros follow each
 * digit. For 127 bits a and b have 39 digits together; with eight odd multiples each they would
 * have 42 or 43. Variable time. Threads: no state. */
#pragma once

#include "algebra/backend.h"

#define EISENSTEIN_MULTIPLES 8
/* Places of digits, for parts of so many bits and a sign; the digits are at least three apart. */
#define EISENSTEIN_PLACES(bits) ((bits) + 3)
#define EISENSTEIN_BOUND 127
#define EISENSTEIN_MOST (EISENSTEIN_PLACES(127) / 3 + 1)

/* Multiple 0 is 1, the others are multiple a + unit * multiple b. A unit is (-1)^(unit % 2) w^(unit
 * / 2). */
typedef struct {
    uint8_t a, b, unit;
} EisensteinSum;

extern const EisensteinSum eisenstein_sums[EISENSTEIN_MULTIPLES];

/* Multiples [rounds[i], rounds[i + 1]) are sums of those before them. */
#define EISENSTEIN_ROUNDS 3
extern const uint8_t eisenstein_rounds[EISENSTEIN_ROUNDS + 1];

/* unit * multiple * 2^place */
typedef struct {
    uint8_t place, multiple, unit;
} EisensteinDigit;

typedef struct {
    struct {
        int8_t a, b;
        uint8_t multiple, unit;
    } of_class[64]; /* [a mod 8][b mod 8], one of them odd: the digit to take */
} EisensteinDigits;

void eisenstein_init(EisensteinDigits *ret);

/* The digits of a + b w, from the lowest place on; returns how many. Both parts are below
 * EISENSTEIN_BOUND * 2^120. */
size_t eisenstein_digits(const EisensteinDigits *d, const ScalarPart *a, const ScalarPart *b,
                         EisensteinDigit ret[EISENSTEIN_MOST]);
