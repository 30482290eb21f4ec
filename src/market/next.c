/* Questions about a state. */
#include "market/state_private.h"

#include <string.h>

/* The next batch in their order; there is one left for them. */
static uint32_t next_batch(const MarketState *s, uint32_t participant) {
    uint32_t batch = 0;
    for (size_t i = person_at(s, participant)->block; i < s->blocks.n; i++)
        if (order_pick(s, participant, block_at(s, i), &batch))
            break;
    return batch + 1;
}

bool market_allowed(const MarketState *s, uint32_t participant) {
    const Person *p = person_at(s, participant);
    return p != NULL && p->allowed;
}

bool market_handed_out(const MarketState *s, uint32_t batch) {
    return batch != 0 && batch <= s->block_of.n && is_live(s, batch - 1);
}

uint32_t market_group(const MarketState *s, uint32_t participant) {
    const Person *p = person_at(s, participant);
    return p == NULL ? MARKET_NO_GROUP : p->group;
}

MarketNext market_next(const MarketState *s, uint32_t participant, int64_t now_ms,
                       MarketChange *ret) {
    const Person *p = person_at(s, participant);
    if (p == NULL || !p->allowed)
        return NEXT_STRANGER;
    if (p->open < s->rules.open_max && left_for(s, p) != 0) {
        *ret = (MarketChange){.kind = CHANGE_REQUEST_ISSUED,
                              .ms = now_ms,
                              .participant = participant,
                              .batch = next_batch(s, participant),
                              .request = s->requests.n + 1,
                              .state = REQUEST_OPEN,
                              .seq = p->requests + 1};
        return NEXT_NEW;
    }
    if (p->open == 0)
        return NEXT_FINISHED;
    const Request *r = request_at(s, p->first_open);
    *ret = (MarketChange){.kind = CHANGE_REQUEST_ISSUED,
                          .ms = r->r.issued_ms,
                          .participant = participant,
                          .batch = r->r.batch,
                          .request = p->first_open,
                          .state = REQUEST_OPEN,
                          .seq = r->r.seq};
    return NEXT_OPEN;
}

MarketMay market_may_submit(const MarketState *s, uint32_t participant, uint64_t request,
                            const uint8_t body[32]) {
    const Request *r = request_at(s, request);
    if (r == NULL || r->r.participant != participant || !person_at(s, participant)->allowed)
        return MAY_NOT;
    if (r->r.state == REQUEST_OPEN)
        return MAY_SUBMIT;
    return r->r.state == REQUEST_DONE && memcmp(r->body, body, sizeof r->body) == 0 ? MAY_REPEAT
                                                                                    : MAY_NOT;
}

uint64_t market_overdue(const MarketState *s, uint64_t after, int64_t now_ms) {
    if (s->rules.request_ttl_ms == 0)
        return 0;
    const Request *last = request_at(s, after);
    bool goes_on = last != NULL && last->r.state == REQUEST_OPEN;
    for (uint64_t i = goes_on ? last->next : s->first_open; i != 0; i = request_at(s, i)->next)
        if (i > after && now_ms - request_at(s, i)->r.since_ms >= s->rules.request_ttl_ms)
            return i;
    return 0;
}

bool market_request(const MarketState *s, uint64_t request, MarketRequest *ret) {
    const Request *r = request_at(s, request);
    if (r != NULL)
        *ret = r->r;
    return r != NULL;
}

bool market_has_body(const MarketState *s, uint64_t request, const uint8_t body[32]) {
    const Request *r = request_at(s, request);
    return r != NULL && memcmp(r->body, body, sizeof r->body) == 0;
}

void market_counts(const MarketState *s, MarketCounts *ret) {
    *ret = (MarketCounts){.participants = (uint32_t)s->people.n,
                          .allowed = s->allowed,
                          .batches = (uint32_t)s->block_of.n,
                          .retired = (uint32_t)s->block_of.n - s->live,
                          .blocks = (uint32_t)s->blocks.n,
                          .requests = s->requests.n,
                          .open = s->count[REQUEST_OPEN],
                          .done = s->count[REQUEST_DONE],
                          .expired = s->count[REQUEST_EXPIRED],
                          .skipped = s->count[REQUEST_SKIPPED]};
    for (uint32_t i = 1; i <= s->people.n; i++)
        ret->finished += person_at(s, i)->open == 0 && left_for(s, person_at(s, i)) == 0;
    if (s->first_open != 0)
        ret->oldest_open_ms = request_at(s, s->first_open)->r.issued_ms;
}
