/* A whole ceremony in virtual time: people (sim_people), what goes wrong (sim_trouble), a real
 * server on a simulated disk (sim_server), and the book that watches it.
 *
 * A plan is a run, byte for byte: the same one gives the same journal. Threads: none; one world a
 * process at a time, as there is one server. */
#pragma once

#include "sim/sim_book.h"
#include "sim/sim_stats.h"
#include "sim/sim_tamper.h"
#include "sim/sim_trouble.h"

#include <stdio.h>

typedef struct {
    const char *name, *preset;
    const char *const *settings;
    bool fifo;
} SimPolicy;
#define SIM_POLICIES 6
extern const SimPolicy sim_policies[SIM_POLICIES];
/* By name; -1: there is none. */
int sim_policy_find(const char *name);

typedef struct {
    uint64_t seed;
    unsigned policy; /* of sim_policies */
    uint32_t people;
    const bool *absent;   /* one for each person: does not come; NULL: all come */
    bool quiet[TROUBLES]; /* does not happen */
    int64_t until_ms;     /* ends then; 0: when everybody has gone */
    Tamper tamper;
    FILE *trace; /* NULL: none; else a line for everything that happens */
    /* Comparisons: ordinary pollers only, no trouble, always so many of them waiting (a newcomer
     * for each who gets a turn), for so many turns. */
    uint32_t keep;
    uint32_t turns;
    int64_t tick_ms; /* 0: a second */
} SimPlan;

/* Plain bytes: goes through pipes. */
typedef struct {
    Rule rule; /* RULE_NONE: nothing was broken */
    char text[256];
    int64_t ended_ms;
    uint64_t journal; /* hash of its lines */
    uint64_t lines;
    Stats stats;
} SimOutcome;

void sim_run(const SimPlan *plan, SimOutcome *ret);

#define SIM_VERIFY_MS 900 /* how long a verification takes, in virtual time */
