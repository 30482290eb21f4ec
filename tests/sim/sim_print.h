/* What simulations tell people, and programs (--json). */
#pragma once

#include "sim/sim_compare.h"
#include "sim/sim_shrink.h"

/* Figures of each policy and of all of them together; `real_s`: how long that took by the clock. */
void print_stats(FILE *out, const Stats policy[SIM_POLICIES], double real_s);
void print_stats_json(FILE *out, const Stats policy[SIM_POLICIES], double real_s,
                      const SimPlan *failed, size_t n_failed);
void print_comparison(FILE *out, const Comparison *c);
void print_comparison_json(FILE *out, const Comparison *c);
/* A failure, made small: what is left, its last happenings, and the command that repeats it. */
void print_failure(FILE *out, const Shrunk *s);
