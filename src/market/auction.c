#include "market/auction_private.h"

#include <assert.h>

const Auction auction_usual = {
    .kind = AUCTION_FIRST,
    .reserve = AUCTION_NONE,
    .deadline_ms = AUCTION_NONE,
    .winners = 1,
    .posted = AUCTION_NONE,
    .choice = POSTED_RANDOM,
    .lambda = AUCTION_NONE,
    .dutch_to = AUCTION_NONE,
    .tick_ms = 1,
    .capacity = AUCTION_ALL,
    .fallback = AUCTION_NONE,
};

const char *auction_name(AuctionKind k) {
    static const char *const names[] = {"first-price", "second-price", "uniform", "posted",
                                        "score",       "second-score", "dutch",   "vcg"};
    assert(k < AUCTIONS_N);
    return names[k];
}

const char *posted_name(PostedWinner w) {
    static const char *const names[] = {"random", "fastest", "cheapest"};
    assert(w < POSTED_N);
    return names[w];
}

/* ---- what makes sense ---- */

static bool wrong(CvkErr *err, const char *id, const char *what) {
    return cvk_fail(err, CVK_EBADREQ, id, "%s", what);
}

static bool check_dutch(const Auction *a, CvkErr *err) {
    if (a->dutch_from < 0 || a->dutch_to < a->dutch_from)
        return wrong(err, "auction.dutch", "an offer rises from a price to a higher one");
    if (a->ramp_ms < 1 || a->tick_ms < 1 || a->ramp_ms > INT64_MAX / 4 || a->tick_ms > a->ramp_ms)
        return wrong(err, "auction.ramp", "a ramp is at least one tick, a tick at least 1 ms");
    return true;
}

bool auction_check(const Auction *a, CvkErr *err) {
    switch (a->kind) {
    case AUCTION_FIRST:
    case AUCTION_SECOND:
    case AUCTION_VCG:
        return true;
    case AUCTION_UNIFORM:
        return (a->winners >= 1 && a->winners <= AUCTION_WINNERS_MAX) ||
               wrong(err, "auction.winners", "winners are 1 to 64");
    case AUCTION_POSTED:
        return a->posted >= 0 || wrong(err, "auction.posted", "which price is posted?");
    case AUCTION_SCORE:
    case AUCTION_SECOND_SCORE:
        return (a->lambda >= 0 && a->target_ms >= 0) ||
               wrong(err, "auction.lambda", "what does a second over the target cost?");
    case AUCTION_DUTCH:
        return check_dutch(a, err);
    case AUCTIONS_N:
        break;
    }
    return wrong(err, "auction.kind", "there is no such auction");
}

/* ---- keys ---- */

uint32_t auction_winners(const Auction *a) {
    return a->kind == AUCTION_UNIFORM ? a->winners : 1;
}

bool auction_admits(const Auction *a, const Bid *b) {
    return (a->reserve < 0 || b->price <= a->reserve) &&
           (a->deadline_ms < 0 || b->proving_ms <= a->deadline_ms);
}

int64_t auction_lowest(const Auction *a, const Bids *b, size_t batch) {
    int64_t least = AUCTION_NONE;
    for (size_t i = b->start[batch]; i < b->start[batch + 1]; i++)
        if (auction_admits(a, &b->bid[i]) && (least < 0 || b->bid[i].price < least))
            least = b->bid[i].price;
    return least;
}

bool auction_takes(const Auction *a, const Bid *b) {
    return auction_admits(a, b) && (a->kind != AUCTION_POSTED || b->price <= a->posted) &&
           (a->kind != AUCTION_DUTCH || b->price <= a->dutch_to);
}

/* What lateness costs, in thousandths of micro-cents: lambda is by the second, times are in ms. */
static Sum lateness(const Auction *a, const Bid *b) {
    return b->proving_ms > a->target_ms ? (Sum)a->lambda * (b->proving_ms - a->target_ms) : 0;
}

/* When the offer reaches a bid that it reaches at all: at a tick, at the ramp's end at the latest.
 */
static Sum taken_ms(const Auction *a, int64_t price) {
    if (price <= a->dutch_from)
        return 0;
    const Sum rise = (Sum)a->dutch_to - a->dutch_from, need = (Sum)price - a->dutch_from;
    Sum ms = (need * a->ramp_ms + rise - 1) / rise;
    ms = (ms + a->tick_ms - 1) / a->tick_ms * a->tick_ms;
    return ms < a->ramp_ms ? ms : a->ramp_ms;
}

static Sum key_of(const Auction *a, const Bid *b) {
    switch (a->kind) {
    case AUCTION_POSTED:
        return a->choice == POSTED_CHEAPEST ? b->price
                                            : (a->choice == POSTED_FASTEST ? b->proving_ms : 0);
    case AUCTION_SCORE:
    case AUCTION_SECOND_SCORE:
        return (Sum)b->price * 1000 + lateness(a, b);
    case AUCTION_DUTCH:
        return taken_ms(a, b->price);
    case AUCTION_FIRST:
    case AUCTION_SECOND:
    case AUCTION_UNIFORM:
    case AUCTION_VCG:
    case AUCTIONS_N:
        break;
    }
    return b->price;
}

static bool is_before(const Ranked *x, const Ranked *y) {
    if (x->key != y->key)
        return x->key < y->key;
    return x->bid->lot != y->bid->lot ? x->bid->lot < y->bid->lot
                                      : x->bid->participant < y->bid->participant;
}

size_t auction_rank(const Auction *a, const Bid *bid, size_t n, Ranked *ret, size_t cap) {
    size_t kept = 0;
    assert(cap <= RANKED_MAX);
    for (size_t i = 0; i < n; i++) {
        if (!auction_takes(a, &bid[i]))
            continue;
        Ranked r = {key_of(a, &bid[i]), &bid[i]};
        if (kept == cap && !is_before(&r, &ret[cap - 1]))
            continue;
        size_t at = kept < cap ? kept++ : cap - 1;
        for (; at > 0 && is_before(&r, &ret[at - 1]); at--)
            ret[at] = ret[at - 1];
        ret[at] = r;
    }
    return kept;
}

/* ---- prices ---- */

/* The bid of the first loser, or the reserve where there is none. */
static bool next_bid(const Auction *a, const Ranked *top, size_t n, Sum *ret) {
    const uint32_t m = auction_winners(a);
    if (n <= m && a->reserve < 0)
        return false;
    *ret = n > m ? top[m].bid->price : a->reserve;
    return true;
}

/* Nobody is offered more than the reserve. */
static Sum at_most_reserve(const Auction *a, Sum offer) {
    return a->reserve >= 0 && offer > a->reserve ? a->reserve : offer;
}

/* The highest price at which the winner would not have scored worse than the second. */
static bool equal_score(const Auction *a, const Ranked *top, size_t n, Sum *ret) {
    if (n < 2 && a->reserve < 0)
        return false;
    Sum price = n < 2 ? a->reserve : (top[1].key - lateness(a, top[0].bid)) / 1000;
    *ret = at_most_reserve(a, price);
    return true;
}

static Sum offer_at(const Auction *a, Sum ms) {
    return a->dutch_from + ((Sum)a->dutch_to - a->dutch_from) * ms / a->ramp_ms;
}

bool auction_price(const Auction *a, const Ranked *top, size_t n, size_t w, Sum *ret) {
    if (n < auction_winners(a))
        return false;
    switch (a->kind) {
    case AUCTION_SECOND:
    case AUCTION_UNIFORM:
        return next_bid(a, top, n, ret);
    case AUCTION_SECOND_SCORE:
        return equal_score(a, top, n, ret);
    case AUCTION_POSTED:
        *ret = at_most_reserve(a, a->posted);
        return true;
    case AUCTION_DUTCH:
        *ret = at_most_reserve(a, offer_at(a, top[w].key));
        return true;
    case AUCTION_FIRST:
    case AUCTION_SCORE:
    case AUCTION_VCG:
    case AUCTIONS_N:
        break;
    }
    *ret = top[w].bid->price;
    return true;
}
