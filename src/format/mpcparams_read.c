#include "base/alloc.h"
#include "base/limits.h"
#include "format/curves.h"
#include "format/mpcparams_private.h"
#include "format/sections.h"
#include "setup/phase1.h"

#include <inttypes.h>
#include <stdio.h>

struct Mpcparams {
    CvkFileIn in; /* in.f is NULL for bytes in memory */
    CvkSource bytes;
    Phase2Key key;
    Phase2Contribution *contributions;
};

/* Where the reading has come to. */
typedef struct {
    const Mpcparams *m;
    uint64_t at;
} Cursor;

static uint64_t left(const Cursor *c) {
    return c->m->bytes.n - c->at;
}

static bool take(Cursor *c, void *ret, size_t n, const char *what, CvkErr *err) {
    if (left(c) < n)
        return cvk_source_fail(&c->m->bytes, c->at, err, "file.truncated", "it ends inside %s",
                               what);
    if (!cvk_source_read(&c->m->bytes, c->at, ret, n, err))
        return false;
    c->at += n;
    return true;
}

static bool take_count(Cursor *c, uint32_t *ret, const char *what, CvkErr *err) {
    uint8_t b[4];
    if (!take(c, b, sizeof b, what, err))
        return false;
    *ret = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    return true;
}

static bool take_point(Cursor *c, const Group *g, const char *what, Element *ret, CvkErr *err) {
    uint8_t b[FORM_BYTES_MAX];
    uint64_t at = c->at;
    if (!take(c, b, form_bytes(g, FORM_UNCOMPRESSED), what, err))
        return false;
    PointFault fault = element_read(g, (PointReading){.form = FORM_UNCOMPRESSED}, b, ret);
    return fault == POINT_OK || cvk_source_fail(&c->m->bytes, at, err, "mpcparams.point", "%s %s",
                                                what, point_fault_text(fault));
}

/* ---- header ---- */

static bool find_curve(Cursor *c, const Curve **ret, CvkErr *err) {
    for (size_t i = 0; i < CURVES_N; i++) {
        Cursor trial = *c;
        Element e;
        if (take_point(&trial, curve_g1(curves_at(i)), "alpha1", &e, NULL)) {
            *ret = curves_at(i);
            return true;
        }
    }
    return cvk_source_fail(
        &c->m->bytes, c->at, err, "mpcparams.curve",
        "it does not begin with a point of bn254 or bls12_381, as challenges and responses do");
}

static CvkSpot spot(const Cursor *c) {
    return (CvkSpot){.file = c->m->in.path, .offset = c->at};
}

static bool take_header(Cursor *c, Phase2Key *key, CvkErr *err) {
    Phase2Header *h = &key->header;
    key->at[PHASE2_AT_CURVE] = spot(c);
    if (!find_curve(c, &h->curve, err))
        return false;
    const Group *g1 = curve_g1(h->curve), *g2 = curve_g2(h->curve);
    const struct {
        Phase2Single which;
        const Group *group;
        const char *name;
        Element *ret;
    } order[] = {{PHASE2_AT_ALPHA_G1, g1, "alpha1", &h->alpha_g1},
                 {PHASE2_AT_BETA_G1, g1, "beta1", &h->beta_g1},
                 {PHASE2_AT_BETA_G2, g2, "beta2", &h->beta_g2},
                 {PHASE2_AT_GAMMA_G2, g2, "gamma2", &h->gamma_g2},
                 {PHASE2_AT_DELTA_G1, g1, "delta1", &h->delta_g1},
                 {PHASE2_AT_DELTA_G2, g2, "delta2", &h->delta_g2}};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        key->at[order[i].which] = spot(c);
        if (!take_point(c, order[i].group, order[i].name, order[i].ret, err))
            return false;
    }
    return true;
}

/* ---- vectors ---- */

/* The circuit's sizes are told by the lengths of three vectors. */
static void note_size(const Cursor *c, Phase2Key *key, Phase2Vector which) {
    if (which == PHASE2_IC)
        key->at[PHASE2_AT_N_PUBLIC] = spot(c);
    if (which == PHASE2_A)
        key->at[PHASE2_AT_N_VARS] = spot(c);
    if (which == PHASE2_H)
        key->at[PHASE2_AT_DOMAIN] = spot(c);
}

/* The bytes of a vector, behind its count. */
static bool take_vector(Cursor *c, Phase2Key *key, Phase2Vector which, CvkErr *err) {
    const Group *g = phase2_vector_group(key->header.curve, which);
    const char *name = phase2_vector_names[which];
    uint64_t at = c->at;
    uint32_t n;
    note_size(c, key, which);
    if (!take_count(c, &n, "the length of a vector", err))
        return false;
    uint64_t bytes = (uint64_t)n * form_bytes(g, FORM_UNCOMPRESSED);
    if (bytes > left(c))
        return cvk_source_fail(&c->m->bytes, at, err, "file.truncated",
                               "%" PRIu32 " points of %s do not fit into the %" PRIu64
                               " bytes that follow",
                               n, name, left(c));
    key->v[which] = (Vector){.name = name,
                             .group = g,
                             .reading = {.form = FORM_UNCOMPRESSED, .infinity = true},
                             .n = n,
                             .bytes = cvk_source_part(&c->m->bytes, c->at, bytes)};
    c->at += bytes;
    return true;
}

/* The circuit's sizes, which follow from IC, A and H. */
static bool take_sizes(Cursor *c, Phase2Key *key, CvkErr *err) {
    Phase2Header *h = &key->header;
    uint64_t ic = key->v[PHASE2_IC].n, a = key->v[PHASE2_A].n, domain = key->v[PHASE2_H].n + 1;
    if (ic == 0 || a < ic)
        return cvk_source_fail(
            &c->m->bytes, c->at, err, "mpcparams.count",
            "%" PRIu64 " points in IC and %" PRIu64 " in A cannot be of one circuit", ic, a);
    if (domain < 2 || (domain & (domain - 1)) != 0 || domain > (uint64_t)1 << PHASE1_POWER_MAX ||
        domain < ic)
        return cvk_source_fail(&c->m->bytes, c->at, err, "mpcparams.count",
                               "%" PRIu64
                               " points in H: one more must be a power of two from 2 to 2^%d, and "
                               "more than there are public signals",
                               domain - 1, PHASE1_POWER_MAX);
    h->n_vars = (uint32_t)a;
    h->n_public = (uint32_t)ic - 1;
    h->domain = (uint32_t)domain;
    return true;
}

static bool take_vectors(Cursor *c, Phase2Key *key, CvkErr *err) {
    static const Phase2Vector order[PHASE2_VECTORS] = MPCPARAMS_ORDER;
    for (size_t i = 0; i < PHASE2_VECTORS; i++)
        if (!take_vector(c, key, order[i], err))
            return false;
    if (!take_sizes(c, key, err))
        return false;
    for (size_t i = 0; i < PHASE2_VECTORS; i++) {
        Phase2Vector which = order[i];
        uint64_t want = phase2_vector_n(&key->header, which) - (which == PHASE2_H ? 1 : 0);
        if (key->v[which].n != want)
            return cvk_source_fail(&c->m->bytes, c->at, err, "mpcparams.count",
                                   "%" PRIu64 " points in %s instead of %" PRIu64, key->v[which].n,
                                   phase2_vector_names[which], want);
    }
    return true;
}

/* ---- contributions ---- */

static uint64_t contribution_bytes(const Curve *c) {
    return 3 * (uint64_t)form_bytes(curve_g1(c), FORM_UNCOMPRESSED) +
           form_bytes(curve_g2(c), FORM_UNCOMPRESSED) + BLAKE2B_BYTES;
}

static bool take_contribution(Cursor *c, const Curve *curve, Phase2Contribution *ret, CvkErr *err) {
    const Group *g1 = curve_g1(curve);
    ret->place = spot(c);
    return take_point(c, g1, "deltaAfter", &ret->delta_after, err) &&
           take_point(c, g1, "g1_s", &ret->g1_s, err) &&
           take_point(c, g1, "g1_sx", &ret->g1_sx, err) &&
           take_point(c, curve_g2(curve), "g2_spx", &ret->g2_spx, err) &&
           take(c, ret->transcript, sizeof ret->transcript, "a transcript", err);
}

/* The count is held against what is left of the file before memory is taken by it. */
static bool take_contributions_n(Cursor *c, const Curve *curve, uint32_t *ret, CvkErr *err) {
    uint64_t at = c->at;
    if (!take_count(c, ret, "the number of contributions", err))
        return false;
    uint64_t bytes = (uint64_t)*ret * contribution_bytes(curve);
    if (bytes > left(c))
        return cvk_source_fail(
            &c->m->bytes, at, err, "file.truncated",
            "%" PRIu32 " contributions are announced, more than there is room for", *ret);
    if (bytes < left(c))
        return cvk_source_fail(&c->m->bytes, c->at + bytes, err, "file.trailing",
                               "%" PRIu64 " bytes follow the last contribution", left(c) - bytes);
    return *ret <= LIMIT_FILE_CONTRIBUTIONS ||
           cvk_source_fail(&c->m->bytes, at, err, "limit.count",
                           "%" PRIu32 " contributions, at most %u are possible", *ret,
                           LIMIT_FILE_CONTRIBUTIONS);
}

static bool take_contributions(Cursor *c, Mpcparams *m, CvkErr *err) {
    Phase2Key *key = &m->key;
    uint32_t n;
    key->at[PHASE2_AT_CIRCUIT_HASH] = spot(c);
    if (!take(c, key->circuit_hash, sizeof key->circuit_hash, "the circuit's hash", err))
        return false;
    key->at[PHASE2_AT_COUNT] = spot(c);
    if (!take_contributions_n(c, key->header.curve, &n, err))
        return false;
    m->contributions = cvk_alloc(n, sizeof *m->contributions, err);
    if (m->contributions == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!take_contribution(c, key->header.curve, &m->contributions[i], err))
            return false;
    key->contributions = m->contributions;
    key->contributions_n = n;
    return true;
}

/* ---- opening ---- */

/* Takes m over in every case. */
static bool finish_open(Mpcparams *m, Mpcparams **ret, CvkErr *err) {
    Cursor c = {.m = m};
    if (!section_no_magic(&m->bytes, "a challenge or response of bellman's", err) ||
        !take_header(&c, &m->key, err) || !take_vectors(&c, &m->key, err) ||
        !take_contributions(&c, m, err)) {
        mpcparams_close(m);
        return false;
    }
    *ret = m;
    return true;
}

bool mpcparams_open(const char *path, Mpcparams **ret, CvkErr *err) {
    Mpcparams *m = cvk_alloc(1, sizeof *m, err);
    if (m == NULL)
        return false;
    if (!cvk_file_in_open(&m->in, path, err)) {
        free(m);
        return false;
    }
    m->bytes = cvk_file_in_bytes(&m->in);
    return finish_open(m, ret, err);
}

bool mpcparams_memory(const void *data, size_t n, const char *name, Mpcparams **ret, CvkErr *err) {
    Mpcparams *m = cvk_alloc(1, sizeof *m, err);
    if (m == NULL)
        return false;
    snprintf(m->in.path, sizeof m->in.path, "%s", name);
    m->bytes = cvk_source_memory(data, n);
    m->bytes.file = m->in.path;
    return finish_open(m, ret, err);
}

Mpcparams *mpcparams_close(Mpcparams *m) {
    if (m != NULL) {
        cvk_file_in_close(&m->in);
        free(m->contributions);
    }
    free(m);
    return NULL;
}

const Phase2Key *mpcparams_key(const Mpcparams *m) {
    return &m->key;
}
