#include "algebra/peer_blst.h"

#include "base/alloc.h"

#include <blst.h>
#include <string.h>

#define CHUNK 16u /* points of one task: so that 65 G2 points keep every thread busy, too */

static size_t chunks_of(size_t n) {
    return (n + CHUNK - 1) / CHUNK;
}

static size_t chunk_end(size_t i, size_t n) {
    return (i + 1) * CHUNK < n ? (i + 1) * CHUNK : n;
}

/* 1, x, x^2, ... as scalars for blst_p1_mult; the caller frees. */
static blst_scalar *powers_of(const uint8_t x_be[32], size_t n) {
    blst_scalar *powers = cvk_alloc(n, sizeof *powers, NULL);
    blst_scalar scalar;
    blst_fr x, at;
    const uint64_t one[4] = {1};
    blst_scalar_from_bendian(&scalar, x_be);
    blst_fr_from_scalar(&x, &scalar);
    blst_fr_from_uint64(&at, one);
    for (size_t i = 0; powers != NULL && i < n; i++) {
        blst_scalar_from_fr(&powers[i], &at);
        blst_fr_mul(&at, &at, &x);
    }
    return powers;
}

/* ---- contribute ---- */

typedef struct {
    const uint8_t *in;
    uint8_t *out;
    size_t n;
    const blst_scalar *powers;
    bool *bad; /* of each chunk */
} Contribute;

static bool multiply_g1(const Contribute *c, size_t i, blst_p1 *ret) {
    blst_p1_affine affine;
    if (blst_p1_uncompress(&affine, c->in + i * 48) != BLST_SUCCESS ||
        !blst_p1_affine_in_g1(&affine))
        return false;
    blst_p1_from_affine(ret, &affine);
    blst_p1_mult(ret, ret, c->powers[i].b, 255);
    return true;
}

static void contribute_g1(void *ctx, size_t chunk) {
    const Contribute *c = ctx;
    size_t from = chunk * CHUNK, n = chunk_end(chunk, c->n) - from;
    blst_p1 points[CHUNK];
    blst_p1_affine affine[CHUNK];
    const blst_p1 *const at[2] = {points, NULL}; /* one array, contiguous */
    for (size_t i = 0; i < n; i++)
        if (!multiply_g1(c, from + i, &points[i])) {
            c->bad[chunk] = true;
            return;
        }
    blst_p1s_to_affine(affine, at, n);
    for (size_t i = 0; i < n; i++)
        blst_p1_affine_compress(c->out + (from + i) * 48, &affine[i]);
}

static bool multiply_g2(const Contribute *c, size_t i, blst_p2 *ret) {
    blst_p2_affine affine;
    if (blst_p2_uncompress(&affine, c->in + i * 96) != BLST_SUCCESS ||
        !blst_p2_affine_in_g2(&affine))
        return false;
    blst_p2_from_affine(ret, &affine);
    blst_p2_mult(ret, ret, c->powers[i].b, 255);
    return true;
}

static void contribute_g2(void *ctx, size_t chunk) {
    const Contribute *c = ctx;
    size_t from = chunk * CHUNK, n = chunk_end(chunk, c->n) - from;
    blst_p2 points[CHUNK];
    blst_p2_affine affine[CHUNK];
    const blst_p2 *const at[2] = {points, NULL};
    for (size_t i = 0; i < n; i++)
        if (!multiply_g2(c, from + i, &points[i])) {
            c->bad[chunk] = true;
            return;
        }
    blst_p2s_to_affine(affine, at, n);
    for (size_t i = 0; i < n; i++)
        blst_p2_affine_compress(c->out + (from + i) * 96, &affine[i]);
}

static bool contribute(Contribute c, const uint8_t x_be[32], CvkPool *pool,
                       void (*fn)(void *ctx, size_t chunk)) {
    blst_scalar *powers = powers_of(x_be, c.n);
    c.powers = powers;
    c.bad = cvk_alloc(chunks_of(c.n), sizeof *c.bad, NULL);
    bool ok = powers != NULL && c.bad != NULL;
    if (ok)
        cvk_pool_each(pool, chunks_of(c.n), fn, &c);
    for (size_t i = 0; ok && i < chunks_of(c.n); i++)
        ok = !c.bad[i];
    free(powers);
    free(c.bad);
    return ok;
}

bool peer_contribute_g1(const uint8_t (*in)[48], size_t n, const uint8_t x_be[32], CvkPool *pool,
                        uint8_t (*ret)[48]) {
    return contribute((Contribute){.in = in[0], .out = ret[0], .n = n}, x_be, pool, contribute_g1);
}

bool peer_contribute_g2(const uint8_t (*in)[96], size_t n, const uint8_t x_be[32], CvkPool *pool,
                        uint8_t (*ret)[96]) {
    return contribute((Contribute){.in = in[0], .out = ret[0], .n = n}, x_be, pool, contribute_g2);
}

/* ---- verify ---- */

typedef struct {
    const uint8_t *bytes;
    size_t n;
    blst_p1_affine *g1; /* one of the two */
    blst_p2_affine *g2;
    bool *bad;
} Decode;

static void decode(void *ctx, size_t chunk) {
    const Decode *d = ctx;
    for (size_t i = chunk * CHUNK; i < chunk_end(chunk, d->n); i++) {
        bool ok;
        if (d->g1 != NULL)
            ok = blst_p1_uncompress(&d->g1[i], d->bytes + i * 48) == BLST_SUCCESS &&
                 blst_p1_affine_in_g1(&d->g1[i]);
        else
            ok = blst_p2_uncompress(&d->g2[i], d->bytes + i * 96) == BLST_SUCCESS &&
                 blst_p2_affine_in_g2(&d->g2[i]);
        if (!ok)
            d->bad[chunk] = true;
    }
}

static bool decode_all(Decode d, CvkPool *pool, bool *ret_valid) {
    d.bad = cvk_alloc(chunks_of(d.n), sizeof *d.bad, NULL);
    if (d.bad == NULL)
        return false;
    cvk_pool_each(pool, chunks_of(d.n), decode, &d);
    for (size_t i = 0; i < chunks_of(d.n); i++)
        *ret_valid = *ret_valid && !d.bad[i];
    free(d.bad);
    return true;
}

/* A Pippenger of G1 points in as many parts as there are threads. */
typedef struct {
    const blst_p1_affine *points;
    const uint8_t *factors;
    size_t n, parts;
    blst_p1 *sums;
    bool *failed;
} Sum;

static void sum_part(void *ctx, size_t part) {
    const Sum *s = ctx;
    size_t from = s->n * part / s->parts, n = s->n * (part + 1) / s->parts - from;
    const blst_p1_affine *const points[2] = {s->points + from, NULL};
    const uint8_t *const factors[2] = {s->factors + from * 16, NULL};
    limb_t *scratch = malloc(blst_p1s_mult_pippenger_scratch_sizeof(n));
    s->failed[part] = scratch == NULL;
    if (scratch != NULL)
        blst_p1s_mult_pippenger(&s->sums[part], points, n, factors, 128, scratch);
    free(scratch);
}

static bool sum_g1(const blst_p1_affine *points, size_t n, const uint8_t *factors, CvkPool *pool,
                   blst_p1_affine *ret) {
    Sum s = {.points = points, .factors = factors, .n = n, .parts = cvk_pool_width(pool)};
    if (n < 64 * s.parts)
        s.parts = 1;
    s.sums = cvk_alloc(s.parts, sizeof *s.sums, NULL);
    s.failed = cvk_alloc(s.parts, sizeof *s.failed, NULL);
    bool ok = s.sums != NULL && s.failed != NULL;
    if (ok)
        cvk_pool_each(pool, s.parts, sum_part, &s);
    for (size_t i = 0; ok && i < s.parts; i++) {
        ok = !s.failed[i];
        if (i > 0)
            blst_p1_add_or_double(&s.sums[0], &s.sums[0], &s.sums[i]);
    }
    if (ok)
        blst_p1_to_affine(ret, &s.sums[0]);
    free(s.sums);
    free(s.failed);
    return ok;
}

static bool sum_g2(const blst_p2_affine *points, size_t n, const uint8_t *factors,
                   blst_p2_affine *ret) {
    const blst_p2_affine *const at[2] = {points, NULL};
    const uint8_t *const scalars[2] = {factors, NULL};
    limb_t *scratch = malloc(blst_p2s_mult_pippenger_scratch_sizeof(n));
    blst_p2 sum;
    if (scratch == NULL)
        return false;
    blst_p2s_mult_pippenger(&sum, at, n, scalars, 128, scratch);
    blst_p2_to_affine(ret, &sum);
    free(scratch);
    return true;
}

/* e(a, b) = e(c, d)? */
static bool pairings_equal(const blst_p1_affine *a, const blst_p2_affine *b,
                           const blst_p1_affine *c, const blst_p2_affine *d) {
    blst_fp12 left, right;
    blst_miller_loop(&left, b, a);
    blst_miller_loop(&right, d, c);
    return blst_fp12_finalverify(&left, &right);
}

static bool check_powers(const blst_p1_affine *g1, size_t n_g1, const blst_p2_affine *g2,
                         size_t n_g2, const uint8_t *factors, CvkPool *pool, bool *ret_valid) {
    blst_p1_affine low, high;
    blst_p2_affine low2, high2;
    if (!sum_g1(g1, n_g1 - 1, factors, pool, &low) ||
        !sum_g1(g1 + 1, n_g1 - 1, factors, pool, &high) || !sum_g2(g2, n_g2 - 1, factors, &low2) ||
        !sum_g2(g2 + 1, n_g2 - 1, factors, &high2))
        return false;
    *ret_valid = pairings_equal(&high, blst_p2_affine_generator(), &low, &g2[1]) &&
                 pairings_equal(blst_p1_affine_generator(), &high2, &g1[1], &low2);
    return true;
}

bool peer_verify(const uint8_t (*g1)[48], size_t n_g1, const uint8_t (*g2)[96], size_t n_g2,
                 const uint8_t *factors, CvkPool *pool, bool *ret_valid) {
    blst_p1_affine *p1 = cvk_alloc(n_g1, sizeof *p1, NULL);
    blst_p2_affine *p2 = cvk_alloc(n_g2, sizeof *p2, NULL);
    *ret_valid = true;
    bool ok = p1 != NULL && p2 != NULL &&
              decode_all((Decode){.bytes = g1[0], .n = n_g1, .g1 = p1}, pool, ret_valid) &&
              decode_all((Decode){.bytes = g2[0], .n = n_g2, .g2 = p2}, pool, ret_valid);
    if (ok && *ret_valid)
        ok = check_powers(p1, n_g1, p2, n_g2, factors, pool, ret_valid);
    free(p1);
    free(p2);
    return ok;
}
