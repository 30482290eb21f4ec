#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t cvk_wall_ms(void) {
    return now(CLOCK_REALTIME);
}

int64_t cvk_monotonic_ms(void) {
    return now(CLOCK_MONOTONIC);
}

#define FIRST_MS (-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define LAST_MS 253402300799999    /* 9999-12-31T23:59:59.999Z */

void cvk_time_format(int64_t wall_ms, char ret[CVK_TIME_TEXT]) {
    if (wall_ms < FIRST_MS)
        wall_ms = FIRST_MS;
    if (wall_ms > LAST_MS)
        wall_ms = LAST_MS;
    int ms = (int)((wall_ms % 1000 + 1000) % 1000);
    time_t s = (time_t)((wall_ms - ms) / 1000);
    struct tm tm;
    gmtime_r(&s, &tm);
    char text[64];
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
    snprintf(ret, CVK_TIME_TEXT, "%.*s", CVK_TIME_TEXT - 1, text);
}
