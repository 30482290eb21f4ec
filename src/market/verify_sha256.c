/* For tests of everything around a verifier: the proof of a batch is its sha256, in lower-case hex.
 */
#include "base/hex.h"
#include "market/verifiers.h"

#include <stdio.h>
#include <string.h>

static ProofVerdict verify(void *handle, const VerifierBatch *batch, const uint8_t *proof, size_t n,
                           char why[VERIFIER_WHY_MAX]) {
    (void)handle;
    uint8_t said[32];
    if (n != 2 * sizeof said || !cvk_hex_decode((const char *)proof, sizeof said, said)) {
        snprintf(why, VERIFIER_WHY_MAX, "is not the hex of a sha256");
        return PROOF_MALFORMED;
    }
    if (memcmp(said, batch->sha256, sizeof said) != 0) {
        snprintf(why, VERIFIER_WHY_MAX, "is the sha256 of something else");
        return PROOF_INVALID;
    }
    return PROOF_VALID;
}

const Verifier VERIFIER_SHA256 = {
    .name = "sha256",
    .abi = VERIFIER_ABI,
    .dev_only = true,
    .one_proof = true,
    .verify = verify,
};
