#include "format/mpcparams_zkey.h"

#include "base/alloc.h"
#include "format/contribution_params.h"
#include "setup/phase2_basis.h"
#include "setup/phase2_chain.h"
#include "setup/phase2_contribute.h"
#include "setup/phase2_verify.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

DEFINE_CLEANUP(Points, points_free)

#define WRITE_AT_A_TIME 4096

static bool put_points(const Points *p, PointForm form, CvkPool *pool, const CvkSink *to,
                       CvkErr *err) {
    size_t each = form_bytes(points_group(p), form), total = points_n(p);
    _cleanup_free_ uint8_t *bytes = cvk_alloc(WRITE_AT_A_TIME, each, err);
    if (bytes == NULL)
        return false;
    for (size_t at = 0, n; at < total; at += n) {
        n = total - at < WRITE_AT_A_TIME ? total - at : WRITE_AT_A_TIME;
        points_write(p, at, n, form, pool, bytes);
        if (!cvk_sink_write(to, bytes, n * each, err))
            return false;
    }
    return true;
}

static uint64_t all_points(const Phase2Key *key) {
    uint64_t n = 0;
    for (unsigned i = 0; i < PHASE2_VECTORS; i++)
        n += key->v[i].n;
    return n;
}

/* ---- the challenge ---- */

typedef struct {
    const Points *h;
    const Work *work;
} ExportJob;

static bool put_h(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    const ExportJob *job = ctx;
    assert(which == PHASE2_H);
    return put_points(job->h, FORM_UNCOMPRESSED, job->work->pool, to, err);
}

bool mpcparams_export(const Phase2Key *key, const char *out, const Work *w, Verdict *verdict,
                      CvkErr *err) {
    _cleanup_(points_free_at) Points *h = NULL;
    *verdict = (Verdict){.valid = true};
    if (!phase2_h_tau(key, w, &h, verdict, err))
        return false;
    if (h == NULL)
        return true;
    ExportJob job = {.h = h, .work = w};
    const MpcparamsMaker maker = {.vector = put_h, .ctx = &job};
    Phase2Key made = *key;
    made.v[PHASE2_H].n--;
    made.v[PHASE2_H].bytes = (CvkSource){.read = NULL};
    return mpcparams_write(out, &made, &maker, w, verdict, err);
}

size_t mpcparams_export_units(const Phase2Key *key) {
    return phase2_basis_units(key->header.domain) + (size_t)(all_points(key) - key->v[PHASE2_H].n);
}

/* ---- the response ---- */

typedef struct {
    const Phase2Key *challenge;
    const Phase2Step *step;
    const Work *work;
} RespondJob;

static bool put_scaled(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    const RespondJob *job = ctx;
    return phase2_scale(job->step, &job->challenge->v[which], job->work, to, err);
}

/* The old list and one more; the caller frees it. */
static Phase2Contribution *longer_list(const Phase2Key *key, const Phase2Contribution *last,
                                       CvkErr *err) {
    Phase2Contribution *list = cvk_alloc((size_t)key->contributions_n + 1, sizeof *list, err);
    if (list == NULL)
        return NULL;
    for (uint32_t i = 0; i < key->contributions_n; i++)
        list[i] = key->contributions[i];
    list[key->contributions_n] = *last;
    return list;
}

static bool write_response(RespondJob *job, const char *out, CvkErr *err) {
    const Phase2Key *old = job->challenge;
    const MpcparamsMaker maker = {.vector = put_scaled, .ctx = job};
    _cleanup_free_ Phase2Contribution *list = longer_list(old, &job->step->contribution, err);
    Phase2Key made = *old;
    Verdict verdict;
    if (list == NULL)
        return false;
    made.header = job->step->header;
    made.contributions = list;
    made.contributions_n++;
    made.v[PHASE2_L].bytes = made.v[PHASE2_H].bytes = (CvkSource){.read = NULL};
    return mpcparams_write(out, &made, &maker, job->work, &verdict, err) &&
           verdict_need(&verdict, err);
}

bool mpcparams_respond(const Phase2Key *challenge, Draw *draw, const char *out, const Work *w,
                       uint8_t ret_hash[BLAKE2B_BYTES], CvkErr *err) {
    const ContributionParams nameless = {.has_name = false};
    Phase2Step step;
    if (!phase2_contribute(challenge, draw, &nameless, &step, err))
        return false;
    RespondJob job = {.challenge = challenge, .step = &step, .work = w};
    bool ok = write_response(&job, out, err);
    phase2_contribution_hash(&step.contribution, ret_hash);
    phase2_step_done(&step);
    return ok;
}

size_t mpcparams_respond_units(const Phase2Key *challenge) {
    return (size_t)all_points(challenge);
}

/* ---- the next key ---- */

static bool same_sizes(const Phase2Header *a, const Phase2Header *b, Verdict *verdict) {
    if (a->curve != b->curve)
        return verdict_refuse(verdict, "zkey.curve", "it is for %s, the old key is for %s",
                              curve_name(b->curve), curve_name(a->curve));
    const struct {
        const char *id, *what;
        uint32_t a, b;
    } sizes[] = {{"zkey.n_vars", "variables", a->n_vars, b->n_vars},
                 {"zkey.n_public", "public signals", a->n_public, b->n_public},
                 {"zkey.domain", "points in the domain", a->domain, b->domain}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].a != sizes[i].b)
            return verdict_refuse(verdict, sizes[i].id,
                                  "it has %" PRIu32 " %s, the old key has %" PRIu32, sizes[i].b,
                                  sizes[i].what, sizes[i].a);
    return true;
}

/* Do these vectors of two files in different forms hold the same points? */
static bool same_vector(const Vector *a, const Vector *b, const char *id, const Work *w,
                        Verdict *verdict, CvkErr *err) {
    size_t block = work_block(w, a->group, 2);
    for (uint64_t at = 0; at < a->n && verdict->valid; at += block) {
        size_t n = a->n - at < block ? (size_t)(a->n - at) : block;
        _cleanup_(points_free_at) Points *p = NULL, *q = NULL;
        if (!vector_read(a, at, n, w, 0, &p, NULL, verdict, err) || p == NULL)
            return p == NULL && !verdict->valid;
        if (!vector_read(b, at, n, w, 0, &q, NULL, verdict, err))
            return false;
        for (size_t i = 0; q != NULL && verdict->valid && i < n; i++)
            if (!points_equal(p, i, q, i, 1))
                vector_refuse(b, at + i, verdict, id, "is not as in the old key");
        cvk_meter_advance(w->meter, 2 * n);
    }
    return true;
}

static bool same_vectors(const Phase2Key *a, const Phase2Key *b, const Work *w, Verdict *verdict,
                         CvkErr *err) {
    for (size_t i = 0; i < PHASE2_CONSTANTS; i++) {
        const Phase2Constant *constant = &phase2_constants[i];
        if (!same_vector(&a->v[constant->which], &b->v[constant->which], constant->id, w, verdict,
                         err))
            return false;
    }
    return true;
}

/* The response's contributions with what only the old key knows: what they are called. */
static Phase2Contribution *named_list(const Phase2Key *before, const Phase2Key *response,
                                      const char *name, CvkErr *err) {
    Phase2Contribution *list = cvk_alloc(response->contributions_n, sizeof *list, err);
    if (list == NULL)
        return NULL;
    for (uint32_t i = 0; i < response->contributions_n; i++) {
        list[i] = response->contributions[i];
        if (i < before->contributions_n)
            list[i].params = before->contributions[i].params;
        else if (name != NULL && !contribution_params_set_name(&list[i].params, name, err)) {
            free(list);
            return NULL;
        }
    }
    return list;
}

typedef struct {
    const Vector *l; /* of the response */
    const Work *work;
    Verdict *verdict;
} ImportJob;

static bool put_l(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err) {
    const ImportJob *job = ctx;
    assert(which == PHASE2_L);
    if (!vector_write(job->l, FORM_MONTGOMERY, job->work, 0, to, job->verdict, err))
        return false;
    return job->verdict->valid ||
           cvk_fail(err, CVK_EBACKEND, "file.changed", "the response changed while it was read");
}

/* `h` in the basis of .zkey. */
static bool check_and_write(const Phase2Key *before, Phase2Key *made, const char *out,
                            const Work *w, Verdict *verdict, CvkErr *err) {
    const Phase2Claim claim = {.key = made, .before = before, .beacon_exp_max = BEACON_EXP_QUICK};
    if (!phase2_extends(&claim, w, verdict, err))
        return false;
    if (!verdict->valid)
        return true;
    const Vector l = made->v[PHASE2_L];
    ImportJob job = {.l = &l, .work = w, .verdict = verdict};
    const ZkeyMaker maker = {.vector = put_l, .ctx = &job};
    made->v[PHASE2_L].bytes = (CvkSource){.read = NULL};
    return zkey_write(out, ZKEY_ORDER_BELLMAN, made, &maker, err);
}

static bool import(const Phase2Key *before, const Phase2Key *response, const char *name,
                   const Points *h, const char *out, const Work *w, Verdict *verdict, CvkErr *err) {
    size_t bytes = points_n(h) * form_bytes(points_group(h), FORM_MONTGOMERY);
    _cleanup_free_ uint8_t *h_bytes = cvk_alloc(bytes, 1, err);
    _cleanup_free_ Phase2Contribution *list = named_list(before, response, name, err);
    Phase2Key made = *before;
    if (h_bytes == NULL || list == NULL)
        return false;
    points_write(h, 0, points_n(h), FORM_MONTGOMERY, w->pool, h_bytes);
    made.header = response->header;
    memcpy(made.circuit_hash, response->circuit_hash, sizeof made.circuit_hash);
    made.contributions = list;
    made.contributions_n = response->contributions_n;
    made.v[PHASE2_L] = response->v[PHASE2_L];
    made.v[PHASE2_H].section = 0; /* it lies in memory */
    made.v[PHASE2_H].bytes = cvk_source_memory(h_bytes, bytes);
    return check_and_write(before, &made, out, w, verdict, err);
}

bool mpcparams_import(const Phase2Key *before, const Phase2Key *response, const char *name,
                      const char *out, const Work *w, Verdict *verdict, CvkErr *err) {
    _cleanup_(points_free_at) Points *h = NULL;
    *verdict = (Verdict){.valid = true};
    if (!same_sizes(&before->header, &response->header, verdict))
        return true;
    if (!same_vectors(before, response, w, verdict, err))
        return false;
    if (!verdict->valid)
        return true;
    if (!phase2_h_lagrange(response, w, &h, verdict, err))
        return false;
    return h == NULL || import(before, response, name, h, out, w, verdict, err);
}

size_t mpcparams_import_units(const Phase2Key *before) {
    return 2 * (size_t)all_points(before) + phase2_basis_units(before->header.domain);
}
