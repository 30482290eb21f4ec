#include "algebra/eth_key.h"

#include "base/hex.h"
#include "base/keccak.h"
#include "base/rng.h"
#include "base/secret.h"

#include <assert.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <stdio.h>
#include <string.h>

/* A context of our own, blinded with fresh randomness against side channels. Making one takes about
 * 0.1 ms, so nothing has to be kept between calls. NULL: no memory. */
static secp256k1_context *signing_context(CvkErr *err) {
    secp256k1_context *c = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    uint8_t blind[32];
    if (c == NULL) {
        cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory for a signing context");
        return NULL;
    }
    cvk_random(blind, sizeof blind);
    bool blinded = secp256k1_context_randomize(c, blind) == 1;
    assert(blinded); /* cannot fail on a context that can sign */
    cvk_wipe(blind, sizeof blind);
    return c;
}

static void address_of(const secp256k1_context *c, const secp256k1_pubkey *key,
                       uint8_t ret[ETH_ADDRESS_BYTES]) {
    uint8_t point[65], hash[KECCAK256_BYTES];
    size_t n = sizeof point;
    secp256k1_ec_pubkey_serialize(c, point, &n, key, SECP256K1_EC_UNCOMPRESSED);
    cvk_keccak256(point + 1, sizeof point - 1, hash);
    memcpy(ret, hash + sizeof hash - ETH_ADDRESS_BYTES, ETH_ADDRESS_BYTES);
}

static bool fail_key(CvkErr *err) {
    return cvk_fail(err, CVK_EBADREQ, "eth.key",
                    "the key is not a secp256k1 secret (zero or too large)");
}

bool eth_key_new(uint8_t ret_secret[ETH_SECRET_BYTES], CvkErr *err) {
    secp256k1_context *c = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    if (c == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory for a signing context");
    do
        cvk_random(ret_secret, ETH_SECRET_BYTES);
    while (!secp256k1_ec_seckey_verify(c, ret_secret)); /* once in 2^128 */
    secp256k1_context_destroy(c);
    return true;
}

bool eth_key_address(const uint8_t secret[ETH_SECRET_BYTES], uint8_t ret[ETH_ADDRESS_BYTES],
                     CvkErr *err) {
    secp256k1_context *c = signing_context(err);
    if (c == NULL)
        return false;
    secp256k1_pubkey key;
    bool valid = secp256k1_ec_pubkey_create(c, &key, secret) == 1;
    if (valid)
        address_of(c, &key, ret);
    secp256k1_context_destroy(c);
    return valid || fail_key(err);
}

void eth_address_lower(const uint8_t address[ETH_ADDRESS_BYTES], char ret[ETH_ADDRESS_TEXT]) {
    memcpy(ret, "0x", 2);
    cvk_hex_encode(address, ETH_ADDRESS_BYTES, ret + 2);
}

/* EIP-55: a letter is a capital when the same digit of the hash of the lower-case text is above 7.
 */
void eth_address_checksummed(const uint8_t address[ETH_ADDRESS_BYTES], char ret[ETH_ADDRESS_TEXT]) {
    uint8_t hash[KECCAK256_BYTES];
    eth_address_lower(address, ret);
    char *digits = ret + 2;
    cvk_keccak256(digits, 2 * (size_t)ETH_ADDRESS_BYTES, hash);
    for (size_t i = 0; i < 2 * (size_t)ETH_ADDRESS_BYTES; i++) {
        unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15u;
        if (digits[i] >= 'a' && nibble > 7)
            digits[i] = (char)(digits[i] - 'a' + 'A');
    }
}

bool eth_address_parse(const char *text, uint8_t ret[ETH_ADDRESS_BYTES]) {
    return cvk_hex_parse(text, ETH_ADDRESS_BYTES, ret);
}

static bool in_one_case(const char *digits) {
    bool small = false, capital = false;
    for (; *digits != '\0'; digits++) {
        small = small || (*digits >= 'a' && *digits <= 'f');
        capital = capital || (*digits >= 'A' && *digits <= 'F');
    }
    return !(small && capital);
}

bool eth_address_read(const char *text, uint8_t ret[ETH_ADDRESS_BYTES]) {
    char right[ETH_ADDRESS_TEXT];
    uint8_t address[ETH_ADDRESS_BYTES];
    if (strncmp(text, "0x", 2) != 0 || !eth_address_parse(text, address))
        return false;
    eth_address_checksummed(address, right);
    if (!in_one_case(text + 2) && strcmp(text, right) != 0)
        return false;
    memcpy(ret, address, sizeof address);
    return true;
}

void eth_personal_digest(const void *message, size_t n, uint8_t ret[32]) {
    char prefix[64];
    int prefix_n = snprintf(prefix, sizeof prefix, "\x19%s%zu", "Ethereum Signed Message:\n", n);
    assert(prefix_n > 0 && (size_t)prefix_n < sizeof prefix);
    cvk_keccak256_joined(prefix, (size_t)prefix_n, message, n, ret);
}

bool eth_sign(const uint8_t secret[ETH_SECRET_BYTES], const uint8_t digest[32],
              uint8_t ret[ETH_SIGNATURE_BYTES], CvkErr *err) {
    secp256k1_context *c = signing_context(err);
    if (c == NULL)
        return false;
    secp256k1_ecdsa_recoverable_signature signature;
    int id = 0;
    bool valid = secp256k1_ecdsa_sign_recoverable(c, &signature, digest, secret, NULL, NULL) == 1;
    if (valid) {
        secp256k1_ecdsa_recoverable_signature_serialize_compact(c, ret, &id, &signature);
        ret[64] = (uint8_t)(27 + id);
    }
    secp256k1_context_destroy(c);
    return valid || fail_key(err);
}

bool eth_recover(const uint8_t digest[32], const uint8_t signature[ETH_SIGNATURE_BYTES],
                 uint8_t ret_address[ETH_ADDRESS_BYTES]) {
    int id = signature[64] >= 27 ? signature[64] - 27 : signature[64];
    if (id > 1)
        return false;
    secp256k1_context *c = secp256k1_context_create(SECP256K1_CONTEXT_VERIFY);
    if (c == NULL)
        return false;
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey key;
    bool found = secp256k1_ecdsa_recoverable_signature_parse_compact(c, &parsed, signature, id) &&
                 secp256k1_ecdsa_recover(c, &key, &parsed, digest);
    if (found)
        address_of(c, &key, ret_address);
    secp256k1_context_destroy(c);
    return found;
}
