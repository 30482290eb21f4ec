/* Do provers become quicker with practice? ln t = a + beta ln n, n counting the proofs of one
 * deployment in the order of its requests; each doubling of n multiplies t by 2^beta, the progress
 * ratio. The same of cost. Rows must be numbered (panel_number): n counts proofs that a selection
 * left out, too. Pure. */
#pragma once

#include "market/panel.h"
#include "market/slope.h"

typedef struct {
    LineFit time, cost; /* of logarithms; zeros are left out */
} Learning;

/* ret[deployments]. O(rows log rows). */
bool learning_fit(const Panel *p, Learning *ret, CvkErr *err) MUST_USE;
double learning_ratio(const LineFit *f); /* 2^b */

/* One beta for all, with an effect for each deployment and each batch: batches' difficulty is not
 * mistaken for learning. NaN where everybody had the same order: then the two cannot be told apart.
 * Proofs that are alone in their batch or deployment (links_alone) are left out of all of it. */
typedef struct {
    size_t n, batches;
    double beta, error;
} LearningPooled;
bool learning_pooled(const Panel *p, LearningPooled *ret, CvkErr *err) MUST_USE;

/* A participant goes from one deployment to another: geometric means after, over those before. */
typedef struct {
    uint32_t participant, from, to;
    uint32_t seq;         /* the first request after */
    size_t before, after; /* proofs of these stretches */
    double time_ratio, cost_ratio;
} Switch;
/* At most `cap` of them to ret, in the order of participants; *ret_n: how many there are. */
bool learning_switches(const Panel *p, Switch *ret, size_t cap, size_t *ret_n,
                       CvkErr *err) MUST_USE;
