#include "format/ptau.h"

#include "base/alloc.h"
#include "base/le.h"
#include "base/limits.h"
#include "format/curves.h"
#include "format/ptau_contribution.h"

#include <assert.h>
#include <inttypes.h>

static const char *const section_names[PTAU_SECTIONS_END] = {
    [PTAU_HEADER] = "header",
    [PTAU_TAU_G1] = "tauG1",
    [PTAU_TAU_G2] = "tauG2",
    [PTAU_ALPHA_G1] = "alphaTauG1",
    [PTAU_BETA_G1] = "betaTauG1",
    [PTAU_BETA_G2] = "betaG2",
    [PTAU_CONTRIBUTIONS] = "contributions",
    [PTAU_LAGRANGE_G1] = "lagrangeG1",
    [PTAU_LAGRANGE_G2] = "lagrangeG2",
    [PTAU_LAGRANGE_ALPHA_G1] = "lagrangeAlphaG1",
    [PTAU_LAGRANGE_BETA_G1] = "lagrangeBetaG1",
};

const SectionKind ptau_kind = {.magic = "ptau",
                               .version_max = 1,
                               .version_written = 1,
                               .names = section_names,
                               .types_n = PTAU_SECTIONS_END};

struct Ptau {
    SectionFile *file;
    Phase1State state;
    PtauPrepared prepared;
    size_t contributions_n;
    Phase1Contribution *contributions;
};

/* ---- sizes ---- */

PtauSection ptau_vector_section(Phase1Vector which) {
    return PTAU_TAU_G1 + which;
}

PtauSection ptau_lagrange_section(Phase1Vector which) {
    assert(which < PHASE1_BETA_G2);
    return PTAU_LAGRANGE_G1 + which;
}

uint64_t ptau_lagrange_bytes(const Curve *c, Phase1Vector which, unsigned top) {
    return (((uint64_t)2 << top) - 1) * form_bytes(phase1_vector_group(c, which), FORM_MONTGOMERY);
}

Vector ptau_vector(const Curve *c, Phase1Vector which, unsigned power, CvkSource bytes) {
    return (Vector){.name = phase1_vector_names[which],
                    .section = ptau_vector_section(which),
                    .group = phase1_vector_group(c, which),
                    .reading = {.form = FORM_MONTGOMERY},
                    .n = phase1_vector_n(which, power),
                    .bytes = bytes};
}

/* ---- reading ---- */

static bool read_curve(SectionCursor *in, const Curve **ret, CvkErr *err) {
    uint32_t n;
    uint8_t prime[48];
    if (!section_take_u32(in, &n, "the size of the prime", err))
        return false;
    if (n != 32 && n != sizeof prime)
        return section_fail(in->file, in->type, 0, err, "ptau.curve",
                            "a prime of %" PRIu32 " bytes; supported: " CURVES_SUPPORTED, n);
    if (!section_take(in, prime, n, "the prime", err))
        return false;
    *ret = curves_with_base(prime, n);
    return *ret != NULL ||
           section_fail(in->file, in->type, 4, err, "ptau.curve",
                        "the prime is not that of a supported curve: " CURVES_SUPPORTED);
}

static bool read_powers(SectionCursor *in, Phase1State *s, CvkErr *err) {
    uint32_t power, ceremony_power;
    uint64_t at = in->at;
    if (!section_take_u32(in, &power, "the power", err) ||
        !section_take_u32(in, &ceremony_power, "the ceremony's power", err))
        return false;
    if (power < PHASE1_POWER_MIN || power > PHASE1_POWER_MAX)
        return section_fail(in->file, in->type, at, err, "ptau.power",
                            "a power of %" PRIu32 "; there are %d to %d", power, PHASE1_POWER_MIN,
                            PHASE1_POWER_MAX);
    if (ceremony_power < power || ceremony_power > PHASE1_POWER_MAX)
        return section_fail(in->file, in->type, at + 4, err, "ptau.ceremony_power",
                            "a power of %" PRIu32 " from a ceremony of power %" PRIu32, power,
                            ceremony_power);
    s->power = power;
    s->ceremony_power = ceremony_power;
    return true;
}

static bool read_vectors(const SectionFile *f, Phase1State *s, CvkErr *err) {
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        CvkSource bytes;
        s->v[v] = ptau_vector(s->curve, v, s->power, (CvkSource){0});
        uint64_t size = s->v[v].n * form_bytes(s->v[v].group, FORM_MONTGOMERY);
        if (!section_need(f, s->v[v].section, size, &bytes, err))
            return false;
        s->v[v].bytes = bytes;
    }
    return true;
}

/* All four Lagrange sections, or none. */
static bool read_lagrange(Ptau *p, CvkErr *err) {
    CvkSource first, bytes;
    const Curve *c = p->state.curve;
    unsigned power = p->state.power, found = 0;
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++)
        found += section_find(p->file, ptau_lagrange_section(v), &bytes) ? 1 : 0;
    if (found == 0)
        return true;
    for (Phase1Vector v = PHASE1_TAU_G2; v < PHASE1_BETA_G2; v++)
        if (!section_need(p->file, ptau_lagrange_section(v), ptau_lagrange_bytes(c, v, power),
                          &bytes, err))
            return false;
    if (!section_need(p->file, PTAU_LAGRANGE_G1, ANY_SIZE, &first, err))
        return false;
    if (first.n == ptau_lagrange_bytes(c, PHASE1_TAU_G1, power)) {
        p->prepared = PTAU_PREPARED_SHORT;
        return true;
    }
    p->prepared = PTAU_PREPARED;
    return section_need(p->file, PTAU_LAGRANGE_G1, ptau_lagrange_bytes(c, PHASE1_TAU_G1, power + 1),
                        &first, err);
}

static bool read_contributions(Ptau *p, CvkErr *err) {
    SectionCursor in;
    uint32_t n;
    if (!section_cursor(p->file, PTAU_CONTRIBUTIONS, &in, err) ||
        !section_take_u32(&in, &n, "the number of contributions", err))
        return false;
    if (n > LIMIT_FILE_CONTRIBUTIONS ||
        n > section_left(&in) / ptau_contribution_bytes(p->state.curve))
        return section_fail(p->file, in.type, 0, err, "ptau.contributions",
                            "it cannot hold %" PRIu32 " contributions", n);
    p->contributions = cvk_try_alloc(n, sizeof *p->contributions, LIMIT_FILE_CONTRIBUTIONS, err);
    if (p->contributions == NULL)
        return false;
    for (; p->contributions_n < n; p->contributions_n++)
        if (!ptau_contribution_read(&in, p->state.curve, p->state.ceremony_power,
                                    &p->contributions[p->contributions_n], err))
            return false;
    return section_end(&in, err);
}

static bool read_all(Ptau *p, CvkErr *err) {
    SectionCursor in;
    return section_cursor(p->file, PTAU_HEADER, &in, err) &&
           read_curve(&in, &p->state.curve, err) && read_powers(&in, &p->state, err) &&
           section_end(&in, err) && read_vectors(p->file, &p->state, err) &&
           read_lagrange(p, err) && read_contributions(p, err);
}

/* Takes the file, also when it fails. */
static bool open_sections(SectionFile *f, Ptau **ret, CvkErr *err) {
    Ptau *p = cvk_alloc(1, sizeof *p, err);
    if (p == NULL) {
        section_file_close(f);
        return false;
    }
    p->file = f;
    if (!read_all(p, err)) {
        ptau_close(p);
        return false;
    }
    *ret = p;
    return true;
}

bool ptau_open(const char *path, Ptau **ret, CvkErr *err) {
    SectionFile *f;
    return section_file_open(path, &ptau_kind, &f, err) && open_sections(f, ret, err);
}

bool ptau_memory(const void *data, size_t n, const char *name, Ptau **ret, CvkErr *err) {
    SectionFile *f;
    return section_file_memory(data, n, name, &ptau_kind, &f, err) && open_sections(f, ret, err);
}

Ptau *ptau_close(Ptau *p) {
    if (p == NULL)
        return NULL;
    section_file_close(p->file);
    free(p->contributions);
    free(p);
    return NULL;
}

const SectionFile *ptau_file(const Ptau *p) {
    return p->file;
}

const Phase1State *ptau_state(const Ptau *p) {
    return &p->state;
}

const Phase1Contribution *ptau_contributions(const Ptau *p, size_t *ret_n) {
    *ret_n = p->contributions_n;
    return p->contributions;
}

PtauPrepared ptau_prepared(const Ptau *p) {
    return p->prepared;
}

bool ptau_lagrange(const Ptau *p, Phase1Vector which, unsigned level, Vector *ret, CvkErr *err) {
    const char *path = section_file_name(p->file);
    unsigned top = p->state.power;
    CvkSource bytes;
    if (p->prepared == PTAU_UNPREPARED)
        return cvk_fail(err, CVK_EBADREQ, "ptau.prepared",
                        "%s is not prepared for phase 2: run 'convoke ptau prepare' on it",
                        CVK_SHOWN(path)) ||
               cvk_fail_in(err, path);
    if (p->prepared == PTAU_PREPARED_SHORT && which == PHASE1_TAU_G1 && level == top + 1)
        return cvk_fail(err, CVK_EBADREQ, "ptau.prepared",
                        "%s was prepared by an old program and lacks a part: run 'convoke ptau "
                        "convert' on it",
                        CVK_SHOWN(path)) ||
               cvk_fail_in(err, path);
    if (level > top && !(which == PHASE1_TAU_G1 && level == top + 1))
        return cvk_fail(err, CVK_EBADREQ, "ptau.power",
                        "%s has power %u, and power %u is needed: take a larger one",
                        CVK_SHOWN(path), top, which == PHASE1_TAU_G1 ? level - 1 : level) ||
               cvk_fail_in(err, path);
    PtauSection type = ptau_lagrange_section(which);
    bool found = section_find(p->file, type, &bytes);
    assert(found);
    const Group *g = phase1_vector_group(p->state.curve, which);
    uint64_t n = (uint64_t)1 << level, each = form_bytes(g, FORM_MONTGOMERY);
    *ret = (Vector){.name = section_names[type],
                    .section = type,
                    .group = g,
                    .reading = {.form = FORM_MONTGOMERY, .infinity = true},
                    .n = n,
                    .bytes = cvk_source_part(&bytes, (n - 1) * each, n * each)};
    return true;
}
