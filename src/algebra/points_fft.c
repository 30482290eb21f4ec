/* Transforms of points: natural order in, natural order out, many side by side.
 *
 * Decimation in time: entries in bit-reversed order, then passes that merge `radix` blocks of m
 * values each into one. With w the root of unity of the merged block's order and z = shift * w^k,
 * its values k, k + m, .. (which differ by powers of the radix-th root v) come from value k of each
 * block, where block r holds the entries that are r modulo the radix:
 *
 *     value k + j m = sum over r of (z v^j)^r y_r
 *
 * The blocks of even r alone make a transform of half the radix, E, and then
 *
 *     value k + j m, value k + (j + radix/2) m = E_j + O_j, E_j - O_j
 *
 * for j below radix/2, where O_j is the sum over odd r. So a lane is done in steps from half = 1 to
 * radix/2: a step makes `half` forms O_j of as many points. Multiplications are what all this costs
 * (an addition has a 200th of one), and forms of the same points share tables and doublings:
 * LinearJob. A larger radix needs fewer doublings and more additions.
 *
 * The scale costs nothing: every entry but the first goes through a multiplication when it meets
 * the block of the first one, so that is where the scale is put; the first is multiplied alone. */
#include "algebra/fft.h"

#include "base/alloc.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define RADIX_MAX (2 * LINEAR_MAX)
/* Lanes of one task: enough to share inversions, and still some tasks for each thread. */
#define TASK_MOST 256
#define TASK_LEAST 32
/* Fewer lanes without a twiddle than this are not worth inversions of their own. */
#define PLAIN_LEAST 16

typedef struct {
    const PointsFft *how;
    const Curve *curve;
    Points *a;
    Fr *w;      /* w^0 .. w^(n/2) */
    Fr *shifts; /* of each transform, to the power of this pass; NULL: all one */
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

/* What one task holds of its lanes. */
typedef struct {
    size_t n, twiddled; /* lanes; the first ones need multiplications */
    Lane *lane;
    unsigned char *even; /* the values that are merged already: `half`, in the end radix, a lane */
    unsigned char *odd;  /* those that are merged next, `half` a lane */
    unsigned char *sum, *difference; /* of lanes without a twiddle */
    Fr *k;                           /* half^2 a lane */
} Lanes;

static void lanes_done(Lanes *l) {
    free(l->lane);
    free(l->even);
    free(l->odd);
    free(l->sum);
    free(l->difference);
    free(l->k);
}

static bool lanes_init(Lanes *l, size_t point_bytes, size_t n, size_t radix) {
    size_t half = radix / 2;
    *l = (Lanes){.n = n,
                 .lane = cvk_alloc(n, sizeof *l->lane, NULL),
                 .even = cvk_alloc(radix * n, point_bytes, NULL),
                 .odd = cvk_alloc(half * n, point_bytes, NULL),
                 .sum = cvk_alloc(half * n, point_bytes, NULL),
                 .difference = cvk_alloc(half * n, point_bytes, NULL),
                 .k = cvk_alloc(half * half * n, sizeof *l->k, NULL)};
    bool room = l->lane != NULL && l->even != NULL && l->odd != NULL && l->sum != NULL &&
                l->difference != NULL && l->k != NULL;
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

/* Where value k of the lane's r-th block stands: blocks are in bit-reversed order too. In the end
 * value k + r m of the merged block goes there. */
static void *value(const Fft *f, const Lane *lane, size_t r) {
    return entry(f, lane->transform, (lane->block * f->radix + r) * f->m + lane->k);
}

/* ---- forms ---- */

/* ret[t], of the term that comes t-th in bit-reversed order: scale * b^(1 + 2 t). */
static void odd_powers(const Fft *f, const Fr *b, size_t terms, const Fr *scale, Fr *ret) {
    unsigned bits = fft_log2(terms);
    Fr square = fr_mul(f->curve, b, b), power = fr_mul(f->curve, b, scale);
    for (size_t t = 0; t < terms; t++, power = fr_mul(f->curve, &power, &square))
        ret[fft_reverse_bits(t, bits)] = power;
}

static bool make_forms(const Fft *f, void *points, const Fr *k, size_t n, size_t half) {
    const LinearJob job = {.points = points, .k = k, .n = n, .terms = half, .forms = half};
    return n == 0 || f->a->group->linear(&job, points);
}

/* For a step of `half` forms: z^(radix / (2 half)). */
static Fr twiddle(const Fft *f, const Lane *lane, size_t half) {
    Fr z = f->w[lane->k * (f->how->n / (f->radix * f->m))];
    if (f->shifts != NULL)
        z = fr_mul(f->curve, &z, &f->shifts[lane->transform]);
    for (size_t radix = f->radix; radix > 2 * half; radix /= 2)
        z = fr_mul(f->curve, &z, &z);
    return z;
}

static bool twiddled_forms(const Fft *f, const Lanes *l, size_t half) {
    const Fr one = fr_from_uint(f->curve, 1);
    for (size_t i = 0; i < l->twiddled; i++) {
        Fr z = twiddle(f, &l->lane[i], half);
        for (size_t j = 0; j < half; j++) {
            Fr b = fr_mul(f->curve, &z, &f->w[j * (f->how->n / (2 * half))]);
            odd_powers(f, &b, half, gets_scale(f, &l->lane[i]) ? &f->how->scale : &one,
                       l->k + (i * half + j) * half);
        }
    }
    return make_forms(f, l->odd, l->k, l->twiddled, half);
}

/* With z = 1 the terms of r and of r + half have opposite factors in forms of odd j and equal ones
 * in those of even j, which are as many forms of half as many points. */
static bool plain_forms(const Fft *f, const Lanes *l, size_t half) {
    const Group *g = f->a->group;
    const Fr one = fr_from_uint(f->curve, 1);
    size_t size = g->point_bytes, n = l->n - l->twiddled;
    unsigned char *odd = l->odd + l->twiddled * half * size;
    for (size_t step = 1, terms = half; terms > 1; step *= 2, terms /= 2) {
        const unsigned char *from = step == 1 ? odd : l->sum;
        size_t forms = terms / 2;
        for (size_t i = 0; i < n * forms; i++) {
            memcpy(l->difference + i * size, from + (2 * i + 1) * size, size);
            memmove(l->sum + i * size, from + 2 * i * size, size);
        }
        for (size_t i = 0; i < n * forms; i++) {
            size_t j = 2 * (i % forms) + 1;
            odd_powers(f, &f->w[j * (f->how->n / (2 * terms))], forms, &one, l->k + i * forms);
        }
        if (!g->butterflies(l->sum, l->difference, n * forms) ||
            !make_forms(f, l->difference, l->k, n, forms))
            return false;
        for (size_t i = 0; i < n * forms; i++)
            memcpy(odd + (i / forms * half + (2 * (i % forms) + 1) * step) * size,
                   l->difference + i * size, size);
    }
    for (size_t i = 0; half > 1 && i < n; i++)
        memcpy(odd + i * half * size, l->sum + i * size, size);
    return true;
}

/* ---- a task ---- */

/* Of each lane the even values and then the odd ones. */
static void merge(const Lanes *l, size_t half_bytes) {
    for (size_t i = l->n; i-- > 0;) {
        memmove(l->even + 2 * i * half_bytes, l->even + i * half_bytes, half_bytes);
        memcpy(l->even + (2 * i + 1) * half_bytes, l->odd + i * half_bytes, half_bytes);
    }
}

static bool compute(const Fft *f, const Lanes *l) {
    size_t size = f->a->group->point_bytes;
    assert(f->radix > 1);
    for (size_t i = 0; i < l->n; i++)
        memcpy(l->even + i * size, value(f, &l->lane[i], 0), size);
    for (size_t half = 1; half < f->radix; half *= 2) {
        for (size_t i = 0; i < l->n * half; i++)
            memcpy(l->odd + i * size, value(f, &l->lane[i / half], half + i % half), size);
        if (!twiddled_forms(f, l, half) || !plain_forms(f, l, half) ||
            !f->a->group->butterflies(l->even, l->odd, l->n * half))
            return false;
        merge(l, half * size);
    }
    for (size_t i = 0; i < l->n * f->radix; i++)
        memcpy(value(f, &l->lane[i / f->radix], i % f->radix), l->even + i * size, size);
    return true;
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
    if (atomic_load(&f->failed) || !lanes_init(&l, f->a->group->point_bytes, n, f->radix)) {
        atomic_store(&f->failed, true);
        return;
    }
    choose_lanes(f, task * f->task, &l);
    if (!compute(f, &l))
        atomic_store(&f->failed, true);
    lanes_done(&l);
    report_progress(f, n * f->radix / 2 * fft_log2(f->radix));
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
    if (!make_forms(f, first, k, count, 1))
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
    /* Where scalars are split in four, doublings are few and additions count more. */
    unsigned most = f->a->group->degree == 1 ? 3 : 2, rest = fft_log2(f->how->n) % most;
    f->m = 1;
    f->radix = (size_t)1 << (rest != 0 ? rest : most);
    while (f->m < f->how->n && !atomic_load(&f->failed)) {
        pass(f, pool);
        f->m *= f->radix;
        f->radix = (size_t)1 << most;
    }
    return !atomic_load(&f->failed);
}

static bool run(Fft *f, CvkPool *pool, CvkErr *err) {
    const PointsFft *how = f->how;
    const Fr one = fr_from_uint(f->curve, 1);
    f->scaled = !fr_equal(&how->scale, &one);
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
