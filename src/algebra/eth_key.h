/* Ethereum keys: secp256k1 with recoverable signatures, addresses, personal_sign (EIP-191). The
 * only place that sees <secp256k1.h>. EIP-712 structures are the protocol's own (setup/kzg_sign.h).
 * Threads: any. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define ETH_SECRET_BYTES 32
#define ETH_ADDRESS_BYTES 20
#define ETH_SIGNATURE_BYTES 65 /* r, s, v with v = 27 or 28 */
#define ETH_ADDRESS_TEXT 43    /* "0x" + 40 digits + zero byte */

/* A uniformly random valid secret key, in memory of the caller (cvk_secret_alloc it). */
bool eth_key_new(uint8_t ret_secret[ETH_SECRET_BYTES], CvkErr *err) MUST_USE;
/* False (CVK_EBADREQ, "eth.key"): zero or not below the group order. */
bool eth_key_address(const uint8_t secret[ETH_SECRET_BYTES], uint8_t ret[ETH_ADDRESS_BYTES],
                     CvkErr *err) MUST_USE;

void eth_address_lower(const uint8_t address[ETH_ADDRESS_BYTES], char ret[ETH_ADDRESS_TEXT]);
void eth_address_checksummed(const uint8_t address[ETH_ADDRESS_BYTES],
                             char ret[ETH_ADDRESS_TEXT]); /* EIP-55 */
/* "0x" + 40 hex digits, any case. */
bool eth_address_parse(const char *text, uint8_t ret[ETH_ADDRESS_BYTES]) MUST_USE;
/* As people give it: where there are small letters and capitals, the capitals must be those of
 * EIP-55, or it may be mistyped. */
bool eth_address_read(const char *text, uint8_t ret[ETH_ADDRESS_BYTES]) MUST_USE;

/* keccak256("\x19Ethereum Signed Message:\n" + decimal length + message) */
void eth_personal_digest(const void *message, size_t n, uint8_t ret[32]);

bool eth_sign(const uint8_t secret[ETH_SECRET_BYTES], const uint8_t digest[32],
              uint8_t ret[ETH_SIGNATURE_BYTES], CvkErr *err) MUST_USE;

/* Whose signature is this? False: nobody's (malformed r, s or v). v of 0/1 is taken as 27/28; a
 * high s is accepted, as wallets' verifiers do. */
bool eth_recover(const uint8_t digest[32], const uint8_t signature[ETH_SIGNATURE_BYTES],
                 uint8_t ret_address[ETH_ADDRESS_BYTES]) MUST_USE;
