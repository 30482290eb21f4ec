#include "algebra/mont4_inverse.h"

#include "base/secret.h"

/* One step: with delta > 0 and g odd, (delta, f, g) becomes (1 - delta, g, (g - f) / 2); else
 * (1 + delta, f, (g + (g mod 2) f) / 2). f stays odd; in the end g is 0 and f is 1 or -1 (p for
 * a = 0). Steps look at low bits alone, so a round of them is done on one word and gathered in a
 * matrix; then all of f and g, and of d and e, for which d a = f and e a = g modulo p, are
 * multiplied by it and divided by 2^62. */

#define LIMBS 5
#define LIMB_BITS 62
#define LIMB_MASK (UINT64_MAX >> 2)

__extension__ typedef __int128 Signed2;

/* Little endian; the lower limbs are between 0 and 2^62, the highest has the sign. */
typedef struct {
    int64_t v[LIMBS];
} Limbs;

/* 2^62 times (f, g) after a round is (u f + v g, q f + r g); no entry is above 2^62. */
typedef struct {
    int64_t u, v, q, r;
} Matrix;

typedef struct {
    Limbs p;
    uint64_t p_inverse; /* modulo 2^62 */
    Limbs d, e, f, g;
} State;

static uint64_t sign_mask(int64_t a) {
    return 0 - ((uint64_t)a >> 63);
}

static Limbs from_words(const uint64_t a[4]) {
    return (Limbs){{
        (int64_t)(a[0] & LIMB_MASK),
        (int64_t)((a[0] >> 62 | a[1] << 2) & LIMB_MASK),
        (int64_t)((a[1] >> 60 | a[2] << 4) & LIMB_MASK),
        (int64_t)((a[2] >> 58 | a[3] << 6) & LIMB_MASK),
        (int64_t)(a[3] >> 56),
    }};
}

static void to_words(const Limbs *a, uint64_t ret[4]) {
    uint64_t v[LIMBS];
    for (size_t i = 0; i < LIMBS; i++)
        v[i] = (uint64_t)a->v[i];
    ret[0] = v[0] | v[1] << 62;
    ret[1] = v[1] >> 2 | v[2] << 60;
    ret[2] = v[2] >> 4 | v[3] << 58;
    ret[3] = v[3] >> 6 | v[4] << 56;
}

/* ---- rounds ---- */

#define ROUNDS 10
#define ROUND 59 /* steps */

/* In constant time; zeta = -(delta + 1/2), where delta begins with 1/2. The matrix begins with
 * 2^(62 - 59). Returns the new zeta. */
static int64_t do_round(int64_t zeta, uint64_t f, uint64_t g, Matrix *ret) {
    uint64_t u = 8, v = 0, q = 0, r = 8;
    for (unsigned i = 0; i < ROUND; i++) {
        uint64_t odd = 0 - (g & 1), minus = sign_mask(zeta);
        g += ((f ^ minus) - minus) & odd;
        q += ((u ^ minus) - minus) & odd;
        r += ((v ^ minus) - minus) & odd;
        uint64_t swap = minus & odd;
        zeta = (int64_t)(((uint64_t)zeta ^ swap) - 1);
        f += g & swap; /* g - f + f */
        u += q & swap;
        v += r & swap;
        g >>= 1;
        u <<= 1;
        v <<= 1;
    }
    *ret = (Matrix){(int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r};
    return zeta;
}

/* 62 steps, all those with an even g at once; and of those with delta < 0 up to 6 at once, by the
 * multiple of f that clears as many bits of g. minus_delta begins with -1. */
static int64_t do_round_public(int64_t minus_delta, uint64_t f, uint64_t g, Matrix *ret) {
    uint64_t u = 1, v = 0, q = 0, r = 1;
    for (unsigned left = LIMB_BITS;;) {
        unsigned zeros = (unsigned)__builtin_ctzll(g | UINT64_MAX << left);
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        minus_delta -= zeros;
        left -= zeros;
        if (left == 0)
            break;
        if (minus_delta < 0) {
            uint64_t f0 = f, u0 = u, v0 = v;
            minus_delta = -minus_delta;
            f = g, u = q, v = r;
            g = 0 - f0, q = 0 - u0, r = 0 - v0;
        }
        unsigned bits = minus_delta + 1 < (int64_t)left ? (unsigned)minus_delta + 1 : left;
        uint64_t mask = UINT64_MAX >> (64 - (bits < 6 ? bits : 6));
        uint64_t times = g * f * (f * f - 2) & mask; /* -g / f: f (2 - f f) is 1 / f mod 64 */
        g += f * times;
        q += u * times;
        r += v * times;
    }
    *ret = (Matrix){(int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r};
    return minus_delta;
}

/* ---- what a round does to the long numbers ---- */

/* (f, g) = (u f + v g, q f + r g) / 2^62, exactly. */
static void update_fg(State *s, const Matrix *t) {
    Signed2 f = 0, g = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        int64_t fi = s->f.v[i], gi = s->g.v[i];
        f += (Signed2)t->u * fi + (Signed2)t->v * gi;
        g += (Signed2)t->q * fi + (Signed2)t->r * gi;
        if (i > 0) {
            s->f.v[i - 1] = (int64_t)((uint64_t)f & LIMB_MASK);
            s->g.v[i - 1] = (int64_t)((uint64_t)g & LIMB_MASK);
        }
        f >>= LIMB_BITS;
        g >>= LIMB_BITS;
    }
    s->f.v[LIMBS - 1] = (int64_t)f;
    s->g.v[LIMBS - 1] = (int64_t)g;
}

/* How many times p to add to a sum with these low bits, so that it can be divided by 2^62; `least`
 * is added to it anyway. */
static int64_t times_p(const State *s, Signed2 sum, int64_t least) {
    return least - (int64_t)((s->p_inverse * (uint64_t)sum + (uint64_t)least) & LIMB_MASK);
}

/* The same for (d, e) modulo p: both stay between -2p and p, for p is added once to one that is
 * negative, and taken away less than 2^62 times. */
static void update_de(State *s, const Matrix *t) {
    int64_t d_minus = (int64_t)sign_mask(s->d.v[LIMBS - 1]);
    int64_t e_minus = (int64_t)sign_mask(s->e.v[LIMBS - 1]);
    Signed2 d = (Signed2)t->u * s->d.v[0] + (Signed2)t->v * s->e.v[0];
    Signed2 e = (Signed2)t->q * s->d.v[0] + (Signed2)t->r * s->e.v[0];
    int64_t d_times = times_p(s, d, (t->u & d_minus) + (t->v & e_minus));
    int64_t e_times = times_p(s, e, (t->q & d_minus) + (t->r & e_minus));
    d = (d + (Signed2)s->p.v[0] * d_times) >> LIMB_BITS;
    e = (e + (Signed2)s->p.v[0] * e_times) >> LIMB_BITS;
    for (size_t i = 1; i < LIMBS; i++) {
        int64_t di = s->d.v[i], ei = s->e.v[i];
        d += (Signed2)t->u * di + (Signed2)t->v * ei + (Signed2)s->p.v[i] * d_times;
        e += (Signed2)t->q * di + (Signed2)t->r * ei + (Signed2)s->p.v[i] * e_times;
        s->d.v[i - 1] = (int64_t)((uint64_t)d & LIMB_MASK);
        s->e.v[i - 1] = (int64_t)((uint64_t)e & LIMB_MASK);
        d >>= LIMB_BITS;
        e >>= LIMB_BITS;
    }
    s->d.v[LIMBS - 1] = (int64_t)d;
    s->e.v[LIMBS - 1] = (int64_t)e;
}

/* a, negated for a mask of ones, plus p for the other; carries to the highest limb. */
static void negate_and_add(Limbs *a, uint64_t negative, const Limbs *p, uint64_t add) {
    int64_t carry = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t v = ((uint64_t)a->v[i] ^ negative) - negative;
        int64_t sum = (int64_t)(v + ((uint64_t)p->v[i] & add)) + carry;
        carry = sum >> LIMB_BITS;
        a->v[i] = i + 1 < LIMBS ? (int64_t)((uint64_t)sum & LIMB_MASK) : sum;
    }
}

/* ---- the whole ---- */

static State start(const Mont4 *m, const uint64_t a[4]) {
    static const uint64_t one[4] = {1};
    return (State){
        .p = from_words(m->p),
        .p_inverse = (0 - m->n0) & LIMB_MASK,
        .e = from_words(one),
        .f = from_words(m->p),
        .g = from_words(a),
    };
}

/* d is f times the inverse of a R, which R^3 brings into Montgomery form. */
static void finish(const Mont4 *m, State *s, uint64_t ret[4]) {
    uint64_t words[4];
    negate_and_add(&s->d, 0, &s->p, sign_mask(s->d.v[LIMBS - 1]));
    negate_and_add(&s->d, sign_mask(s->f.v[LIMBS - 1]), &s->p, 0);
    negate_and_add(&s->d, 0, &s->p, sign_mask(s->d.v[LIMBS - 1]));
    to_words(&s->d, words);
    mont4_mul(m, ret, words, m->r3);
}

void mont4_inverse(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    State s = start(m, a);
    Matrix t;
    int64_t zeta = -1;
    for (unsigned i = 0; i < ROUNDS; i++) {
        zeta = do_round(zeta, (uint64_t)s.f.v[0], (uint64_t)s.g.v[0], &t);
        update_de(&s, &t);
        update_fg(&s, &t);
    }
    finish(m, &s, ret);
    cvk_wipe(&s, sizeof s);
    cvk_wipe(&t, sizeof t);
}

static bool is_zero(const Limbs *a) {
    int64_t any = 0;
    for (size_t i = 0; i < LIMBS; i++)
        any |= a->v[i];
    return any == 0;
}

void mont4_inverse_public(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    State s = start(m, a);
    Matrix t;
    int64_t minus_delta = -1;
    while (!is_zero(&s.g)) {
        minus_delta = do_round_public(minus_delta, (uint64_t)s.f.v[0], (uint64_t)s.g.v[0], &t);
        update_de(&s, &t);
        update_fg(&s, &t);
    }
    finish(m, &s, ret);
}
