#include "base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t now_us(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t cvk_wall_ms(void) {
    return now_us(CLOCK_REALTIME) / 1000;
}

int64_t cvk_monotonic_ms(void) {
    return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t cvk_monotonic_us(void) {
    return now_us(CLOCK_MONOTONIC);
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

/* ---- reading ---- */

typedef struct {
    const char *at, *end;
    bool ok;
} Cursor;

static bool next_is(const Cursor *c, const char *any) {
    return c->at < c->end && *c->at != '\0' && strchr(any, *c->at) != NULL;
}

static char take(Cursor *c, const char *any) {
    if (next_is(c, any))
        return *c->at++;
    c->ok = false;
    return '\0';
}

static int take_number(Cursor *c, int digits, int least, int most) {
    int v = 0;
    for (int i = 0; i < digits && c->ok; i++)
        v = v * 10 + (take(c, "0123456789") - '0');
    if (v < least || v > most)
        c->ok = false;
    return v;
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* From 1970-01-01, in the calendar of today extended to the year 0. */
static int64_t days_since_1970(int year, int month, int day) {
    int64_t days = 0, before = year - 1; /* whole years */
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    int64_t leaps = year == 0 ? -1 : before / 4 - before / 100 + before / 400;
    return 365 * before + leaps + days + day - 1 - 719162;
}

static int take_ms(Cursor *c) {
    int ms = 0, scale = 100;
    if (!next_is(c, "."))
        return 0;
    c->at++;
    ms = scale * take_number(c, 1, 0, 9);
    while (c->ok && next_is(c, "0123456789")) {
        scale /= 10;
        ms += scale * take_number(c, 1, 0, 9);
    }
    return ms;
}

/* How far the clock there is ahead of UTC. */
static int take_offset_minutes(Cursor *c) {
    char sign = take(c, "Zz+-");
    if (sign != '+' && sign != '-')
        return 0;
    int hours = take_number(c, 2, 0, 23);
    take(c, ":");
    int minutes = 60 * hours + take_number(c, 2, 0, 59);
    return sign == '-' ? -minutes : minutes;
}

bool cvk_time_parse(const char *text, size_t n, int64_t *ret_ms) {
    Cursor c = {.at = text, .end = text + n, .ok = true};
    int year = take_number(&c, 4, 0, 9999);
    take(&c, "-");
    int month = take_number(&c, 2, 1, 12);
    take(&c, "-");
    int day = take_number(&c, 2, 1, 31);
    take(&c, "Tt");
    int64_t minutes = 60 * (int64_t)take_number(&c, 2, 0, 23);
    take(&c, ":");
    minutes += take_number(&c, 2, 0, 59);
    take(&c, ":");
    int seconds = take_number(&c, 2, 0, 60);
    int ms = take_ms(&c);
    minutes -= take_offset_minutes(&c);
    if (!c.ok || c.at != c.end || day > days_in_month(year, month))
        return false;
    if (seconds == 60 && (minutes + 1) % (24 * 60) != 0) /* they end a day of UTC */
        return false;
    *ret_ms = ((days_since_1970(year, month, day) * 24 * 60 + minutes) * 60 + seconds) * 1000 +
              (seconds == 60 ? 0 : ms);
    return true;
}
