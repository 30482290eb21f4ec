#include "sim/sim_stats.h"

/* Exact below 32 ms; then 16 cells for each doubling. */
static size_t cell_of(int64_t ms) {
    uint64_t v = ms < 0 ? 0 : (uint64_t)ms;
    if (v < 32)
        return (size_t)v;
    unsigned top = 63 - (unsigned)__builtin_clzll(v);
    size_t cell = 16 * (size_t)(top - 3) + (size_t)(v >> (top - 4) & 15);
    return cell < SPAN_CELLS ? cell : SPAN_CELLS - 1;
}

/* The middle of a cell. */
static int64_t value_of(size_t cell) {
    if (cell < 32)
        return (int64_t)cell;
    unsigned top = (unsigned)(cell / 16) + 3;
    return (int64_t)((16 + cell % 16) << (top - 4)) + ((INT64_C(1) << (top - 4)) / 2);
}

void spans_add(Spans *s, int64_t ms) {
    s->cell[cell_of(ms)]++;
    s->n++;
    s->sum_ms += ms;
    if (ms > s->max_ms)
        s->max_ms = ms;
}

void spans_merge(Spans *to, const Spans *from) {
    for (size_t i = 0; i < SPAN_CELLS; i++)
        to->cell[i] += from->cell[i];
    to->n += from->n;
    to->sum_ms += from->sum_ms;
    if (from->max_ms > to->max_ms)
        to->max_ms = from->max_ms;
}

int64_t spans_part(const Spans *s, unsigned percent) {
    uint64_t upto = (s->n * percent + 99) / 100, seen = 0;
    for (size_t i = 0; i < SPAN_CELLS && s->n > 0; i++) {
        seen += s->cell[i];
        if (seen >= upto)
            return value_of(i);
    }
    return 0;
}

int64_t spans_mean(const Spans *s) {
    return s->n == 0 ? 0 : s->sum_ms / (int64_t)s->n;
}

void stats_merge(Stats *to, const Stats *from) {
    to->ceremonies += from->ceremonies;
    to->happenings += from->happenings;
    to->events += from->events;
    to->commands += from->commands;
    to->virtual_ms += from->virtual_ms;
    to->real_us += from->real_us;
    to->turns += from->turns;
    to->accepted += from->accepted;
    to->refused += from->refused;
    to->aborted += from->aborted;
    to->stalled += from->stalled;
    for (int p = 0; p < PHASE_N; p++)
        to->expired[p] += from->expired[p];
    to->joined += from->joined;
    for (int r = 0; r < LEFT_N; r++)
        to->left[r] += from->left[r];
    to->skips += from->skips;
    to->starts += from->starts;
    to->troubles += from->troubles;
    spans_merge(&to->waits, &from->waits);
    spans_merge(&to->idle, &from->idle);
}

uint64_t stats_failed(const Stats *s) {
    uint64_t n = s->refused + s->aborted;
    for (int p = 0; p < PHASE_N; p++)
        n += s->expired[p];
    return n;
}
