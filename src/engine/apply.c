/* What each event changes. What it makes of the participant whom it concerns is people.c's. */
#include "base/sha256.h"
#include "engine/state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Puts the participant as they are after the event, and moves them in the queue. */
static void change_member(EngineState *s, const Event *e) {
    Member *m = member_at(s, engine_concerns(s, e));
    if (m == NULL)
        return;
    Member after = member_after(s, m, e);
    if (m->place != 0 && after.place != m->place)
        place_index_remove(&s->queue, m->place);
    if (after.place > s->head.places) {
        s->head.places = after.place;
        place_index_append(&s->queue, after.place, (uint32_t)(m - s->member));
    } else if (after.place != 0 && m->place == 0) {
        place_index_put_back(&s->queue, after.place);
    }
    *m = after;
}

/* ---- the opening ---- */

static void opened(EngineState *s, const Event *e) {
    Head *h = &s->head;
    h->open = true;
    snprintf(h->name, sizeof h->name, "%s", e->u.opened.name);
    snprintf(h->kind, sizeof h->kind, "%s", e->u.opened.kind);
    memcpy(h->definition, e->u.opened.definition, sizeof h->definition);
    memcpy(h->key, e->u.opened.key, sizeof h->key);
    h->policy = e->u.opened.policy;
    h->turns.ended_ms = e->now_ms;
}

static void admitted(EngineState *s, const Event *e) {
    member_add(s, e->u.admitted.identity, e->u.admitted.commitment);
}

/* ---- a turn ---- */

/* Version 1 names the holder by identity, and admits them with their first turn. */
static uint64_t grantee(EngineState *s, const Event *e) {
    static const uint8_t none[32];
    if (e->u.granted.participant != 0)
        return e->u.granted.participant;
    Member *m = member_find(s, e->u.granted.identity);
    return member_number(s, m != NULL ? m : member_add(s, e->u.granted.identity, none));
}

/* Version 1 does not say "offered": its leases all began there where the policy has it. */
static Phase first_phase(const EnginePolicy *p, const Event *e) {
    bool offered = e->u.granted.offered ||
                   (e->u.granted.participant == 0 && p->deadline_ms[PHASE_OFFERED] != 0);
    return offered ? PHASE_OFFERED : PHASE_FETCHING;
}

static void granted(EngineState *s, const Event *e) {
    Head *h = &s->head;
    uint64_t participant = grantee(s, e);
    h->leases = e->lease;
    h->lease = (Lease){
        .number = e->lease,
        .participant = participant,
        .place = member_at(s, participant)->place,
        .phase = first_phase(&h->policy, e),
        .granted_ms = e->now_ms,
        .since_ms = e->now_ms,
    };
    change_member(s, e);
}

static void enter_phase(EngineState *s, Phase phase, int64_t now_ms) {
    Lease *l = &s->head.lease;
    assert((engine_phases[l->phase].next & BIT(phase)) != 0);
    l->phase = phase;
    l->since_ms = now_ms;
    l->size = 0;
}

static void moved(EngineState *s, const Event *e) {
    enter_phase(s, e->u.moved.phase, e->now_ms);
    s->head.lease.size = e->u.moved.size;
}

static void stored(EngineState *s, const Event *e) {
    enter_phase(s, PHASE_VERIFYING, e->now_ms);
    memcpy(s->head.lease.response, e->u.stored.response, 32);
}

/* ---- its end ---- */

/* From the end of the turn before, or from when the holder can first have known that the slot was
 * free: that is how long one turn kept the next one waiting. */
static void measure_turn(Head *h, int64_t now_ms) {
    Turns *t = &h->turns;
    int64_t from_ms = h->lease.granted_ms - h->policy.checkin_every_ms;
    int64_t took_ms = now_ms - (t->ended_ms > from_ms ? t->ended_ms : from_ms);
    t->ms[t->n++ % ENGINE_TURNS] = took_ms < TURN_MAX ? took_ms : TURN_MAX;
    t->ended_ms = now_ms;
}

static void end_lease(EngineState *s, const Event *e) {
    change_member(s, e);
    measure_turn(&s->head, e->now_ms);
    s->head.lease = (Lease){0};
}

static void accepted(EngineState *s, const Event *e) {
    Head *h = &s->head;
    uint8_t link[96];
    memcpy(link, h->accepted, 32);
    memcpy(link + 32, e->u.accepted.response, 32);
    memcpy(link + 64, e->u.accepted.record, 32);
    cvk_sha256(link, sizeof link, h->accepted);
    h->contributions = e->u.accepted.index;
    end_lease(s, e);
}

static void refused(EngineState *s, const Event *e) {
    s->head.refused++;
    end_lease(s, e);
}

static void expired(EngineState *s, const Event *e) {
    s->head.expired++;
    end_lease(s, e);
}

static void aborted(EngineState *s, const Event *e) {
    s->head.aborted++;
    end_lease(s, e);
}

/* ---- the ceremony ---- */

/* What was running has as much time as before the skip; cool-downs run on. */
static void skipped(EngineState *s, const Event *e) {
    Head *h = &s->head;
    h->turns.ended_ms += e->u.skipped.by_ms;
    if (h->lease.number == 0)
        return;
    h->lease.granted_ms += e->u.skipped.by_ms;
    h->lease.since_ms += e->u.skipped.by_ms;
}

static void mode_changed(EngineState *s, const Event *e) {
    s->head.mode = e->u.mode.mode;
}

static void handed_over(EngineState *s, const Event *e) {
    s->head.handed_over = true;
    memcpy(s->head.next_key, e->u.handed_over.key, ENGINE_KEY_BYTES);
}

static void taken_over(EngineState *s, const Event *e) {
    s->head.handed_over = false;
    memcpy(s->head.key, e->u.taken_over.key, ENGINE_KEY_BYTES);
    memset(s->head.next_key, 0, ENGINE_KEY_BYTES);
}

static void finalized(EngineState *s, const Event *e) {
    (void)e;
    s->head.finalized = true;
}

/* ---- the table ---- */

static void (*const appliers[EVENT_N])(EngineState *, const Event *) = {
    [EVENT_CEREMONY_OPENED] = opened,
    [EVENT_PARTICIPANT_ADMITTED] = admitted,
    [EVENT_JOINED] = change_member,
    [EVENT_LEFT] = change_member,
    [EVENT_LEASE_GRANTED] = granted,
    [EVENT_LEASE_MOVED] = moved,
    [EVENT_RESPONSE_STORED] = stored,
    [EVENT_CONTRIBUTION_ACCEPTED] = accepted,
    [EVENT_CONTRIBUTION_REFUSED] = refused,
    [EVENT_LEASE_EXPIRED] = expired,
    [EVENT_LEASE_ABORTED] = aborted,
    [EVENT_CLOCK_SKIPPED] = skipped,
    [EVENT_MODE_CHANGED] = mode_changed,
    [EVENT_PARTICIPANT_BANNED] = change_member,
    [EVENT_PARTICIPANT_UNBANNED] = change_member,
    [EVENT_PARTICIPANT_PARDONED] = change_member,
    [EVENT_HANDED_OVER] = handed_over,
    [EVENT_TAKEN_OVER] = taken_over,
    [EVENT_CEREMONY_FINALIZED] = finalized,
};

void engine_apply(EngineState *s, const Event *e) {
    assert(engine_admits(s, e, NULL));
    appliers[e->type](s, e);
    s->head.now_ms = e->now_ms;
}
