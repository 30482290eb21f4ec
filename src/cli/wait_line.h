/* How the wait for a turn stands, on standard error: on a terminal one line that is drawn over;
 * elsewhere a line now and then: every five minutes at most.
 * Threads: one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct {
    bool terminal;
    FILE *out;
    int64_t (*now_ms)(void);
    bool shown; /* something stands on the terminal's line */
    bool told;  /* a line was written elsewhere ... */
    int64_t told_ms;
} WaitLine;

/* For standard error. */
WaitLine wait_line_start(void);
/* `text` is printable. */
void wait_line_show(WaitLine *w, const char *text);
/* Something else will be written, or the wait is over: the terminal's line is free. */
void wait_line_clear(WaitLine *w);
