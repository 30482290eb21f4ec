#include "run/clock.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>

struct RunClock {
    ClockSources sources;
    pthread_mutex_t lock;
    /* It was `base_ms` when the monotonic clock showed `base_mono_ms`: at the last tick, once there
     * was one. */
    int64_t base_ms, base_mono_ms;
    int64_t before_ms, before_mono_ms; /* the same before the last tick */
    int64_t seen_mono_ms;              /* at the last tick, also if it found a gap */
    bool ticks;
};

RunClock *run_clock_new(ClockSources sources, CvkErr *err) {
    RunClock *k = cvk_alloc(1, sizeof *k, err);
    if (k == NULL)
        return NULL;
    k->sources.wall_ms = sources.wall_ms != NULL ? sources.wall_ms : cvk_wall_ms;
    k->sources.mono_ms = sources.mono_ms != NULL ? sources.mono_ms : cvk_monotonic_ms;
    pthread_mutex_init(&k->lock, NULL);
    k->base_ms = k->sources.wall_ms();
    k->base_mono_ms = k->sources.mono_ms();
    return k;
}

RunClock *run_clock_free(RunClock *k) {
    if (k == NULL)
        return NULL;
    pthread_mutex_destroy(&k->lock);
    free(k);
    return NULL;
}

/* Held: lock. */
static int64_t since_base(const RunClock *k, int64_t mono_ms) {
    return mono_ms > k->base_mono_ms ? mono_ms - k->base_mono_ms : 0;
}

static bool stands(const RunClock *k, int64_t mono_ms) {
    return k->ticks && since_base(k, mono_ms) > CLOCK_SLACK_MS;
}

/* Held: lock. */
static int64_t now(const RunClock *k, int64_t mono_ms) {
    return k->base_ms + (stands(k, mono_ms) ? CLOCK_SLACK_MS : since_base(k, mono_ms));
}

static void go_on_from(RunClock *k, int64_t at_ms, int64_t mono_ms) {
    k->base_ms = at_ms;
    k->base_mono_ms = mono_ms;
}

int64_t run_clock_now(RunClock *k) {
    pthread_mutex_lock(&k->lock);
    int64_t ret = now(k, k->sources.mono_ms());
    pthread_mutex_unlock(&k->lock);
    return ret;
}

void run_clock_begin(RunClock *k, int64_t newest_ms) {
    pthread_mutex_lock(&k->lock);
    int64_t mono_ms = k->sources.mono_ms();
    if (newest_ms > now(k, mono_ms))
        go_on_from(k, newest_ms, mono_ms);
    pthread_mutex_unlock(&k->lock);
}

/* How late it is by both clocks, however long ago the last tick was. */
static int64_t real_time(const RunClock *k, int64_t mono_ms) {
    int64_t by_mono = k->base_ms + since_base(k, mono_ms), wall = k->sources.wall_ms();
    return wall > by_mono ? wall : by_mono;
}

ClockGap run_clock_tick(RunClock *k) {
    pthread_mutex_lock(&k->lock);
    int64_t mono_ms = k->sources.mono_ms();
    int64_t from = now(k, mono_ms), to = real_time(k, mono_ms);
    bool gap = stands(k, mono_ms) || (k->ticks && to - from > CLOCK_SLACK_MS);
    k->seen_mono_ms = mono_ms;
    k->before_ms = k->base_ms;
    k->before_mono_ms = k->base_mono_ms;
    k->ticks = true;
    if (!gap)
        go_on_from(k, to, mono_ms);
    pthread_mutex_unlock(&k->lock);
    return (ClockGap){.from_ms = gap ? from : to, .to_ms = to};
}

bool run_clock_stands(RunClock *k) {
    pthread_mutex_lock(&k->lock);
    bool ret = stands(k, k->sources.mono_ms());
    pthread_mutex_unlock(&k->lock);
    return ret;
}

void run_clock_cross(RunClock *k, ClockGap gap) {
    pthread_mutex_lock(&k->lock);
    go_on_from(k, gap.to_ms, k->seen_mono_ms);
    pthread_mutex_unlock(&k->lock);
}

void run_clock_stay(RunClock *k) {
    pthread_mutex_lock(&k->lock);
    go_on_from(k, k->before_ms, k->before_mono_ms);
    pthread_mutex_unlock(&k->lock);
}
