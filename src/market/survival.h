/* How long provers have a batch, when some have not finished: the share S still open after t, by
 * Kaplan and Meier. A request that is open is not absent: it says that its time is longer.
 *
 * With d of n at risk ending at a time, the variance of S is S^2 V, V being the sum of d / (n (n -
 * d)) so far (Greenwood's). The 95 % band is symmetric for ln(-ln S), whose variance is V / (ln
 * S)^2: S^exp(+-1.96 sqrt(V) / ln S), which never leaves 0..1 (Kalbfleisch and Prentice, The
 * Statistical Analysis of Failure Time Data, 1980, section 1.3; R's survfit with conf.type
 * "log-log"). It is of each time by itself, and as if requests were independent. Where S is 0, V is
 * infinite: neither error nor band is defined. Pure. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    double t;
    size_t at_risk, ended;
    double open;  /* the share still open after t */
    double error; /* of it; NaN where nothing is open */
    double low, high;
} SurvivalStep;

typedef struct {
    size_t n, ended, steps;
    double last;        /* the longest time of all, also of those that were seen open */
    SurvivalStep *step; /* [steps], one for each different time at which something ended */
} Survival;

/* time[i]: until it ended, or (ended[i] false) until it was last seen open. Negative ones count as
 * 0. The caller calls survival_done. O(n). */
bool survival_fit(const double *time, const bool *ended, size_t n, Survival *ret,
                  CvkErr *err) MUST_USE;
void survival_done(Survival *s);

/* The first time after which at most 1 - q are open; NaN: so many have not ended. */
double survival_quantile(const Survival *s, double q);
/* Its 95 % interval: where the band's ends come that far (Brookmeyer and Crowley, Biometrics 38,
 * 1982). NaN: one does not. */
void survival_quantile_limits(const Survival *s, double q, double *ret_low, double *ret_high);
