/* Who is it? What somebody brings to sign in, looked at until an identity is proven or not. */
#include "auth/siwe.h"
#include "base/secret.h"
#include "run/node_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool find_invited(Node *n, const uint8_t address[ETH_ADDRESS_BYTES], Proven *ret,
                         bool *ret_found, CvkErr *err) {
    StoreInvitation row;
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_invitation_get(n->store, address, &row, ret_found, err);
    pthread_mutex_unlock(&n->store_lock);
    if (ok && *ret_found)
        snprintf(ret->identity, sizeof ret->identity, "%s", row.identity);
    return ok;
}

/* ---- invitations ---- */

static bool prove_invitation(Node *n, const SignInProof *proof, Proven *ret,
                             SignInResult *ret_result, CvkErr *err) {
    uint8_t address[ETH_ADDRESS_BYTES], secret[ETH_SECRET_BYTES];
    assert(proof->state != NULL); /* it is part of what is signed */
    bool found = false;
    bool known = auth_invitation_parse(proof->code, secret)
                     ? eth_key_address(secret, address, err)
                     : auth_code_address(proof->server, proof->state, proof->code, address);
    cvk_wipe(secret, sizeof secret);
    if (known && !find_invited(n, address, ret, &found, err))
        return false;
    *ret_result = found ? SIGN_IN_OK : SIGN_IN_BAD_CODE;
    return true;
}

/* ---- wallets ---- */

/* *err says what is wrong with it. */
static bool read_wallet(Node *n, const SignInProof *proof, uint8_t ret_address[ETH_ADDRESS_BYTES],
                        Proven *ret, CvkErr *err) {
    SiweMessage m;
    int64_t now_ms = run_clock_now(n->clock);
    size_t length = strlen(proof->message);
    if (!siwe_read(proof->message, length, &m, err) ||
        !siwe_check(&m, proof->server, now_ms, err) ||
        !auth_nonce_open(n->auth, m.nonce.at, m.nonce.n, now_ms, ret->nonce, &ret->nonce_expires_ms,
                         err))
        return false;
    ret->has_nonce = true;
    memcpy(ret_address, m.address, sizeof m.address);
    return siwe_signed_by(proof->message, length, proof->code, m.address) ||
           cvk_fail(err, CVK_EAUTH, "siwe.signature",
                    "the message is not signed by the key of its address (a contract's wallet "
                    "cannot sign in here)");
}

static bool read_constant(const SignInProof *proof, uint8_t ret_address[ETH_ADDRESS_BYTES],
                          CvkErr *err) {
    if (!eth_address_read(proof->address, ret_address))
        return cvk_fail(err, CVK_EBADREQ, "wallet.address",
                        "ethAddress is no address: 0x and 40 digits");
    return siwe_signed_by(AUTH_CONSTANT_TEXT, strlen(AUTH_CONSTANT_TEXT), proof->code,
                          ret_address) ||
           cvk_fail(err, CVK_EAUTH, "siwe.signature",
                    "the text is not signed by the key of this address");
}

static bool prove_wallet(Node *n, Ceremony *c, const SignInProof *proof, Proven *ret,
                         SignInResult *ret_result, CvkErr *err) {
    uint8_t address[ETH_ADDRESS_BYTES];
    bool found;
    *ret_result = SIGN_IN_NO_WALLETS;
    if (c->wallets == WALLETS_NONE)
        return true;
    *ret_result = SIGN_IN_BAD_WALLET;
    if (!(proof->kind == PROOF_WALLET ? read_wallet(n, proof, address, ret, err)
                                      : read_constant(proof, address, err)))
        return true;
    if (!find_invited(n, address, ret, &found, err))
        return false;
    if (!found) {
        memcpy(ret->identity, "eth|", 4);
        eth_address_lower(address, ret->identity + 4);
    }
    *ret_result = found || c->wallets == WALLETS_ANY ? SIGN_IN_OK : SIGN_IN_STRANGER;
    return true;
}

bool node_prove(Node *n, Ceremony *c, const SignInProof *proof, Proven *ret,
                SignInResult *ret_result, CvkErr *err) {
    *ret = (Proven){.has_nonce = false};
    return proof->kind == PROOF_INVITATION ? prove_invitation(n, proof, ret, ret_result, err)
                                           : prove_wallet(n, c, proof, ret, ret_result, err);
}
