#include "format/r1cs_private.h"

#include "base/alloc.h"
#include "base/le.h"

#define TERMS_AT_A_TIME 1024
#define LISTS_MEMORY ((size_t)UINT32_MAX * R1CS_TERM_BYTES)

static bool put_header(const Circuit *c, const CvkSink *to, CvkErr *err) {
    uint8_t b[R1CS_HEADER_BYTES] = {0}, *counts = b + R1CS_COUNTS_AT;
    cvk_put_le32(FR_BYTES, b);
    curve_order(c->curve, b + 4);
    cvk_put_le32(c->n_vars, counts);
    cvk_put_le32(c->n_public, counts + 8); /* of outputs there are none */
    cvk_put_le64(c->n_vars, counts + 16);
    cvk_put_le32(c->constraints, counts + 24);
    return cvk_sink_write(to, b, sizeof b, err);
}

/* A list's length stands before its terms, and is known when the next list begins. */
typedef struct {
    const CvkSink *to;
    uint64_t list; /* its number: CIRCUIT_MATRICES a constraint */
    uint32_t n;
    CvkBuf terms;
} Lists;

/* Writes this list, and empty ones up to `next`. */
static bool go_to(Lists *l, uint64_t next, CvkErr *err) {
    for (; l->list < next; l->list++) {
        uint8_t count[4];
        cvk_put_le32(l->n, count);
        if (!cvk_sink_write(l->to, count, sizeof count, err) ||
            !cvk_sink_write(l->to, cvk_buf_str(&l->terms), l->terms.n, err))
            return false;
        l->n = 0;
        l->terms.n = 0;
    }
    return true;
}

static bool put_term(Lists *l, const Curve *c, const CircuitTerm *t, CvkErr *err) {
    uint8_t b[R1CS_TERM_BYTES];
    cvk_put_le32(t->signal, b);
    fr_to_le(c, &t->value, b + 4);
    l->n++;
    return cvk_buf_add(&l->terms, b, sizeof b, err);
}

static bool put_terms(const Circuit *c, Lists *l, CvkErr *err) {
    CircuitPlace place = {0};
    size_t n;
    _cleanup_free_ CircuitTerm *terms = cvk_alloc(TERMS_AT_A_TIME, sizeof *terms, err);
    if (terms == NULL)
        return false;
    do {
        if (!c->read(c->ctx, &place, terms, TERMS_AT_A_TIME, &n, err))
            return false;
        for (size_t i = 0; i < n; i++) {
            const uint64_t list =
                (uint64_t)terms[i].constraint * CIRCUIT_MATRICES + terms[i].matrix;
            if (!go_to(l, list, err) || !put_term(l, c->curve, &terms[i], err))
                return false;
        }
    } while (n != 0);
    return go_to(l, (uint64_t)c->constraints * CIRCUIT_MATRICES, err);
}

static bool put_constraints(const Circuit *c, const CvkSink *to, CvkErr *err) {
    Lists l = {.to = to, .terms = CVK_BUF(LISTS_MEMORY)};
    bool ok = put_terms(c, &l, err);
    cvk_buf_done(&l.terms);
    return ok;
}

static bool put_labels(const Circuit *c, const CvkSink *to, CvkErr *err) {
    for (uint32_t i = 0; i < c->n_vars; i++) {
        uint8_t label[R1CS_LABEL_BYTES];
        cvk_put_le64(i, label);
        if (!cvk_sink_write(to, label, sizeof label, err))
            return false;
    }
    return true;
}

bool r1cs_write(const char *path, const Circuit *c, CvkErr *err) {
    static bool (*const parts[])(const Circuit *, const CvkSink *,
                                 CvkErr *) = {put_header, put_constraints, put_labels};
    SectionWriter *w;
    CvkSink to;
    if (!section_writer_open(path, &r1cs_kind, R1CS_LABELS, &w, err))
        return false;
    for (uint32_t i = 0; i < R1CS_LABELS; i++) {
        if (!section_writer_begin(w, R1CS_HEADER + i, &to, err) || !parts[i](c, &to, err)) {
            section_writer_abandon(w);
            return false;
        }
    }
    return section_writer_commit(w, err);
}
