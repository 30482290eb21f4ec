#include "api/sign_in.h"
#include "fuzz/fuzz.h"

/* What is taken as a sign-in has the two fields that make it one, within their limits. */
void fuzz_one(const uint8_t *data, size_t n) {
    LoginBody body;
    CvkErr err;
    if (!login_body_read(n > 0 ? (const char *)data : "", n, &body, &err))
        return;
    assert(body.kind == PROOF_WALLET || body.kind == PROOF_CONSTANT);
    assert(memchr(body.message, '\0', sizeof body.message) != NULL);
    assert(memchr(body.address, '\0', sizeof body.address) != NULL);
    assert(memchr(body.code, '\0', sizeof body.code) != NULL);
    SignInProof proof = login_proof(&body, NULL);
    assert(proof.kind == body.kind && proof.code == body.code && proof.state == NULL);
}
