#include "base/alloc.h"
#include "format/mpcparams_private.h"

typedef struct {
    const Phase2Key *key;
    const MpcparamsMaker *maker;
    const Work *work;
    Verdict *verdict;
    CvkSink to;
} Job;

static bool put_count(const Job *j, uint64_t n, CvkErr *err) {
    const uint8_t b[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    return cvk_sink_write(&j->to, b, sizeof b, err);
}

static bool put_point(const Job *j, const Element *e, CvkErr *err) {
    uint8_t b[FORM_BYTES_MAX];
    element_write(e, FORM_UNCOMPRESSED, b);
    return cvk_sink_write(&j->to, b, form_bytes(e->group, FORM_UNCOMPRESSED), err);
}

static bool put_header(const Job *j, CvkErr *err) {
    const Phase2Header *h = &j->key->header;
    return put_point(j, &h->alpha_g1, err) && put_point(j, &h->beta_g1, err) &&
           put_point(j, &h->beta_g2, err) && put_point(j, &h->gamma_g2, err) &&
           put_point(j, &h->delta_g1, err) && put_point(j, &h->delta_g2, err);
}

/* A vector of a made file is checked by whoever made it; of others every point is. */
static bool put_vector(const Job *j, Phase2Vector which, CvkErr *err) {
    const Vector *v = &j->key->v[which];
    if (!put_count(j, v->n, err))
        return false;
    if (v->bytes.read == NULL)
        return j->maker->vector(j->maker->ctx, which, &j->to, err);
    return vector_write(v, FORM_UNCOMPRESSED, j->work, which, &j->to, j->verdict, err);
}

static bool put_contributions(const Job *j, CvkErr *err) {
    const Phase2Key *key = j->key;
    bool ok = cvk_sink_write(&j->to, key->circuit_hash, BLAKE2B_BYTES, err) &&
              put_count(j, key->contributions_n, err);
    for (uint32_t i = 0; ok && i < key->contributions_n; i++) {
        const Phase2Contribution *c = &key->contributions[i];
        ok = put_point(j, &c->delta_after, err) && put_point(j, &c->g1_s, err) &&
             put_point(j, &c->g1_sx, err) && put_point(j, &c->g2_spx, err) &&
             cvk_sink_write(&j->to, c->transcript, sizeof c->transcript, err);
    }
    return ok;
}

static bool put_all(const Job *j, CvkErr *err) {
    static const Phase2Vector order[PHASE2_VECTORS] = MPCPARAMS_ORDER;
    bool ok = put_header(j, err);
    for (size_t i = 0; ok && j->verdict->valid && i < PHASE2_VECTORS; i++)
        ok = put_vector(j, order[i], err);
    return ok && (!j->verdict->valid || put_contributions(j, err));
}

bool mpcparams_write(const char *path, const Phase2Key *key, const MpcparamsMaker *maker,
                     const Work *w, Verdict *verdict, CvkErr *err) {
    CvkFileOut out;
    if (!cvk_file_out_open(&out, path, 0644, err))
        return false;
    Job job = {
        .key = key, .maker = maker, .work = w, .verdict = verdict, .to = cvk_sink_file(&out)};
    *verdict = (Verdict){.valid = true};
    if (!put_all(&job, err)) {
        cvk_file_out_abandon(&out);
        return false;
    }
    if (verdict->valid)
        return cvk_file_out_commit(&out, err);
    cvk_file_out_abandon(&out);
    return true;
}
