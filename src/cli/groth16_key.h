/* A Groth16 key of this process's own, for trying out: the whole way of a ceremony with one
 * contributor, whose secrets are forgotten at once. Threads: none, save that computations use the
 * pool. */
#pragma once

#include "base/pool.h"
#include "setup/circuit.h"

/* Powers of tau, one contribution, prepared; the circuit's initial key, one contribution: to a new
 * .zkey. Shows bars. About 2 s for 1000 constraints. */
bool groth16_key_new(const char *path, const Circuit *circuit, CvkPool *pool, CvkErr *err) MUST_USE;
