/* One row an event: what must be so before it, and what it changes. */
#include "base/sha256.h"
#include "engine/state.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef enum {
    LEASE_NONE, /* the event names none, and none is live */
    LEASE_NEXT, /* it names the number after the last, and none is live */
    LEASE_LIVE, /* it names the live one, which has not run out */
    LEASE_LATE, /* it names the live one, which has run out */
} LeaseNeed;

typedef struct {
    LeaseNeed lease;
    unsigned phases; /* bits: where the live lease may be */
    const char *(*fault)(const EngineState *, const Event *); /* of its own fields; NULL: none */
    void (*apply)(EngineState *, const Event *);
} Rule;

/* ---- the opening ---- */

static const char *opened_fault(const EngineState *s, const Event *e) {
    if (!engine_text_ok(e->u.opened.name, LIMIT_IDENTITY))
        return "the ceremony's name is not usable";
    if (!engine_text_ok(e->u.opened.kind, sizeof e->u.opened.kind - 1))
        return "the ceremony's kind is not usable";
    return policy_fault(&e->u.opened.policy);
}

static void opened(EngineState *s, const Event *e) {
    Head *h = &s->head;
    h->open = true;
    snprintf(h->name, sizeof h->name, "%s", e->u.opened.name);
    snprintf(h->kind, sizeof h->kind, "%s", e->u.opened.kind);
    memcpy(h->definition, e->u.opened.definition, sizeof h->definition);
    h->policy = e->u.opened.policy;
}

/* ---- a turn ---- */

static const char *granted_fault(const EngineState *s, const Event *e) {
    if (!engine_text_ok(e->u.granted.identity, LIMIT_IDENTITY))
        return "the identity is not usable";
    if (engine_is_out(s, e->u.granted.identity))
        return "the identity has contributed or is out";
    if (e->u.granted.attempt != s->head.leases + 1)
        return "the attempt is not the next";
    if (e->u.granted.position != s->head.contributions + 1)
        return "the position is not the next";
    if (s->head.contributions >= LIMIT_CONTRIBUTIONS)
        return "the ceremony is full";
    return NULL;
}

static void granted(EngineState *s, const Event *e) {
    Head *h = &s->head;
    h->leases = e->lease;
    h->lease = (Lease){
        .number = e->lease,
        .phase = first_phase(&h->policy),
        .granted_ms = e->now_ms,
        .since_ms = e->now_ms,
    };
    snprintf(h->lease.identity, sizeof h->lease.identity, "%s", e->u.granted.identity);
}

static void enter_phase(EngineState *s, Phase phase, int64_t now_ms) {
    Lease *l = &s->head.lease;
    assert((engine_phases[l->phase].next & BIT(phase)) != 0);
    l->phase = phase;
    l->since_ms = now_ms;
}

static const char *moved_fault(const EngineState *s, const Event *e) {
    Phase to = e->u.moved.phase;
    if ((size_t)to >= PHASE_N || (engine_phases[s->head.lease.phase].next & BIT(to)) == 0)
        return "the lease cannot move there";
    if (to == PHASE_VERIFYING)
        return "verifying begins when a response is stored";
    return NULL;
}

static void moved(EngineState *s, const Event *e) {
    enter_phase(s, e->u.moved.phase, e->now_ms);
}

static void stored(EngineState *s, const Event *e) {
    enter_phase(s, PHASE_VERIFYING, e->now_ms);
    memcpy(s->head.lease.response, e->u.stored.response, 32);
}

/* ---- its end ---- */

static Member *member_of_holder(EngineState *s) {
    Member *m = member_find(s, s->head.lease.identity);
    return m != NULL ? m : member_add(s, s->head.lease.identity);
}

/* What a lease that ends with this event costs its holder. */
static Cost cost_of(const EnginePolicy *p, const Event *e) {
    switch (e->type) {
    case EVENT_CONTRIBUTION_REFUSED:
        return p->invalid;
    case EVENT_LEASE_EXPIRED:
        return expiry_cost(p, e->u.expired.phase);
    case EVENT_LEASE_ABORTED:
        return p->aborted;
    case EVENT_CEREMONY_OPENED:
    case EVENT_LEASE_GRANTED:
    case EVENT_LEASE_MOVED:
    case EVENT_RESPONSE_STORED:
    case EVENT_CONTRIBUTION_ACCEPTED:
    case EVENT_CEREMONY_FINALIZED:
    case EVENT_N:
        break;
    }
    return COST_NOTHING;
}

bool engine_goes_out(const EngineState *s, const Event *e) {
    const EnginePolicy *p = &s->head.policy;
    return cost_of(p, e) == COST_OUT || (e->type == EVENT_CONTRIBUTION_ACCEPTED && !p->repeat);
}

static void end_lease(EngineState *s, const Event *e) {
    if (cost_of(&s->head.policy, e) == COST_OUT)
        member_of_holder(s)->out = true;
    s->head.lease = (Lease){0};
}

static const char *accepted_fault(const EngineState *s, const Event *e) {
    if (e->u.accepted.index != s->head.contributions + 1)
        return "the contribution does not extend the newest";
    if (memcmp(e->u.accepted.response, s->head.lease.response, 32) != 0)
        return "another response was stored";
    return NULL;
}

static void accepted(EngineState *s, const Event *e) {
    Head *h = &s->head;
    uint8_t link[96];
    memcpy(link, h->accepted, 32);
    memcpy(link + 32, e->u.accepted.response, 32);
    memcpy(link + 64, e->u.accepted.record, 32);
    cvk_sha256(link, sizeof link, h->accepted);
    h->contributions = e->u.accepted.index;
    member_of_holder(s)->contributions++;
    end_lease(s, e);
}

static const char *refused_fault(const EngineState *s, const Event *e) {
    return engine_text_ok(e->u.refused.reason, ENGINE_REASON_MAX - 1) ? NULL
                                                                      : "the reason is not usable";
}

static void refused(EngineState *s, const Event *e) {
    s->head.refused++;
    end_lease(s, e);
}

static const char *expired_fault(const EngineState *s, const Event *e) {
    return e->u.expired.phase == s->head.lease.phase ? NULL : "the lease is in another phase";
}

static void expired(EngineState *s, const Event *e) {
    s->head.expired++;
    end_lease(s, e);
}

static void aborted(EngineState *s, const Event *e) {
    s->head.aborted++;
    end_lease(s, e);
}

static const char *finalized_fault(const EngineState *s, const Event *e) {
    return e->u.finalized.contributions == s->head.contributions
               ? NULL
               : "the number of contributions is another";
}

static void finalized(EngineState *s, const Event *e) {
    s->head.finalized = true;
}

/* ---- the table ---- */

#define HOLDERS                                                                                    \
    (BIT(PHASE_OFFERED) | BIT(PHASE_FETCHING) | BIT(PHASE_COMPUTING) | BIT(PHASE_UPLOADING))
#define VERIFYING BIT(PHASE_VERIFYING)

static const Rule rules[EVENT_N] = {
    [EVENT_CEREMONY_OPENED] = {LEASE_NONE, 0, opened_fault, opened},
    [EVENT_LEASE_GRANTED] = {LEASE_NEXT, 0, granted_fault, granted},
    [EVENT_LEASE_MOVED] = {LEASE_LIVE, HOLDERS, moved_fault, moved},
    [EVENT_RESPONSE_STORED] = {LEASE_LIVE, HOLDERS, NULL, stored},
    [EVENT_CONTRIBUTION_ACCEPTED] = {LEASE_LIVE, VERIFYING, accepted_fault, accepted},
    [EVENT_CONTRIBUTION_REFUSED] = {LEASE_LIVE, VERIFYING, refused_fault, refused},
    [EVENT_LEASE_EXPIRED] = {LEASE_LATE, HOLDERS | VERIFYING, expired_fault, expired},
    [EVENT_LEASE_ABORTED] = {LEASE_LIVE, HOLDERS, NULL, aborted},
    [EVENT_CEREMONY_FINALIZED] = {LEASE_NONE, 0, finalized_fault, finalized},
};

/* ---- admission ---- */

static bool order_admits(const Head *h, const Event *e, CvkErr *err) {
    if ((size_t)e->type >= EVENT_N || rules[e->type].apply == NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.order", "there is no event of type %d",
                        (int)e->type);
    if (h->open == (e->type == EVENT_CEREMONY_OPENED))
        return cvk_fail(err, CVK_EBADREQ, "event.order",
                        h->open ? "%s: the ceremony is open already"
                                : "%s: the ceremony is not open yet",
                        event_name(e->type));
    if (h->finalized)
        return cvk_fail(err, CVK_EBADREQ, "event.order", "%s: the ceremony is finalized",
                        event_name(e->type));
    if (e->now_ms < h->now_ms || e->now_ms > ENGINE_TIME_MAX)
        return cvk_fail(err, CVK_EBADREQ, "event.time",
                        "%s: its time %" PRId64 " is not from %" PRId64 " on", event_name(e->type),
                        e->now_ms, h->now_ms);
    return true;
}

static bool live_lease_admits(const Head *h, const Event *e, CvkErr *err) {
    const Rule *rule = &rules[e->type];
    if (h->lease.number == 0 || e->lease != h->lease.number)
        return cvk_fail(err, CVK_EBADREQ, "event.lease", "%s: lease %" PRIu64 " is not live",
                        event_name(e->type), e->lease);
    if ((rule->phases & BIT(h->lease.phase)) == 0)
        return cvk_fail(err, CVK_EBADREQ, "event.phase", "%s: lease %" PRIu64 " is %s",
                        event_name(e->type), e->lease, phase_name(h->lease.phase));
    if (lease_has_run_out(h, e->now_ms) != (rule->lease == LEASE_LATE))
        return cvk_fail(err, CVK_EBADREQ, "event.time",
                        rule->lease == LEASE_LATE ? "%s: lease %" PRIu64 " has time until %" PRId64
                                                  : "%s: lease %" PRIu64 " ran out at %" PRId64,
                        event_name(e->type), e->lease, lease_deadline(h));
    return true;
}

static bool lease_admits(const Head *h, const Event *e, CvkErr *err) {
    LeaseNeed need = rules[e->type].lease;
    if (need == LEASE_LIVE || need == LEASE_LATE)
        return live_lease_admits(h, e, err);
    if (h->lease.number != 0)
        return cvk_fail(err, CVK_EBADREQ, "event.lease", "%s: lease %" PRIu64 " is live",
                        event_name(e->type), h->lease.number);
    uint64_t wanted = need == LEASE_NEXT ? h->leases + 1 : 0;
    if (e->lease != wanted)
        return cvk_fail(err, CVK_EBADREQ, "event.lease", "%s: lease %" PRIu64 " should be %" PRIu64,
                        event_name(e->type), e->lease, wanted);
    return true;
}

bool engine_admits(const EngineState *s, const Event *e, CvkErr *err) {
    if (!order_admits(&s->head, e, err) || !lease_admits(&s->head, e, err))
        return false;
    const Rule *rule = &rules[e->type];
    const char *fault = rule->fault == NULL ? NULL : rule->fault(s, e);
    if (fault != NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.field", "%s: %s", event_name(e->type), fault);
    return true;
}

void engine_apply(EngineState *s, const Event *e) {
    assert(engine_admits(s, e, NULL));
    rules[e->type].apply(s, e);
    s->head.now_ms = e->now_ms;
}
