#include "market/stats.h"

#include "base/alloc.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- order: a radix sort, eight bits a pass ---- */

typedef struct {
    uint64_t key;
    uint32_t index;
} Item;

/* An integer that sorts as the double does. */
static uint64_t key_of(double v) {
    uint64_t bits;
    v += 0.0; /* -0 becomes 0: they are equal */
    memcpy(&bits, &v, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

/* One pass, stable. False: all have the same digit, and nothing was moved. */
static bool pass(const Item *from, Item *to, size_t n, unsigned shift) {
    size_t at[256] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++)
        at[from[i].key >> shift & 255]++;
    if (n == 0 || at[from[0].key >> shift & 255] == n)
        return false;
    for (size_t d = 0; d < 256; d++) {
        size_t count = at[d];
        at[d] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[at[from[i].key >> shift & 255]++] = from[i];
    return true;
}

bool stats_order(const double *v, size_t n, uint32_t *ret, size_t *ret_n, CvkErr *err) {
    _cleanup_free_ Item *items = cvk_alloc(2 * n, sizeof *items, err);
    if (items == NULL)
        return false;
    Item *from = items, *to = items + n;
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i]))
            from[m++] = (Item){key_of(v[i]), (uint32_t)i};
    for (unsigned shift = 0; shift < 64; shift += 8)
        if (pass(from, to, m, shift)) {
            Item *moved = to;
            to = from;
            from = moved;
        }
    for (size_t i = 0; i < m; i++)
        ret[i] = from[i].index;
    *ret_n = m;
    return true;
}

bool stats_sort(const double *v, size_t n, double *ret, size_t *ret_n, CvkErr *err) {
    _cleanup_free_ uint32_t *order = cvk_alloc(n, sizeof *order, err);
    if (order == NULL || !stats_order(v, n, order, ret_n, err))
        return false;
    for (size_t i = 0; i < *ret_n; i++)
        ret[i] = v[order[i]];
    return true;
}

/* ---- summaries ---- */

double stats_quantile(const double *sorted, size_t n, double q) {
    if (n == 0)
        return (double)NAN;
    double at = q * (double)(n - 1), whole = floor(at);
    size_t i = (size_t)whole;
    if (i + 1 >= n)
        return sorted[n - 1];
    return sorted[i] + (at - whole) * (sorted[i + 1] - sorted[i]);
}

/* Neumaier's sum: what an addition loses is kept beside it. */
typedef struct {
    double sum, lost;
} Kept;

static void keep(Kept *k, double v) {
    double t = k->sum + v;
    k->lost += fabs(k->sum) >= fabs(v) ? (k->sum - t) + v : (v - t) + k->sum;
    k->sum = t;
}

double stats_mean(const double *v, size_t n) {
    Kept k = {0, 0};
    for (size_t i = 0; i < n; i++)
        keep(&k, v[i]);
    return n == 0 ? (double)NAN : (k.sum + k.lost) / (double)n;
}

double stats_mean_rounded(const double *v, size_t n) {
    const double mean = stats_mean(v, n);
    double sizes = 0;
    for (size_t i = 0; i < n; i++)
        sizes += fabs(v[i]);
    return fabs(mean) * (double)n <= DBL_EPSILON * sizes ? 0 : mean;
}

static double deviation(const double *v, size_t n, double mean) {
    Kept k = {0, 0};
    for (size_t i = 0; i < n; i++)
        keep(&k, (v[i] - mean) * (v[i] - mean));
    const double sd = sqrt((k.sum + k.lost) / (double)(n - 1));
    return n < 2 ? (double)NAN : (sd <= 4 * DBL_EPSILON * fabs(mean) ? 0 : sd);
}

/* Distances from the median grow both ways from the middle: merged, as far as their median. */
static double mad(const double *sorted, size_t n, double median) {
    size_t above = n / 2, below = above; /* next above; one past the next below */
    double last = 0, now = 0;
    for (size_t i = 0; i <= n / 2; i++) {
        last = now;
        if (above >= n || (below > 0 && median - sorted[below - 1] < sorted[above] - median))
            now = median - sorted[--below];
        else
            now = sorted[above++] - median;
    }
    return n % 2 == 1 ? now : (last + now) / 2;
}

void stats_summary(const double *sorted, size_t n, Summary *ret) {
    const double none = (double)NAN;
    *ret = (Summary){0, none, none, none, none, none, none, none, none, none, none};
    if (n == 0)
        return;
    double mean = stats_mean_rounded(sorted, n), median = stats_quantile(sorted, n, 0.5);
    *ret = (Summary){
        .n = n,
        .min = sorted[0],
        .p5 = stats_quantile(sorted, n, 0.05),
        .p25 = stats_quantile(sorted, n, 0.25),
        .p50 = median,
        .p75 = stats_quantile(sorted, n, 0.75),
        .p95 = stats_quantile(sorted, n, 0.95),
        .max = sorted[n - 1],
        .mean = mean,
        .sd = deviation(sorted, n, mean),
        .mad = mad(sorted, n, median),
    };
}

size_t stats_ecdf(const double *sorted, size_t n, EcdfPoint *ret, size_t cap) {
    size_t points = 0, of = n < cap ? n : cap;
    for (size_t i = 0; i < of; i++) {
        size_t at = (i + 1) * n / of - 1;
        while (at + 1 < n && sorted[at + 1] == sorted[at])
            at++;
        if (points == 0 || ret[points - 1].x != sorted[at])
            ret[points++] = (EcdfPoint){sorted[at], (double)(at + 1) / (double)n};
    }
    return points;
}
