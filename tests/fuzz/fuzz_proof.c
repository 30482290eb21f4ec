#include "format/vkey.h"
#include "fuzz/fuzz.h"

#define TEXT_MAX ((size_t)1 << 20)

static JsonSource text_of(JsonMemory *m, const uint8_t *data, size_t n) {
    *m = (JsonMemory){.data = (const char *)data, .n = n};
    return json_from_memory(m);
}

/* A proof that was read can be written, and is the same when it is read again. */
static void check_written(const Curve *c, const Groth16Proof *p) {
    CvkBuf text = CVK_BUF(TEXT_MAX);
    JsonMemory m;
    Groth16Proof again;
    Verdict v;
    bool ok =
        proof_write(json_to_buf(&text), p, c, NULL) &&
        proof_read(text_of(&m, (const uint8_t *)text.data, text.n), TEXT_MAX, c, &again, &v, NULL);
    assert(ok && v.valid && element_equal(&again.a, &p->a) && element_equal(&again.b, &p->b) &&
           element_equal(&again.c, &p->c));
    cvk_buf_done(&text);
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
        if (v.valid)
            check_written(c, &proof);
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
