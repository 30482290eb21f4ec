/* Requests: issued, closed, reopened, run out. */
#include "base/rng.h"
#include "run/experiment_private.h"

#include <string.h>

/* ---- issuing ---- */

/* Held: writer, in a transaction. */
static bool issue(Experiment *e, const MarketChange *c, CvkErr *err) {
    StoreRequest r = {.id = c->request,
                      .participant = c->participant,
                      .batch = c->batch,
                      .seq = c->seq,
                      .state = REQUEST_OPEN,
                      .issued_ms = c->ms,
                      .since_ms = c->ms};
    MarketEntry entry = market_entry_of(c);
    cvk_random(r.token, sizeof r.token);
    store_request_digest(&r, entry.row);
    return store_request_add(e->store, e->id, &r, err) && experiment_log(e, &entry, err);
}

bool experiment_get_batch(Experiment *e, uint32_t participant, MarketNext *ret_next,
                          OpenRequest *ret, CvkErr *err) {
    MarketChange c;
    if (!experiment_begin(e, err))
        return false;
    MarketNext next = market_next(e->state, participant, run_clock_now(e->clock), &c);
    bool ok = next != NEXT_NEW || issue(e, &c, err);
    if (!experiment_end(e, ok, err))
        return false;
    if (next == NEXT_STRANGER || next == NEXT_FINISHED) {
        *ret_next = next;
        return true;
    }
    pthread_mutex_lock(&e->published);
    ok = c.request <= e->n_issued; /* else memory was too short to follow */
    if (ok)
        experiment_answer(e, participant, c.request, ret);
    pthread_mutex_unlock(&e->published);
    if (!ok)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory");
    *ret_next = NEXT_OPEN;
    return true;
}

/* ---- closing ---- */

static bool close_one(Experiment *e, const MarketChange *c, CvkErr *err) {
    static const uint8_t nothing[32];
    MarketEntry entry = market_entry_of(c);
    return store_request_close(e->store, e->id, c->request, (uint32_t)c->state, c->ms, nothing,
                               err) &&
           experiment_log(e, &entry, err);
}

/* Whoever closed one meanwhile, market_check knows it. */
bool experiment_request_close(Experiment *e, uint64_t request, RequestState as, CvkErr *err) {
    MarketChange c = {.kind = CHANGE_REQUEST_CLOSED, .request = request, .state = as};
    if (as != REQUEST_EXPIRED && as != REQUEST_SKIPPED)
        return cvk_fail(err, CVK_EBADREQ, "request.state",
                        "an operator makes a request expire, or skips it");
    if (!experiment_begin(e, err))
        return false;
    c.ms = run_clock_now(e->clock);
    return experiment_end(e, market_check(e->state, &c, err) && close_one(e, &c, err), err);
}

bool experiment_request_reopen(Experiment *e, uint64_t request, CvkErr *err) {
    MarketChange c = {.kind = CHANGE_REQUEST_REOPENED, .request = request};
    if (!experiment_begin(e, err))
        return false;
    c.ms = run_clock_now(e->clock);
    MarketEntry entry = market_entry_of(&c);
    bool ok = market_check(e->state, &c, err) &&
              store_request_reopen(e->store, e->id, request, c.ms, err) &&
              experiment_log(e, &entry, err);
    return experiment_end(e, ok, err);
}

/* ---- what runs out ---- */

/* The time is taken within the lock: a sweep that did not see it began before. */
void experiment_hand_in(Experiment *e, uint32_t participant, HandedIn *ret) {
    pthread_mutex_lock(&e->published);
    *ret = (HandedIn){
        .participant = participant, .received_ms = run_clock_now(e->clock), .next = e->handed_in};
    e->handed_in = ret;
    pthread_mutex_unlock(&e->published);
}

void experiment_judged(Experiment *e, HandedIn *h) {
    if (h->participant == 0)
        return;
    pthread_mutex_lock(&e->published);
    HandedIn **at = &e->handed_in;
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    pthread_mutex_unlock(&e->published);
    h->participant = 0;
}

/* Held: published. Is something judged that came before its time was over? */
static bool is_judged(const Experiment *e, uint64_t request) {
    MarketRequest r;
    if (!market_request(e->state, request, &r))
        return false;
    for (const HandedIn *h = e->handed_in; h != NULL; h = h->next)
        if (h->participant == r.participant &&
            h->received_ms - r.since_ms < e->rules.request_ttl_ms)
            return true;
    return false;
}

/* The first above `after`; 0: none. */
static uint64_t next_overdue(Experiment *e, uint64_t after, int64_t now_ms) {
    pthread_mutex_lock(&e->published);
    do
        after = market_overdue(e->state, after, now_ms);
    while (after != 0 && is_judged(e, after));
    pthread_mutex_unlock(&e->published);
    return after;
}

bool experiment_sweep(Experiment *e, CvkErr *err) {
    bool ok = true;
    if (next_overdue(e, 0, run_clock_now(e->clock)) == 0)
        return true;
    if (!experiment_begin(e, err))
        return false;
    MarketChange c = {
        .kind = CHANGE_REQUEST_CLOSED, .ms = run_clock_now(e->clock), .state = REQUEST_EXPIRED};
    while (ok && (c.request = next_overdue(e, c.request, c.ms)) != 0)
        ok = close_one(e, &c, err);
    return experiment_end(e, ok, err);
}
