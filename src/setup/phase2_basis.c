#include "setup/phase2_basis.h"

#include "base/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

DEFINE_CLEANUP(Points, points_free)

static unsigned power_of(size_t n) {
    unsigned p = 0;
    while ((size_t)1 << p < n)
        p++;
    return p;
}

size_t phase2_basis_units(uint32_t n) {
    return n + (size_t)n * power_of(n) / 2;
}

/* ret[i] = factor * x^i * p[i]. There is nothing secret here: it is the function for powers. */
static bool scale(const Points *p, const Fr *factor, const Fr *x, const Work *w, Points **ret,
                  CvkErr *err) {
    const PowersOf powers = {.first = *factor, .x = *x};
    CvkMeterPart part;
    return points_mul_secret(p, &powers, w->pool, cvk_meter_part(&part, w->meter, 1), ret, err);
}

static bool transform(Points *p, FftDirection direction, const Work *w, CvkErr *err) {
    CvkMeterPart part;
    return points_fft(p, direction, w->pool, cvk_meter_part(&part, w->meter, 1), err);
}

static bool root_of(const Curve *c, uint64_t n, Fr *ret, CvkErr *err) {
    return fr_root_of_unity(c, 2 * (size_t)n, ret) ||
           cvk_fail(err, CVK_EBADREQ, "phase2.domain",
                    "a domain of %" PRIu64 " is too large to change the basis of H", n);
}

bool phase2_h_tau(const Phase2Key *lagrange, const Work *w, Points **ret, Verdict *verdict,
                  CvkErr *err) {
    const Curve *c = lagrange->header.curve;
    const Vector *h = &lagrange->v[PHASE2_H];
    _cleanup_(points_free_at) Points *p = NULL;
    Fr root, two = fr_from_uint(c, 2), factor = fr_neg(c, &two);
    *ret = NULL;
    if (!root_of(c, h->n, &root, err) ||
        !vector_read(h, 0, (size_t)h->n, w, 0, &p, NULL, verdict, err))
        return false;
    if (p == NULL)
        return true;
    if (!transform(p, FFT_FORWARD, w, err) || !scale(p, &factor, &root, w, ret, err))
        return false;
    Element last = points_at(*ret, points_n(*ret) - 1);
    if (!element_is_infinity(&last)) {
        verdict_refuse(verdict, "zkey.h.basis",
                       "H is not of powers of tau: it has a part of too high a degree");
        *ret = points_free(*ret);
    }
    return true;
}

/* Zeros behind the end of a source: they mean infinity. */
typedef struct {
    const CvkSource *bytes;
} Padded;

static bool padded_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    const CvkSource *bytes = ((const Padded *)ctx)->bytes;
    uint64_t left = at < bytes->n ? bytes->n - at : 0;
    size_t real = n < left ? n : (size_t)left;
    memset((char *)ret + real, 0, n - real);
    return real == 0 || cvk_source_read(bytes, at, ret, real, err);
}

bool phase2_h_lagrange(const Phase2Key *tau, const Work *w, Points **ret, Verdict *verdict,
                       CvkErr *err) {
    const Curve *c = tau->header.curve;
    const Padded padded = {.bytes = &tau->v[PHASE2_H].bytes};
    Vector whole = tau->v[PHASE2_H];
    whole.n++;
    whole.bytes = (CvkSource){.read = padded_read,
                              .ctx = &padded,
                              .n = whole.n * form_bytes(whole.group, whole.reading.form)};
    _cleanup_(points_free_at) Points *p = NULL;
    Fr root, two = fr_from_uint(c, 2), half = fr_inverse(c, &two), factor = fr_neg(c, &half);
    *ret = NULL;
    if (!root_of(c, whole.n, &root, err) ||
        !vector_read(&whole, 0, (size_t)whole.n, w, 0, &p, NULL, verdict, err))
        return false;
    if (p == NULL)
        return true;
    root = fr_inverse(c, &root);
    if (!scale(p, &factor, &root, w, ret, err))
        return false;
    if (transform(*ret, FFT_INVERSE, w, err))
        return true;
    *ret = points_free(*ret);
    return false;
}
