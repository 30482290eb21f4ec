/* Auctions over bids that were collected once: what each way of selling would have cost, and who
 * would have won. Bids are taken as they were reported, whatever the rule: reservation prices were
 * asked for without paying for them, so that everybody would bid the same is an assumption.
 *
 * All amounts are micro-cents. Pure; random choices come from the lots in Bids. */
#pragma once

#include "base/meter.h"
#include "market/bids.h"
#include "market/sum.h"

typedef enum {
    AUCTION_FIRST,        /* the lowest bid wins, and is paid */
    AUCTION_SECOND,       /* the lowest wins and is paid the second lowest, or the reserve */
    AUCTION_UNIFORM,      /* the m lowest win, each is paid the (m+1)-th lowest, or the reserve */
    AUCTION_POSTED,       /* a price is offered; somebody whose bid is not above it is paid it */
    AUCTION_SCORE,        /* the lowest bid + lambda * seconds over T wins, and is paid its bid */
    AUCTION_SECOND_SCORE, /* .. is paid what would have made it equal to the second */
    AUCTION_DUTCH,        /* an offer rises until somebody takes it */
    AUCTION_VCG,          /* all batches at once, participants having capacities: market/vcg.h */
    AUCTIONS_N
} AuctionKind;
const char *auction_name(AuctionKind k); /* "first-price", ... */

typedef enum { POSTED_RANDOM, POSTED_FASTEST, POSTED_CHEAPEST, POSTED_N } PostedWinner;
const char *posted_name(PostedWinner w); /* "random", ... */

#define AUCTION_NONE (-1) /* no such limit */
#define AUCTION_WINNERS_MAX 64
#define AUCTION_ALL UINT32_MAX /* a capacity without end */
#define AUCTION_NOBODY UINT32_MAX

/* What a kind does not know it does not look at, save that reserve and deadline go for all. */
typedef struct {
    AuctionKind kind;
    int64_t reserve;     /* no higher bid takes part, and no offer is higher */
    int64_t deadline_ms; /* no slower proof takes part */
    uint32_t winners;    /* UNIFORM: m; the others have one */
    int64_t posted;
    PostedWinner choice;
    int64_t lambda;                                 /* score: micro-cents a second ... */
    int64_t target_ms;                              /* ... over this */
    int64_t dutch_from, dutch_to, ramp_ms, tick_ms; /* rises every tick, over the ramp */
    uint32_t capacity;                              /* VCG: of each; AUCTION_ALL */
    const uint32_t *capacities; /* VCG: of each, by participant; NULL: `capacity` */
    int64_t fallback;           /* VCG: what the operator pays elsewhere; AUCTION_NONE */
} Auction;
extern const Auction auction_usual; /* first price, no limits */

/* May this bid take part, by reserve and deadline? An offer or a fallback below it is another
 * matter: then the bid is there, and is not taken. */
bool auction_admits(const Auction *a, const Bid *b);
/* The lowest price bid on a batch by those who are admitted; AUCTION_NONE: nobody is. */
int64_t auction_lowest(const Auction *a, const Bids *b, size_t batch);

/* "auction.*": what of it makes no sense, or is not given. */
bool auction_check(const Auction *a, CvkErr *err) MUST_USE;

/* Sums are over batches that were served. */
typedef struct {
    size_t batches, served;
    size_t failed;   /* nobody could or would, or no price follows from the bids */
    size_t fallback; /* VCG: served elsewhere; neither served nor failed */
    Sum spend;       /* paid to winners; VCG without a fallback: AUCTION_UNDEFINED at a monopoly */
    Sum elsewhere;   /* VCG: paid for what is served elsewhere; the operator pays both */
    Sum bids;        /* of winners */
    Sum winner_cost;
    Sum min_cost; /* if the cheapest who was admitted had done it, as if with room for all */
    Sum race;     /* if all who were admitted had proved it, as who is not knows that beforehand */
    double efficiency, hhi; /* min_cost / winner_cost; sum of squared shares of wins */
    int64_t wait_ms;        /* DUTCH: from the first offer to a taker, added up */
    size_t participants;
    size_t *wins;     /* [participants] */
    Sum *paid;        /* [participants]; AUCTION_UNDEFINED: VCG has no price for a monopolist */
    uint32_t *winner; /* [batches]: the first one, or AUCTION_NOBODY */
} Outcome;
#define AUCTION_UNDEFINED ((Sum)-1)

/* Rent: spend - winner_cost. Waste of a race: race - winner_cost. */
/* meter: NULL, or what auction_units of it are of. */
bool auction_hold(const Auction *a, const Bids *bids, CvkMeter *meter, Outcome *ret,
                  CvkErr *err) MUST_USE;
/* What that costs, about: a unit is looking at a batch's bids. */
size_t auction_units(const Auction *a, size_t batches, size_t participants);
void outcome_done(Outcome *o);

/* What it would cost the operator if one participant were absent: batches that nobody would have
 * proved without them, and how much more the others would have cost (VCG: in bids, by definition).
 */
typedef struct {
    size_t lost;
    Sum saved;
} Absence;
/* ret[participants]. Of per-batch auctions only whoever won or set the price matters: O(bids). */
bool auction_absence(const Auction *a, const Bids *bids, Absence *ret, CvkErr *err) MUST_USE;
/* The same of a VCG auction that was held: the payment, less their own bids. Of whom has no price,
 * `lost` is all that they won: some of these batches nobody else could take. */
void auction_absence_vcg(const Bids *bids, const Outcome *o, Absence *ret);
