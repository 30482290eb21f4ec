#include "format/proof_binary.h"
#include "fuzz/fuzz.h"

/* What is read has one writing: the bytes it was read from. */
static void try_curve(const Curve *c, const uint8_t *data, size_t n) {
    uint8_t again[PROOF_BINARY_BYTES_MAX];
    Groth16Proof p;
    size_t size = proof_binary_bytes(c);
    assert(size <= sizeof again);
    if (n < size || !proof_binary_read(c, data, &p, NULL))
        return;
    proof_binary_write(&p, again);
    assert(memcmp(again, data, size) == 0);
}

void fuzz_one(const uint8_t *data, size_t n) {
    try_curve(curve_bn254(), data, n);
    try_curve(curve_bls12_381(), data, n);
}
