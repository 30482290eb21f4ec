/* The tower of bn254's pairing: Fq6 = Fq2[v] with v^3 = xi = 9 + u, Fq12 = Fq6[w] with w^2 = v.
 *
 * An Fq12 is also the polynomial of degree 5 in w, w^6 = xi, whose coefficients fq12_at names:
 * lines, Frobenius and squarings of the cyclotomic subgroup speak of those. Results may be
 * operands. Public values only. Threads: no state. */
#pragma once

#include "algebra/bn254_fq2.h"

typedef struct {
    Fq2 c[3];
} Fq6;

typedef struct {
    Fq6 c[2];
} Fq12;

void fq6_add(Fq6 *ret, const Fq6 *a, const Fq6 *b);
void fq6_sub(Fq6 *ret, const Fq6 *a, const Fq6 *b);
void fq6_mul(Fq6 *ret, const Fq6 *a, const Fq6 *b);
void fq6_mul_by_v(Fq6 *ret, const Fq6 *a);
void fq6_inverse(Fq6 *ret, const Fq6 *a); /* 0 for 0 */

/* The coefficient of w^j. */
static inline Fq2 *fq12_at(Fq12 *a, size_t j) {
    return &a->c[j % 2].c[j / 2];
}
static inline const Fq2 *fq12_in(const Fq12 *a, size_t j) {
    return &a->c[j % 2].c[j / 2];
}

Fq12 fq12_one(void);
bool fq12_equal(const Fq12 *a, const Fq12 *b);
void fq12_mul(Fq12 *ret, const Fq12 *a, const Fq12 *b);
void fq12_sqr(Fq12 *ret, const Fq12 *a);
void fq12_inverse(Fq12 *ret, const Fq12 *a); /* 0 for 0 */

/* a^(q^6): of the cyclotomic subgroup, whose order divides q^4 - q^2 + 1, the inverse. */
void fq12_conjugate(Fq12 *ret, const Fq12 *a);
void fq12_frobenius(Fq12 *ret, const Fq12 *a, unsigned power); /* a^(q^power), power 1 to 3 */
void fq12_sqr_cyclotomic(Fq12 *ret, const Fq12 *a);            /* a in the cyclotomic subgroup */

/* l0 + l1 w + l3 w^3: what a line through points of the twist is, at a point of G1. */
typedef struct {
    Fq2 l0, l1, l3;
} Line;
void fq12_mul_by_line(Fq12 *ret, const Fq12 *a, const Line *line);
