/* The half of a PLONK verification that is about points: commitments to the quotient and to the
 * linearization, and all openings joined into two points for the pairing. */
#include "setup/plonk_private.h"

#include <assert.h>

static void add(Element *sum, const Element *point, Fr times) {
    Element term = element_mul(point, &times);
    *sum = element_add(sum, &term);
}

static Element none(void) {
    return element_infinity(curve_g1(curve_bn254()));
}

/* Sum over i of x^i points[i]. */
static Element by_powers(const Element *points, size_t n, Fr x) {
    Element sum = none();
    Fr power = fr_from_uint(curve_bn254(), 1);
    for (size_t i = 0; i < n; i++) {
        add(&sum, &points[i], power);
        power = fr_times(power, x);
    }
    return sum;
}

Element plonk_quotient(const PlonkProof *p, const PlonkPlace *at) {
    return by_powers(p->quotient, PLONK_WIRES, at->z_to_n);
}

Element plonk_table(const PlonkKey *k, const PlonkPlace *at) {
    return by_powers(k->table, PLONK_TABLE_COLUMNS, at->challenge.eta);
}

/* ---- the linearization ---- */

/* selector (a q_a + b q_b + c q_c + d q_d + ab q_ab + ac q_ac + q_constant + d' q_d_next) */
static void add_main_gate(Element *sum, const PlonkKey *k, const PlonkProof *p) {
    const Fr *w = p->wires_at;
    const Fr factors[PLONK_GATE_TERMS] = {
        [GATE_A] = w[0],
        [GATE_B] = w[1],
        [GATE_C] = w[2],
        [GATE_D] = w[3],
        [GATE_AB] = fr_times(w[0], w[1]),
        [GATE_AC] = fr_times(w[0], w[2]),
        [GATE_CONSTANT] = fr_from_uint(curve_bn254(), 1),
        [GATE_D_NEXT] = p->d_next,
    };
    for (unsigned i = 0; i < PLONK_GATE_TERMS; i++)
        add(sum, &k->gate[i], fr_times(p->main_at, factors[i]));
}

/* Three identities a^2 = b, b^2 = c, c a = d under one selector. */
static void add_fifth_power_gate(Element *sum, const PlonkKey *k, const PlonkProof *p,
                                 const PlonkPlace *at) {
    const Fr a = p->wires_at[0], b = p->wires_at[1], c = p->wires_at[2], d = p->wires_at[3];
    Fr square = fr_times(at->alpha[IDENTITY_SQUARE], fr_minus(fr_times(a, a), b));
    Fr fourth = fr_times(at->alpha[IDENTITY_FOURTH], fr_minus(fr_times(b, b), c));
    Fr fifth = fr_times(at->alpha[IDENTITY_FIFTH], fr_minus(fr_times(c, a), d));
    add(sum, &k->selectors[SELECT_FIFTH_POWER], fr_plus(square, fr_plus(fourth, fifth)));
}

const uint64_t plonk_cosets[PLONK_WIRES] = {1, 5, 7, 10};

/* What a wire's cells come to where they stand: product of (w_i + beta k_i z + gamma). */
static Fr unpermuted_wires(const PlonkProof *p, const PlonkPlace *at) {
    Fr product = fr_from_uint(curve_bn254(), 1);
    Fr beta_z = fr_times(at->challenge.beta, at->challenge.z);
    for (unsigned i = 0; i < PLONK_WIRES; i++) {
        Fr place = fr_times(beta_z, fr_from_uint(curve_bn254(), plonk_cosets[i]));
        Fr cell = fr_plus(p->wires_at[i], fr_plus(place, at->challenge.gamma));
        product = fr_times(product, cell);
    }
    return product;
}

static void add_permutation(Element *sum, const PlonkKey *k, const PlonkProof *p,
                            const PlonkPlace *at) {
    Fr own = fr_times(at->alpha[IDENTITY_PERMUTATION], unpermuted_wires(p, at));
    Fr start = fr_times(at->alpha[IDENTITY_PERMUTATION_START], at->first);
    Fr sigma = fr_times(at->challenge.beta, plonk_permuted_wires(p, at));
    sigma = fr_times(at->alpha[IDENTITY_PERMUTATION], sigma);
    add(sum, &p->permutation, fr_plus(own, start));
    add(sum, &k->sigmas[PLONK_WIRES - 1], fr_neg(curve_bn254(), &sigma));
}

/* What the row looks up: selector (a + eta b + eta^2 c + eta^3 number of the table). */
static Fr looked_up(const PlonkProof *p, const PlonkPlace *at) {
    const Fr columns[PLONK_TABLE_COLUMNS] = {p->wires_at[0], p->wires_at[1], p->wires_at[2],
                                             p->table_number_at};
    Fr sum = columns[PLONK_TABLE_COLUMNS - 1];
    for (unsigned i = PLONK_TABLE_COLUMNS - 1; i-- > 0;)
        sum = fr_plus(fr_times(sum, at->challenge.eta), columns[i]);
    return fr_times(p->lookup_selector_at, sum);
}

/* The product goes on by (1 + beta') (gamma' + f) (gamma' (1 + beta') + table + beta' table') over
 * what the sorted list has in the two rows. */
static void add_lookup(Element *sum, const PlonkProof *p, const PlonkPlace *at) {
    const PlonkChallenges *c = &at->challenge;
    Fr f = fr_plus(c->lookup_gamma, looked_up(p, at));
    Fr pair = fr_plus(p->table_at, fr_times(c->lookup_beta, p->table_next));
    Fr own = fr_times(fr_plus(fr_from_uint(curve_bn254(), 1), c->lookup_beta), f);
    own = fr_times(own, fr_plus(at->lookup_shift, pair));
    own = fr_times(at->alpha[IDENTITY_LOOKUP], fr_times(own, at->before_last));
    Fr start = fr_times(at->alpha[IDENTITY_LOOKUP_START], at->first);
    Fr end = fr_times(at->alpha[IDENTITY_LOOKUP_END], at->last);
    Fr sorted = fr_times(at->alpha[IDENTITY_LOOKUP], fr_times(p->lookup_next, at->before_last));
    add(sum, &p->lookup, fr_minus(fr_plus(start, end), own));
    add(sum, &p->sorted, sorted);
}

Element plonk_linear(const PlonkKey *k, const PlonkProof *p, const PlonkPlace *at) {
    Element sum = none();
    add_main_gate(&sum, k, p);
    add_fifth_power_gate(&sum, k, p, at);
    add_permutation(&sum, k, p, at);
    add_lookup(&sum, p, at);
    return sum;
}

/* ---- all openings at once ---- */

typedef struct {
    const Element *commitment;
    Fr value;
    bool next; /* at z omega, not at z */
} Opening;

#define OPENINGS (2 + PLONK_WIRES + 1 + PLONK_SIGMAS_AT + 3 + 5)

/* The commitments that are no others' own. */
typedef struct {
    Element quotient, linear, table;
} Made;

/* In the order of their powers of v. */
static void list_openings(const PlonkKey *k, const PlonkProof *p, const Made *made,
                          Opening ret[OPENINGS]) {
    Opening *o = ret;
    *o++ = (Opening){&made->quotient, p->quotient_at, false};
    *o++ = (Opening){&made->linear, p->linear_at, false};
    for (unsigned i = 0; i < PLONK_WIRES; i++)
        *o++ = (Opening){&p->wires[i], p->wires_at[i], false};
    *o++ = (Opening){&k->selectors[SELECT_MAIN], p->main_at, false};
    for (unsigned i = 0; i < PLONK_SIGMAS_AT; i++)
        *o++ = (Opening){&k->sigmas[i], p->sigmas_at[i], false};
    *o++ = (Opening){&made->table, p->table_at, false};
    *o++ = (Opening){&k->lookup_selector, p->lookup_selector_at, false};
    *o++ = (Opening){&k->table_number, p->table_number_at, false};
    *o++ = (Opening){&p->permutation, p->permutation_next, true};
    *o++ = (Opening){&p->wires[PLONK_WIRES - 1], p->d_next, true};
    *o++ = (Opening){&p->sorted, p->sorted_next, true};
    *o++ = (Opening){&p->lookup, p->lookup_next, true};
    *o++ = (Opening){&made->table, p->table_next, true};
    assert(o == ret + OPENINGS);
}

/* One opening of f at y with the proof W says e(W, [tau - y]_2) = e([f] - f(y) G, G2), that is
 * e(W, [tau]_2) = e(y W + [f] - f(y) G, G2). Here are many, f with powers of v, the second place
 * with u. */
PlonkPair plonk_pair(const PlonkKey *k, const PlonkProof *p, const PlonkPlace *at) {
    const PlonkChallenges *c = &at->challenge;
    const Made made = {plonk_quotient(p, at), plonk_linear(k, p, at), plonk_table(k, at)};
    const Element generator = element_generator(curve_g1(curve_bn254()));
    Opening openings[OPENINGS];
    Element sum = none();
    Fr values = fr_from_uint(curve_bn254(), 0), power = fr_from_uint(curve_bn254(), 1);
    list_openings(k, p, &made, openings);
    for (unsigned i = 0; i < OPENINGS; i++) {
        Fr factor = openings[i].next ? fr_times(power, c->u) : power;
        add(&sum, openings[i].commitment, factor);
        values = fr_plus(values, fr_times(factor, openings[i].value));
        power = fr_times(power, c->v);
    }
    add(&sum, &generator, fr_neg(curve_bn254(), &values));
    PlonkPair pair = {.with_tau = p->opening_at, .with_one = sum};
    add(&pair.with_tau, &p->opening_next, c->u);
    add(&pair.with_one, &p->opening_at, c->z);
    add(&pair.with_one, &p->opening_next, fr_times(c->u, at->z_next));
    return pair;
}
