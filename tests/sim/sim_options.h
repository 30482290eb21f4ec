/* The simulator's command line. */
#pragma once

#include "sim/sim_world.h"

typedef struct {
    const char *command;
    uint64_t from;   /* --from: the first seed */
    uint64_t seeds;  /* --seeds: how many; 0: no end */
    uint32_t block;  /* --block: so many seeds make one line */
    int64_t seconds; /* --seconds; 0: no end */
    unsigned jobs;   /* --jobs; as many as there are cores */
    bool json;
    SimPlan plan; /* --seed, --policy, --people, --only, --trouble, --until, --tamper */
    bool has_policy;
} Options;

/* False: said on stderr what is wrong. options_done frees. */
bool options_read(int argc, char **argv, Options *ret);
void options_done(Options *o);
