/* All batches, and what comes of it. */
#include "base/alloc.h"
#include "market/auction_private.h"
#include "market/vcg.h"

#include <math.h>

void outcome_done(Outcome *o) {
    free(o->wins);
    free(o->paid);
    free(o->winner);
    *o = (Outcome){0};
}

static bool outcome_init(Outcome *o, const Bids *b, CvkErr *err) {
    *o = (Outcome){.batches = b->batches,
                   .participants = b->participants,
                   .wins = cvk_alloc(b->participants, sizeof *o->wins, err),
                   .paid = cvk_alloc(b->participants, sizeof *o->paid, err),
                   .winner = cvk_alloc(b->batches, sizeof *o->winner, err)};
    if (o->wins != NULL && o->paid != NULL && o->winner != NULL)
        return true;
    outcome_done(o);
    return false;
}

static size_t batch_n(const Bids *b, size_t batch) {
    return b->start[batch + 1] - b->start[batch];
}

static const Bid *batch_bids(const Bids *b, size_t batch) {
    return b->bid + b->start[batch];
}

/* ---- what it costs ---- */

/* Of those admitted: the m lowest costs, and all of them, which a race costs. */
static void add_costs(const Auction *a, const Bid *bid, size_t n, Outcome *o) {
    const size_t m = auction_winners(a);
    int64_t lowest[AUCTION_WINNERS_MAX] = {0};
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!auction_admits(a, &bid[i]))
            continue;
        o->race += bid[i].cost;
        if (kept == m && bid[i].cost >= lowest[m - 1])
            continue;
        size_t at = kept < m ? kept++ : m - 1;
        for (; at > 0 && lowest[at - 1] > bid[i].cost; at--)
            lowest[at] = lowest[at - 1];
        lowest[at] = bid[i].cost;
    }
    for (size_t k = 0; k < kept; k++)
        o->min_cost += lowest[k];
}

static void add_winner(const Bid *bid, Outcome *o) {
    o->bids += bid->price;
    o->winner_cost += bid->cost;
    o->wins[bid->participant]++;
}

static void close_outcome(Outcome *o) {
    double wins = 0, squares = 0;
    for (size_t i = 0; i < o->participants; i++)
        wins += (double)o->wins[i];
    for (size_t i = 0; i < o->participants; i++)
        squares += (double)o->wins[i] / wins * ((double)o->wins[i] / wins);
    o->hhi = wins > 0 ? squares : (double)NAN;
    o->efficiency = o->winner_cost > 0 ? (double)o->min_cost / (double)o->winner_cost
                                       : (o->served > 0 ? 1.0 : (double)NAN);
}

/* ---- one batch after the other ---- */

static void hold_one(const Auction *a, const Bids *b, size_t batch, Outcome *o) {
    const Bid *bid = batch_bids(b, batch);
    const size_t n = batch_n(b, batch), m = auction_winners(a);
    Ranked top[RANKED_MAX];
    Sum price;
    size_t kept = auction_rank(a, bid, n, top, m + 1);
    if (!auction_price(a, top, kept, 0, &price)) {
        o->winner[batch] = AUCTION_NOBODY;
        o->failed++;
        return;
    }
    o->winner[batch] = top[0].bid->participant;
    o->served++;
    add_costs(a, bid, n, o);
    for (size_t w = 0; w < m && auction_price(a, top, kept, w, &price); w++) {
        add_winner(top[w].bid, o);
        o->paid[top[w].bid->participant] += price;
        o->spend += price;
    }
    if (a->kind == AUCTION_DUTCH)
        o->wait_ms += (int64_t)top[0].key;
}

/* ---- all at once ---- */

/* A bid above what a batch costs elsewhere never wins, and moves no payment. */
static bool takes(const void *ctx, const Bid *bid) {
    const Auction *a = ctx;
    return auction_takes(a, bid) && (a->fallback < 0 || bid->price <= a->fallback);
}

static const Bid *bid_of(const Bids *b, size_t batch, uint32_t participant) {
    for (size_t i = b->start[batch]; i < b->start[batch + 1]; i++)
        if (b->bid[i].participant == participant)
            return &b->bid[i];
    return NULL;
}

static int by_lot(const void *x, const void *y) {
    const Bid *a = x, *b = y;
    if (a->lot != b->lot)
        return a->lot < b->lot ? -1 : 1;
    return a->participant < b->participant ? -1 : a->participant > b->participant;
}

/* Of equally short ways for a batch the solver takes the first: who that is, lots decide. */
static void by_lots(Bids *b) {
    for (size_t j = 0; j < b->batches; j++)
        if (batch_n(b, j) > 1)
            qsort(b->bid + b->start[j], batch_n(b, j), sizeof *b->bid, by_lot);
}

/* Where capacities may bind, ways between participants have to be found for each batch. */
static size_t placing_units(const Auction *a, size_t batches, size_t participants) {
    bool binds = a->capacities != NULL || a->capacity < batches;
    return 1 + (binds ? participants / 16 : 0);
}

size_t auction_units(const Auction *a, size_t batches, size_t participants) {
    if (a->kind != AUCTION_VCG)
        return batches;
    return VCG_PLACINGS * batches * placing_units(a, batches, participants);
}

static bool solve(const Auction *a, const Bids *b, CvkMeter *meter, Vcg *ret, CvkErr *err) {
    _cleanup_free_ uint32_t *same = cvk_alloc(b->participants, sizeof *same, err);
    Bids kept;
    if (same == NULL || !bids_filter(b, takes, a, &kept, err))
        return false;
    by_lots(&kept);
    for (size_t i = 0; i < b->participants; i++)
        same[i] = a->capacities != NULL ? a->capacities[i] : a->capacity;
    CvkMeterPart part;
    const CvkProgress progress =
        cvk_meter_part(&part, meter, placing_units(a, b->batches, b->participants));
    bool ok = vcg_solve(&kept, same, a->fallback, progress, ret, err);
    bids_done(&kept);
    return ok;
}

static void add_vcg(const Auction *a, const Bids *b, const Vcg *v, Outcome *o) {
    bool defined = true;
    for (size_t j = 0; j < b->batches; j++) {
        const Bid *bid = v->winner[j] != VCG_NOBODY ? bid_of(b, j, v->winner[j]) : NULL;
        o->winner[j] = bid != NULL ? bid->participant : AUCTION_NOBODY;
        if (bid == NULL) {
            o->fallback += a->fallback >= 0;
            o->failed += a->fallback < 0;
            continue;
        }
        o->served++;
        add_costs(a, batch_bids(b, j), batch_n(b, j), o);
        add_winner(bid, o);
    }
    for (size_t i = 0; i < b->participants; i++) {
        bool known = v->payment[i] != VCG_UNDEFINED;
        o->paid[i] = known ? v->payment[i] : AUCTION_UNDEFINED;
        o->spend += known ? v->payment[i] : 0;
        defined = defined && known;
    }
    o->elsewhere = o->fallback > 0 ? (Sum)a->fallback * (Sum)o->fallback : 0;
    if (!defined)
        o->spend = AUCTION_UNDEFINED;
}

static bool hold_all(const Auction *a, const Bids *b, CvkMeter *meter, Outcome *o, CvkErr *err) {
    Vcg v;
    if (!solve(a, b, meter, &v, err))
        return false;
    add_vcg(a, b, &v, o);
    vcg_done(&v);
    return true;
}

bool auction_hold(const Auction *a, const Bids *bids, CvkMeter *meter, Outcome *ret, CvkErr *err) {
    Outcome o;
    if (!auction_check(a, err) || !outcome_init(&o, bids, err))
        return false;
    if (a->kind == AUCTION_VCG) {
        if (!hold_all(a, bids, meter, &o, err)) {
            outcome_done(&o);
            return false;
        }
    } else {
        for (size_t j = 0; j < bids->batches; j++)
            hold_one(a, bids, j, &o);
        cvk_meter_advance(meter, auction_units(a, bids->batches, bids->participants));
    }
    close_outcome(&o);
    *ret = o;
    return true;
}

/* ---- what somebody's absence would cost ---- */

/* What all winners are paid, if it is sold. */
static bool spend_of(const Auction *a, const Ranked *top, size_t n, Sum *ret) {
    Sum price;
    *ret = 0;
    for (size_t w = 0; w < auction_winners(a); w++) {
        if (!auction_price(a, top, n, w, &price))
            return false;
        *ret += price;
    }
    return true;
}

/* Only those who win or set the price can be missed: the list without each of them. */
static void miss_one(const Auction *a, const Bid *bid, size_t n, Absence *ret) {
    const size_t looked_at = auction_winners(a) + 1;
    Ranked top[RANKED_MAX], rest[RANKED_MAX];
    Sum with, without;
    size_t kept = auction_rank(a, bid, n, top, looked_at + 1);
    if (!spend_of(a, top, kept < looked_at ? kept : looked_at, &with))
        return;
    for (size_t k = 0; k < kept && k < looked_at; k++) {
        Absence *p = &ret[top[k].bid->participant];
        memcpy(rest, top, k * sizeof *top);
        memcpy(rest + k, top + k + 1, (kept - k - 1) * sizeof *top);
        if (spend_of(a, rest, kept - 1, &without))
            p->saved += without - with;
        else
            p->lost++;
    }
}

void auction_absence_vcg(const Bids *bids, const Outcome *o, Absence *ret) {
    for (size_t i = 0; i < bids->participants; i++) {
        bool known = o->paid[i] != AUCTION_UNDEFINED;
        ret[i] = (Absence){.lost = known ? 0 : o->wins[i], .saved = known ? o->paid[i] : 0};
    }
    for (size_t j = 0; j < bids->batches; j++)
        if (o->winner[j] != AUCTION_NOBODY && ret[o->winner[j]].lost == 0)
            ret[o->winner[j]].saved -= bid_of(bids, j, o->winner[j])->price;
}

static bool miss_vcg(const Auction *a, const Bids *b, Absence *ret, CvkErr *err) {
    Outcome o;
    if (!auction_hold(a, b, NULL, &o, err))
        return false;
    auction_absence_vcg(b, &o, ret);
    outcome_done(&o);
    return true;
}

bool auction_absence(const Auction *a, const Bids *bids, Absence *ret, CvkErr *err) {
    if (!auction_check(a, err))
        return false;
    if (a->kind == AUCTION_VCG)
        return miss_vcg(a, bids, ret, err);
    for (size_t i = 0; i < bids->participants; i++)
        ret[i] = (Absence){0};
    for (size_t j = 0; j < bids->batches; j++)
        miss_one(a, batch_bids(bids, j), batch_n(bids, j), ret);
    return true;
}
