/* Simulations in processes of their own: there is one server a process, and one that dies (an
 * assertion, a sanitizer's finding) is an outcome like any other. */
#pragma once

#include "sim/sim_world.h"

/* Runs one. `quiet`: what it says on stderr is thrown away. */
void sim_try(const SimPlan *plan, bool quiet, SimOutcome *ret);

/* Runs many, `at_once` at a time. next: the next plan, false when there is none (any more); done is
 * called as they end, in any order. Both on the caller's thread. */
typedef struct {
    bool (*next)(void *ctx, SimPlan *ret);
    void (*done)(void *ctx, const SimPlan *plan, const SimOutcome *outcome);
    void *ctx;
} Jobs;
void sim_jobs(const Jobs *jobs, unsigned at_once);
