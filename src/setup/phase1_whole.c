/* All vectors and bases of a file by one equation, for half the additions of checking them one
 * after the other.
 *
 * Let p_j, q_j and l_i be the logarithms of what the file has as powers in G1 and G2 and as the
 * Lagrange bases of one vector, and T the sum of r_j q_j for j < N. The powers P_j of tauG1, M of
 * them, are summed once, with the weights
 *   x^j + r_j (for j < N) + c_j,   c = the sum over all levels of the inverse transform of s,
 * where r_j and s_i are what tauG2 and the bases are summed with (128 bits) and x is of full size.
 * Call that sum less the one of s_i l_i D. Then
 *   (x tau - 1) D = (x p_1 - 1) T + x^M tau p_(M-1) - 1,   tau = q_1
 * holds for all s only if each level is the transform of the powers, for all r only if
 * (x tau - 1) p_j = (x p_1 - 1) q_j, so that p_1 = tau and p_j = q_j for j < N, and for all x only
 * if p_j = tau p_(j-1) for all j. The other vectors and bases follow from T and from the sum of
 * tauG1's bases, as they would alone. All these relations are put together with random factors, so
 * that they take five pairings.
 *
 * The weights are as many as the powers: they must fit in memory. */
#include "setup/phase1_private.h"

#include <assert.h>
#include <string.h>

#define BASES PHASE1_BETA_G2

typedef struct {
    const Phase1Claim *claim;
    const Curve *curve;
    Work w;          /* with the memory that the weights leave */
    size_t powers;   /* points of tauG1 */
    unsigned levels; /* that all bases have */
    bool top;        /* tauG1 has one more */
    Fr x;
    Fr *weights; /* of tauG1's points */
    Phase1Sums sums;
    Element basis[BASES]; /* the sums of the bases, without the top level */
    Element top_basis;
    Verdict verdict; /* what is found on the way; others say it better */
} Whole;

static const Vector *basis_level(const Whole *o, Phase1Vector which, unsigned level) {
    return &o->claim->lagrange->v[which][level];
}

/* How many levels all have; 0: there are no bases, or none as prepare makes them. */
static unsigned common_levels(const Phase1Claim *claim) {
    const unsigned n = claim->state->power + 1;
    if (claim->lagrange == NULL || claim->lagrange->levels[PHASE1_TAU_G1] < n)
        return 0;
    for (Phase1Vector which = PHASE1_TAU_G1 + 1; which < BASES; which++)
        if (claim->lagrange->levels[which] != n)
            return 0;
    return n;
}

/* In a truncated file the last level was made with a power that is not there; in one of power 28 on
 * bn254 it is of two cosets. */
static bool sees_top(const Phase1Claim *claim) {
    const unsigned n = common_levels(claim);
    Fr root;
    return n != 0 && claim->lagrange->levels[PHASE1_TAU_G1] > n &&
           claim->state->power == claim->state->ceremony_power &&
           fr_root_of_unity(claim->state->curve, (size_t)1 << n, &root);
}

unsigned phase1_whole_levels(const Phase1Claim *claim) {
    return common_levels(claim) + (unsigned)sees_top(claim);
}

/* ---- levels in a row ---- */

static bool row_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    uint8_t *to = ret;
    for (const Vector *level = ctx; n != 0; level++) {
        if (at >= level->bytes.n) {
            at -= level->bytes.n;
            continue;
        }
        const size_t part = level->bytes.n - at < n ? (size_t)(level->bytes.n - at) : n;
        if (!cvk_source_read(&level->bytes, at, to, part, err))
            return false;
        to += part;
        n -= part;
        at = 0;
    }
    return true;
}

/* The first n levels as one vector: level i begins at point 2^i - 1. */
static Vector row_of(const Vector *levels, unsigned n) {
    Vector row = levels[0];
    row.n = ((uint64_t)1 << n) - 1;
    row.bytes = (CvkSource){
        .read = row_read, .ctx = levels, .n = row.n * form_bytes(row.group, row.reading.form)};
    return row;
}

/* ---- weights ---- */

/* For which of the bases' factors. */
enum { PART_ROW, PART_TOP };

static size_t basis_block(const Whole *o) {
    return work_block(&o->w, curve_g2(o->curve), 2);
}

/* Factors of points [at, at + n) that are read in blocks, each with a label of its own. */
static void list_factors(const Whole *o, Phase1Use use, uint64_t part, size_t block, uint64_t at,
                         size_t n, Fr *ret) {
    for (size_t done = 0, len; done < n; done += len) {
        const Factors f = work_factors(&o->w, phase1_label(use, part, (at + done) / block));
        const size_t from = (size_t)((at + done) % block);
        len = n - done < block - from ? n - done : block - from;
        factors_list(o->curve, &f, from, len, ret + done);
    }
}

static void add_to_weights(Whole *o, const Fr *k, size_t n) {
    for (size_t i = 0; i < n && i < o->powers; i++)
        o->weights[i] = fr_add(o->curve, &o->weights[i], &k[i]);
}

/* `k` has room for the largest level. */
static bool weigh_level(Whole *o, unsigned level, uint64_t part, uint64_t at, Fr *k, CvkErr *err) {
    const size_t n = (size_t)1 << level;
    list_factors(o, PHASE1_USE_BASES, part, basis_block(o), at, n, k);
    if (!fr_fft(o->curve, FFT_INVERSE, k, n, o->w.pool, err))
        return false;
    add_to_weights(o, k, n);
    return true;
}

static bool make_weights(Whole *o, CvkErr *err) {
    const size_t n = (size_t)1 << o->claim->state->power;
    _cleanup_free_ Fr *k = cvk_alloc(2 * n, sizeof *k, err);
    if (k == NULL)
        return false;
    o->weights[0] = fr_from_uint(o->curve, 1);
    for (size_t i = 1; i < o->powers; i++)
        o->weights[i] = fr_mul(o->curve, &o->weights[i - 1], &o->x);
    list_factors(o, PHASE1_USE_POWERS, 0, phase1_sums_block(o->claim->state, &o->w), 0, n, k);
    add_to_weights(o, k, n);
    for (unsigned i = 0; i < o->levels; i++)
        if (!weigh_level(o, i, PART_ROW, ((uint64_t)1 << i) - 1, k, err))
            return false;
    return !o->top || weigh_level(o, o->levels, PART_TOP, 0, k, err);
}

/* ---- reading ---- */

static bool read_basis(Whole *o, const Vector *v, uint64_t part, Element *ret, CvkErr *err) {
    const size_t block = basis_block(o);
    Vector all = *v;
    all.reading.infinity = false;
    *ret = element_infinity(v->group);
    for (uint64_t at = 0; at < v->n && o->verdict.valid; at += block) {
        const size_t n = v->n - at < block ? (size_t)(v->n - at) : block;
        const uint64_t label = phase1_label(PHASE1_USE_BASES, part, at / block);
        _cleanup_(points_free_at) Points *p = NULL;
        Element sum;
        if (!vector_read(&all, at, n, &o->w, label, &p, &sum, &o->verdict, err))
            return false;
        if (p == NULL)
            return true;
        *ret = element_add(ret, &sum);
        cvk_meter_advance(o->w.meter, n * (all.group == curve_g2(o->curve) ? PHASE1_G2_UNITS : 1));
    }
    return true;
}

static bool read_bases(Whole *o, CvkErr *err) {
    o->top_basis = element_infinity(curve_g1(o->curve));
    for (Phase1Vector which = 0; which < BASES; which++) {
        o->basis[which] = element_infinity(phase1_vector_group(o->curve, which));
        if (o->levels == 0)
            continue;
        const Vector row = row_of(basis_level(o, which, 0), o->levels);
        if (!read_basis(o, &row, PART_ROW, &o->basis[which], err))
            return false;
    }
    return !o->top ||
           read_basis(o, basis_level(o, PHASE1_TAU_G1, o->levels), PART_TOP, &o->top_basis, err);
}

/* ---- the equation ---- */

/* What stands in G2: each has one sum in G1. */
typedef enum { AT_GENERATOR, AT_TAU, AT_POWERS, AT_BASES, AT_BETA, PLACES } Place;

typedef struct {
    const Whole *whole;
    size_t relations; /* so far: each has its factor */
    Fr factor;
    PairingTerm terms[PLACES];
} Equation;

static void next_relation(Equation *e) {
    const Factors f = work_factors(&e->whole->w, phase1_label(PHASE1_USE_WHOLE, 1, 0));
    e->factor = factors_at(e->whole->curve, &f, e->relations++);
}

static void add_term(Equation *e, Place place, const Element *g1) {
    const Element scaled = element_mul(g1, &e->factor);
    e->terms[place].g1 = element_add(&e->terms[place].g1, &scaled);
}

/* One relation: the logarithms of `a` and of the product of b and what stands at `place` agree. */
static void relate(Equation *e, const Element *a, const Element *b, Place place) {
    const Element minus = element_neg(b);
    next_relation(e);
    add_term(e, AT_GENERATOR, a);
    add_term(e, place, &minus);
}

/* x e */
static Element times_x(const Whole *o, const Element *e) {
    return element_mul(e, &o->x);
}

static Element minus(const Element *a, const Element *b) {
    const Element negative = element_neg(b);
    return element_add(a, &negative);
}

/* The relation of tauG1, tauG2 and their bases: D (x tau - 1) - (x P_1 - G) T - x^M P_(M-1) tau
 * + G = 0. */
static bool relate_powers(Equation *e, CvkErr *err) {
    const Whole *o = e->whole;
    const Element g1 = element_generator(curve_g1(o->curve));
    _cleanup_(points_free_at) Points *last = NULL;
    if (!phase1_read_good(&o->claim->state->v[PHASE1_TAU_G1], o->powers - 1, 1, &o->w, &last, err))
        return false;
    Fr power = fr_from_uint(o->curve, 1);
    for (size_t i = 0; i < o->powers; i++)
        power = fr_mul(o->curve, &power, &o->x);
    Element d = minus(&o->sums.weighed, &o->basis[PHASE1_TAU_G1]);
    d = minus(&d, &o->top_basis);
    Element end = points_at(last, 0);
    end = element_mul(&end, &power);
    const Element stepped = times_x(o, &o->sums.head[PHASE1_TAU_G1][1]);
    const Element d_stepped = times_x(o, &d);
    const Element of_generator = minus(&g1, &d), of_tau = minus(&d_stepped, &end);
    const Element of_powers = minus(&g1, &stepped);
    next_relation(e);
    add_term(e, AT_GENERATOR, &of_generator);
    add_term(e, AT_TAU, &of_tau);
    add_term(e, AT_POWERS, &of_powers);
    return true;
}

static bool equation_holds(const Whole *o, bool *ret, CvkErr *err) {
    const Phase1Sums *sums = &o->sums;
    const Element g1 = element_generator(curve_g1(o->curve)), *alpha = sums->head[PHASE1_ALPHA_G1],
                  *beta = sums->head[PHASE1_BETA_G1];
    Equation e = {.whole = o};
    for (Place place = 0; place < PLACES; place++)
        e.terms[place].g1 = element_infinity(curve_g1(o->curve));
    e.terms[AT_GENERATOR].g2 = element_generator(curve_g2(o->curve));
    e.terms[AT_TAU].g2 = sums->head[PHASE1_TAU_G2][1];
    e.terms[AT_POWERS].g2 = sums->sum[PHASE1_TAU_G2];
    e.terms[AT_BASES].g2 = o->basis[PHASE1_TAU_G2];
    e.terms[AT_BETA].g2 = sums->head[PHASE1_BETA_G2][0];
    if (!relate_powers(&e, err))
        return false;
    relate(&e, &sums->sum[PHASE1_ALPHA_G1], alpha, AT_POWERS);
    relate(&e, &sums->sum[PHASE1_BETA_G1], beta, AT_POWERS);
    relate(&e, beta, &g1, AT_BETA);
    if (o->levels != 0) {
        relate(&e, &o->basis[PHASE1_TAU_G1], &g1, AT_BASES);
        relate(&e, &o->basis[PHASE1_ALPHA_G1], alpha, AT_BASES);
        relate(&e, &o->basis[PHASE1_BETA_G1], beta, AT_BASES);
    }
    return pairing_product_is_one(o->curve, e.terms, PLACES, o->w.pool, ret, err);
}

/* ---- all of it ---- */

/* Weights, as many for one level, and its roots: half of the memory at most. */
static bool is_room(const Whole *o) {
    return o->powers + 1 <= o->w.memory / 2 / (3 * FR_BYTES);
}

static Fr draw_x(const Whole *o) {
    uint8_t bytes[2 * FR_BYTES];
    cvk_stream(o->w.seed, phase1_label(PHASE1_USE_WHOLE, 0, 0), bytes, sizeof bytes);
    return fr_from_be_reduced(o->curve, bytes, sizeof bytes);
}

static bool prove(Whole *o, CvkBlake2b *hash, bool *ret, CvkErr *err) {
    const Phase1Claim *claim = o->claim;
    const Phase1Pass pass = {.hash = hash, .weights = o->weights};
    if (!make_weights(o, err) ||
        !phase1_sums_read(claim->state, &pass, &o->w, &o->sums, &o->verdict, err))
        return false;
    if (o->verdict.valid)
        phase1_heads_check(claim->state, &o->sums,
                           &claim->contributions[claim->contributions_n - 1], &o->verdict);
    if (o->verdict.valid && !read_bases(o, err))
        return false;
    *ret = o->verdict.valid;
    return !o->verdict.valid || equation_holds(o, ret, err);
}

bool phase1_prove_whole(const Phase1Claim *claim, CvkBlake2b *hash, const Work *w, bool *ret_proved,
                        CvkErr *err) {
    _cleanup_free_ Whole *o = cvk_alloc(1, sizeof *o, err);
    if (o == NULL)
        return false;
    *o = (Whole){.claim = claim,
                 .curve = claim->state->curve,
                 .w = *w,
                 .powers = (size_t)claim->state->v[PHASE1_TAU_G1].n,
                 .levels = common_levels(claim),
                 .top = sees_top(claim),
                 .verdict = {.valid = true}};
    *ret_proved = false;
    if (!is_room(o))
        return true;
    o->w.memory /= 2;
    o->x = draw_x(o);
    _cleanup_free_ Fr *weights = cvk_alloc(o->powers, sizeof *weights, err);
    o->weights = weights;
    return weights != NULL && prove(o, hash, ret_proved, err);
}
