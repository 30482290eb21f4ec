/* What must hold of any state: asserted after each event where that is affordable, and told of a
 * snapshot that came from a disk. */
#include "engine/state.h"

#include <assert.h>
#include <string.h>

/* ---- policies ---- */

static bool duration_ok(int64_t ms) {
    return ms >= 0 && ms <= ENGINE_DURATION_MAX;
}

static bool cost_ok(Cost c) {
    return (size_t)c < COST_N;
}

const char *policy_fault(const EnginePolicy *p) {
    if ((size_t)p->entry >= ENTRY_N)
        return "the way of entry is none of ours";
    if (p->waiting_max == 0)
        return "there is no room to wait";
    if (!duration_ok(p->checkin_every_ms) || !duration_ok(p->checkin_tolerance_ms) ||
        !duration_ok(p->checkin_shortest_ms) || !duration_ok(p->checkin_longest_ms) ||
        !duration_ok(p->checkin_lead_ms))
        return "a check-in time is out of range";
    if (p->checkin_shortest_ms > p->checkin_longest_ms)
        return "the shortest check-in interval is longer than the longest";
    if (!duration_ok(p->ready_ms) || !duration_ok(p->park_ms) || !duration_ok(p->cooldown_ms))
        return "a time is out of range";
    for (size_t i = 0; i < PHASE_N; i++)
        if (!duration_ok(p->deadline_ms[i]))
            return "a deadline is out of range";
    if (!duration_ok(p->upload_window_ms) || (p->upload_rate != 0 && p->upload_window_ms == 0))
        return "the window of the upload rate is out of range";
    if (!cost_ok(p->missed) || !cost_ok(p->expired) || !cost_ok(p->aborted) || !cost_ok(p->invalid))
        return "a cost is none of ours";
    return NULL;
}

/* ---- the lease ---- */

static bool all_zero(const void *data, size_t n) {
    const uint8_t *byte = data;
    for (size_t i = 0; i < n; i++)
        if (byte[i] != 0)
            return false;
    return true;
}

static const char *free_slot_fault(const Lease *l) {
    return l->participant == 0 && l->place == 0 && l->phase == 0 && l->granted_ms == 0 &&
                   l->since_ms == 0 && l->size == 0 && all_zero(l->response, sizeof l->response)
               ? NULL
               : "a free slot has a holder";
}

static const char *lease_fault(const EngineState *s) {
    const Head *h = &s->head;
    const Lease *l = &h->lease;
    if (l->number == 0)
        return free_slot_fault(l);
    if (h->finalized || h->handed_over)
        return "a lease outlives the ceremony";
    if (l->number != h->leases)
        return "the live lease is not the newest";
    const Member *m = member_at(s, l->participant);
    if (m == NULL)
        return "nobody holds the live lease";
    if (member_is_out(&h->policy, m))
        return "somebody who is out holds the slot";
    if (m->place != 0)
        return "the holder waits as well";
    if ((l->place != 0) != (h->policy.entry == ENTRY_FIFO) || l->place > h->places)
        return "the holder's place is out of range";
    if (l->granted_ms < 0 || l->granted_ms > l->since_ms || l->since_ms > h->now_ms)
        return "the times of the lease are out of order";
    if (l->phase == PHASE_OFFERED && h->policy.deadline_ms[PHASE_OFFERED] == 0)
        return "nobody is offered anything here";
    if (l->size > UPLOAD_SIZE_MAX || (l->size != 0 && l->phase != PHASE_UPLOADING))
        return "an upload's size is out of range";
    if (l->phase != PHASE_VERIFYING && !all_zero(l->response, sizeof l->response))
        return "a response is there before it was stored";
    return NULL;
}

/* ---- the people ---- */

static const char *place_fault(const EngineState *s, size_t at) {
    const Head *h = &s->head;
    const Member *m = &s->member[at];
    if (m->place == 0)
        return NULL;
    if (h->policy.entry != ENTRY_FIFO)
        return "somebody waits where there is no queue";
    if (m->place > h->places || place_index_who(&s->queue, m->place) != at)
        return "a place is out of range, or somebody else's";
    if (m->place == h->lease.place)
        return "somebody waits at the holder's place";
    if (member_is_out(&h->policy, m))
        return "somebody who is out waits";
    return NULL;
}

static const char *member_fault(const EngineState *s, size_t at) {
    const EnginePolicy *p = &s->head.policy;
    const Member *m = &s->member[at];
    if (m->identity[0] != '\0') {
        if (!engine_text_ok(m->identity, LIMIT_IDENTITY))
            return "a participant has no usable identity";
        if (member_find(s, m->identity) != m)
            return "an identity is there twice";
    } else if (all_zero(m->commitment, sizeof m->commitment)) {
        return "a participant is nobody";
    }
    if (p->contributions_max != 0 && m->contributions > p->contributions_max)
        return "somebody has contributed too often";
    if (m->cool_until_ms < 0 || m->cool_until_ms > s->head.now_ms + p->cooldown_ms)
        return "a cool-down is out of range";
    return place_fault(s, at);
}

static const char *members_fault(const EngineState *s) {
    uint64_t contributions = 0, waiting = 0;
    for (size_t i = 0; i < s->n; i++) {
        const char *fault = member_fault(s, i);
        if (fault != NULL)
            return fault;
        contributions += s->member[i].contributions;
        waiting += s->member[i].place != 0 ? 1 : 0;
    }
    if (contributions != s->head.contributions)
        return "the participants' contributions do not add up";
    if (waiting != s->queue.waiting)
        return "the queue is not who waits";
    return NULL;
}

/* ---- the head ---- */

static const char *counts_fault(const Head *h) {
    const uint64_t limit = INT64_MAX / 8; /* so that sums cannot overflow */
    if (h->contributions > LIMIT_CONTRIBUTIONS || h->leases > limit || h->refused > limit ||
        h->expired > limit || h->aborted > limit || h->places > limit)
        return "a counter is out of range";
    uint64_t ended = h->contributions + h->refused + h->expired + h->aborted;
    if (h->leases != ended + (h->lease.number != 0 ? 1 : 0))
        return "the leases do not add up";
    if (h->turns.n != ended)
        return "the measured turns do not add up";
    return NULL;
}

static const char *turns_fault(const Head *h) {
    const Turns *t = &h->turns;
    if (t->ended_ms < 0 || t->ended_ms > h->now_ms)
        return "the newest turn ended at no possible time";
    for (size_t i = 0; i < ENGINE_TURNS; i++)
        if (t->ms[i] < 0 || t->ms[i] > TURN_MAX || (i >= t->n && t->ms[i] != 0))
            return "the time of a turn is out of range";
    return NULL;
}

static const char *course_fault(const Head *h) {
    if ((size_t)h->mode >= MODE_N)
        return "the mode is none of ours";
    if (h->finalized && h->handed_over)
        return "a final ceremony is handed over";
    if (h->handed_over == all_zero(h->next_key, sizeof h->next_key))
        return "it is handed over to nobody, or to somebody without being so";
    return NULL;
}

static const char *unopened_fault(const EngineState *s) {
    static const Head nothing;
    const Head *h = &s->head;
    return h->finalized || h->handed_over || h->leases != 0 || h->places != 0 || s->n != 0 ||
                   memcmp(&h->turns, &nothing.turns, sizeof h->turns) != 0
               ? "something came before the opening"
               : NULL;
}

const char *state_fault(const EngineState *s) {
    const Head *h = &s->head;
    if (h->now_ms < 0 || h->now_ms > ENGINE_TIME_MAX)
        return "the time is out of range";
    const char *fault = counts_fault(h);
    if (fault == NULL && !h->open)
        return unopened_fault(s);
    if (fault == NULL &&
        !(engine_text_ok(h->name, LIMIT_IDENTITY) && engine_text_ok(h->kind, sizeof h->kind - 1)))
        fault = "the ceremony has no usable name or kind";
    if (fault == NULL)
        fault = policy_fault(&h->policy);
    if (fault == NULL)
        fault = course_fault(h);
    if (fault == NULL)
        fault = turns_fault(h);
    if (fault == NULL)
        fault = lease_fault(s);
    if (fault == NULL)
        fault = members_fault(s);
    return fault;
}

void engine_check(const EngineState *s) {
    assert(state_fault(s) == NULL);
}
