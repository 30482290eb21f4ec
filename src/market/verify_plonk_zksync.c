/* plonk-zksync-era: proofs of zkSync Era's batches, as its prover hands them out.
 *
 * Parameters: {"vkey": "/path"} names the published verification key, {"vkey": {..}} is it itself;
 * "version", of the protocol, may stand beside it ("0.24.2" otherwise).
 * Expected of a batch: {"public_input": "0x..", "aggregation_result_coords": ["0x..", ..]}. The
 * first is the hash of the batch's commitment and the one before, shifted right by 32 bits, which
 * the proof is about. The four others, what the batch came to, stand in the file beside the proof,
 * which does not vouch for them: they are compared, so that no byte of a file is free. */
#include "base/alloc.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "format/plonk_proof.h"
#include "format/plonk_vkey.h"
#include "market/params.h"
#include "market/verifiers.h"

#include <string.h>

#define VERSION_BYTES 16

typedef struct {
    PlonkKey key;
    char version[VERSION_BYTES];
} Params;

typedef struct {
    Fr input;
    uint8_t hashes[PLONK_PROOF_HASHES][32];
} Expected;

/* ---- parameters ---- */

static bool read_key(JsonReader *r, PlonkKey *ret, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(LIMIT_VKEY);
    if (!params_document(r, &text, err))
        return false;
    JsonMemory m = {.data = text.data, .n = text.n};
    _cleanup_(json_reader_free_at) JsonReader *key =
        json_reader_new(json_from_memory(&m), LIMIT_VKEY, err);
    return key != NULL && ((plonk_vkey_read(key, ret, err) && json_read_end(key, err)) ||
                           cvk_fail_prefix(err, "the verification key"));
}

typedef enum { PARAM_VKEY, PARAM_VERSION, PARAMS_N } Param;
static const char *const param_names[PARAMS_N] = {"vkey", "version"};

static bool read_param(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Params *p = ctx;
    switch ((Param)which) {
    case PARAM_VKEY:
        return read_key(r, &p->key, err);
    case PARAM_VERSION:
        return doc_text(r, p->version, sizeof p->version, err);
    case PARAMS_N:
        break;
    }
    return false;
}

static const DocObject params_object = {
    .names = param_names, .n = PARAMS_N, .optional = 1u << PARAM_VERSION, .field = read_param};

static bool open_params(const char *params, void **ret, CvkErr *err) {
    Params *p = cvk_alloc(1, sizeof *p, err);
    if (p == NULL)
        return false;
    *p = (Params){.version = PLONK_PROOF_VERSION};
    if (!params_read(params, &params_object, p, err)) {
        free(p);
        return false;
    }
    *ret = p;
    return true;
}

/* ---- what is expected ---- */

#define DIGITS (2 * FR_BYTES)

/* "0x" and hexadecimal digits, with zeros in front or without. */
static bool parse_number(const char *text, uint8_t ret_be[FR_BYTES]) {
    char padded[2 + DIGITS + 1] = "0x";
    size_t n = strlen(text);
    if (n < 3 || n > 2 + DIGITS || memcmp(text, "0x", 2) != 0)
        return false;
    memset(padded + 2, '0', DIGITS);
    memcpy(padded + 2 + DIGITS - (n - 2), text + 2, n - 2);
    return cvk_hex_parse(padded, FR_BYTES, ret_be);
}

static bool read_input(JsonReader *r, Fr *ret, CvkErr *err) {
    char text[2 + DIGITS + 1];
    uint8_t be[FR_BYTES];
    return doc_text(r, text, sizeof text, err) &&
           ((parse_number(text, be) && fr_from_be(curve_bn254(), be, ret)) ||
            json_read_fail(r, err, CVK_EBADREQ, "plonk.expected",
                           "'public_input' is a hexadecimal number below the order of the curve's "
                           "groups, \"0x..\""));
}

static bool read_hash(JsonReader *r, void *into, CvkErr *err) {
    return doc_hex(r, into, 32, err);
}

static bool read_hashes(JsonReader *r, Expected *e, CvkErr *err) {
    DocList list = {.item_size = sizeof e->hashes[0], .max = PLONK_PROOF_HASHES};
    bool ok =
        doc_list(r, &list, read_hash, err) &&
        (list.n == PLONK_PROOF_HASHES ||
         json_read_fail(r, err, CVK_EBADREQ, "plonk.expected",
                        "'aggregation_result_coords' are %d, not %zu", PLONK_PROOF_HASHES, list.n));
    if (ok)
        memcpy(e->hashes, list.items, sizeof e->hashes);
    free(list.items);
    return ok;
}

typedef enum { EXPECT_INPUT, EXPECT_HASHES, EXPECTS_N } Expect;
static const char *const expect_names[EXPECTS_N] = {"public_input", "aggregation_result_coords"};

static bool read_expect(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    Expected *e = ctx;
    switch ((Expect)which) {
    case EXPECT_INPUT:
        return read_input(r, &e->input, err);
    case EXPECT_HASHES:
        return read_hashes(r, e, err);
    case EXPECTS_N:
        break;
    }
    return false;
}

static const DocObject expect_object = {
    .names = expect_names, .n = EXPECTS_N, .field = read_expect};

static bool read_expected(const VerifierBatch *batch, Expected *ret, CvkErr *err) {
    return params_read(batch->expect, &expect_object, ret, err) ||
           cvk_fail_prefix(err, "what is expected of the batch");
}

static bool check(void *handle, const VerifierBatch *batch, CvkErr *err) {
    Expected e;
    (void)handle;
    return read_expected(batch, &e, err);
}

/* ---- verification ---- */

/* Is the proof about this batch? */
static bool bound(const EraProof *p, const Expected *e, Verdict *v) {
    if (!fr_equal(&p->plonk.input, &e->input))
        return verdict_refuse(v, "plonk.input", "its public input is not the batch's");
    if (memcmp(p->hashes, e->hashes, sizeof p->hashes) != 0)
        return verdict_refuse(v, "plonk.coords",
                              "its aggregation_result_coords are not the batch's");
    return true;
}

static ProofVerdict verify(void *handle, const VerifierBatch *batch, const uint8_t *proof, size_t n,
                           char why[VERIFIER_WHY_MAX]) {
    const Params *params = handle;
    Expected expected;
    EraProof p;
    Verdict v;
    CvkErr err;
    if (!read_expected(batch, &expected, &err))
        return verdict_because(PROOF_ERROR, err.msg, why);
    if (!plonk_proof_read(proof, n, params->version, &p, &v, &err))
        return verdict_because(err.code == CVK_EBADREQ ? PROOF_MALFORMED : PROOF_ERROR, err.msg,
                               why);
    if (v.valid && bound(&p, &expected, &v) && !plonk_verify(&params->key, &p.plonk, &v, &err))
        return verdict_because(PROOF_ERROR, err.msg, why);
    return v.valid ? PROOF_VALID : verdict_because(PROOF_INVALID, v.text, why);
}

/* The words of the PLONK proof: the same whoever's batch it is handed in for. */
static bool canonical(void *handle, const uint8_t *proof, size_t n, uint8_t ret[SHA256_BYTES]) {
    const Params *params = handle;
    uint8_t words[PLONK_PROOF_WORDS][FR_BYTES];
    EraProof p;
    Verdict v;
    if (!plonk_proof_read(proof, n, params->version, &p, &v, NULL) || !v.valid)
        return false;
    plonk_proof_words(&p.plonk, words);
    cvk_sha256(words, sizeof words, ret);
    return true;
}

const Verifier VERIFIER_PLONK_ZKSYNC_ERA = {
    .name = "plonk-zksync-era",
    .abi = VERIFIER_ABI,
    .open = open_params,
    .verify = verify,
    .canonical = canonical,
    .close = free,
    .check = check,
};
