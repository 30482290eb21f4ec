/* The Lagrange bases of a prepared file, in one pass over them and without transforms.
 *
 * l_i for i < n is right if (tau - x_i) l_i = c_i Z(tau), where Z is the polynomial that is zero in
 * the domain, and c_i of that of l_i the coefficient of X^(n-1). With Z(tau) = tau^n + Y and random
 * factors r_i that is one pairing for a whole level: tau (A - s P_(n-1)) = B + s Y where A is the
 * sum of r_i l_i, B of r_i x_i l_i, and s of r_i c_i. (That no x_i is tau follows from l_i not
 * being infinity.) The bases in G2 and those times alpha and beta then have, with the same factors,
 * the sum A in other clothes. The domain is {w^i}, where c_i = x_i / n and Y = -1. Where the field
 * has no such w (power 28 of bn254), it is {w^i} for i < m = n / 2 and after it {g w^i}, g =
 * fr_coset: with z = g^m, Y is z - (1 + z) tau^m, and c_i is x_i / (m (1 - z)), then x_i / (m z (z
 * - 1)). The powers end before the last one of tauG1's last level. That level was made with
 * infinity for it: then it is tau (A - s' P_(n-2)) = B + s Y, with s' the sum of r_i c_i x_i. Or
 * the file was truncated, and it was made with the power of the larger file: which is the sum of
 * w^-i l_i. */
#include "setup/phase1_private.h"

#include <assert.h>

static const char *const ids[] = {
    [PHASE1_TAU_G1] = "ptau.lagrange.tau_g1",
    [PHASE1_TAU_G2] = "ptau.lagrange.tau_g2",
    [PHASE1_ALPHA_G1] = "ptau.lagrange.alpha_g1",
    [PHASE1_BETA_G1] = "ptau.lagrange.beta_g1",
};
#define BASES PHASE1_BETA_G2

typedef struct {
    const Phase1Lagrange *l;
    unsigned first; /* level */
    const Phase1State *state;
    const Phase1Contribution *last;
    const Work *w;
    Verdict *verdict;
} Check;

typedef struct {
    uint64_t m;  /* of a coset */
    Fr root;     /* of order m */
    bool coset;  /* there is a second one */
    Fr z;        /* if so */
    Fr scale[2]; /* c_i / x_i */
} Domain;

/* What is known of one level after reading it. */
typedef struct {
    unsigned level;
    Domain domain;
    Element sum[BASES];
    Element turned; /* of r_i x_i l_i in tauG1 */
    Fr s, s2;       /* of r_i c_i and of r_i c_i x_i */
    Element last;   /* the power that is not among the powers; infinity: none */
} Level;

/* Point i of a domain, or 1 / w^i. */
typedef struct {
    Fr root, x;
    uint64_t i;
} Turn;

static void add_to(Element *sum, const Element *e) {
    *sum = element_add(sum, e);
}

/* ---- reading ---- */

/* g^m */
static Fr coset_power(const Curve *c, uint64_t m) {
    Fr ret = fr_coset(c);
    for (; m > 1; m /= 2)
        ret = fr_mul(c, &ret, &ret);
    return ret;
}

/* False: there is none of n points. */
static bool domain_of(const Curve *c, uint64_t n, Domain *ret) {
    *ret = (Domain){.m = n};
    if (!fr_root_of_unity(c, (size_t)ret->m, &ret->root)) {
        ret->coset = true;
        ret->m = n / 2;
        if (!fr_root_of_unity(c, (size_t)ret->m, &ret->root))
            return false;
    }
    Fr below = fr_from_uint(c, ret->m);
    if (ret->coset) {
        const Fr one = fr_from_uint(c, 1);
        ret->z = coset_power(c, ret->m);
        const Fr rest = fr_sub(c, &ret->z, &one);
        below = fr_mul(c, &below, &rest);
        const Fr second = fr_mul(c, &below, &ret->z);
        ret->scale[1] = fr_inverse(c, &second);
        below = fr_neg(c, &below);
    }
    ret->scale[0] = fr_inverse(c, &below);
    return true;
}

static void turn_on(const Curve *c, const Domain *d, Turn *turn) {
    turn->x = fr_mul(c, &turn->x, &turn->root);
    if (++turn->i == d->m && d->coset)
        turn->x = fr_coset(c); /* the power of the root was 1 */
}

/* k_i = r_i x_(from + i), and their sums. The turn stands at x_from, and then behind the block. */
static void turn_factors(const Curve *c, const Factors *f, size_t n, Turn *turn, Level *level,
                         Fr *ret) {
    const Domain *d = &level->domain;
    for (size_t i = 0; i < n; i++) {
        const Fr r = factors_at(c, f, i);
        ret[i] = fr_mul(c, &r, &turn->x);
        const Fr top = fr_mul(c, &ret[i], &d->scale[turn->i / d->m]);
        const Fr next = fr_mul(c, &top, &turn->x);
        level->s = fr_add(c, &level->s, &top);
        level->s2 = fr_add(c, &level->s2, &next);
        turn_on(c, d, turn);
    }
}

static bool add_combination(const Check *c, const Points *p, const Fr *k, Element *sum,
                            CvkErr *err) {
    Element e;
    if (!points_combine_fr(p, 0, points_n(p), k, c->w->pool, &e, err))
        return false;
    add_to(sum, &e);
    return true;
}

/* Is it to be seen whether this level was made with a power that the file lacks? */
static bool last_is_elsewhere(const Check *c, const Level *level) {
    const Phase1State *s = c->state;
    return s->power != s->ceremony_power && (uint64_t)1 << level->level > s->v[PHASE1_TAU_G1].n;
}

static bool turn_block(const Check *c, const Points *p, const Factors *f, Turn *turn, Turn *back,
                       Level *level, CvkErr *err) {
    const Curve *curve = c->state->curve;
    const size_t n = points_n(p);
    _cleanup_free_ Fr *k = cvk_alloc(n, sizeof *k, err);
    if (k == NULL)
        return false;
    turn_factors(curve, f, n, turn, level, k);
    if (!add_combination(c, p, k, &level->turned, err))
        return false;
    if (!last_is_elsewhere(c, level))
        return true;
    assert(!level->domain.coset); /* there is no larger file */
    for (size_t i = 0; i < n; i++) {
        k[i] = back->x;
        turn_on(curve, &level->domain, back);
    }
    return add_combination(c, p, k, &level->last, err);
}

static bool read_basis(const Check *c, Phase1Vector which, Level *level, CvkErr *err) {
    const Curve *curve = c->state->curve;
    Vector v = c->l->v[which][level->level];
    v.reading.infinity = false;
    const size_t block = work_block(c->w, curve_g2(curve), 2);
    if (!domain_of(curve, v.n, &level->domain))
        return cvk_fail(err, CVK_ELIMIT, "ptau.lagrange.level", "%s: there is no domain of 2^%u",
                        v.name, level->level);
    const Fr root = level->domain.root, one = fr_from_uint(curve, 1);
    Turn turn = {root, one, 0}, back = {fr_inverse(curve, &root), one, 0};
    for (uint64_t at = 0; at < v.n && c->verdict->valid; at += block) {
        const size_t n = v.n - at < block ? (size_t)(v.n - at) : block;
        const uint64_t label = phase1_label(PHASE1_USE_LAGRANGE, level->level, at / block);
        const Factors f = work_factors(c->w, label);
        _cleanup_(points_free_at) Points *p = NULL;
        Element sum;
        if (!vector_read(&v, at, n, c->w, label, &p, &sum, c->verdict, err))
            return false;
        if (p == NULL)
            return true;
        add_to(&level->sum[which], &sum);
        if (which == PHASE1_TAU_G1 && !turn_block(c, p, &f, &turn, &back, level, err))
            return false;
        cvk_meter_advance(c->w->meter, n * (which == PHASE1_TAU_G2 ? PHASE1_G2_UNITS : 1));
    }
    return true;
}

/* ---- checking ---- */

/* e(a, d) = e(b, c); infinity is as good as any. */
typedef struct {
    Element a, b, c, d;
} Equation;

static bool equation_holds(const Check *c, const Equation *e, bool *ret, CvkErr *err) {
    const PairingTerm terms[2] = {{e->a, e->d}, {element_neg(&e->b), e->c}};
    return pairing_product_is_one(c->state->curve, terms, 2, c->w->pool, ret, err);
}

static bool power_at(const Check *c, uint64_t i, Element *ret, CvkErr *err) {
    _cleanup_(points_free_at) Points *p = NULL;
    if (!phase1_read_good(&c->state->v[PHASE1_TAU_G1], i, 1, c->w, &p, err))
        return false;
    *ret = points_at(p, 0);
    return true;
}

/* Y */
static bool rest_of_z(const Check *c, const Domain *d, Element *ret, CvkErr *err) {
    const Curve *curve = c->state->curve;
    const Fr one = fr_from_uint(curve, 1);
    const Element g1 = element_generator(curve_g1(curve));
    Element middle;
    *ret = element_neg(&g1);
    if (!d->coset)
        return true;
    if (!power_at(c, d->m, &middle, err))
        return false;
    Fr k = fr_add(curve, &one, &d->z);
    k = fr_neg(curve, &k);
    middle = element_mul(&middle, &k);
    *ret = element_mul(&g1, &d->z);
    *ret = element_add(ret, &middle);
    return true;
}

/* tau (A - s P_(n-1)) = B + s Y, or without the last power. */
static bool tau_equation(const Check *c, const Level *level, Equation *ret, CvkErr *err) {
    const Curve *curve = c->state->curve;
    const uint64_t n = (uint64_t)1 << level->level, have = c->state->v[PHASE1_TAU_G1].n;
    const bool missing = n > have && element_is_infinity(&level->last);
    const Fr minus_s = fr_neg(curve, missing ? &level->s2 : &level->s);
    Element top = level->last, rest;
    if (((n <= have || missing) && !power_at(c, n - 1 - missing, &top, err)) ||
        !rest_of_z(c, &level->domain, &rest, err))
        return false;
    top = element_mul(&top, &minus_s);
    rest = element_mul(&rest, &level->s);
    *ret = (Equation){element_add(&level->sum[PHASE1_TAU_G1], &top),
                      element_add(&level->turned, &rest), element_generator(curve_g2(curve)),
                      c->last->tau_g2};
    return true;
}

/* The same sum in G2, or times alpha or beta. */
static Equation copy_equation(const Check *c, const Level *level, Phase1Vector which) {
    const Curve *curve = c->state->curve;
    const Element g1 = element_generator(curve_g1(curve)), g2 = element_generator(curve_g2(curve));
    const Element *sum = level->sum;
    if (which == PHASE1_TAU_G2)
        return (Equation){g1, sum[PHASE1_TAU_G1], g2, sum[which]};
    return (Equation){which == PHASE1_ALPHA_G1 ? c->last->alpha_g1 : c->last->beta_g1, sum[which],
                      g2, sum[PHASE1_TAU_G2]};
}

static bool equation_of(const Check *c, const Level *level, Phase1Vector which, Equation *ret,
                        CvkErr *err) {
    if (which == PHASE1_TAU_G1)
        return tau_equation(c, level, ret, err);
    *ret = copy_equation(c, level, which);
    return true;
}

/* Sums of equations of one basis: tauG1's and alpha's, beta's differ in what each level has beside
 * what all have in common. */
static void add_equation(Equation *sum, const Equation *e, Phase1Vector which) {
    add_to(&sum->b, &e->b);
    if (which == PHASE1_TAU_G1)
        add_to(&sum->a, &e->a);
    else
        add_to(&sum->d, &e->d);
}

static void refuse(const Check *c, Phase1Vector which, unsigned level) {
    const Vector *v = &c->l->v[which][level];
    const CvkPlace place = vector_place(v, 0);
    verdict_refuse_at(c->verdict, &place, ids[which],
                      "the Lagrange basis %s for 2^%u points does not belong to the powers",
                      v->name, level);
}

static bool blame(const Check *c, const Level *levels, Phase1Vector which, CvkErr *err) {
    for (unsigned i = c->first; i < c->l->levels[which] && c->verdict->valid; i++) {
        Equation e;
        bool holds;
        if (!equation_of(c, &levels[i], which, &e, err) || !equation_holds(c, &e, &holds, err))
            return false;
        if (!holds)
            refuse(c, which, i);
    }
    return true;
}

/* The power that the larger file had must follow the last one that this file has. */
static bool check_last(const Check *c, const Level *level, CvkErr *err) {
    const Element g2 = element_generator(curve_g2(c->state->curve));
    Equation e = {.b = level->last, .c = g2, .d = c->last->tau_g2};
    bool holds;
    if (!c->verdict->valid || element_is_infinity(&level->last))
        return true;
    if (!power_at(c, c->state->v[PHASE1_TAU_G1].n - 1, &e.a, err) ||
        !equation_holds(c, &e, &holds, err))
        return false;
    if (!holds)
        refuse(c, PHASE1_TAU_G1, level->level);
    return true;
}

/* All levels at once: each has its own factors. */
static bool check_basis(const Check *c, const Level *levels, Phase1Vector which, CvkErr *err) {
    Equation sum, e;
    bool holds;
    if (c->l->levels[which] <= c->first || !c->verdict->valid)
        return true;
    if (!equation_of(c, &levels[c->first], which, &sum, err))
        return false;
    for (unsigned i = c->first + 1; i < c->l->levels[which]; i++) {
        if (!equation_of(c, &levels[i], which, &e, err))
            return false;
        add_equation(&sum, &e, which);
    }
    if (!equation_holds(c, &sum, &holds, err))
        return false;
    return holds || blame(c, levels, which, err);
}

static bool check_all(const Check *c, Level *levels, CvkErr *err) {
    const Curve *curve = c->state->curve;
    const Fr zero = fr_from_uint(curve, 0);
    for (unsigned i = 0; i < c->l->levels[PHASE1_TAU_G1]; i++) {
        levels[i] = (Level){.level = i, .s = zero, .s2 = zero};
        levels[i].turned = levels[i].last = element_infinity(curve_g1(curve));
        for (Phase1Vector which = 0; which < BASES; which++)
            levels[i].sum[which] = element_infinity(phase1_vector_group(curve, which));
    }
    for (Phase1Vector which = 0; which < BASES; which++)
        for (unsigned i = c->first; i < c->l->levels[which] && c->verdict->valid; i++)
            if (!read_basis(c, which, &levels[i], err) || !check_last(c, &levels[i], err))
                return false;
    for (Phase1Vector which = 0; which < BASES; which++)
        if (!check_basis(c, levels, which, err))
            return false;
    return true;
}

bool phase1_lagrange_check(const Phase1Lagrange *l, unsigned first, const Phase1State *s,
                           const Phase1Contribution *last, const Work *w, Verdict *verdict,
                           CvkErr *err) {
    const Check c = {l, first, s, last, w, verdict};
    const unsigned n = l->levels[PHASE1_TAU_G1];
    assert(n <= PHASE1_POWER_MAX + 2);
    for (Phase1Vector which = 0; which < BASES; which++)
        assert(l->levels[which] <= n);
    _cleanup_free_ Level *levels = cvk_alloc(n, sizeof *levels, err);
    return levels != NULL && check_all(&c, levels, err);
}
