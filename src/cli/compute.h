/* What the commands with long computations share: threads and memory from the arguments, one bar
 * for all the parts.
 *
 * USAGE: compute_open(&c, args, &err); ... compute_begin(&c, "contributing", units); ... the
 * functions of setup/ with &c.work ... compute_end(&c); ... compute_close(&c).
 * Threads: none, save that computations use the pool. */
#pragma once

#include "cli/options.h"
#include "cli/progress.h"
#include "setup/vector.h"

#define OPTION_THREADS                                                                             \
    { "threads", "N", "0", "How many threads to compute with; 0 = as many as there are." }
#define COMPUTE_THREADS_MAX 256
#define OPTION_MEMORY                                                                              \
    {                                                                                              \
        "memory", "MB", "512",                                                                     \
            "How much memory to take for points and tables, however large the files are (16 at "   \
            "least)."                                                                              \
    }

typedef struct {
    Work work; /* its meter is there between begin and end */
    CvkMeter meter;
    Progress bar;
    bool quiet, begun;
} Compute;

/* `args` are of a command with OPTION_THREADS, OPTION_MEMORY and OPTION_JSON, with which there is
 * no bar. The seed is drawn here: files lie still. False: *err says why; close is then fine, and
 * needless. */
bool compute_open(Compute *c, const Args *args, CvkErr *err) MUST_USE;
/* `units` as in base/meter.h: what all until the end will cost together. */
void compute_begin(Compute *c, const char *label, size_t units);
void compute_end(Compute *c); /* the bar is gone; twice is fine */
void compute_close(Compute *c);
