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

static void walk(const double *time, const bool *ended, const uint32_t *order, size_t n,
                 Survival *s) {
    double open = 1, variance = 0;
    for (size_t i = 0, many, now; i < n; i += many) {
        many = tie(time, ended, order + i, n - i, &now);
        if (now == 0)
            continue;
        double risk = (double)(n - i), left = risk - (double)now;
        open *= left / risk;
        variance += left > 0 ? (double)now / (risk * left) : 0;
        s->step[s->steps++] =
            (SurvivalStep){fmax(time[order[i]], 0), n - i, now, open, open * sqrt(variance)};
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

double survival_quantile(const Survival *s, double q) {
    for (size_t i = 0; i < s->steps; i++)
        if (s->step[i].open <= 1 - q + 1e-12)
            return s->step[i].t;
    return (double)NAN;
}
