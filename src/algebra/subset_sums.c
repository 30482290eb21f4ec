#include "algebra/subset_sums.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

/* A task does several windows at once while these are fewer additions than this, so that its
 * inversions are shared by enough of them; and it holds about this many half-sorted points. */
#define TASK_ADDITIONS 16384u
/* Below this many points a window is not split further among threads: folding would dominate. */
#define SEGMENT_MIN 2048u

/* How the work is cut: into segments of points times groups of windows. */
typedef struct {
    unsigned window;    /* bits of one window */
    unsigned task_bits; /* bits of the windows of one task */
    size_t bit_tasks;   /* tasks of a segment */
    size_t segment;     /* points of one segment */
    size_t segments;
} Plan;

static unsigned windows_n(unsigned bits, unsigned window) {
    return (bits + window - 1) / window;
}

/* A window of c bits costs one addition a point that is not its bucket's first, then two for each
 * of its 2^c buckets. */
static unsigned best_window(size_t n, unsigned bits) {
    unsigned best = 1;
    uint64_t best_cost = UINT64_MAX;
    for (unsigned c = 1; c <= WINDOW_MAX; c++) {
        uint64_t cost = windows_n(bits, c) * ((uint64_t)n + ((uint64_t)1 << c));
        if (cost < best_cost) {
            best = c;
            best_cost = cost;
        }
    }
    return best;
}

static Plan plan_for(size_t n, unsigned bits, unsigned width) {
    Plan plan = {.segment = n, .segments = 1};
    size_t windows = windows_n(bits, best_window(n, bits));
    if (windows < 2 * (size_t)width && n >= 2 * SEGMENT_MIN) {
        size_t wanted = (2 * (size_t)width + windows - 1) / windows;
        size_t most = n / SEGMENT_MIN;
        plan.segment = blocks_n(n, wanted < most ? wanted : most);
        plan.segments = blocks_n(n, plan.segment);
    }
    plan.window = best_window(plan.segment, bits);
    windows = windows_n(bits, plan.window);
    size_t together = TASK_ADDITIONS / plan.segment;
    size_t share = windows / width;
    if (together > share)
        together = share;
    if (together == 0)
        together = 1;
    plan.task_bits = (unsigned)together * plan.window;
    plan.bit_tasks = windows_n(bits, plan.task_bits);
    return plan;
}

typedef struct {
    const Group *group;
    const unsigned char *points;
    size_t n;
    const uint8_t *scalars;
    size_t scalar_bytes;
    unsigned bits;
    Plan plan;
    Element *sums; /* of each segment: `bits` of them */
    atomic_bool failed;
} Sums;

static void sums_task(void *ctx, size_t i) {
    Sums *s = ctx;
    size_t segment = i / s->plan.bit_tasks;
    size_t from = segment * s->plan.segment;
    unsigned first_bit = (unsigned)(i % s->plan.bit_tasks) * s->plan.task_bits;
    unsigned left = s->bits - first_bit;
    SubsetJob job = {
        .points = s->points + from * s->group->point_bytes,
        .n = block_len(s->n, s->plan.segment, segment),
        .scalars = s->scalars + from * s->scalar_bytes,
        .scalar_bytes = s->scalar_bytes,
        .first_bit = first_bit,
        .end_bit = first_bit + (left < s->plan.task_bits ? left : s->plan.task_bits),
        .window = s->plan.window,
    };
    if (!s->group->subset_sums(&job, s->sums + segment * s->bits + first_bit))
        atomic_store(&s->failed, true);
}

static void add_segments(const Sums *s, Element *ret) {
    for (unsigned b = 0; b < s->bits; b++) {
        ret[b] = s->sums[b];
        ret[b].group = s->group;
        for (size_t k = 1; k < s->plan.segments; k++) {
            Element more = s->sums[k * s->bits + b];
            more.group = s->group;
            ret[b] = element_add(&ret[b], &more);
        }
    }
}

bool subset_sums(const Group *g, const void *points, size_t n, const uint8_t *scalars,
                 size_t scalar_bytes, unsigned bits, CvkPool *pool, Element *ret, CvkErr *err) {
    assert(bits >= 1 && bits <= SUBSET_BITS_MAX && bits <= 8 * scalar_bytes);
    if (n == 0) {
        for (unsigned b = 0; b < bits; b++)
            ret[b] = element_infinity(g);
        return true;
    }
    Sums s = {.group = g,
              .points = points,
              .n = n,
              .scalars = scalars,
              .scalar_bytes = scalar_bytes,
              .bits = bits,
              .plan = plan_for(n, bits, cvk_pool_width(pool))};
    s.sums = cvk_alloc(s.plan.segments * bits, sizeof *s.sums, err);
    if (s.sums == NULL)
        return false;
    cvk_pool_each(pool, s.plan.segments * s.plan.bit_tasks, sums_task, &s);
    bool done = !atomic_load(&s.failed);
    if (done)
        add_segments(&s, ret);
    else
        cvk_fail(err, CVK_EINTERNAL, "memory.short", "no memory to add %zu points", n);
    free(s.sums);
    return done;
}

Element sums_weigh(const Group *g, const Element *sums, unsigned n, unsigned step) {
    Element ret = element_infinity(g);
    for (unsigned i = n; i-- > 0;) {
        for (unsigned k = 0; k < step; k++)
            ret = element_add(&ret, &ret);
        ret = element_add(&ret, &sums[i]);
    }
    return ret;
}
