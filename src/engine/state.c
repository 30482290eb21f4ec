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
    place_index_done(&s->queue);
    free(s);
    return NULL;
}

/* ---- time ---- */

/* Whatever its size, an upload has a window's time. */
static int64_t upload_limit(const EnginePolicy *p, uint64_t size) {
    int64_t by_rate = (int64_t)((size * 1000 + p->upload_rate - 1) / p->upload_rate);
    return by_rate > p->upload_window_ms ? by_rate : p->upload_window_ms;
}

int64_t lease_deadline(const Head *h) {
    const Lease *l = &h->lease;
    int64_t limit = h->policy.deadline_ms[l->phase];
    if (l->phase == PHASE_UPLOADING && h->policy.upload_rate != 0) {
        int64_t at_rate = upload_limit(&h->policy, l->size);
        if (limit == 0 || at_rate < limit)
            limit = at_rate;
    }
    return limit == 0 ? INT64_MAX : l->since_ms + limit;
}

bool lease_has_run_out(const Head *h, int64_t now_ms) {
    return h->lease.number != 0 && now_ms > lease_deadline(h);
}

int64_t skip_most(const Head *h, int64_t now_ms) {
    return now_ms - (h->lease.number != 0 ? h->lease.since_ms : h->turns.ended_ms);
}

bool lease_may_stall(const Head *h, int64_t now_ms) {
    return h->lease.number != 0 && h->lease.phase == PHASE_UPLOADING &&
           h->policy.upload_rate != 0 && now_ms >= h->lease.since_ms + h->policy.upload_window_ms;
}

uint64_t upload_least(const EnginePolicy *p) {
    return (uint64_t)p->upload_rate * (uint64_t)p->upload_window_ms / 1000;
}

/* ---- members ---- */

static bool reserve_members(EngineState *s, size_t need, CvkErr *err) {
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

bool engine_reserve(EngineState *s, size_t n, CvkErr *err) {
    if (n > LIMIT_MEMBERS - s->n + ENGINE_EVENTS_MAX)
        return cvk_fail(err, CVK_ELIMIT, "limit.count", "more than %u participants", LIMIT_MEMBERS);
    size_t need = s->n + n;
    return id_index_reserve(&s->index, members_of(s), need, err) && reserve_members(s, need, err) &&
           place_index_reserve(&s->queue, (uint32_t)n, s->head.lease.place, err);
}

Member *member_find(const EngineState *s, const char *identity) {
    uint32_t at = id_index_find(&s->index, members_of(s), identity);
    return at == ID_NONE ? NULL : &s->member[at];
}

Member *member_at(const EngineState *s, uint64_t number) {
    return number == 0 || number > s->n ? NULL : &s->member[number - 1];
}

Member *member_add(EngineState *s, const char *identity, const uint8_t commitment[32]) {
    assert(s->n < s->cap && s->n < LIMIT_MEMBERS);
    Member *m = &s->member[s->n];
    *m = (Member){0};
    snprintf(m->identity, sizeof m->identity, "%s", identity);
    memcpy(m->commitment, commitment, sizeof m->commitment);
    if (identity[0] != '\0')
        id_index_add(&s->index, members_of(s), (uint32_t)s->n);
    s->n++;
    return m;
}

/* ---- what others ask ---- */

bool engine_is_out(const EngineState *s, const char *identity) {
    const Member *m = member_find(s, identity);
    return m != NULL && member_is_out(&s->head.policy, m);
}

const char *engine_identity_like(const EngineState *s, const char *beginning) {
    size_t n = strlen(beginning);
    for (size_t i = 0; i < s->n; i++)
        if (strncmp(s->member[i].identity, beginning, n) == 0)
            return s->member[i].identity;
    return NULL;
}

bool engine_person(const EngineState *s, uint64_t number, const char *identity, EnginePerson *ret) {
    const Member *m = number != 0 ? member_at(s, number) : member_find(s, identity);
    if (m == NULL)
        return false;
    *ret = (EnginePerson){
        .number = member_number(s, m),
        .identity = m->identity,
        .place = m->place,
        .ahead = m->place != 0 ? place_index_ahead(&s->queue, m->place) : 0,
        .contributions = m->contributions,
        .strikes = m->strikes,
        .cool_until_ms = m->cool_until_ms,
        .out = m->out,
        .banned = m->banned,
        .holder = s->head.lease.number != 0 && s->head.lease.participant == member_number(s, m),
    };
    return true;
}

static uint64_t root_of(uint64_t v) {
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1)
        if ((root | bit) * (root | bit) <= v)
            root |= bit;
    return root;
}

static void measure(const Turns *t, EngineView *ret) {
    uint32_t n = t->n < ENGINE_TURNS ? (uint32_t)t->n : ENGINE_TURNS;
    int64_t sum = 0, squares = 0; /* TURN_MAX squared, ENGINE_TURNS times, is below 2^63 */
    for (uint32_t i = 0; i < n; i++)
        sum += t->ms[i];
    ret->turns.n = n;
    if (n == 0)
        return;
    ret->turns.mean_ms = sum / n;
    for (uint32_t i = 0; i < n; i++) {
        int64_t off = t->ms[i] - ret->turns.mean_ms;
        squares += off * off;
    }
    ret->turns.spread_ms = n < 2 ? 0 : (int64_t)root_of((uint64_t)squares / (n - 1));
}

static void view_lease(const EngineState *s, EngineView *ret) {
    const Lease *l = &s->head.lease;
    const Member *holder = member_at(s, l->participant);
    assert(holder != NULL);
    ret->lease.number = l->number;
    ret->lease.participant = l->participant;
    memcpy(ret->lease.identity, holder->identity, sizeof ret->lease.identity);
    ret->lease.phase = l->phase;
    ret->lease.granted_ms = l->granted_ms;
    ret->lease.deadline_ms = lease_deadline(&s->head);
    memcpy(ret->lease.response, l->response, sizeof ret->lease.response);
}

void engine_view(const EngineState *s, EngineView *ret) {
    const Head *h = &s->head;
    *ret = (EngineView){
        .open = h->open,
        .finalized = h->finalized,
        .handed_over = h->handed_over,
        .mode = h->mode,
        .drained = h->mode == MODE_DRAINING && h->lease.number == 0 && s->queue.waiting == 0,
        .contributions = h->contributions,
        .leases = h->leases,
        .refused = h->refused,
        .expired = h->expired,
        .aborted = h->aborted,
        .participants = s->n,
        .waiting = s->queue.waiting,
        .policy = h->policy,
        .now_ms = h->now_ms,
    };
    memcpy(ret->key, h->key, sizeof ret->key);
    memcpy(ret->next_key, h->next_key, sizeof ret->next_key);
    measure(&h->turns, ret);
    if (h->lease.number != 0)
        view_lease(s, ret);
}
