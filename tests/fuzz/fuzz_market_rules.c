#include "fuzz/fuzz.h"
#include "run/experiment_rules.h"

#include "base/limits.h"

/* Rules that are accepted can be played by. */
void fuzz_one(const uint8_t *data, size_t n) {
    char *text = malloc(n + 1), name[64];
    MarketRules r;
    CvkErr err;
    assert(text != NULL);
    if (n != 0)
        memcpy(text, data, n);
    text[n] = '\0';
    if (experiment_rules_read(text, name, &r, &err)) {
        assert(r.order < MARKET_ORDERS_N && r.open_max >= 1 && r.open_max <= LIMIT_MARKET_OPEN);
        assert(r.request_ttl_ms >= 0 && r.attempts_per_minute >= 1);
        assert(r.n_groups <= MARKET_GROUPS_MAX);
        for (size_t i = 0; i < r.n_groups; i++)
            assert(r.groups[i].posted_price >= -1 && strlen(r.groups[i].name) >= 1);
    }
    free(text);
}
