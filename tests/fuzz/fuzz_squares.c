#include "format/squares.h"
#include "fuzz/fuzz.h"

/* What is read is what stands there, and the rest is 0. */
static void check(const Curve *c, const uint8_t *data, size_t n) {
    Fr values[SQUARES_LANES];
    size_t count;
    if (!squares_read(c, data, n, values, &count, NULL))
        return;
    assert(n == sizeof SQUARES_HEAD - 1 + count * FR_BYTES);
    for (size_t i = 0; i < SQUARES_LANES; i++) {
        uint8_t be[FR_BYTES];
        fr_to_be(c, &values[i], be);
        if (i < count)
            assert(memcmp(be, data + sizeof SQUARES_HEAD - 1 + i * FR_BYTES, sizeof be) == 0);
        else
            assert(fr_is_zero(&values[i]));
    }
}

void fuzz_one(const uint8_t *data, size_t n) {
    check(curve_bn254(), data, n);
    check(curve_bls12_381(), data, n);
}
