#include "market/two_way.h"

#include "base/alloc.h"
#include "market/stats.h"

#include <math.h>

#define ROUNDS_MAX 1000
#define STILL 1e-10

void two_way_done(TwoWay *t) {
    free(t->a);
    free(t->b);
    free(t->rest);
    *t = (TwoWay){0};
}

typedef struct {
    const uint32_t *of;
    size_t n;
    double *effect, *sum;
    size_t *count;
} Side;

/* Moves the mean of the rest of each group into its effect; by how much at most. */
static double sweep(Side *s, double *rest, size_t n) {
    double most = 0;
    for (size_t g = 0; g < s->n; g++)
        s->sum[g] = 0;
    for (size_t i = 0; i < n; i++)
        s->sum[s->of[i]] += rest[i];
    for (size_t g = 0; g < s->n; g++) {
        s->sum[g] = s->count[g] != 0 ? s->sum[g] / (double)s->count[g] : 0;
        s->effect[g] += s->sum[g];
        most = fmax(most, fabs(s->sum[g]));
    }
    for (size_t i = 0; i < n; i++)
        rest[i] -= s->sum[s->of[i]];
    return most;
}

static bool side_init(Side *s, const uint32_t *of, size_t groups, size_t n, CvkErr *err) {
    *s = (Side){.of = of,
                .n = groups,
                .effect = cvk_alloc(groups, sizeof *s->effect, err),
                .sum = cvk_alloc(groups, sizeof *s->sum, err),
                .count = cvk_alloc(groups, sizeof *s->count, err)};
    if (s->effect == NULL || s->sum == NULL || s->count == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        s->count[of[i]]++;
    return true;
}

static void side_done(Side *s) {
    free(s->sum);
    free(s->count);
}

bool two_way_fit(const double *y, const uint32_t *a_of, size_t a_n, const uint32_t *b_of,
                 size_t b_n, size_t n, TwoWay *ret, CvkErr *err) {
    Side a = {0}, b = {0};
    TwoWay t = {.rest = cvk_alloc(n, sizeof *t.rest, err)};
    bool ok =
        t.rest != NULL && side_init(&a, a_of, a_n, n, err) && side_init(&b, b_of, b_n, n, err);
    t.a = a.effect;
    t.b = b.effect;
    if (ok) {
        t.mean = n > 0 ? stats_mean(y, n) : 0;
        for (size_t i = 0; i < n; i++)
            t.rest[i] = y[i] - t.mean;
        for (int round = 0; round < ROUNDS_MAX && !t.settled; round++) {
            double moved = sweep(&a, t.rest, n);
            t.settled = fmax(moved, sweep(&b, t.rest, n)) < STILL;
        }
        *ret = t;
    } else {
        two_way_done(&t);
    }
    side_done(&a);
    side_done(&b);
    return ok;
}

/* What is less than the fit is exact to is nothing. */
static double share(double part, double all) {
    return fabs(part) < 1e-8 * all ? 0 : part / all;
}

void two_way_shares(const TwoWay *t, const double *y, const uint32_t *a_of, const uint32_t *b_of,
                    size_t n, Shares *ret) {
    double a = 0, b = 0, rest = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        double from_mean = y[i] - t->mean;
        a += t->a[a_of[i]] * from_mean;
        b += t->b[b_of[i]] * from_mean;
        rest += t->rest[i] * from_mean;
        all += from_mean * from_mean;
    }
    bool varies = all > 1e-18 * (double)n;
    *ret = varies ? (Shares){share(a, all), share(b, all), share(rest, all)}
                  : (Shares){(double)NAN, (double)NAN, (double)NAN};
}
