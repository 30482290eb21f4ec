/* Which changes follow from a state. */
#include "base/limits.h"
#include "market/state_private.h"

static bool number(bool is_next, CvkErr *err) {
    return is_next ||
           cvk_fail(err, CVK_EINTERNAL, "market.number", "the number is not the next one");
}

static bool room(size_t n, size_t max, const char *id, const char *what, CvkErr *err) {
    return n < max || cvk_fail(err, CVK_ELIMIT, id, "an experiment has at most %zu %s", max, what);
}

static bool has_person(const MarketState *s, uint32_t participant, CvkErr *err) {
    return person_at(s, participant) != NULL || cvk_fail(err, CVK_ENOTFOUND, "participant.none",
                                                         "there is no participant %u", participant);
}

static bool has_batch(const MarketState *s, uint32_t batch, CvkErr *err) {
    return (batch != 0 && batch <= s->block_of.n) ||
           cvk_fail(err, CVK_ENOTFOUND, "batch.none", "there is no batch %u", batch);
}

static bool has_request(const MarketState *s, uint64_t request, CvkErr *err) {
    return request_at(s, request) != NULL ||
           cvk_fail(err, CVK_ENOTFOUND, "request.none", "there is no request %llu",
                    (unsigned long long)request);
}

static bool state_is(const Request *r, bool fits, CvkErr *err) {
    return fits || cvk_fail(err, CVK_ECONFLICT, "request.state", "the request is %s",
                            request_state_name(r->r.state));
}

static bool may_open_one(const MarketState *s, const Person *p, CvkErr *err) {
    return p->open < s->rules.open_max ||
           cvk_fail(err, CVK_ECONFLICT, "request.open",
                    "the participant has %u open already: close one first", p->open);
}

/* ---- by kind ---- */

static bool participant_added(const MarketState *s, const MarketChange *c, CvkErr *err) {
    if (c->group != MARKET_NO_GROUP && c->group >= s->rules.n_groups)
        return cvk_fail(err, CVK_ENOTFOUND, "group.none", "there is no such group");
    return room(s->people.n, LIMIT_MARKET_PARTICIPANTS, "participant.many", "participants", err) &&
           number(c->participant == s->people.n + 1, err);
}

static bool participant_allowed(const MarketState *s, const MarketChange *c, CvkErr *err) {
    return has_person(s, c->participant, err) &&
           (person_at(s, c->participant)->allowed != c->on ||
            cvk_fail(err, CVK_ECONFLICT, "participant.state", "participant %u is %s already",
                     c->participant, c->on ? "allowed" : "disabled"));
}

static bool batch_added(const MarketState *s, const MarketChange *c, CvkErr *err) {
    size_t n = s->blocks.n;
    if (!room(s->block_of.n, LIMIT_MARKET_BATCHES, "batch.many", "batches", err) ||
        !number(c->batch == s->block_of.n + 1 && c->block >= 1 && c->block >= n &&
                    c->block <= n + 1,
                err))
        return false;
    return c->block == n + 1 || !block_at(s, n - 1)->begun ||
           cvk_fail(err, CVK_ECONFLICT, "batch.block", "block %u is complete", c->block);
}

static bool batch_retired(const MarketState *s, const MarketChange *c, CvkErr *err) {
    return has_batch(s, c->batch, err) &&
           (is_live(s, c->batch - 1) != c->on ||
            cvk_fail(err, CVK_ECONFLICT, "batch.state", "batch %u is %s already", c->batch,
                     c->on ? "handed out" : "retired"));
}

static bool request_issued(const MarketState *s, const MarketChange *c, CvkErr *err) {
    if (!has_person(s, c->participant, err) || !has_batch(s, c->batch, err) ||
        !room(s->requests.n, LIMIT_MARKET_REQUESTS, "request.many", "requests", err))
        return false;
    const Person *p = person_at(s, c->participant);
    if (!p->allowed)
        return cvk_fail(err, CVK_ECONFLICT, "participant.state", "participant %u is disabled",
                        c->participant);
    if (!is_live(s, c->batch - 1))
        return cvk_fail(err, CVK_ECONFLICT, "batch.state", "batch %u is retired", c->batch);
    if (is_taken(p, c->batch - 1))
        return cvk_fail(err, CVK_ECONFLICT, "request.taken",
                        "the participant has had batch %u already", c->batch);
    return may_open_one(s, p, err) &&
           number(c->request == s->requests.n + 1 && c->seq == p->requests + 1, err);
}

static bool request_closed(const MarketState *s, const MarketChange *c, CvkErr *err) {
    if (!has_request(s, c->request, err))
        return false;
    const Request *r = request_at(s, c->request);
    return state_is(r, r->r.state == REQUEST_OPEN, err) &&
           (c->state == REQUEST_DONE || c->state == REQUEST_EXPIRED ||
            c->state == REQUEST_SKIPPED ||
            cvk_fail(err, CVK_EINTERNAL, "request.state", "a request is not closed so"));
}

static bool request_reopened(const MarketState *s, const MarketChange *c, CvkErr *err) {
    if (!has_request(s, c->request, err))
        return false;
    const Request *r = request_at(s, c->request);
    return state_is(r, r->r.state == REQUEST_EXPIRED || r->r.state == REQUEST_SKIPPED, err) &&
           may_open_one(s, person_at(s, r->r.participant), err);
}

bool market_check(const MarketState *s, const MarketChange *c, CvkErr *err) {
    switch (c->kind) {
    case CHANGE_PARTICIPANT_ADDED:
        return participant_added(s, c, err);
    case CHANGE_PARTICIPANT_ALLOWED:
        return participant_allowed(s, c, err);
    case CHANGE_BATCH_ADDED:
        return batch_added(s, c, err);
    case CHANGE_BATCH_RETIRED:
        return batch_retired(s, c, err);
    case CHANGE_REQUEST_ISSUED:
        return request_issued(s, c, err);
    case CHANGE_REQUEST_CLOSED:
        return request_closed(s, c, err);
    case CHANGE_REQUEST_REOPENED:
        return request_reopened(s, c, err);
    case MARKET_CHANGES_N:
        break;
    }
    return cvk_fail(err, CVK_EINTERNAL, "market.number", "there is no such change");
}
