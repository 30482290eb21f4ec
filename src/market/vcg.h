/* The Vickrey-Clarke-Groves auction with capacities: batches are given to participants so that the
 * sum of bids is least, nobody getting more than they can do; everybody is paid what their being
 * there saves the others.
 *
 * Min-cost flow by successive shortest paths: batches come one by one, each by the cheapest way to
 * make room for it (it goes to one participant, who hands a batch on to another, ... until somebody
 * has room). The paths run over participants, the cheapest hand-over between each two is kept
 * (vcg_rows.h), and potentials keep all lengths non-negative, so that a path ends early.
 *
 * Payments need no new solution. Without participant i, what the others hold is still optimal for
 * what they hold, under the same potentials; i's batches come again, one by one, by shortest paths
 * around i. So OPT(-i) = OPT - own bids + the lengths of these paths, and the payment
 * OPT(-i) - (OPT - own bids) is the sum of the lengths: over all participants as many paths as
 * there are batches. Pure. */
#pragma once

#include "market/bids.h"
#include "market/sum.h"

#define VCG_NOBODY UINT32_MAX
#define VCG_UNDEFINED ((Sum)-1)
#define VCG_CELLS_MAX (1u << 25) /* participants times batches and participants: 12 bytes each */

typedef struct {
    Sum optimum;      /* bids of winners, and fallbacks */
    size_t fallbacks; /* batches that nobody got */
    uint32_t *winner; /* [batches], or VCG_NOBODY */
    Sum *payment;     /* [participants]; VCG_UNDEFINED: no fallback, and they cannot be replaced */
} Vcg;

/* Bids of one batch may stand in any order: where equals could take it as it comes, the first does.
 * capacity[participants]; fallback: what each batch costs elsewhere, or -1: nothing is elsewhere,
 * and as many batches as possible are given away. CVK_ELIMIT "vcg.size"; "vcg.amount":
 * above 2^58 / participants. The caller calls vcg_done. Seconds for 1,000 participants and as many
 * batches. */
bool vcg_solve(const Bids *bids, const uint32_t *capacity, int64_t fallback, Vcg *ret,
               CvkErr *err) MUST_USE;
void vcg_done(Vcg *v);
