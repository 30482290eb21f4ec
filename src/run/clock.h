/* The time of ceremonies: what deadlines run by.
 *
 * It never goes back, whatever is done to the machine's clocks: from where it began it goes on with
 * the monotonic clock, and looks at the wall clock only to notice that this is ahead (the machine
 * was suspended, or somebody set it). A wall clock that is set back changes nothing.
 *
 * A server's time goes only as long as the server works: between two ticks it advances by at most
 * CLOCK_SLACK_MS, and then stands still. So when the process was stopped, or the machine slept,
 * nobody's time has run out meanwhile: the next tick finds a gap, which is put on record
 * (ClockSkipped) before anything is decided at the time behind it. Threads: any. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Ticks come every 200 ms: who is later than this did not run. */
#define CLOCK_SLACK_MS 2000

typedef struct RunClock RunClock;

/* Where the time comes from; NULL: the machine's. */
typedef struct {
    int64_t (*wall_ms)(void);
    int64_t (*mono_ms)(void);
} ClockSources;

/* Begins at wall time. */
RunClock *run_clock_new(ClockSources sources, CvkErr *err) MUST_USE;
RunClock *run_clock_free(RunClock *k); /* NULL is fine; returns NULL */

int64_t run_clock_now(RunClock *k);

/* It is at least so late: an event of then is on record. Before the first tick only. */
void run_clock_begin(RunClock *k, int64_t newest_ms);

/* Time that passed while the server did not work; none when both are equal. */
typedef struct {
    int64_t from_ms, to_ms;
} ClockGap;

/* For the one thread that keeps the server's time, every 200 ms or so. The first begins it, and
 * finds no gap. Where there is one, time stays where it is until run_clock_cross: else the next
 * tick finds the gap again, grown. */
ClockGap run_clock_tick(RunClock *k);
/* Has no tick come for so long that time stands still? Then there is a gap, found or not. */
bool run_clock_stands(RunClock *k);
/* The gap of the last tick is on record: time goes on behind it. */
void run_clock_cross(RunClock *k, ClockGap gap);
/* What was to be done at the last tick could not be (the disk is full): the server does not work.
 * Unless a tick comes through soon, time stands still from there on, and the one that does finds
 * the gap. */
void run_clock_stay(RunClock *k);
