/* An analysis of an experiment, and a simulation of auctions over its bids, as tables and figures.
 * Pure and seeded: the same panel and options give the same findings. */
#pragma once

#include "base/meter.h"
#include "base/pool.h"
#include "format/findings.h"
#include "market/auction.h"

typedef struct {
    uint64_t seed;       /* of resampling, and of lots */
    unsigned replicates; /* of resampling; 0: no intervals */
    CvkPool *pool;       /* NULL: none; the findings are the same */
    CvkMeter *meter;     /* NULL: nobody looks */
} AnalysisOptions;

/* The rows that take part: those without these flags; `complete`: only of batches that everybody
 * proved who proved any. Open requests stay, save that `complete` leaves out other batches'. */
bool panel_select(const Panel *p, bool complete, unsigned without_flags, Panel **ret,
                  CvkErr *err) MUST_USE;

/* Distributions by acceleration, participant, deployment and group, per covariate; margins;
 * learning; shares of what batches and provers explain; declared over observed times; times with
 * open requests; figures. timed: whose times these are (NULL: p's): a panel of complete batches
 * only has hardly an open request, and its times would look too short. */
size_t analysis_units(const AnalysisOptions *o); /* of its meter */
bool analysis_run(const Panel *p, const Panel *timed, const AnalysisOptions *o, Findings *f,
                  CvkErr *err) MUST_USE;

#define SIMULATION_AUCTIONS_MAX 16
typedef struct {
    size_t n;
    Auction auction[SIMULATION_AUCTIONS_MAX];
    Auction base;    /* sweeps vary one parameter of these, with their mechanism */
    size_t points;   /* of each sweep; 0: none */
    bool all_sweeps; /* save over capacities; else only those of mechanisms that are held */
    bool vcg_sweep;  /* over capacities: a solution each */
} Simulation;

/* What each auction costs and who wins; what each participant's absence would cost; how the outcome
 * moves with reserve, posted price, number of winners, lambda, capacity. */
size_t simulation_units(const Simulation *s, const Panel *p); /* of its meter, at most */
bool simulation_run(const Panel *p, const AnalysisOptions *o, const Simulation *s, Findings *f,
                    CvkErr *err) MUST_USE;
