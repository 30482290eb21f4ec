/* What auction.c (the rules, one batch at a time) and auction_hold.c (all batches, and what comes
 * of it) share. Private to these two. */
#pragma once

#include "market/auction.h"

/* A bid among those that may win, the best first. */
typedef struct {
    Sum key; /* the lowest wins; then the lowest lot, then the first participant */
    const Bid *bid;
} Ranked;

#define RANKED_MAX (AUCTION_WINNERS_MAX + 2)

/* How many win, and how many a rule looks at: those, and who sets the price. */
uint32_t auction_winners(const Auction *a);

/* May this bid win: is it admitted, and not above the offer? */
bool auction_takes(const Auction *a, const Bid *b);

/* The best `cap` of n bids, at most RANKED_MAX; returns how many there are. */
size_t auction_rank(const Auction *a, const Bid *bid, size_t n, Ranked *ret, size_t cap);

/* What winner w of these is paid. False: there is no price (nothing is sold then). */
bool auction_price(const Auction *a, const Ranked *top, size_t n, size_t w, Sum *ret);
