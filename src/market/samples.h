/* Values of one kind (prices, times), sorted within groups (deployments, participants), and how
 * sure their means and medians are.
 *
 * Intervals come from resampling whole batches, as many as there are, with replacement: the values
 * of one batch share its difficulty, and are not independent. Random choices are ChaCha20 of the
 * seed (base/rng.h). Pure. */
#pragma once

#include "base/err.h"

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

/* 95 % of `replicates` (at most BOOTSTRAP_MAX) lie between low and high; ret_*[groups]. O(n
 * replicates): a quarter of a second for a million values and a hundred replicates. */
bool samples_bootstrap(const Samples *s, size_t batches, unsigned replicates, uint64_t seed,
                       Interval *ret_mean, Interval *ret_median, CvkErr *err) MUST_USE;
