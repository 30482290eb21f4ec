/* Fq6 of bn254. */
#include "algebra/bn254_tower.h"

void fq6_add(Fq6 *ret, const Fq6 *a, const Fq6 *b) {
    for (size_t i = 0; i < 3; i++)
        fq2_add(&ret->c[i], &a->c[i], &b->c[i]);
}

void fq6_sub(Fq6 *ret, const Fq6 *a, const Fq6 *b) {
    for (size_t i = 0; i < 3; i++)
        fq2_sub(&ret->c[i], &a->c[i], &b->c[i]);
}

/* Coefficient k is the sum of a[i] b[k - i], b[k - i] times xi where k - i is below 0. */
void fq6_mul(Fq6 *ret, const Fq6 *a, const Fq6 *b) {
    Fq2 xi_b[3];
    Fq6 c;
    fq2_mul_by_xi(&xi_b[1], &b->c[1]);
    fq2_mul_by_xi(&xi_b[2], &b->c[2]);
    const Fq2 *a_in[3] = {&a->c[0], &a->c[1], &a->c[2]};
    for (size_t k = 0; k < 3; k++) {
        const Fq2 *b_in[3];
        for (size_t i = 0; i < 3; i++)
            b_in[i] = i <= k ? &b->c[k - i] : &xi_b[3 + k - i];
        fq2_dot3(&c.c[k], a_in, b_in);
    }
    *ret = c;
}

void fq6_mul_by_v(Fq6 *ret, const Fq6 *a) {
    Fq2 c0;
    fq2_mul_by_xi(&c0, &a->c[2]);
    ret->c[2] = a->c[1];
    ret->c[1] = a->c[0];
    ret->c[0] = c0;
}

/* xi a b */
static void xi_product(Fq2 *ret, const Fq2 *a, const Fq2 *b) {
    fq2_mul(ret, a, b);
    fq2_mul_by_xi(ret, ret);
}

/* 1 / a = t / n with t the product of a's two other conjugates over Fq2, and n the norm a t. */
void fq6_inverse(Fq6 *ret, const Fq6 *a) {
    const Fq2 *a0 = &a->c[0], *a1 = &a->c[1], *a2 = &a->c[2];
    Fq6 t;
    Fq2 x, n;
    fq2_sqr(&t.c[0], a0); /* a0^2 - xi a1 a2 */
    xi_product(&x, a1, a2);
    fq2_sub(&t.c[0], &t.c[0], &x);
    xi_product(&t.c[1], a2, a2); /* xi a2^2 - a0 a1 */
    fq2_mul(&x, a0, a1);
    fq2_sub(&t.c[1], &t.c[1], &x);
    fq2_sqr(&t.c[2], a1); /* a1^2 - a0 a2 */
    fq2_mul(&x, a0, a2);
    fq2_sub(&t.c[2], &t.c[2], &x);
    fq2_mul(&n, a0, &t.c[0]); /* a0 t0 + xi (a1 t2 + a2 t1) */
    xi_product(&x, a1, &t.c[2]);
    fq2_add(&n, &n, &x);
    xi_product(&x, a2, &t.c[1]);
    fq2_add(&n, &n, &x);
    fq2_inverse_public(&n, &n);
    for (size_t i = 0; i < 3; i++)
        fq2_mul(&ret->c[i], &t.c[i], &n);
}
