/* Time. Wall time in milliseconds since 1970 goes into events and messages; monotonic time
 * measures. Whatever decides takes `now_ms` as a parameter: only run/, cli/ and client/ call these.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

int64_t cvk_wall_ms(void);
int64_t cvk_monotonic_ms(void);
int64_t cvk_monotonic_us(void);

/* "2026-11-21T02:03:04.005Z" and a zero byte. Years 0000 to 9999: others become the nearest. */
#define CVK_TIME_TEXT 25
void cvk_time_format(int64_t wall_ms, char ret[CVK_TIME_TEXT]);

/* `n` bytes of RFC 3339, such as "2026-11-21T02:03:04.5+01:00". What is finer than a millisecond is
 * cut off; a leap second is the beginning of the next day. False: it is no such time. */
bool cvk_time_parse(const char *text, size_t n, int64_t *ret_ms) MUST_USE;
