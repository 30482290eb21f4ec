#include "market/slope.h"

#include "base/alloc.h"
#include "market/stats.h"

#include <math.h>

#define ROUNDING 1e-12 /* of a slope: what all values agree on has no error */

void pairs_room_done(PairsRoom *r) {
    free(r->x);
    free(r->y);
    free(r->sum);
    free(r->batch);
    *r = (PairsRoom){0};
}

bool pairs_room_make(PairsRoom *r, size_t n, size_t batches, CvkErr *err) {
    *r = (PairsRoom){.x = cvk_alloc(n, sizeof *r->x, err),
                     .y = cvk_alloc(n, sizeof *r->y, err),
                     .sum = cvk_alloc(batches, sizeof *r->sum, err),
                     .batch = cvk_alloc(n, sizeof *r->batch, err)};
    if (r->x != NULL && r->y != NULL && r->sum != NULL && r->batch != NULL)
        return true;
    pairs_room_done(r);
    return false;
}

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

typedef struct {
    size_t rank, counted; /* counted: in K */
} Parameters;

/* Of f->b, which is set; says also how many batches there are. */
static void put_error(const Pairs *p, Centre c, double xx, Parameters of, double *sum, LineFit *f) {
    for (size_t i = 0; i < p->n; i++)
        sum[p->batch[i]] = 0;
    for (size_t i = 0; i < p->n; i++) {
        const double x = p->x[i] - c.x;
        sum[p->batch[i]] += x * (p->y[i] - c.y - f->b * x);
    }
    const double squares = take_squares(p, sum, &f->batches);
    const double g = (double)f->batches, n = (double)p->n, k = (double)of.counted;
    if (f->batches < SLOPE_BATCHES_MIN || p->n <= of.rank)
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
    put_error(p, c, xx, (Parameters){2, 2}, sum, ret);
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

static bool all_agree(const Pairs *p, double b) {
    double left = 0;
    for (size_t i = 0; i < p->n; i++)
        left = fmax(left, fabs(p->y[i] - b * p->x[i]));
    return left <= SLOPE_RESTS_EXACT;
}

void slope_of_rests(const Pairs *p, const Taken *by, double *sum, LineFit *ret) {
    const double none = (double)NAN;
    double xx = 0, xy = 0;
    for (size_t i = 0; i < p->n; i++) {
        xx += p->x[i] * p->x[i];
        xy += p->x[i] * p->y[i];
    }
    const bool varies = xx > 1e-9 * by->all_xx && xx > 0;
    *ret = (LineFit){.n = p->n, .a = none, .error = none, .r2 = none};
    ret->b = varies ? xy / xx : 0;
    put_error(p, (Centre){0, 0}, xx, (Parameters){by->rank + 1, by->counted + 1}, sum, ret);
    if (!varies)
        ret->b = ret->error = none;
    else if (ret->error * sqrt(xx) <= SLOPE_RESTS_EXACT)
        ret->error = all_agree(p, ret->b) ? 0 : none;
}
