/* What a change does. Memory is had first, so that a change happens whole or not at all. */
#include "base/alloc.h"
#include "base/limits.h"
#include "market/state_private.h"

#include <string.h>

/* ---- memory ---- */

/* Room for one item more. */
static bool reserve(Items *items, size_t size, CvkErr *err) {
    return cvk_grow(&items->at, items->n, &items->cap, size, err);
}

/* Room for the bit of this batch in what a person has taken. */
static bool reserve_taken(Person *p, uint32_t batch, CvkErr *err) {
    size_t words = p->words;
    if (batch / WORD < words)
        return true;
    while (batch / WORD >= words)
        words = words == 0 ? 1 : 2 * words;
    uint64_t *taken = realloc(p->taken, words * sizeof *taken);
    if (taken == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory");
    memset(taken + p->words, 0, (words - p->words) * sizeof *taken);
    p->taken = taken;
    p->words = words;
    return true;
}

MarketState *market_new(const MarketRules *rules, CvkErr *err) {
    MarketState *s = cvk_alloc(1, sizeof *s, err);
    if (s != NULL)
        s->rules = *rules;
    return s;
}

MarketState *market_free(MarketState *s) {
    if (s == NULL)
        return NULL;
    for (uint32_t i = 1; i <= s->people.n; i++)
        free(person_at(s, i)->taken);
    free(s->people.at);
    free(s->blocks.at);
    free(s->block_of.at);
    free(s->shuffled.at);
    free(s->live_bits.at);
    free(s->requests.at);
    free(s);
    return NULL;
}

/* ---- lists of open requests, in the order of their numbers ---- */

static void link_own(MarketState *s, Person *p, uint64_t request) {
    uint64_t *at = &p->first_open;
    while (*at != 0 && *at < request)
        at = &request_at(s, *at)->next_own;
    request_at(s, request)->next_own = *at;
    *at = request;
}

static void unlink_own(MarketState *s, Person *p, uint64_t request) {
    uint64_t *at = &p->first_open;
    while (*at != request)
        at = &request_at(s, *at)->next_own;
    *at = request_at(s, request)->next_own;
}

/* Searched from the end: nearly always it is the newest. */
static void link_open(MarketState *s, uint64_t request) {
    Request *r = request_at(s, request);
    uint64_t before = s->last_open;
    while (before > request)
        before = request_at(s, before)->before;
    uint64_t next = before == 0 ? s->first_open : request_at(s, before)->next;
    r->before = before;
    r->next = next;
    *(before == 0 ? &s->first_open : &request_at(s, before)->next) = request;
    *(next == 0 ? &s->last_open : &request_at(s, next)->before) = request;
}

static void unlink_open(MarketState *s, const Request *r) {
    *(r->before == 0 ? &s->first_open : &request_at(s, r->before)->next) = r->next;
    *(r->next == 0 ? &s->last_open : &request_at(s, r->next)->before) = r->before;
}

static void open_up(MarketState *s, uint64_t request) {
    Person *p = person_at(s, request_at(s, request)->r.participant);
    link_own(s, p, request);
    link_open(s, request);
    p->open++;
}

/* ---- participants and batches ---- */

static bool add_participant(MarketState *s, const MarketChange *c, CvkErr *err) {
    if (!reserve(&s->people, sizeof(Person), err))
        return false;
    s->people.n++;
    *person_at(s, c->participant) = (Person){.allowed = true, .group = c->group};
    s->allowed++;
    return true;
}

static void allow_participant(MarketState *s, const MarketChange *c) {
    person_at(s, c->participant)->allowed = c->on;
    if (c->on)
        s->allowed++;
    else
        s->allowed--;
}

static void set_live(MarketState *s, uint32_t batch, bool on) {
    uint64_t *word = (uint64_t *)s->live_bits.at + batch / WORD;
    uint64_t bit = UINT64_C(1) << batch % WORD;
    *word = on ? *word | bit : *word & ~bit;
    if (on)
        s->live++;
    else
        s->live--;
}

static bool add_batch(MarketState *s, const MarketChange *c, CvkErr *err) {
    uint32_t batch = c->batch - 1;
    if (!reserve(&s->blocks, sizeof(Block), err) || !reserve(&s->block_of, sizeof(uint32_t), err) ||
        !reserve(&s->shuffled, sizeof(uint32_t), err) ||
        !reserve(&s->live_bits, sizeof(uint64_t), err))
        return false;
    if (c->block > s->blocks.n)
        *block_at(s, s->blocks.n++) = (Block){.first = batch};
    Block *b = block_at(s, c->block - 1);
    b->n++;
    ((uint32_t *)s->block_of.at)[s->block_of.n++] = c->block - 1;
    ((uint32_t *)s->shuffled.at)[s->shuffled.n++] = batch;
    if (batch / WORD == s->live_bits.n)
        ((uint64_t *)s->live_bits.at)[s->live_bits.n++] = 0;
    set_live(s, batch, true);
    order_place(s, b);
    return true;
}

static void retire_batch(MarketState *s, const MarketChange *c) {
    uint32_t batch = c->batch - 1, block = ((const uint32_t *)s->block_of.at)[batch];
    set_live(s, batch, c->on);
    for (uint32_t i = 1; i <= s->people.n; i++) {
        Person *p = person_at(s, i);
        if (is_taken(p, batch) && c->on)
            p->taken_live++;
        else if (is_taken(p, batch))
            p->taken_live--;
        else if (c->on && p->block > block)
            p->block = block; /* something is left there again */
    }
}

/* ---- requests ---- */

static void take(MarketState *s, Person *p, uint32_t batch) {
    uint32_t block = ((const uint32_t *)s->block_of.at)[batch];
    p->taken[batch / WORD] |= UINT64_C(1) << batch % WORD;
    if (is_live(s, batch))
        p->taken_live++;
    block_at(s, block)->begun = true;
    while (p->block < s->blocks.n && !order_any(s, p, block_at(s, p->block)))
        p->block++;
}

static bool add_request(MarketState *s, const MarketRequest *r, const uint8_t body[32],
                        CvkErr *err) {
    Person *p = person_at(s, r->participant);
    if (!reserve(&s->requests, sizeof(Request), err) || !reserve_taken(p, r->batch - 1, err))
        return false;
    Request *at = request_at(s, ++s->requests.n);
    *at = (Request){.r = *r};
    if (body != NULL)
        memcpy(at->body, body, sizeof at->body);
    p->requests++;
    take(s, p, r->batch - 1);
    s->count[r->state]++;
    if (r->state == REQUEST_OPEN)
        open_up(s, s->requests.n);
    return true;
}

static bool issue(MarketState *s, const MarketChange *c, CvkErr *err) {
    MarketRequest r = {.participant = c->participant,
                       .batch = c->batch,
                       .seq = c->seq,
                       .state = REQUEST_OPEN,
                       .issued_ms = c->ms,
                       .since_ms = c->ms};
    return add_request(s, &r, NULL, err);
}

static void move(MarketState *s, Request *r, RequestState state) {
    s->count[r->r.state]--;
    s->count[state]++;
    r->r.state = state;
}

static void close_request(MarketState *s, const MarketChange *c) {
    Request *r = request_at(s, c->request);
    Person *p = person_at(s, r->r.participant);
    unlink_own(s, p, c->request);
    unlink_open(s, r);
    p->open--;
    move(s, r, c->state);
    r->r.closed_ms = c->ms;
    memcpy(r->body, c->body, sizeof r->body);
}

static void reopen_request(MarketState *s, const MarketChange *c) {
    Request *r = request_at(s, c->request);
    move(s, r, REQUEST_OPEN);
    r->r.closed_ms = 0;
    r->r.since_ms = c->ms;
    open_up(s, c->request);
}

/* ---- all ---- */

static bool broken(const CvkErr *why, CvkErr *err) {
    return cvk_fail(err, CVK_EBACKEND, "market.broken",
                    "the experiment's tables or journal do not fit together (%s): restore the "
                    "database from a backup",
                    why->msg);
}

bool market_apply(MarketState *s, const MarketChange *c, CvkErr *err) {
    CvkErr why;
    if (!market_check(s, c, &why))
        return broken(&why, err);
    switch (c->kind) {
    case CHANGE_PARTICIPANT_ADDED:
        return add_participant(s, c, err);
    case CHANGE_PARTICIPANT_ALLOWED:
        allow_participant(s, c);
        break;
    case CHANGE_BATCH_ADDED:
        return add_batch(s, c, err);
    case CHANGE_BATCH_RETIRED:
        retire_batch(s, c);
        break;
    case CHANGE_REQUEST_ISSUED:
        return issue(s, c, err);
    case CHANGE_REQUEST_CLOSED:
        close_request(s, c);
        break;
    case CHANGE_REQUEST_REOPENED:
        reopen_request(s, c);
        break;
    case MARKET_CHANGES_N:
        break;
    }
    return true;
}

bool market_restore(MarketState *s, const MarketRequest *r, const uint8_t body[32], CvkErr *err) {
    const Person *p = person_at(s, r->participant);
    CvkErr why;
    cvk_fail(&why, CVK_EBACKEND, "market.broken", "request %zu", s->requests.n + 1);
    if (p == NULL || r->batch == 0 || r->batch > s->block_of.n || is_taken(p, r->batch - 1) ||
        r->seq != p->requests + 1 || r->state >= REQUEST_STATES_N ||
        (r->state == REQUEST_OPEN && p->open >= s->rules.open_max) ||
        s->requests.n >= LIMIT_MARKET_REQUESTS)
        return broken(&why, err);
    return add_request(s, r, r->state == REQUEST_DONE ? body : NULL, err);
}
