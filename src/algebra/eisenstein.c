#include "algebra/eisenstein.h"

#include <assert.h>

#define UNITS 6
#define MINUS_W 3

/* 1, 1 - w, 2 - w, 1 - 2 w, -3 w, 3 - w, 1 - 3 w, 3 - 2 w */
const EisensteinSum eisenstein_sums[EISENSTEIN_MULTIPLES] = {
    {0},       {0, 0, MINUS_W}, {0, 1, 0}, {1, 0, MINUS_W}, {1, 1, MINUS_W},
    {0, 2, 0}, {0, 4, 0},       {1, 2, 0},
};
const uint8_t eisenstein_rounds[EISENSTEIN_ROUNDS + 1] = {1, 2, 5, 8};

typedef struct {
    int a, b;
} Number;

static Number times_unit(Number z, unsigned unit) {
    for (unsigned turns = unit / 2; turns != 0; turns--)
        z = (Number){-z.b, z.a - z.b}; /* w^2 = -1 - w */
    return unit % 2 == 0 ? z : (Number){-z.a, -z.b};
}

static void add_digits(EisensteinDigits *d, Number value, uint8_t multiple) {
    for (uint8_t unit = 0; unit < UNITS; unit++) {
        Number digit = times_unit(value, unit);
        size_t class = ((size_t)digit.a & 7) * 8 + ((size_t)digit.b & 7);
        d->of_class[class].a = (int8_t)digit.a;
        d->of_class[class].b = (int8_t)digit.b;
        d->of_class[class].multiple = multiple;
        d->of_class[class].unit = unit;
    }
}

void eisenstein_init(EisensteinDigits *ret) {
    Number values[EISENSTEIN_MULTIPLES] = {{1, 0}};
    *ret = (EisensteinDigits){0};
    add_digits(ret, values[0], 0);
    for (uint8_t i = 1; i < EISENSTEIN_MULTIPLES; i++) {
        const EisensteinSum *sum = &eisenstein_sums[i];
        Number b = times_unit(values[sum->b], sum->unit);
        values[i] = (Number){values[sum->a].a + b.a, values[sum->a].b + b.b};
        add_digits(ret, values[i], i);
    }
}

static SignedWord2 signed_of(const ScalarPart *part) {
    assert(part->size < (Word2)EISENSTEIN_BOUND << 120);
    return part->negative ? -(SignedWord2)part->size : (SignedWord2)part->size;
}

size_t eisenstein_digits(const EisensteinDigits *d, const ScalarPart *a, const ScalarPart *b,
                         EisensteinDigit ret[EISENSTEIN_MOST]) {
    SignedWord2 x = signed_of(a), y = signed_of(b);
    size_t n = 0;
    for (unsigned place = 0; (x | y) != 0;) {
        uint64_t low = (uint64_t)x | (uint64_t)y;
        unsigned zeros = low != 0 ? (unsigned)__builtin_ctzll(low) : 64;
        x >>= zeros;
        y >>= zeros;
        place += zeros;
        if (low == 0)
            continue;
        size_t class = ((size_t)x & 7) * 8 + ((size_t)y & 7);
        x -= d->of_class[class].a;
        y -= d->of_class[class].b;
        ret[n++] =
            (EisensteinDigit){(uint8_t)place, d->of_class[class].multiple, d->of_class[class].unit};
    }
    return n;
}
