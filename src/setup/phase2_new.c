#include "base/le.h"
#include "setup/phase2_new_private.h"

#include <assert.h>
#include <string.h>

#define H_UNITS 2 /* of each point of H, which is hashed and written; a row takes one */

size_t phase2_new_units(const Circuit *c) {
    return (size_t)phase2_rows_n(c) + H_UNITS * ((size_t)1 << circuit_domain_power(c));
}

/* Nobody has contributed: gamma and delta are one. */
static Phase2Header first_header(const Circuit *c, const Phase2Powers *p) {
    const Group *g1 = curve_g1(c->curve), *g2 = curve_g2(c->curve);
    return (Phase2Header){.curve = c->curve,
                          .n_vars = c->n_vars,
                          .n_public = c->n_public,
                          .domain = (uint32_t)1 << p->power,
                          .alpha_g1 = p->alpha_g1,
                          .beta_g1 = p->beta_g1,
                          .beta_g2 = p->beta_g2,
                          .gamma_g2 = element_generator(g2),
                          .delta_g1 = element_generator(g1),
                          .delta_g2 = element_generator(g2)};
}

static void describe_vectors(Phase2Key *key) {
    for (unsigned i = 0; i < PHASE2_VECTORS; i++)
        key->v[i] = (Vector){.name = phase2_vector_names[i],
                             .group = phase2_vector_group(key->header.curve, i),
                             .reading = {.form = FORM_MONTGOMERY, .infinity = true},
                             .n = phase2_vector_n(&key->header, i)};
}

bool phase2_new(const Circuit *c, const Phase2Powers *p, const Work *w, Phase2New **ret,
                Verdict *verdict, CvkErr *err) {
    assert(c->curve == p->curve && p->power == circuit_domain_power(c));
    Phase2New *n = cvk_alloc(1, sizeof *n, err);
    if (n == NULL)
        return false;
    *n = (Phase2New){.circuit = *c, .powers = *p, .work = *w};
    n->key.header = first_header(c, p);
    describe_vectors(&n->key);
    bool ok = phase2_sum_terms(n, verdict, err) &&
              (!verdict->valid || phase2_circuit_hash(n, n->key.circuit_hash, verdict, err));
    *ret = ok && verdict->valid ? n : phase2_new_free(n);
    return ok;
}

Phase2New *phase2_new_free(Phase2New *n) {
    if (n != NULL)
        for (unsigned i = 0; i < SUMS; i++)
            points_free(n->sums[i]);
    free(n);
    return NULL;
}

const Phase2Key *phase2_new_key(const Phase2New *n) {
    return &n->key;
}

/* ---- writing ---- */

#define AT_A_TIME ((size_t)4096)

static bool write_points(const Phase2New *n, const Points *p, size_t from, size_t end,
                         const CvkSink *to, CvkErr *err) {
    size_t each = form_bytes(points_group(p), FORM_MONTGOMERY);
    _cleanup_free_ uint8_t *b = cvk_alloc(AT_A_TIME, each, err);
    if (b == NULL)
        return false;
    for (size_t m; from < end; from += m) {
        m = end - from < AT_A_TIME ? end - from : AT_A_TIME;
        points_write(p, from, m, FORM_MONTGOMERY, n->work.pool, b);
        if (!cvk_sink_write(to, b, m * each, err))
            return false;
    }
    return true;
}

/* Every other point of these, from the second on. */
static bool write_odd(const Phase2New *n, const Points *p, const CvkSink *to, CvkErr *err) {
    size_t points = points_n(p), each = form_bytes(points_group(p), FORM_MONTGOMERY);
    _cleanup_free_ uint8_t *b = cvk_alloc(points, each, err);
    if (b == NULL)
        return false;
    points_write(p, 0, points, FORM_MONTGOMERY, n->work.pool, b);
    for (size_t i = 0; i < points / 2; i++)
        memcpy(b + i * each, b + (2 * i + 1) * each, each);
    return cvk_sink_write(to, b, points / 2 * each, err);
}

/* The Lagrange polynomials of twice the domain that belong to its odd points vanish on the domain:
 * they span what its vanishing polynomial divides, which is what provers need H for. */
static bool write_h(const Phase2New *n, const CvkSink *to, Verdict *verdict, CvkErr *err) {
    const Vector *next = &n->powers.lagrange_next_g1;
    uint64_t all = 2 * (uint64_t)n->key.header.domain;
    size_t size = work_block(&n->work, curve_g1(n->circuit.curve), 2);
    for (uint64_t from = 0, m; from < all; from += m) {
        _cleanup_(points_free_at) Points *p = NULL;
        m = all - from < size ? all - from : size;
        if (!vector_read(next, from, (size_t)m, &n->work, LABEL_H, &p, NULL, verdict, err))
            return false;
        if (!verdict_need(verdict, err))
            return false;
        if (!write_odd(n, p, to, err))
            return false;
        phase2_advance(n, (size_t)m / 2);
    }
    return true;
}

bool phase2_new_vector(const Phase2New *n, Phase2Vector which, const CvkSink *to, Verdict *verdict,
                       CvkErr *err) {
    size_t n_vars = n->key.header.n_vars, n_ic = (size_t)n->key.header.n_public + 1;
    switch (which) {
    case PHASE2_IC:
        return write_points(n, n->sums[SUM_K], 0, n_ic, to, err);
    case PHASE2_A:
        return write_points(n, n->sums[SUM_A], 0, n_vars, to, err);
    case PHASE2_B1:
        return write_points(n, n->sums[SUM_B1], 0, n_vars, to, err);
    case PHASE2_B2:
        return write_points(n, n->sums[SUM_B2], 0, n_vars, to, err);
    case PHASE2_L:
        return write_points(n, n->sums[SUM_K], n_ic, n_vars, to, err);
    case PHASE2_H:
        return write_h(n, to, verdict, err);
    case PHASE2_VECTORS:
        break;
    }
    assert(which != PHASE2_VECTORS);
    return false;
}

/* R as a field element: what makes a Montgomery form of a Montgomery form. */
static Fr montgomery_factor(const Curve *c) {
    uint8_t b[FR_BYTES];
    Fr one = fr_from_uint(c, 1), factor;
    fr_to_montgomery(&one, b);
    bool ok = fr_from_le(c, b, &factor);
    assert(ok);
    return factor;
}

/* Those of A and B; C's are not in a key. Returns their bytes. */
static size_t coefficients_bytes(const Curve *c, const Fr *factor, const CircuitTerm *terms,
                                 size_t n, uint8_t *ret) {
    uint8_t *at = ret;
    for (size_t i = 0; i < n; i++) {
        if (terms[i].matrix == CIRCUIT_C)
            continue;
        Fr value = fr_mul(c, &terms[i].value, factor);
        cvk_put_le32(terms[i].matrix == CIRCUIT_A ? 0 : 1, at);
        cvk_put_le32(terms[i].constraint, at + 4);
        cvk_put_le32(terms[i].signal, at + 8);
        fr_to_montgomery(&value, at + 12);
        at += PHASE2_COEFFICIENT_BYTES;
    }
    return (size_t)(at - ret);
}

bool phase2_new_coefficients(const Phase2New *n, const CvkSink *to, CvkErr *err) {
    const Curve *c = n->circuit.curve;
    Fr factor = montgomery_factor(c);
    RowPlace place = {0};
    uint8_t count[4];
    size_t terms_n;
    _cleanup_free_ CircuitTerm *terms = cvk_alloc(AT_A_TIME, sizeof *terms, err);
    if (terms == NULL)
        return false;
    _cleanup_free_ uint8_t *bytes = cvk_alloc(AT_A_TIME, PHASE2_COEFFICIENT_BYTES, err);
    if (bytes == NULL)
        return false;
    cvk_put_le32(n->coefficients_n, count);
    if (!cvk_sink_write(to, count, sizeof count, err))
        return false;
    do {
        if (!phase2_rows_read(&n->circuit, &place, terms, AT_A_TIME, &terms_n, err) ||
            !cvk_sink_write(to, bytes, coefficients_bytes(c, &factor, terms, terms_n, bytes), err))
            return false;
    } while (terms_n != 0);
    return true;
}
