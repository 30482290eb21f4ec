#include "run/park.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    void (*wake)(void *ctx);
    void *ctx;
} Wake;

/* Takes it out; the last comes to its place. Held: published. */
static Wake take_out(Ceremony *c, size_t i, int64_t now_ms) {
    Parked *p = &c->parked;
    Wake ret = {p->at[i].wake, p->at[i].ctx};
    presence_park(c->presence, p->at[i].identity, false, now_ms);
    p->at[i] = p->at[--p->n];
    return ret;
}

/* Held: published. */
static bool waits(const Ceremony *c, const char *identity, EnginePerson *ret) {
    return engine_person(c->state, 0, identity, ret) && ret->place != 0 && !ret->holder;
}

static void wake_those(Ceremony *c, bool all, bool closing) {
    Wake wakes[LIMIT_PARKED];
    size_t n = 0;
    EnginePerson person;
    int64_t now_ms = run_clock_now(c->host.clock);
    pthread_mutex_lock(&c->published);
    for (size_t i = c->parked.n; i-- != 0;)
        if (all || c->parked.at[i].until_ms <= now_ms ||
            !waits(c, c->parked.at[i].identity, &person))
            wakes[n++] = take_out(c, i, now_ms);
    c->parked.closing = c->parked.closing || closing;
    pthread_mutex_unlock(&c->published);
    for (size_t i = 0; i < n; i++)
        wakes[i].wake(wakes[i].ctx);
}

void park_wake_due(Ceremony *c) {
    wake_those(c, false, false);
}

void park_wake_all(Ceremony *c) {
    wake_those(c, true, false);
}

void park_close(Ceremony *c) {
    wake_those(c, true, true);
}

/* Held: published. */
static bool is_parked(const Ceremony *c, const char *identity) {
    for (size_t i = 0; i < c->parked.n; i++)
        if (strcmp(c->parked.at[i].identity, identity) == 0)
            return true;
    return false;
}

/* Held: published. */
static bool may_park(const Ceremony *c, const Session *s, const EngineView *view) {
    const EnginePolicy *p = &view->policy;
    EnginePerson person;
    return p->entry == ENTRY_FIFO && p->park_ms != 0 && view->lease.number != 0 && !s->ended &&
           !c->parked.closing && c->parked.n < LIMIT_PARKED && waits(c, s->identity, &person) &&
           person.ahead < p->park_max && !is_parked(c, s->identity);
}

bool ceremony_park(Ceremony *c, const Session *s, void (*wake)(void *ctx), void *ctx) {
    EngineView view;
    int64_t now_ms = run_clock_now(c->host.clock);
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    bool may = may_park(c, s, &view);
    if (may) {
        size_t i = c->parked.n++;
        snprintf(c->parked.at[i].identity, sizeof c->parked.at[i].identity, "%s", s->identity);
        c->parked.at[i].wake = wake;
        c->parked.at[i].ctx = ctx;
        c->parked.at[i].until_ms = now_ms + view.policy.park_ms;
        presence_park(c->presence, s->identity, true, now_ms);
    }
    pthread_mutex_unlock(&c->published);
    return may;
}

bool ceremony_unpark(Ceremony *c, void *ctx) {
    bool found = false;
    int64_t now_ms = run_clock_now(c->host.clock);
    pthread_mutex_lock(&c->published);
    for (size_t i = 0; !found && i < c->parked.n; i++) {
        found = c->parked.at[i].ctx == ctx;
        if (found)
            (void)take_out(c, i, now_ms);
    }
    pthread_mutex_unlock(&c->published);
    return found;
}

/* What somebody who does not hold the slot hears. Held: published. */
static Refusal refusal_of(const Ceremony *c, const Session *s, const EngineView *view) {
    if (view->handed_over)
        return REFUSAL_HANDED_OVER;
    if (view->finalized)
        return REFUSAL_FINALIZED;
    return engine_is_out(c->state, s->identity) ? REFUSAL_OUT : REFUSAL_BUSY;
}

bool ceremony_after_park(Ceremony *c, const Session *s, Refusal *ret_refusal, uint64_t *ret_lease,
                         CeremonyFile *ret_challenge, CvkErr *err) {
    EngineView view;
    pthread_mutex_lock(&c->published);
    bool holder = ceremony_lease_of(c, s->identity, &view) != 0;
    *ret_refusal = refusal_of(c, s, &view);
    pthread_mutex_unlock(&c->published);
    if (!holder)
        return true;
    return ceremony_check_in(c, s, ret_refusal, ret_lease, ret_challenge, err);
}
