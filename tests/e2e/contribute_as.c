/* The mathematics of a client that is emulated (clients/): `contribute_as IDENTITY KEYFILE` reads a
 * challenge on standard input and writes a contribution with fresh secrets, compact. Its BLS
 * signatures are over IDENTITY, whatever that says ("": none), its ECDSA signature is by the key
 * in the file, 64 hex digits ("": none). */
#include "algebra/eth_key.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/rng.h"
#include "format/kzg_json.h"
#include "setup/kzg_contribute.h"
#include "setup/kzg_sign.h"

#include <stdio.h>

typedef struct {
    KzgWire *challenge, *response;
    KzgPowers *powers[LIMIT_KZG_SUBS];
    KzgSecrets *secrets;
    KzgSizes sizes;
    KzgEcdsaWire ecdsa;
    CvkPool *pool;
} Work;

static bool check_powers(Work *w, CvkErr *err) {
    uint8_t seed[CVK_SEED_BYTES];
    cvk_random(seed, sizeof seed);
    w->sizes.n = w->challenge->n;
    for (size_t i = 0; i < w->sizes.n; i++) {
        const KzgPowersWire *p = &w->challenge->subs[i].powers;
        w->sizes.at[i] = (KzgSize){(uint32_t)p->n_g1, (uint32_t)p->n_g2};
        KzgReport report;
        if (!kzg_powers_check(p, w->sizes.at[i], seed, w->pool, &w->powers[i], &report, err))
            return false;
        if (w->powers[i] == NULL)
            return cvk_fail(err, CVK_EBADREQ, "challenge.invalid", "the challenge is not valid");
    }
    return true;
}

static bool sign_ecdsa(Work *w, const char *key_file, CvkErr *err) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_TEXT_FILE);
    uint8_t key[ETH_SECRET_BYTES], digest[32];
    uint8_t pubkeys[LIMIT_KZG_SUBS][KZG_G2_BYTES];
    if (key_file[0] == '\0')
        return true;
    if (!cvk_file_read(key_file, &b, err))
        return false;
    if (b.n < 2 * sizeof key || !cvk_hex_decode(b.data, sizeof key, key))
        return cvk_fail(err, CVK_EBADREQ, "key.file", "'%s' holds no key", key_file);
    if (!kzg_pubkeys(w->secrets, pubkeys, err))
        return false;
    kzg_eip712_digest(&w->sizes, (const uint8_t(*)[KZG_G2_BYTES])pubkeys, digest);
    w->ecdsa.present = true;
    return eth_sign(key, digest, w->ecdsa.bytes, err);
}

static bool contribute(Work *w, const char *identity, const char *key_file, CvkErr *err) {
    return (w->pool = cvk_pool_new(0, err)) != NULL &&
           kzg_contribution_read(json_from_file(stdin), LIMIT_CHALLENGE, &w->challenge, err) &&
           check_powers(w, err) && (w->secrets = kzg_secrets_new(w->sizes.n, "", 0, err)) != NULL &&
           sign_ecdsa(w, key_file, err) &&
           kzg_contribute(w->powers, w->sizes.n, w->secrets, identity[0] != '\0' ? identity : NULL,
                          &w->ecdsa, w->pool, (CvkProgress){0}, &w->response, err) &&
           kzg_contribution_write(json_to_file(stdout), w->response, 0, KZG_JSON_SIGNATURES, err);
}

static void done(Work *w) {
    kzg_wire_free(w->challenge);
    kzg_wire_free(w->response);
    kzg_secrets_free(w->secrets);
    for (size_t i = 0; i < w->sizes.n; i++)
        kzg_powers_free(w->powers[i]);
    cvk_pool_free(w->pool);
}

int main(int argc, char **argv) {
    Work w = {.pool = NULL};
    CvkErr err;
    if (argc != 3) {
        fputs("usage: contribute_as IDENTITY KEYFILE < challenge > contribution\n", stderr);
        return 2;
    }
    bool ok = contribute(&w, argv[1], argv[2], &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.msg);
    done(&w);
    return ok ? 0 : 1;
}
