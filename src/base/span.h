/* A stretch of time in words for people. Pure. Threads: any. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CVK_SPAN_TEXT 64

/* What lies between the two: "less than a minute", "up to 3 minutes", "about 2 minutes", "2 to 5
 * hours", "8 to 11 days". Rounded outwards. */
void cvk_span_text(int64_t low_ms, int64_t high_ms, char ret[CVK_SPAN_TEXT]);
