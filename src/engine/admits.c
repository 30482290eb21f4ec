/* Which event may come next: one row an event says what must be so before it. */
#include "engine/state.h"

#include <inttypes.h>
#include <string.h>

typedef enum {
    LEASE_ANY,  /* the event names none; whether one is live does not matter */
    LEASE_NONE, /* it names none, and none is live */
    LEASE_NEXT, /* it names the number after the last, and none is live */
    LEASE_LIVE, /* it names the live one */
} LeaseNeed;

typedef struct {
    LeaseNeed lease;
    unsigned phases; /* bits: where the live lease may be */
    /* Of the event's time, and of its own fields; NULL: none. */
    const char *(*late)(const EngineState *, const Event *);
    const char *(*fault)(const EngineState *, const Event *);
} Rule;

static bool all_zero(const uint8_t *byte, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (byte[i] != 0)
            return false;
    return true;
}

/* ---- the opening ---- */

static const char *opened_fault(const EngineState *s, const Event *e) {
    (void)s;
    if (!engine_text_ok(e->u.opened.name, LIMIT_IDENTITY))
        return "the ceremony's name is not usable";
    if (!engine_text_ok(e->u.opened.kind, sizeof e->u.opened.kind - 1))
        return "the ceremony's kind is not usable";
    return policy_fault(&e->u.opened.policy);
}

/* ---- people ---- */

static const char *admitted_fault(const EngineState *s, const Event *e) {
    const char *identity = e->u.admitted.identity;
    if (s->n >= LIMIT_MEMBERS)
        return "there are too many participants";
    if (e->u.admitted.participant != s->n + 1)
        return "the participant's number is not the next";
    if (identity[0] == '\0')
        return all_zero(e->u.admitted.commitment, 32) ? "nobody is admitted" : NULL;
    if (!engine_text_ok(identity, LIMIT_IDENTITY))
        return "the identity is not usable";
    return member_find(s, identity) != NULL ? "the identity was admitted before" : NULL;
}

static bool is_holder(const EngineState *s, uint64_t participant) {
    return s->head.lease.number != 0 && s->head.lease.participant == participant;
}

/* May they have a turn, or wait for one? */
static const char *barred_fault(const EngineState *s, const Member *m, int64_t now_ms) {
    if (m == NULL)
        return "there is no such participant";
    if (member_is_out(&s->head.policy, m))
        return "the participant has contributed or is out";
    return member_is_cooling(m, now_ms) ? "the participant is cooling down" : NULL;
}

static const char *joined_fault(const EngineState *s, const Event *e) {
    const Head *h = &s->head;
    const Member *m = member_at(s, e->u.joined.participant);
    const char *fault = barred_fault(s, m, e->now_ms);
    if (fault != NULL)
        return fault;
    if (h->policy.entry != ENTRY_FIFO)
        return "there is no queue";
    if (h->mode == MODE_DRAINING)
        return "the ceremony is draining";
    if (m->place != 0 || is_holder(s, e->u.joined.participant))
        return "the participant waits already, or has the slot";
    if (e->u.joined.place != h->places + 1)
        return "the place is not the next";
    return s->queue.waiting >= h->policy.waiting_max ? "too many wait" : NULL;
}

static const char *left_fault(const EngineState *s, const Event *e) {
    const EnginePolicy *p = &s->head.policy;
    const Member *m = member_at(s, e->u.left.participant);
    const int64_t seen_ms = e->u.left.seen_ms;
    if (m == NULL || m->place == 0)
        return "the participant does not wait";
    if ((size_t)e->u.left.reason >= LEFT_N)
        return "the reason is none of ours";
    if (e->u.left.reason != LEFT_MISSED)
        return seen_ms == 0 ? NULL : "it does not matter when the participant was seen";
    if (p->missed == COST_NOTHING)
        return "a missed check-in costs nothing here";
    return seen_ms < 0 || e->now_ms - seen_ms <= p->checkin_every_ms + p->checkin_tolerance_ms
               ? "the participant was seen in time"
               : NULL;
}

static const char *banned_fault(const EngineState *s, const Event *e) {
    const Member *m = member_at(s, e->u.person.participant);
    if (m == NULL || m->banned)
        return "there is no such participant, or not any more";
    if (is_holder(s, e->u.person.participant))
        return "the participant has the slot";
    return engine_text_ok(e->u.person.reason, ENGINE_REASON_MAX - 1) ? NULL
                                                                     : "the reason is not usable";
}

static const char *unbanned_fault(const EngineState *s, const Event *e) {
    const Member *m = member_at(s, e->u.person.participant);
    return m != NULL && m->banned ? NULL : "the participant is not banned";
}

static const char *pardoned_fault(const EngineState *s, const Event *e) {
    const Member *m = member_at(s, e->u.person.participant);
    return m != NULL && (m->out || m->strikes != 0 || m->cool_until_ms != 0)
               ? NULL
               : "the participant has nothing to be pardoned";
}

/* ---- a turn ---- */

/* Version 1 has the identity, and admits whoever was not yet. */
static const char *grantee_fault(const EngineState *s, const Event *e) {
    const Head *h = &s->head;
    const Member *m = member_at(s, e->u.granted.participant);
    if (e->u.granted.participant == 0) {
        if (!engine_text_ok(e->u.granted.identity, LIMIT_IDENTITY))
            return "the identity is not usable";
        m = member_find(s, e->u.granted.identity);
        if (m == NULL && s->n >= LIMIT_MEMBERS)
            return "there are too many participants";
        if (h->policy.entry != ENTRY_LOBBY)
            return "whoever gets the slot has waited in the queue";
        return m == NULL ? NULL : barred_fault(s, m, e->now_ms);
    }
    const char *fault = barred_fault(s, m, e->now_ms);
    if (fault == NULL && h->policy.entry == ENTRY_FIFO && m->place == 0)
        fault = "whoever gets the slot has waited in the queue";
    return fault;
}

static const char *granted_fault(const EngineState *s, const Event *e) {
    const Head *h = &s->head;
    const char *fault = grantee_fault(s, e);
    if (fault != NULL)
        return fault;
    if (h->mode == MODE_PAUSED)
        return "the ceremony is paused";
    if (e->u.granted.attempt != h->leases + 1)
        return "the attempt is not the next";
    if (e->u.granted.position != h->contributions + 1)
        return "the position is not the next";
    if (h->contributions >= LIMIT_CONTRIBUTIONS)
        return "the ceremony is full";
    if (e->u.granted.offered &&
        (h->policy.entry != ENTRY_FIFO || h->policy.deadline_ms[PHASE_OFFERED] == 0))
        return "nobody is offered anything here";
    return NULL;
}

/* Is a live lease still in time at the event's? */
static const char *not_in_time(const EngineState *s, const Event *e) {
    return lease_has_run_out(&s->head, e->now_ms) ? "the lease has run out" : NULL;
}

/* The contributor's clock stopped at the last byte, though it may take longer to store it. */
static const char *stored_late(const EngineState *s, const Event *e) {
    return lease_has_run_out(&s->head, e->u.stored.received_ms) ? "the lease had run out" : NULL;
}

static const char *aborted_late(const EngineState *s, const Event *e) {
    return e->u.aborted.by_operator ? NULL : not_in_time(s, e);
}

static const char *expired_early(const EngineState *s, const Event *e) {
    if (!e->u.expired.stalled)
        return lease_has_run_out(&s->head, e->now_ms) ? NULL : "the lease has time";
    return lease_may_stall(&s->head, e->now_ms) ? NULL : "the upload has time";
}

static const char *moved_fault(const EngineState *s, const Event *e) {
    Phase to = e->u.moved.phase;
    if ((size_t)to >= PHASE_N || (engine_phases[s->head.lease.phase].next & BIT(to)) == 0)
        return "the lease cannot move there";
    if (to == PHASE_VERIFYING)
        return "verifying begins when a response is stored";
    if (e->u.moved.size > UPLOAD_SIZE_MAX || (e->u.moved.size != 0 && to != PHASE_UPLOADING))
        return "the size is out of range";
    return NULL;
}

static const char *stored_fault(const EngineState *s, const Event *e) {
    int64_t at_ms = e->u.stored.received_ms;
    return at_ms >= s->head.lease.since_ms && at_ms <= e->now_ms
               ? NULL
               : "the response was received at no possible time";
}

static const char *accepted_fault(const EngineState *s, const Event *e) {
    if (e->u.accepted.index != s->head.contributions + 1)
        return "the contribution does not extend the newest";
    if (memcmp(e->u.accepted.response, s->head.lease.response, 32) != 0)
        return "another response was stored";
    return NULL;
}

static const char *refused_fault(const EngineState *s, const Event *e) {
    (void)s;
    return engine_text_ok(e->u.refused.reason, ENGINE_REASON_MAX - 1) ? NULL
                                                                      : "the reason is not usable";
}

static const char *expired_fault(const EngineState *s, const Event *e) {
    if (e->u.expired.phase != s->head.lease.phase)
        return "the lease is in another phase";
    if (e->u.expired.stalled && e->u.expired.bytes >= upload_least(&s->head.policy))
        return "the upload has kept its rate";
    return e->u.expired.stalled || e->u.expired.bytes == 0 ? NULL : "the bytes do not matter";
}

static const char *aborted_fault(const EngineState *s, const Event *e) {
    return s->head.lease.phase == PHASE_VERIFYING && !e->u.aborted.by_operator
               ? "what is being verified is not given up"
               : NULL;
}

/* ---- the ceremony ---- */

static const char *skipped_fault(const EngineState *s, const Event *e) {
    return e->u.skipped.by_ms > 0 && e->u.skipped.by_ms <= skip_most(&s->head, e->now_ms)
               ? NULL
               : "no such time has passed";
}

static const char *mode_fault(const EngineState *s, const Event *e) {
    return (size_t)e->u.mode.mode < MODE_N && e->u.mode.mode != s->head.mode
               ? NULL
               : "the mode is none of ours, or the same";
}

static const char *handed_over_fault(const EngineState *s, const Event *e) {
    const uint8_t *key = e->u.handed_over.key;
    return all_zero(key, ENGINE_KEY_BYTES) || memcmp(key, s->head.key, ENGINE_KEY_BYTES) == 0
               ? "the new server is nobody, or the old one"
               : NULL;
}

static const char *taken_over_fault(const EngineState *s, const Event *e) {
    return memcmp(e->u.taken_over.key, s->head.next_key, ENGINE_KEY_BYTES) == 0
               ? NULL
               : "it was handed over to another";
}

static const char *finalized_fault(const EngineState *s, const Event *e) {
    return e->u.finalized.contributions == s->head.contributions
               ? NULL
               : "the number of contributions is another";
}

/* ---- the table ---- */

#define HOLDERS                                                                                    \
    (BIT(PHASE_OFFERED) | BIT(PHASE_FETCHING) | BIT(PHASE_COMPUTING) | BIT(PHASE_UPLOADING))
#define VERIFYING BIT(PHASE_VERIFYING)

static const Rule rules[EVENT_N] = {
    [EVENT_CEREMONY_OPENED] = {LEASE_NONE, 0, NULL, opened_fault},
    [EVENT_PARTICIPANT_ADMITTED] = {LEASE_ANY, 0, NULL, admitted_fault},
    [EVENT_JOINED] = {LEASE_ANY, 0, NULL, joined_fault},
    [EVENT_LEFT] = {LEASE_ANY, 0, NULL, left_fault},
    [EVENT_LEASE_GRANTED] = {LEASE_NEXT, 0, NULL, granted_fault},
    [EVENT_LEASE_MOVED] = {LEASE_LIVE, HOLDERS, not_in_time, moved_fault},
    [EVENT_RESPONSE_STORED] = {LEASE_LIVE, HOLDERS, stored_late, stored_fault},
    [EVENT_CONTRIBUTION_ACCEPTED] = {LEASE_LIVE, VERIFYING, not_in_time, accepted_fault},
    [EVENT_CONTRIBUTION_REFUSED] = {LEASE_LIVE, VERIFYING, not_in_time, refused_fault},
    [EVENT_LEASE_EXPIRED] = {LEASE_LIVE, HOLDERS | VERIFYING, expired_early, expired_fault},
    [EVENT_LEASE_ABORTED] = {LEASE_LIVE, HOLDERS | VERIFYING, aborted_late, aborted_fault},
    [EVENT_CLOCK_SKIPPED] = {LEASE_ANY, 0, NULL, skipped_fault},
    [EVENT_MODE_CHANGED] = {LEASE_ANY, 0, NULL, mode_fault},
    [EVENT_PARTICIPANT_BANNED] = {LEASE_ANY, 0, NULL, banned_fault},
    [EVENT_PARTICIPANT_UNBANNED] = {LEASE_ANY, 0, NULL, unbanned_fault},
    [EVENT_PARTICIPANT_PARDONED] = {LEASE_ANY, 0, NULL, pardoned_fault},
    [EVENT_HANDED_OVER] = {LEASE_NONE, 0, NULL, handed_over_fault},
    [EVENT_TAKEN_OVER] = {LEASE_NONE, 0, NULL, taken_over_fault},
    [EVENT_CEREMONY_FINALIZED] = {LEASE_NONE, 0, NULL, finalized_fault},
};

/* ---- admission ---- */

static const char *order_fault(const Head *h, const Event *e) {
    if (h->open && e->type == EVENT_CEREMONY_OPENED)
        return "the ceremony is open already";
    if (!h->open && e->type != EVENT_CEREMONY_OPENED)
        return "the ceremony is not open yet";
    if (h->finalized)
        return "the ceremony is finalized";
    if (h->handed_over && e->type != EVENT_TAKEN_OVER)
        return "the ceremony was handed over";
    if (!h->handed_over && e->type == EVENT_TAKEN_OVER)
        return "the ceremony was not handed over";
    return NULL;
}

static bool order_admits(const Head *h, const Event *e, CvkErr *err) {
    if ((size_t)e->type >= EVENT_N || rules[e->type].fault == NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.order", "there is no event of type %d",
                        (int)e->type);
    const char *fault = order_fault(h, e);
    if (fault != NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.order", "%s: %s", event_name(e->type), fault);
    if (e->now_ms < h->now_ms || e->now_ms > ENGINE_TIME_MAX)
        return cvk_fail(err, CVK_EBADREQ, "event.time",
                        "%s: its time %" PRId64 " is not from %" PRId64 " on", event_name(e->type),
                        e->now_ms, h->now_ms);
    return true;
}

static bool live_lease_admits(const EngineState *s, const Event *e, CvkErr *err) {
    const Rule *rule = &rules[e->type];
    const Lease *l = &s->head.lease;
    if (l->number == 0 || e->lease != l->number)
        return cvk_fail(err, CVK_EBADREQ, "event.lease", "%s: lease %" PRIu64 " is not live",
                        event_name(e->type), e->lease);
    if ((rule->phases & BIT(l->phase)) == 0)
        return cvk_fail(err, CVK_EBADREQ, "event.phase", "%s: lease %" PRIu64 " is %s",
                        event_name(e->type), e->lease, phase_name(l->phase));
    const char *late = rule->late(s, e);
    if (late != NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.time", "%s: %s: lease %" PRIu64 ", until %" PRId64,
                        event_name(e->type), late, e->lease, lease_deadline(&s->head));
    return true;
}

static bool lease_admits(const EngineState *s, const Event *e, CvkErr *err) {
    const Head *h = &s->head;
    LeaseNeed need = rules[e->type].lease;
    if (need == LEASE_LIVE)
        return live_lease_admits(s, e, err);
    if (need != LEASE_ANY && h->lease.number != 0)
        return cvk_fail(err, CVK_EBADREQ, "event.lease", "%s: lease %" PRIu64 " is live",
                        event_name(e->type), h->lease.number);
    uint64_t wanted = need == LEASE_NEXT ? h->leases + 1 : 0;
    if (e->lease != wanted)
        return cvk_fail(err, CVK_EBADREQ, "event.lease", "%s: lease %" PRIu64 " should be %" PRIu64,
                        event_name(e->type), e->lease, wanted);
    return true;
}

bool engine_admits(const EngineState *s, const Event *e, CvkErr *err) {
    if (!order_admits(&s->head, e, err) || !lease_admits(s, e, err))
        return false;
    const char *fault = rules[e->type].fault(s, e);
    if (fault != NULL)
        return cvk_fail(err, CVK_EBADREQ, "event.field", "%s: %s", event_name(e->type), fault);
    return true;
}
