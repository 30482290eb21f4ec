/* Powers of tau in memory, for tests: states, contributions and prepared bases as they lie in
 * files. Include after support/test.h. Whatever fails here fails the test. */
#pragma once

#include "setup/phase1_new.h"
#include "setup/phase1_verify.h"

#define MADE_CONTRIBUTIONS 4
#define MADE_MEMORY ((size_t)1 << 16) /* so that vectors of power 7 take several blocks */

typedef struct {
    Phase1State state;
    CvkBuf bytes[PHASE1_VECTORS];
    Phase1Contribution list[MADE_CONTRIBUTIONS];
    size_t n;
    Phase1Lagrange lagrange;
    CvkBuf bases[PHASE1_BETA_G2][PHASE1_POWER_MAX + 2];
} Made;

static inline Work made_work(void) {
    return (Work){.memory = MADE_MEMORY, .seed = {1, 2, 3}};
}

static inline void made_take_bytes(Made *m) {
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++)
        m->state.v[v].bytes = cvk_source_memory(m->bytes[v].data, m->bytes[v].n);
}

static inline Made *made_empty(const Curve *c, unsigned power, PointForm form) {
    Made *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->state = (Phase1State){.curve = c, .power = power, .ceremony_power = power};
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        m->bytes[v] = CVK_BUF((size_t)64 << 20);
        m->state.v[v] = (Vector){.name = phase1_vector_names[v],
                                 .section = v + 2,
                                 .group = phase1_vector_group(c, v),
                                 .reading = {.form = form},
                                 .n = phase1_vector_n(v, power)};
    }
    return m;
}

static inline Made *made_free(Made *m) {
    for (Phase1Vector v = 0; m != NULL && v < PHASE1_VECTORS; v++)
        cvk_buf_done(&m->bytes[v]);
    for (Phase1Vector v = 0; m != NULL && v < PHASE1_BETA_G2; v++)
        for (unsigned i = 0; i < PHASE1_POWER_MAX + 2; i++)
            cvk_buf_done(&m->bases[v][i]);
    free(m);
    return NULL;
}

/* Nobody has contributed. */
static inline Made *made_new(const Curve *c, unsigned power, PointForm form) {
    Made *m = made_empty(c, power, form);
    for (Phase1Vector v = 0; v < PHASE1_VECTORS; v++) {
        const CvkSink to = cvk_sink_buf(&m->bytes[v]);
        assert_true(phase1_new_write(c, v, power, form, &to, NULL, NULL));
    }
    made_take_bytes(m);
    return m;
}

static inline void made_challenge(const Made *m, uint8_t ret[BLAKE2B_BYTES]) {
    if (m->n == 0)
        phase1_first_challenge(m->state.curve, m->state.power, NULL, ret);
    else
        memcpy(ret, m->list[m->n - 1].next_challenge, BLAKE2B_BYTES);
}

static inline bool made_open(void *ctx, Phase1Vector which, CvkSink *ret, CvkErr *err) {
    (void)err;
    *ret = cvk_sink_buf((CvkBuf *)ctx + which);
    return true;
}

/* A copy of `old` with one contribution more, drawn from a seed. In FORM_COMPRESSED it is a
 * response, without the hash of the next challenge. */
static inline Made *made_with(const Made *old, uint8_t seed, PointForm form) {
    const uint8_t seeds[DRAW_SEED_BYTES] = {seed};
    Draw d = draw_from(seeds);
    uint8_t hash[BLAKE2B_BYTES];
    const Work w = made_work();
    Made *m = made_empty(old->state.curve, old->state.power, form);
    const Phase1Output out = {.form = form, .open = made_open, .ctx = m->bytes};
    m->n = old->n + 1;
    memcpy(m->list, old->list, sizeof m->list);
    Phase1Contribution *c = &m->list[m->n - 1];
    made_challenge(old, hash);
    assert_true(phase1_contribute(&old->state, hash, &d, &out, &w, c, NULL));
    made_take_bytes(m);
    phase1_response_hash(c, hash);
    if (form != FORM_COMPRESSED)
        assert_true(phase1_next_challenge(m->state.v, hash, &w, c->next_challenge, NULL));
    return m;
}

/* The same by a beacon. */
static inline Made *made_beacon(const Made *old) {
    const ContributionParams params = {.beacon = true,
                                       .has_beacon_hash = true,
                                       .has_iterations = true,
                                       .beacon_hash_n = 3,
                                       .beacon_hash = {1, 2, 3},
                                       .iterations_exp = BEACON_EXP_MIN};
    Draw d;
    uint8_t hash[BLAKE2B_BYTES];
    const Work w = made_work();
    Made *m = made_empty(old->state.curve, old->state.power, FORM_MONTGOMERY);
    const Phase1Output out = {.form = FORM_MONTGOMERY, .open = made_open, .ctx = m->bytes};
    m->n = old->n + 1;
    memcpy(m->list, old->list, sizeof m->list);
    Phase1Contribution *c = &m->list[m->n - 1];
    made_challenge(old, hash);
    assert_true(beacon_draw(&params, &d, NULL));
    assert_true(phase1_contribute(&old->state, hash, &d, &out, &w, c, NULL));
    c->params = params;
    made_take_bytes(m);
    phase1_response_hash(c, hash);
    assert_true(phase1_next_challenge(m->state.v, hash, &w, c->next_challenge, NULL));
    return m;
}

/* The Lagrange basis of a vector for 2^level points; the power that is missing is infinite. */
static inline void made_basis(Made *m, Phase1Vector which, unsigned level) {
    const Vector *from = &m->state.v[which];
    const size_t n = (size_t)1 << level, have = n < from->n ? n : (size_t)from->n;
    const size_t each = form_bytes(from->group, FORM_MONTGOMERY);
    const PointReading reading = {.form = FORM_MONTGOMERY, .infinity = true};
    uint8_t *bytes = calloc(n, each);
    assert_non_null(bytes);
    memcpy(bytes, m->bytes[which].data, have * each);
    const Factors f = {.label = 1};
    Points *p;
    PointReport report;
    assert_true(points_read(from->group, reading, bytes, n, &f, NULL, &p, NULL, &report, NULL));
    assert_int_equal(report.fault, POINT_OK);
    assert_true(points_fft(p, FFT_INVERSE, NULL, (CvkProgress){NULL, NULL}, NULL));
    points_write(p, 0, n, FORM_MONTGOMERY, NULL, bytes);
    CvkBuf *b = &m->bases[which][level];
    *b = CVK_BUF((size_t)64 << 20);
    assert_true(cvk_buf_add(b, bytes, n * each, NULL));
    m->lagrange.v[which][level] = (Vector){.name = from->name,
                                           .section = 12 + which,
                                           .group = from->group,
                                           .reading = {.form = FORM_MONTGOMERY},
                                           .n = n,
                                           .bytes = cvk_source_memory(b->data, b->n)};
    points_free(p);
    free(bytes);
}

static inline void made_prepare(Made *m) {
    for (Phase1Vector which = 0; which < PHASE1_BETA_G2; which++) {
        m->lagrange.levels[which] = m->state.power + 1 + (which == PHASE1_TAU_G1);
        for (unsigned i = 0; i < m->lagrange.levels[which]; i++)
            made_basis(m, which, i);
    }
}

static inline Verdict made_verify(const Made *m) {
    const Work w = made_work();
    const Phase1Claim claim = {.state = &m->state,
                               .contributions = m->list,
                               .contributions_n = m->n,
                               .lagrange = m->lagrange.levels[0] != 0 ? &m->lagrange : NULL,
                               .beacon_exp_max = BEACON_EXP_QUICK};
    Verdict v;
    CvkErr err = {0};
    if (!phase1_verify(&claim, &w, &v, NULL, &err))
        fail_msg("no verdict: %s", err.msg);
    return v;
}

static inline void assert_valid(Verdict v) {
    if (!v.valid)
        fail_msg("refused with %s: %s", v.id, v.text);
}

static inline void assert_refused(Verdict v, const char *id) {
    if (v.valid)
        fail_msg("valid, not %s", id);
    assert_string_equal(v.id, id);
}
