/* Values of one kind (prices, times), sorted within groups (deployments, participants), and how
 * sure their means and medians are.
 *
 * Intervals come from resampling whole batches, as many as there are, with replacement: the values
 * of one batch share its difficulty, and are not independent. Random choices are ChaCha20 of the
 * seed (base/rng.h). Pure. */
#pragma once

#include "base/meter.h"
#include "base/pool.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t groups;
    size_t *start;   /* [groups + 1] */
    double *value;   /* of group g, sorted: value[start[g]] .. value[start[g + 1]] */
    uint32_t *batch; /* of each value */
} Samples;

/* value[i] is of group[i] < groups and batch[i]; those that are no number are left out. The caller
 * calls samples_done. O(n). */
bool samples_make(const double *value, const uint32_t *group, const uint32_t *batch, size_t n,
                  size_t groups, Samples *ret, CvkErr *err) MUST_USE;
void samples_done(Samples *s);

typedef struct {
    double low, high; /* NaN: not to be had, with fewer than two batches */
} Interval;

#define BOOTSTRAP_MAX 10000

/* What all resamplings of one set of samples are. pool, meter: may be NULL. */
typedef struct {
    size_t batches;      /* values are of batches below this */
    unsigned replicates; /* BOOTSTRAP_MAX at most */
    uint64_t seed;
    CvkPool *pool;   /* the intervals are the same without */
    CvkMeter *meter; /* bootstrap_units(replicates) of it are used */
} Bootstrap;
size_t bootstrap_units(unsigned replicates);

/* 95 % of the replicates lie between low and high; ret_*[groups]. O(n replicates): a quarter of a
 * second for a million values, a hundred replicates and one thread. */
bool samples_bootstrap(const Samples *s, const Bootstrap *how, Interval *ret_mean,
                       Interval *ret_median, CvkErr *err) MUST_USE;
