/* Figures on this machine. A bench measures and hands over rows; cmd_bench.c prints them.
 * Threads: one, save that what is measured uses the pool. */
#pragma once

#include "base/pool.h"

#include <stdint.h>

#define BENCH_ROUNDS_MAX 99

typedef struct {
    const char *name;  /* one figure a name */
    size_t n;          /* how much ... */
    const char *of;    /* ... of what; NULL: points */
    double ours, peer; /* medians of interleaved runs; peer 0: there is none */
    double value;      /* without a peer */
    const char *unit;  /* NULL: seconds */
} BenchRow;

typedef struct {
    CvkPool *pool;
    unsigned rounds;
    bool full; /* also what takes many minutes */
    void (*row)(void *ctx, const BenchRow *row);
    void *ctx;
    /* Is this name asked for? What is not need not be measured. */
    bool (*wanted)(void *ctx, const char *name);
} Bench;

bool bench_kzg_contribute(const Bench *b, CvkErr *err) MUST_USE;
bool bench_kzg_verify(const Bench *b, CvkErr *err) MUST_USE;
/* The most memory that a real server holds while somebody contributes; told as skipped where the
 * system does not say. */
bool bench_kzg_memory(const Bench *b, CvkErr *err) MUST_USE;
/* What many sessions at once meet; told as skipped where there is no /proc. */
bool bench_lobby_rate(const Bench *b, CvkErr *err) MUST_USE;
bool bench_lobby_p99(const Bench *b, CvkErr *err) MUST_USE;
bool bench_service_memory(const Bench *b, CvkErr *err) MUST_USE;
bool bench_turnround(const Bench *b, CvkErr *err) MUST_USE;
bool bench_engine_commands(const Bench *b, CvkErr *err) MUST_USE;
bool bench_engine_replay(const Bench *b, CvkErr *err) MUST_USE;

/* A million submissions, analysed and simulated; and the process's most memory. */
bool bench_market_analyze(const Bench *b, CvkErr *err) MUST_USE;
/* The same as commands do it, from a directory and from an exported file; told as skipped where
 * there is no /proc. */
bool bench_market_commands(const Bench *b, CvkErr *err) MUST_USE;
/* What provers meet who ask for their batch; told as skipped where there is no /proc. */
bool bench_market_get_batch(const Bench *b, CvkErr *err) MUST_USE;

/* Whole commands against snarkjs's; told as skipped where there is none. */
bool bench_ptau(const Bench *b, CvkErr *err) MUST_USE;
bool bench_zkey(const Bench *b, CvkErr *err) MUST_USE;

double bench_median(double *values, size_t n); /* sorts them */
