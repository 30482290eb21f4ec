#include "base/secret.h"
#include "setup/phase1_private.h"

#include <assert.h>

/* The key that a vector is multiplied by once; PHASE1_KEYS: by none. */
static Phase1Key factor_of(Phase1Vector which) {
    switch (which) {
    case PHASE1_ALPHA_G1:
        return KEY_ALPHA;
    case PHASE1_BETA_G1:
    case PHASE1_BETA_G2:
        return KEY_BETA;
    case PHASE1_TAU_G1:
    case PHASE1_TAU_G2:
    case PHASE1_VECTORS:
        break;
    }
    return PHASE1_KEYS;
}

static size_t units_of(Phase1Vector which) {
    return which == PHASE1_TAU_G2 || which == PHASE1_BETA_G2 ? PHASE1_G2_UNITS : 1;
}

bool phase1_multiply(const Phase1State *old, Phase1Vector which, uint64_t from, size_t n,
                     const Phase1Secrets *s, const Work *w, Points **ret, CvkErr *err) {
    const Phase1Key factor = factor_of(which);
    const Fr one = fr_from_uint(old->curve, 1);
    _cleanup_(points_free_at) Points *before = NULL;
    _cleanup_secret_ PowersOf *k = cvk_secret_alloc(sizeof *k, err);
    CvkMeterPart part;
    if (k == NULL || !phase1_read_good(&old->v[which], from, n, w, &before, err))
        return false;
    k->first = factor == PHASE1_KEYS ? one : s->key[factor];
    k->x = which == PHASE1_BETA_G2 ? one : s->key[KEY_TAU];
    k->from = from;
    return points_mul_secret(before, k, w->pool, cvk_meter_part(&part, w->meter, units_of(which)),
                             ret, err);
}

/* ---- all vectors ---- */

typedef struct {
    const Phase1State *old;
    const Phase1Secrets *secrets;
    const Phase1Output *out;
    const Work *w;
    Phase1Contribution *contribution;
} Contributing;

/* The points that every contribution carries: where the vector's new ones begin. */
static void keep_head(Phase1Contribution *c, Phase1Vector which, const Points *p) {
    switch (which) {
    case PHASE1_TAU_G1:
        c->tau_g1 = points_at(p, 1);
        break;
    case PHASE1_TAU_G2:
        c->tau_g2 = points_at(p, 1);
        break;
    case PHASE1_ALPHA_G1:
        c->alpha_g1 = points_at(p, 0);
        break;
    case PHASE1_BETA_G1:
        c->beta_g1 = points_at(p, 0);
        break;
    case PHASE1_BETA_G2:
        c->beta_g2 = points_at(p, 0);
        break;
    case PHASE1_VECTORS:
        assert(false);
    }
}

static bool contribute_block(const Contributing *job, Phase1Vector which, uint64_t from, size_t n,
                             const CvkSink *out, CvkErr *err) {
    _cleanup_(points_free_at) Points *new = NULL;
    const CvkSink hash = cvk_sink_blake2b(&job->contribution->partial);
    const Work *w = job->w;
    if (!phase1_multiply(job->old, which, from, n, job->secrets, w, &new, err) ||
        !phase1_emit(new, n, job->out->form, w->pool, out, err) ||
        !phase1_emit(new, n, FORM_COMPRESSED, w->pool, &hash, err))
        return false;
    if (from == 0)
        keep_head(job->contribution, which, new);
    return true;
}

static bool contribute_vector(const Contributing *job, Phase1Vector which, CvkErr *err) {
    const Vector *v = &job->old->v[which];
    const size_t block = work_block(job->w, v->group, 2);
    CvkSink out;
    if (!job->out->open(job->out->ctx, which, &out, err))
        return false;
    for (uint64_t at = 0; at < v->n; at += block) {
        size_t n = v->n - at < block ? (size_t)(v->n - at) : block;
        if (!contribute_block(job, which, at, n, &out, err))
            return false;
    }
    return true;
}

bool phase1_contribute(const Phase1State *old, const uint8_t challenge[BLAKE2B_BYTES], Draw *d,
                       const Phase1Output *out, const Work *w, Phase1Contribution *ret,
                       CvkErr *err) {
    _cleanup_free_ Phase1Contribution *c = cvk_alloc(1, sizeof *c, err);
    if (c == NULL)
        return false;
    _cleanup_secret_ Phase1Secrets *s = phase1_keygen(old->curve, d, challenge, &c->pubkey, err);
    if (s == NULL)
        return false;
    cvk_blake2b_init(&c->partial);
    cvk_blake2b_add(&c->partial, challenge, BLAKE2B_BYTES);
    const Contributing job = {old, s, out, w, c};
    for (Phase1Vector which = 0; which < PHASE1_VECTORS; which++)
        if (!contribute_vector(&job, which, err))
            return false;
    *ret = *c;
    return true;
}

size_t phase1_contribute_units(unsigned power) {
    size_t units = 0;
    for (Phase1Vector which = 0; which < PHASE1_VECTORS; which++)
        units += (size_t)phase1_vector_n(which, power) * units_of(which);
    return units;
}

bool phase1_next_challenge(const Vector v[PHASE1_VECTORS],
                           const uint8_t response_hash[BLAKE2B_BYTES], const Work *w,
                           uint8_t ret[BLAKE2B_BYTES], CvkErr *err) {
    CvkBlake2b b;
    const CvkSink to = cvk_sink_blake2b(&b);
    Verdict verdict = {.valid = true};
    cvk_blake2b_init(&b);
    cvk_blake2b_add(&b, response_hash, BLAKE2B_BYTES);
    for (Phase1Vector which = 0; which < PHASE1_VECTORS && verdict.valid; which++) {
        Vector own = v[which];
        own.reading.ours = true;
        if (!vector_write(&own, FORM_UNCOMPRESSED, w, phase1_label(PHASE1_USE_READ, 0, 0), &to,
                          &verdict, err))
            return false;
    }
    if (!verdict_need(&verdict, err))
        return false;
    cvk_blake2b_finish(&b, ret);
    return true;
}
