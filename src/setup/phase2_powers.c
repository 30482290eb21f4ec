/* Does H belong to the powers of tau?
 *
 * With n the domain and w a primitive 2n-th root of unity, H_j = L_(2j+1)(tau) / delta, the odd
 * half of the Lagrange basis of 2n points. For any s_0 ... s_(n-1),
 *   delta * sum s_j H_j = sum over i < n of c_i (tau^i - tau^(n+i)),
 *   c_i = w^-i / 2 * (inverse FFT of s)_i.
 * The s_j are random, 128 bits; their sum comes from reading H. The c_i, of full size, go with the
 * differences. What is wrong passes with probability 2^-128.
 *
 * The last term, i = n - 1, is special. No prover meets it: it is multiplied with coefficient n - 1
 * of a polynomial of degree n - 2. It is whole where the powers that the key was made from reach
 * tau^(2n-1) (also in a truncated file, by its Lagrange basis of 2n points), only tau^(n-1) where
 * they do not, and nothing after an import of bellman's
 * parameters, which have n - 1 terms. One of these three it must be, and not anything (as for
 * snarkjs, which leaves it out): whoever could put a point T there, that is add T w_n^j to each
 * H_j, would find T / delta in the key after the next honest contribution; for T = -(sum x_i IC_i)
 * that is a proof of the public inputs x without any witness.
 *
 * Where the powers come with their Lagrange basis of 2n points, the s_j are first tried on its odd
 * half itself, which takes half as many additions as the powers. If that does not fit, the powers
 * decide: the basis may have been made with another last term. */
#include "setup/phase2_check.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

typedef struct {
    const Phase2Check *check;
    const Curve *curve;
    size_t n;
    Fr root; /* w */
    Fr *k;   /* s, then c */
    Element h_sum, powers_sum;
} Powers;

bool phase2_powers_fit(const Phase2Check *c, CvkErr *err) {
    const Phase1State *powers = c->powers;
    const Phase2Header *h = &c->before->header; /* the key's, or it is refused for that */
    if (powers->curve != h->curve)
        return cvk_fail(err, CVK_EBADREQ, "ptau.curve",
                        "these powers of tau are for %s, the key is for %s",
                        curve_name(powers->curve), curve_name(h->curve)) ||
               cvk_fail_named(err, powers->v[PHASE1_TAU_G1].bytes.file);
    if (powers->power < 32 && (uint64_t)1 << powers->power < h->domain)
        return cvk_fail(err, CVK_EBADREQ, "ptau.power",
                        "these powers of tau are of power %u, too few for a domain of %" PRIu32,
                        powers->power, h->domain) ||
               cvk_fail_named(err, powers->v[PHASE1_TAU_G1].bytes.file);
    return true;
}

static bool read_one(const Phase2Check *c, const Vector *v, uint64_t i, Element *ret, CvkErr *err) {
    _cleanup_(points_free_at) Points *one = NULL;
    if (!vector_read_good(v, i, 1, c->w, phase2_label(PHASE2_USE_POWERS, 0), &one, NULL, err))
        return false;
    *ret = points_at(one, 0);
    return true;
}

static bool head_of(const Phase2Check *c, Phase1Vector which, Element *ret, CvkErr *err) {
    return read_one(c, &c->powers->v[which], 0, ret, err);
}

/* Alpha and beta stand in both files. */
static bool check_heads(const Phase2Check *c, CvkErr *err) {
    const Phase2Header *h = &c->key->header;
    Element alpha_g1, beta_g1, beta_g2;
    if (!head_of(c, PHASE1_ALPHA_G1, &alpha_g1, err) ||
        !head_of(c, PHASE1_BETA_G1, &beta_g1, err) || !head_of(c, PHASE1_BETA_G2, &beta_g2, err))
        return false;
    if (!element_equal(&alpha_g1, &h->alpha_g1))
        phase2_refuse_single(c, PHASE2_AT_ALPHA_G1, "zkey.ptau",
                             "alpha is not that of the powers of tau");
    else if (!element_equal(&beta_g1, &h->beta_g1) || !element_equal(&beta_g2, &h->beta_g2))
        phase2_refuse_single(
            c, element_equal(&beta_g1, &h->beta_g1) ? PHASE2_AT_BETA_G2 : PHASE2_AT_BETA_G1,
            "zkey.ptau", "beta is not that of the powers of tau");
    return true;
}

/* Reads H, with p->k = the factors and p->h_sum = the sum with them. Stops at a bad point. */
static bool read_h(Powers *p, CvkErr *err) {
    const Phase2Check *c = p->check;
    const Vector *v = &c->key->v[PHASE2_H];
    const size_t block = work_block(c->w, v->group, 1);
    p->h_sum = element_infinity(v->group);
    for (size_t at = 0, i = 0; at < p->n; at += block, i++) {
        const size_t n = p->n - at < block ? p->n - at : block;
        const Factors factors = phase2_factors(c->w, PHASE2_USE_H, i);
        _cleanup_(points_free_at) Points *points = NULL;
        Element sum;
        if (!vector_read(v, at, n, c->w, factors.label, &points, &sum, c->verdict, err))
            return false;
        if (!c->verdict->valid)
            return true;
        p->h_sum = element_add(&p->h_sum, &sum);
        factors_list(p->curve, &factors, 0, n, p->k + at);
        cvk_meter_advance(c->w->meter, n / PHASE2_POINTS_A_UNIT);
    }
    return true;
}

/* ---- the odd half of a basis ---- */

typedef struct {
    const Vector *basis;
    size_t each; /* bytes of a point */
} OddHalf;

/* Whole points of the half. */
static bool odd_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    const OddHalf *half = ctx;
    const size_t each = half->each;
    assert(at % each == 0 && n % each == 0);
    _cleanup_free_ uint8_t *both = cvk_alloc(n, 2, err);
    if (both == NULL || !cvk_source_read(&half->basis->bytes, 2 * at, both, 2 * n, err))
        return false;
    for (size_t i = 0; i < n; i += each)
        memcpy((uint8_t *)ret + i, both + 2 * i + each, each);
    return true;
}

/* Its sum with the factors of read_h. *ret_sound: they were all points. */
static bool sum_odd_half(const Powers *p, bool *ret_sound, Element *ret, CvkErr *err) {
    const Phase2Check *c = p->check;
    const OddHalf half = {c->basis, form_bytes(c->basis->group, c->basis->reading.form)};
    const size_t block = work_block(c->w, c->basis->group, 1);
    Verdict verdict = {.valid = true};
    Vector odd = *c->basis;
    odd.n = p->n;
    odd.bytes = (CvkSource){.read = odd_read, .ctx = &half, .n = p->n * half.each};
    *ret = element_infinity(odd.group);
    for (size_t at = 0, i = 0; at < p->n && verdict.valid; at += block, i++) {
        const size_t n = p->n - at < block ? p->n - at : block;
        _cleanup_(points_free_at) Points *points = NULL;
        Element sum;
        if (!vector_read(&odd, at, n, c->w, phase2_label(PHASE2_USE_H, i), &points, &sum, &verdict,
                         err))
            return false;
        if (points != NULL)
            *ret = element_add(ret, &sum);
        cvk_meter_advance(c->w->meter, n / PHASE2_POINTS_A_UNIT);
    }
    *ret_sound = verdict.valid;
    return true;
}

/* Is delta H the odd half of the basis? */
static bool is_of_basis(const Powers *p, bool *ret, CvkErr *err) {
    const Phase2Check *c = p->check;
    PairingTerm terms[2] = {
        {.g2 = element_generator(curve_g2(p->curve))},
        {element_neg(&p->h_sum), c->key->header.delta_g2},
    };
    *ret = false;
    if (c->basis == NULL || c->basis->n != 2 * (uint64_t)p->n)
        return true;
    if (!sum_odd_half(p, ret, &terms[0].g1, err))
        return false;
    return !*ret || pairing_product_is_one(p->curve, terms, 2, c->w->pool, ret, err);
}

/* ---- the powers themselves ---- */

static bool transform(Powers *p, CvkErr *err) {
    const Curve *c = p->curve;
    const Fr two = fr_from_uint(c, 2), step = fr_inverse(c, &p->root);
    Fr x = fr_inverse(c, &two);
    if (!fr_fft(c, FFT_INVERSE, p->k, p->n, p->check->w->pool, err))
        return false;
    for (size_t i = 0; i < p->n; i++, x = fr_mul(c, &x, &step))
        p->k[i] = fr_mul(c, &p->k[i], &x);
    return true;
}

/* c_i (tau^i - tau^(n+i)) over i in [from, from + n) */
static bool sum_block(Powers *p, size_t from, size_t n, CvkErr *err) {
    const Work *w = p->check->w;
    const Vector *v = &p->check->powers->v[PHASE1_TAU_G1];
    const uint64_t label = phase2_label(PHASE2_USE_POWERS, 0);
    _cleanup_(points_free_at) Points *low = NULL, *high = NULL, *differences = NULL;
    Element sum;
    if (!vector_read_good(v, from, n, w, label, &low, NULL, err) ||
        !vector_read_good(v, p->n + from, n, w, label, &high, NULL, err) ||
        !points_subtract(low, high, w->pool, &differences, err) ||
        !points_combine_fr(differences, 0, n, p->k + from, w->pool, &sum, err))
        return false;
    p->powers_sum = element_add(&p->powers_sum, &sum);
    cvk_meter_advance(w->meter, 3 * n / PHASE2_POINTS_A_UNIT);
    return true;
}

/* All but the last term. */
static bool sum_powers(Powers *p, CvkErr *err) {
    const Group *g = curve_g1(p->curve);
    const size_t all = p->n - 1, block = work_block(p->check->w, g, 3);
    p->powers_sum = element_infinity(g);
    for (size_t at = 0; at < all; at += block)
        if (!sum_block(p, at, all - at < block ? all - at : block, err))
            return false;
    return true;
}

/* What the last term may be. */
typedef enum { LAST_NONE, LAST_LOW, LAST_WHOLE, LAST_TERMS } LastTerm;

/* e(tau^(2n-1), g2) is e(tau^(2n-2), [tau]2), which all powers of this size have. */
static bool matches(const Powers *p, LastTerm last, bool *ret, CvkErr *err) {
    const Phase1State *powers = p->check->powers;
    const Fr *k = &p->k[p->n - 1], minus = fr_neg(p->curve, k);
    PairingTerm terms[3] = {
        {p->powers_sum, element_generator(curve_g2(p->curve))},
        {element_neg(&p->h_sum), p->check->key->header.delta_g2},
    };
    Element low, high;
    if (last != LAST_NONE) {
        if (!read_one(p->check, &powers->v[PHASE1_TAU_G1], p->n - 1, &low, err))
            return false;
        low = element_mul(&low, k);
        terms[0].g1 = element_add(&terms[0].g1, &low);
    }
    if (last == LAST_WHOLE) {
        if (!read_one(p->check, &powers->v[PHASE1_TAU_G1], 2 * p->n - 2, &high, err) ||
            !read_one(p->check, &powers->v[PHASE1_TAU_G2], 1, &terms[2].g2, err))
            return false;
        terms[2].g1 = element_mul(&high, &minus);
    }
    return pairing_product_is_one(p->curve, terms, last == LAST_WHOLE ? 3 : 2, p->check->w->pool,
                                  ret, err);
}

static bool compare(const Powers *p, CvkErr *err) {
    const Phase2Check *c = p->check;
    bool same = false;
    for (LastTerm last = LAST_NONE; last < LAST_TERMS && !same; last++)
        if (!matches(p, last, &same, err))
            return false;
    if (!same)
        vector_refuse(&c->key->v[PHASE2_H], VECTOR_WHOLE, c->verdict, "zkey.h.ptau",
                      "does not belong to these powers of tau and this delta");
    return true;
}

bool phase2_check_h(const Phase2Check *c, CvkErr *err) {
    Powers p = {.check = c, .curve = c->key->header.curve, .n = c->key->header.domain};
    if (!check_heads(c, err))
        return false;
    if (!c->verdict->valid)
        return true;
    if (!fr_root_of_unity(p.curve, 2 * p.n, &p.root))
        return cvk_fail(err, CVK_EBADREQ, "zkey.domain_large", "a domain of %zu is too large", p.n);
    _cleanup_free_ Fr *k = cvk_alloc(p.n, sizeof *k, err);
    p.k = k;
    if (k == NULL || !read_h(&p, err))
        return false;
    bool done = !c->verdict->valid;
    if (!done && !is_of_basis(&p, &done, err))
        return false;
    if (done)
        return true;
    return transform(&p, err) && sum_powers(&p, err) && compare(&p, err);
}
