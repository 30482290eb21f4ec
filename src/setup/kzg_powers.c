#include "setup/kzg_powers.h"

#include "setup/kzg_check.h"
#include "setup/lowest_broken.h"

#include <assert.h>
#include <string.h>

Factors kzg_factors(const uint8_t seed[CVK_SEED_BYTES], KzgUse use, size_t sub, size_t part) {
    assert(sub < LIMIT_KZG_SUBS && part <= UINT32_MAX);
    Factors f = {.label = (uint64_t)use << 48 | (uint64_t)sub << 40 | (uint64_t)part};
    memcpy(f.seed, seed, CVK_SEED_BYTES);
    return f;
}

bool kzg_decode_one(const Group *g, const uint8_t *bytes, Element *ret, PointFault *ret_fault,
                    CvkErr *err) {
    _cleanup_(points_free_at) Points *one = NULL;
    /* A single point is tested by itself: the factors are not looked at, so zeros do. */
    const uint8_t no_seed[CVK_SEED_BYTES] = {0};
    Factors f = kzg_factors(no_seed, KZG_USE_POINT, 0, 0);
    PointReport report;
    if (!points_read(g, (PointReading){.form = FORM_ZCASH}, bytes, 1, &f, NULL, &one, NULL, &report,
                     err))
        return false;
    if (report.fault == POINT_OK)
        *ret = points_at(one, 0);
    else if (report.fault == POINT_INFINITY)
        *ret = element_infinity(g);
    *ret_fault = report.fault;
    return true;
}

bool kzg_pairings_equal(const PairingTerm *ab, const PairingTerm *cd, CvkPool *pool, bool *ret,
                        CvkErr *err) {
    PairingTerm terms[2] = {*ab, {element_neg(&cd->g1), cd->g2}};
    return pairing_product_is_one(curve_bls12_381(), terms, 2, pool, ret, err);
}

bool kzg_powers_count(const KzgPowersWire *wire, KzgSize size, size_t sub, KzgReport *report) {
    if (wire->n_g1 != size.n_g1)
        *report =
            (KzgReport){KZG_WRONG_NUM_G1, .sub = sub, .expected = size.n_g1, .got = wire->n_g1};
    else if (wire->n_g2 != size.n_g2)
        *report =
            (KzgReport){KZG_WRONG_NUM_G2, .sub = sub, .expected = size.n_g2, .got = wire->n_g2};
    else
        return true;
    return false;
}

static bool decode_side(const Group *g, const uint8_t *bytes, size_t n, const Factors *factors,
                        CvkPool *pool, Points **ret_points, Element *ret_sum, PointReport *point,
                        CvkErr *err) {
    if (!points_read(g, (PointReading){.form = FORM_ZCASH}, bytes, n, factors, pool, ret_points,
                     ret_sum, point, err))
        return false;
    if (point->fault == POINT_INFINITY)
        point->fault = POINT_OK; /* an infinite power decodes: its place says what it breaks */
    return true;
}

/* Power 1, also where it stands behind an infinite power 0. */
static bool power_one(const Points *p, const Group *g, const uint8_t *bytes, Element *ret,
                      CvkErr *err) {
    if (points_n(p) > 1) {
        *ret = points_at(p, 1);
        return true;
    }
    PointFault fault;
    if (!kzg_decode_one(g, bytes + form_bytes(g, FORM_ZCASH), ret, &fault, err))
        return false;
    assert(fault == POINT_OK || fault == POINT_INFINITY); /* points_read checked it */
    return true;
}

/* Decodes both vectors into *d; the report names the first fault. */
static bool decode_both(const KzgPowersWire *wire, CvkPool *pool, KzgDecoded *d, KzgReport *report,
                        CvkErr *err) {
    const Group *g1 = curve_g1(curve_bls12_381()), *g2 = curve_g2(curve_bls12_381());
    PointReport point;
    if (!decode_side(g1, wire->g1[0], d->n_g1, &d->g1_factors, pool, &d->powers->g1, &d->g1_sum,
                     &point, err))
        return false;
    if (point.fault != POINT_OK) {
        report->verdict = KZG_BAD_G1_POINT;
        report->index = point.index;
        report->point = point;
        return true;
    }
    if (!decode_side(g2, wire->g2[0], d->n_g2, &d->g2_factors, pool, &d->powers->g2, &d->g2_sum,
                     &point, err))
        return false;
    if (point.fault != POINT_OK) {
        report->verdict = KZG_BAD_G2_POINT;
        report->index = point.index;
        report->point = point;
        return true;
    }
    return power_one(d->powers->g1, g1, wire->g1[0], &d->g1_one, err) &&
           power_one(d->powers->g2, g2, wire->g2[0], &d->g2_one, err);
}

bool kzg_powers_decode(const KzgPowersWire *wire, const uint8_t seed[CVK_SEED_BYTES], size_t sub,
                       CvkPool *pool, KzgDecoded *ret, KzgReport *report, CvkErr *err) {
    assert(wire->n_g1 >= 2 && wire->n_g2 >= 2 && wire->n_g2 <= wire->n_g1);
    KzgDecoded d = {
        .n_g1 = wire->n_g1,
        .n_g2 = wire->n_g2,
        .g1_starts = memcmp(wire->g1[0], KZG_G1_GENERATOR, KZG_G1_BYTES) == 0,
        .g2_starts = memcmp(wire->g2[0], KZG_G2_GENERATOR, KZG_G2_BYTES) == 0,
        .g1_factors = kzg_factors(seed, KZG_USE_POWERS_G1, sub, 0),
        .g2_factors = kzg_factors(seed, KZG_USE_POWERS_G2, sub, 0),
        .powers = cvk_alloc(1, sizeof *d.powers, err),
    };
    KzgReport found = {.sub = sub};
    bool ok = d.powers != NULL && decode_both(wire, pool, &d, &found, err);
    if (ok && found.verdict == KZG_VALID)
        *ret = d;
    else
        kzg_decoded_done(&d);
    if (ok)
        *report = found;
    return ok;
}

void kzg_decoded_done(KzgDecoded *d) {
    d->powers = kzg_powers_free(d->powers);
}

typedef struct {
    const KzgDecoded *d;
    CvkPool *pool;
} PairCtx;

/* e(shifted, g2) = e(sum, G2[1]) */
static bool g1_step_holds(const KzgDecoded *d, const Element *sum, const Element *shifted,
                          CvkPool *pool, bool *ret, CvkErr *err) {
    const Element g2 = element_generator(curve_g2(curve_bls12_381()));
    return kzg_pairings_equal(&(PairingTerm){*shifted, g2}, &(PairingTerm){*sum, d->g2_one}, pool,
                              ret, err);
}

/* Relation i: G1[i+1] = tau * G1[i]. */
static bool g1_range_holds(void *ctx, size_t from, size_t n, bool *ret, CvkErr *err) {
    const PairCtx *c = ctx;
    const KzgDecoded *d = c->d;
    Element sum, shifted;
    return points_combine(d->powers->g1, from, n, &d->g1_factors, c->pool, &sum, err) &&
           points_combine(d->powers->g1, from + 1, n, &d->g1_factors, c->pool, &shifted, err) &&
           g1_step_holds(d, &sum, &shifted, c->pool, ret, err);
}

/* All the relations of the finite powers at once, of which decoding gave one of the two sums. */
static bool g1_all_hold(const PairCtx *c, size_t n_relations, bool *ret, CvkErr *err) {
    const KzgDecoded *d = c->d;
    Fr r = factors_at(curve_bls12_381(), &d->g1_factors, n_relations);
    Element last = points_at(d->powers->g1, n_relations);
    last = element_mul(&last, &r);
    last = element_neg(&last);
    Element sum = element_add(&d->g1_sum, &last), shifted;
    return points_combine(d->powers->g1, 1, n_relations, &d->g1_factors, c->pool, &shifted, err) &&
           g1_step_holds(d, &sum, &shifted, c->pool, ret, err);
}

/* *ret_broken: the lowest power at fault, or n_g1. */
static bool g1_lowest_fault(PairCtx *c, size_t *ret_broken, CvkErr *err) {
    const KzgDecoded *d = c->d;
    *ret_broken = 0;
    if (!d->g1_starts)
        return true;
    size_t n_finite = points_n(d->powers->g1); /* 1 at least: no relation, which holds */
    bool holds;
    if (!g1_all_hold(c, n_finite - 1, &holds, err))
        return false;
    *ret_broken = n_finite; /* n_g1, or the first infinite one */
    if (holds)
        return true;
    size_t relation;
    if (!lowest_broken(g1_range_holds, c, n_finite - 1, &relation, err))
        return false;
    *ret_broken = relation + 1;
    return true;
}

/* e(sum_g1, g2) = e(g1, sum_g2) */
static bool same_logarithm(const Element *sum_g1, const Element *sum_g2, CvkPool *pool, bool *ret,
                           CvkErr *err) {
    const Element g1 = element_generator(curve_g1(curve_bls12_381()));
    const Element g2 = element_generator(curve_g2(curve_bls12_381()));
    return kzg_pairings_equal(&(PairingTerm){*sum_g1, g2}, &(PairingTerm){g1, *sum_g2}, pool, ret,
                              err);
}

/* Relation i: G1[i] and G2[i] have one logarithm. */
static bool g2_range_holds(void *ctx, size_t from, size_t n, bool *ret, CvkErr *err) {
    const PairCtx *c = ctx;
    const KzgDecoded *d = c->d;
    Element sum_g1, sum_g2;
    return points_combine(d->powers->g1, from, n, &d->g2_factors, c->pool, &sum_g1, err) &&
           points_combine(d->powers->g2, from, n, &d->g2_factors, c->pool, &sum_g2, err) &&
           same_logarithm(&sum_g1, &sum_g2, c->pool, ret, err);
}

/* *ret_broken: the lowest power at fault, or n_g2. G1 is known to be right by now. */
static bool g2_lowest_fault(PairCtx *c, size_t *ret_broken, CvkErr *err) {
    const KzgDecoded *d = c->d;
    *ret_broken = 0;
    if (!d->g2_starts)
        return true;
    size_t n_finite = points_n(d->powers->g2);
    Element sum_g1;
    bool holds;
    if (!points_combine(d->powers->g1, 0, n_finite, &d->g2_factors, c->pool, &sum_g1, err) ||
        !same_logarithm(&sum_g1, &d->g2_sum, c->pool, &holds, err))
        return false;
    *ret_broken = n_finite;
    return holds || lowest_broken(g2_range_holds, c, n_finite, ret_broken, err);
}

bool kzg_powers_pair(const KzgDecoded *d, size_t sub, CvkPool *pool, KzgReport *report,
                     CvkErr *err) {
    PairCtx c = {d, pool};
    size_t broken;
    if (!g1_lowest_fault(&c, &broken, err))
        return false;
    if (broken < d->n_g1) {
        *report = (KzgReport){KZG_G1_PAIRING, .sub = sub, .index = broken};
        return true;
    }
    if (!g2_lowest_fault(&c, &broken, err))
        return false;
    *report = (KzgReport){.sub = sub};
    if (broken < d->n_g2)
        *report = (KzgReport){KZG_G2_PAIRING, .sub = sub, .index = broken};
    return true;
}

bool kzg_powers_check_sub(const KzgPowersWire *wire, KzgSize size,
                          const uint8_t seed[CVK_SEED_BYTES], size_t sub, CvkPool *pool,
                          KzgPowers **ret_powers, KzgReport *ret_report, CvkErr *err) {
    KzgReport report = {.sub = sub};
    KzgDecoded d = {0};
    if (!kzg_sizes_check(&(KzgSizes){1, {size}}, err))
        return false;
    if (kzg_powers_count(wire, size, sub, &report) &&
        (!kzg_powers_decode(wire, seed, sub, pool, &d, &report, err) ||
         (report.verdict == KZG_VALID && !kzg_powers_pair(&d, sub, pool, &report, err)))) {
        kzg_decoded_done(&d);
        return false;
    }
    if (ret_powers != NULL) {
        bool valid = report.verdict == KZG_VALID;
        *ret_powers = valid ? d.powers : NULL;
        d.powers = valid ? NULL : d.powers;
    }
    kzg_decoded_done(&d);
    *ret_report = report;
    return true;
}

bool kzg_powers_check(const KzgPowersWire *wire, KzgSize size, const uint8_t seed[CVK_SEED_BYTES],
                      CvkPool *pool, KzgPowers **ret_powers, KzgReport *ret_report, CvkErr *err) {
    return kzg_powers_check_sub(wire, size, seed, 0, pool, ret_powers, ret_report, err);
}

KzgPowers *kzg_powers_free(KzgPowers *p) {
    if (p != NULL) {
        points_free(p->g1);
        points_free(p->g2);
        free(p);
    }
    return NULL;
}
