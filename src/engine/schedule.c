/* How long waiting takes, and when those who wait should be seen.
 *
 * Estimates are not part of the state, so doubles will do. With K turns before somebody's own, each
 * of mean m and standard deviation s, the wait has
 *     mean      M = E[K] m
 *     variance  V = E[K] s^2 + Var(K) m^2
 * In a queue K is known. In a lobby of N each turn is a fair draw, so K is geometric with mean N -
 * 1 and variance N (N - 1). The turn under way counts as one, less what has passed of it. Waits are
 * positive and skewed to the right: their tenths are about those of a gamma distribution (by Wilson
 * and Hilferty's cube root, 1931). m and s are themselves measured, over n turns: that makes all
 * waits together shorter or longer by a factor whose logarithm has the variance ln(1 + s^2 / n m^2)
 * and half of that as its mean (m is as likely measured too small as too large), and asks for
 * Student's quantile in place of the normal one. */
#include "engine/engine.h"

#include <math.h>

#define TURNS_NEEDED 5 /* for a spread worth telling */

static double in_range(double ms) {
    return ms < 0 ? 0 : ms > (double)ENGINE_DURATION_MAX ? (double)ENGINE_DURATION_MAX : ms;
}

/* Student's 90 % quantile with `freedom` degrees, to 2 % (the expansion around the normal one). */
static double student(double freedom) {
    const double z = 1.2815515655446004;
    const double z3 = z * z * z, z5 = z3 * z * z;
    return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom);
}

/* What lies `q` standard deviations above the mean (below: q < 0) on the normal scale. */
static double gamma_quantile(double mean, double variance, double q) {
    double inverse_shape = variance / (mean * mean); /* 1: exponential */
    double root = 1 - inverse_shape / 9 + q * sqrt(inverse_shape) / 3;
    return root <= 0 ? 0 : mean * root * root * root;
}

/* The same for a wait whose turns' mean is known to `doubt` (a variance of its logarithm) only. */
static double quantile(double mean, double variance, double doubt, double q) {
    if (mean <= 0 || variance > 4 * mean * mean) /* too skewed for the cube root */
        return q < 0 ? 0 : mean + q * sqrt(variance);
    double wait = gamma_quantile(mean, variance, q);
    if (wait <= 0)
        return 0;
    double apart = hypot(log(wait / mean), q * sqrt(doubt));
    return mean * exp((q < 0 ? -apart : apart) + doubt / 2);
}

/* How much of the turn under way has passed, as far as the journal tells. */
static double passed(const EngineView *v) {
    double ms = v->now_ms > v->lease.granted_ms ? (double)(v->now_ms - v->lease.granted_ms) : 0;
    double mean = (double)v->turns.mean_ms;
    return ms < mean ? ms : mean;
}

void engine_estimate(const EngineView *v, uint64_t ahead, uint64_t lobby, EngineEstimate *ret) {
    *ret = (EngineEstimate){0};
    if (v->turns.n < TURNS_NEEDED)
        return;
    double n = v->turns.n, mean = (double)v->turns.mean_ms, spread = (double)v->turns.spread_ms;
    double k = (double)ahead, k_variance = 0;
    if (v->policy.entry == ENTRY_LOBBY) {
        double others = lobby > 1 ? (double)(lobby - 1) : 0;
        k = others;
        k_variance = others * (others + 1);
    }
    double done = 0;
    if (v->lease.number != 0) {
        k += 1;
        done = passed(v);
    }
    double wait = k * mean - done;
    double variance = k * spread * spread + k_variance * mean * mean;
    double doubt = mean > 0 ? log1p(spread * spread / (n * mean * mean)) : 0;
    double q = student(n - 1);
    ret->known = true;
    ret->mean_ms = (int64_t)in_range(wait);
    ret->low_ms = (int64_t)in_range(quantile(wait, variance, doubt, -q));
    ret->high_ms = (int64_t)in_range(quantile(wait, variance, doubt, q));
}

/* ---- check-ins ---- */

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* After how long should somebody with `ahead` before them be seen again? Where nothing was measured
 * yet, in the rhythm that nobody is late in. */
static int64_t interval(const EngineView *v, uint64_t ahead, bool first) {
    const EnginePolicy *p = &v->policy;
    EngineEstimate wait;
    engine_estimate(v, ahead, 0, &wait);
    int64_t half = wait.known ? wait.mean_ms / 2 : p->checkin_every_ms;
    int64_t ms = most(least(half, p->checkin_longest_ms), p->checkin_shortest_ms);
    if (first && wait.known)
        ms = most(ms, wait.mean_ms - p->checkin_lead_ms);
    return ms;
}

/* Sums of a time and some durations cannot overflow: ENGINE_TIME_MAX, ENGINE_DURATION_MAX. */
void engine_due(const EngineState *s, const char *identity, bool first, int64_t now_ms,
                EngineDue *ret) {
    EngineView v;
    EnginePerson person;
    engine_view(s, &v);
    const EnginePolicy *p = &v.policy;
    now_ms = least(most(now_ms, 0), ENGINE_TIME_MAX);
    *ret = (EngineDue){now_ms + p->checkin_every_ms, INT64_MAX};
    if (p->entry != ENTRY_FIFO || !engine_person(s, 0, identity, &person) || person.place == 0)
        return;
    int64_t ms = interval(&v, person.ahead, first);
    ret->next_ms = now_ms + ms;
    ret->late_ms = now_ms + most(ms, p->checkin_every_ms) + p->checkin_tolerance_ms;
}
