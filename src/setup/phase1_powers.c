/* The vectors of a state: read once, block by block, and summed with random factors.
 *
 * With r_i the same for all vectors: tauG1 is a geometric sequence if the sums of r_i P_i and
 * r_i P_(i+1) are one tau apart; the others follow from its own sum, by one pairing each. */
#include "setup/phase1_private.h"

#include <assert.h>

static const struct {
    const char *start, *head, *ratio;
} ids[PHASE1_VECTORS] = {
    [PHASE1_TAU_G1] = {"ptau.tau_g1.start", "ptau.tau_g1.head", "ptau.tau_g1.ratio"},
    [PHASE1_TAU_G2] = {"ptau.tau_g2.start", "ptau.tau_g2.head", "ptau.tau_g2.ratio"},
    [PHASE1_ALPHA_G1] = {NULL, "ptau.alpha_g1.head", "ptau.alpha_g1.ratio"},
    [PHASE1_BETA_G1] = {NULL, "ptau.beta_g1.head", "ptau.beta_g1.ratio"},
    [PHASE1_BETA_G2] = {NULL, "ptau.beta_g2.head", "ptau.beta_g2.ratio"},
};

/* ---- reading ---- */

typedef struct {
    const Phase1State *state;
    const Work *w;
    CvkSink hash; /* write == NULL: none */
    CvkSink out;
    PointForm out_form;
    const Fr *weights;
    size_t block; /* a power of two: borders are at N in tauG1, and the same in all vectors */
    Phase1Sums *sums;
    Verdict *verdict;
} Reading;

size_t phase1_sums_block(const Phase1State *s, const Work *w) {
    const size_t most = work_block(w, curve_g2(s->curve), 2);
    size_t block = (size_t)1 << s->power;
    while (block > most)
        block /= 2;
    return block;
}

static void add_to(Element *sum, const Element *e) {
    *sum = element_add(sum, e);
}

/* Takes r_last P_last out of a sum over 0 .. last. */
static Element without_last(const Reading *r, const Points *p, const Factors *f,
                            const Element *sum) {
    const size_t last = points_n(p) - 1;
    const Fr k = factors_at(r->state->curve, f, last);
    Element e = points_at(p, last);
    e = element_mul(&e, &k);
    e = element_neg(&e);
    return element_add(sum, &e);
}

/* The steps from each point of the block to the next; the block has one point of the next block. */
static bool sum_steps(const Reading *r, const Points *p, const Factors *f, const Element *sum,
                      bool low_half, CvkErr *err) {
    const Element steps = without_last(r, p, f, sum);
    Element stepped;
    if (!points_combine(p, 1, points_n(p) - 1, f, r->w->pool, &stepped, err))
        return false;
    add_to(&r->sums->steps, &steps);
    add_to(&r->sums->stepped, &stepped);
    if (low_half)
        add_to(&r->sums->sum[PHASE1_TAU_G1], &steps);
    return true;
}

/* The points of tauG1 from `from` on. */
static bool weigh(const Reading *r, const Points *p, uint64_t from, CvkErr *err) {
    Element sum;
    if (!points_combine_fr(p, 0, points_n(p), r->weights + from, r->w->pool, &sum, err))
        return false;
    add_to(&r->sums->weighed, &sum);
    return true;
}

static bool emit_block(const Reading *r, const Points *p, size_t n, CvkErr *err) {
    return (r->hash.write == NULL ||
            phase1_emit(p, n, FORM_UNCOMPRESSED, r->w->pool, &r->hash, err)) &&
           (r->out.write == NULL || phase1_emit(p, n, r->out_form, r->w->pool, &r->out, err));
}

/* Which sums a vector is read for. */
typedef enum { SUM_PLAIN, SUM_STEPS, SUM_WEIGHED } SumKind;

static SumKind sum_kind(const Reading *r, Phase1Vector which) {
    if (which != PHASE1_TAU_G1)
        return SUM_PLAIN;
    return r->weights != NULL ? SUM_WEIGHED : SUM_STEPS;
}

/* `sum` is that of r_i P_i over the block, of a kind that wants it. */
static bool add_block(const Reading *r, Phase1Vector which, const Points *p, uint64_t from,
                      const Factors *f, const Element *sum, CvkErr *err) {
    switch (sum_kind(r, which)) {
    case SUM_PLAIN:
        add_to(&r->sums->sum[which], sum);
        return true;
    case SUM_STEPS:
        return sum_steps(r, p, f, sum, from < (uint64_t)1 << r->state->power, err);
    case SUM_WEIGHED:
        return weigh(r, p, from, err);
    }
    assert(false);
    return false;
}

static size_t head_n(const Vector *v) {
    return v->n < PHASE1_HEAD ? (size_t)v->n : PHASE1_HEAD;
}

/* p begins as the vector does. */
static void take_head(const Vector *v, const Points *p, Element ret[PHASE1_HEAD]) {
    for (size_t i = 0; i < head_n(v); i++)
        ret[i] = points_at(p, i);
}

static bool read_block(const Reading *r, Phase1Vector which, uint64_t from, size_t n, CvkErr *err) {
    const Vector *v = &r->state->v[which];
    const uint64_t label = phase1_label(PHASE1_USE_POWERS, 0, from / r->block);
    const Factors f = work_factors(r->w, label);
    const SumKind kind = sum_kind(r, which);
    const size_t one_more = kind == SUM_STEPS && from + n < v->n;
    _cleanup_(points_free_at) Points *p = NULL;
    Element sum;
    if (!vector_read(v, from, n + one_more, r->w, label, &p, kind == SUM_WEIGHED ? NULL : &sum,
                     r->verdict, err))
        return false;
    if (p == NULL)
        return true;
    if (from == 0)
        take_head(v, p, r->sums->head[which]);
    return add_block(r, which, p, from, &f, &sum, err) && emit_block(r, p, n, err);
}

static bool read_vector(const Reading *r, Phase1Vector which, CvkErr *err) {
    const uint64_t n = r->state->v[which].n;
    assert(n == phase1_vector_n(which, r->state->power));
    const bool g2 = which == PHASE1_TAU_G2 || which == PHASE1_BETA_G2;
    for (uint64_t at = 0; at < n && r->verdict->valid; at += r->block) {
        const size_t len = n - at < r->block ? (size_t)(n - at) : r->block;
        if (!read_block(r, which, at, len, err))
            return false;
        cvk_meter_advance(r->w->meter, len * (g2 ? PHASE1_G2_UNITS : 1));
    }
    return true;
}

bool phase1_sums_read(const Phase1State *s, const Phase1Pass *pass, const Work *w, Phase1Sums *ret,
                      Verdict *verdict, CvkErr *err) {
    Reading r = {.state = s,
                 .w = w,
                 .weights = pass->weights,
                 .block = phase1_sums_block(s, w),
                 .sums = ret,
                 .verdict = verdict};
    const Element infinity = element_infinity(curve_g1(s->curve));
    *ret = (Phase1Sums){.steps = infinity, .stepped = infinity, .weighed = infinity};
    if (pass->hash != NULL)
        r.hash = cvk_sink_blake2b(pass->hash);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS && verdict->valid; v++) {
        ret->sum[v] = element_infinity(s->v[v].group);
        if (pass->out != NULL) {
            r.out_form = pass->out->form;
            if (!pass->out->open(pass->out->ctx, v, &r.out, err))
                return false;
        }
        if (!read_vector(&r, v, err))
            return false;
    }
    return true;
}

bool phase1_heads_read(const Phase1State *s, const Work *w, Phase1Sums *ret, Verdict *verdict,
                       CvkErr *err) {
    for (Phase1Vector which = 0; which < PHASE1_VECTORS && verdict->valid; which++) {
        const Vector *v = &s->v[which];
        const uint64_t label = phase1_label(PHASE1_USE_READ, 0, 0);
        _cleanup_(points_free_at) Points *p = NULL;
        if (!vector_read(v, 0, head_n(v), w, label, &p, NULL, verdict, err))
            return false;
        if (p != NULL)
            take_head(v, p, ret->head[which]);
    }
    return true;
}

/* ---- checking ---- */

static void check_starts(const Phase1State *s, const Phase1Sums *sums, Verdict *verdict) {
    const Phase1Vector starting[] = {PHASE1_TAU_G1, PHASE1_TAU_G2};
    for (size_t i = 0; i < sizeof starting / sizeof *starting; i++) {
        const Phase1Vector v = starting[i];
        const Element generator = element_generator(s->v[v].group);
        if (!element_equal(&sums->head[v][0], &generator))
            vector_refuse(&s->v[v], 0, verdict, ids[v].start, "is not the generator");
    }
}

void phase1_heads_check(const Phase1State *s, const Phase1Sums *sums,
                        const Phase1Contribution *last, Verdict *verdict) {
    const Element *const expected[PHASE1_VECTORS] = {&last->tau_g1, &last->tau_g2, &last->alpha_g1,
                                                     &last->beta_g1, &last->beta_g2};
    check_starts(s, sums, verdict);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        const unsigned at = v == PHASE1_TAU_G1 || v == PHASE1_TAU_G2;
        if (!element_equal(&sums->head[v][at], expected[v]))
            vector_refuse(&s->v[v], at, verdict, ids[v].head,
                          "is not what the last contribution says");
    }
}

/* What must be one tau, or alpha, or beta apart. The vectors' own points stand for these. */
static Ratio ratio_of(const Phase1State *s, const Phase1Sums *sums, Phase1Vector which) {
    const Element g1 = element_generator(curve_g1(s->curve));
    const Element g2 = element_generator(curve_g2(s->curve));
    const Element *head = sums->head[which];
    switch (which) {
    case PHASE1_TAU_G1:
        return (Ratio){sums->steps, sums->stepped, g2, sums->head[PHASE1_TAU_G2][1]};
    case PHASE1_TAU_G2:
        return (Ratio){g1, sums->sum[PHASE1_TAU_G1], g2, sums->sum[which]};
    case PHASE1_ALPHA_G1:
    case PHASE1_BETA_G1:
        return (Ratio){head[0], sums->sum[which], g2, sums->sum[PHASE1_TAU_G2]};
    case PHASE1_BETA_G2:
        return (Ratio){g1, sums->head[PHASE1_BETA_G1][0], g2, head[0]};
    case PHASE1_VECTORS:
        break;
    }
    assert(false);
    return (Ratio){0};
}

bool phase1_powers_check(const Phase1State *s, const Phase1Sums *sums,
                         const Phase1Contribution *last, CvkPool *pool, Verdict *verdict,
                         CvkErr *err) {
    phase1_heads_check(s, sums, last, verdict);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS && verdict->valid; v++) {
        const Ratio r = ratio_of(s, sums, v);
        bool holds;
        if (!ratio_holds(s->curve, &r, pool, &holds, err))
            return false;
        if (holds)
            continue;
        vector_refuse(&s->v[v], VECTOR_WHOLE, verdict, ids[v].ratio,
                      "is not the sequence of powers that it begins as");
    }
    return true;
}
