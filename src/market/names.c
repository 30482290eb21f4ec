/* The words that tables, exports and the wire use for the market's choices, and flags. */
#include "market/market.h"
#include "market/verifier.h"

#include <assert.h>

const MarketRules market_usual_rules = {
    .order = ORDER_SHUFFLED, .open_max = 1, .attempts_per_minute = 60};

const MarketGroup *market_group_at(const MarketRules *r, int64_t group) {
    return group >= 0 && (uint64_t)group < r->n_groups ? &r->groups[group] : NULL;
}

const char *market_order_name(MarketOrder o) {
    static const char *const names[] = {"sequential", "shuffled", "latin"};
    assert(o < MARKET_ORDERS_N);
    return names[o];
}

const char *market_flag_name(unsigned bit) {
    static const char *const names[] = {"PRICE_LT_COST", "TIME_IMPOSSIBLE", "NOT_FETCHED",
                                        "COPIED",        "ZERO_PRICE",      "ZERO_COST"};
    assert(bit < MARKET_FLAGS_N);
    return names[bit];
}

const char *request_state_name(RequestState s) {
    static const char *const names[] = {"open", "done", "expired", "skipped"};
    assert(s < REQUEST_STATES_N);
    return names[s];
}

const char *proof_verdict_name(ProofVerdict v) {
    static const char *const names[] = {"valid", "invalid", "malformed", "error"};
    assert(v < PROOF_VERDICTS_N);
    return names[v];
}

uint32_t market_flags(const MarketFacts *f) {
    uint32_t flags = 0;
    if (f->price < f->cost)
        flags |= MARKET_FLAG_PRICE_LT_COST;
    if (f->proving_ms > f->received_ms - f->issued_ms)
        flags |= MARKET_FLAG_TIME_IMPOSSIBLE;
    if (!f->fetched)
        flags |= MARKET_FLAG_NOT_FETCHED;
    if (f->copied)
        flags |= MARKET_FLAG_COPIED;
    if (f->price == 0)
        flags |= MARKET_FLAG_ZERO_PRICE;
    if (f->cost == 0)
        flags |= MARKET_FLAG_ZERO_COST;
    return flags;
}
