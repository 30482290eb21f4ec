#include "algebra/points_lanes.h"

#include "algebra/fft.h"
#include "base/alloc.h"

#include <assert.h>
#include <string.h>

/* Fewer lanes with z^4 = 1 or -1 than this are not worth inversions of their own. */
#define APART_LEAST 16

void lanes_done(Lanes *l) {
    free(l->lane);
    free(l->even);
    free(l->odd);
    free(l->apart);
    free(l->k);
}

bool lanes_init(Lanes *l, const Group *g, const Roots *roots, size_t most) {
    size_t half = LINEAR_MAX, size = g->point_bytes;
    *l = (Lanes){.roots = roots,
                 .lane = cvk_alloc(most, sizeof *l->lane, NULL),
                 .even = cvk_alloc(half * most, size, NULL),
                 .odd = cvk_alloc(half * most, size, NULL),
                 .apart = cvk_alloc(2 * most, size, NULL),
                 .k = cvk_alloc(half * half * most, sizeof *l->k, NULL)};
    bool room =
        l->lane != NULL && l->even != NULL && l->odd != NULL && l->apart != NULL && l->k != NULL;
    if (!room)
        lanes_done(l);
    return room;
}

/* ---- where lanes are ---- */

size_t batch_half(const Batch *b) {
    return b->size == 2 ? 1 : 2;
}

/* How many blocks of 1/2^levels of a block's size are merged on the way to it. */
static size_t blocks_below(unsigned levels) {
    size_t ret = 1, before = 0; /* one block of its own size, none of twice that */
    for (unsigned i = 0; i < levels; i++) {
        size_t next = ret + 2 * before;
        before = ret;
        ret = next;
    }
    return ret;
}

/* Where the i-th of them stands: in the first half, in the third quarter or in the fourth. */
static size_t block_at(unsigned levels, size_t i) {
    size_t ret = 0;
    while (levels != 0) {
        size_t in_half = blocks_below(levels - 1);
        if (i < in_half) {
            levels--;
            continue;
        }
        assert(levels >= 2); /* one level down there is nothing but the half */
        size_t in_quarter = blocks_below(levels - 2), quarter = 2 + (i - in_half) / in_quarter;
        i = (i - in_half) % in_quarter;
        levels -= 2;
        ret += quarter << levels;
    }
    return ret;
}

static unsigned batch_levels(const Batch *b) {
    return fft_log2(b->how->n / b->size);
}

size_t batch_lanes(const Batch *b) {
    if (b->size > b->how->n)
        return 0;
    return blocks_below(batch_levels(b)) * b->how->count * (b->size / (2 * batch_half(b)));
}

Lane batch_lane(Batch *b, size_t i) {
    unsigned levels = batch_levels(b);
    size_t blocks = blocks_below(levels), same_k = blocks * b->how->count, rest = i % same_k;
    return (Lane){.of = b,
                  .transform = rest / blocks,
                  .block = block_at(levels, rest % blocks),
                  .k = i / same_k};
}

void *batch_entry(const Batch *b, size_t transform, size_t i) {
    const PointsFft *how = b->how;
    return points_slot(how->points,
                       how->interleaved ? i * how->count + transform : transform * how->n + i);
}

/* Where the lane's r-th value stands: those of the first half, then of the quarters. In the end
 * value k + r size / (2 half) of the merged block goes there. */
static void *value(const Lane *lane, size_t r) {
    const Batch *b = lane->of;
    size_t apart = b->size / (2 * batch_half(b));
    return batch_entry(b, lane->transform, lane->block * b->size + r * apart + lane->k);
}

static bool gets_scale(const Lane *lane) {
    return lane->of->scaled && lane->block == 0;
}

static bool has_factor(const Lane *lane) {
    return lane->of->shifts != NULL || gets_scale(lane);
}

static bool is_plain(const Lane *lane) {
    return lane->k == 0 && !has_factor(lane);
}

static bool is_eighth(const Lane *lane) {
    return 8 * lane->k == lane->of->size && !has_factor(lane);
}

/* Moves those that are so to the end of the first n; returns how many are not. */
static size_t put_last(Lanes *l, size_t n, bool (*so)(const Lane *lane)) {
    size_t next = 0;
    for (size_t i = 0; i < n; i++)
        if (!so(&l->lane[i])) {
            Lane swap = l->lane[next];
            l->lane[next++] = l->lane[i];
            l->lane[i] = swap;
        }
    return next;
}

static void put_in_order(Lanes *l) {
    size_t before_plain = put_last(l, l->n, is_plain);
    l->twiddled = put_last(l, before_plain, is_eighth);
    l->eighths = before_plain - l->twiddled;
    if (l->n - l->twiddled < APART_LEAST && l->twiddled != 0) {
        l->twiddled = l->n;
        l->eighths = 0;
    }
}

/* ---- forms ---- */

static const Group *group_of(const Lanes *l) {
    return l->lane->of->how->points->group;
}

/* The j-th power of the n-th root of unity, j at most n / 2. */
static const Fr *root_power(const Lanes *l, size_t n, size_t j) {
    assert(n != 0);
    return &l->roots->w[j * (l->roots->order / n)];
}

static bool make_forms(const Lanes *l, void *points, size_t n, size_t half) {
    const LinearJob job = {.points = points, .k = l->k, .n = n, .terms = half, .forms = half};
    return n == 0 || group_of(l)->linear(&job, points);
}

static Fr twiddle(const Lanes *l, const Lane *lane) {
    const Batch *b = lane->of;
    Fr z = *root_power(l, b->size, lane->k);
    if (b->shifts != NULL)
        z = fr_mul(group_of(l)->curve, &z, &b->shifts[lane->transform]);
    return z;
}

/* Of O_j: scale * (z i^j)^(1 + 2 t). */
static void odd_powers(const Lanes *l, const Lane *lane, const Fr *z, size_t j, Fr *ret) {
    const Curve *c = group_of(l)->curve;
    Fr b = fr_mul(c, z, root_power(l, 2 * l->half, j)), square = fr_mul(c, &b, &b);
    for (size_t t = 0; t < l->half; t++, b = fr_mul(c, &b, &square))
        ret[t] = gets_scale(lane) ? fr_mul(c, &b, &lane->of->how->scale) : b;
}

static bool twiddled_forms(const Lanes *l) {
    for (size_t i = 0; i < l->twiddled; i++) {
        Fr z = twiddle(l, &l->lane[i]);
        for (size_t j = 0; j < l->half; j++)
            odd_powers(l, &l->lane[i], &z, j, l->k + (i * l->half + j) * l->half);
    }
    return make_forms(l, l->odd, l->twiddled, l->half);
}

/* Factors of the differences, then of the sums that need one. With z = 1, O_0 is the sum and O_1 is
 * i times the difference. With z = e, the eighth root, e^3 = i e and so
 *
 *     O_0 = e y_1 + e^3 y_3 = a (y_1 + y_3) + b (y_1 - y_3),    a, b = (e +- e^3) / 2
 *     O_1 = e^3 y_1 + e y_3 = a (y_1 + y_3) - b (y_1 - y_3) */
static void apart_factors(const Lanes *l, size_t n) {
    const Curve *c = group_of(l)->curve;
    Fr a = {{0}}, b = {{0}};
    if (l->eighths != 0) {
        Fr half = fr_from_uint(c, 2), e = *root_power(l, 8, 1), e3 = *root_power(l, 8, 3);
        half = fr_inverse(c, &half);
        a = fr_add(c, &e, &e3);
        b = fr_sub(c, &e, &e3);
        a = fr_mul(c, &a, &half);
        b = fr_mul(c, &b, &half);
    }
    for (size_t i = 0; i < n; i++)
        l->k[i] = i < l->eighths ? b : *root_power(l, 4, 1);
    for (size_t i = 0; i < l->eighths; i++)
        l->k[n + i] = a;
}

static bool apart_forms(const Lanes *l) {
    const Group *g = group_of(l);
    size_t size = g->point_bytes, n = l->n - l->twiddled;
    unsigned char *odd = l->odd + l->twiddled * l->half * size;
    unsigned char *difference = l->apart, *sum = l->apart + n * size;
    if (l->half == 1 || n == 0)
        return true; /* of one point with z = 1, that point */
    for (size_t i = 0; i < n; i++) {
        memcpy(sum + i * size, odd + 2 * i * size, size);
        memcpy(difference + i * size, odd + (2 * i + 1) * size, size);
    }
    apart_factors(l, n);
    if (!g->butterflies(sum, difference, n) || !make_forms(l, l->apart, n + l->eighths, 1) ||
        !g->butterflies(sum, difference, l->eighths))
        return false;
    for (size_t i = 0; i < n; i++) {
        memcpy(odd + 2 * i * size, sum + i * size, size);
        memcpy(odd + (2 * i + 1) * size, difference + i * size, size);
    }
    return true;
}

/* ---- all of it ---- */

bool lanes_compute(Lanes *l) {
    const Group *g = group_of(l);
    size_t size = g->point_bytes, half = l->half;
    assert(l->n > 0);
    put_in_order(l);
    for (size_t i = 0; i < l->n * half; i++) {
        memcpy(l->even + i * size, value(&l->lane[i / half], i % half), size);
        memcpy(l->odd + i * size, value(&l->lane[i / half], half + i % half), size);
    }
    if (!twiddled_forms(l) || !apart_forms(l) || !g->butterflies(l->even, l->odd, l->n * half))
        return false;
    for (size_t i = 0; i < l->n * half; i++) {
        memcpy(value(&l->lane[i / half], i % half), l->even + i * size, size);
        memcpy(value(&l->lane[i / half], half + i % half), l->odd + i * size, size);
    }
    return true;
}
