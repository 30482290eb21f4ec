#include "setup/kzg_contribute.h"

#include "base/alloc.h"
#include "base/secret.h"
#include "base/sha256.h"
#include "setup/kzg_secrets.h"

#include <assert.h>
#include <string.h>

#define KEYGEN_SALT "BLS-SIG-KEYGEN-SALT-"
#define KEYGEN_BYTES 48 /* ceil(1.5 * 255 / 8): so the bias of the reduction is below 2^-128 */
#define KEYGEN_IKM_MIN 32
#define RANDOM_BYTES 64 /* of the system's randomness, for each secret */
#define EXTRA_MAX 4096

/* Lies in memory from cvk_secret_alloc. */
struct KzgSecrets {
    size_t n;
    Fr at[LIMIT_KZG_SUBS];
};

const Fr *kzg_secrets_at(const KzgSecrets *s, size_t i) {
    assert(i < s->n);
    return &s->at[i];
}

size_t kzg_secrets_n(const KzgSecrets *s) {
    return s->n;
}

KzgSecrets *kzg_secrets_free(KzgSecrets *s) {
    return cvk_secret_free(s);
}

/* HKDF of RFC 5869 on SHA-256, as KeyGen uses it: no key_info, 48 bytes. */
typedef struct {
    uint8_t salt[32], prk[32];
    uint8_t block[32 + 3]; /* the block before || I2OSP(48, 2) || counter */
    uint8_t okm[64];
    uint8_t ikm[]; /* and a zero byte after it */
} KeyGen;

static void keygen_expand(KeyGen *k) {
    const uint8_t first[3] = {0, KEYGEN_BYTES, 1}, second[3] = {0, KEYGEN_BYTES, 2};
    cvk_hmac_sha256(k->prk, first, sizeof first, k->okm);
    memcpy(k->block, k->okm, 32);
    memcpy(k->block + 32, second, sizeof second);
    cvk_hmac_sha256(k->prk, k->block, sizeof k->block, k->okm + 32);
}

bool kzg_keygen(const uint8_t *ikm, size_t n, uint8_t ret_be[32], CvkErr *err) {
    if (n < KEYGEN_IKM_MIN || n > RANDOM_BYTES + EXTRA_MAX)
        return cvk_fail(err, CVK_EBADREQ, "kzg.secret",
                        "key material of %zu bytes: from %d to %d are needed", n, KEYGEN_IKM_MIN,
                        RANDOM_BYTES + EXTRA_MAX);
    _cleanup_secret_ KeyGen *k = cvk_secret_alloc(sizeof *k + n + 1, err);
    if (k == NULL)
        return false;
    const Curve *c = curve_bls12_381();
    static const uint8_t zero[32];
    memcpy(k->ikm, ikm, n); /* the byte after it stays zero */
    cvk_sha256(KEYGEN_SALT, strlen(KEYGEN_SALT), k->salt);
    do {
        cvk_hmac_sha256(k->salt, k->ikm, n + 1, k->prk);
        keygen_expand(k);
        Fr x = fr_from_be_reduced(c, k->okm, KEYGEN_BYTES);
        fr_to_be(c, &x, ret_be);
        cvk_wipe(&x, sizeof x);
        cvk_sha256(k->salt, sizeof k->salt, k->salt);
    } while (cvk_secret_equal(ret_be, zero, 32));
    return true;
}

/* Takes secret i from its bytes. False: out of range, or equal to one before it. */
static bool take_secret(KzgSecrets *s, const uint8_t (*be)[32], size_t i) {
    static const uint8_t zero[32], one[32] = {[31] = 1};
    bool fits = fr_from_be(curve_bls12_381(), be[i], &s->at[i]);
    fits &= !cvk_secret_equal(be[i], zero, 32);
    fits &= !cvk_secret_equal(be[i], one, 32);
    for (size_t k = 0; k < i; k++)
        fits &= !cvk_secret_equal(be[i], be[k], 32);
    return fits;
}

static KzgSecrets *secrets_alloc(size_t n, CvkErr *err) {
    if (n == 0 || n > LIMIT_KZG_SUBS) {
        cvk_fail(err, CVK_ELIMIT, "limit.count", "%zu secrets: from 1 to %d are possible", n,
                 LIMIT_KZG_SUBS);
        return NULL;
    }
    KzgSecrets *s = cvk_secret_alloc(sizeof *s, err);
    if (s != NULL)
        s->n = n;
    return s;
}

KzgSecrets *kzg_secrets_new(size_t n, const void *extra, size_t n_extra, CvkErr *err) {
    if (n_extra > EXTRA_MAX) {
        cvk_fail(err, CVK_ELIMIT, "limit.count", "more than %d bytes of extra entropy", EXTRA_MAX);
        return NULL;
    }
    KzgSecrets *s = secrets_alloc(n, err);
    _cleanup_secret_ uint8_t *ikm = cvk_secret_alloc(RANDOM_BYTES + n_extra, err);
    _cleanup_secret_ uint8_t(*be)[32] = cvk_secret_alloc(LIMIT_KZG_SUBS * sizeof *be, err);
    if (s == NULL || ikm == NULL || be == NULL)
        return kzg_secrets_free(s);
    if (n_extra != 0)
        memcpy(ikm + RANDOM_BYTES, extra, n_extra);
    for (size_t i = 0; i < n; i++)
        do {
            cvk_random(ikm, RANDOM_BYTES);
            if (!kzg_keygen(ikm, RANDOM_BYTES + n_extra, be[i], err))
                return kzg_secrets_free(s);
        } while (!take_secret(s, be, i)); /* refused with probability 2^-250 */
    return s;
}

KzgSecrets *kzg_secrets_from_be(const uint8_t (*be)[32], size_t n, CvkErr *err) {
    KzgSecrets *s = secrets_alloc(n, err);
    if (s == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!take_secret(s, be, i)) {
            cvk_fail(err, CVK_EBADREQ, "kzg.secret",
                     "secret %zu is 0, 1, not below the group order, or repeated", i);
            return kzg_secrets_free(s);
        }
    return s;
}
