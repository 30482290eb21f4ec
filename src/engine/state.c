#include "engine/state.h"
#include "base/alloc.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

EngineState *engine_state_new(CvkErr *err) {
    return cvk_alloc(1, sizeof(EngineState), err);
}

EngineState *engine_state_free(EngineState *s) {
    if (s == NULL)
        return NULL;
    free(s->member);
    id_index_done(&s->index);
    free(s);
    return NULL;
}

/* ---- time ---- */

int64_t lease_deadline(const Head *h) {
    int64_t limit = h->policy.deadline_ms[h->lease.phase];
    return limit == 0 ? INT64_MAX : h->lease.since_ms + limit;
}

bool lease_has_run_out(const Head *h, int64_t now_ms) {
    return h->lease.number != 0 && now_ms > lease_deadline(h);
}

Cost expiry_cost(const EnginePolicy *p, Phase phase) {
    return engine_phases[phase].holders_clock ? p->expired : COST_NOTHING;
}

Phase first_phase(const EnginePolicy *p) {
    return p->deadline_ms[PHASE_OFFERED] == 0 ? PHASE_FETCHING : PHASE_OFFERED;
}

/* ---- members ---- */

bool engine_reserve(EngineState *s, size_t n, CvkErr *err) {
    if (n > LIMIT_MEMBERS - s->n)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "more than %u members", LIMIT_MEMBERS);
    size_t need = s->n + n;
    if (!id_index_reserve(&s->index, members_of(s), need, err))
        return false;
    if (need <= s->cap)
        return true;
    size_t cap = s->cap == 0 ? 16 : s->cap + s->cap / 2;
    if (cap < need)
        cap = need;
    Member *grown = realloc(s->member, cap * sizeof *grown);
    if (grown == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory for %zu members", cap);
    s->member = grown;
    s->cap = cap;
    return true;
}

Member *member_find(const EngineState *s, const char *identity) {
    uint32_t at = id_index_find(&s->index, members_of(s), identity);
    return at == ID_NONE ? NULL : &s->member[at];
}

Member *member_add(EngineState *s, const char *identity) {
    assert(s->n < s->cap);
    Member *m = &s->member[s->n];
    *m = (Member){0};
    snprintf(m->identity, sizeof m->identity, "%s", identity);
    id_index_add(&s->index, members_of(s), (uint32_t)s->n);
    s->n++;
    return m;
}

bool engine_is_out(const EngineState *s, const char *identity) {
    const Member *m = member_find(s, identity);
    return m != NULL && (m->out || (m->contributions != 0 && !s->head.policy.repeat));
}

void engine_view(const EngineState *s, EngineView *ret) {
    const Head *h = &s->head;
    *ret = (EngineView){
        .open = h->open,
        .finalized = h->finalized,
        .contributions = h->contributions,
        .leases = h->leases,
        .refused = h->refused,
        .expired = h->expired,
        .aborted = h->aborted,
        .policy = h->policy,
        .now_ms = h->now_ms,
    };
    if (h->lease.number == 0)
        return;
    ret->lease.number = h->lease.number;
    memcpy(ret->lease.identity, h->lease.identity, sizeof ret->lease.identity);
    ret->lease.phase = h->lease.phase;
    ret->lease.granted_ms = h->lease.granted_ms;
    ret->lease.deadline_ms = lease_deadline(h);
    memcpy(ret->lease.response, h->lease.response, sizeof ret->lease.response);
}
