/* Fq2 of bn254: c0 + c1 u with u^2 = -1, the field that coordinates of G2 are in.
 *
 * The same functions as bn254_fq.h has, so that one template serves both groups. Results may be
 * operands. Constant time, but for the functions that say "public". Threads: no state. */
#pragma once

#include "algebra/bn254_fq.h"
#include "algebra/mont4_wide.h"

typedef struct {
    Fq c0, c1;
} Fq2;

/* a / 2: one of a and a + q is even. */
static inline void fq_halve(Fq *ret, const Fq *a) {
    uint64_t even[4], q[4], mask = 0 - (a->w[0] & 1);
    for (size_t i = 0; i < 4; i++)
        q[i] = bn254_q.p[i] & mask;
    (void)mont4_sum(even, a->w, q); /* below 2^255 */
    for (size_t i = 0; i < 4; i++)
        ret->w[i] = even[i] >> 1 | (i < 3 ? even[i + 1] << 63 : 0);
}

static const Fq2 fq2_zero = {{{0}}, {{0}}};

static inline Fq2 fq2_one(void) {
    return (Fq2){fq_one(), fq_zero};
}

static inline void fq2_add(Fq2 *ret, const Fq2 *a, const Fq2 *b) {
    fq_add(&ret->c0, &a->c0, &b->c0);
    fq_add(&ret->c1, &a->c1, &b->c1);
}

static inline void fq2_sub(Fq2 *ret, const Fq2 *a, const Fq2 *b) {
    fq_sub(&ret->c0, &a->c0, &b->c0);
    fq_sub(&ret->c1, &a->c1, &b->c1);
}

static inline void fq2_cneg(Fq2 *ret, const Fq2 *a, bool flag) {
    fq_cneg(&ret->c0, &a->c0, flag);
    fq_cneg(&ret->c1, &a->c1, flag);
}

static inline void fq2_neg(Fq2 *ret, const Fq2 *a) {
    fq2_sub(ret, &fq2_zero, a);
}

/* c0 - c1 u, which is also a^q. */
static inline void fq2_conjugate(Fq2 *ret, const Fq2 *a) {
    ret->c0 = a->c0;
    fq_neg(&ret->c1, &a->c1);
}

static inline void fq2_mul_by_3(Fq2 *ret, const Fq2 *a) {
    fq_mul_by_3(&ret->c0, &a->c0);
    fq_mul_by_3(&ret->c1, &a->c1);
}

/* Lazy, as in bn254_fq.h: one operand of fq2_mul may be, and that of fq2_scale. */
static inline void fq2_add_lazy(Fq2 *ret, const Fq2 *a, const Fq2 *b) {
    fq_add_lazy(&ret->c0, &a->c0, &b->c0);
    fq_add_lazy(&ret->c1, &a->c1, &b->c1);
}

static inline void fq2_sub_lazy(Fq2 *ret, const Fq2 *a, const Fq2 *b) {
    fq_sub_lazy(&ret->c0, &a->c0, &b->c0);
    fq_sub_lazy(&ret->c1, &a->c1, &b->c1);
}

static inline void fq2_mul_by_3_lazy(Fq2 *ret, const Fq2 *a) {
    fq_mul_by_3_lazy(&ret->c0, &a->c0);
    fq_mul_by_3_lazy(&ret->c1, &a->c1);
}

static inline void fq2_halve(Fq2 *ret, const Fq2 *a) {
    fq_halve(&ret->c0, &a->c0);
    fq_halve(&ret->c1, &a->c1);
}

static inline void fq2_select(Fq2 *ret, uint64_t mask, const Fq2 *a, const Fq2 *b) {
    fq_select(&ret->c0, mask, &a->c0, &b->c0);
    fq_select(&ret->c1, mask, &a->c1, &b->c1);
}

static inline bool fq2_is_zero(const Fq2 *a) {
    return ((int)fq_is_zero(&a->c0) & (int)fq_is_zero(&a->c1)) != 0; /* && would branch */
}

static inline bool fq2_equal(const Fq2 *a, const Fq2 *b) {
    return ((int)fq_equal(&a->c0, &b->c0) & (int)fq_equal(&a->c1, &b->c1)) != 0;
}

/* By a factor in Fq. */
static inline void fq2_scale(Fq2 *ret, const Fq2 *a, const Fq *k) {
    fq_mul(&ret->c0, &a->c0, k);
    fq_mul(&ret->c1, &a->c1, k);
}

/* Calls, not inlined: a copy of the two products at every use costs more than the call. */
void fq2_mul(Fq2 *ret, const Fq2 *a, const Fq2 *b);
void fq2_sqr(Fq2 *ret, const Fq2 *a);
/* a[0] b[0] + a[1] b[1] + a[2] b[2] at a little more than twice the cost of one product. */
void fq2_dot3(Fq2 *ret, const Fq2 *const a[3], const Fq2 *const b[3]);
void fq2_mul_by_xi(Fq2 *ret, const Fq2 *a); /* xi = 9 + u, of which the tower is built */

/* a times its conjugate; lazy if a is. */
void fq2_norm(Fq *ret, const Fq2 *a);
/* 1 / a of the inverse of its norm; a may be lazy. */
void fq2_inverse_by_norm(Fq2 *ret, const Fq2 *a, const Fq *inverse_of_norm);
void fq2_inverse(Fq2 *ret, const Fq2 *a); /* 0 for 0 */
void fq2_inverse_public(Fq2 *ret, const Fq2 *a);

/* A square root of a, if it has one: the other is its negative. Public. */
bool fq2_sqrt(Fq2 *ret, const Fq2 *a);

/* Is a greater than -a? As a number c1 counts, and c0 where c1 is zero. Public. */
bool fq2_is_large(const Fq2 *a);
