/* Transforms of points: natural order in, natural order out, many of any sizes side by side.
 *
 * A pass of a transform cannot begin before the one before it has ended. So that no thread waits
 * for that, all transforms are under way at once: whoever is free takes lanes (points_lanes.h) of
 * the one that has the longest way to go, and where these are few, of others as well. Where little
 * is left to take, turns become small, so that all threads end together.
 *
 * Lanes of one pass are independent: results do not depend on who does which, or when.
 * Threads: `lock` is for all that changes in Fft and its batches. A batch's size and shifts change
 * only when nobody has lanes of it. */
#include "algebra/fft.h"
#include "algebra/points_lanes.h"

#include "base/alloc.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

/* Lanes of one turn. Inversions are shared by those of a turn, and the last turn keeps others
 * waiting. */
#define TURN_MOST 256
#define TURN_LEAST 32

typedef struct {
    const Group *group;
    Roots roots;
    Batch *batches;
    size_t n_batches;
    size_t width; /* threads */
    CvkProgress progress;
    pthread_mutex_t lock;
    pthread_cond_t more; /* lanes to take, or the end */
    size_t done, forms;  /* of all */
    size_t units;        /* of progress */
    bool failed;
} Fft;

/* ---- passes ---- */

static void begin_pass(const Fft *f, Batch *b, size_t size) {
    b->size = size;
    b->given = b->finished = 0;
    for (size_t t = 0; b->shifts != NULL && size <= b->how->n && t < b->how->count; t++)
        b->shifts[t] = fr_pow(f->group->curve, &b->how->shifts[t], b->how->n / size);
}

/* Of all its passes. */
static size_t batch_forms(Batch b) {
    size_t forms = 0;
    for (b.size = 2; b.size <= b.how->n; b.size *= 2)
        forms += batch_lanes(&b) * batch_half(&b);
    return forms;
}

/* ---- turns ---- */

static size_t lanes_left(const Batch *b) {
    return batch_lanes(b) - b->given;
}

/* Of those that have lanes the one furthest from its end. So transforms come to their last passes
 * together, and what the small ones have there fills up the turns of the large ones. */
static Batch *next_to_take(const Fft *f) {
    Batch *ret = NULL;
    for (Batch *b = f->batches; b < f->batches + f->n_batches; b++)
        if (lanes_left(b) != 0 && (ret == NULL || b->how->n / b->size > ret->how->n / ret->size))
            ret = b;
    return ret;
}

/* A thread's share of what can be taken now, in a round number. */
static size_t turn_lanes(const Fft *f, size_t half) {
    size_t forms = 0, n = TURN_LEAST;
    for (size_t i = 0; i < f->n_batches; i++)
        forms += lanes_left(&f->batches[i]) * batch_half(&f->batches[i]);
    while (n < TURN_MOST && 2 * n * half * f->width <= forms)
        n *= 2;
    return n;
}

static void choose_lanes(Fft *f, Batch *first, Lanes *l) {
    l->half = batch_half(first);
    l->n = 0;
    size_t most = turn_lanes(f, l->half);
    for (Batch *b = first; b < f->batches + f->n_batches; b++)
        for (; batch_half(b) == l->half && lanes_left(b) != 0 && l->n < most; b->given++)
            l->lane[l->n++] = batch_lane(b, b->given);
}

/* False: there will be no more. */
static bool take(Fft *f, Lanes *l) {
    Batch *first;
    pthread_mutex_lock(&f->lock);
    while ((first = next_to_take(f)) == NULL && f->done < f->forms && !f->failed)
        pthread_cond_wait(&f->more, &f->lock);
    bool any = first != NULL && !f->failed;
    if (any)
        choose_lanes(f, first, l);
    pthread_mutex_unlock(&f->lock);
    return any;
}

static void finish(Fft *f, const Lanes *l) {
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < l->n; i++) {
        Batch *b = l->lane[i].of;
        if (++b->finished == batch_lanes(b)) {
            begin_pass(f, b, 2 * b->size);
            pthread_cond_broadcast(&f->more);
        }
    }
    f->done += l->n * l->half;
    if (f->progress.fn != NULL)
        f->progress.fn(f->progress.ctx, (size_t)((Word2)f->units * f->done / f->forms), f->units);
    pthread_mutex_unlock(&f->lock);
}

static void fail(Fft *f) {
    pthread_mutex_lock(&f->lock);
    f->failed = true;
    pthread_cond_broadcast(&f->more);
    pthread_mutex_unlock(&f->lock);
}

static void work_along(void *ctx, size_t thread) {
    (void)thread;
    Fft *f = ctx;
    Lanes l;
    if (!lanes_init(&l, f->group, &f->roots, TURN_MOST)) {
        fail(f);
        return;
    }
    while (take(f, &l)) {
        if (lanes_compute(&l))
            finish(f, &l);
        else
            fail(f);
    }
    lanes_done(&l);
}

/* ---- the whole ---- */

static void reverse_order(const Batch *b) {
    size_t size = b->how->points->group->point_bytes;
    unsigned bits = fft_log2(b->how->n);
    uint64_t swap[POINT_WORDS_MAX];
    for (size_t t = 0; t < b->how->count; t++)
        for (size_t i = 0; i < b->how->n; i++) {
            size_t j = fft_reverse_bits(i, bits);
            if (i < j) {
                memcpy(swap, batch_entry(b, t, i), size);
                memcpy(batch_entry(b, t, i), batch_entry(b, t, j), size);
                memcpy(batch_entry(b, t, j), swap, size);
            }
        }
}

/* Entry 0 of each transform, which meets no multiplication later. */
static bool scale_first(const Fft *f) {
    size_t size = f->group->point_bytes, n = 0, at = 0;
    for (size_t i = 0; i < f->n_batches; i++)
        n += f->batches[i].scaled ? f->batches[i].how->count : 0;
    _cleanup_free_ unsigned char *first = cvk_alloc(n, size, NULL);
    _cleanup_free_ Fr *k = cvk_alloc(n, sizeof *k, NULL);
    if (first == NULL || k == NULL)
        return false;
    for (const Batch *b = f->batches; b < f->batches + f->n_batches; b++)
        for (size_t t = 0; b->scaled && t < b->how->count; t++, at++) {
            k[at] = b->how->scale;
            memcpy(first + at * size, batch_entry(b, t, 0), size);
        }
    const LinearJob job = {.points = first, .k = k, .n = n, .terms = 1, .forms = 1};
    if (n != 0 && !f->group->linear(&job, first))
        return false;
    at = 0;
    for (const Batch *b = f->batches; b < f->batches + f->n_batches; b++)
        for (size_t t = 0; b->scaled && t < b->how->count; t++, at++)
            memcpy(batch_entry(b, t, 0), first + at * size, size);
    return true;
}

static bool run(Fft *f, CvkPool *pool, CvkErr *err) {
    for (size_t i = 0; i < f->n_batches; i++)
        reverse_order(&f->batches[i]);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->more, NULL);
    f->width = cvk_pool_width(pool);
    f->failed = !scale_first(f);
    cvk_pool_each(pool, f->width, work_along, f);
    pthread_cond_destroy(&f->more);
    pthread_mutex_destroy(&f->lock);
    return !f->failed ||
           cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory to transform points");
}

/* One table does for all sizes: the root of a smaller one is a power of the largest one's. */
static bool init_roots(Fft *f, const PointsFft *how, CvkErr *err) {
    size_t order = 0;
    for (size_t i = 0; i < f->n_batches; i++)
        order = how[i].n > order ? how[i].n : order;
    f->roots.order = order;
    f->roots.w = fft_roots(f->group->curve, how->direction, order, order / 2 + 1, err);
    return f->roots.w != NULL;
}

static bool init_batch(Fft *f, const PointsFft *how, Batch *b, CvkErr *err) {
    const Fr one = fr_from_uint(f->group->curve, 1);
    assert(how->points->group == f->group && how->points->n == how->n * how->count);
    assert(how->n != 0 && f->roots.order % how->n == 0);
    *b = (Batch){.how = how, .scaled = !fr_equal(&how->scale, &one)};
    if (how->shifts != NULL && (b->shifts = cvk_alloc(how->count, sizeof *b->shifts, err)) == NULL)
        return false;
    f->units += how->n / 2 * fft_log2(how->n) * how->count;
    f->forms += batch_forms(*b);
    begin_pass(f, b, 2);
    return true;
}

bool points_fft_many(const PointsFft *how, size_t n, CvkPool *pool, CvkProgress progress,
                     CvkErr *err) {
    assert(n != 0);
    _cleanup_free_ Batch *batches = cvk_alloc(n, sizeof *batches, err);
    Fft f = {.group = how->points->group, .batches = batches, .n_batches = n, .progress = progress};
    bool done = batches != NULL && init_roots(&f, how, err);
    for (size_t i = 0; done && i < n; i++) {
        assert(how[i].direction == how->direction);
        done = init_batch(&f, &how[i], &batches[i], err);
    }
    done = done && run(&f, pool, err);
    for (size_t i = 0; batches != NULL && i < n; i++)
        free(batches[i].shifts);
    free(f.roots.w);
    return done;
}

bool points_fft(Points *p, FftDirection direction, CvkPool *pool, CvkProgress progress,
                CvkErr *err) {
    const Curve *c = p->group->curve;
    Fr size = fr_from_uint(c, p->n);
    const PointsFft how = {.points = p,
                           .n = p->n,
                           .count = 1,
                           .direction = direction,
                           .scale = direction == FFT_INVERSE ? fr_inverse(c, &size)
                                                             : fr_from_uint(c, 1)};
    return points_fft_many(&how, 1, pool, progress, err);
}
