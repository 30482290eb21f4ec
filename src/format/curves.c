#include "format/curves.h"

#include <string.h>

#define BASE_BYTES_MAX 48

static const Curve *(*const curves[CURVES_N])(void) = {curve_bn254, curve_bls12_381};

const Curve *curves_at(size_t i) {
    return curves[i]();
}

const Curve *curves_with_base(const uint8_t *prime_le, size_t n) {
    for (size_t i = 0; i < CURVES_N; i++) {
        uint8_t own[BASE_BYTES_MAX];
        const Curve *c = curves[i]();
        if (curve_base_bytes(c) != n)
            continue;
        curve_base_prime(c, own);
        if (memcmp(own, prime_le, n) == 0)
            return c;
    }
    return NULL;
}

const Curve *curves_with_order(const uint8_t *prime_le, size_t n) {
    for (size_t i = 0; i < CURVES_N && n == FR_BYTES; i++) {
        uint8_t own[FR_BYTES];
        curve_order(curves[i](), own);
        if (memcmp(own, prime_le, n) == 0)
            return curves[i]();
    }
    return NULL;
}

bool curves_named(const char *name, const Curve **ret, CvkErr *err) {
    static const struct {
        const char *name;
        const Curve *(*curve)(void);
    } names[] = {{"bn254", curve_bn254},
                 {"bn128", curve_bn254},
                 {"bls12_381", curve_bls12_381},
                 {"bls12-381", curve_bls12_381},
                 {"bls12381", curve_bls12_381}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i].name) == 0) {
            *ret = names[i].curve();
            return true;
        }
    return cvk_fail(err, CVK_EBADREQ, "curve.unknown",
                    "'%.40s' is no curve; supported are " CURVES_SUPPORTED, name);
}
