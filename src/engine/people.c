/* What an event makes of the participant whom it concerns: places, costs, contributions. Both
 * engine_apply and whoever must know beforehand (engine_decide, engine_goes_out) ask here. */
#include "engine/state.h"

#include <assert.h>

bool member_is_out(const EnginePolicy *p, const Member *m) {
    return m->out || m->banned ||
           (p->contributions_max != 0 && m->contributions >= p->contributions_max);
}

bool member_is_cooling(const Member *m, int64_t now_ms) {
    return now_ms < m->cool_until_ms;
}

uint64_t engine_concerns(const EngineState *s, const Event *e) {
    switch (e->type) {
    case EVENT_JOINED:
        return e->u.joined.participant;
    case EVENT_LEFT:
        return e->u.left.participant;
    case EVENT_LEASE_GRANTED:
        return e->u.granted.participant;
    case EVENT_PARTICIPANT_BANNED:
    case EVENT_PARTICIPANT_UNBANNED:
    case EVENT_PARTICIPANT_PARDONED:
        return e->u.person.participant;
    case EVENT_CONTRIBUTION_ACCEPTED:
    case EVENT_CONTRIBUTION_REFUSED:
    case EVENT_LEASE_EXPIRED:
    case EVENT_LEASE_ABORTED:
        return s->head.lease.participant;
    case EVENT_CEREMONY_OPENED:
    case EVENT_PARTICIPANT_ADMITTED:
    case EVENT_LEASE_MOVED:
    case EVENT_RESPONSE_STORED:
    case EVENT_CLOCK_SKIPPED:
    case EVENT_MODE_CHANGED:
    case EVENT_HANDED_OVER:
    case EVENT_TAKEN_OVER:
    case EVENT_CEREMONY_FINALIZED:
    case EVENT_N:
        break;
    }
    return 0;
}

/* Each row of the ladder includes those above it. */
static void pay(const EnginePolicy *p, Member *m, Cost cost, int64_t now_ms) {
    if (cost >= COST_PLACE)
        m->place = 0;
    if (cost >= COST_COOLDOWN && p->cooldown_ms != 0)
        m->cool_until_ms = now_ms + p->cooldown_ms;
    if (cost >= COST_STRIKE && m->strikes != UINT32_MAX)
        m->strikes++;
    if (cost == COST_OUT ||
        (cost == COST_STRIKE && p->strikes_max != 0 && m->strikes >= p->strikes_max))
        m->out = true;
}

static Cost cost_of_expiry(const EnginePolicy *p, Phase phase) {
    if (!engine_phases[phase].holders_clock)
        return COST_NOTHING;
    return phase == PHASE_OFFERED ? p->missed : p->expired;
}

Member member_after(const EngineState *s, const Member *m, const Event *e) {
    const EnginePolicy *p = &s->head.policy;
    const uint64_t back = s->head.lease.place; /* for those whose turn ends */
    Member to = *m;
    switch (e->type) {
    case EVENT_JOINED:
        to.place = e->u.joined.place;
        break;
    case EVENT_LEFT:
        pay(p, &to, e->u.left.reason == LEFT_MISSED ? p->missed : COST_PLACE, e->now_ms);
        break;
    case EVENT_LEASE_GRANTED:
        to.place = 0;
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        to.contributions++;
        break;
    case EVENT_CONTRIBUTION_REFUSED:
        to.place = back;
        pay(p, &to, p->invalid, e->now_ms);
        break;
    case EVENT_LEASE_EXPIRED:
        to.place = back;
        pay(p, &to, cost_of_expiry(p, e->u.expired.phase), e->now_ms);
        break;
    case EVENT_LEASE_ABORTED:
        to.place = back;
        pay(p, &to, e->u.aborted.by_operator ? COST_PLACE : p->aborted, e->now_ms);
        break;
    case EVENT_PARTICIPANT_BANNED:
        to.banned = true;
        to.place = 0;
        break;
    case EVENT_PARTICIPANT_UNBANNED:
        to.banned = false;
        break;
    case EVENT_PARTICIPANT_PARDONED:
        to.out = false;
        to.strikes = 0;
        to.cool_until_ms = 0;
        break;
    case EVENT_CEREMONY_OPENED:
    case EVENT_PARTICIPANT_ADMITTED:
    case EVENT_LEASE_MOVED:
    case EVENT_RESPONSE_STORED:
    case EVENT_CLOCK_SKIPPED:
    case EVENT_MODE_CHANGED:
    case EVENT_HANDED_OVER:
    case EVENT_TAKEN_OVER:
    case EVENT_CEREMONY_FINALIZED:
    case EVENT_N:
        break;
    }
    return to;
}

bool engine_goes_out(const EngineState *s, const Event *e) {
    const Member *m = member_at(s, engine_concerns(s, e));
    if (m == NULL || member_is_out(&s->head.policy, m))
        return false;
    Member after = member_after(s, m, e);
    return member_is_out(&s->head.policy, &after);
}
