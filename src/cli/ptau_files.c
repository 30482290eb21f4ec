#include "cli/ptau_files.h"

#include "base/scratch.h"
#include "setup/phase1_new.h"
#include "setup/phase1_prepare.h"

#include <string.h>

bool ptau_need_whole(const Ptau *p, CvkErr *err) {
    const Phase1State *s = ptau_state(p);
    const char *path = section_file_name(ptau_file(p));
    return s->power == s->ceremony_power ||
           cvk_fail(err, CVK_EBADREQ, "ptau.truncated",
                    "%s is truncated from power %u: nobody can contribute to it any more",
                    CVK_SHOWN(path), s->ceremony_power) ||
           cvk_fail_in(err, path);
}

const Phase1Contribution *ptau_last(const Ptau *p) {
    size_t n;
    const Phase1Contribution *list = ptau_contributions(p, &n);
    return n != 0 ? &list[n - 1] : NULL;
}

void ptau_challenge(const Ptau *p, Compute *c, uint8_t ret[BLAKE2B_BYTES]) {
    const Phase1Contribution *last = ptau_last(p);
    const Phase1State *s = ptau_state(p);
    if (last != NULL) {
        memcpy(ret, last->next_challenge, BLAKE2B_BYTES);
        return;
    }
    compute_begin(c, "hashing", phase1_first_challenge_units(s->curve, s->power));
    phase1_first_challenge(s->curve, s->power, c->work.meter, ret);
    compute_end(c);
}

static bool open_vector(void *ctx, Phase1Vector which, CvkSink *ret, CvkErr *err) {
    return section_writer_begin(ctx, ptau_vector_section(which), ret, err);
}

Phase1Output ptau_output(SectionWriter *w) {
    return (Phase1Output){.form = FORM_MONTGOMERY, .open = open_vector, .ctx = w};
}

/* ---- new ---- */

static bool write_new(SectionWriter *w, const Phase1State *s, CvkMeter *meter, CvkErr *err) {
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        CvkSink to;
        if (!section_writer_begin(w, ptau_vector_section(v), &to, err) ||
            !phase1_new_write(s->curve, v, s->power, FORM_MONTGOMERY, &to, meter, err))
            return false;
    }
    return ptau_write_contributions(w, NULL, NULL, err);
}

bool ptau_file_new(const char *out, const Phase1State *s, Compute *c,
                   uint8_t ret_hash[BLAKE2B_BYTES], CvkErr *err) {
    SectionWriter *w;
    if (!ptau_writer_open(out, s, false, &w, err))
        return false;
    compute_begin(c, "writing", (size_t)phase1_points(s->power));
    if (!write_new(w, s, c->work.meter, err)) {
        section_writer_abandon(w);
        return false;
    }
    compute_begin(c, "hashing", phase1_first_challenge_units(s->curve, s->power));
    phase1_first_challenge(s->curve, s->power, c->work.meter, ret_hash);
    compute_end(c);
    return section_writer_commit(w, err);
}

/* ---- contribute ---- */

/* The vectors, then their hash, for which they are read again from the new file. */
static bool write_vectors(const Ptau *from, Draw *d, SectionWriter *w, Compute *c,
                          Phase1Contribution *made, CvkErr *err) {
    const Phase1State *s = ptau_state(from);
    const Phase1Output out = ptau_output(w);
    const ContributionParams params = made->params;
    uint8_t hash[BLAKE2B_BYTES];
    Vector written[PHASE1_VECTORS];
    ptau_challenge(from, c, hash);
    compute_begin(c, "contributing", phase1_contribute_units(s->power));
    if (!phase1_contribute(s, hash, d, &out, &c->work, made, err))
        return false;
    made->params = params;
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        CvkSource bytes;
        if (!section_writer_read(w, ptau_vector_section(v), &bytes, err))
            return false;
        written[v] = ptau_vector(s->curve, v, s->power, bytes);
    }
    phase1_response_hash(made, hash);
    compute_begin(c, "hashing", (size_t)phase1_points(s->power));
    return phase1_next_challenge(written, hash, &c->work, made->next_challenge, err);
}

bool ptau_file_contribute(const Ptau *from, const char *out, Draw *d, Compute *c,
                          Phase1Contribution *made, CvkErr *err) {
    SectionWriter *w;
    if (!ptau_writer_open(out, ptau_state(from), false, &w, err))
        return false;
    bool ok =
        write_vectors(from, d, w, c, made, err) && ptau_write_contributions(w, from, made, err);
    compute_end(c);
    if (ok)
        return section_writer_commit(w, err);
    section_writer_abandon(w);
    return false;
}

/* ---- prepare ---- */

typedef struct {
    const Ptau *from;
    bool convert;
    const char *out;
    Compute *compute;
    CvkScratchFile scratch;
} Preparing;

/* Of the new file's levels, the first that the old one does not have. */
static unsigned first_level(const Preparing *p, Phase1Vector which) {
    return p->convert ? phase1_prepare_top(which, ptau_state(p->from)->power) : 0;
}

static bool has_all_levels(const Preparing *p, Phase1Vector which) {
    return p->convert && which != PHASE1_TAU_G1;
}

static size_t prepare_units(const Preparing *p) {
    size_t sum = 0;
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++)
        if (!has_all_levels(p, v))
            sum += phase1_prepare_units(v, ptau_state(p->from)->power, first_level(p, v));
    return sum;
}

static bool write_lagrange(Preparing *p, SectionWriter *w, Phase1Vector which, CvkErr *err) {
    const SectionFile *old = ptau_file(p->from);
    uint32_t type = ptau_lagrange_section(which);
    CvkSource levels;
    CvkSink to;
    if (has_all_levels(p, which))
        return section_copy(w, old, type, err);
    if (!section_writer_begin(w, type, &to, err))
        return false;
    if (p->convert &&
        (!section_need(old, type, ANY_SIZE, &levels, err) || !cvk_source_copy(&levels, &to, err)))
        return false;
    const CvkScratch scratch = cvk_scratch_file(&p->scratch, p->out);
    bool done = phase1_prepare(ptau_state(p->from), which, first_level(p, which), &p->compute->work,
                               &scratch, &to, err);
    cvk_scratch_file_close(&p->scratch);
    return done;
}

static bool write_prepared(Preparing *p, SectionWriter *w, CvkErr *err) {
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        if (!section_copy(w, ptau_file(p->from), ptau_vector_section(v), err))
            return false;
    if (!ptau_write_contributions(w, p->from, NULL, err))
        return false;
    compute_begin(p->compute, p->convert ? "converting" : "preparing", prepare_units(p));
    for (Phase1Vector v = 0; v < PHASE1_BETA_G2; v++)
        if (!write_lagrange(p, w, v, err))
            return false;
    return true;
}

bool ptau_file_prepare(const Ptau *from, bool convert, const char *out, Compute *c, CvkErr *err) {
    Preparing p = {.from = from, .convert = convert, .out = out, .compute = c};
    SectionWriter *w;
    if (!ptau_writer_open(out, ptau_state(from), true, &w, err))
        return false;
    bool ok = write_prepared(&p, w, err);
    compute_end(c);
    if (ok)
        return section_writer_commit(w, err);
    section_writer_abandon(w);
    return false;
}
