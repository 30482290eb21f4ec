#include "fuzz/fuzz.h"
#include "setup/kzg_opening.h"

/* An opening has one writing; and bytes that are a polynomial have a value. */
void fuzz_one(const uint8_t *data, size_t n) {
    uint8_t again[KZG_OPENING_BYTES];
    KzgOpening o;
    KzgPolynomial *f;
    if (kzg_opening_read(data, n, &o, NULL)) {
        kzg_opening_write(&o, again);
        assert(n == sizeof again && memcmp(again, data, n) == 0);
    }
    if (kzg_polynomial_read(data, n, &f, NULL)) {
        const Fr zero = fr_from_uint(curve_bls12_381(), 0);
        Fr value = kzg_polynomial_value(f, &zero);
        assert(f->n == n / FR_BYTES && fr_equal(&value, &f->coefficient[0]));
        free(f);
    }
}
