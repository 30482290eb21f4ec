#include "market/survival.h"

#include "base/alloc.h"
#include "market/stats.h"

#include <math.h>

void survival_done(Survival *s) {
    free(s->step);
    *s = (Survival){0};
}

/* All that stand at one time: who ended then, ended before who was lost sight of then. */
static size_t tie(const double *time, const bool *ended, const uint32_t *order, size_t n,
                  size_t *ret_ended) {
    size_t many = 0;
    *ret_ended = 0;
    for (; many < n && time[order[many]] == time[order[0]]; many++)
        *ret_ended += ended[order[many]];
    return many;
}

#define Z 1.959963984540054 /* of 95 % */

/* variance: Greenwood's sum. */
static void put_band(SurvivalStep *s, double variance) {
    s->error = s->low = s->high = (double)NAN;
    if (s->open <= 0)
        return;
    const double wide = exp(Z * sqrt(variance) / -log(s->open));
    s->error = s->open * sqrt(variance);
    s->low = pow(s->open, wide);
    s->high = pow(s->open, 1 / wide);
}

static void walk(const double *time, const bool *ended, const uint32_t *order, size_t n,
                 Survival *s) {
    double open = 1, variance = 0;
    for (size_t i = 0, many, now; i < n; i += many) {
        many = tie(time, ended, order + i, n - i, &now);
        s->last = time[order[i]];
        if (now == 0)
            continue;
        double risk = (double)(n - i), left = risk - (double)now;
        open *= left / risk;
        variance += left > 0 ? (double)now / (risk * left) : 0;
        SurvivalStep *step = &s->step[s->steps++];
        *step = (SurvivalStep){.t = time[order[i]], .at_risk = n - i, .ended = now, .open = open};
        put_band(step, variance);
        s->ended += now;
    }
}

bool survival_fit(const double *time, const bool *ended, size_t n, Survival *ret, CvkErr *err) {
    _cleanup_free_ uint32_t *order = cvk_alloc(n, sizeof *order, err);
    _cleanup_free_ double *from_zero = cvk_alloc(n, sizeof *from_zero, err);
    size_t kept;
    if (order == NULL || from_zero == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        from_zero[i] = time[i] > 0 ? time[i] : 0;
    if (!stats_order(from_zero, n, order, &kept, err))
        return false;
    Survival s = {.n = n, .step = cvk_alloc(n, sizeof *s.step, err)};
    if (s.step == NULL)
        return false;
    walk(from_zero, ended, order, n, &s);
    *ret = s;
    return true;
}

/* The first time at which one of the steps' numbers is at most that. */
static double first_at_most(const Survival *s, double (*of)(const SurvivalStep *), double most) {
    for (size_t i = 0; i < s->steps; i++)
        if (of(&s->step[i]) <= most + 1e-12)
            return s->step[i].t;
    return (double)NAN;
}

static double open_of(const SurvivalStep *s) {
    return s->open;
}

static double low_of(const SurvivalStep *s) {
    return s->low;
}

static double high_of(const SurvivalStep *s) {
    return s->high;
}

double survival_quantile(const Survival *s, double q) {
    return first_at_most(s, open_of, 1 - q);
}

void survival_quantile_limits(const Survival *s, double q, double *ret_low, double *ret_high) {
    *ret_low = first_at_most(s, low_of, 1 - q);
    *ret_high = first_at_most(s, high_of, 1 - q);
}
