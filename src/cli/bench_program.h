/* Whole programs, measured from outside: how long one takes and how much memory it holds at most.
 * Linux only (/proc, processor affinity). Threads: one. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

#define BENCH_PROGRAM_CPUS                                                                         \
    2 /* the processors that one program may use, so that peers have the same */

typedef struct {
    double seconds, peak_mb;
} BenchRun;

/* argv[0] is looked for in PATH; "convoke" is this program. Silent, in directory `dir`, on
 * BENCH_PROGRAM_CPUS processors. False ("bench.program") if it does not end with 0. */
bool bench_program(const char *dir, const char *const argv[], BenchRun *ret, CvkErr *err) MUST_USE;

/* A new directory below /tmp, and its end with all that is in it. */
bool bench_dir_make(char ret[64], CvkErr *err) MUST_USE;
void bench_dir_remove(char *dir);
