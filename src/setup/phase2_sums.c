#include "setup/phase2_new_private.h"

#include <assert.h>
#include <string.h>

/* A block of rows: the Lagrange points of each basis that terms multiply. */
typedef enum { BASIS_G1, BASIS_G2, BASIS_ALPHA, BASIS_BETA, BASES } Basis;

typedef struct {
    uint64_t from, end;
    Points *basis[BASES];
} Block;

/* What the terms of a matrix are added to, times which basis. */
static const struct {
    CircuitMatrix matrix;
    Basis basis;
    Sum sum;
} products[] = {
    {CIRCUIT_A, BASIS_G1, SUM_A},  {CIRCUIT_A, BASIS_BETA, SUM_K},  {CIRCUIT_B, BASIS_G1, SUM_B1},
    {CIRCUIT_B, BASIS_G2, SUM_B2}, {CIRCUIT_B, BASIS_ALPHA, SUM_K}, {CIRCUIT_C, BASIS_G1, SUM_K},
};

/* Terms that have been read and not yet added. */
typedef struct {
    CircuitTerm *terms;
    PointTerm *products;
    size_t cap, n, taken;
    RowPlace place;
} Terms;

#define TERMS_MAX 65536
#define TERMS_SHARE 4 /* of the memory */
#define TERM_BYTES (sizeof(CircuitTerm) + sizeof(PointTerm) + 4 * FORM_BYTES_MAX)

static void block_done(Block *b) {
    for (unsigned i = 0; i < BASES; i++)
        b->basis[i] = points_free(b->basis[i]);
}

static bool block_read(const Phase2New *n, uint64_t from, uint64_t end, Block *b, Verdict *verdict,
                       CvkErr *err) {
    const Vector *const vectors[BASES] = {
        [BASIS_G1] = &n->powers.lagrange_g1,
        [BASIS_G2] = &n->powers.lagrange_g2,
        [BASIS_ALPHA] = &n->powers.lagrange_alpha_g1,
        [BASIS_BETA] = &n->powers.lagrange_beta_g1,
    };
    b->from = from;
    b->end = end;
    for (unsigned i = 0; i < BASES; i++) {
        if (!vector_read(vectors[i], from, (size_t)(end - from), &n->work, LABEL_SUMS, &b->basis[i],
                         NULL, verdict, err))
            return false;
        if (b->basis[i] == NULL)
            return true; /* the verdict says why */
    }
    return true;
}

/* Those of `terms` that are of the product's matrix. */
static bool add_product(const Phase2New *n, const Block *b, const CircuitTerm *terms,
                        size_t terms_n, unsigned product, PointTerm *list, CvkErr *err) {
    size_t list_n = 0;
    for (size_t i = 0; i < terms_n; i++)
        if (terms[i].matrix == products[product].matrix)
            list[list_n++] = (PointTerm){.out = terms[i].signal,
                                         .in = (uint32_t)(terms[i].constraint - b->from),
                                         .k = terms[i].value};
    return points_accumulate(n->sums[products[product].sum], b->basis[products[product].basis],
                             list, list_n, n->work.pool, err);
}

static bool count_coefficients(Phase2New *n, const CircuitTerm *terms, size_t terms_n,
                               CvkErr *err) {
    for (size_t i = 0; i < terms_n; i++) {
        if (terms[i].matrix == CIRCUIT_C)
            continue;
        if (n->coefficients_n == UINT32_MAX)
            return cvk_fail(err, CVK_ELIMIT, "circuit.terms",
                            "the circuit has more than 2^32 terms, and a key cannot count them");
        n->coefficients_n++;
    }
    return true;
}

/* The terms at hand that are of this block; *ret_n = 0: the next one is not, or there is none. */
static bool take_terms(const Phase2New *n, const Block *b, Terms *t, const CircuitTerm **ret,
                       size_t *ret_n, CvkErr *err) {
    if (t->taken == t->n) {
        t->taken = 0;
        if (!phase2_rows_read(&n->circuit, &t->place, t->terms, t->cap, &t->n, err))
            return false;
    }
    size_t end = t->taken;
    while (end < t->n && t->terms[end].constraint < b->end)
        end++;
    *ret = t->terms + t->taken;
    *ret_n = end - t->taken;
    t->taken = end;
    return true;
}

static bool add_block(Phase2New *n, const Block *b, Terms *t, CvkErr *err) {
    for (;;) {
        const CircuitTerm *terms;
        size_t terms_n;
        if (!take_terms(n, b, t, &terms, &terms_n, err))
            return false;
        if (terms_n == 0)
            return true;
        if (!count_coefficients(n, terms, terms_n, err))
            return false;
        for (unsigned i = 0; i < sizeof products / sizeof *products; i++)
            if (!add_product(n, b, terms, terms_n, i, t->products, err))
                return false;
    }
}

static bool add_blocks(Phase2New *n, Terms *t, Verdict *verdict, CvkErr *err) {
    uint64_t rows = phase2_rows_n(&n->circuit);
    /* G2's block takes as much as two of G1, and there are three of those */
    size_t size = work_block(&n->work, curve_g2(n->circuit.curve), 3);
    for (uint64_t from = 0; from < rows && verdict->valid; from += size) {
        uint64_t end = rows - from < size ? rows : from + size;
        Block b = {0};
        bool ok = block_read(n, from, end, &b, verdict, err) &&
                  (!verdict->valid || add_block(n, &b, t, err));
        block_done(&b);
        if (!ok)
            return false;
        phase2_advance(n, (size_t)(end - from));
    }
    return true;
}

static size_t terms_at_a_time(const Work *w) {
    size_t n = w->memory / TERMS_SHARE / TERM_BYTES;
    return n < TERMS_MAX ? n : TERMS_MAX;
}

bool phase2_sum_terms(Phase2New *n, Verdict *verdict, CvkErr *err) {
    const Curve *c = n->circuit.curve;
    for (unsigned i = 0; i < SUMS; i++) {
        n->sums[i] =
            points_infinities(i == SUM_B2 ? curve_g2(c) : curve_g1(c), n->circuit.n_vars, err);
        if (n->sums[i] == NULL)
            return false;
    }
    Terms t = {.cap = terms_at_a_time(&n->work)};
    _cleanup_free_ CircuitTerm *terms = t.terms = cvk_alloc(t.cap, sizeof *terms, err);
    if (terms == NULL)
        return false;
    _cleanup_free_ PointTerm *list = t.products = cvk_alloc(t.cap, sizeof *list, err);
    return list != NULL && add_blocks(n, &t, verdict, err);
}
