/* Fq2 of bn254. */
#include "algebra/bn254_fq2.h"

/* The factors of c0 = a0 b0 + (q - a1) b1 and of c1 = a0 b1 + a1 b0, for the sum of n products. */
typedef struct {
    const uint64_t *a[MONT4_DOT_MOST], *b[MONT4_DOT_MOST];
} Factors2;

MONT4_INLINE void dot(Fq2 *ret, const Fq2 *const *a, const Fq2 *const *b, size_t n) {
    uint64_t minus_a1[MONT4_DOT_MOST / 2][4];
    Factors2 real, imaginary;
    Fq c0;
    MONT4_UNROLL for (size_t i = 0; i < n; i++) {
        (void)mont4_subtract(minus_a1[i], bn254_q.p, a[i]->c1.w);
        real.a[2 * i] = imaginary.a[2 * i] = a[i]->c0.w;
        real.a[2 * i + 1] = minus_a1[i];
        imaginary.a[2 * i + 1] = a[i]->c1.w;
        real.b[2 * i] = imaginary.b[2 * i + 1] = b[i]->c0.w;
        real.b[2 * i + 1] = imaginary.b[2 * i] = b[i]->c1.w;
    }
    mont4_dot(&bn254_q, c0.w, real.a, real.b, 2 * n);
    mont4_dot(&bn254_q, ret->c1.w, imaginary.a, imaginary.b, 2 * n);
    ret->c0 = c0;
}

void fq2_mul(Fq2 *ret, const Fq2 *a, const Fq2 *b) {
    dot(ret, &a, &b, 1);
}

void fq2_dot3(Fq2 *ret, const Fq2 *const a[3], const Fq2 *const b[3]) {
    dot(ret, a, b, 3);
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

/* 9 a + b for b not above q. The sum is below 10 q; its quotient by q, estimated from the upper
 * bits, is too small by one at most. */
MONT4_INLINE void nine_times_and(Fq *ret, const Fq *a, const uint64_t b[4]) {
    uint64_t t[4], borrow = 0;
    Word2 sum = 0, multiple = 0;
    for (size_t i = 0; i < 4; i++) {
        sum += (Word2)a->w[i] * 9 + b[i];
        t[i] = (uint64_t)sum;
        sum >>= 64;
    }
    uint64_t quotient = ((uint64_t)sum << 32 | t[3] >> 32) / ((bn254_q.p[3] >> 32) + 1);
    for (size_t i = 0; i < 4; i++) {
        multiple += (Word2)quotient * bn254_q.p[i];
        Word2 difference = (Word2)t[i] - (uint64_t)multiple - borrow;
        t[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
        multiple >>= 64;
    }
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

/* a0^2 + a1^2, which is a times its conjugate. */
static void norm(Fq *ret, const Fq2 *a) {
    const uint64_t *factors[] = {a->c0.w, a->c1.w};
    mont4_dot(&bn254_q, ret->w, factors, factors, 2);
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
