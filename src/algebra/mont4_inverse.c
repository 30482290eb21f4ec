#include "algebra/mont4_inverse.h"

#include "base/secret.h"

/* Both inverses begin with f = p, g = a, d = 0 and e = 1, and take steps that make f and g smaller
 * and keep d a = f and e a = g modulo p; in the end g is 0 and f is 1 or -1 (p for a = 0). Steps
 * look at the low bits, and the public ones at the highest too; so a round of them is done on
 * single words and gathered in a matrix. Then all of f and g, and of d and e modulo p, are
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

/* ---- a round in constant time ---- */

/* One step: with delta > 0 and g odd, (delta, f, g) becomes (1 - delta, g, (g - f) / 2); else
 * (1 + delta, f, (g + (g mod 2) f) / 2). f stays odd. */
#define ROUNDS 10
#define ROUND 59 /* steps */

/* zeta = -(delta + 1/2), where delta begins with 1/2. The matrix begins with 2^(62 - 59). Returns
 * the new zeta. */
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

/* ---- a round of a public number ---- */

/* What is looked at of f and of g: the lowest 64 bits, and the 62 bits from the highest one of the
 * larger of both. */
typedef struct {
    uint64_t low, high;
} Ends;

/* `top` is the highest limb that is not 0 in f and in g, `shift` the bits that it has free. */
static Ends ends_of(const Limbs *a, size_t top, unsigned shift) {
    uint64_t below = top > 0 ? (uint64_t)a->v[top - 1] : 0;
    return (Ends){
        .low = (uint64_t)a->v[0] | (uint64_t)a->v[1] << LIMB_BITS,
        .high = (uint64_t)a->v[top] << shift | below >> (LIMB_BITS - shift),
    };
}

/* 1 / a modulo 2^64, for an odd a: 5 bits of it, then twice as many each time. */
static uint64_t inverse_word(uint64_t a) {
    uint64_t x = 3 * a ^ 2;
    for (unsigned bits = 5; bits < 64; bits *= 2)
        x *= 2 - a * x;
    return x;
}

/* 62 halvings of g. While g is odd, the smaller of both becomes f, and their difference, which is
 * even, g. So u and q have opposite signs, v and r too, and sizes are only added: the rows are
 * (u, -v) and (-q, r), or both negated after an odd number of exchanges. Only v and r are carried
 * along: at the end u f - v g is 2^62 f' or, negated, -2^62 f' for the new f', so that u is
 * (2^62 f' + v g) / f modulo 2^64, or 2^63 off it. As u + v is at most 2^62, the highest bit tells
 * which. Of f' and g' two bits are still known, which is enough for this. */
static Matrix do_round_public(Ends f, Ends g) {
    const uint64_t g0 = g.low, inverse = inverse_word(f.low);
    uint64_t v = 0, r = 1, difference = g.low;
    int left = LIMB_BITS;
    while (difference != 0) {
        int zeros = __builtin_ctzll(difference);
        if (zeros >= left)
            break;
        left -= zeros;
        g.low >>= zeros;
        g.high >>= zeros;
        v <<= zeros;
        difference = g.low - f.low;
        uint64_t high = g.high - f.high, less = sign_mask((int64_t)high);
        uint64_t exchange = (v ^ r) & less;
        f.low += difference & less; /* g - f + f */
        f.high += high & less;
        g.low = (difference ^ less) - less;
        g.high = high ^ less; /* 1 less than it, which does not matter */
        r += v;
        v ^= exchange;
    }
    v <<= left;
    g.low >>= left;
    uint64_t u = (v * g0 + (f.low << LIMB_BITS)) * inverse, minus = sign_mask((int64_t)u);
    uint64_t q = (r * g0 - (((g.low ^ minus) - minus) << LIMB_BITS)) * inverse;
    u &= UINT64_MAX >> 1;
    return (Matrix){
        .u = (int64_t)((u ^ minus) - minus),
        .v = (int64_t)((v ^ ~minus) - ~minus),
        .q = (int64_t)((q ^ ~minus) - ~minus),
        .r = (int64_t)((r ^ minus) - minus),
    };
}

/* ---- what a round does to the long numbers ---- */

/* (f, g) = (u f + v g, q f + r g) / 2^62, exactly. */
static void update_fg(State *s, const Matrix *t) {
    Signed2 f = 0, g = 0;
    MONT4_UNROLL for (size_t i = 0; i < LIMBS; i++) {
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
    MONT4_UNROLL for (size_t i = 1; i < LIMBS; i++) {
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

/* (x, y) is the row of the matrix that made a. */
static void make_positive(Limbs *a, int64_t *x, int64_t *y) {
    if (a->v[LIMBS - 1] >= 0)
        return;
    negate_and_add(a, UINT64_MAX, a, 0);
    *x = -*x;
    *y = -*y;
}

/* Before each round f > 0 and g >= 0. A comparison by the highest bits errs only where those are
 * all but equal; then one of f and g is negative after the round, and made positive. It ends in
 * spite of that: no step makes the larger of both larger, and a right one at least halves their
 * product. A wrong one leaves a tiny difference, or comes when both have lost 50 bits in this
 * round. */
void mont4_inverse_public(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]) {
    State s = start(m, a);
    size_t top = LIMBS - 1;
    while (!is_zero(&s.g)) {
        while ((s.f.v[top] | s.g.v[top]) == 0)
            top--;
        unsigned used = 64 - (unsigned)__builtin_clzll((uint64_t)(s.f.v[top] | s.g.v[top]));
        unsigned shift = LIMB_BITS - used;
        Matrix t = do_round_public(ends_of(&s.f, top, shift), ends_of(&s.g, top, shift));
        update_fg(&s, &t);
        make_positive(&s.f, &t.u, &t.v);
        make_positive(&s.g, &t.q, &t.r);
        update_de(&s, &t);
    }
    finish(m, &s, ret);
}
