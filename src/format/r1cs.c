#include "format/r1cs_private.h"

#include "base/alloc.h"
#include "base/le.h"
#include "format/curves.h"

#include <inttypes.h>

static const char *const names[R1CS_SECTIONS_END] = {
    NULL, "header", "constraints", "labels", "custom gates", "custom gates' uses"};
const SectionKind r1cs_kind = {.magic = "r1cs",
                               .version_max = 1,
                               .version_written = 1,
                               .names = names,
                               .types_n = R1CS_SECTIONS_END};

#define CONSTRAINT_BYTES_MIN (CIRCUIT_MATRICES * 4) /* three empty sums */

struct R1cs {
    SectionFile *file;
    Circuit circuit;
    R1csCounts counts;
    CvkSource constraints;
};

/* ---- terms ---- */

#define WINDOW_BYTES (1024 * R1CS_TERM_BYTES)

/* Some of the section's bytes, to be taken from the front. */
typedef struct {
    uint8_t bytes[WINDOW_BYTES];
    size_t n, taken;
} Window;

static bool window_fill(const R1cs *r, uint64_t at, Window *w, CvkErr *err) {
    uint64_t left = r->constraints.n - at;
    w->n = left < sizeof w->bytes ? (size_t)left : sizeof w->bytes;
    w->taken = 0;
    return cvk_source_read(&r->constraints, at, w->bytes, w->n, err);
}

/* The next n bytes, or NULL if the window does not hold them. */
static const uint8_t *take(Window *w, CircuitPlace *p, size_t n) {
    if (w->n - w->taken < n)
        return NULL;
    const uint8_t *at = w->bytes + w->taken;
    w->taken += n;
    p->at += n;
    return at;
}

static bool at_end(const R1cs *r, const CircuitPlace *p) {
    return p->constraint == r->counts.constraints;
}

/* To where the next term begins, over constraints' ends and empty sums. */
static bool take_counts(const R1cs *r, Window *w, CircuitPlace *p, CvkErr *err) {
    while (p->left == 0 && !at_end(r, p)) {
        if (p->lists == CIRCUIT_MATRICES) {
            p->lists = 0;
            p->constraint++;
            continue;
        }
        const uint8_t *b = take(w, p, 4);
        if (b == NULL)
            return true;
        p->left = cvk_le32(b);
        p->lists++;
        if (p->left > (r->constraints.n - p->at) / R1CS_TERM_BYTES)
            return section_fail(r->file, R1CS_CONSTRAINTS, p->at - 4, err, "r1cs.size",
                                "constraint %" PRIu32 " announces %" PRIu32
                                " terms, more than there is room for",
                                p->constraint, p->left);
    }
    return true;
}

static bool take_term(const R1cs *r, const uint8_t *b, CircuitPlace *p, CircuitTerm *ret,
                      CvkErr *err) {
    uint64_t at = p->at - R1CS_TERM_BYTES;
    *ret = (CircuitTerm){.matrix = (CircuitMatrix)(p->lists - 1),
                         .constraint = p->constraint,
                         .signal = cvk_le32(b)};
    p->left--;
    if (ret->signal >= r->counts.wires)
        return section_fail(r->file, R1CS_CONSTRAINTS, at, err, "r1cs.wire",
                            "constraint %" PRIu32 " names wire %" PRIu32 " of %" PRIu32,
                            p->constraint, ret->signal, r->counts.wires);
    if (!fr_from_le(r->circuit.curve, b + 4, &ret->value))
        return section_fail(r->file, R1CS_CONSTRAINTS, at + 4, err, "r1cs.value",
                            "constraint %" PRIu32 ": a value is not below the prime",
                            p->constraint);
    return true;
}

static bool take_terms(const R1cs *r, Window *w, CircuitPlace *p, CircuitTerm *ret, size_t n,
                       size_t *got, CvkErr *err) {
    for (;;) {
        if (!take_counts(r, w, p, err))
            return false;
        const uint8_t *b = p->left == 0 || *got == n ? NULL : take(w, p, R1CS_TERM_BYTES);
        if (b == NULL)
            return true;
        if (!take_term(r, b, p, &ret[(*got)++], err))
            return false;
    }
}

/* A window that gives nothing is one that holds nothing: the section ends. */
static bool read_terms(const void *ctx, CircuitPlace *place, CircuitTerm *ret, size_t n,
                       size_t *ret_n, CvkErr *err) {
    const R1cs *r = ctx;
    *ret_n = 0;
    _cleanup_free_ Window *w = cvk_alloc(1, sizeof *w, err);
    if (w == NULL)
        return false;
    while (*ret_n < n && !at_end(r, place)) {
        if (!window_fill(r, place->at, w, err) || !take_terms(r, w, place, ret, n, ret_n, err))
            return false;
        if (w->taken == 0 && !at_end(r, place))
            return section_fail(r->file, R1CS_CONSTRAINTS, place->at, err, "r1cs.size",
                                "it ends inside constraint %" PRIu32 " of %" PRIu32,
                                place->constraint, r->counts.constraints);
    }
    return true;
}

/* ---- opening ---- */

static bool read_prime(R1cs *r, const uint8_t *b, CvkErr *err) {
    r->circuit.curve = curves_with_order(b + 4, FR_BYTES);
    return r->circuit.curve != NULL ||
           section_fail(r->file, R1CS_HEADER, 4, err, "r1cs.prime",
                        "the prime is not that of a supported curve: " CURVES_SUPPORTED);
}

static bool read_counts(R1cs *r, const uint8_t *b, CvkErr *err) {
    R1csCounts *c = &r->counts;
    *c = (R1csCounts){.wires = cvk_le32(b),
                      .outputs = cvk_le32(b + 4),
                      .public_inputs = cvk_le32(b + 8),
                      .private_inputs = cvk_le32(b + 12),
                      .labels = cvk_le64(b + 16),
                      .constraints = cvk_le32(b + 24)};
    uint64_t named = (uint64_t)1 + c->outputs + c->public_inputs + c->private_inputs;
    if (named > c->wires)
        return section_fail(r->file, R1CS_HEADER, R1CS_COUNTS_AT, err, "r1cs.wires",
                            "%" PRIu32 " wires, and %" PRIu64
                            " are needed for one, outputs and inputs",
                            c->wires, named);
    r->circuit.constraints = c->constraints;
    r->circuit.n_vars = c->wires;
    r->circuit.n_public = c->outputs + c->public_inputs;
    return true;
}

static bool read_header(R1cs *r, CvkErr *err) {
    uint8_t b[R1CS_HEADER_BYTES];
    CvkSource s;
    if (!section_need(r->file, R1CS_HEADER, ANY_SIZE, &s, err))
        return false;
    /* first, as the size follows from it */
    if (s.n >= 4 && !cvk_source_read(&s, 0, b, 4, err))
        return false;
    if (s.n >= 4 && cvk_le32(b) != FR_BYTES)
        return section_fail(r->file, R1CS_HEADER, 0, err, "r1cs.prime",
                            "its field has %" PRIu32 " bytes; supported: " CURVES_SUPPORTED,
                            cvk_le32(b));
    return section_need(r->file, R1CS_HEADER, R1CS_HEADER_BYTES, &s, err) &&
           cvk_source_read(&s, 0, b, sizeof b, err) && read_prime(r, b, err) &&
           read_counts(r, b + R1CS_COUNTS_AT, err);
}

/* Both sections begin with how many there are. */
static bool refuse_gates(const R1cs *r, uint32_t type, CvkErr *err) {
    CvkSource s;
    uint8_t count[4] = {0};
    if (!section_find(r->file, type, &s))
        return true;
    if (s.n >= sizeof count && !cvk_source_read(&s, 0, count, sizeof count, err))
        return false;
    return (s.n == sizeof count && cvk_le32(count) == 0) ||
           section_fail(r->file, type, 0, err, "r1cs.custom_gates",
                        "a circuit with custom gates is for PLONK, not for Groth16");
}

static bool find_sections(R1cs *r, CvkErr *err) {
    CvkSource labels;
    if (!section_need(r->file, R1CS_LABELS, R1CS_LABEL_BYTES * (uint64_t)r->counts.wires, &labels,
                      err) ||
        !refuse_gates(r, R1CS_GATES, err) || !refuse_gates(r, R1CS_GATE_USES, err) ||
        !section_need(r->file, R1CS_CONSTRAINTS, ANY_SIZE, &r->constraints, err))
        return false;
    return r->counts.constraints <= r->constraints.n / CONSTRAINT_BYTES_MIN ||
           section_fail(r->file, R1CS_CONSTRAINTS, 0, err, "r1cs.size",
                        "%" PRIu64 " bytes are too few for %" PRIu32 " constraints",
                        r->constraints.n, r->counts.constraints);
}

#define TERMS_AT_A_TIME 1024

static bool read_all(R1cs *r, CvkErr *err) {
    CircuitPlace place = {0};
    size_t n;
    _cleanup_free_ CircuitTerm *terms = cvk_alloc(TERMS_AT_A_TIME, sizeof *terms, err);
    if (terms == NULL)
        return false;
    do {
        if (!read_terms(r, &place, terms, TERMS_AT_A_TIME, &n, err))
            return false;
        for (size_t i = 0; i < n; i++)
            r->counts.terms[terms[i].matrix]++;
    } while (n != 0);
    return place.at == r->constraints.n ||
           section_fail(r->file, R1CS_CONSTRAINTS, place.at, err, "r1cs.left_over",
                        "%" PRIu64 " bytes are left over behind the last constraint",
                        r->constraints.n - place.at);
}

/* Takes the file over in every case. */
static bool open_file(SectionFile *file, R1cs **ret, CvkErr *err) {
    R1cs *r = cvk_alloc(1, sizeof *r, err);
    if (r == NULL) {
        section_file_close(file);
        return false;
    }
    r->file = file;
    r->circuit.read = read_terms;
    r->circuit.ctx = r;
    if (!read_header(r, err) || !find_sections(r, err) || !read_all(r, err)) {
        r1cs_close(r);
        return false;
    }
    *ret = r;
    return true;
}

bool r1cs_open(const char *path, R1cs **ret, CvkErr *err) {
    SectionFile *file;
    return section_file_open(path, &r1cs_kind, &file, err) && open_file(file, ret, err);
}

bool r1cs_memory(const void *data, size_t n, const char *name, R1cs **ret, CvkErr *err) {
    SectionFile *file;
    return section_file_memory(data, n, name, &r1cs_kind, &file, err) && open_file(file, ret, err);
}

R1cs *r1cs_close(R1cs *r) {
    if (r != NULL)
        section_file_close(r->file);
    free(r);
    return NULL;
}

const Circuit *r1cs_circuit(const R1cs *r) {
    return &r->circuit;
}

const R1csCounts *r1cs_counts(const R1cs *r) {
    return &r->counts;
}
