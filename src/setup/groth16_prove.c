#include "setup/groth16_prove.h"

#include "base/alloc.h"
#include "base/le.h"
#include "base/secret.h"
#include "setup/circuit.h"

#include <assert.h>
#include <inttypes.h>

struct Groth16Prover {
    Phase2Header header;
    Points *v[PHASE2_VECTORS]; /* all but IC */
    uint32_t terms_n;
    CircuitTerm *terms; /* the rows of A and B; their values are times R, as the key has them */
};

/* ---- the key ---- */

static bool bad_term(uint32_t i, CvkErr *err) {
    return cvk_fail(err, CVK_EBADREQ, "groth16.coefficients",
                    "coefficient %" PRIu32 " of the key makes no sense", i);
}

static bool read_term(const Phase2Header *h, const uint8_t *b, CircuitTerm *ret) {
    const uint32_t matrix = cvk_le32(b);
    *ret = (CircuitTerm){.matrix = matrix == 0 ? CIRCUIT_A : CIRCUIT_B,
                         .constraint = cvk_le32(b + 4),
                         .signal = cvk_le32(b + 8)};
    return matrix <= 1 && ret->constraint < h->domain && ret->signal < h->n_vars &&
           fr_from_montgomery(h->curve, b + 12, &ret->value);
}

#define TERMS_AT_A_TIME 1024

static bool read_terms(const CvkSource *from, Groth16Prover *p, CvkErr *err) {
    uint8_t b[TERMS_AT_A_TIME * PHASE2_COEFFICIENT_BYTES];
    if (!cvk_source_read(from, 0, b, 4, err))
        return false;
    p->terms_n = cvk_le32(b);
    if (from->n != 4 + (uint64_t)p->terms_n * PHASE2_COEFFICIENT_BYTES)
        return cvk_fail(err, CVK_EBADREQ, "groth16.coefficients",
                        "the key has not as many coefficients as it says");
    p->terms = cvk_alloc(p->terms_n, sizeof *p->terms, err);
    if (p->terms == NULL)
        return false;
    for (uint32_t i = 0; i < p->terms_n; i++) {
        const uint32_t k = i % TERMS_AT_A_TIME, left = p->terms_n - i;
        const size_t n = left < TERMS_AT_A_TIME ? left : TERMS_AT_A_TIME;
        if (k == 0 && !cvk_source_read(from, 4 + (uint64_t)i * PHASE2_COEFFICIENT_BYTES, b,
                                       n * PHASE2_COEFFICIENT_BYTES, err))
            return false;
        if (!read_term(&p->header, b + (size_t)k * PHASE2_COEFFICIENT_BYTES, &p->terms[i]))
            return bad_term(i, err);
    }
    return true;
}

bool groth16_prover_new(const Phase2Key *key, const Work *w, Groth16Prover **ret, CvkErr *err) {
    Groth16Prover *p = cvk_alloc(1, sizeof *p, err);
    if (p == NULL)
        return false;
    p->header = key->header;
    bool ok = read_terms(&key->coefficients, p, err);
    for (Phase2Vector which = PHASE2_A; ok && which < PHASE2_VECTORS; which++)
        ok = vector_read_good(&key->v[which], 0, (size_t)key->v[which].n, w, which, &p->v[which],
                              NULL, err);
    *ret = ok ? p : groth16_prover_free(p);
    return ok;
}

Groth16Prover *groth16_prover_free(Groth16Prover *p) {
    if (p == NULL)
        return NULL;
    for (unsigned i = 0; i < PHASE2_VECTORS; i++)
        points_free(p->v[i]);
    free(p->terms);
    free(p);
    return NULL;
}

/* ---- the quotient ---- */

/* 1/R: the element whose Montgomery form is one. */
static Fr inverse_of_r(const Curve *c) {
    const uint8_t one[FR_BYTES] = {1};
    Fr ret;
    bool ok = fr_from_montgomery(c, one, &ret);
    assert(ok);
    return ret;
}

/* What the rows of A and B are for this witness: `domain` numbers each, that are zero before. */
static void fill_rows(const Groth16Prover *p, const Fr *witness, Fr *a, Fr *b) {
    const Curve *c = p->header.curve;
    const Fr unit = inverse_of_r(c);
    for (uint32_t i = 0; i < p->terms_n; i++) {
        const CircuitTerm *t = &p->terms[i];
        const Fr product = fr_mul(c, &t->value, &witness[t->signal]);
        Fr *row = (t->matrix == CIRCUIT_A ? a : b) + t->constraint;
        *row = fr_add(c, row, &product);
    }
    for (uint32_t i = 0; i < p->header.domain; i++) {
        a[i] = fr_mul(c, &a[i], &unit);
        b[i] = fr_mul(c, &b[i], &unit);
    }
}

/* From a polynomial's values at w^j to those at v w^j, v^2 = w. */
static bool shift(const Curve *c, Fr *values, size_t n, CvkPool *pool, CvkErr *err) {
    Fr v, power = fr_from_uint(c, 1);
    if (!fr_root_of_unity(c, 2 * n, &v))
        return cvk_fail(err, CVK_EBADREQ, "fft.size", "a domain of %zu is too large", n);
    if (!fr_fft(c, FFT_INVERSE, values, n, pool, err))
        return false;
    for (size_t i = 0; i < n; i++, power = fr_mul(c, &power, &v))
        values[i] = fr_mul(c, &values[i], &power);
    return fr_fft(c, FFT_FORWARD, values, n, pool, err);
}

/* h_j: a b - c at the odd places. */
static bool quotient(const Groth16Prover *p, const Fr *witness, Fr *h, CvkPool *pool, CvkErr *err) {
    const Curve *c = p->header.curve;
    const size_t n = p->header.domain;
    _cleanup_free_ Fr *a = cvk_alloc(n, sizeof *a, err);
    _cleanup_free_ Fr *b = cvk_alloc(n, sizeof *b, err);
    if (a == NULL || b == NULL)
        return false;
    fill_rows(p, witness, a, b);
    for (size_t i = 0; i < n; i++)
        h[i] = fr_mul(c, &a[i], &b[i]);
    if (!shift(c, a, n, pool, err) || !shift(c, b, n, pool, err) || !shift(c, h, n, pool, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        const Fr product = fr_mul(c, &a[i], &b[i]);
        h[i] = fr_sub(c, &product, &h[i]);
    }
    return true;
}

/* ---- the proof ---- */

/* What the key's points give for a witness, before it is hidden. */
typedef struct {
    Element a, b1, b2, c;
} Sums;

static bool sum_of(const Groth16Prover *p, Phase2Vector which, const Fr *k, CvkPool *pool,
                   Element *ret, CvkErr *err) {
    return points_combine_fr(p->v[which], 0, points_n(p->v[which]), k, pool, ret, err);
}

static bool sum_all(const Groth16Prover *p, const Fr *witness, CvkPool *pool, Sums *ret,
                    CvkErr *err) {
    const Phase2Header *key = &p->header;
    Element l, h;
    _cleanup_free_ Fr *q = cvk_alloc(key->domain, sizeof *q, err);
    if (q == NULL || !quotient(p, witness, q, pool, err) ||
        !sum_of(p, PHASE2_A, witness, pool, &ret->a, err) ||
        !sum_of(p, PHASE2_B1, witness, pool, &ret->b1, err) ||
        !sum_of(p, PHASE2_B2, witness, pool, &ret->b2, err) ||
        !sum_of(p, PHASE2_L, witness + key->n_public + 1, pool, &l, err) ||
        !sum_of(p, PHASE2_H, q, pool, &h, err))
        return false;
    ret->a = element_add(&key->alpha_g1, &ret->a);
    ret->b1 = element_add(&key->beta_g1, &ret->b1);
    ret->b2 = element_add(&key->beta_g2, &ret->b2);
    ret->c = element_add(&l, &h);
    return true;
}

/* What hides the witness. Guarded. */
typedef struct {
    Fr r, s, minus_rs;
} Blinding;

/* e + k * base */
static Element add_secret(const Element *e, const Element *base, const Fr *k) {
    const Element product = element_mul_secret(base, k);
    return element_add(e, &product);
}

static void hide(const Phase2Header *key, const Sums *sums, const Blinding *k, Groth16Proof *ret) {
    const Element b1 = add_secret(&sums->b1, &key->delta_g1, &k->s);
    ret->a = add_secret(&sums->a, &key->delta_g1, &k->r);
    ret->b = add_secret(&sums->b2, &key->delta_g2, &k->s);
    ret->c = add_secret(&sums->c, &ret->a, &k->s);
    ret->c = add_secret(&ret->c, &b1, &k->r);
    ret->c = add_secret(&ret->c, &key->delta_g1, &k->minus_rs);
}

bool groth16_prove(const Groth16Prover *p, const Fr *witness, Draw *draw, CvkPool *pool,
                   Groth16Proof *ret, CvkErr *err) {
    const Curve *c = p->header.curve;
    const Fr one = fr_from_uint(c, 1);
    Sums sums;
    assert(fr_equal(&witness[0], &one));
    if (!sum_all(p, witness, pool, &sums, err))
        return false;
    _cleanup_secret_ Blinding *k = cvk_secret_alloc(sizeof *k, err);
    if (k == NULL)
        return false;
    k->r = draw_fr(c, draw);
    k->s = draw_fr(c, draw);
    k->minus_rs = fr_mul(c, &k->r, &k->s);
    k->minus_rs = fr_neg(c, &k->minus_rs);
    hide(&p->header, &sums, k, ret);
    cvk_wipe_stack();
    return true;
}
