/* The words that tables, exports and the wire use for the market's choices. */
#include "market/market.h"
#include "market/verifier.h"

#include <assert.h>

const MarketRules market_usual_rules = {
    .order = ORDER_SHUFFLED, .open_max = 1, .attempts_per_minute = 60};

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
