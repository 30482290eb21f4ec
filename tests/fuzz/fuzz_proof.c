#include "format/vkey.h"
#include "fuzz/fuzz.h"

#define TEXT_MAX ((size_t)1 << 20)

static JsonSource text_of(JsonMemory *m, const uint8_t *data, size_t n) {
    *m = (JsonMemory){.data = (const char *)data, .n = n};
    return json_from_memory(m);
}

/* One text as a proof and as public inputs, over both curves. */
static void try_curve(const Curve *c, const uint8_t *data, size_t n) {
    JsonMemory m;
    Verdict v;
    Groth16Proof proof;
    Fr *inputs;
    size_t inputs_n;
    if (proof_read(text_of(&m, data, n), TEXT_MAX, c, &proof, &v, NULL)) {
        assert(v.valid == (v.id == NULL));
        assert(!v.valid || (proof.a.group == curve_g1(c) && proof.b.group == curve_g2(c) &&
                            proof.c.group == curve_g1(c)));
    }
    if (inputs_read(text_of(&m, data, n), TEXT_MAX, c, &inputs, &inputs_n, &v, NULL)) {
        assert(v.valid == (v.id == NULL) && inputs_n <= n);
        free(inputs);
    }
}

void fuzz_one(const uint8_t *data, size_t n) {
    try_curve(curve_bn254(), data, n);
    try_curve(curve_bls12_381(), data, n);
}
