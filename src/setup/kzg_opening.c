#include "setup/kzg_opening.h"

#include "base/alloc.h"

#include <string.h>

static const char label[] = "convoke-kzg-opening";
#define LABEL_BYTES (sizeof label - 1)

bool kzg_opening_powers(const TrustedSetupWire *t, CvkPool *pool, KzgPowers **ret, CvkErr *err) {
    const KzgPowersWire wire = {
        .n_g1 = t->n_g1, .n_g2 = t->n_g2, .g1 = t->g1_monomial, .g2 = t->g2_monomial};
    const KzgSize size = {.n_g1 = (uint32_t)t->n_g1, .n_g2 = (uint32_t)t->n_g2};
    uint8_t seed[CVK_SEED_BYTES];
    KzgReport report;
    cvk_random(seed, sizeof seed);
    if (!kzg_powers_check(&wire, size, seed, pool, ret, &report, err))
        return false;
    return report.verdict == KZG_VALID ||
           cvk_fail(err, CVK_EBADREQ, "kzg.setup", "these are no powers of one tau");
}

bool kzg_polynomial_read(const uint8_t *bytes, size_t n, KzgPolynomial **ret, CvkErr *err) {
    const Curve *c = curve_bls12_381();
    size_t count = n / FR_BYTES;
    if (n == 0 || n % FR_BYTES != 0)
        return cvk_fail(err, CVK_EBADREQ, "kzg.polynomial",
                        "%zu bytes are no polynomial: it has %d for each coefficient", n, FR_BYTES);
    if (count > LIMIT_KZG_G1_POWERS)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "a polynomial has at most %u coefficients",
                        LIMIT_KZG_G1_POWERS);
    KzgPolynomial *f = cvk_alloc(1, sizeof *f + count * sizeof f->coefficient[0], err);
    if (f == NULL)
        return false;
    f->n = count;
    for (size_t i = 0; i < count; i++) {
        if (!fr_from_be(c, bytes + i * FR_BYTES, &f->coefficient[i])) {
            free(f);
            return cvk_fail(err, CVK_EBADREQ, "kzg.polynomial",
                            "coefficient %zu is not below the order of the groups", i);
        }
    }
    *ret = f;
    return true;
}

/* f = q (X - z) + y: q[i] is what is left of f from i + 1 on, at z. `q` (f->n - 1 numbers) may be
 * NULL. */
static Fr divide(const KzgPolynomial *f, const Fr *z, Fr *q) {
    const Curve *c = curve_bls12_381();
    Fr rest = f->coefficient[f->n - 1];
    for (size_t i = f->n - 1; i > 0; i--) {
        if (q != NULL)
            q[i - 1] = rest;
        Fr shifted = fr_mul(c, &rest, z);
        rest = fr_add(c, &f->coefficient[i - 1], &shifted);
    }
    return rest;
}

Fr kzg_polynomial_value(const KzgPolynomial *f, const Fr *z) {
    return divide(f, z, NULL);
}

static bool commit(const Fr *coefficients, size_t n, const KzgPowers *p, CvkPool *pool,
                   Element *ret, CvkErr *err) {
    if (n > points_n(p->g1))
        return cvk_fail(err, CVK_EBADREQ, "kzg.degree",
                        "a polynomial of %zu coefficients, and only %zu powers", n,
                        points_n(p->g1));
    return points_combine_fr(p->g1, 0, n, coefficients, pool, ret, err);
}

bool kzg_commit(const KzgPolynomial *f, const KzgPowers *p, CvkPool *pool, Element *ret,
                CvkErr *err) {
    return commit(f->coefficient, f->n, p, pool, ret, err);
}

Fr kzg_opening_point(const uint8_t batch_sha256[SHA256_BYTES], const Element *commitment) {
    uint8_t text[LABEL_BYTES + SHA256_BYTES + KZG_G1_BYTES], wide[2 * SHA256_BYTES];
    memcpy(text, label, LABEL_BYTES);
    memcpy(text + LABEL_BYTES, batch_sha256, SHA256_BYTES);
    element_write(commitment, FORM_ZCASH, text + LABEL_BYTES + SHA256_BYTES);
    cvk_sha256_tagged(0, text, sizeof text, wide);
    cvk_sha256_tagged(1, text, sizeof text, wide + SHA256_BYTES);
    return fr_from_be_reduced(curve_bls12_381(), wide, sizeof wide);
}

bool kzg_open(const KzgPolynomial *f, const Fr *z, const KzgPowers *p, CvkPool *pool,
              KzgOpening *ret, CvkErr *err) {
    _cleanup_free_ Fr *q = cvk_alloc(f->n, sizeof *q, err);
    if (q == NULL)
        return false;
    Fr y = divide(f, z, q);
    if (!commit(q, f->n - 1, p, pool, &ret->w, err))
        return false;
    ret->y = y;
    return true;
}

bool kzg_opening_verify(const KzgOpening *o, const Element *commitment, const Fr *z,
                        const Element *tau_g2, CvkPool *pool, bool *ret_holds, CvkErr *err) {
    const Curve *c = curve_bls12_381();
    const Element g1 = element_generator(curve_g1(c));
    const Fr minus_y = fr_neg(c, &o->y);
    const Element value = element_mul(&g1, &minus_y), shift = element_mul(&o->w, z);
    Element left = element_add(commitment, &value);
    left = element_add(&left, &shift);
    const PairingTerm terms[] = {{left, element_generator(curve_g2(c))},
                                 {element_neg(&o->w), *tau_g2}};
    return pairing_product_is_one(c, terms, sizeof terms / sizeof *terms, pool, ret_holds, err);
}

void kzg_opening_write(const KzgOpening *o, uint8_t ret[KZG_OPENING_BYTES]) {
    fr_to_be(curve_bls12_381(), &o->y, ret);
    element_write(&o->w, FORM_ZCASH, ret + FR_BYTES);
}

bool kzg_opening_read(const uint8_t *bytes, size_t n, KzgOpening *ret, CvkErr *err) {
    const Curve *c = curve_bls12_381();
    const PointReading reading = {.form = FORM_ZCASH, .infinity = true};
    KzgOpening o;
    if (n != KZG_OPENING_BYTES)
        return cvk_fail(err, CVK_EBADREQ, "kzg.opening", "an opening is %d bytes, not %zu",
                        KZG_OPENING_BYTES, n);
    if (!fr_from_be(c, bytes, &o.y))
        return cvk_fail(err, CVK_EBADREQ, "kzg.opening", "y is not below the order of the groups");
    PointFault fault = element_read(curve_g1(c), reading, bytes + FR_BYTES, &o.w);
    if (fault != POINT_OK)
        return cvk_fail(err, CVK_EBADREQ, "kzg.opening", "W %s", point_fault_text(fault));
    *ret = o;
    return true;
}
