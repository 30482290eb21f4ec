/* One function a command: what it makes of the state as it is once time has had its due. */
#include "engine/state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const EngineState *s;
    const Presence *p;
    const Command *c;
    int64_t now_ms;
    const Lease *lease; /* the live one; NULL: the slot is free (perhaps since a moment ago) */
    const char *gone;   /* who has gone out with the lease that just ran out; or NULL */
    Events *events;
} Scene;

/* The command's next event, with its type and lease. */
static Event *add(Scene *x, EventType type, uint64_t lease) {
    assert(x->events->n < ENGINE_EVENTS_MAX);
    Event *e = &x->events->at[x->events->n++];
    *e = (Event){.type = type, .now_ms = x->now_ms, .lease = lease};
    return e;
}

static void expire(Scene *x) {
    const Head *h = &x->s->head;
    if (x->lease == NULL || !lease_has_run_out(h, x->now_ms))
        return;
    add(x, EVENT_LEASE_EXPIRED, x->lease->number)->u.expired.phase = x->lease->phase;
    if (expiry_cost(&h->policy, x->lease->phase) == COST_OUT)
        x->gone = x->lease->identity;
    x->lease = NULL;
}

/* ---- check-in ---- */

static bool is_out(const Scene *x, const char *identity) {
    return engine_is_out(x->s, identity) || (x->gone != NULL && strcmp(x->gone, identity) == 0);
}

static bool is_holder(const Scene *x, const char *identity) {
    return x->lease != NULL && strcmp(x->lease->identity, identity) == 0;
}

static bool seen_since(const Scene *x, const char *identity, int64_t since_ms) {
    int64_t seen_ms;
    return presence_last_seen(x->p, identity, &seen_ms) && seen_ms >= since_ms;
}

/* A last visit that lies ahead (the clock was set back) does not count. */
static bool is_early(const Scene *x) {
    const EnginePolicy *policy = &x->s->head.policy;
    int64_t seen_ms;
    return presence_last_seen(x->p, x->c->identity, &seen_ms) && seen_ms <= x->now_ms &&
           x->now_ms < seen_ms + policy->checkin_every_ms - policy->checkin_tolerance_ms;
}

/* Is the lobby full of others? Its members and the slot's holder do not need a place. */
static bool is_crowded_out(const Scene *x) {
    const EnginePolicy *policy = &x->s->head.policy;
    int64_t since_ms = x->now_ms - policy->checkin_every_ms - policy->checkin_tolerance_ms;
    if (seen_since(x, x->c->identity, since_ms))
        return false;
    size_t present = presence_seen_since(x->p, since_ms);
    if (x->lease != NULL && seen_since(x, x->lease->identity, since_ms))
        present--;
    return present >= policy->lobby_max;
}

static void grant(Scene *x) {
    const Head *h = &x->s->head;
    Event *e = add(x, EVENT_LEASE_GRANTED, h->leases + 1);
    snprintf(e->u.granted.identity, sizeof e->u.granted.identity, "%s", x->c->identity);
    e->u.granted.attempt = h->leases + 1;
    e->u.granted.position = h->contributions + 1;
}

static Refusal check_in(Scene *x) {
    const Head *h = &x->s->head;
    const char *identity = x->c->identity;
    if (h->finalized || h->contributions >= LIMIT_CONTRIBUTIONS)
        return REFUSAL_FINALIZED;
    if (!engine_text_ok(identity, LIMIT_IDENTITY) || is_out(x, identity))
        return REFUSAL_OUT;
    if (is_holder(x, identity) && x->lease->phase == PHASE_VERIFYING)
        return REFUSAL_WRONG_PHASE;
    if (is_early(x))
        return REFUSAL_EARLY;
    if (is_holder(x, identity))
        return REFUSAL_HOLDER_AGAIN;
    if (is_crowded_out(x))
        return REFUSAL_LOBBY_FULL;
    if (x->lease != NULL)
        return REFUSAL_BUSY;
    grant(x);
    return REFUSAL_NONE;
}

/* ---- a turn ---- */

static bool is_live(const Scene *x) {
    return x->lease != NULL && x->lease->number == x->c->lease;
}

static Refusal reach(Scene *x) {
    if (!is_live(x))
        return REFUSAL_NOT_HOLDER;
    Phase to = x->c->phase;
    assert((size_t)to < PHASE_N);
    if (to == x->lease->phase)
        return REFUSAL_NONE;
    if (to == PHASE_VERIFYING || (engine_phases[x->lease->phase].next & BIT(to)) == 0)
        return REFUSAL_WRONG_PHASE;
    add(x, EVENT_LEASE_MOVED, x->lease->number)->u.moved.phase = to;
    return REFUSAL_NONE;
}

static Refusal store(Scene *x) {
    if (!is_live(x))
        return REFUSAL_NOT_HOLDER;
    if ((engine_phases[x->lease->phase].next & BIT(PHASE_VERIFYING)) == 0)
        return REFUSAL_WRONG_PHASE;
    Event *e = add(x, EVENT_RESPONSE_STORED, x->lease->number);
    memcpy(e->u.stored.response, x->c->hash, 32);
    return REFUSAL_NONE;
}

static Refusal verdict(Scene *x) {
    if (!is_live(x))
        return REFUSAL_NOT_HOLDER;
    if (x->lease->phase != PHASE_VERIFYING)
        return REFUSAL_WRONG_PHASE;
    if (x->c->valid) {
        Event *e = add(x, EVENT_CONTRIBUTION_ACCEPTED, x->lease->number);
        e->u.accepted.index = x->s->head.contributions + 1;
        memcpy(e->u.accepted.response, x->lease->response, 32);
        memcpy(e->u.accepted.record, x->c->hash, 32);
    } else {
        assert(engine_text_ok(x->c->reason, ENGINE_REASON_MAX - 1));
        Event *e = add(x, EVENT_CONTRIBUTION_REFUSED, x->lease->number);
        snprintf(e->u.refused.reason, sizeof e->u.refused.reason, "%s", x->c->reason);
    }
    return REFUSAL_NONE;
}

static Refusal give_up(Scene *x) {
    if (!is_live(x))
        return REFUSAL_NOT_HOLDER;
    if (x->lease->phase == PHASE_VERIFYING)
        return REFUSAL_WRONG_PHASE;
    add(x, EVENT_LEASE_ABORTED, x->lease->number);
    return REFUSAL_NONE;
}

/* ---- the ceremony ---- */

static Refusal tick(Scene *x) {
    return REFUSAL_NONE; /* time has had its due already */
}

static Refusal finalize(Scene *x) {
    if (x->s->head.finalized)
        return REFUSAL_FINALIZED;
    if (x->lease != NULL)
        return REFUSAL_TURN_LIVE;
    add(x, EVENT_CEREMONY_FINALIZED, 0)->u.finalized.contributions = x->s->head.contributions;
    return REFUSAL_NONE;
}

static Refusal (*const deciders[COMMAND_N])(Scene *) = {
    [COMMAND_CHECK_IN] = check_in, [COMMAND_REACH] = reach,   [COMMAND_STORE] = store,
    [COMMAND_VERDICT] = verdict,   [COMMAND_ABORT] = give_up, [COMMAND_TICK] = tick,
    [COMMAND_FINALIZE] = finalize,
};

void engine_decide(const EngineState *s, const Presence *p, const Command *c, int64_t now_ms,
                   Events *ret_events, Refusal *ret_refusal) {
    const Head *h = &s->head;
    assert(h->open && (size_t)c->type < COMMAND_N);
    if (now_ms < h->now_ms)
        now_ms = h->now_ms;
    if (now_ms > ENGINE_TIME_MAX)
        now_ms = ENGINE_TIME_MAX;
    ret_events->n = 0;
    Scene x = {
        .s = s,
        .p = p,
        .c = c,
        .now_ms = now_ms,
        .lease = h->lease.number != 0 ? &h->lease : NULL,
        .events = ret_events,
    };
    expire(&x);
    *ret_refusal = deciders[c->type](&x);
}
