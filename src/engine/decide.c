/* One function a command: what it makes of the state as it is once time has had its due. */
#include "engine/scene.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- the scene ---- */

Event *scene_add(Scene *x, EventType type, uint64_t lease) {
    assert(x->events->n < ENGINE_EVENTS_MAX);
    Event *e = &x->events->at[x->events->n++];
    *e = (Event){.type = type, .now_ms = x->now_ms, .lease = lease};
    return e;
}

Person scene_person(const Scene *x, const char *identity) {
    const Member *m = member_find(x->s, identity);
    if (m == NULL)
        return (Person){0};
    uint64_t number = member_number(x->s, m);
    return (Person){.number = number, .m = number == x->gone ? x->gone_as : *m};
}

void scene_end_lease(Scene *x, const Event *e) {
    x->gone = x->lease->participant;
    x->gone_as = member_after(x->s, member_at(x->s, x->gone), e);
    x->lease = NULL;
    if (e->type == EVENT_CONTRIBUTION_ACCEPTED)
        x->contributions++;
}

void scene_admit(Scene *x, Person *who, const char *identity) {
    if (who->number != 0)
        return;
    who->number = x->s->n + 1;
    Event *e = scene_add(x, EVENT_PARTICIPANT_ADMITTED, 0);
    e->u.admitted.participant = who->number;
    snprintf(e->u.admitted.identity, sizeof e->u.admitted.identity, "%s", identity);
}

Refusal scene_over(const Scene *x) {
    const Head *h = &x->s->head;
    return h->finalized ? REFUSAL_FINALIZED : h->handed_over ? REFUSAL_HANDED_OVER : REFUSAL_NONE;
}

/* ---- time ---- */

/* Has the upload not kept its rate? *ret_bytes: what came in the last window. */
static bool has_stalled(const Scene *x, uint64_t *ret_bytes) {
    const Head *h = &x->s->head;
    return lease_may_stall(h, x->now_ms) &&
           presence_upload_bytes(x->p, h->lease.number, x->now_ms, h->policy.upload_window_ms,
                                 ret_bytes) &&
           *ret_bytes < upload_least(&h->policy);
}

static void end_lease_late(Scene *x, bool stalled, uint64_t bytes) {
    Event *e = scene_add(x, EVENT_LEASE_EXPIRED, x->lease->number);
    e->u.expired.phase = x->lease->phase;
    e->u.expired.stalled = stalled;
    e->u.expired.bytes = bytes;
    scene_end_lease(x, e);
}

/* A response that was whole in time is on its way into the store: that may take longer. */
static void expire(Scene *x) {
    const Head *h = &x->s->head;
    uint64_t bytes = 0;
    if (x->lease == NULL || (x->lease->phase == PHASE_UPLOADING &&
                             presence_is_whole(x->p, x->lease->number, lease_deadline(h))))
        return;
    if (lease_has_run_out(h, x->now_ms))
        end_lease_late(x, false, 0);
    else if (has_stalled(x, &bytes))
        end_lease_late(x, true, bytes);
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
    Event *e = scene_add(x, EVENT_LEASE_MOVED, x->lease->number);
    e->u.moved.phase = to;
    if (to == PHASE_UPLOADING)
        e->u.moved.size = x->c->size < UPLOAD_SIZE_MAX ? x->c->size : UPLOAD_SIZE_MAX;
    return REFUSAL_NONE;
}

/* When the last byte came, on the lease's clock: a skip may have moved that past it. */
static int64_t received_at(const Scene *x) {
    int64_t at_ms = x->c->received_ms;
    if (at_ms == 0 || at_ms > x->now_ms)
        at_ms = x->now_ms;
    return at_ms < x->lease->since_ms ? x->lease->since_ms : at_ms;
}

static Refusal store(Scene *x) {
    if (!is_live(x))
        return REFUSAL_NOT_HOLDER;
    if ((engine_phases[x->lease->phase].next & BIT(PHASE_VERIFYING)) == 0)
        return REFUSAL_WRONG_PHASE;
    int64_t received_ms = received_at(x);
    if (received_ms > lease_deadline(&x->s->head))
        return REFUSAL_NOT_HOLDER; /* and the lease lives: another response was whole in time */
    Event *e = scene_add(x, EVENT_RESPONSE_STORED, x->lease->number);
    memcpy(e->u.stored.response, x->c->hash, 32);
    e->u.stored.received_ms = received_ms;
    return REFUSAL_NONE;
}

static Refusal verdict(Scene *x) {
    if (!is_live(x))
        return REFUSAL_NOT_HOLDER;
    if (x->lease->phase != PHASE_VERIFYING)
        return REFUSAL_WRONG_PHASE;
    Event *e;
    if (x->c->valid) {
        e = scene_add(x, EVENT_CONTRIBUTION_ACCEPTED, x->lease->number);
        e->u.accepted.index = x->s->head.contributions + 1;
        memcpy(e->u.accepted.response, x->lease->response, 32);
        memcpy(e->u.accepted.record, x->c->hash, 32);
    } else {
        assert(engine_text_ok(x->c->reason, ENGINE_REASON_MAX - 1));
        e = scene_add(x, EVENT_CONTRIBUTION_REFUSED, x->lease->number);
        snprintf(e->u.refused.reason, sizeof e->u.refused.reason, "%s", x->c->reason);
    }
    scene_end_lease(x, e);
    return REFUSAL_NONE;
}

static Refusal give_up(Scene *x) {
    if (!is_live(x))
        return REFUSAL_NOT_HOLDER;
    if (x->lease->phase == PHASE_VERIFYING || lease_has_run_out(&x->s->head, x->now_ms))
        return REFUSAL_WRONG_PHASE; /* run out and live: a whole response is being stored */
    scene_end_lease(x, scene_add(x, EVENT_LEASE_ABORTED, x->lease->number));
    return REFUSAL_NONE;
}

static Refusal tick(Scene *x) {
    decide_missed(x); /* the rest of time has had its due already */
    return REFUSAL_NONE;
}

/* ---- the table ---- */

static const struct {
    Refusal (*decide)(Scene *);
    bool keeps_time; /* the others let nobody's time run out, and give nobody the slot */
} deciders[COMMAND_N] = {
    [COMMAND_CHECK_IN] = {decide_check_in, true},
    [COMMAND_LEAVE] = {decide_leave, true},
    [COMMAND_REACH] = {reach, true},
    [COMMAND_STORE] = {store, true},
    [COMMAND_VERDICT] = {verdict, true},
    [COMMAND_ABORT] = {give_up, true},
    [COMMAND_TICK] = {tick, true},
    [COMMAND_SKIP] = {decide_skip, false},
    [COMMAND_MODE] = {decide_mode, false},
    [COMMAND_DROP] = {decide_drop, false},
    [COMMAND_BAN] = {decide_ban, false},
    [COMMAND_UNBAN] = {decide_unban, false},
    [COMMAND_PARDON] = {decide_pardon, false},
    [COMMAND_HAND_OVER] = {decide_hand_over, false},
    [COMMAND_TAKE_OVER] = {decide_take_over, false},
    [COMMAND_FINALIZE] = {decide_finalize, false},
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
        .contributions = h->contributions,
        .events = ret_events,
    };
    if (deciders[c->type].keeps_time)
        expire(&x);
    *ret_refusal = deciders[c->type].decide(&x);
    if (deciders[c->type].keeps_time)
        decide_offer(&x);
}
