/* The initial key of a circuit from powers of tau: before anybody has contributed, delta is one.
 *
 * With the Lagrange basis L over a domain of n points, each term v of constraint c and signal s
 * adds v L_c to A_s or B_s, and v beta L_c, v alpha L_c or v L_c to K_s, whose public part is IC
 * and whose rest is L of the key. H are the powers of tau times the domain's vanishing polynomial,
 * in a basis that lies ready in the prepared file. Threads: a Phase2New is used by one. */
#pragma once

#include "setup/circuit.h"
#include "setup/phase2.h"

/* What a prepared file of powers of tau holds of the domain n = 2^power. */
typedef struct {
    const Curve *curve;
    unsigned power;
    Element alpha_g1, beta_g1, beta_g2;
    Vector tau_g1;                              /* at least 2n - 1 */
    Vector lagrange_g1, lagrange_g2;            /* n each */
    Vector lagrange_alpha_g1, lagrange_beta_g1; /* n each */
    Vector lagrange_next_g1;                    /* 2n: the domain of twice the size */
    uint8_t behind_tau_g1[FORM_BYTES_MAX];      /* see phase2_circuit_hash */
} Phase2Powers;

typedef struct Phase2New Phase2New;

/* The power that the circuit's powers of tau must have at least is circuit_domain_power. Reads all
 * of the circuit and of the vectors but lagrange_next_g1; *ret is NULL when the verdict is no.
 * About four additions or multiplications (where a value is not 1 or -1) for each term of A or B,
 * one for each of C. */
bool phase2_new(const Circuit *c, const Phase2Powers *p, const Work *w, Phase2New **ret,
                Verdict *verdict, CvkErr *err) MUST_USE;
Phase2New *phase2_new_free(Phase2New *n); /* NULL is fine; returns NULL */

/* In all, for Work.meter: phase2_new and one writing of all vectors. */
size_t phase2_new_units(const Circuit *c);

/* Its vectors and coefficients have no bytes: these two write them, as a .zkey holds them. */
const Phase2Key *phase2_new_key(const Phase2New *n);
bool phase2_new_vector(
    const Phase2New *n, Phase2Vector which, const CvkSink *to, Verdict *verdict,
    CvkErr *err) MUST_USE; /* false with a verdict that is no: *err says it too */
bool phase2_new_coefficients(const Phase2New *n, const CvkSink *to, CvkErr *err) MUST_USE;
