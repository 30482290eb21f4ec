/* Fq12 of bn254. */
#include "algebra/bn254_tower.h"

#include <string.h>

Fq12 fq12_one(void) {
    Fq12 ret = {0};
    ret.c[0].c[0] = fq2_one();
    return ret;
}

bool fq12_equal(const Fq12 *a, const Fq12 *b) {
    return memcmp(a, b, sizeof *a) == 0; /* residues are unique */
}

/* Three products in Fq6 for four, after Karatsuba. */
void fq12_mul(Fq12 *ret, const Fq12 *a, const Fq12 *b) {
    Fq6 low, high, a_sum, b_sum;
    fq6_add(&a_sum, &a->c[0], &a->c[1]);
    fq6_add(&b_sum, &b->c[0], &b->c[1]);
    fq6_mul(&low, &a->c[0], &b->c[0]);
    fq6_mul(&high, &a->c[1], &b->c[1]);
    fq6_mul(&a_sum, &a_sum, &b_sum);
    fq6_sub(&a_sum, &a_sum, &low);
    fq6_sub(&ret->c[1], &a_sum, &high);
    fq6_mul_by_v(&high, &high);
    fq6_add(&ret->c[0], &low, &high);
}

/* (a0 + a1)(a0 + v a1) = a0^2 + v a1^2 + (1 + v) a0 a1 */
void fq12_sqr(Fq12 *ret, const Fq12 *a) {
    Fq6 product, left, right;
    fq6_mul(&product, &a->c[0], &a->c[1]);
    fq6_add(&left, &a->c[0], &a->c[1]);
    fq6_mul_by_v(&right, &a->c[1]);
    fq6_add(&right, &right, &a->c[0]);
    fq6_mul(&left, &left, &right);
    fq6_mul_by_v(&right, &product);
    fq6_sub(&left, &left, &product);
    fq6_sub(&ret->c[0], &left, &right);
    fq6_add(&ret->c[1], &product, &product);
}

/* (a0 - a1 w) / (a0^2 - v a1^2) */
void fq12_inverse(Fq12 *ret, const Fq12 *a) {
    Fq6 norm, t;
    fq6_mul(&norm, &a->c[0], &a->c[0]);
    fq6_mul(&t, &a->c[1], &a->c[1]);
    fq6_mul_by_v(&t, &t);
    fq6_sub(&norm, &norm, &t);
    fq6_inverse(&norm, &norm);
    fq12_conjugate(ret, a);
    fq6_mul(&ret->c[0], &ret->c[0], &norm);
    fq6_mul(&ret->c[1], &ret->c[1], &norm);
}

void fq12_conjugate(Fq12 *ret, const Fq12 *a) {
    static const Fq6 zero = {0};
    ret->c[0] = a->c[0];
    fq6_sub(&ret->c[1], &zero, &a->c[1]);
}

/* w^(q^i) is w times the i-th factor: coefficient j is conjugated i times and gets its j-th power.
 */
void fq12_frobenius(Fq12 *ret, const Fq12 *a, unsigned power) {
    for (size_t j = 0; j < 6; j++) {
        Fq2 factor, *to = fq12_at(ret, j);
        memcpy(&factor, bn254_frobenius[2 * (6 * (power - 1) + j)], sizeof factor);
        *to = *fq12_in(a, j);
        if (power % 2 != 0)
            fq2_conjugate(to, to);
        if (j != 0)
            fq2_mul(to, to, &factor);
    }
}

/* ---- the cyclotomic subgroup ---- */

/* (x + y s)^2 in Fq4 = Fq2[s] with s^2 = xi. */
static void fq4_sqr(Fq2 *ret_x, Fq2 *ret_y, const Fq2 *x, const Fq2 *y) {
    Fq2 yy;
    fq2_mul(ret_y, x, y);
    fq2_add(ret_y, ret_y, ret_y);
    fq2_sqr(&yy, y);
    fq2_mul_by_xi(&yy, &yy);
    fq2_sqr(ret_x, x);
    fq2_add(ret_x, ret_x, &yy);
}

static void three_less_two(Fq2 *ret, const Fq2 *square, const Fq2 *a) {
    Fq2 difference;
    fq2_sub(&difference, square, a);
    fq2_add(&difference, &difference, &difference);
    fq2_add(ret, &difference, square);
}

static void three_and_two(Fq2 *ret, const Fq2 *square, const Fq2 *a) {
    Fq2 sum;
    fq2_add(&sum, square, a);
    fq2_add(&sum, &sum, &sum);
    fq2_add(ret, &sum, square);
}

/* Granger and Scott: with s = w^3 and a = A + B w + C w^2 over Fq4, and A' for A with -s in the
 * place of s, a^2 = (3 A^2 - 2 A') + (3 s C^2 + 2 B') w + (3 B^2 - 2 C') w^2. */
void fq12_sqr_cyclotomic(Fq12 *ret, const Fq12 *a) {
    Fq2 square[6]; /* A, B, C: coefficients 0 and 3, 1 and 4, 2 and 5 */
    for (size_t j = 0; j < 3; j++)
        fq4_sqr(&square[j], &square[j + 3], fq12_in(a, j), fq12_in(a, j + 3));
    fq2_mul_by_xi(&square[5], &square[5]); /* s C^2 = xi (C^2)_1 + (C^2)_0 s */
    three_less_two(fq12_at(ret, 0), &square[0], fq12_in(a, 0));
    three_and_two(fq12_at(ret, 3), &square[3], fq12_in(a, 3));
    three_and_two(fq12_at(ret, 1), &square[5], fq12_in(a, 1));
    three_less_two(fq12_at(ret, 4), &square[2], fq12_in(a, 4));
    three_less_two(fq12_at(ret, 2), &square[1], fq12_in(a, 2));
    three_and_two(fq12_at(ret, 5), &square[4], fq12_in(a, 5));
}

/* ---- lines ---- */

/* Coefficient j is a[j] l0 + a[j - 1] l1 + a[j - 3] l3, with w^6 = xi where the index wraps. */
void fq12_mul_by_line(Fq12 *ret, const Fq12 *a, const Line *line) {
    Fq2 xi_l1, xi_l3;
    Fq12 product;
    fq2_mul_by_xi(&xi_l1, &line->l1);
    fq2_mul_by_xi(&xi_l3, &line->l3);
    for (size_t j = 0; j < 6; j++) {
        const Fq2 *from[3] = {fq12_in(a, j), fq12_in(a, (j + 5) % 6), fq12_in(a, (j + 3) % 6)};
        const Fq2 *by[3] = {&line->l0, j < 1 ? &xi_l1 : &line->l1, j < 3 ? &xi_l3 : &line->l3};
        fq2_dot3(fq12_at(&product, j), from, by);
    }
    *ret = product;
}
