/* Slopes by whole matrices: normal equations with a column for each effect, inverted, and the
 * sandwich of Cameron and Miller multiplied out. */
#pragma once

#include "unit/market/noise.h"

#include <math.h>

#define ROWS 160
#define COLUMNS 40
#define BATCHES 23

typedef struct {
    double x[ROWS], y[ROWS];
    uint32_t who[ROWS], batch[ROWS];
    size_t n, people;
} Data;

static inline double noise(uint64_t label, uint64_t i) {
    return noise_of(11, label, i);
}

typedef struct {
    size_t k;
    double x[ROWS][COLUMNS], inverse[COLUMNS][COLUMNS], b[COLUMNS];
} Design;

/* Gauss and Jordan's, with the largest pivot. */
static inline void invert(double m[COLUMNS][2 * COLUMNS], size_t k) {
    for (size_t c = 0; c < k; c++) {
        size_t best = c;
        for (size_t r = c; r < k; r++)
            best = fabs(m[r][c]) > fabs(m[best][c]) ? r : best;
        for (size_t j = 0; j < 2 * k; j++) {
            double other = m[c][j];
            m[c][j] = m[best][j];
            m[best][j] = other;
        }
        const double pivot = m[c][c];
        assert_true(fabs(pivot) > 1e-9);
        for (size_t j = 0; j < 2 * k; j++)
            m[c][j] /= pivot;
        for (size_t r = 0; r < k; r++) {
            const double of = m[r][c];
            for (size_t j = 0; r != c && j < 2 * k; j++)
                m[r][j] -= of * m[c][j];
        }
    }
}

static inline void solve(Design *d, const double *y, size_t n) {
    static double m[COLUMNS][2 * COLUMNS];
    double xy[COLUMNS] = {0};
    memset(m, 0, sizeof m);
    for (size_t a = 0; a < d->k; a++) {
        for (size_t b = 0; b < d->k; b++)
            for (size_t i = 0; i < n; i++)
                m[a][b] += d->x[i][a] * d->x[i][b];
        m[a][d->k + a] = 1;
        for (size_t i = 0; i < n; i++)
            xy[a] += d->x[i][a] * y[i];
    }
    invert(m, d->k);
    for (size_t a = 0; a < d->k; a++) {
        d->b[a] = 0;
        for (size_t b = 0; b < d->k; b++) {
            d->inverse[a][b] = m[a][d->k + b];
            d->b[a] += d->inverse[a][b] * xy[b];
        }
    }
}

/* The error of the first coefficient: the first of inverse * (sum of s s') * inverse, where s of a
 * batch is the sum of its x u. `counted`: parameters of c. */
static inline double sandwich(const Design *d, const Data *of, size_t counted) {
    double meat = 0, batches = 0;
    for (uint32_t g = 0; g < 2 * BATCHES + 1; g++) {
        double s[COLUMNS] = {0}, along = 0;
        size_t rows = 0;
        for (size_t i = 0; i < of->n; i++) {
            if (of->batch[i] != g)
                continue;
            double u = of->y[i];
            for (size_t c = 0; c < d->k; c++)
                u -= d->x[i][c] * d->b[c];
            for (size_t c = 0; c < d->k; c++)
                s[c] += d->x[i][c] * u;
            rows++;
        }
        for (size_t c = 0; c < d->k; c++)
            along += d->inverse[0][c] * s[c];
        meat += along * along;
        batches += rows > 0;
    }
    const double n = (double)of->n;
    return sqrt(batches / (batches - 1) * (n - 1) / (n - (double)counted) * meat);
}

static inline void near(double got, double want) {
    if (!(fabs(got - want) <= 1e-7 * fabs(want)))
        fail_msg("%.12g, not %.12g", got, want);
}
