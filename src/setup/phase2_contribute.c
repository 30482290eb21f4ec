#include "setup/phase2_contribute.h"

#include "base/secret.h"
#include "setup/phase2_chain.h"
#include "setup/phase2_check.h"

/* All in one guarded allocation. */
typedef struct Phase2Secrets {
    Fr d, blind, blinded;
    PowersOf factor; /* of the vectors' points: 1/d, for all the same */
    uint8_t random[64];
} Secrets;

/* 1/d, where fr_inverse takes variable time: of d times a random number it may. */
static void invert(const Curve *c, Secrets *s) {
    cvk_random(s->random, sizeof s->random);
    s->blind = fr_from_be_reduced(c, s->random, sizeof s->random);
    s->blinded = fr_mul(c, &s->d, &s->blind);
    s->blinded = fr_inverse(c, &s->blinded);
    s->factor.first = fr_mul(c, &s->blinded, &s->blind);
    s->factor.x = fr_from_uint(c, 1);
}

static bool draw_secret(const Curve *c, Draw *draw, Secrets *s, CvkErr *err) {
    const Fr zero = fr_from_uint(c, 0), one = fr_from_uint(c, 1);
    s->d = draw_fr(c, draw);
    if (cvk_secret_equal(&s->d, &zero, sizeof zero) || cvk_secret_equal(&s->d, &one, sizeof one))
        return cvk_fail(err, CVK_EINTERNAL, "zkey.secret",
                        "the secret that was drawn hides nothing: try again");
    invert(c, s);
    return true;
}

static Phase2Contribution contribution_of(const Phase2Key *old, const Secrets *s, Draw *draw,
                                          const ContributionParams *params) {
    const Curve *curve = old->header.curve;
    Phase2Chain chain = phase2_chain(old->circuit_hash);
    Phase2Contribution c = {.params = *params};
    for (uint32_t i = 0; i < old->contributions_n; i++)
        phase2_chain_add(&chain, &old->contributions[i]);
    c.g1_s = draw_element(curve_g1(curve), draw);
    c.g1_sx = element_mul_secret(&c.g1_s, &s->d);
    c.delta_after = element_mul_secret(&old->header.delta_g1, &s->d);
    phase2_chain_transcript(&chain, &c.g1_s, &c.g1_sx, c.transcript);
    Element hashed = draw_hash_to_g2(curve, c.transcript);
    c.g2_spx = element_mul_secret(&hashed, &s->d);
    return c;
}

bool phase2_contribute(const Phase2Key *old, Draw *draw, const ContributionParams *params,
                       Phase2Step *ret, CvkErr *err) {
    const Element delta = phase2_delta_after(old, old->contributions_n);
    if (!element_equal(&delta, &old->header.delta_g1))
        return cvk_fail(err, CVK_EBADREQ, "zkey.delta",
                        "delta in G1 is not what the last contribution says") ||
               cvk_fail_named(err, old->v[PHASE2_L].bytes.file);
    Secrets *s = cvk_secret_alloc(sizeof *s, err);
    if (s == NULL || !draw_secret(old->header.curve, draw, s, err)) {
        cvk_secret_free(s);
        return false;
    }
    *ret = (Phase2Step){.header = old->header, .secrets = s};
    ret->contribution = contribution_of(old, s, draw, params);
    ret->header.delta_g1 = ret->contribution.delta_after;
    ret->header.delta_g2 = element_mul_secret(&old->header.delta_g2, &s->d);
    cvk_wipe_stack();
    return true;
}

void phase2_step_done(Phase2Step *s) {
    cvk_secret_free(s->secrets);
    s->secrets = NULL;
}

static bool scale_block(const Phase2Step *s, const Vector *old, uint64_t from, size_t n,
                        const Work *w, const CvkSink *to, CvkErr *err) {
    const size_t each = form_bytes(old->group, old->reading.form);
    _cleanup_(points_free_at) Points *points = NULL, *product = NULL;
    CvkMeterPart part;
    if (!vector_read_good(old, from, n, w, phase2_label(PHASE2_USE_POWERS, 0), &points, NULL,
                          err) ||
        !points_mul_secret(points, &s->secrets->factor, w->pool, cvk_meter_part(&part, w->meter, 1),
                           &product, err))
        return false;
    points = points_free(points);
    _cleanup_free_ uint8_t *bytes = cvk_alloc(n, each, err);
    if (bytes == NULL)
        return false;
    points_write(product, 0, n, old->reading.form, w->pool, bytes);
    return cvk_sink_write(to, bytes, n * each, err);
}

bool phase2_scale(const Phase2Step *s, const Vector *old, const Work *w, const CvkSink *to,
                  CvkErr *err) {
    const size_t block = work_block(w, old->group, 1);
    for (uint64_t at = 0; at < old->n; at += block) {
        const size_t n = old->n - at < block ? (size_t)(old->n - at) : block;
        if (!scale_block(s, old, at, n, w, to, err))
            return false;
    }
    return true;
}
