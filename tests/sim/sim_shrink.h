/* Makes a run that fails small: leaves people and trouble out, and stops early, as long as the same
 * rule is broken. */
#pragma once

#include "sim/sim_jobs.h"

/* What is left of a plan: who comes, what happens, until when. */
typedef struct {
    SimPlan plan; /* plan.absent is this one's own array, of plan.people */
    SimOutcome outcome;
    uint32_t people, troubles; /* that are left */
    unsigned tries;
} Shrunk;

/* `found` is what `plan` led to. At most `tries` runs. shrunk_done frees. */
void sim_shrink(const SimPlan *plan, const SimOutcome *found, unsigned tries, Shrunk *ret);
void shrunk_done(Shrunk *s);

/* "tests/sim/run replay --seed ...": the command that does it again. */
void shrunk_command(const SimPlan *plan, FILE *out);
