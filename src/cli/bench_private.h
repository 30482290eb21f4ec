/* What the benches of one program share: contributions of Ethereum's four sizes, made once.
 * Threads: as bench.h. */
#pragma once

#include "base/buf.h"
#include "cli/bench.h"
#include "setup/kzg_wire.h"

/* The initial state, and contributions one upon the other: state[i + 1] extends state[i]. */
typedef struct {
    KzgWire *state[BENCH_ROUNDS_MAX + 1];
    size_t n; /* of contributions */
} BenchChain;

/* Seconds each. `ret` wants bench_chain_done whether it is true or false. */
bool bench_chain_make(const Bench *b, size_t n, BenchChain *ret, CvkErr *err) MUST_USE;
void bench_chain_done(BenchChain *c);
/* As it is uploaded. The caller frees, after a failure too. */
bool bench_chain_json(const KzgWire *response, CvkBuf *ret, CvkErr *err) MUST_USE;

/* How long the verification of `response`, which must be valid, takes by itself. */
bool bench_verify_once(const Bench *b, KzgWire *base, KzgWire *response, double *ret_seconds,
                       CvkErr *err) MUST_USE;
