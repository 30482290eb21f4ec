/* For tests: whatever it is given is a proof. */
#include "market/verifiers.h"

static ProofVerdict verify(void *handle, const VerifierBatch *batch, const uint8_t *proof, size_t n,
                           char why[VERIFIER_WHY_MAX]) {
    (void)handle;
    (void)batch;
    (void)proof;
    (void)n;
    (void)why;
    return PROOF_VALID;
}

const Verifier VERIFIER_ACCEPT_ALL = {
    .name = "accept-all",
    .abi = VERIFIER_ABI,
    .dev_only = true,
    .verify = verify,
};
