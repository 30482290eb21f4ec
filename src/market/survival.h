/* How long provers have a batch, when some have not finished: the share still open after t, by
 * Kaplan and Meier. A request that is open is not absent: it says that its time is longer. Pure. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    double t;
    size_t at_risk, ended;
    double open;  /* the share still open after t */
    double error; /* of it: Greenwood's standard error */
} SurvivalStep;

typedef struct {
    size_t n, ended, steps;
    SurvivalStep *step; /* [steps], one for each different time at which something ended */
} Survival;

/* time[i]: until it ended, or (ended[i] false) until it was last seen open. Negative ones count as
 * 0. The caller calls survival_done. O(n). */
bool survival_fit(const double *time, const bool *ended, size_t n, Survival *ret,
                  CvkErr *err) MUST_USE;
void survival_done(Survival *s);

/* The first time after which at most 1 - q are open; NaN: so many have not ended. */
double survival_quantile(const Survival *s, double q);
