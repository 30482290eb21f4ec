/* What moves a server: ticks, on a thread of their own. */
#include "base/cond.h"
#include "base/log.h"
#include "run/node_private.h"
#include "run/park.h"

#define TICK_MS 200
#define SESSION_SWEEP_TICKS 1500 /* every five minutes */
#define JUDGE_TICKS 50           /* every ten seconds */
#define AHEAD_MAX_MS                                                                               \
    (INT64_C(24) * 3600 * 1000) /* a wall clock that is set back may be so wrong                   \
                                 */

void node_judge_again(void *ctx) {
    CvkErr err;
    if (!ceremony_recover(ctx, &err))
        cvk_log_err(LOG_ERROR, "judge.failed", &err); /* its lease runs out at no cost */
}

/* A verification that failed for our own faults (a full disk) is tried again. Whoever judges now is
 * not disturbed. */
static void judge_what_waits(Node *n) {
    CvkErr err;
    for (size_t i = 0; i < n->n_ceremonies; i++)
        if (ceremony_is_unjudged(n->ceremonies[i]) &&
            !cvk_pool_post(n->pool, LIMIT_JOBS, node_judge_again, n->ceremonies[i], &err))
            cvk_log_err(LOG_WARN, "judge.put_off", &err);
}

/* All of them, whatever becomes of one: the first error. */
static bool each(Ceremony *const *at, size_t n,
                 bool (*fn)(Ceremony *c, const ClockGap *gap, CvkErr *err), const ClockGap *gap,
                 CvkErr *err) {
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok = fn(at[i], gap, ok ? err : NULL) && ok;
    return ok;
}

static bool skip(Ceremony *c, const ClockGap *gap, CvkErr *err) {
    return ceremony_skip(c, *gap, err);
}

static bool tick(Ceremony *c, const ClockGap *gap, CvkErr *err) {
    (void)gap;
    return ceremony_tick(c, err);
}

/* Where nobody knows when the server last lived, its newest event tells. */
static bool begin(Ceremony *c, const ClockGap *gap, CvkErr *err) {
    ClockGap down = *gap;
    CeremonyStatus status;
    ceremony_status(c, &status);
    if (down.from_ms == 0)
        down.from_ms = status.view.now_ms;
    if (!ceremony_skip(c, down, err))
        return false;
    ceremony_seat(c);
    return true;
}

bool ceremonies_begin(RunClock *clock, int64_t alive_ms, Ceremony *const *at, size_t n,
                      CvkErr *err) {
    if (alive_ms > run_clock_now(clock) + AHEAD_MAX_MS)
        alive_ms = 0;                 /* from a clock that was years ahead, or no time at all */
    run_clock_begin(clock, alive_ms); /* a wall clock that was set back since changes nothing */
    ClockGap down = {.from_ms = alive_ms, .to_ms = run_clock_tick(clock).to_ms};
    return each(at, n, begin, &down, err);
}

static bool stand_still(Ceremony *const *at, size_t n) {
    for (size_t i = 0; i < n; i++)
        park_wake_all(at[i]);
    return false;
}

bool ceremonies_tick(RunClock *clock, Ceremony *const *at, size_t n, CvkErr *err) {
    ClockGap gap = run_clock_tick(clock);
    if (gap.to_ms != gap.from_ms) {
        if (!each(at, n, skip, &gap, err))
            return stand_still(at, n); /* until it is on record: the next tick tries again */
        run_clock_cross(clock, gap);
    }
    if (each(at, n, tick, &gap, err))
        return true;
    run_clock_stay(clock);
    return stand_still(at, n);
}

void node_tick(Node *n) {
    CvkErr err;
    n->ticks++;
    if (!ceremonies_tick(n->clock, n->ceremonies, n->n_ceremonies, &err))
        cvk_log_err(LOG_ERROR, "tick.failed", &err);
    for (size_t i = 0; i < n->n_experiments; i++)
        if (!experiment_tick(n->experiments[i], &err))
            cvk_log_err(LOG_ERROR, "experiment.tick.failed", &err);
    alive_tell(&n->alive, run_clock_now(n->clock));
    if (n->ticks % JUDGE_TICKS == 0)
        judge_what_waits(n);
    if (n->ticks % SESSION_SWEEP_TICKS == 0)
        node_sweep_sessions(n);
}

bool node_begin_time(Node *n, CvkErr *err) {
    int64_t last_ms;
    if (!alive_open(&n->alive, n->dir, &last_ms, err) ||
        !ceremonies_begin(n->clock, last_ms, n->ceremonies, n->n_ceremonies, err))
        return false;
    alive_tell(&n->alive, run_clock_now(n->clock));
    return true;
}

static void *run_timer(void *arg) {
    Node *n = arg;
    pthread_mutex_lock(&n->timer_lock);
    while (!n->stopping) {
        cvk_cond_wait_ms(&n->timer_wake, &n->timer_lock, TICK_MS);
        if (n->stopping)
            break;
        pthread_mutex_unlock(&n->timer_lock);
        node_tick(n);
        pthread_mutex_lock(&n->timer_lock);
    }
    pthread_mutex_unlock(&n->timer_lock);
    return NULL;
}

bool node_start_timer(Node *n, CvkErr *err) {
    n->timer_runs = pthread_create(&n->timer, NULL, run_timer, n) == 0;
    return n->timer_runs ||
           cvk_fail(err, CVK_EINTERNAL, "timer.start", "cannot start the timer thread");
}

void node_stop_timer(Node *n) {
    if (!n->timer_runs)
        return;
    pthread_mutex_lock(&n->timer_lock);
    n->stopping = true;
    pthread_cond_signal(&n->timer_wake);
    pthread_mutex_unlock(&n->timer_lock);
    pthread_join(n->timer, NULL);
    n->timer_runs = false;
}
