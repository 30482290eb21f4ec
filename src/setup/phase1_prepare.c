#include "setup/phase1_prepare.h"

#include "setup/phase1_prepare_level.h"
#include "setup/phase1_private.h"

#include <assert.h>

/* A butterfly of G2 costs about as much as this many of G1. */
#define G2_UNITS 3

unsigned phase1_prepare_top(Phase1Vector which, unsigned power) {
    assert(which != PHASE1_BETA_G2);
    return which == PHASE1_TAU_G1 ? power + 1 : power;
}

static size_t vector_units(Phase1Vector which) {
    return which == PHASE1_TAU_G2 ? G2_UNITS : 1;
}

size_t phase1_prepare_units(Phase1Vector which, unsigned power, unsigned first) {
    size_t units = 0;
    for (unsigned p = first; p <= phase1_prepare_top(which, power); p++)
        units += vector_units(which) * p * ((size_t)1 << p) / 2;
    return units;
}

static bool check_points(const Vector *v, const Work *w, CvkErr *err) {
    size_t block = work_block(w, v->group, 1);
    for (uint64_t from = 0; from < v->n; from += block) {
        Points *points;
        size_t n = v->n - from < block ? (size_t)(v->n - from) : block;
        if (!phase1_read_good(v, from, n, w, &points, err))
            return false;
        points_free(points);
    }
    return true;
}

/* The largest power of two of points that memory holds. */
static size_t capacity(const Work *w, const Group *g) {
    size_t n = 1, most = work_block(w, g, 1);
    while (2 * n <= most)
        n *= 2;
    return n;
}

bool phase1_prepare(const Phase1State *s, Phase1Vector which, unsigned first, const Work *w,
                    const CvkScratch *scratch, const CvkSink *to, CvkErr *err) {
    const Vector *v = &s->v[which];
    const Levels levels = {.curve = s->curve,
                           .v = v,
                           .w = w,
                           .scratch = scratch,
                           .to = to,
                           .capacity = capacity(w, v->group),
                           .two_adicity = fr_two_adicity(s->curve),
                           .unit = vector_units(which)};
    assert(v->reading.form == FORM_MONTGOMERY || v->reading.form == FORM_UNCOMPRESSED);
    return check_points(v, w, err) &&
           levels_write(&levels, first, phase1_prepare_top(which, s->power), err);
}
