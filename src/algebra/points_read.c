/* Decoding: bytes of strangers become checked points, or the place of the first fault. */
#include "algebra/digit_sums.h"
#include "algebra/subset_sums.h"

#include "base/alloc.h"

#include <stdatomic.h>
#include <string.h>

#define DECODE_BLOCK 64 /* points of one task of decoding */
#define TEST_BLOCK 16   /* and of testing one by one */
/* From here on random sums and their tests, up to 128, cost less than a test for each point. */
#define BATCH_MIN 256

typedef struct {
    const Group *group;
    PointForm form;
    const uint8_t *bytes;
    size_t n;
    Points *points;
    DecodeReport *reports; /* one a block */
    atomic_size_t bad;     /* the lowest block with a fault so far */
} Decode;

static void lower(atomic_size_t *at, size_t value) {
    size_t now = atomic_load(at);
    while (value < now && !atomic_compare_exchange_weak(at, &now, value))
        ;
}

/* Blocks above one with a fault cannot hold the lowest fault: they are left out, which changes
 * nothing of the outcome whatever the order in which the blocks are done. */
static void decode_block(void *ctx, size_t i) {
    Decode *d = ctx;
    if (i > atomic_load(&d->bad))
        return;
    d->group->decode(d->form, d->bytes + i * DECODE_BLOCK * form_bytes(d->group, d->form),
                     block_len(d->n, DECODE_BLOCK, i), points_slot(d->points, i * DECODE_BLOCK),
                     &d->reports[i]);
    if (d->reports[i].fault.fault != POINT_OK)
        lower(&d->bad, i);
}

/* Where the first fault and the first infinity are; n if there is none. */
typedef struct {
    PointReport fault;
    size_t first_infinity;
} Outcome;

static Outcome decode_outcome(const Decode *d) {
    Outcome o = {.fault = {.fault = POINT_OK, .index = d->n}, .first_infinity = d->n};
    size_t bad = atomic_load(&d->bad), blocks = blocks_n(d->n, DECODE_BLOCK);
    for (size_t i = blocks; i-- > 0;)
        if (i <= bad && d->reports[i].first_infinity < block_len(d->n, DECODE_BLOCK, i))
            o.first_infinity = i * DECODE_BLOCK + d->reports[i].first_infinity;
    if (bad < blocks) {
        o.fault = d->reports[bad].fault;
        o.fault.index += bad * DECODE_BLOCK;
    }
    return o;
}

static bool decode_all(Decode *d, CvkPool *pool, Outcome *ret, CvkErr *err) {
    size_t blocks = blocks_n(d->n, DECODE_BLOCK);
    d->reports = cvk_alloc(blocks, sizeof *d->reports, err);
    if (d->reports == NULL)
        return false;
    atomic_store(&d->bad, blocks);
    cvk_pool_each(pool, blocks, decode_block, d);
    *ret = decode_outcome(d);
    free(d->reports);
    return true;
}

/* ---- the subgroup test ---- */

typedef struct {
    const Points *points;
    size_t from, n;
    atomic_size_t outside; /* the lowest found so far; n if none */
} TestEach;

static void test_block(void *ctx, size_t i) {
    TestEach *t = ctx;
    size_t from = i * TEST_BLOCK;
    if (from >= atomic_load(&t->outside))
        return;
    size_t len = block_len(t->n, TEST_BLOCK, i);
    const void *at = points_slot(t->points, t->from + from);
    size_t first = t->points->group->first_outside(at, len);
    if (first < len)
        lower(&t->outside, from + first);
}

/* The lowest index in [from, end) of a point outside the subgroup, tested one by one; or end. */
static size_t first_outside(const Points *p, size_t from, size_t end, CvkPool *pool) {
    TestEach t = {.points = p, .from = from, .n = end - from};
    atomic_store(&t.outside, t.n);
    cvk_pool_each(pool, blocks_n(t.n, TEST_BLOCK), test_block, &t);
    return from + atomic_load(&t.outside);
}

/* Random sums of points, all of which are in the subgroup when the points are, but for 2^-128; and
 * the sum of 2^(step * i) sums[i] is that of r_i * points[i]. */
typedef struct {
    const Group *group;
    unsigned n, step;
    Element sums[FACTOR_BITS];
    atomic_bool outside;
} Batch;

static void test_sum(void *ctx, size_t i) {
    Batch *b = ctx;
    if (!b->group->in_group(&b->sums[i]))
        atomic_store(&b->outside, true);
}

/* Over subsets: whatever the cofactor. Or with digits of fewer bits than its primes have. */
static bool batch_sums(const Points *p, size_t from, size_t end, const uint8_t *factors,
                       CvkPool *pool, Batch *ret, CvkErr *err) {
    const Group *g = p->group;
    const void *points = points_slot(p, from);
    const uint8_t *k = factors + from * FACTOR_BYTES;
    unsigned window_max = 0;
    WindowSums w;
    if (g->cofactor_prime == 0) {
        ret->n = FACTOR_BITS;
        ret->step = 1;
        return subset_sums(g, points, end - from, k, FACTOR_BYTES, FACTOR_BITS, pool, ret->sums,
                           err);
    }
    while ((2u << window_max) <= g->cofactor_prime && window_max < DIGIT_WINDOW_MAX)
        window_max++;
    if (!window_sums(g, points, end - from, k, window_max, pool, &w, err))
        return false;
    ret->n = w.n;
    ret->step = w.window;
    memcpy(ret->sums, w.sums, w.n * sizeof *w.sums);
    return true;
}

/* The batched test of points [from, end): are all their random sums in the subgroup? */
static bool test_batch(const Points *p, size_t from, size_t end, const uint8_t *factors,
                       CvkPool *pool, Element *ret_sum, bool *ret_inside, CvkErr *err) {
    Batch b = {.group = p->group};
    if (!batch_sums(p, from, end, factors, pool, &b, err))
        return false;
    cvk_pool_each(pool, b.n, test_sum, &b);
    *ret_inside = !atomic_load(&b.outside);
    if (*ret_inside && ret_sum != NULL)
        *ret_sum = sums_weigh(p->group, b.sums, b.n, b.step);
    return true;
}

/* The lowest index of a point outside the subgroup; there is one in [0, end). Halves the range by
 * batched tests, then looks at what is left one by one. */
static bool find_outside(const Points *p, size_t end, const uint8_t *factors, CvkPool *pool,
                         size_t *ret, CvkErr *err) {
    size_t from = 0, last = end;
    while (last - from >= 2 * BATCH_MIN) {
        size_t middle = from + (last - from) / 2;
        bool inside;
        if (!test_batch(p, from, middle, factors, pool, NULL, &inside, err))
            return false;
        if (inside)
            from = middle;
        else
            last = middle;
    }
    *ret = first_outside(p, from, last, pool);
    return true;
}

/* *ret = index of the first of the points outside the subgroup, n if none. On true, when all are
 * inside, *ret_sum (may be NULL) = the sum of r_i * points[i]. */
static bool test_group(const Points *p, size_t n, const Factors *factors, CvkPool *pool,
                       size_t *ret, Element *ret_sum, CvkErr *err) {
    if (n < BATCH_MIN || p->group->cofactor_is_one) {
        *ret = p->group->cofactor_is_one ? n : first_outside(p, 0, n, pool);
        return *ret < n || ret_sum == NULL || points_combine(p, 0, n, factors, pool, ret_sum, err);
    }
    _cleanup_free_ uint8_t *bytes = factors_expand(factors, n, err);
    if (bytes == NULL)
        return false;
    bool inside;
    if (!test_batch(p, 0, n, bytes, pool, ret_sum, &inside, err))
        return false;
    if (!inside)
        return find_outside(p, n, bytes, pool, ret, err);
    *ret = n;
    return true;
}

/* ---- both together ---- */

typedef struct {
    PointReading reading;
    const Factors *factors;
    CvkPool *pool;
    Element *sum; /* may be NULL */
} Test;

/* The subgroup test of points [0, n), of which only the index of the first fault is wanted, unless
 * they are all the points there are: then also their sum. */
static bool test_points(const Decode *d, const Test *t, size_t n, size_t *ret_outside,
                        CvkErr *err) {
    Element *sum = n == d->n ? t->sum : NULL;
    if (!d->group->cofactor_is_one && !t->reading.ours)
        return test_group(d->points, n, t->factors, t->pool, ret_outside, sum, err);
    *ret_outside = n;
    return sum == NULL || points_combine(d->points, 0, n, t->factors, t->pool, sum, err);
}

static bool decode_and_test(Decode *d, const Test *t, PointReport *ret_report, CvkErr *err) {
    Outcome o;
    size_t outside;
    if (!decode_all(d, t->pool, &o, err))
        return false;
    /* below the fault that is known there can still be a lower one */
    if (!test_points(d, t, o.fault.index, &outside, err))
        return false;
    *ret_report = o.fault;
    if (outside < o.fault.index)
        *ret_report = (PointReport){.fault = POINT_NOT_IN_GROUP, .index = outside};
    if (ret_report->fault != POINT_OK || t->reading.infinity || o.first_infinity == d->n)
        return true;
    d->points->n = o.first_infinity;
    *ret_report = (PointReport){.fault = POINT_INFINITY, .index = o.first_infinity};
    return t->sum == NULL ||
           points_combine(d->points, 0, d->points->n, t->factors, t->pool, t->sum, err);
}

/* NOLINTNEXTLINE(readability-function-size): what is read and what comes of it, in one look */
bool points_read(const Group *g, PointReading reading, const uint8_t *bytes, size_t n,
                 const Factors *factors, CvkPool *pool, Points **ret_points,
                 Element *ret_combination, PointReport *ret_report, CvkErr *err) {
    Decode d = {.group = g, .form = reading.form, .bytes = bytes, .n = n};
    const Test t = {.reading = reading, .factors = factors, .pool = pool, .sum = ret_combination};
    PointReport report;
    d.points = points_new(g, n, err);
    if (d.points == NULL)
        return false;
    if (!decode_and_test(&d, &t, &report, err)) {
        points_free(d.points);
        return false;
    }
    if (report.fault != POINT_OK && report.fault != POINT_INFINITY)
        d.points = points_free(d.points);
    *ret_points = d.points;
    *ret_report = report;
    return true;
}
