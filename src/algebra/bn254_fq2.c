/* Fq2 of bn254. */
#include "algebra/bn254_fq2.h"

/* c0 = a0 b0 + (q - a1) b1, c1 = a0 b1 + a1 b0: each below 2 q^2 before its reduction. */
void fq2_mul(Fq2 *ret, const Fq2 *a, const Fq2 *b) {
    uint64_t minus_a1[4];
    Fq c0;
    (void)mont4_subtract(minus_a1, bn254_q.p, a->c1.w);
    mont4_dot(&bn254_q, c0.w, a->c0.w, b->c0.w, minus_a1, b->c1.w);
    mont4_dot(&bn254_q, ret->c1.w, a->c0.w, b->c1.w, a->c1.w, b->c0.w);
    ret->c0 = c0;
}

/* c0 = (a0 + a1)(a0 - a1), c1 = 2 a0 a1; operands of products may be as large as 2q. */
void fq2_sqr(Fq2 *ret, const Fq2 *a) {
    uint64_t sum[4], difference[4], twice[4], minus_a1[4];
    (void)mont4_sum(sum, a->c0.w, a->c1.w);
    (void)mont4_subtract(minus_a1, bn254_q.p, a->c1.w);
    (void)mont4_sum(difference, a->c0.w, minus_a1);
    (void)mont4_sum(twice, a->c0.w, a->c0.w);
    mont4_mul(&bn254_q, ret->c1.w, twice, a->c1.w);
    mont4_mul(&bn254_q, ret->c0.w, sum, difference);
}

/* (9 a0 - a1) + (9 a1 + a0) u */
void fq2_mul_by_xi(Fq2 *ret, const Fq2 *a) {
    Fq2 nine;
    Fq c0;
    fq2_add(&nine, a, a);
    fq2_add(&nine, &nine, &nine);
    fq2_add(&nine, &nine, &nine);
    fq2_add(&nine, &nine, a);
    fq_sub(&c0, &nine.c0, &a->c1);
    fq_add(&ret->c1, &nine.c1, &a->c0);
    ret->c0 = c0;
}

/* a0^2 + a1^2, which is a times its conjugate. */
static void norm(Fq *ret, const Fq2 *a) {
    mont4_dot(&bn254_q, ret->w, a->c0.w, a->c0.w, a->c1.w, a->c1.w);
}

static void divide_conjugate(Fq2 *ret, const Fq2 *a, const Fq *one_by_norm) {
    Fq2 conjugate;
    fq2_conjugate(&conjugate, a);
    fq2_scale(ret, &conjugate, one_by_norm);
}

void fq2_inverse(Fq2 *ret, const Fq2 *a) {
    Fq n;
    norm(&n, a);
    fq_inverse(&n, &n);
    divide_conjugate(ret, a, &n);
}

void fq2_inverse_public(Fq2 *ret, const Fq2 *a) {
    Fq n;
    norm(&n, a);
    fq_inverse_public(&n, &n);
    divide_conjugate(ret, a, &n);
}

/* a / 2: one of a and a + q is even. */
static void halve(Fq *ret, const Fq *a) {
    uint64_t even[4], q[4], mask = 0 - (a->w[0] & 1);
    for (size_t i = 0; i < 4; i++)
        q[i] = bn254_q.p[i] & mask;
    (void)mont4_sum(even, a->w, q); /* below 2^255 */
    for (size_t i = 0; i < 4; i++)
        ret->w[i] = even[i] >> 1 | (i < 3 ? even[i + 1] << 63 : 0);
}

/* Of a in Fq: a or -a is a square there, and u^2 = -1. */
static void sqrt_of_real(Fq2 *ret, const Fq *a) {
    Fq minus;
    *ret = fq2_zero;
    fq_neg(&minus, a);
    if (!fq_sqrt(&ret->c0, a))
        (void)fq_sqrt(&ret->c1, &minus);
}

/* If x^2 = a, then x0^2 is t = (a0 + s) / 2 for one of the roots s of the norm, and x1 = a1 / 2 x0.
 * With r = t^((q - 3) / 4): t r^2 is 1 when t is a square, and then x0 = t r and 1 / x0 = r.
 * Otherwise it is -1, and the t of the other s, which is -a1^2 / 4t, has the root a1 r / 2. */
bool fq2_sqrt(Fq2 *ret, const Fq2 *a) {
    if (fq_is_zero(&a->c1)) {
        sqrt_of_real(ret, &a->c0);
        return true;
    }
    static const uint64_t plain_one[4] = {1};
    Fq s, t, r, tr, check, half_a1, one = fq_one();
    uint64_t e[4];
    norm(&s, a);
    if (!fq_sqrt(&s, &s))
        return false;
    fq_add(&t, &a->c0, &s);
    halve(&t, &t);
    (void)mont4_subtract(e, bn254_q.root, plain_one); /* (q + 1) / 4 - 1 */
    mont4_pow(&bn254_q, r.w, t.w, e);
    fq_mul(&tr, &t, &r);
    fq_mul(&check, &tr, &r);
    halve(&half_a1, &a->c1);
    fq_mul(&half_a1, &half_a1, &r);
    if (fq_equal(&check, &one)) {
        *ret = (Fq2){tr, half_a1};
    } else {
        ret->c0 = half_a1;
        fq_neg(&ret->c1, &tr); /* 1 / r = -t r */
    }
    return true;
}

bool fq2_is_large(const Fq2 *a) {
    return fq_is_zero(&a->c1) ? fq_is_large(&a->c0) : fq_is_large(&a->c1);
}
