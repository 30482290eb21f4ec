#include "setup/phase2_basis.h"

#include "base/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

DEFINE_CLEANUP(Points, points_free)

size_t phase2_basis_units(uint32_t n) {
    return n + (size_t)n * phase2_domain_power(n) / 2;
}

static bool root_of(const Curve *c, uint64_t n, Fr *ret, CvkErr *err) {
    return (n >= 2 && fr_root_of_unity(c, 2 * (size_t)n, ret)) ||
           cvk_fail(err, CVK_EBADREQ, "phase2.domain",
                    "the basis of H cannot be changed in a domain of %" PRIu64, n);
}

/* ret[i] = -2 w^i p[i] but for the last. There is nothing secret here: it is the function for
 * powers. */
static bool scale_tau(const Curve *c, const Points *p, const Fr *root, const Work *w, Points **ret,
                      CvkErr *err) {
    Fr two = fr_from_uint(c, 2);
    const PowersOf powers = {.first = fr_neg(c, &two), .x = *root};
    CvkMeterPart part;
    _cleanup_(points_free_at) Points *carried = points_part(p, 0, points_n(p) - 1, err);
    return carried != NULL && points_mul_secret(carried, &powers, w->pool,
                                                cvk_meter_part(&part, w->meter, 1), ret, err);
}

bool phase2_h_tau(const Phase2Key *lagrange, const Work *w, Points **ret, Verdict *verdict,
                  CvkErr *err) {
    const Curve *c = lagrange->header.curve;
    const Vector *h = &lagrange->v[PHASE2_H];
    _cleanup_(points_free_at) Points *p = NULL;
    CvkMeterPart part;
    Fr root;
    *ret = NULL;
    if (!root_of(c, h->n, &root, err) ||
        !vector_read(h, 0, (size_t)h->n, w, 0, &p, NULL, verdict, err))
        return false;
    return p == NULL || /* a verdict */
           (points_fft(p, FFT_FORWARD, w->pool, cvk_meter_part(&part, w->meter, 1), err) &&
            scale_tau(c, p, &root, w, ret, err));
}

/* Zeros behind the end of a source: they mean infinity. */
typedef struct {
    const CvkSource *bytes;
} Padded;

static bool padded_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    const CvkSource *bytes = ((const Padded *)ctx)->bytes;
    at -= bytes->from;
    uint64_t left = at < bytes->n ? bytes->n - at : 0;
    size_t real = n < left ? n : (size_t)left;
    memset((char *)ret + real, 0, n - real);
    return real == 0 || cvk_source_read(bytes, at, ret, real, err);
}

/* The factors -1/2 and w^-i, and the inverse transform's 1/n, are all part of one transform. */
static bool transform_back(const Curve *c, Points *p, const Fr *root, const Work *w, CvkErr *err) {
    const Fr shift = fr_inverse(c, root);
    Fr size = fr_from_uint(c, 2 * (uint64_t)points_n(p)), scale = fr_inverse(c, &size);
    const PointsFft how = {.points = p,
                           .n = points_n(p),
                           .count = 1,
                           .direction = FFT_INVERSE,
                           .scale = fr_neg(c, &scale),
                           .shifts = &shift};
    CvkMeterPart part;
    return points_fft_many(&how, 1, w->pool, cvk_meter_part(&part, w->meter, 1), err);
}

bool phase2_h_lagrange(const Phase2Key *tau, const Work *w, Points **ret, Verdict *verdict,
                       CvkErr *err) {
    const Curve *c = tau->header.curve;
    const Padded padded = {.bytes = &tau->v[PHASE2_H].bytes};
    Vector whole = tau->v[PHASE2_H];
    Fr root;
    whole.n++;
    whole.bytes.read = padded_read;
    whole.bytes.ctx = &padded;
    whole.bytes.n = whole.n * form_bytes(whole.group, whole.reading.form);
    *ret = NULL;
    if (!root_of(c, whole.n, &root, err) ||
        !vector_read(&whole, 0, (size_t)whole.n, w, 0, ret, NULL, verdict, err))
        return false;
    if (*ret == NULL || transform_back(c, *ret, &root, w, err))
        return true;
    *ret = points_free(*ret);
    return false;
}
