/* A bar with the time left, on standard error. Nothing is drawn for what takes less than two
 * seconds; on a terminal one line is drawn over, elsewhere a plain line comes every ten seconds. */
#pragma once

#include "base/progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct {
    const char *label; /* "computing" */
    bool bytes;        /* done and total count bytes */
    bool terminal;
    FILE *out; /* NULL: never draws */
    int64_t (*now_ms)(void);
    int64_t started_ms, drawn_ms; /* 0: not yet */
    size_t done;
    bool shown; /* something stands on the terminal's line */
} Progress;

/* For standard error; `quiet` draws nothing. The clock starts at the first call. */
Progress progress_start(const char *label, bool bytes, bool quiet);

/* What to hand to a long computation; `p` must outlive it. */
CvkProgress progress_to(Progress *p);

/* Removes the bar from the terminal. May be called twice. */
void progress_end(Progress *p);

/* One line without its end: "computing [#####.....]  52 %, 8 s left". total == 0: as far as it is
 * known. `width` is the bar's. */
void progress_text(const Progress *p, size_t done, size_t total, int64_t elapsed_ms, unsigned width,
                   char *ret, size_t cap);
