#include "market/slope.h"

#include "market/stats.h"

#include <math.h>

#define ROUNDING 1e-12 /* of a slope: what all values agree on has no error */

/* Takes each sum once: what was taken is no number. */
static double take_squares(const Pairs *p, double *sum, size_t *ret_batches) {
    double squares = 0;
    *ret_batches = 0;
    for (size_t i = 0; i < p->n; i++) {
        double *of = &sum[p->batch[i]];
        if (isnan(*of))
            continue;
        squares += *of * *of;
        *of = (double)NAN;
        ++*ret_batches;
    }
    return squares;
}

typedef struct {
    double x, y; /* what is not looked at: means */
} Centre;

/* Of f->b, which is set; says also how many batches there are. */
static void put_error(const Pairs *p, Centre c, double xx, size_t parameters, double *sum,
                      LineFit *f) {
    for (size_t i = 0; i < p->n; i++)
        sum[p->batch[i]] = 0;
    for (size_t i = 0; i < p->n; i++) {
        const double x = p->x[i] - c.x;
        sum[p->batch[i]] += x * (p->y[i] - c.y - f->b * x);
    }
    const double squares = take_squares(p, sum, &f->batches);
    const double g = (double)f->batches, n = (double)p->n, k = (double)parameters;
    if (f->batches < SLOPE_BATCHES_MIN || p->n <= parameters)
        return;
    f->error = sqrt(g / (g - 1) * (n - 1) / (n - k) * squares) / xx;
    if (f->error <= ROUNDING * fabs(f->b))
        f->error = 0;
}

void slope_fit(const Pairs *p, double *sum, LineFit *ret) {
    const double none = (double)NAN;
    const Centre c = {stats_mean(p->x, p->n), stats_mean(p->y, p->n)};
    double xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < p->n; i++) {
        xx += (p->x[i] - c.x) * (p->x[i] - c.x);
        xy += (p->x[i] - c.x) * (p->y[i] - c.y);
        yy += (p->y[i] - c.y) * (p->y[i] - c.y);
    }
    const bool level = yy <= 1e-24 * (double)p->n * fmax(1, c.y * c.y); /* but for its rounding */
    const bool varies = p->n > 1 && xx > 1e-12 * (double)p->n;
    *ret = (LineFit){.n = p->n, .a = none, .error = none, .r2 = none};
    ret->b = level || !varies ? 0 : xy / xx;
    put_error(p, c, xx, 2, sum, ret);
    if (!varies) {
        ret->b = ret->error = none;
        return;
    }
    ret->a = c.y - ret->b * c.x;
    if (level)
        ret->error = isnan(ret->error) ? none : 0;
    else
        ret->r2 = fmin(xy * ret->b / yy, 1);
}

void slope_of_rests(const Pairs *p, size_t others, double all_xx, double *sum, LineFit *ret) {
    const double none = (double)NAN;
    double xx = 0, xy = 0;
    for (size_t i = 0; i < p->n; i++) {
        xx += p->x[i] * p->x[i];
        xy += p->x[i] * p->y[i];
    }
    const bool varies = xx > 1e-9 * all_xx && xx > 0;
    *ret = (LineFit){.n = p->n, .a = none, .error = none, .r2 = none};
    ret->b = varies ? xy / xx : 0;
    put_error(p, (Centre){0, 0}, xx, others + 1, sum, ret);
    if (!varies)
        ret->b = ret->error = none;
}
