/* Fq2 of bn254. */
#include "algebra/bn254_fq2.h"

/* A sum of products by Karatsuba: with a0 b0, a1 b1 and (a0 + a1)(b0 + b1), each summed up, c0 is
 * the first less the second, and c1 the third less both. */
typedef struct {
    Mont4Wide first, second, both;
} Sum2;

MONT4_INLINE void product(Sum2 *ret, const Fq2 *a, const Fq2 *b) {
    uint64_t a_sum[4], b_sum[4];
    (void)mont4_sum(a_sum, a->c0.w, a->c1.w);
    (void)mont4_sum(b_sum, b->c0.w, b->c1.w);
    mont4_wide_product(&ret->first, a->c0.w, b->c0.w);
    mont4_wide_product(&ret->second, a->c1.w, b->c1.w);
    mont4_wide_product(&ret->both, a_sum, b_sum);
}

MONT4_INLINE void add_product(Sum2 *sum, const Fq2 *a, const Fq2 *b) {
    uint64_t a_sum[4], b_sum[4];
    (void)mont4_sum(a_sum, a->c0.w, a->c1.w);
    (void)mont4_sum(b_sum, b->c0.w, b->c1.w);
    mont4_wide_add_product(&sum->first, a->c0.w, b->c0.w);
    mont4_wide_add_product(&sum->second, a->c1.w, b->c1.w);
    mont4_wide_add_product(&sum->both, a_sum, b_sum);
}

/* first = c0, which may be negative; both = c1. */
MONT4_INLINE void combine(Sum2 *sum) {
    mont4_wide_take(&sum->both, &sum->first);
    mont4_wide_take(&sum->both, &sum->second);
    mont4_wide_take(&sum->first, &sum->second);
}

/* With one lazy operand c0 is between -2 q^2 and 2 q^2, c1 below 4 q^2. */
void fq2_mul(Fq2 *ret, const Fq2 *a, const Fq2 *b) {
    Sum2 sum;
    product(&sum, a, b);
    combine(&sum);
    mont4_wide_add_half(&bn254_q, &sum.first);
    mont4_wide_reduce(&bn254_q, ret->c0.w, &sum.first);
    mont4_wide_reduce(&bn254_q, ret->c1.w, &sum.both);
}

/* c0 is between -3 q^2 and 3 q^2, c1 below 6 q^2. */
void fq2_dot3(Fq2 *ret, const Fq2 *const a[3], const Fq2 *const b[3]) {
    Sum2 sum;
    product(&sum, a[0], b[0]);
    add_product(&sum, a[1], b[1]);
    add_product(&sum, a[2], b[2]);
    combine(&sum);
    mont4_wide_add_half(&bn254_q, &sum.first);
    mont4_wide_add_half(&bn254_q, &sum.first);
    mont4_wide_reduce(&bn254_q, ret->c0.w, &sum.first);
    mont4_wide_reduce(&bn254_q, ret->c1.w, &sum.both);
    mont4_reduce_once(&bn254_q, ret->c0.w, ret->c0.w);
    mont4_reduce_once(&bn254_q, ret->c1.w, ret->c1.w);
}

/* c0 = (a0 + a1)(a0 - a1), c1 = 2 a0 a1 */
void fq2_sqr(Fq2 *ret, const Fq2 *a) {
    Fq sum, difference, twice;
    fq_add_lazy(&sum, &a->c0, &a->c1);
    fq_sub_lazy(&difference, &a->c0, &a->c1);
    fq_add_lazy(&twice, &a->c0, &a->c0);
    fq_mul(&ret->c1, &twice, &a->c1);
    mont4_mul_lazy(&bn254_q, ret->c0.w, sum.w, difference.w);
}

/* 9 a + b for b not above q. The sum is below 10 q; its quotient by q, estimated from the upper
 * bits, is too small by one at most. */
MONT4_INLINE void nine_times_and(Fq *ret, const Fq *a, const uint64_t b[4]) {
    uint64_t t[5], multiple[5];
    mont4_row(t, a->w, 9);
    uint64_t top = t[4] + mont4_sum(t, t, b);
    uint64_t quotient = (top << 32 | t[3] >> 32) / ((bn254_q.p[3] >> 32) + 1);
    mont4_row(multiple, bn254_q.p, quotient);
    (void)mont4_subtract(t, t, multiple);
    mont4_reduce_once(&bn254_q, ret->w, t);
}

/* (9 a0 + q - a1) + (9 a1 + a0) u */
void fq2_mul_by_xi(Fq2 *ret, const Fq2 *a) {
    uint64_t minus_a1[4];
    Fq c0;
    (void)mont4_subtract(minus_a1, bn254_q.p, a->c1.w);
    nine_times_and(&c0, &a->c0, minus_a1);
    nine_times_and(&ret->c1, &a->c1, a->c0.w);
    ret->c0 = c0;
}

/* a0^2 + a1^2; of a lazy a below 8 q^2 before it is divided by R. */
void fq2_norm(Fq *ret, const Fq2 *a) {
    Mont4Wide sum, other;
    mont4_wide_square(&sum, a->c0.w);
    mont4_wide_square(&other, a->c1.w);
    mont4_wide_add(&sum, &other);
    mont4_wide_reduce(&bn254_q, ret->w, &sum);
}

void fq2_inverse_by_norm(Fq2 *ret, const Fq2 *a, const Fq *inverse_of_norm) {
    fq2_scale(ret, a, inverse_of_norm);
    fq2_conjugate(ret, ret);
}

void fq2_inverse(Fq2 *ret, const Fq2 *a) {
    Fq n;
    fq2_norm(&n, a);
    fq_inverse(&n, &n);
    fq2_inverse_by_norm(ret, a, &n);
}

void fq2_inverse_public(Fq2 *ret, const Fq2 *a) {
    Fq n;
    fq2_norm(&n, a);
    fq_inverse_public(&n, &n);
    fq2_inverse_by_norm(ret, a, &n);
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
    fq2_norm(&s, a);
    if (!fq_sqrt(&s, &s))
        return false;
    fq_add(&t, &a->c0, &s);
    fq_halve(&t, &t);
    (void)mont4_subtract(e, bn254_q.root, plain_one); /* (q + 1) / 4 - 1 */
    mont4_pow(&bn254_q, r.w, t.w, e);
    fq_mul(&tr, &t, &r);
    fq_mul(&check, &tr, &r);
    fq_halve(&half_a1, &a->c1);
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
