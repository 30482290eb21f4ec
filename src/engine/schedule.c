/* How long waiting takes, and when those who wait should be seen.
 *
 * Estimates are not part of the state, so doubles will do. With K turns before somebody's own, each
 * of mean m and standard deviation s (measured over n turns), the wait has
 *     mean      E[K] m
 *     variance  E[K] s^2 + Var(K) m^2        (K turns, each with a spread of its own)
 *             + E[K]^2 s^2 / n               (m itself is only an estimate)
 * In a queue K is known. In a lobby of N each turn is a fair draw, so K is geometric with mean N -
 * 1 and variance N (N - 1). The turn under way counts as one, less what has passed of it.
 *
 * Waits are positive and skewed to the right, so the tenths are those of a gamma distribution of
 * that mean and variance (by Wilson and Hilferty's cube root, 1931), with Student's quantile in
 * place of the normal one as s is measured too. */
#include "engine/engine.h"

#include <math.h>

#define TURNS_NEEDED 3 /* for a spread worth telling */

static double in_range(double ms) {
    return ms < 0 ? 0 : ms > (double)ENGINE_DURATION_MAX ? (double)ENGINE_DURATION_MAX : ms;
}

/* Student's 90 % quantile with `freedom` degrees, to 2 % (the expansion around the normal one). */
static double student(double freedom) {
    const double z = 1.2815515655446004;
    const double z3 = z * z * z, z5 = z3 * z * z;
    return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom);
}

/* The value that lies `q` standard deviations above the mean (below: q < 0) on the normal scale. */
static double gamma_quantile(double mean, double variance, double q) {
    if (mean <= 0)
        return q > 0 ? q * sqrt(variance) : 0;
    double shape = variance / (mean * mean); /* its inverse; 1: exponential */
    if (shape > 4)                           /* too skewed for the cube root */
        return q > 0 ? mean + q * sqrt(variance) : 0;
    double root = 1 - shape / 9 + q * sqrt(shape) / 3;
    return root <= 0 ? 0 : mean * root * root * root;
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
    double variance = k * spread * spread + k_variance * mean * mean + k * k * spread * spread / n;
    double q = student(n - 1);
    ret->known = true;
    ret->mean_ms = (int64_t)in_range(wait);
    ret->low_ms = (int64_t)in_range(gamma_quantile(wait, variance, -q));
    ret->high_ms = (int64_t)in_range(gamma_quantile(wait, variance, q));
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
