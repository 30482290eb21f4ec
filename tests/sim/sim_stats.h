/* Figures of a ceremony, or of many: they add up. Spans of time are kept in a histogram whose cells
 * are a sixteenth of their value wide, which is how exact medians and the like are. */
#pragma once

#include "engine/event.h"

#include <stddef.h>
#include <stdint.h>

#define SPAN_CELLS 640

typedef struct {
    uint32_t cell[SPAN_CELLS];
    uint64_t n;
    int64_t sum_ms, max_ms;
} Spans;

void spans_add(Spans *s, int64_t ms);
void spans_merge(Spans *to, const Spans *from);
int64_t spans_part(const Spans *s, unsigned percent); /* 50: the median; 0 when there are none */
int64_t spans_mean(const Spans *s);

typedef struct {
    uint64_t ceremonies, happenings, events, commands;
    int64_t virtual_ms, real_us;
    uint64_t turns, accepted, refused, aborted, stalled;
    uint64_t expired[PHASE_N];
    uint64_t joined, left[LEFT_N], skips, starts, troubles;
    Spans waits; /* from the first check-in to the turn */
    Spans idle; /* from the end of a turn until the next holder is fetching, while somebody waits */
} Stats;

void stats_merge(Stats *to, const Stats *from);
uint64_t stats_failed(const Stats *s); /* turns that were no contribution */
