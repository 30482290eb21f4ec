#include "setup/kzg_contribute.h"

#include "base/meter.h"
#include "setup/kzg_check.h"
#include "setup/kzg_secrets.h"
#include "setup/kzg_sign.h"

#include <string.h>

#define G2_WEIGHT 2 /* multiplying a G2 point takes twice as long as a G1 point */

bool kzg_pubkeys(const KzgSecrets *s, uint8_t (*ret)[KZG_G2_BYTES], CvkErr *err) {
    (void)err; /* nothing here can fail: the interface leaves room for back ends in which it can */
    const Element g2 = element_generator(curve_g2(curve_bls12_381()));
    for (size_t i = 0; i < kzg_secrets_n(s); i++) {
        Element key = element_mul_secret(&g2, kzg_secrets_at(s, i));
        element_write(&key, FORM_ZCASH, ret[i]);
    }
    return true;
}

bool kzg_bls_sign(const KzgSecrets *s, const char *identity, KzgBlsWire *ret, CvkErr *err) {
    (void)err;
    const Element h =
        element_hash_to_g1(curve_bls12_381(), identity, strlen(identity), KZG_BLS_DST);
    for (size_t i = 0; i < kzg_secrets_n(s); i++) {
        Element signature = element_mul_secret(&h, kzg_secrets_at(s, i));
        ret[i].present = true;
        element_write(&signature, FORM_ZCASH, ret[i].bytes);
    }
    return true;
}

static bool multiply(const Points *p, const Fr *x, CvkPool *pool, CvkMeter *meter, size_t weight,
                     uint8_t *ret_bytes, CvkErr *err) {
    _cleanup_(points_free_at) Points *product = NULL;
    CvkMeterPart part;
    const PowersOf powers = {.first = fr_from_uint(curve_bls12_381(), 1), .x = *x};
    if (!points_mul_secret(p, &powers, pool, cvk_meter_part(&part, meter, weight), &product, err))
        return false;
    points_write(product, 0, points_n(product), FORM_ZCASH, pool, ret_bytes);
    return true;
}

static bool contribute_sub(const KzgPowers *old, const Fr *x, CvkPool *pool, CvkMeter *meter,
                           KzgPowersWire *ret, CvkErr *err) {
    return kzg_powers_wire_alloc(ret, points_n(old->g1), points_n(old->g2), err) &&
           multiply(old->g1, x, pool, meter, 1, ret->g1[0], err) &&
           multiply(old->g2, x, pool, meter, G2_WEIGHT, ret->g2[0], err);
}

/* Keys and signatures, which do not depend on the powers. */
static bool sign_all(KzgWire *w, const KzgSecrets *s, const char *identity,
                     const KzgEcdsaWire *ecdsa, CvkErr *err) {
    uint8_t pubkeys[LIMIT_KZG_SUBS][KZG_G2_BYTES];
    KzgBlsWire bls[LIMIT_KZG_SUBS] = {0};
    if (!kzg_pubkeys(s, pubkeys, err) || (identity != NULL && !kzg_bls_sign(s, identity, bls, err)))
        return false;
    for (size_t i = 0; i < w->n; i++) {
        memcpy(w->subs[i].pubkey, pubkeys[i], KZG_G2_BYTES);
        w->subs[i].bls = bls[i];
    }
    if (ecdsa != NULL)
        w->ecdsa = *ecdsa;
    return true;
}

bool kzg_contribute(KzgPowers *const *powers, size_t n, const KzgSecrets *s, const char *identity,
                    const KzgEcdsaWire *ecdsa, CvkPool *pool, CvkProgress progress, KzgWire **ret,
                    CvkErr *err) {
    if (n != kzg_secrets_n(s))
        return cvk_fail(err, CVK_EBADREQ, "kzg.secret", "%zu secrets for %zu sub-setups",
                        kzg_secrets_n(s), n);
    KzgWire *w = kzg_wire_new(n, err);
    if (w == NULL)
        return false;
    size_t units = 0;
    for (size_t i = 0; i < n; i++)
        units += points_n(powers[i]->g1) + G2_WEIGHT * points_n(powers[i]->g2);
    CvkMeter meter;
    cvk_meter_init(&meter, progress, units);
    bool ok = sign_all(w, s, identity, ecdsa, err);
    for (size_t i = 0; i < n && ok; i++)
        ok = contribute_sub(powers[i], kzg_secrets_at(s, i), pool, &meter, &w->subs[i].powers, err);
    cvk_meter_done(&meter);
    if (!ok) {
        kzg_wire_free(w);
        return false;
    }
    *ret = w;
    return true;
}
