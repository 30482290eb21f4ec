/* Groth16 on BN254 and BLS12-381.
 *
 * Parameters: snarkjs's verification_key.json, or {"vkey": it, or the path of it}. Expected: the
 * public inputs, an array of decimal strings as in public.json: they bind a proof to its batch. A
 * proof is snarkjs's proof.json, or its binary form (format/proof_binary.h). */
#include "base/alloc.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "format/proof_binary.h"
#include "format/vkey.h"
#include "market/params.h"
#include "market/verifiers.h"

#include <string.h>

/* Longer than any proof.json that a prover has a reason to write. */
#define PROOF_TEXT_MAX 65536u

/* ---- parameters ---- */

static bool param(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    (void)which;
    return params_document(r, ctx, err);
}

static bool open_key(const char *params, void **ret, CvkErr *err) {
    static const char *const names[] = {"vkey"};
    static const DocObject kind = {
        .names = names, .n = 1, .optional = 1, .open = true, .field = param};
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_VKEY);
    Work w = {.memory = WORK_MEMORY_MIN};
    Groth16Vkey *key;
    if (!params_read(params, &kind, &text, err))
        return false;
    if (text.n == 0 && !cvk_buf_add_str(&text, params, err))
        return false;
    JsonMemory m = {.data = text.data, .n = text.n};
    cvk_random(w.seed, sizeof w.seed);
    if (!vkey_read(json_from_memory(&m), LIMIT_VKEY, &w, &key, err))
        return cvk_fail_prefix(err, "the verification key");
    *ret = key;
    return true;
}

static void close_key(void *handle) {
    groth16_vkey_free(handle);
}

/* ---- proofs ---- */

static bool read_text(const Curve *c, const uint8_t *text, size_t n, Groth16Proof *ret,
                      CvkErr *err) {
    JsonMemory m = {.data = (const char *)text, .n = n};
    Verdict verdict;
    return proof_read(json_from_memory(&m), PROOF_TEXT_MAX, c, ret, &verdict, err) &&
           (verdict.valid || cvk_fail(err, CVK_EBADREQ, verdict.id, "%s", verdict.text));
}

/* A point never begins as a text does: the byte is far above the field's prime (bn254), or has
 * flags that no point has (bls12_381). */
static bool read_proof(const Curve *c, const uint8_t *proof, size_t n, Groth16Proof *ret,
                       CvkErr *err) {
    if (n == proof_binary_bytes(c) && proof[0] != '{')
        return proof_binary_read(c, proof, ret, err);
    return read_text(c, proof, n, ret, err);
}

/* ---- judging ---- */

/* What the manifest expects is the operator's: what is wrong with it is an error. */
static bool read_inputs(const Groth16Vkey *key, const char *expect, Fr **ret, CvkErr *err) {
    JsonMemory m = {.data = expect, .n = strlen(expect)};
    Verdict verdict;
    Fr *inputs;
    size_t n;
    if (!inputs_read(json_from_memory(&m), LIMIT_VERIFY_JOB, key->curve, &inputs, &n, &verdict,
                     err))
        return cvk_fail_prefix(err, "the expected public inputs");
    if (verdict.valid && n == groth16_inputs_n(key)) {
        *ret = inputs;
        return true;
    }
    free(inputs);
    if (!verdict.valid)
        return cvk_fail(err, CVK_EBADREQ, verdict.id, "expected: %s", verdict.text);
    return cvk_fail(err, CVK_EBADREQ, "groth16.inputs",
                    "%zu public inputs are expected, and the key is for %zu", n,
                    groth16_inputs_n(key));
}

static bool check(void *handle, const VerifierBatch *batch, CvkErr *err) {
    Fr *inputs;
    if (!read_inputs(handle, batch->expect, &inputs, err))
        return false;
    free(inputs);
    return true;
}

static ProofVerdict verify(void *handle, const VerifierBatch *batch, const uint8_t *proof, size_t n,
                           char why[VERIFIER_WHY_MAX]) {
    const Groth16Vkey *key = handle;
    _cleanup_free_ Fr *inputs = NULL;
    Groth16Proof p;
    Verdict verdict;
    CvkErr err;
    if (!read_inputs(key, batch->expect, &inputs, &err))
        return verdict_because(PROOF_ERROR, err.msg, why);
    if (n == 0 || !read_proof(key->curve, proof, n, &p, &err))
        return verdict_because(PROOF_MALFORMED, n == 0 ? "is empty" : err.msg, why);
    if (!groth16_verify(key, inputs, groth16_inputs_n(key), &p, NULL, &verdict, &err))
        return verdict_because(PROOF_ERROR, err.msg, why);
    return verdict.valid ? PROOF_VALID : verdict_because(PROOF_INVALID, verdict.text, why);
}

/* The hash of the binary form. */
static bool canonical(void *handle, const uint8_t *proof, size_t n, uint8_t ret[32]) {
    const Groth16Vkey *key = handle;
    uint8_t bytes[PROOF_BINARY_BYTES_MAX];
    Groth16Proof p;
    if (n == 0 || !read_proof(key->curve, proof, n, &p, NULL))
        return false;
    proof_binary_write(&p, bytes);
    cvk_sha256(bytes, proof_binary_bytes(key->curve), ret);
    return true;
}

const Verifier VERIFIER_GROTH16 = {
    .name = "groth16",
    .abi = VERIFIER_ABI,
    .open = open_key,
    .verify = verify,
    .canonical = canonical,
    .close = close_key,
    .check = check,
};
