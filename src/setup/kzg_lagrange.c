#include "setup/kzg_lagrange.h"

#include "setup/kzg_check.h"

#include <assert.h>
#include <string.h>

TrustedSetupWire *trusted_setup_wire_new(size_t n_g1, size_t n_g2, CvkErr *err) {
    TrustedSetupWire *t = cvk_alloc(1, sizeof *t, err);
    if (t == NULL)
        return NULL;
    t->n_g1 = n_g1;
    t->n_g2 = n_g2;
    t->g1_monomial = cvk_try_alloc(n_g1, KZG_G1_BYTES, LIMIT_KZG_G1_POWERS, err);
    if (t->g1_monomial != NULL)
        t->g1_lagrange = cvk_try_alloc(n_g1, KZG_G1_BYTES, LIMIT_KZG_G1_POWERS, err);
    if (t->g1_lagrange != NULL)
        t->g2_monomial = cvk_try_alloc(n_g2, KZG_G2_BYTES, LIMIT_KZG_G2_POWERS, err);
    return t->g2_monomial != NULL ? t : trusted_setup_wire_free(t);
}

TrustedSetupWire *trusted_setup_wire_free(TrustedSetupWire *t) {
    if (t != NULL) {
        free(t->g1_monomial);
        free(t->g1_lagrange);
        free(t->g2_monomial);
        free(t);
    }
    return NULL;
}

bool kzg_lagrange(const KzgPowers *p, CvkPool *pool, CvkProgress progress, TrustedSetupWire **ret,
                  CvkErr *err) {
    _cleanup_(points_free_at) Points *lagrange = NULL;
    if (!points_lagrange(p->g1, pool, progress, &lagrange, err))
        return false;
    TrustedSetupWire *t = trusted_setup_wire_new(points_n(p->g1), points_n(p->g2), err);
    if (t == NULL)
        return false;
    points_encode(p->g1, pool, t->g1_monomial[0]);
    points_encode(lagrange, pool, t->g1_lagrange[0]);
    points_encode(p->g2, pool, t->g2_monomial[0]);
    *ret = t;
    return true;
}

/* sum r_i L_i = sum c_j G1[j], with c the inverse FFT of r: since L is the inverse FFT of G1, and
 * that is a symmetric matrix. `sum` is the left side. */
static bool is_lagrange_form(const KzgPowers *powers, const Element *sum, const Factors *factors,
                             CvkPool *pool, bool *ret, CvkErr *err) {
    const Curve *c = curve_bls12_381();
    size_t n = points_n(powers->g1);
    _cleanup_free_ Fr *k = cvk_alloc(n, sizeof *k, err);
    if (k == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        k[i] = factors_at(c, factors, i);
    Element expected;
    if (!fr_inverse_fft(c, k, n, err) ||
        !points_combine_fr(powers->g1, 0, n, k, pool, &expected, err))
        return false;
    *ret = element_equal(sum, &expected);
    return true;
}

/* The lowest Lagrange point that is wrong, now that some are known to be. */
static bool lowest_wrong(const TrustedSetupWire *t, const KzgPowers *powers, CvkPool *pool,
                         size_t *ret, CvkErr *err) {
    TrustedSetupWire *right = NULL;
    CvkErr why;
    *ret = 0;
    if (!kzg_lagrange(powers, pool, (CvkProgress){0}, &right, &why)) {
        /* tau, not 1, is a root of unity: then L_0 is infinity, and the given one is not */
        if (why.code == CVK_EBADREQ)
            return true;
        if (err != NULL)
            *err = why;
        return false;
    }
    assert(right != NULL);
    /* NOLINTBEGIN(clang-analyzer-core.NonNullParamChecker): it loses track of what `right` holds */
    while (*ret + 1 < t->n_g1 &&
           memcmp(t->g1_lagrange[*ret], right->g1_lagrange[*ret], KZG_G1_BYTES) == 0)
        ++*ret;
    /* NOLINTEND(clang-analyzer-core.NonNullParamChecker) */
    trusted_setup_wire_free(right);
    return true;
}

static bool check_lagrange(const TrustedSetupWire *t, const KzgPowers *powers,
                           const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool,
                           TrustedSetupReport *report, CvkErr *err) {
    _cleanup_(points_free_at) Points *lagrange = NULL;
    Factors factors = kzg_factors(seed, KZG_USE_LAGRANGE, 0, 0);
    Element sum;
    PointReport point;
    if (!points_decode(curve_g1(curve_bls12_381()), t->g1_lagrange[0], t->n_g1, &factors, pool,
                       &lagrange, &sum, &point, err))
        return false;
    if (point.fault != POINT_OK) {
        report->verdict = TRUSTED_SETUP_BAD_LAGRANGE;
        report->index = point.index;
        report->point = point;
        return true;
    }
    bool right;
    if (!is_lagrange_form(powers, &sum, &factors, pool, &right, err))
        return false;
    if (right)
        return true;
    report->verdict = TRUSTED_SETUP_NOT_LAGRANGE;
    return lowest_wrong(t, powers, pool, &report->index, err);
}

bool kzg_trusted_setup_verify(const TrustedSetupWire *t, const uint8_t seed[CVK_SEED_BYTES],
                              CvkPool *pool, TrustedSetupReport *ret_report, CvkErr *err) {
    KzgPowersWire wire = {t->n_g1, t->n_g2, t->g1_monomial, t->g2_monomial};
    TrustedSetupReport report = {0};
    if (t->n_g1 > LIMIT_KZG_G1_POWERS || t->n_g2 > LIMIT_KZG_G2_POWERS ||
        !kzg_size_is_valid((KzgSize){(uint32_t)t->n_g1, (uint32_t)t->n_g2})) {
        *ret_report = (TrustedSetupReport){.verdict = TRUSTED_SETUP_WRONG_SIZE};
        return true;
    }
    _cleanup_(kzg_powers_free_at) KzgPowers *powers = NULL;
    if (!kzg_powers_check(&wire, (KzgSize){(uint32_t)t->n_g1, (uint32_t)t->n_g2}, seed, pool,
                          &powers, &report.powers, err))
        return false;
    if (powers == NULL)
        report.verdict = TRUSTED_SETUP_BAD_POWERS;
    else if (memcmp(t->g1_monomial[1], KZG_G1_GENERATOR, KZG_G1_BYTES) == 0)
        report.verdict = TRUSTED_SETUP_NO_ENTROPY;
    else if (!check_lagrange(t, powers, seed, pool, &report, err))
        return false;
    *ret_report = report;
    return true;
}
