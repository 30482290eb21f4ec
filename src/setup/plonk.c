#include "setup/plonk_private.h"

#include <assert.h>

static Fr small(uint64_t v) {
    return fr_from_uint(curve_bn254(), v);
}

static Fr to_power(Fr x, uint64_t e) {
    return fr_pow(curve_bn254(), &x, e);
}

/* ---- what follows from the challenges alone ---- */

#define ROOT_OF                                                                                    \
    7 /* no square modulo the order: what this system's roots of unity are powers of               \
       */

/* L_i(z) = omega^i (z^n - 1) / (n (z - omega^i)), given omega^i. */
static Fr lagrange(const PlonkPlace *at, Fr row) {
    Fr below = fr_times(small(PLONK_ROWS), fr_minus(at->challenge.z, row));
    return fr_times(fr_times(row, at->vanishing), fr_inverse(curve_bn254(), &below));
}

void plonk_place(const PlonkProof *p, PlonkPlace *ret) {
    PlonkPlace at;
    Fr omega;
    plonk_challenges(p, &at.challenge);
    const PlonkChallenges *c = &at.challenge;
    bool there = fr_root_of_unity_from(curve_bn254(), ROOT_OF, PLONK_ROWS, &omega);
    assert(there);
    at.alpha[0] = small(1);
    for (unsigned i = 1; i < PLONK_IDENTITIES; i++)
        at.alpha[i] = fr_times(at.alpha[i - 1], c->alpha);
    at.z_next = fr_times(c->z, omega);
    at.z_to_n = to_power(c->z, PLONK_ROWS);
    at.vanishing = fr_minus(at.z_to_n, small(1));
    Fr last_row = fr_inverse(curve_bn254(), &omega);
    at.first = lagrange(&at, small(1));
    at.last = lagrange(&at, last_row);
    at.before_last = fr_minus(c->z, last_row);
    at.lookup_shift = fr_times(c->lookup_gamma, fr_plus(small(1), c->lookup_beta));
    *ret = at;
}

/* ---- the identities ---- */

Fr plonk_permuted_wires(const PlonkProof *p, const PlonkPlace *at) {
    Fr product = p->permutation_next;
    for (unsigned i = 0; i < PLONK_SIGMAS_AT; i++) {
        Fr cell = fr_plus(p->wires_at[i], fr_times(at->challenge.beta, p->sigmas_at[i]));
        product = fr_times(product, fr_plus(cell, at->challenge.gamma));
    }
    return product;
}

/* Of the lookup's identity, what the sorted list gives without its value at z. */
static Fr sorted_without_own(const PlonkProof *p, const PlonkPlace *at) {
    Fr pair = fr_plus(fr_times(p->sorted_next, at->challenge.lookup_beta), at->lookup_shift);
    return fr_times(fr_times(p->lookup_next, pair), at->before_last);
}

/* The linearization has all terms with a polynomial that is not opened, so that what is left here
 * are values:
 *     t(z) (z^n - 1) = r(z) + L_0 input main
 *         - alpha^4 z_perm' prod (w_i + beta sigma_i + gamma) (d + gamma) - alpha^5 L_0
 *         + alpha^6 z_lookup' (s' beta' + gamma' (1 + beta')) (z - omega^(n-1)) - alpha^7 L_0
 *         - alpha^8 L_(n-1) (gamma' (1 + beta'))^(n-1). */
bool plonk_quotient_holds(const PlonkProof *p, const PlonkPlace *at) {
    Fr d = fr_plus(p->wires_at[PLONK_WIRES - 1], at->challenge.gamma);
    Fr end = fr_times(at->last, to_power(at->lookup_shift, PLONK_ROWS - 1));
    const struct {
        PlonkIdentity identity;
        bool minus;
        Fr value;
    } terms[] = {
        {IDENTITY_MAIN_GATE, false, fr_times(fr_times(at->first, p->input), p->main_at)},
        {IDENTITY_PERMUTATION, true, fr_times(plonk_permuted_wires(p, at), d)},
        {IDENTITY_PERMUTATION_START, true, at->first},
        {IDENTITY_LOOKUP, false, sorted_without_own(p, at)},
        {IDENTITY_LOOKUP_START, true, at->first},
        {IDENTITY_LOOKUP_END, true, end},
    };
    Fr sum = p->linear_at;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        Fr term = fr_times(at->alpha[terms[i].identity], terms[i].value);
        sum = terms[i].minus ? fr_minus(sum, term) : fr_plus(sum, term);
    }
    Fr left = fr_times(p->quotient_at, at->vanishing);
    return fr_equal(&left, &sum);
}

bool plonk_verify(const PlonkKey *k, const PlonkProof *p, Verdict *verdict, CvkErr *err) {
    PlonkPlace at;
    bool one;
    *verdict = (Verdict){.valid = true};
    plonk_place(p, &at);
    if (!plonk_quotient_holds(p, &at)) {
        verdict_refuse(verdict, "plonk.quotient",
                       "the circuit's identities do not hold for the values of this proof");
        return true;
    }
    PlonkPair pair = plonk_pair(k, p, &at);
    const PairingTerm terms[] = {
        {.g1 = pair.with_tau, .g2 = k->tau_g2},
        {.g1 = element_neg(&pair.with_one), .g2 = element_generator(curve_g2(curve_bn254()))}};
    if (!pairing_product_is_one(curve_bn254(), terms, 2, NULL, &one, err))
        return false;
    if (!one)
        verdict_refuse(verdict, "plonk.opening",
                       "the proof does not hold for this public input under this key");
    return true;
}
