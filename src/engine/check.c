/* What must hold of any state: asserted after each event where that is affordable, and told of a
 * snapshot that came from a disk. */
#include "engine/state.h"

#include <assert.h>
#include <string.h>

static bool duration_ok(int64_t ms) {
    return ms >= 0 && ms <= ENGINE_DURATION_MAX;
}

static bool cost_ok(Cost c) {
    return (size_t)c < COST_N;
}

const char *policy_fault(const EnginePolicy *p) {
    if (!duration_ok(p->checkin_every_ms) || !duration_ok(p->checkin_tolerance_ms))
        return "a check-in time is out of range";
    for (size_t i = 0; i < PHASE_N; i++)
        if (!duration_ok(p->deadline_ms[i]))
            return "a deadline is out of range";
    if (p->lobby_max == 0)
        return "the lobby has no room";
    if (!cost_ok(p->expired) || !cost_ok(p->aborted) || !cost_ok(p->invalid))
        return "a cost is none of ours";
    return NULL;
}

static bool all_zero(const void *data, size_t n) {
    const uint8_t *byte = data;
    for (size_t i = 0; i < n; i++)
        if (byte[i] != 0)
            return false;
    return true;
}

static const char *lease_fault(const EngineState *s) {
    const Head *h = &s->head;
    const Lease *l = &h->lease;
    if (l->number == 0)
        return all_zero(l->response, sizeof l->response) && l->identity[0] == '\0'
                   ? NULL
                   : "a free slot has a holder";
    if (h->finalized)
        return "a lease outlives the ceremony";
    if (l->number != h->leases)
        return "the live lease is not the newest";
    if (!engine_text_ok(l->identity, LIMIT_IDENTITY))
        return "the holder has no usable identity";
    if ((size_t)l->phase >= PHASE_N)
        return "the lease is in no known phase";
    if (l->granted_ms < 0 || l->granted_ms > l->since_ms || l->since_ms > h->now_ms)
        return "the times of the lease are out of order";
    if (l->phase != PHASE_VERIFYING && !all_zero(l->response, sizeof l->response))
        return "a response is there before it was stored";
    if (engine_is_out(s, l->identity))
        return "somebody who is out holds the slot";
    return NULL;
}

static const char *members_fault(const EngineState *s) {
    uint64_t contributions = 0;
    for (size_t i = 0; i < s->n; i++) {
        const Member *m = &s->member[i];
        if (!engine_text_ok(m->identity, LIMIT_IDENTITY))
            return "a member has no usable identity";
        if (member_find(s, m->identity) != m)
            return "an identity is there twice";
        if (!m->out && m->contributions == 0)
            return "a member has neither contributed nor gone out";
        if (m->contributions > 1 && !s->head.policy.repeat)
            return "somebody has contributed twice";
        contributions += m->contributions;
    }
    if (contributions != s->head.contributions)
        return "the members' contributions do not add up";
    return NULL;
}

static const char *counts_fault(const Head *h) {
    const uint64_t limit = INT64_MAX / 8; /* so that sums cannot overflow */
    if (h->contributions > LIMIT_CONTRIBUTIONS || h->leases > limit || h->refused > limit ||
        h->expired > limit || h->aborted > limit)
        return "a counter is out of range";
    uint64_t ended = h->contributions + h->refused + h->expired + h->aborted;
    if (h->leases != ended + (h->lease.number != 0 ? 1 : 0))
        return "the leases do not add up";
    return NULL;
}

const char *state_fault(const EngineState *s) {
    const Head *h = &s->head;
    if (h->now_ms < 0 || h->now_ms > ENGINE_TIME_MAX)
        return "the time is out of range";
    const char *fault = counts_fault(h);
    if (fault == NULL && !h->open)
        return h->finalized || h->leases != 0 || s->n != 0 ? "something came before the opening"
                                                           : NULL;
    if (fault == NULL &&
        !(engine_text_ok(h->name, LIMIT_IDENTITY) && engine_text_ok(h->kind, sizeof h->kind - 1)))
        fault = "the ceremony has no usable name or kind";
    if (fault == NULL)
        fault = policy_fault(&h->policy);
    if (fault == NULL)
        fault = lease_fault(s);
    if (fault == NULL)
        fault = members_fault(s);
    return fault;
}

void engine_check(const EngineState *s) {
    assert(state_fault(s) == NULL);
}
