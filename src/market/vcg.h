/* The Vickrey-Clarke-Groves auction with capacities: batches are given to participants so that the
 * sum of bids is least, nobody getting more than they can do; everybody is paid what their being
 * there saves the others.
 *
 * Min-cost flow by successive shortest paths: batches come one by one, each by the cheapest way to
 * make room for it (it goes to one participant, who hands a batch on to another, ... until somebody
 * has room, or it is served elsewhere). Ways run over participants only, as the cheapest hand-over
 * between each two is kept (vcg_rows.h).
 *
 * Of each participant the length of the shortest way from them to room is known, and its first
 * step (vcg_ways.h). So a new batch's way is found by looking at its bids. Placing it makes no way
 * shorter, and only those longer that led through somebody on it: these are found again.
 *
 * Payments need no new solution. Without participant i, what the others hold is still optimal for
 * what they hold; only ways through i change, and i's batches come again, one by one. So OPT(-i) =
 * OPT - own bids + the lengths of these ways, and the payment OPT(-i) - (OPT - own bids) is the sum
 * of the lengths: over all participants as many ways as there are batches.
 *
 * Cost, of p participants and n batches, where a batch changes the ways of q participants: n times
 * p q for these ways, and p (or p log n, who hold many) for each hand-over. q is 0 where capacity
 * binds nobody, and seldom near p. Sums are of 128 bits: any amounts may be bid. Pure. */
#pragma once

#include "base/progress.h"
#include "market/bids.h"
#include "market/sum.h"

#define VCG_NOBODY UINT32_MAX
#define VCG_UNDEFINED ((Sum)-1)
#define VCG_CELLS_MAX (1u << 25) /* participants times batches and participants: 20 bytes each */

#define VCG_PLACINGS 5 /* of each batch, in its progress: once, and what paying for it takes */

typedef struct {
    Sum optimum;      /* bids of winners, and fallbacks */
    size_t fallbacks; /* batches that nobody got */
    uint32_t *winner; /* [batches], or VCG_NOBODY */
    Sum *payment;     /* [participants]; VCG_UNDEFINED: no fallback, and they cannot be replaced */
} Vcg;

/* Bids of one batch may stand in any order: where equals could take it as it comes, the first does.
 * capacity[participants]; fallback: what each batch costs elsewhere, or -1: nothing is elsewhere,
 * and as many batches as possible are given away. progress: of
 * VCG_PLACINGS a batch. CVK_ELIMIT "vcg.size". The caller calls vcg_done.
 * About a second for 1,000 participants and as many batches; half a minute for 10,000 batches where
 * all agree which are large, and everybody has just room for ten. */
bool vcg_solve(const Bids *bids, const uint32_t *capacity, int64_t fallback, CvkProgress progress,
               Vcg *ret, CvkErr *err) MUST_USE;
void vcg_done(Vcg *v);
