#include "setup/kzg_lagrange.h"

#include "setup/kzg_check.h"
#include "setup/lowest_broken.h"

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

/* The n-th root of unity of KZG setups comes from 7, that of our transforms from another number:
 * the two have the same powers in another order. *ret: which power of ours theirs is. */
#define KZG_NONSQUARE 7

static bool order_of(size_t n, size_t *ret) {
    const Curve *c = curve_bls12_381();
    Fr ours, theirs, power = fr_from_uint(c, 1);
    if (!fr_root_of_unity(c, n, &ours) || !fr_root_of_unity_from(c, KZG_NONSQUARE, n, &theirs))
        return false;
    for (*ret = 0; !fr_equal(&power, &theirs); ++*ret)
        power = fr_mul(c, &power, &ours);
    return true;
}

/* Point i of the setup is point i * order of ours. */
static bool write_lagrange(const Points *lagrange, CvkPool *pool, uint8_t (*ret)[KZG_G1_BYTES],
                           CvkErr *err) {
    size_t n = points_n(lagrange), order;
    _cleanup_free_ uint8_t *ours = cvk_alloc(n, KZG_G1_BYTES, err);
    if (ours == NULL)
        return false;
    points_write(lagrange, 0, n, FORM_ZCASH, pool, ours);
    bool found = order_of(n, &order);
    assert(found && ret != NULL); /* such a transform was made; there is room for it */
    for (size_t i = 0; i < n; i++)
        memcpy(ret[i], ours + i * order % n * KZG_G1_BYTES, KZG_G1_BYTES);
    return true;
}

bool kzg_lagrange(const KzgPowers *p, CvkPool *pool, CvkProgress progress, TrustedSetupWire **ret,
                  CvkErr *err) {
    _cleanup_(points_free_at) Points *lagrange = NULL;
    size_t n_g1 = points_n(p->g1), n_g2 = points_n(p->g2);
    lagrange = points_part(p->g1, 0, n_g1, err);
    if (lagrange == NULL || !points_fft(lagrange, FFT_INVERSE, pool, progress, err))
        return false;
    if (points_any_infinite(lagrange))
        return cvk_fail(err, CVK_EBADREQ, "point.infinity",
                        "the secret of these powers is a root of unity");
    TrustedSetupWire *t = trusted_setup_wire_new(n_g1, n_g2, err);
    if (t == NULL)
        return false;
    points_write(p->g1, 0, n_g1, FORM_ZCASH, pool, t->g1_monomial[0]);
    points_write(p->g2, 0, n_g2, FORM_ZCASH, pool, t->g2_monomial[0]);
    if (!write_lagrange(lagrange, pool, t->g1_lagrange, err)) {
        trusted_setup_wire_free(t);
        return false;
    }
    *ret = t;
    return true;
}

/* What the points L of `lagrange` are held against. */
typedef struct {
    const Points *g1, *lagrange;
    Factors factors;
    CvkPool *pool;
} Lagrange;

/* sum r_i L_i = sum c_j G1[j] over the L_i of [from, from + n), with c the inverse FFT of their r_i
 * (0 elsewhere): since L should be the inverse FFT of G1, and that is a symmetric matrix. `sum` is
 * the left side. */
static bool sum_is_right(const Lagrange *l, const Element *sum, size_t from, size_t n, bool *ret,
                         CvkErr *err) {
    const Curve *c = curve_bls12_381();
    size_t n_all = points_n(l->g1), order;
    if (!order_of(n_all, &order))
        return cvk_fail(err, CVK_EBADREQ, "fft.size", "no Lagrange basis has %zu points", n_all);
    _cleanup_free_ Fr *k = cvk_alloc(n_all, sizeof *k, err);
    if (k == NULL)
        return false;
    const Fr zero = fr_from_uint(c, 0);
    for (size_t i = 0; i < n_all; i++)
        k[i * order % n_all] =
            i < from || i >= from + n ? zero : factors_at(c, &l->factors, i - from);
    Element expected;
    if (!fr_fft(c, FFT_INVERSE, k, n_all, l->pool, err) ||
        !points_combine_fr(l->g1, 0, n_all, k, l->pool, &expected, err))
        return false;
    *ret = element_equal(sum, &expected);
    return true;
}

static bool range_is_right(void *ctx, size_t from, size_t n, bool *ret, CvkErr *err) {
    const Lagrange *l = ctx;
    Element sum;
    return points_combine(l->lagrange, from, n, &l->factors, l->pool, &sum, err) &&
           sum_is_right(l, &sum, from, n, ret, err);
}

static bool check_lagrange(const TrustedSetupWire *t, const KzgPowers *powers,
                           const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool,
                           TrustedSetupReport *report, CvkErr *err) {
    _cleanup_(points_free_at) Points *lagrange = NULL;
    Factors factors = kzg_factors(seed, KZG_USE_LAGRANGE, 0, 0);
    Element sum;
    PointReport point;
    if (!points_read(curve_g1(curve_bls12_381()), (PointReading){.form = FORM_ZCASH},
                     t->g1_lagrange[0], t->n_g1, &factors, pool, &lagrange, &sum, &point, err))
        return false;
    if (point.fault != POINT_OK) {
        report->verdict = TRUSTED_SETUP_BAD_LAGRANGE;
        report->index = point.index;
        report->point = point;
        return true;
    }
    bool right;
    Lagrange l = {powers->g1, lagrange, factors, pool};
    if (!sum_is_right(&l, &sum, 0, t->n_g1, &right, err))
        return false;
    if (right)
        return true;
    report->verdict = TRUSTED_SETUP_NOT_LAGRANGE;
    return lowest_broken(range_is_right, &l, t->n_g1, &report->index, err);
}

static bool size_is_right(const TrustedSetupWire *t, const KzgSizes *sizes) {
    if (t->n_g1 > LIMIT_KZG_G1_POWERS || t->n_g2 > LIMIT_KZG_G2_POWERS)
        return false;
    KzgSize size = {(uint32_t)t->n_g1, (uint32_t)t->n_g2};
    bool listed = sizes == NULL;
    for (size_t i = 0; !listed && i < sizes->n; i++)
        listed = sizes->at[i].n_g1 == size.n_g1 && sizes->at[i].n_g2 == size.n_g2;
    return listed && kzg_size_is_valid(size);
}

bool kzg_trusted_setup_verify(const TrustedSetupWire *t, const KzgSizes *sizes,
                              const uint8_t seed[CVK_SEED_BYTES], CvkPool *pool,
                              TrustedSetupReport *ret_report, CvkErr *err) {
    KzgPowersWire wire = {t->n_g1, t->n_g2, t->g1_monomial, t->g2_monomial};
    TrustedSetupReport report = {0};
    if (!size_is_right(t, sizes)) {
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
