/* What a long command computes with: threads, memory, random factors, a bar. */
#pragma once

#include "cli/options.h"
#include "cli/progress.h"
#include "setup/vector.h"

/* Of a command's table of options. */
#define OPTION_THREADS                                                                             \
    { "threads", "N", "0", "How many threads to compute with; 0 = as many as there are." }
#define OPTION_MEMORY                                                                              \
    {                                                                                              \
        "memory", "MIB", "512",                                                                    \
            "How much memory blocks and tables may take together, at least 16 MiB."                \
    }

/* Argument `out` is a file to be written, the others are read: it must be none of them
 * ("usage.same"), under whatever name. */
bool working_apart(const Args *args, size_t out, CvkErr *err) MUST_USE;

/* Give work to what computes; it must not be moved. */
typedef struct {
    Work work;
    CvkMeter meter;
    Progress bar;
} Working;

/* Reads both options, starts the threads and draws the seed: the files must be there already. The
 * bar shows `label` and goes to `units`; `quiet` shows none. On true the caller ends it. */
bool working_start(Working *w, const Args *args, const char *label, size_t units, bool quiet,
                   CvkErr *err) MUST_USE;
void working_done(Working *w);
