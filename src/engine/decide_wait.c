/* Who waits, and who gets the slot: check-ins, in a lobby and in a queue. */
#include "engine/scene.h"

#include <stdio.h>
#include <string.h>

#define HEADS_MAX 64  /* so many of the queue's head are looked at for one who is ready ... */
#define READY_MAX 256 /* ... and then so many of those who are ready */
#define MISSED_MAX 8  /* places that one tick ends */

static bool is_holder(const Scene *x, const Person *who) {
    return x->lease != NULL && who->number == x->lease->participant;
}

/* May anybody get the slot now? */
static bool slot_is_free(const Scene *x) {
    const Head *h = &x->s->head;
    return x->lease == NULL && !x->granted && h->mode != MODE_PAUSED &&
           x->contributions < LIMIT_CONTRIBUTIONS;
}

static void grant(Scene *x, uint64_t participant, bool offered) {
    const Head *h = &x->s->head;
    Event *e = scene_add(x, EVENT_LEASE_GRANTED, h->leases + 1);
    e->u.granted.participant = participant;
    e->u.granted.attempt = h->leases + 1;
    e->u.granted.position = x->contributions + 1;
    e->u.granted.offered = offered;
    x->granted = true;
}

/* ---- the lobby ---- */

static const char *holder_identity(const Scene *x) {
    return member_at(x->s, x->lease->participant)->identity;
}

/* Is the lobby full of others? Its members and the slot's holder do not need a place. */
static bool is_crowded_out(const Scene *x) {
    const EnginePolicy *policy = &x->s->head.policy;
    int64_t since_ms = x->now_ms - policy->checkin_every_ms - policy->checkin_tolerance_ms;
    if (presence_seen(x->p, x->c->identity, since_ms))
        return false;
    size_t present = presence_seen_since(x->p, since_ms);
    if (x->lease != NULL && presence_seen(x->p, holder_identity(x), since_ms))
        present--;
    return present >= policy->waiting_max;
}

static Refusal ask_lobby(Scene *x, Person *who) {
    if (is_crowded_out(x))
        return REFUSAL_FULL;
    if (!slot_is_free(x))
        return REFUSAL_BUSY;
    if (who->number == 0 && x->s->n >= LIMIT_MEMBERS)
        return REFUSAL_FULL;
    scene_admit(x, who, x->c->identity);
    grant(x, who->number, false);
    return REFUSAL_NONE;
}

/* ---- the queue ---- */

/* Has this decision ended their place? */
static bool has_left(const Scene *x, uint64_t participant) {
    for (size_t i = 0; i < x->events->n; i++)
        if (x->events->at[i].type == EVENT_LEFT &&
            x->events->at[i].u.left.participant == participant)
            return true;
    return false;
}

static bool is_ready(const Scene *x, const Member *m) {
    return m->identity[0] != '\0' &&
           presence_ready(x->p, m->identity, x->now_ms, x->s->head.policy.ready_ms) &&
           !has_left(x, member_number(x->s, m));
}

static const Member *ready_at_head(const Scene *x) {
    for (uint32_t ahead = 0; ahead < HEADS_MAX; ahead++) {
        uint32_t at = place_index_at(&x->s->queue, ahead);
        if (at == PLACE_NONE)
            return NULL;
        if (is_ready(x, &x->s->member[at]))
            return &x->s->member[at];
    }
    return NULL;
}

/* The longest waiter of those who are ready; NULL: nobody is. In a long queue whose first 64 sleep,
 * it is the longest waiter of 256 who are ready. */
static const Member *longest_ready(const Scene *x) {
    const Member *found = ready_at_head(x);
    if (found != NULL || x->s->queue.waiting <= HEADS_MAX)
        return found;
    PresenceWalk walk = {0};
    for (int i = 0; i < READY_MAX; i++) {
        const char *identity =
            presence_next_ready(x->p, &walk, x->now_ms, x->s->head.policy.ready_ms);
        if (identity == NULL)
            break;
        const Member *m = member_find(x->s, identity);
        if (m != NULL && m->place != 0 && (found == NULL || m->place < found->place) &&
            !has_left(x, member_number(x->s, m)))
            found = m;
    }
    return found;
}

static Refusal join(Scene *x, Person *who) {
    const Head *h = &x->s->head;
    if (h->mode == MODE_DRAINING)
        return REFUSAL_CLOSED;
    /* whose turn has just run out may be on the way back to their place */
    uint64_t waiting = (uint64_t)x->s->queue.waiting + (x->gone_as.place != 0 ? 1 : 0);
    if (waiting >= h->policy.waiting_max || (who->number == 0 && x->s->n >= LIMIT_MEMBERS))
        return REFUSAL_FULL;
    scene_admit(x, who, x->c->identity);
    Event *e = scene_add(x, EVENT_JOINED, 0);
    e->u.joined.participant = who->number;
    e->u.joined.place = who->m.place = h->places + 1;
    return REFUSAL_NONE;
}

static bool makes_offers(const Scene *x) {
    return x->s->head.policy.deadline_ms[PHASE_OFFERED] != 0;
}

static void offer(Scene *x, const Member *m) {
    grant(x, member_number(x->s, m), makes_offers(x));
}

/* Whoever asks is ready: they get the free slot unless somebody ready waits before them. */
static Refusal ask_queue(Scene *x, Person *who) {
    if (who->m.place == 0) {
        Refusal no = join(x, who);
        if (no != REFUSAL_NONE)
            return no;
    }
    if (!slot_is_free(x))
        return REFUSAL_BUSY;
    const Member *first = longest_ready(x);
    if (first != NULL && first->place < who->m.place) {
        offer(x, first);
        return REFUSAL_BUSY;
    }
    grant(x, who->number, x->c->aim == CHECK_IN_LOOK && makes_offers(x));
    return REFUSAL_NONE;
}

void decide_offer(Scene *x) {
    const Head *h = &x->s->head;
    if (h->policy.entry != ENTRY_FIFO || scene_over(x) != REFUSAL_NONE || !slot_is_free(x))
        return;
    const Member *first = longest_ready(x);
    if (first != NULL)
        offer(x, first);
}

/* ---- check-ins ---- */

/* A last visit that lies ahead (the clock was set back) does not count. */
static bool is_early(const Scene *x) {
    const EnginePolicy *p = &x->s->head.policy;
    int64_t soonest_ms = p->checkin_every_ms - p->checkin_tolerance_ms, asked_ms;
    if (p->entry == ENTRY_FIFO && soonest_ms > p->checkin_shortest_ms / 2)
        soonest_ms = p->checkin_shortest_ms / 2;
    return presence_last_asked(x->p, x->c->identity, &asked_ms) && asked_ms <= x->now_ms &&
           x->now_ms < asked_ms + soonest_ms;
}

/* Whoever comes for an offer has it: the time to fetch begins. */
static Refusal ask_as_holder(Scene *x) {
    if (x->lease->phase == PHASE_VERIFYING)
        return REFUSAL_WRONG_PHASE;
    if (x->c->aim == CHECK_IN_LOOK)
        return REFUSAL_HOLDER_AGAIN;
    if (x->lease->phase == PHASE_OFFERED)
        scene_add(x, EVENT_LEASE_MOVED, x->lease->number)->u.moved.phase = PHASE_FETCHING;
    else if (is_early(x))
        return REFUSAL_EARLY;
    return REFUSAL_HOLDER_AGAIN;
}

Refusal decide_check_in(Scene *x) {
    const Head *h = &x->s->head;
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    if (h->contributions >= LIMIT_CONTRIBUTIONS)
        return REFUSAL_FINALIZED;
    if (!engine_text_ok(x->c->identity, LIMIT_IDENTITY))
        return REFUSAL_OUT;
    Person who = scene_person(x, x->c->identity);
    if (member_is_out(&h->policy, &who.m))
        return REFUSAL_OUT;
    if (is_holder(x, &who))
        return ask_as_holder(x);
    if (x->c->aim == CHECK_IN_COME)
        return REFUSAL_NOT_HOLDER;
    if (member_is_cooling(&who.m, x->now_ms))
        return REFUSAL_COOLING;
    if (is_early(x))
        return REFUSAL_EARLY;
    return h->policy.entry == ENTRY_FIFO ? ask_queue(x, &who) : ask_lobby(x, &who);
}

Refusal decide_leave(Scene *x) {
    Refusal over = scene_over(x);
    if (over != REFUSAL_NONE)
        return over;
    Person who = scene_person(x, x->c->identity);
    if (who.number == 0)
        return REFUSAL_UNKNOWN;
    if (who.m.place == 0)
        return REFUSAL_NO_CHANGE;
    Event *e = scene_add(x, EVENT_LEFT, 0);
    e->u.left.participant = who.number;
    e->u.left.reason = LEFT_OWN_WISH;
    return REFUSAL_NONE;
}

/* ---- missed check-ins ---- */

static void end_place(Scene *x, const Member *m, int64_t seen_ms) {
    Event *e = scene_add(x, EVENT_LEFT, 0);
    e->u.left.participant = member_number(x->s, m);
    e->u.left.reason = LEFT_MISSED;
    e->u.left.seen_ms = seen_ms;
}

void decide_missed(Scene *x) {
    const EnginePolicy *p = &x->s->head.policy;
    if (p->entry != ENTRY_FIFO || p->missed == COST_NOTHING || scene_over(x) != REFUSAL_NONE)
        return;
    const char *late[PRESENCE_LATE_MAX];
    size_t n = presence_late(x->p, x->now_ms, late, PRESENCE_LATE_MAX), ended = 0;
    for (size_t i = 0; i < n && ended < MISSED_MAX; i++) {
        const Member *m = member_find(x->s, late[i]);
        int64_t seen_ms;
        if (m == NULL || m->place == 0 || !presence_last_seen(x->p, late[i], &seen_ms) ||
            x->now_ms - seen_ms <= p->checkin_every_ms + p->checkin_tolerance_ms)
            continue;
        end_place(x, m, seen_ms);
        ended++;
    }
}
