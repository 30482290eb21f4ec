/* Sums and differences of many public points: all additions of a round are independent, so that
 * they share inversions. */
#include "algebra/backend.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#define BLOCK 1024 /* points of one task */

static bool fail_memory(size_t n, CvkErr *err) {
    return cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory to add %zu points", n);
}

Points *points_infinities(const Group *g, size_t n, CvkErr *err) {
    return points_new(g, n, err);
}

Points *points_part(const Points *p, size_t from, size_t n, CvkErr *err) {
    assert(from <= p->n && n <= p->n - from);
    Points *ret = points_new(p->group, n, err);
    if (ret != NULL && n != 0)
        memcpy(ret->at, points_slot(p, from), n * p->group->point_bytes);
    return ret;
}

bool points_equal(const Points *a, size_t a_from, const Points *b, size_t b_from, size_t n) {
    assert(a->group == b->group);
    assert(a_from <= a->n && n <= a->n - a_from && b_from <= b->n && n <= b->n - b_from);
    return n == 0 ||
           memcmp(points_slot(a, a_from), points_slot(b, b_from), n * a->group->point_bytes) == 0;
}

bool points_any_infinite(const Points *p) {
    for (size_t i = 0; i < p->n; i++)
        if (point_is_infinity(p, i))
            return true;
    return false;
}

/* ---- one round: sums[i] += more[i] ---- */

typedef struct {
    Points *sums;
    const Points *more;
    size_t n;
    atomic_bool failed;
} Add;

static void add_block(void *ctx, size_t i) {
    Add *job = ctx;
    if (!job->sums->group->add_points(points_slot(job->sums, i * BLOCK),
                                      points_slot(job->more, i * BLOCK),
                                      block_len(job->n, BLOCK, i)))
        atomic_store(&job->failed, true);
}

static bool add_all(Points *sums, const Points *more, size_t n, CvkPool *pool, CvkErr *err) {
    Add job = {.sums = sums, .more = more, .n = n};
    cvk_pool_each(pool, blocks_n(n, BLOCK), add_block, &job);
    return !atomic_load(&job.failed) || fail_memory(n, err);
}

static void negate_block(void *ctx, size_t i) {
    const Points *p = ctx;
    p->group->neg_points(points_slot(p, i * BLOCK), block_len(p->n, BLOCK, i));
}

bool points_subtract(const Points *a, const Points *b, CvkPool *pool, Points **ret, CvkErr *err) {
    assert(a->group == b->group && a->n == b->n);
    Points *difference = points_part(b, 0, b->n, err);
    if (difference == NULL)
        return false;
    cvk_pool_each(pool, blocks_n(b->n, BLOCK), negate_block, difference);
    if (!add_all(difference, a, a->n, pool, err)) {
        points_free(difference);
        return false;
    }
    *ret = difference;
    return true;
}

/* ---- sums by index ---- */

/* Points that wait to be added, in order of where. */
typedef struct {
    Points *points;
    uint32_t *out;
    size_t n;
} Items;

static void items_free(Items *items) {
    points_free(items->points);
    free(items->out);
}

static bool items_init(Items *items, const Group *g, size_t n, CvkErr *err) {
    *items = (Items){.points = points_new(g, n, err), .out = cvk_alloc(n, sizeof(uint32_t), err)};
    if (items->points != NULL && items->out != NULL)
        return true;
    items_free(items);
    return false;
}

static void items_push(Items *to, uint32_t out, const void *point) {
    to->out[to->n] = out;
    memcpy(points_slot(to->points, to->n++), point, to->points->group->point_bytes);
}

typedef struct {
    const Points *p;
    const PointTerm *terms;
    const size_t *order; /* of the terms: by `out` */
    Fr one, minus_one;
    Items *items;
    atomic_bool failed;
} Products;

/* Products by 1 and -1 are copies; the others are multiplied together. */
static bool multiply_block(const Products *job, size_t from, size_t n, unsigned char *points, Fr *k,
                           size_t *index) {
    const Group *g = job->p->group;
    size_t size = g->point_bytes, m = 0;
    for (size_t i = from; i < from + n; i++) {
        const PointTerm *term = &job->terms[job->order[i]];
        void *to = points_slot(job->items->points, i);
        job->items->out[i] = term->out;
        memcpy(to, points_slot(job->p, term->in), size);
        if (fr_equal(&term->k, &job->minus_one)) {
            g->neg_points(to, 1);
        } else if (!fr_equal(&term->k, &job->one)) {
            memcpy(points + m * size, to, size);
            k[m] = term->k;
            index[m++] = i;
        }
    }
    const LinearJob linear = {.points = points, .k = k, .n = m, .terms = 1, .forms = 1};
    if (m != 0 && !g->linear(&linear, points))
        return false;
    for (size_t i = 0; i < m; i++)
        memcpy(points_slot(job->items->points, index[i]), points + i * size, size);
    return true;
}

static void products_block(void *ctx, size_t block) {
    Products *job = ctx;
    size_t from = block * BLOCK, n = block_len(job->items->n, BLOCK, block);
    _cleanup_free_ unsigned char *points = cvk_alloc(n, job->p->group->point_bytes, NULL);
    _cleanup_free_ Fr *k = cvk_alloc(n, sizeof *k, NULL);
    _cleanup_free_ size_t *index = cvk_alloc(n, sizeof *index, NULL);
    if (points == NULL || k == NULL || index == NULL ||
        !multiply_block(job, from, n, points, k, index))
        atomic_store(&job->failed, true);
}

/* Where each term stands in order of `out`: by counting. */
static size_t *order_terms(const PointTerm *terms, size_t n, size_t sums, CvkErr *err) {
    _cleanup_free_ size_t *next = cvk_alloc(sums + 1, sizeof *next, err);
    size_t *order = cvk_alloc(n, sizeof *order, err);
    if (next == NULL || order == NULL) {
        free(order);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        next[terms[i].out + 1]++;
    for (size_t i = 0; i < sums; i++)
        next[i + 1] += next[i];
    for (size_t i = 0; i < n; i++)
        order[next[terms[i].out]++] = i;
    return order;
}

/* From `items`: of each run with the same `out`, neighbours in pairs to `low` and `high`; what has
 * no neighbour left goes to `last`. */
static void pair_up(const Items *items, Items *low, Items *high, Items *last) {
    static const unsigned char none[POINT_WORDS_MAX * sizeof(uint64_t)];
    for (size_t i = 0; i < items->n;) {
        size_t end = i + 1;
        while (end < items->n && items->out[end] == items->out[i])
            end++;
        if (end - i == 1) {
            items_push(last, items->out[i], points_slot(items->points, i));
            i = end;
            continue;
        }
        for (; i < end; i += 2) {
            items_push(low, items->out[i], points_slot(items->points, i));
            /* the odd one out goes on as it is: plus infinity */
            items_push(high, items->out[i], i + 1 < end ? points_slot(items->points, i + 1) : none);
        }
        i = end;
    }
}

/* Adds up the runs of items; `last` gets one point for each `out`. */
static bool add_runs(Items *items, Items *last, CvkPool *pool, CvkErr *err) {
    Items low, high;
    const Group *g = items->points->group;
    size_t room = items->n / 3 * 2 + 2; /* the most for runs of three */
    if (!items_init(&low, g, room, err))
        return false;
    if (!items_init(&high, g, room, err)) {
        items_free(&low);
        return false;
    }
    bool done = true;
    while (done && items->n != 0) {
        low.n = high.n = 0;
        pair_up(items, &low, &high, last);
        done = add_all(low.points, high.points, low.n, pool, err);
        items->n = 0;
        for (size_t i = 0; done && i < low.n; i++)
            items_push(items, low.out[i], points_slot(low.points, i));
    }
    items_free(&low);
    items_free(&high);
    return done;
}

/* sums[out] += point, each `out` at most once. */
static bool add_last(Points *sums, Items *last, CvkPool *pool, CvkErr *err) {
    Points *old = points_new(sums->group, last->n, err);
    if (old == NULL)
        return false;
    size_t size = sums->group->point_bytes;
    for (size_t i = 0; i < last->n; i++)
        memcpy(points_slot(old, i), points_slot(sums, last->out[i]), size);
    bool done = add_all(old, last->points, last->n, pool, err);
    for (size_t i = 0; done && i < last->n; i++)
        memcpy(points_slot(sums, last->out[i]), points_slot(old, i), size);
    points_free(old);
    return done;
}

static bool make_products(const Points *p, const PointTerm *terms, size_t sums, Items *items,
                          CvkPool *pool, CvkErr *err) {
    const Curve *c = p->group->curve;
    _cleanup_free_ size_t *order = order_terms(terms, items->n, sums, err);
    if (order == NULL)
        return false;
    Products job = {
        .p = p, .terms = terms, .order = order, .one = fr_from_uint(c, 1), .items = items};
    job.minus_one = fr_neg(c, &job.one);
    cvk_pool_each(pool, blocks_n(items->n, BLOCK), products_block, &job);
    return !atomic_load(&job.failed) || fail_memory(items->n, err);
}

bool points_accumulate(Points *sums, const Points *p, const PointTerm *terms, size_t n,
                       CvkPool *pool, CvkErr *err) {
    assert(sums->group == p->group);
    for (size_t i = 0; i < n; i++)
        assert(terms[i].out < sums->n && terms[i].in < p->n);
    Items items, last;
    if (!items_init(&items, p->group, n, err))
        return false;
    if (!items_init(&last, p->group, n, err)) {
        items_free(&items);
        return false;
    }
    items.n = n;
    bool done = make_products(p, terms, sums->n, &items, pool, err) &&
                add_runs(&items, &last, pool, err) && add_last(sums, &last, pool, err);
    items_free(&items);
    items_free(&last);
    return done;
}
