#include "algebra/digit_sums.h"

#include "algebra/subset_sums.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

/* Points of one task at most: they are sorted in memory of their own. */
#define SEGMENT_MAX 65536u
/* Below this many, a window is not split further among threads: folding would dominate. */
#define SEGMENT_MIN 2048u
#define BLOCK 1024 /* points that are split and written as digits at once */

typedef struct {
    const Group *group;
    unsigned parts, bits; /* of each scalar, and bits of a part */
    unsigned window_max;
    /* the input: n of either */
    const unsigned char *points;
    const Fr *k;
    const uint8_t *short_k; /* FACTOR_BYTES each */
    size_t n;
    /* the plan */
    size_t all; /* n * parts points */
    unsigned window, windows;
    size_t segment, segments;
    /* what is made */
    unsigned char *images; /* all points, part by part; NULL: `points` are all */
    int16_t *digits;       /* [window][point] */
    Element *sums;         /* [segment][window][bit of a digit] */
    atomic_bool failed;
} Products;

/* ---- the plan ---- */

static unsigned windows_n(unsigned bits, unsigned window) {
    return bits / window + 1; /* a bit more than `bits`: for the last carry */
}

/* A window of c bits has 2^(c-1) buckets: about one addition a point and one a bucket. */
static unsigned best_window(size_t n, unsigned bits, unsigned window_max) {
    unsigned best = 2;
    uint64_t best_cost = UINT64_MAX;
    for (unsigned c = 2; c <= window_max; c++) {
        uint64_t cost = windows_n(bits, c) * ((uint64_t)n + ((uint64_t)1 << (c - 1)));
        if (cost < best_cost) {
            best = c;
            best_cost = cost;
        }
    }
    return best;
}

static void make_plan(Products *p, unsigned width) {
    p->all = p->n * p->parts;
    p->segments = blocks_n(p->all, SEGMENT_MAX);
    const size_t windows =
        windows_n(p->bits, best_window(p->all / p->segments, p->bits, p->window_max));
    const size_t wanted = (2 * (size_t)width + windows - 1) / windows, most = p->all / SEGMENT_MIN;
    if (p->segments < wanted)
        p->segments = wanted < most ? wanted : most > 1 ? most : 1;
    p->segment = blocks_n(p->all, p->segments);
    p->segments = blocks_n(p->all, p->segment);
    p->window = best_window(p->segment, p->bits, p->window_max);
    p->windows = windows_n(p->bits, p->window);
}

/* ---- digits ---- */

static ScalarPart short_part(const uint8_t le[FACTOR_BYTES]) {
    Word2 k = 0;
    for (size_t i = FACTOR_BYTES; i-- > 0;)
        k = k << 8 | le[i];
    return (ScalarPart){.size = k};
}

/* From -2^(window-1) + 1 to 2^(window-1); of point `at` of all. */
static void write_digits(Products *p, size_t at, const ScalarPart *part) {
    const int whole = 1 << p->window, half = whole / 2;
    Word2 k = part->size;
    int carry = 0;
    for (unsigned w = 0; w < p->windows; w++, k >>= p->window) {
        int digit = (int)(k & (unsigned)(whole - 1)) + carry;
        carry = digit > half;
        digit -= carry ? whole : 0;
        p->digits[w * p->all + at] = (int16_t)(part->negative ? -digit : digit);
    }
    assert(carry == 0 && k == 0);
}

static void prepare_block(void *ctx, size_t block) {
    Products *p = ctx;
    const size_t from = block * BLOCK, n = block_len(p->n, BLOCK, block);
    const size_t size = p->group->point_bytes;
    for (size_t i = from; i < from + n; i++) {
        ScalarPart parts[PARTS_MAX];
        if (p->k != NULL)
            p->group->split(&p->k[i], parts);
        else
            parts[0] = short_part(p->short_k + i * FACTOR_BYTES);
        for (unsigned part = 0; part < p->parts; part++)
            write_digits(p, part * p->n + i, &parts[part]);
    }
    for (unsigned part = 0; part < p->parts && p->images != NULL; part++)
        p->group->images(p->points + from * size, n, part, p->images + (part * p->n + from) * size);
}

/* ---- sums ---- */

static void sum_task(void *ctx, size_t i) {
    Products *p = ctx;
    const size_t segment = i / p->windows, w = i % p->windows, from = segment * p->segment;
    const unsigned char *points = p->images != NULL ? p->images : p->points;
    const DigitJob job = {.points = points + from * p->group->point_bytes,
                          .n = block_len(p->all, p->segment, segment),
                          .digits = p->digits + w * p->all + from,
                          .window = p->window};
    if (!p->group->digit_sums(&job, p->sums + i * p->window))
        atomic_store(&p->failed, true);
}

/* Over the segments, and the bits of each window. */
static void add_up(const Products *p, WindowSums *ret) {
    const unsigned bits = p->windows * p->window;
    for (size_t i = 0; i < p->segments * bits; i++)
        p->sums[i].group = p->group;
    for (size_t i = bits; i < p->segments * bits; i++)
        p->sums[i % bits] = element_add(&p->sums[i % bits], &p->sums[i]);
    ret->window = p->window;
    ret->n = p->windows;
    for (unsigned w = 0; w < p->windows; w++)
        ret->sums[w] = sums_weigh(p->group, p->sums + w * p->window, p->window, 1);
}

static bool allocate(Products *p, CvkErr *err) {
    p->digits = cvk_alloc(p->all, p->windows * sizeof *p->digits, err);
    if (p->digits == NULL)
        return false;
    if (p->parts != 1)
        p->images = cvk_alloc(p->all, p->group->point_bytes, err);
    if (p->parts != 1 && p->images == NULL)
        return false;
    p->sums = cvk_alloc(p->segments * p->windows, p->window * sizeof *p->sums, err);
    return p->sums != NULL;
}

static bool compute(Products *p, CvkPool *pool, WindowSums *ret, CvkErr *err) {
    if (p->n == 0) {
        *ret = (WindowSums){.window = 1};
        return true;
    }
    make_plan(p, cvk_pool_width(pool));
    bool done = allocate(p, err);
    if (done) {
        cvk_pool_each(pool, blocks_n(p->n, BLOCK), prepare_block, p);
        cvk_pool_each(pool, p->segments * p->windows, sum_task, p);
        done = !atomic_load(&p->failed) ||
               cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory to add %zu points", p->n);
    }
    if (done)
        add_up(p, ret);
    free(p->digits);
    free(p->images);
    free(p->sums);
    return done;
}

bool sum_of_products(const Group *g, const void *points, size_t n, const Fr *k, CvkPool *pool,
                     Element *ret, CvkErr *err) {
    Products p = {.group = g,
                  .parts = g->parts,
                  .bits = g->part_bits,
                  .window_max = DIGIT_WINDOW_MAX,
                  .points = points,
                  .k = k,
                  .n = n};
    WindowSums sums;
    if (!compute(&p, pool, &sums, err))
        return false;
    *ret = sums_weigh(g, sums.sums, sums.n, sums.window);
    return true;
}

bool window_sums(const Group *g, const void *points, size_t n, const uint8_t *k,
                 unsigned window_max, CvkPool *pool, WindowSums *ret, CvkErr *err) {
    Products p = {.group = g,
                  .parts = 1,
                  .bits = FACTOR_BITS,
                  .window_max = window_max,
                  .points = points,
                  .short_k = k,
                  .n = n};
    return compute(&p, pool, ret, err);
}

bool sum_of_short_products(const Group *g, const void *points, size_t n, const uint8_t *k,
                           CvkPool *pool, Element *ret, CvkErr *err) {
    WindowSums sums;
    if (!window_sums(g, points, n, k, DIGIT_WINDOW_MAX, pool, &sums, err))
        return false;
    *ret = sums_weigh(g, sums.sums, sums.n, sums.window);
    return true;
}
