#include "run/standing.h"

#include "run/ceremony_private.h"
#include "run/journal.h"

#include <stdio.h>
#include <string.h>

const char *outcome_name(Outcome o) {
    static const char *const names[OVER_N] = {
        [OVER_ACCEPTED] = "accepted",
        [OVER_REFUSED] = "refused",
        [OVER_EXPIRED] = "expired",
        [OVER_ABORTED] = "aborted",
        [OVER_LEFT] = "left",
        [OVER_BANNED] = "banned",
        [OVER_OUT] = "out",
        [OVER_FINISHED] = "finished",
        [OVER_HANDED_OVER] = "handed-over",
        [OVER_SIGNED_OUT] = "signed-out",
    };
    return names[o];
}

bool standing_equal(const Standing *a, const Standing *b) {
    return a->kind == b->kind && a->in_queue == b->in_queue && a->ahead == b->ahead &&
           a->lease == b->lease && a->phase == b->phase && a->deadline_ms == b->deadline_ms &&
           a->outcome == b->outcome && a->index == b->index && strcmp(a->reason, b->reason) == 0;
}

/* ---- what ended ---- */

static void note(Ceremony *c, uint64_t participant, Outcome outcome, uint64_t index,
                 const char *reason) {
    TurnEnd *end = &c->ends[c->n_ends++ % ENDS_MAX];
    *end = (TurnEnd){.participant = participant, .outcome = outcome, .index = index};
    snprintf(end->reason, sizeof end->reason, "%s", reason);
}

void standing_note(Ceremony *c, const Event *e, uint64_t participant) {
    switch (e->type) {
    case EVENT_CONTRIBUTION_ACCEPTED:
        note(c, participant, OVER_ACCEPTED, e->u.accepted.index, "");
        break;
    case EVENT_CONTRIBUTION_REFUSED:
        note(c, participant, OVER_REFUSED, 0, e->u.refused.reason);
        break;
    case EVENT_LEASE_EXPIRED:
        note(c, participant, OVER_EXPIRED, 0, phase_name(e->u.expired.phase));
        break;
    case EVENT_LEASE_ABORTED:
        note(c, participant, OVER_ABORTED, 0, "");
        break;
    case EVENT_LEFT:
        note(c, participant, OVER_LEFT, 0, left_name(e->u.left.reason));
        break;
    case EVENT_PARTICIPANT_BANNED:
        note(c, participant, OVER_BANNED, 0, e->u.person.reason);
        break;
    case EVENT_CEREMONY_OPENED:
    case EVENT_PARTICIPANT_ADMITTED:
    case EVENT_JOINED:
    case EVENT_LEASE_GRANTED:
    case EVENT_LEASE_MOVED:
    case EVENT_RESPONSE_STORED:
    case EVENT_CLOCK_SKIPPED:
    case EVENT_MODE_CHANGED:
    case EVENT_PARTICIPANT_UNBANNED:
    case EVENT_PARTICIPANT_PARDONED:
    case EVENT_HANDED_OVER:
    case EVENT_TAKEN_OVER:
    case EVENT_CEREMONY_FINALIZED:
    case EVENT_N:
        break;
    }
}

/* Their newest end since they heard last; NULL: none, or forgotten. Held: published. */
static const TurnEnd *newest_end(const Ceremony *c, uint64_t participant, uint64_t heard) {
    uint64_t oldest = c->n_ends > ENDS_MAX ? c->n_ends - ENDS_MAX : 0;
    for (uint64_t i = c->n_ends; i > heard && i > oldest; i--)
        if (c->ends[(i - 1) % ENDS_MAX].participant == participant)
            return &c->ends[(i - 1) % ENDS_MAX];
    return NULL;
}

/* ---- a look ---- */

static void over(Standing *ret, Outcome outcome, const TurnEnd *end) {
    ret->kind = STANDING_OVER;
    ret->outcome = outcome;
    if (end == NULL)
        return;
    ret->index = end->index;
    memcpy(ret->reason, end->reason, sizeof ret->reason);
}

static Outcome why_out(const EnginePerson *person) {
    if (person->banned)
        return OVER_BANNED;
    return person->contributions != 0 ? OVER_ACCEPTED : OVER_OUT;
}

static void in_turn(const EngineView *view, Standing *ret) {
    ret->kind = STANDING_TURN;
    ret->lease = view->lease.number;
    ret->phase = view->lease.phase;
    ret->deadline_ms = view->lease.deadline_ms;
}

static void in_queue(const EnginePerson *person, Standing *ret) {
    ret->kind = STANDING_WAITS;
    ret->in_queue = true;
    ret->ahead = person->ahead;
}

/* Held: published. */
static bool is_in_lobby(const Ceremony *c, const EngineView *view, const char *identity) {
    int64_t seen;
    return view->policy.entry == ENTRY_LOBBY && presence_last_seen(c->presence, identity, &seen);
}

/* Held: published. */
static void look(const Ceremony *c, const Session *s, const Heard *heard, Standing *ret) {
    const char *identity = s->identity;
    EngineView view;
    SessionRow row;
    EnginePerson person = {.number = 0};
    engine_view(c->state, &view);
    bool known = engine_person(c->state, 0, identity, &person);
    const TurnEnd *end = known ? newest_end(c, person.number, heard->ends) : NULL;
    if (end != NULL)
        over(ret, end->outcome, end);
    else if (!sessions_find(c->sessions, s->hash, &row))
        over(ret, OVER_SIGNED_OUT, NULL);
    else if (known && person.holder)
        in_turn(&view, ret);
    else if (view.handed_over || view.finalized)
        over(ret, view.finalized ? OVER_FINISHED : OVER_HANDED_OVER, NULL);
    else if (known && engine_is_out(c->state, identity))
        over(ret, why_out(&person), NULL);
    else if (known && person.place != 0)
        in_queue(&person, ret);
    else if (is_in_lobby(c, &view, identity))
        ret->kind = STANDING_WAITS;
}

void ceremony_standing_begin(Ceremony *c, Heard *ret) {
    pthread_mutex_lock(&c->published);
    *ret = (Heard){.ends = c->n_ends};
    pthread_mutex_unlock(&c->published);
}

void ceremony_standing(Ceremony *c, const Session *s, Heard *heard, Standing *ret) {
    *ret = (Standing){.kind = STANDING_AWAY, .now_ms = run_clock_now(c->host.clock)};
    pthread_mutex_lock(&c->published);
    look(c, s, heard, ret);
    heard->ends = c->n_ends;
    pthread_mutex_unlock(&c->published);
}
