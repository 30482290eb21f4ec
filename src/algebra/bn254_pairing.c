/* The optimal ate pairing of bn254: a Miller loop over the digits of 6 x + 2 and two steps with
 * psi(Q), -psi^2(Q), after Vercauteren; lines in homogeneous coordinates of the twist, after
 * Costello, Lange and Naehrig. (X, Y) of the twist is (X w^2, Y w^3) of the curve over Fq12.
 *
 * Factors of lines in Fq2 make no difference: the final exponentiation takes them to one. */
#include "algebra/bn254_pairing.h"

#include "algebra/bn254.h"
#include "algebra/bn254_tower.h"

#include <assert.h>
#include <string.h>

typedef struct {
    Fq x, y;
} Affine1;

typedef struct {
    Fq2 x, y;
} Affine2;

typedef struct {
    Fq minus_px, py; /* P */
    Affine2 q;
    Fq2 x, y, z; /* the multiple of Q that the loop has come to: (x / z, y / z) */
} Term;

static Fq2 fq2_from(const uint64_t words[2][4]) {
    Fq2 ret;
    memcpy(&ret, words, sizeof ret);
    return ret;
}

static void add_line(Fq12 *f, const Line *at_one, const Term *t) {
    Line line = *at_one;
    fq2_scale(&line.l0, &at_one->l0, &t->py);
    fq2_scale(&line.l1, &at_one->l1, &t->minus_px);
    fq12_mul_by_line(f, f, &line);
}

/* T becomes 2 T, and f is multiplied by the tangent at T, which times 2 y z is
 * 2 y z py - 3 x^2 px w + (y^2 - 3 b z^2) w^3. */
static void double_step(Fq12 *f, Term *t) {
    const Fq2 b3 = fq2_from(bn254_g2_b3);
    Fq2 half_xy, yy, zz, e, e3, h, g;
    Line line;
    fq2_mul(&half_xy, &t->x, &t->y);
    fq2_halve(&half_xy, &half_xy);
    fq2_sqr(&yy, &t->y);
    fq2_sqr(&zz, &t->z);
    fq2_mul(&e, &zz, &b3);
    fq2_mul_by_3(&e3, &e);
    fq2_add(&h, &t->y, &t->z);
    fq2_sqr(&h, &h);
    fq2_sub(&h, &h, &yy);
    fq2_sub(&h, &h, &zz); /* 2 y z */
    fq2_sqr(&line.l1, &t->x);
    fq2_mul_by_3(&line.l1, &line.l1);
    line.l0 = h;
    fq2_sub(&line.l3, &yy, &e);

    fq2_sub(&t->x, &yy, &e3); /* x' = (x y / 2) (y^2 - 9 b z^2) */
    fq2_mul(&t->x, &t->x, &half_xy);
    fq2_add(&g, &yy, &e3); /* y' = ((y^2 + 9 b z^2) / 2)^2 - 3 (3 b z^2)^2 */
    fq2_halve(&g, &g);
    fq2_sqr(&t->y, &g);
    fq2_sqr(&e, &e);
    fq2_mul_by_3(&e, &e);
    fq2_sub(&t->y, &t->y, &e);
    fq2_mul(&t->z, &yy, &h); /* z' = 2 y^3 z */
    add_line(f, &line, t);
}

/* T becomes T + S, and f is multiplied by the line through both, which has the slope theta / lambda
 * and times lambda is lambda py - theta px w + (theta sx - lambda sy) w^3. */
static void add_step(Fq12 *f, Term *t, const Affine2 *s) {
    Fq2 theta, lambda, squared, cubed, across, g, h;
    Line line;
    fq2_mul(&theta, &s->y, &t->z);
    fq2_sub(&theta, &t->y, &theta);
    fq2_mul(&lambda, &s->x, &t->z);
    fq2_sub(&lambda, &t->x, &lambda);
    line.l0 = lambda;
    line.l1 = theta;
    fq2_mul(&line.l3, &theta, &s->x);
    fq2_mul(&g, &lambda, &s->y);
    fq2_sub(&line.l3, &line.l3, &g);

    fq2_sqr(&squared, &lambda);
    fq2_mul(&cubed, &squared, &lambda);
    fq2_mul(&g, &squared, &t->x);
    fq2_sqr(&across, &theta);
    fq2_mul(&across, &across, &t->z);
    fq2_add(&h, &cubed, &across); /* h = lambda^3 + theta^2 z - 2 lambda^2 x */
    fq2_sub(&h, &h, &g);
    fq2_sub(&h, &h, &g);
    fq2_mul(&t->x, &lambda, &h);
    fq2_sub(&g, &g, &h); /* y' = theta (lambda^2 x - h) - lambda^3 y */
    fq2_mul(&g, &g, &theta);
    fq2_mul(&t->y, &t->y, &cubed);
    fq2_sub(&t->y, &g, &t->y);
    fq2_mul(&t->z, &t->z, &cubed);
    add_line(f, &line, t);
}

static Term term_of(const Affine1 *p, const Affine2 *q) {
    Term ret = {.py = p->y, .q = *q, .x = q->x, .y = q->y, .z = fq2_one()};
    fq_neg(&ret.minus_px, &p->x);
    return ret;
}

/* Elements as affine points, with one inversion for all of a group. */
static void begin(const PairingTerm *terms, size_t n, Term *ret) {
    Element g1[MILLER_TERMS], g2[MILLER_TERMS];
    Affine1 p[MILLER_TERMS];
    Affine2 q[MILLER_TERMS];
    for (size_t i = 0; i < n; i++) {
        assert(!element_is_infinity(&terms[i].g1) && !element_is_infinity(&terms[i].g2));
        g1[i] = terms[i].g1;
        g2[i] = terms[i].g2;
    }
    bn254_g1.to_points(g1, n, p);
    bn254_g2.to_points(g2, n, q);
    for (size_t i = 0; i < n; i++)
        ret[i] = term_of(&p[i], &q[i]);
}

/* T = (6 x + 2) Q by now. */
static void last_steps(Fq12 *f, Term *t) {
    Affine2 psi, minus_psi2;
    Fq2 factor = fq2_from(bn254_psi_x + 2);
    fq2_conjugate(&psi.x, &t->q.x);
    fq2_mul(&psi.x, &psi.x, &factor);
    factor = fq2_from(bn254_psi_y + 2);
    fq2_conjugate(&psi.y, &t->q.y);
    fq2_mul(&psi.y, &psi.y, &factor);
    factor = fq2_from(bn254_psi_x + 4);
    fq2_mul(&minus_psi2.x, &t->q.x, &factor);
    minus_psi2.y = t->q.y; /* psi^2 negates y */
    add_step(f, t, &psi);
    add_step(f, t, &minus_psi2);
}

void bn254_miller(const PairingTerm *terms, size_t n, Gt *ret) {
    Term t[MILLER_TERMS];
    Fq12 f = fq12_one();
    assert(n >= 1 && n <= MILLER_TERMS);
    begin(terms, n, t);
    const size_t digits = sizeof bn254_ate_digits;
    for (size_t d = digits - 1; d-- > 0;) { /* the highest is 1 */
        if (d != digits - 2)
            fq12_sqr(&f, &f);
        for (size_t i = 0; i < n; i++)
            double_step(&f, &t[i]);
        for (size_t i = 0; i < n && bn254_ate_digits[d] != 0; i++) {
            Affine2 q = t[i].q;
            fq2_cneg(&q.y, &q.y, bn254_ate_digits[d] < 0);
            add_step(&f, &t[i], &q);
        }
    }
    for (size_t i = 0; i < n; i++)
        last_steps(&f, &t[i]);
    static_assert(sizeof f <= sizeof ret->w, "Gt holds an Fq12");
    memcpy(ret->w, &f, sizeof f);
}

/* ---- the target group ---- */

static Fq12 fq12_of(const Gt *a) {
    Fq12 ret;
    memcpy(&ret, a->w, sizeof ret);
    return ret;
}

void bn254_gt_mul(const Gt *a, const Gt *b, Gt *ret) {
    Fq12 x = fq12_of(a), y = fq12_of(b);
    fq12_mul(&x, &x, &y);
    memcpy(ret->w, &x, sizeof x);
}

/* a^x in the cyclotomic subgroup, where conjugates are inverses. */
static void to_the_x(Fq12 *ret, const Fq12 *a) {
    Fq12 odd[4], square, power, factor; /* a, a^3, a^5, a^7 */
    odd[0] = *a;
    fq12_sqr_cyclotomic(&square, a);
    for (size_t i = 1; i < 4; i++)
        fq12_mul(&odd[i], &odd[i - 1], &square);
    power = *a; /* the highest digit is 1 */
    for (size_t d = sizeof bn254_x_digits - 1; d-- > 0;) {
        const int8_t digit = bn254_x_digits[d];
        fq12_sqr_cyclotomic(&power, &power);
        if (digit == 0)
            continue;
        factor = odd[(digit < 0 ? -digit : digit) / 2];
        if (digit < 0)
            fq12_conjugate(&factor, &factor);
        fq12_mul(&power, &power, &factor);
    }
    *ret = power;
}

/* a^((q^6 - 1)(q^2 + 1)), which is in the cyclotomic subgroup. */
static void easy_part(Fq12 *ret, const Fq12 *a) {
    Fq12 inverse, power;
    fq12_inverse(&inverse, a);
    fq12_conjugate(&power, a);
    fq12_mul(&power, &power, &inverse);
    fq12_frobenius(ret, &power, 2);
    fq12_mul(ret, ret, &power);
}

/* f to 2 x (6 x^2 + 3 x + 1) times (q^4 - q^2 + 1) / r, after Fuentes-Castaneda, Knapp and
 * Rodriguez-Henriquez: f^(a + 6 x^2 + 1) f^(b q) f^(a q^2) f^((b - 1) q^3) with
 * a = 12 x^3 + 6 x^2 + 6 x and b = a - 2 x, which tools/bn254_constants checks. */
static void hard_part(Fq12 *ret, const Fq12 *f) {
    Fq12 x2, x4, x6, xx6, a, b, t, u;
    to_the_x(&x2, f);
    fq12_sqr_cyclotomic(&x2, &x2);
    fq12_sqr_cyclotomic(&x4, &x2);
    fq12_mul(&x6, &x4, &x2);
    to_the_x(&xx6, &x6);
    fq12_sqr_cyclotomic(&a, &xx6);
    to_the_x(&a, &a);
    fq12_mul(&a, &a, &xx6);
    fq12_mul(&a, &a, &x6);
    fq12_conjugate(&b, &x2);
    fq12_mul(&b, &b, &a);

    fq12_mul(&t, &a, &xx6);
    fq12_mul(&t, &t, f);
    fq12_frobenius(&u, &b, 1);
    fq12_mul(&t, &t, &u);
    fq12_frobenius(&u, &a, 2);
    fq12_mul(&t, &t, &u);
    fq12_conjugate(&u, f);
    fq12_mul(&u, &u, &b);
    fq12_frobenius(&u, &u, 3);
    fq12_mul(ret, &t, &u);
}

static Fq12 final_exponentiation(const Gt *a) {
    Fq12 f = fq12_of(a), ret;
    easy_part(&f, &f);
    hard_part(&ret, &f);
    return ret;
}

bool bn254_gt_is_one(const Gt *a) {
    const Fq12 power = final_exponentiation(a), one = fq12_one();
    return fq12_equal(&power, &one);
}

void bn254_gt_coordinates(const Gt *a, uint8_t *ret) {
    const Fq12 power = final_exponentiation(a);
    const Fq *coordinates = (const Fq *)(const void *)&power;
    for (size_t i = 0; i < 12; i++)
        fq_to_be(ret + FQ_BYTES * i, &coordinates[i]);
}
