/* The two signatures that may go with a contribution. Neither is needed for its validity: an
 * invalid one is dropped from the transcript, never a reason to refuse (reference 3.3). */
#pragma once

#include "setup/kzg_wire.h"

#define KZG_BLS_DST "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_"

/* Is `signature` = secret * H(identity) for pubkey = secret * g2? False for malformed or infinite
 * points too. ~1.5 ms. */
bool kzg_bls_verify(const char *identity, const uint8_t pubkey[KZG_G2_BYTES],
                    const uint8_t signature[KZG_G1_BYTES]);

/* The EIP-712 digest of the pubkeys (PoTPubkeys, sorted by numG1Powers then numG2Powers; reference
 * 3.1 item 6). */
void kzg_eip712_digest(const KzgSizes *sizes, const uint8_t (*pubkeys)[KZG_G2_BYTES],
                       uint8_t ret[32]);

/* The typed data as wallets take it (eth_signTypedData_v4), JSON; the caller frees. */
char *kzg_eip712_typed_data(const KzgSizes *sizes, const uint8_t (*pubkeys)[KZG_G2_BYTES],
                            CvkErr *err) MUST_USE;

/* Did the owner of `identity` ("eth|0x...") sign the pubkeys? Always false for other identities. */
bool kzg_ecdsa_verify(const char *identity, const KzgSizes *sizes,
                      const uint8_t (*pubkeys)[KZG_G2_BYTES],
                      const uint8_t signature[KZG_ECDSA_BYTES]);

/* Other names of a GitHub account that clients sign by ("git|1|@Login", as the specification writes
 * it, and "git|1|@login"): the first under which a BLS signature of *w verifies that does not for
 * `identity`; "" for none, and for other identities. Up to three checks a signature. */
void kzg_signed_as(const KzgWire *w, const char *identity, char *ret, size_t cap);

/* Removes from *w the signatures that do not verify for `identity`: BLS one by one (as the original
 * server does), ECDSA as above. ret_dropped_bls[i] and *ret_dropped_ecdsa say what went (may be
 * NULL). */
void kzg_prune_signatures(KzgWire *w, const KzgSizes *sizes, const char *identity,
                          bool *ret_dropped_bls, bool *ret_dropped_ecdsa);
