#include "base/span.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* The unit in which `ms` is a small number, two at least but for the smallest. */
static const char *unit_of(int64_t ms, int64_t *ret_unit_ms) {
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{DAY, "day"}, {HOUR, "hour"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ms > 2 * units[i].ms) {
            *ret_unit_ms = units[i].ms;
            return units[i].name;
        }
    *ret_unit_ms = MINUTE;
    return "minute";
}

void cvk_span_text(int64_t low_ms, int64_t high_ms, char ret[CVK_SPAN_TEXT]) {
    int64_t unit_ms;
    if (high_ms < MINUTE) {
        snprintf(ret, CVK_SPAN_TEXT, "less than a minute");
        return;
    }
    const char *unit = unit_of(high_ms, &unit_ms);
    int64_t high = high_ms / unit_ms + (high_ms % unit_ms != 0 ? 1 : 0);
    int64_t low = low_ms < 0 ? 0 : low_ms / unit_ms;
    const char *plural = high == 1 ? "" : "s";
    if (low >= high)
        snprintf(ret, CVK_SPAN_TEXT, "about %" PRId64 " %s%s", high, unit, plural);
    else if (low == 0)
        snprintf(ret, CVK_SPAN_TEXT, "up to %" PRId64 " %s%s", high, unit, plural);
    else
        snprintf(ret, CVK_SPAN_TEXT, "%" PRId64 " to %" PRId64 " %ss", low, high, unit);
}
