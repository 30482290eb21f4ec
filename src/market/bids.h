/* What a simulated auction is held over: for each batch the bids of those who proved it, taken as
 * they were reported.
 *
 * Invariant: bids of one batch stand together, in the order of participants, one each. Immutable;
 * threads may share them. */
#pragma once

#include "market/panel.h"

typedef struct {
    int64_t price, cost; /* micro-cents */
    int64_t proving_ms;
    uint32_t participant;
    uint32_t lot; /* drawn from the seed: decides where everything else is equal */
} Bid;

typedef struct {
    size_t participants; /* of the panel, though not all may bid */
    size_t batches, n;
    size_t *start;   /* [batches + 1]: the bids of batch j are bid[start[j]] .. bid[start[j + 1]] */
    Bid *bid;        /* [n] */
    uint32_t *batch; /* [batches]: their indices in the panel */
} Bids;

/* All submissions of a panel; lots are drawn from the seed. Batches without a bid are left out.
 * "panel.twice": a participant proved a batch twice. The caller calls bids_done. O(rows), 36 bytes
 * each. */
bool bids_make(const Panel *p, uint64_t seed, Bids *ret, CvkErr *err) MUST_USE;
void bids_done(Bids *b);

/* A copy of those bids for which keep(ctx, bid) says true, of the same batches and participants. */
bool bids_filter(const Bids *b, bool (*keep)(const void *ctx, const Bid *bid), const void *ctx,
                 Bids *ret, CvkErr *err) MUST_USE;

/* The 32 bytes that streams of random numbers are expanded from. */
void bids_seed(uint64_t seed, uint8_t ret[32]);
