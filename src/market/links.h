/* Values as links, each between a group of one kind and one of another (a deployment, a batch):
 * what a model with an effect for each group can tell depends on how values join them. Pure. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Value i joins a[i] < a_n and b[i] < b_n. */
typedef struct {
    const uint32_t *a, *b;
    size_t a_n, b_n, n;
} Links;

/* ret[n]: values that are alone in a group of either kind, once those that are were left out: the
 * group's effect fits them, whatever they are. They tell nothing of a slope, but would count as
 * values and clusters, and make an error too small (Correia, Singletons, Cluster-Robust Standard
 * Errors and Fixed Effects: A Bad Mix, 2015). O(values + groups). */
bool links_alone(const Links *l, bool *ret, CvkErr *err) MUST_USE;

/* How many parameters the effects of all groups are, and the mean: the groups that have a value,
 * less one for each part of the values that shares no group with another (Abowd, Creecy and
 * Kramarz, Computing Person and Firm Effects, 2002). As good as O(values + groups). */
bool links_rank(const Links *l, size_t *ret, CvkErr *err) MUST_USE;
