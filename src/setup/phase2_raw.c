#include "setup/phase2_raw.h"

#include "base/le.h"

#include <assert.h>
#include <string.h>

/* Numbers of `n` words below 2^(64 n), which may be at or above q: each operation takes q away at
 * most once, and which representative of a residue comes out is part of what is copied here. */
#define WORDS_MAX 6

typedef struct {
    uint64_t w[WORDS_MAX];
} Raw;

typedef struct {
    size_t n;
    Raw q;
    uint64_t inverse; /* -1/q mod 2^64 */
    Raw one;          /* 2^(64 n) mod q */
} Field;

__extension__ typedef unsigned __int128 Wide;

/* *ret = a - b mod 2^(64 n); true: it borrowed. */
static bool words_sub(const Field *f, const Raw *a, const Raw *b, Raw *ret) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < f->n; i++) {
        Wide d = (Wide)a->w[i] - b->w[i] - borrow;
        ret->w[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> 64) & 1;
    }
    return borrow != 0;
}

/* *ret = a + b mod 2^(64 n); true: it carried. */
static bool words_add(const Field *f, const Raw *a, const Raw *b, Raw *ret) {
    uint64_t carry = 0;
    for (size_t i = 0; i < f->n; i++) {
        Wide s = (Wide)a->w[i] + b->w[i] + carry;
        ret->w[i] = (uint64_t)s;
        carry = (uint64_t)(s >> 64);
    }
    return carry != 0;
}

/* Takes q away if the number, with `carry` above its words, is not below it. */
static Raw reduce_once(const Field *f, const Raw *a, bool carry) {
    Raw less;
    bool below = words_sub(f, a, &f->q, &less);
    return carry || !below ? less : *a;
}

static Raw raw_add(const Field *f, const Raw *a, const Raw *b) {
    Raw s = {{0}};
    bool carry = words_add(f, a, b, &s);
    return reduce_once(f, &s, carry);
}

static Raw raw_sub(const Field *f, const Raw *a, const Raw *b) {
    Raw d = {{0}};
    if (words_sub(f, a, b, &d))
        words_add(f, &d, &f->q, &d);
    return d;
}

static Raw raw_double(const Field *f, const Raw *a) {
    return raw_add(f, a, a);
}

/* t += a * b at words [0, n]; returns what is carried out of them. */
static uint64_t add_row(const Field *f, uint64_t *t, const Raw *a, uint64_t b) {
    uint64_t carry = 0;
    for (size_t i = 0; i < f->n; i++) {
        Wide s = (Wide)a->w[i] * b + t[i] + carry;
        t[i] = (uint64_t)s;
        carry = (uint64_t)(s >> 64);
    }
    Wide top = (Wide)t[f->n] + carry;
    t[f->n] = (uint64_t)top;
    return (uint64_t)(top >> 64);
}

/* The Montgomery product, which is below 2^(64 n) + q before q is taken away. */
static Raw raw_mul(const Field *f, const Raw *a, const Raw *b) {
    uint64_t t[WORDS_MAX + 2] = {0};
    for (size_t i = 0; i < f->n; i++) {
        uint64_t top = add_row(f, t, a, b->w[i]);
        top += add_row(f, t, &f->q, t[0] * f->inverse);
        memmove(t, t + 1, f->n * sizeof *t);
        t[f->n] = top;
    }
    Raw r = {{0}};
    memcpy(r.w, t, f->n * sizeof *t);
    return reduce_once(f, &r, t[f->n] != 0);
}

/* a^(q - 2) */
static Raw raw_inverse(const Field *f, const Raw *a) {
    Raw e = f->q, r = f->one, two = {{2}};
    words_sub(f, &e, &two, &e);
    for (size_t bit = 64 * f->n; bit-- > 0;) {
        r = raw_mul(f, &r, &r);
        if ((e.w[bit / 64] >> (bit % 64) & 1) != 0)
            r = raw_mul(f, a, &r);
    }
    return r;
}

static bool is_zero(const Raw *a) {
    static const Raw zero;
    return memcmp(a, &zero, sizeof zero) == 0;
}

static Raw raw_read(const Field *f, const uint8_t *le) {
    Raw r = {{0}};
    for (size_t i = 0; i < f->n; i++)
        r.w[i] = cvk_le64(le + 8 * i);
    return r;
}

static void write_plain(const Field *f, const Raw *a, uint8_t *ret_be) {
    const Raw one = {{1}};
    Raw plain = raw_mul(f, a, &one);
    for (size_t i = 0; i < 8 * f->n; i++)
        ret_be[8 * f->n - 1 - i] = (uint8_t)(plain.w[i / 8] >> (8 * (i % 8)));
}

static Field field_of(const Curve *c) {
    uint8_t le[8 * WORDS_MAX];
    Field f = {.n = curve_base_bytes(c) / 8, .one = {{1}}};
    assert(f.n <= WORDS_MAX);
    curve_base_prime(c, le);
    f.q = raw_read(&f, le);
    uint64_t inverse = 1;
    for (unsigned i = 0; i < 6; i++) /* each step doubles the bits that are right */
        inverse *= 2 - f.q.w[0] * inverse;
    f.inverse = 0 - inverse;
    for (size_t i = 0; i < 64 * f.n; i++)
        f.one = raw_double(&f, &f.one);
    return f;
}

/* The sum of two affine points by the mixed formulas: with H = x2 - x1, r = 2 (y2 - y1), I = 4 H^2,
 * J = H I, V = x1 I it is (r^2 - J - 2 V : r (V - x) - 2 y1 J : 2 H). */
void phase2_raw_subtract(const Curve *c, const uint8_t *minuend, const uint8_t *subtrahend,
                         uint8_t *ret) {
    const Field field = field_of(c), *f = &field;
    const Raw zero = {{0}};
    size_t n = 8 * f->n;
    Raw x1 = raw_read(f, minuend), y1 = raw_read(f, minuend + n);
    Raw x2 = raw_read(f, subtrahend), y2 = raw_read(f, subtrahend + n);
    y2 = raw_sub(f, &zero, &y2);
    if (is_zero(&x1) && is_zero(&y1)) { /* infinity */
        write_plain(f, &x2, ret);
        write_plain(f, &y2, ret + n);
        return;
    }

    Raw h = raw_sub(f, &x2, &x1), dy = raw_sub(f, &y2, &y1), r = raw_double(f, &dy);
    Raw i = raw_mul(f, &h, &h);
    i = raw_double(f, &i);
    i = raw_double(f, &i);
    Raw j = raw_mul(f, &h, &i), v = raw_mul(f, &x1, &i), z = raw_double(f, &h);
    Raw x = raw_mul(f, &r, &r), y, twice = raw_double(f, &v);
    x = raw_sub(f, &x, &j);
    x = raw_sub(f, &x, &twice);
    y = raw_sub(f, &v, &x);
    y = raw_mul(f, &r, &y);
    twice = raw_mul(f, &y1, &j);
    twice = raw_double(f, &twice);
    y = raw_sub(f, &y, &twice);

    Raw inverse = raw_inverse(f, &z), square = raw_mul(f, &inverse, &inverse);
    Raw cube = raw_mul(f, &square, &inverse);
    x = raw_mul(f, &x, &square);
    y = raw_mul(f, &y, &cube);
    write_plain(f, &x, ret);
    write_plain(f, &y, ret + n);
}
