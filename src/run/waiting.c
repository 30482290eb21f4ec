/* How long somebody waits, and when they should ask again. */
#include "run/ceremony_private.h"

#include <string.h>

/* Held: published. */
static size_t lobby_size(Ceremony *c, const EngineView *view, int64_t now_ms) {
    const EnginePolicy *p = &view->policy;
    bool lobby = p->entry == ENTRY_LOBBY;
    if (!lobby)
        return view->waiting;
    size_t n =
        presence_count(c->presence, now_ms, p->checkin_every_ms + p->checkin_tolerance_ms, true);
    int64_t seen;
    bool holder =
        view->lease.number != 0 && presence_last_seen(c->presence, view->lease.identity, &seen);
    return n - (holder && n != 0 ? 1 : 0);
}

void ceremony_status(Ceremony *c, CeremonyStatus *ret) {
    int64_t now_ms = run_clock_now(c->host.clock);
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &ret->view);
    ret->lobby_size = lobby_size(c, &ret->view, now_ms);
    pthread_mutex_unlock(&c->published);
}

static bool has_lost(const EnginePerson *p, int64_t now_ms) {
    bool out = p->out && !p->banned && p->contributions == 0;
    return out || p->cool_until_ms > now_ms;
}

void ceremony_waiting(Ceremony *c, const Session *s, Waiting *ret) {
    EngineView view;
    EnginePerson person = {.number = 0};
    int64_t seen;
    *ret = (Waiting){.now_ms = run_clock_now(c->host.clock)};
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    const EnginePolicy *p = &view.policy;
    bool known = engine_person(c->state, 0, s->identity, &person);
    ret->mode = view.mode;
    ret->waiting = lobby_size(c, &view, ret->now_ms);
    ret->holds = known && person.holder;
    ret->phase = view.lease.phase;
    ret->deadline_ms = view.lease.deadline_ms;
    ret->lost = known && !ret->holds && has_lost(&person, ret->now_ms);
    if (p->entry == ENTRY_FIFO) {
        ret->waits = ret->placed = known && person.place != 0;
        ret->ahead = ret->waits ? person.ahead : view.waiting;
        ret->parkable = ret->waits && p->park_ms != 0 && person.ahead < p->park_max;
    } else {
        ret->waits =
            !(known && person.holder) && presence_last_seen(c->presence, s->identity, &seen);
    }
    engine_estimate(&view, ret->ahead, ret->waiting, &ret->estimate);
    engine_due(c->state, s->identity, false, ret->now_ms, &ret->due);
    pthread_mutex_unlock(&c->published);
}

/* Nobody is late before checkin_every + checkin_tolerance. */
bool ceremony_is_due(Ceremony *c, const Session *s) {
    EngineView view;
    EnginePerson person;
    int64_t seen_ms, now_ms = run_clock_now(c->host.clock);
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    const EnginePolicy *p = &view.policy;
    int64_t half_ms = p->checkin_every_ms / 2;
    int64_t after_ms = p->checkin_every_ms - p->checkin_tolerance_ms;
    bool due = half_ms != 0 && engine_person(c->state, 0, s->identity, &person) &&
               person.place != 0 && presence_last_seen(c->presence, s->identity, &seen_ms) &&
               now_ms - seen_ms >= (after_ms > half_ms ? after_ms : half_ms);
    pthread_mutex_unlock(&c->published);
    return due;
}

bool ceremony_leave(Ceremony *c, const Session *s, Refusal *ret_refusal, CvkErr *err) {
    Command command = {.type = COMMAND_LEAVE, .identity = s->identity};
    Events events;
    CeremonyStatus status;
    Waiting w;
    ceremony_status(c, &status);
    ceremony_waiting(c, s, &w);
    *ret_refusal = w.waits ? REFUSAL_NONE : REFUSAL_NO_CHANGE;
    return !w.waits || status.view.policy.entry == ENTRY_LOBBY ||
           ceremony_execute(c, &command, NULL, &events, ret_refusal, err);
}
