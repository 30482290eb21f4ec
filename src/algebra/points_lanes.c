#include "algebra/points_lanes.h"

#include "algebra/fft.h"
#include "base/alloc.h"

#include <assert.h>
#include <string.h>

/* Fewer lanes without a twiddle than this are not worth inversions of their own. */
#define PLAIN_LEAST 16

void lanes_done(Lanes *l) {
    free(l->lane);
    free(l->even);
    free(l->odd);
    free(l->sum);
    free(l->difference);
    free(l->k);
}

bool lanes_init(Lanes *l, const Group *g, const Roots *roots, size_t most) {
    size_t half = LINEAR_MAX, size = g->point_bytes;
    *l = (Lanes){.roots = roots,
                 .lane = cvk_alloc(most, sizeof *l->lane, NULL),
                 .even = cvk_alloc(RADIX_MAX * most, size, NULL),
                 .odd = cvk_alloc(half * most, size, NULL),
                 .sum = cvk_alloc(half * most, size, NULL),
                 .difference = cvk_alloc(half * most, size, NULL),
                 .k = cvk_alloc(half * half * most, sizeof *l->k, NULL)};
    bool room = l->lane != NULL && l->even != NULL && l->odd != NULL && l->sum != NULL &&
                l->difference != NULL && l->k != NULL;
    if (!room)
        lanes_done(l);
    return room;
}

/* ---- where lanes are ---- */

size_t batch_lanes(const Batch *b) {
    return b->m < b->how->n ? b->how->n / b->radix * b->how->count : 0;
}

static size_t merged_blocks(const Batch *b) {
    return b->how->n / (b->radix * b->m);
}

Lane batch_lane(Batch *b, size_t i) {
    size_t blocks = merged_blocks(b), same_k = blocks * b->how->count, rest = i % same_k;
    return (Lane){.of = b, .transform = rest / blocks, .block = rest % blocks, .k = i / same_k};
}

void *batch_entry(const Batch *b, size_t transform, size_t i) {
    const PointsFft *how = b->how;
    return points_slot(how->points,
                       how->interleaved ? i * how->count + transform : transform * how->n + i);
}

/* Where value k of the lane's r-th block stands: blocks are in bit-reversed order too. In the end
 * value k + r m of the merged block goes there. */
static void *value(const Lane *lane, size_t r) {
    const Batch *b = lane->of;
    return batch_entry(b, lane->transform, (lane->block * b->radix + r) * b->m + lane->k);
}

static bool gets_scale(const Lane *lane) {
    return lane->of->scaled && lane->block == 0;
}

static bool is_plain(const Lane *lane) {
    return lane->k == 0 && lane->of->shifts == NULL && !gets_scale(lane);
}

static void put_plain_last(Lanes *l) {
    size_t next = 0;
    for (size_t i = 0; i < l->n; i++)
        if (!is_plain(&l->lane[i])) {
            Lane swap = l->lane[next];
            l->lane[next++] = l->lane[i];
            l->lane[i] = swap;
        }
    bool apart = l->n - next >= PLAIN_LEAST || next == 0;
    l->twiddled = apart ? next : l->n;
}

/* ---- forms ---- */

static const Group *group_of(const Lanes *l) {
    return l->lane->of->how->points->group;
}

/* The j-th power of the n-th root of unity, j at most n / 2. */
static const Fr *root_power(const Lanes *l, size_t n, size_t j) {
    return &l->roots->w[j * (l->roots->order / n)];
}

/* ret[t], of the term that comes t-th in bit-reversed order: scale * b^(1 + 2 t). */
static void odd_powers(const Curve *c, const Fr *b, size_t terms, const Fr *scale, Fr *ret) {
    unsigned bits = fft_log2(terms);
    Fr square = fr_mul(c, b, b), power = fr_mul(c, b, scale);
    for (size_t t = 0; t < terms; t++, power = fr_mul(c, &power, &square))
        ret[fft_reverse_bits(t, bits)] = power;
}

static bool make_forms(const Lanes *l, void *points, size_t n, size_t half) {
    const LinearJob job = {.points = points, .k = l->k, .n = n, .terms = half, .forms = half};
    return n == 0 || group_of(l)->linear(&job, points);
}

/* For a step of `half` forms: z^(radix / (2 half)). */
static Fr twiddle(const Lanes *l, const Lane *lane, size_t half) {
    const Batch *b = lane->of;
    const Curve *c = group_of(l)->curve;
    Fr z = *root_power(l, b->radix * b->m, lane->k);
    if (b->shifts != NULL)
        z = fr_mul(c, &z, &b->shifts[lane->transform]);
    for (size_t radix = b->radix; radix > 2 * half; radix /= 2)
        z = fr_mul(c, &z, &z);
    return z;
}

static bool twiddled_forms(const Lanes *l, size_t half) {
    const Curve *c = group_of(l)->curve;
    const Fr one = fr_from_uint(c, 1);
    for (size_t i = 0; i < l->twiddled; i++) {
        const Lane *lane = &l->lane[i];
        Fr z = twiddle(l, lane, half);
        for (size_t j = 0; j < half; j++) {
            Fr b = fr_mul(c, &z, root_power(l, 2 * half, j));
            odd_powers(c, &b, half, gets_scale(lane) ? &lane->of->how->scale : &one,
                       l->k + (i * half + j) * half);
        }
    }
    return make_forms(l, l->odd, l->twiddled, half);
}

/* With z = 1 the terms of r and of r + half have opposite factors in forms of odd j and equal ones
 * in those of even j, which are as many forms of half as many points. */
static bool plain_forms(const Lanes *l, size_t half) {
    const Group *g = group_of(l);
    const Fr one = fr_from_uint(g->curve, 1);
    size_t size = g->point_bytes, n = l->n - l->twiddled;
    unsigned char *odd = l->odd + l->twiddled * half * size;
    for (size_t step = 1, terms = half; terms > 1; step *= 2, terms /= 2) {
        const unsigned char *from = step == 1 ? odd : l->sum;
        size_t forms = terms / 2;
        for (size_t i = 0; i < n * forms; i++) {
            memcpy(l->difference + i * size, from + (2 * i + 1) * size, size);
            memmove(l->sum + i * size, from + 2 * i * size, size);
        }
        for (size_t i = 0; i < n * forms; i++)
            odd_powers(g->curve, root_power(l, 2 * terms, 2 * (i % forms) + 1), forms, &one,
                       l->k + i * forms);
        if (!g->butterflies(l->sum, l->difference, n * forms) ||
            !make_forms(l, l->difference, n, forms))
            return false;
        for (size_t i = 0; i < n * forms; i++)
            memcpy(odd + (i / forms * half + (2 * (i % forms) + 1) * step) * size,
                   l->difference + i * size, size);
    }
    for (size_t i = 0; half > 1 && i < n; i++)
        memcpy(odd + i * half * size, l->sum + i * size, size);
    return true;
}

/* ---- all of it ---- */

/* Of each lane the even values and then the odd ones. */
static void merge(const Lanes *l, size_t half_bytes) {
    for (size_t i = l->n; i-- > 0;) {
        memmove(l->even + 2 * i * half_bytes, l->even + i * half_bytes, half_bytes);
        memcpy(l->even + (2 * i + 1) * half_bytes, l->odd + i * half_bytes, half_bytes);
    }
}

bool lanes_compute(Lanes *l) {
    size_t size = group_of(l)->point_bytes, radix = l->radix;
    assert(l->n > 0 && radix > 1);
    put_plain_last(l);
    for (size_t i = 0; i < l->n; i++)
        memcpy(l->even + i * size, value(&l->lane[i], 0), size);
    for (size_t half = 1; half < radix; half *= 2) {
        for (size_t i = 0; i < l->n * half; i++)
            memcpy(l->odd + i * size, value(&l->lane[i / half], half + i % half), size);
        if (!twiddled_forms(l, half) || !plain_forms(l, half) ||
            !group_of(l)->butterflies(l->even, l->odd, l->n * half))
            return false;
        merge(l, half * size);
    }
    for (size_t i = 0; i < l->n * radix; i++)
        memcpy(value(&l->lane[i / radix], i % radix), l->even + i * size, size);
    return true;
}
