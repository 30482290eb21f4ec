/* Transforms of points: natural order in, natural order out, many side by side.
 *
 * Decimation in time: entries in bit-reversed order, then passes that merge 4 blocks of m values
 * each into one of 4m (in the first pass 2 of one each, if log2(n) is odd). At z = shift * w^k,
 * with w the 4m-th root of unity and i the 4th, four values of the merged block come from one value
 * of each of the blocks that hold the entries 0, 1, 2, 3 modulo 4:
 *
 *     value k + j m = (y0 + (-1)^j y2) + i^j (y1 + (-1)^j y3),   y_r = z^r * (value k of block r)
 *
 * Multiplications are what all this costs (an addition has a 200th of one). z y1 + z^3 y3 and
 * i (z y1 - z^3 y3) are two forms of the same two points, so they share tables and doublings:
 * LinearJob. Where z = 1 only the one by i is left.
 *
 * The scale costs nothing: every entry but the first goes through a multiplication when it meets
 * the block of the first one, so that is where the scale is put; the first is multiplied alone. */
#include "algebra/fft.h"

#include "base/alloc.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Lanes of one task: many, as they share inversions, and still some tasks for each thread. */
#define TASK_MOST 1024
#define TASK_LEAST 32
/* Fewer lanes without a twiddle than this are not worth inversions of their own. */
#define PLAIN_LEAST 16

typedef struct {
    const PointsFft *how;
    const Curve *curve;
    Points *a;
    Fr *w;      /* w^0 .. w^(n/2) */
    Fr *shifts; /* of each transform, to the power of this pass; NULL: all one */
    Fr i;       /* the 4th root of unity; unused for n < 4 */
    bool scaled;
    size_t radix, m; /* of this pass */
    size_t task;     /* lanes of one */
    CvkProgress progress;
    pthread_mutex_t lock; /* of `done` and the calls to progress */
    size_t done, total;
    atomic_bool failed;
} Fft;

/* A lane: what becomes of one value of each of `radix` blocks. */
typedef struct {
    size_t transform, block, k;
} Lane;

/* What one task holds of its lanes: the values y0, y2, y1, y3 of each, and scalars. */
typedef struct {
    size_t n, twiddled; /* lanes; the first ones need multiplications */
    Lane *lane;
    unsigned char *y[4]; /* by the blocks' places, which are bit-reversed: y0, y2, y1, y3 */
    unsigned char *pair; /* y1, y3 of each lane */
    Fr *k;               /* 4 a lane */
} Lanes;

static void lanes_done(Lanes *l) {
    for (size_t r = 0; r < 4; r++)
        free(l->y[r]);
    free(l->lane);
    free(l->pair);
    free(l->k);
}

static bool lanes_init(Lanes *l, size_t point_bytes, size_t n) {
    *l = (Lanes){.n = n,
                 .lane = cvk_alloc(n, sizeof *l->lane, NULL),
                 .pair = cvk_alloc(2 * n, point_bytes, NULL),
                 .k = cvk_alloc(4 * n, sizeof *l->k, NULL)};
    bool room = l->lane != NULL && l->pair != NULL && l->k != NULL;
    for (size_t r = 0; r < 4; r++) {
        l->y[r] = cvk_alloc(n, point_bytes, NULL);
        room = room && l->y[r] != NULL;
    }
    if (!room)
        lanes_done(l);
    return room;
}

static void *entry(const Fft *f, size_t transform, size_t i) {
    size_t n = f->how->n, count = f->how->count;
    return points_slot(f->a, f->how->interleaved ? i * count + transform : transform * n + i);
}

/* Lanes of the same k follow one another, so that those with k = 0 come together in a task. */
static Lane lane_at(const Fft *f, size_t i) {
    size_t blocks = f->how->n / (f->radix * f->m), rest = i % (blocks * f->how->count);
    return (Lane){
        .transform = rest / blocks, .block = rest % blocks, .k = i / (blocks * f->how->count)};
}

static bool gets_scale(const Fft *f, const Lane *lane) {
    return f->scaled && lane->block == 0;
}

static bool is_plain(const Fft *f, const Lane *lane) {
    return lane->k == 0 && f->shifts == NULL && !gets_scale(f, lane);
}

static void choose_lanes(const Fft *f, size_t from, Lanes *l) {
    size_t plain = 0;
    for (size_t i = 0; i < l->n; i++) {
        Lane lane = lane_at(f, from + i);
        plain += is_plain(f, &lane);
    }
    bool apart = plain >= PLAIN_LEAST || plain == l->n;
    size_t next = 0, next_plain = l->twiddled = apart ? l->n - plain : l->n;
    for (size_t i = 0; i < l->n; i++) {
        Lane lane = lane_at(f, from + i);
        l->lane[apart && is_plain(f, &lane) ? next_plain++ : next++] = lane;
    }
}

static void move_values(const Fft *f, const Lanes *l, bool back) {
    size_t size = f->a->group->point_bytes;
    for (size_t i = 0; i < l->n; i++)
        for (size_t r = 0; r < f->radix; r++) {
            const Lane *lane = &l->lane[i];
            void *here = l->y[r] + i * size;
            /* values k + m and k + 2 m are where the sums and differences left them: compute_4 */
            size_t at = lane->block * f->radix * f->m + r * f->m + lane->k;
            void *there = entry(f, lane->transform, at);
            memcpy(back ? there : here, back ? here : there, size);
        }
}

static bool multiply(const Group *g, void *points, const Fr *k, size_t n, size_t terms) {
    const LinearJob job = {.points = points, .k = k, .n = n, .terms = terms, .forms = terms};
    return n == 0 || g->linear(&job, points);
}

static Fr twiddle(const Fft *f, const Lane *lane) {
    Fr z = f->w[lane->k * (f->how->n / (f->radix * f->m))];
    return f->shifts != NULL ? fr_mul(f->curve, &z, &f->shifts[lane->transform]) : z;
}

/* y1 of radix 2, y2 of radix 4: what stands in y[1]. */
static bool twiddle_second(const Fft *f, const Lanes *l) {
    for (size_t i = 0; i < l->twiddled; i++) {
        Fr z = twiddle(f, &l->lane[i]);
        if (f->radix == 4)
            z = fr_mul(f->curve, &z, &z);
        l->k[i] = gets_scale(f, &l->lane[i]) ? fr_mul(f->curve, &z, &f->how->scale) : z;
    }
    return multiply(f->a->group, l->y[1], l->k, l->twiddled, 1);
}

/* y[2], y[3] become (z y1 + z^3 y3, i (z y1 - z^3 y3)). */
static bool twiddle_pairs(const Fft *f, const Lanes *l) {
    const Curve *c = f->curve;
    size_t size = f->a->group->point_bytes;
    for (size_t i = 0; i < l->twiddled; i++) {
        Fr z = twiddle(f, &l->lane[i]), z2 = fr_mul(c, &z, &z), *k = l->k + 4 * i;
        k[0] = gets_scale(f, &l->lane[i]) ? fr_mul(c, &z, &f->how->scale) : z;
        k[1] = fr_mul(c, &k[0], &z2);
        k[2] = fr_mul(c, &k[0], &f->i);
        k[3] = fr_mul(c, &k[1], &f->i);
        k[3] = fr_neg(c, &k[3]);
        memcpy(l->pair + 2 * i * size, l->y[2] + i * size, size);
        memcpy(l->pair + (2 * i + 1) * size, l->y[3] + i * size, size);
    }
    if (!multiply(f->a->group, l->pair, l->k, l->twiddled, 2))
        return false;
    for (size_t i = 0; i < l->twiddled; i++) {
        memcpy(l->y[2] + i * size, l->pair + 2 * i * size, size);
        memcpy(l->y[3] + i * size, l->pair + (2 * i + 1) * size, size);
    }
    return true;
}

/* The same for z = 1. */
static bool plain_pairs(const Fft *f, const Lanes *l) {
    const Group *g = f->a->group;
    size_t n = l->n - l->twiddled, from = l->twiddled * g->point_bytes;
    for (size_t i = 0; i < n; i++)
        l->k[i] = f->i;
    return g->butterflies(l->y[2] + from, l->y[3] + from, n) &&
           multiply(g, l->y[3] + from, l->k, n, 1);
}

/* Values k, k + m, k + 2m, k + 3m end in y[0], y[1], y[2], y[3]. */
static bool compute(const Fft *f, const Lanes *l) {
    const Group *g = f->a->group;
    if (!twiddle_second(f, l) || !g->butterflies(l->y[0], l->y[1], l->n))
        return false;
    return f->radix == 2 ||
           (twiddle_pairs(f, l) && plain_pairs(f, l) && g->butterflies(l->y[0], l->y[2], l->n) &&
            g->butterflies(l->y[1], l->y[3], l->n));
}

static void report_progress(Fft *f, size_t more) {
    pthread_mutex_lock(&f->lock);
    f->done += more;
    if (f->progress.fn != NULL)
        f->progress.fn(f->progress.ctx, f->done, f->total);
    pthread_mutex_unlock(&f->lock);
}

static size_t lanes_all(const Fft *f) {
    return f->how->n / f->radix * f->how->count;
}

static void fft_task(void *ctx, size_t task) {
    Fft *f = ctx;
    Lanes l;
    size_t n = block_len(lanes_all(f), f->task, task);
    if (atomic_load(&f->failed) || !lanes_init(&l, f->a->group->point_bytes, n)) {
        atomic_store(&f->failed, true);
        return;
    }
    choose_lanes(f, task * f->task, &l);
    move_values(f, &l, false);
    if (!compute(f, &l))
        atomic_store(&f->failed, true);
    move_values(f, &l, true);
    lanes_done(&l);
    report_progress(f, f->radix == 2 ? n : 4 * n);
}

/* ---- the whole ---- */

static void reverse_order(Fft *f) {
    size_t size = f->a->group->point_bytes;
    unsigned bits = fft_log2(f->how->n);
    uint64_t swap[POINT_WORDS_MAX];
    for (size_t t = 0; t < f->how->count; t++)
        for (size_t i = 0; i < f->how->n; i++) {
            size_t j = fft_reverse_bits(i, bits);
            if (i < j) {
                memcpy(swap, entry(f, t, i), size);
                memcpy(entry(f, t, i), entry(f, t, j), size);
                memcpy(entry(f, t, j), swap, size);
            }
        }
}

/* Entry 0 of each transform, which meets no multiplication later. */
static bool scale_first(Fft *f) {
    const Group *g = f->a->group;
    size_t count = f->how->count;
    _cleanup_free_ unsigned char *first = cvk_alloc(count, g->point_bytes, NULL);
    _cleanup_free_ Fr *k = cvk_alloc(count, sizeof *k, NULL);
    if (first == NULL || k == NULL)
        return false;
    for (size_t t = 0; t < count; t++) {
        k[t] = f->how->scale;
        memcpy(first + t * g->point_bytes, entry(f, t, 0), g->point_bytes);
    }
    if (!multiply(g, first, k, count, 1))
        return false;
    for (size_t t = 0; t < count; t++)
        memcpy(entry(f, t, 0), first + t * g->point_bytes, g->point_bytes);
    return true;
}

static void pass(Fft *f, CvkPool *pool) {
    size_t n = f->how->n, merged = f->radix * f->m;
    for (size_t t = 0; f->shifts != NULL && t < f->how->count; t++)
        f->shifts[t] = fr_pow(f->curve, &f->how->shifts[t], n / merged);
    size_t lanes = lanes_all(f), share = lanes / cvk_pool_width(pool);
    f->task = share > TASK_MOST ? TASK_MOST : share < TASK_LEAST ? TASK_LEAST : share;
    cvk_pool_each(pool, blocks_n(lanes, f->task), fft_task, f);
}

static bool run_passes(Fft *f, CvkPool *pool) {
    if (f->scaled && !scale_first(f))
        return false;
    f->m = 1;
    f->radix = fft_log2(f->how->n) % 2 == 0 ? 4 : 2;
    while (f->m < f->how->n && !atomic_load(&f->failed)) {
        pass(f, pool);
        f->m *= f->radix;
        f->radix = 4;
    }
    return !atomic_load(&f->failed);
}

static bool run(Fft *f, CvkPool *pool, CvkErr *err) {
    const PointsFft *how = f->how;
    const Fr one = fr_from_uint(f->curve, 1);
    f->scaled = !fr_equal(&how->scale, &one);
    if (how->n >= 4)
        f->i = f->w[how->n / 4];
    f->total = how->n / 2 * fft_log2(how->n) * how->count;
    reverse_order(f);
    pthread_mutex_init(&f->lock, NULL);
    bool done = run_passes(f, pool);
    pthread_mutex_destroy(&f->lock);
    return done || cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory to transform %zu points",
                            f->a->n);
}

bool points_fft_many(Points *p, const PointsFft *how, CvkPool *pool, CvkProgress progress,
                     CvkErr *err) {
    assert(p->n == how->n * how->count);
    const Curve *c = p->group->curve;
    Fft f = {.how = how, .curve = c, .a = p, .progress = progress};
    f.w = fft_roots(c, how->direction, how->n, how->n / 2 + 1, err);
    if (f.w != NULL && how->shifts != NULL)
        f.shifts = cvk_alloc(how->count, sizeof *f.shifts, err);
    bool done = f.w != NULL && (how->shifts == NULL || f.shifts != NULL) && run(&f, pool, err);
    free(f.w);
    free(f.shifts);
    return done;
}

bool points_fft(Points *p, FftDirection direction, CvkPool *pool, CvkProgress progress,
                CvkErr *err) {
    const Curve *c = p->group->curve;
    Fr size = fr_from_uint(c, p->n);
    const PointsFft how = {.n = p->n,
                           .count = 1,
                           .direction = direction,
                           .scale = direction == FFT_INVERSE ? fr_inverse(c, &size)
                                                             : fr_from_uint(c, 1)};
    return points_fft_many(p, &how, pool, progress, err);
}
