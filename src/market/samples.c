#include "market/samples.h"

#include "base/alloc.h"
#include "base/rng.h"
#include "market/bids.h"
#include "market/stats.h"

#include <math.h>
#include <stdatomic.h>

#define LANES 16   /* replicates that are looked at together */
#define CHUNK 64u  /* values between looks at whether a median was passed */
#define LABEL 1000 /* of the streams of random choices: one for each set of lanes */

void samples_done(Samples *s) {
    free(s->start);
    free(s->value);
    free(s->batch);
    *s = (Samples){0};
}

/* In the order of the values, each to the end of its group. */
static void distribute(const uint32_t *order, size_t n, const double *value, const uint32_t *group,
                       const uint32_t *batch, Samples *s) {
    for (size_t i = 0; i < n; i++)
        s->start[group[order[i]] + 1]++;
    for (size_t g = 0; g < s->groups; g++)
        s->start[g + 1] += s->start[g];
    for (size_t i = 0; i < n; i++) {
        size_t at = s->start[group[order[i]]]++;
        s->value[at] = value[order[i]];
        s->batch[at] = batch[order[i]];
    }
    for (size_t g = s->groups; g > 0; g--)
        s->start[g] = s->start[g - 1];
    s->start[0] = 0;
}

bool samples_make(const double *value, const uint32_t *group, const uint32_t *batch, size_t n,
                  size_t groups, Samples *ret, CvkErr *err) {
    size_t kept;
    _cleanup_free_ uint32_t *order = cvk_alloc(n, sizeof *order, err);
    if (order == NULL || !stats_order(value, n, order, &kept, err))
        return false;
    Samples s = {.groups = groups,
                 .start = cvk_alloc(groups + 1, sizeof *s.start, err),
                 .value = cvk_alloc(kept, sizeof *s.value, err),
                 .batch = cvk_alloc(kept, sizeof *s.batch, err)};
    if (s.start == NULL || s.value == NULL || s.batch == NULL) {
        samples_done(&s);
        return false;
    }
    distribute(order, kept, value, group, batch, &s);
    *ret = s;
    return true;
}

/* ---- resampling ---- */

typedef struct {
    uint16_t times[LANES]; /* that a batch was drawn in each replicate */
} Drawn;

static bool draw(Drawn *drawn, size_t batches, uint64_t seed, uint64_t set, CvkErr *err) {
    uint8_t bytes[32];
    const size_t n = batches * LANES;
    _cleanup_free_ uint32_t *word = cvk_alloc(n, sizeof *word, err);
    if (word == NULL)
        return false;
    bids_seed(seed, bytes);
    cvk_stream(bytes, LABEL + set, word, n * sizeof *word);
    memset(drawn, 0, batches * sizeof *drawn);
    for (size_t i = 0; i < n; i++)
        drawn[(uint64_t)word[i] * batches >> 32].times[i % LANES]++;
    return true;
}

typedef struct {
    double weight[LANES], mean[LANES], median[LANES];
} Replicates;

static void means(const double *value, const uint32_t *batch, size_t n, const Drawn *drawn,
                  Replicates *r) {
    double sum[LANES] = {0}, weight[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        const uint16_t *times = drawn[batch[i]].times;
        for (size_t k = 0; k < LANES; k++) {
            sum[k] += times[k] * value[i];
            weight[k] += times[k];
        }
    }
    for (size_t k = 0; k < LANES; k++) {
        r->weight[k] = weight[k];
        r->mean[k] = weight[k] > 0 ? sum[k] / weight[k] : (double)NAN;
    }
}

/* The value at place `at` of lane k, counted from `before` at value[0]. */
static double value_at(const double *value, const uint32_t *batch, const Drawn *drawn, size_t k,
                       uint64_t before, uint64_t at) {
    size_t i = 0;
    for (; before + drawn[batch[i]].times[k] <= at; i++)
        before += drawn[batch[i]].times[k];
    return value[i];
}

static void medians(const double *value, const uint32_t *batch, size_t n, const Drawn *drawn,
                    Replicates *r) {
    uint64_t low[LANES], high[LANES], passed[LANES] = {0};
    size_t open = 0;
    for (size_t k = 0; k < LANES; k++) {
        uint64_t weight = (uint64_t)r->weight[k];
        low[k] = weight > 0 ? (weight - 1) / 2 : 0;
        high[k] = weight / 2;
        r->median[k] = weight > 0 ? 0 : (double)NAN;
        open += weight > 0;
    }
    for (size_t i = 0; i < n && open > 0; i += CHUNK) {
        size_t many = n - i < CHUNK ? n - i : CHUNK;
        uint32_t more[LANES] = {0};
        for (size_t j = i; j < i + many; j++)
            for (size_t k = 0; k < LANES; k++)
                more[k] += drawn[batch[j]].times[k];
        for (size_t k = 0; k < LANES; k++) {
            uint64_t before = passed[k], after = before + more[k];
            passed[k] = after;
            if (before <= low[k] && low[k] < after)
                r->median[k] += value_at(value + i, batch + i, drawn, k, before, low[k]) / 2;
            if (before <= high[k] && high[k] < after) {
                r->median[k] += value_at(value + i, batch + i, drawn, k, before, high[k]) / 2;
                open--;
            }
        }
    }
}

typedef struct {
    const Samples *samples;
    const Bootstrap *how;
    double *ret; /* [2][groups][replicates]: means, then medians */
    atomic_bool failed;
} Resampling;

/* One set of LANES replicates. */
static void resample_set(void *ctx, size_t set) {
    Resampling *r = ctx;
    const Samples *s = r->samples;
    const unsigned replicates = r->how->replicates, first = (unsigned)set * LANES;
    CvkErr ignored; /* memory: nothing else can fail */
    _cleanup_free_ Drawn *drawn = cvk_alloc(r->how->batches, sizeof *drawn, &ignored);
    if (drawn == NULL || !draw(drawn, r->how->batches, r->how->seed, set, &ignored)) {
        atomic_store(&r->failed, true);
        return;
    }
    for (size_t g = 0; g < s->groups; g++) {
        const double *value = s->value + s->start[g];
        const uint32_t *batch = s->batch + s->start[g];
        const size_t n = s->start[g + 1] - s->start[g];
        Replicates of;
        means(value, batch, n, drawn, &of);
        medians(value, batch, n, drawn, &of);
        for (unsigned k = 0; k < LANES && first + k < replicates; k++) {
            r->ret[g * replicates + first + k] = of.mean[k];
            r->ret[(s->groups + g) * replicates + first + k] = of.median[k];
        }
    }
    cvk_meter_advance(r->how->meter, 1);
}

size_t bootstrap_units(unsigned replicates) {
    return (replicates + LANES - 1) / LANES;
}

static bool interval(const double *v, size_t n, Interval *ret, CvkErr *err) {
    _cleanup_free_ double *sorted = cvk_alloc(n, sizeof *sorted, err);
    size_t kept;
    if (sorted == NULL || !stats_sort(v, n, sorted, &kept, err))
        return false;
    *ret = (Interval){stats_quantile(sorted, kept, 0.025), stats_quantile(sorted, kept, 0.975)};
    return true;
}

/* One batch alone says nothing about how batches differ. */
static bool one_batch(const Samples *s, size_t g) {
    for (size_t i = s->start[g] + 1; i < s->start[g + 1]; i++)
        if (s->batch[i] != s->batch[s->start[g]])
            return false;
    return true;
}

bool samples_bootstrap(const Samples *s, const Bootstrap *how, Interval *ret_mean,
                       Interval *ret_median, CvkErr *err) {
    const unsigned replicates = how->replicates;
    _cleanup_free_ double *v = cvk_alloc(2 * s->groups * replicates, sizeof *v, err);
    if (v == NULL)
        return false;
    Resampling r = {.samples = s, .how = how, .ret = v};
    cvk_pool_each(how->pool, bootstrap_units(replicates), resample_set, &r);
    if (atomic_load(&r.failed))
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory (resampling)");
    for (size_t g = 0; g < s->groups; g++) {
        ret_mean[g] = ret_median[g] = (Interval){(double)NAN, (double)NAN};
        if (!one_batch(s, g) &&
            (!interval(v + g * replicates, replicates, &ret_mean[g], err) ||
             !interval(v + (s->groups + g) * replicates, replicates, &ret_median[g], err)))
            return false;
    }
    return true;
}
