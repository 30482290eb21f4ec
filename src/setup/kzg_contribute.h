/* A contributor's side: secrets, their public keys and signatures (before the turn), and the
 * response (during it). Constant time in the secrets; they live in guarded memory and are wiped. */
#pragma once

#include "base/progress.h"
#include "setup/kzg_powers.h"
#include "setup/kzg_wire.h"

/* One secret a sub-setup, each uniform in (1, r), all different. */
typedef struct KzgSecrets KzgSecrets;

/* From the system's randomness, through the KeyGen of draft-irtf-cfrg-bls-signature (hashed salt),
 * mixed with `extra` (any length, may be empty: words a person typed), which can only add. */
KzgSecrets *kzg_secrets_new(size_t n, const void *extra, size_t n_extra, CvkErr *err) MUST_USE;
/* Fixed secrets for vectors and tests, big endian. False id "kzg.secret": 0, 1, not below r,
 * repeated. */
KzgSecrets *kzg_secrets_from_be(const uint8_t (*be)[32], size_t n, CvkErr *err) MUST_USE;
KzgSecrets *kzg_secrets_free(KzgSecrets *s); /* wipes; NULL is fine; returns NULL */
size_t kzg_secrets_n(const KzgSecrets *s);

/* KeyGen alone (reference 3.1): ikm of at least 32 bytes. */
bool kzg_keygen(const uint8_t *ikm, size_t n, uint8_t ret_be[32], CvkErr *err) MUST_USE;

/* potPubkey = secret * g2, for each sub-setup: needs no challenge, so do it before the turn. */
bool kzg_pubkeys(const KzgSecrets *s, uint8_t (*ret)[KZG_G2_BYTES], CvkErr *err) MUST_USE;

/* secret * H(identity), for each sub-setup. */
bool kzg_bls_sign(const KzgSecrets *s, const char *identity, KzgBlsWire *ret, CvkErr *err) MUST_USE;

/* The response: powers[i] times the powers of secret i, pubkeys; BLS signatures over `identity`
 * unless it is NULL; ecdsa as given (may be NULL: absent). `powers` are n checked sub-setups. */
bool kzg_contribute(KzgPowers *const *powers, size_t n, const KzgSecrets *s, const char *identity,
                    const KzgEcdsaWire *ecdsa, CvkPool *pool, CvkProgress progress, KzgWire **ret,
                    CvkErr *err) MUST_USE;
