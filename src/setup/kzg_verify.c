#include "setup/kzg_verify.h"

#include "setup/kzg_check.h"

#include <string.h>

void kzg_base_initial(const KzgSizes *sizes, KzgBase *ret) {
    *ret = (KzgBase){.sizes = *sizes};
    for (size_t i = 0; i < sizes->n; i++)
        memcpy(ret->product[i], KZG_G1_GENERATOR, KZG_G1_BYTES);
}

bool kzg_base_from_wire(const KzgWire *challenge, const KzgSizes *sizes, KzgBase *ret,
                        CvkErr *err) {
    KzgBase base = {.sizes = *sizes};
    if (!kzg_sizes_check(sizes, err))
        return false;
    if (challenge->n != sizes->n)
        return cvk_fail(err, CVK_EBADREQ, "kzg.base", "the challenge has %zu sub-setups, not %zu",
                        challenge->n, sizes->n);
    for (size_t i = 0; i < sizes->n; i++) {
        if (challenge->subs[i].powers.n_g1 != sizes->at[i].n_g1)
            return cvk_fail(err, CVK_EBADREQ, "kzg.base",
                            "sub-setup %zu of the challenge has %zu G1 powers, not %u", i,
                            challenge->subs[i].powers.n_g1, sizes->at[i].n_g1);
        memcpy(base.product[i], challenge->subs[i].powers.g1[1], KZG_G1_BYTES);
    }
    *ret = base;
    return true;
}

/* One verification; `base` is NULL where there is none to hold against. */
typedef struct {
    const KzgSizes *sizes;
    const KzgBase *base;
    const KzgWire *response;
    const uint8_t *seed;
    CvkPool *pool;
} Job;

static bool decode_pubkey(const uint8_t bytes[KZG_G2_BYTES], Element *ret, KzgReport *report,
                          CvkErr *err) {
    PointFault fault;
    if (!kzg_decode_one(curve_g2(curve_bls12_381()), bytes, ret, &fault, err))
        return false;
    if (fault == POINT_INFINITY)
        report->verdict = KZG_ZERO_PUBKEY;
    else if (fault != POINT_OK)
        report->verdict = KZG_BAD_PUBKEY_POINT;
    if (fault != POINT_OK)
        report->point.fault = fault;
    return true;
}

/* e(new G1[1], g2) = e(old G1[1], potPubkey) */
static bool check_key_pairing(const Job *job, size_t sub, const Element *g1_one,
                              const Element *pubkey, KzgReport *report, CvkErr *err) {
    const Curve *c = curve_bls12_381();
    Element old;
    PointFault fault;
    if (!kzg_decode_one(curve_g1(c), job->base->product[sub], &old, &fault, err))
        return false;
    if (fault != POINT_OK)
        return cvk_fail(err, CVK_EBADREQ, "kzg.base",
                        "power 1 of sub-setup %zu of the base is not a valid point", sub);
    bool equal; /* an infinite G1[1] cannot be: the other side is not one */
    if (!kzg_pairings_equal(&(PairingTerm){*g1_one, element_generator(curve_g2(c))},
                            &(PairingTerm){old, *pubkey}, job->pool, &equal, err))
        return false;
    if (!equal)
        report->verdict = KZG_PUBKEY_PAIRING;
    return true;
}

static void check_key_is_new(const Job *job, size_t sub, KzgReport *report) {
    const KzgSubWire *subs = job->response->subs;
    const uint8_t *pubkey = subs[sub].pubkey;
    if (memcmp(pubkey, KZG_G2_GENERATOR, KZG_G2_BYTES) == 0) {
        report->verdict = KZG_NO_ENTROPY;
        return;
    }
    bool seen = job->base != NULL && job->base->key_seen != NULL &&
                job->base->key_seen(job->base->ctx, pubkey);
    for (size_t i = 0; i < sub && !seen; i++)
        seen = memcmp(pubkey, subs[i].pubkey, KZG_G2_BYTES) == 0;
    if (seen)
        report->verdict = KZG_DUPLICATE_KEY;
}

/* The checks of one sub-setup after its powers are decoded, in their order; stops at a fault. */
static bool check_decoded(const Job *job, size_t sub, const KzgDecoded *d, KzgReport *report,
                          CvkErr *err) {
    Element pubkey;
    if (!decode_pubkey(job->response->subs[sub].pubkey, &pubkey, report, err))
        return false;
    if (report->verdict == KZG_VALID && job->base != NULL &&
        !check_key_pairing(job, sub, &d->g1_one, &pubkey, report, err))
        return false;
    if (report->verdict == KZG_VALID && !kzg_powers_pair(d, sub, job->pool, report, err))
        return false;
    if (report->verdict == KZG_VALID)
        check_key_is_new(job, sub, report);
    return true;
}

static bool check_sub(const Job *job, size_t sub, KzgReport *report, CvkErr *err) {
    KzgDecoded d;
    *report = (KzgReport){.sub = sub};
    if (!kzg_powers_decode(&job->response->subs[sub].powers, job->seed, sub, job->pool, &d, report,
                           err))
        return false;
    if (report->verdict != KZG_VALID)
        return true;
    bool ok = check_decoded(job, sub, &d, report, err);
    kzg_decoded_done(&d);
    return ok;
}

/* The cheap checks of the whole document come before any point is looked at. */
static bool count_all(const Job *job, KzgReport *report) {
    if (job->response->n != job->sizes->n) {
        *report =
            (KzgReport){KZG_WRONG_NUM_SUBS, .expected = job->sizes->n, .got = job->response->n};
        return false;
    }
    for (size_t i = 0; i < job->sizes->n; i++)
        if (!kzg_powers_count(&job->response->subs[i].powers, job->sizes->at[i], i, report))
            return false;
    return true;
}

/* Sub-setups one after the other, each spread over the pool: so the first fault found is the one to
 * report, and memory for one sub-setup is enough. */
static bool verify(const Job *job, KzgReport *ret_report, CvkErr *err) {
    KzgReport report = {0};
    if (!kzg_sizes_check(job->sizes, err))
        return false;
    if (count_all(job, &report))
        for (size_t i = 0; i < job->sizes->n && report.verdict == KZG_VALID; i++)
            if (!check_sub(job, i, &report, err))
                return false;
    if (report.verdict == KZG_VALID)
        report = (KzgReport){0};
    *ret_report = report;
    return true;
}

bool kzg_verify(const KzgBase *base, const KzgWire *response, const uint8_t seed[CVK_SEED_BYTES],
                CvkPool *pool, KzgReport *ret_report, CvkErr *err) {
    return verify(&(Job){&base->sizes, base, response, seed, pool}, ret_report, err);
}

bool kzg_verify_alone(const KzgSizes *sizes, const KzgWire *response,
                      const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool, KzgReport *ret_report,
                      CvkErr *err) {
    return verify(&(Job){sizes, NULL, response, seed, pool}, ret_report, err);
}

bool kzg_verify_challenge(const KzgSizes *sizes, const KzgWire *challenge,
                          const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool, KzgPowers **ret_powers,
                          KzgReport *ret_report, CvkErr *err) {
    KzgPowers *powers[LIMIT_KZG_SUBS] = {NULL};
    KzgReport report = {0};
    if (!kzg_sizes_check(sizes, err))
        return false;
    bool ok = true, go_on = count_all(&(Job){.sizes = sizes, .response = challenge}, &report);
    for (size_t i = 0; i < sizes->n && ok && go_on; i++) {
        ok = kzg_powers_check_sub(&challenge->subs[i].powers, sizes->at[i], seed, i, pool,
                                  &powers[i], &report, err);
        go_on = ok && report.verdict == KZG_VALID;
    }
    bool keep = go_on && ret_powers != NULL;
    for (size_t i = 0; i < sizes->n; i++) {
        if (keep)
            ret_powers[i] = powers[i];
        else
            kzg_powers_free(powers[i]);
    }
    if (go_on)
        report = (KzgReport){0};
    if (ok)
        *ret_report = report;
    return ok;
}
