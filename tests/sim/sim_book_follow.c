/* What each line of a journal means, and what it may not say. */
#include "sim/sim_book_private.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- people and places ---- */

/* Who a participant is; NOBODY (and a broken rule) when there is none. */
static uint32_t person_of(SimBook *b, uint64_t participant) {
    bool known = participant >= 1 && participant <= b->n_participants;
    return book_must(b, known, RULE_FORM, "names a participant whom nobody admitted")
               ? b->participant[participant]
               : NOBODY;
}

static void place_set(SimBook *b, uint64_t place, uint32_t who) {
    if (place >= b->places_room) {
        uint64_t room = 2 * place + 64;
        b->at_place = realloc(b->at_place, room * sizeof *b->at_place);
        assert(b->at_place != NULL);
        for (uint64_t i = b->places_room; i < room; i++)
            b->at_place[i] = NOBODY;
        b->places_room = room;
    }
    b->at_place[place] = who;
    if (who != NOBODY && place < b->head)
        b->head = place;
}

static void wait_begins(SimBook *b, uint32_t who) {
    BookPerson *p = &b->people[who];
    p->waits = true;
    b->waiting++;
    place_set(b, p->place, who);
}

static void wait_ends(SimBook *b, uint32_t who) {
    BookPerson *p = &b->people[who];
    p->waits = false;
    b->waiting--;
    place_set(b, p->place, NOBODY);
    while (b->head <= b->last_place && b->at_place[b->head] == NOBODY)
        b->head++;
}

/* May they wait or have the slot? */
static void must_be_welcome(SimBook *b, const BookPerson *p, const Event *e) {
    book_must(b, !p->out, RULE_COST, "somebody who is out for good comes in");
    book_must(b, !p->banned, RULE_COST, "somebody who is banned comes in");
    book_must(b, e->now_ms >= p->cool_until_ms, RULE_COST, "somebody comes in who must cool down");
    book_must(b, b->policy.contributions_max == 0 || p->contributions < b->policy.contributions_max,
              RULE_ONCE, "somebody comes in who has contributed as often as they may");
}

static void put_out(SimBook *b, uint32_t who) {
    b->people[who].out = true;
}

/* The ladder of the policy. A queue's place outlives a turn that cost nothing. */
static void pay(SimBook *b, uint32_t who, Cost cost, const Event *e) {
    BookPerson *p = &b->people[who];
    if (cost >= COST_COOLDOWN && b->policy.cooldown_ms > 0) {
        p->cool_until_ms = e->now_ms + b->policy.cooldown_ms;
        p->cool_up_ms = b->up_ms;
    }
    if (cost >= COST_STRIKE)
        p->strikes++;
    if (cost == COST_OUT ||
        (cost == COST_STRIKE && b->policy.strikes_max != 0 && p->strikes >= b->policy.strikes_max))
        put_out(b, who);
    if (cost == COST_NOTHING && b->policy.entry == ENTRY_FIFO && p->place != 0 && !p->banned)
        wait_begins(b, who);
    else
        p->place = 0;
}

/* ---- leases ---- */

static bool is_live(SimBook *b, const Event *e) {
    return book_must(b, b->lease.number != 0 && e->lease == b->lease.number, RULE_ORDER,
                     "something happens to a lease that is not live");
}

static void lease_in(SimBook *b, Phase phase) {
    b->lease.phase = phase;
    b->lease.since_up_ms = b->up_ms;
    b->lease.since_epoch = b->epoch;
}

static void lease_ends(SimBook *b, Cost cost, const Event *e) {
    uint32_t who = b->lease.who;
    b->lease = (BookLease){0};
    b->free_up_ms = b->up_ms;
    b->freed_ms = sim_now_ms();
    b->freed_who = who;
    b->people[who].turns++;
    pay(b, who, cost, e);
}

static void follow_opened(SimBook *b, const Event *e) {
    book_must(b, !b->open && b->n_lines == 1, RULE_ORDER, "opened twice");
    b->open = true;
    b->policy = e->u.opened.policy;
}

static void follow_admitted(SimBook *b, const Event *e) {
    uint32_t who = NOBODY;
    if (sscanf(e->u.admitted.identity, "sim|%" SCNu32 "|p", &who) != 1 || who >= b->n) {
        book_break(b, RULE_FORM, "admits '%.40s'", e->u.admitted.identity);
        return;
    }
    book_must(b, e->u.admitted.participant == b->n_participants + 1, RULE_ORDER,
              "a participant's number is not the next");
    if (book_must(b, b->people[who].number == 0, RULE_FORM, "admits somebody a second time")) {
        b->people[who].number = ++b->n_participants;
        b->participant[b->n_participants] = who;
    }
}

static void follow_joined(SimBook *b, const Event *e) {
    uint32_t who = person_of(b, e->u.joined.participant);
    if (who == NOBODY)
        return;
    BookPerson *p = &b->people[who];
    must_be_welcome(b, p, e);
    book_must(b, b->policy.entry == ENTRY_FIFO, RULE_QUEUE, "a lobby has no places");
    book_must(b, e->u.joined.place == b->last_place + 1, RULE_QUEUE, "a place is not the next");
    book_must(b, !p->waits && (b->lease.number == 0 || b->lease.who != who), RULE_QUEUE,
              "somebody has two places");
    book_must(b, b->mode != MODE_DRAINING, RULE_MODE, "somebody new waits while it is draining");
    book_must(b, b->waiting < b->policy.waiting_max, RULE_QUEUE, "more wait than may");
    if (b->broken != RULE_NONE)
        return;
    b->last_place = p->place = e->u.joined.place;
    wait_begins(b, who);
}

static void follow_left(SimBook *b, const Event *e) {
    uint32_t who = person_of(b, e->u.left.participant);
    if (who == NOBODY || !book_must(b, b->people[who].waits, RULE_QUEUE, "leaves without a place"))
        return;
    if (e->u.left.reason == LEFT_MISSED)
        judge_missed(b, who);
    wait_ends(b, who);
    Cost cost = e->u.left.reason == LEFT_MISSED ? b->policy.missed : COST_PLACE;
    pay(b, who, cost == COST_NOTHING ? COST_PLACE : cost, e);
}

static void follow_granted(SimBook *b, const Event *e) {
    uint32_t who = person_of(b, e->u.granted.participant);
    if (who == NOBODY || !book_must(b, b->lease.number == 0, RULE_ONE_LEASE, "two leases live"))
        return;
    BookPerson *p = &b->people[who];
    must_be_welcome(b, p, e);
    book_must(b, e->lease == b->leases + 1, RULE_ORDER, "a lease's number is not the next");
    book_must(b, e->u.granted.attempt == b->leases + 1, RULE_ORDER, "an attempt is not the next");
    book_must(b, e->u.granted.position == b->accepted + 1, RULE_EXTENDS,
              "a turn is not for the next contribution");
    book_must(b, b->mode != MODE_PAUSED, RULE_MODE, "a turn begins while it is paused");
    judge_grant(b, who, e->u.granted.offered);
    if (b->broken != RULE_NONE)
        return;
    if (p->waits)
        wait_ends(b, who);
    b->leases = e->lease;
    b->lease = (BookLease){
        .number = e->lease, .who = who, .granted_up_ms = b->up_ms, .granted_epoch = b->epoch};
    lease_in(b, e->u.granted.offered ? PHASE_OFFERED : PHASE_FETCHING);
}

static void follow_moved(SimBook *b, const Event *e) {
    if (!is_live(b, e))
        return;
    book_must(b, e->u.moved.phase > b->lease.phase && e->u.moved.phase < PHASE_VERIFYING,
              RULE_ORDER, "a lease moves back, or to verifying without a response");
    lease_in(b, e->u.moved.phase);
    b->lease.size = e->u.moved.size;
}

static void follow_stored(SimBook *b, const Event *e) {
    if (!is_live(b, e) ||
        !book_must(b, !b->lease.stored, RULE_EXTENDS, "a second response under a lease"))
        return;
    book_must(b, e->u.stored.received_ms <= e->now_ms, RULE_ORDER, "a response of the future");
    lease_in(b, PHASE_VERIFYING);
    b->lease.stored = true;
    memcpy(b->lease.response, e->u.stored.response, 32);
}

static void follow_accepted(SimBook *b, const Event *e) {
    if (!is_live(b, e))
        return;
    book_must(b, b->lease.stored && memcmp(e->u.accepted.response, b->lease.response, 32) == 0,
              RULE_EXTENDS, "accepts what was not stored");
    book_must(b, e->u.accepted.index == b->accepted + 1, RULE_EXTENDS, "a gap or a fork");
    BookPerson *p = &b->people[b->lease.who];
    p->contributions++;
    book_must(b,
              b->policy.contributions_max == 0 || p->contributions <= b->policy.contributions_max,
              RULE_ONCE, "somebody contributes more often than they may");
    b->accepted++;
    b->lines[b->n_lines - 1].accepted_of = b->lease.who;
    lease_ends(b, COST_PLACE, e);
}

static void follow_ended(SimBook *b, const Event *e) {
    if (!is_live(b, e))
        return;
    Phase phase = b->lease.phase;
    switch (e->type) {
    case EVENT_CONTRIBUTION_REFUSED:
        book_must(b, phase == PHASE_VERIFYING, RULE_ORDER, "refuses what was not stored");
        lease_ends(b, b->policy.invalid, e);
        break;
    case EVENT_LEASE_EXPIRED:
        judge_expired(b, e);
        lease_ends(b,
                   phase == PHASE_VERIFYING ? COST_NOTHING
                   : phase == PHASE_OFFERED ? b->policy.missed
                                            : b->policy.expired,
                   e);
        break;
    default:
        book_must(b, e->u.aborted.by_operator || phase != PHASE_VERIFYING, RULE_ORDER,
                  "the holder gives up what is being verified");
        lease_ends(b, e->u.aborted.by_operator ? COST_PLACE : b->policy.aborted, e);
        break;
    }
}

static void follow_person(SimBook *b, const Event *e) {
    uint32_t who = person_of(b, e->u.person.participant);
    if (who == NOBODY)
        return;
    BookPerson *p = &b->people[who];
    if (e->type == EVENT_PARTICIPANT_PARDONED) {
        p->out = false;
        p->strikes = 0;
        p->cool_until_ms = 0;
        return;
    }
    book_must(b, p->banned == (e->type == EVENT_PARTICIPANT_UNBANNED), RULE_FORM,
              "a ban, or its end, of somebody whom it finds so already");
    p->banned = e->type == EVENT_PARTICIPANT_BANNED;
    if (!p->banned)
        return;
    book_must(b, b->lease.number == 0 || b->lease.who != who, RULE_ONE_LEASE,
              "somebody is banned, and keeps the slot");
    if (p->waits)
        wait_ends(b, who);
    p->place = 0;
}

static void follow_skipped(SimBook *b, const Event *e) {
    book_must(b, e->u.skipped.by_ms > 0, RULE_FORM, "skips nothing");
    b->epoch++;
}

void book_follow(SimBook *b, const Event *e) {
    book_must(b, e->now_ms >= b->now_ms, RULE_ORDER, "time goes back");
    book_must(b, b->open || e->type == EVENT_CEREMONY_OPENED, RULE_ORDER,
              "does not begin with opened");
    book_must(b, !b->final, RULE_ORDER, "something happens after the end");
    b->now_ms = e->now_ms;
    switch (e->type) {
    case EVENT_CEREMONY_OPENED:
        follow_opened(b, e);
        break;
    case EVENT_PARTICIPANT_ADMITTED:
        follow_admitted(b, e);
        break;
    case EVENT_JOINED:
        follow_joined(b, e);
        break;
    case EVENT_LEFT:
        follow_left(b, e);
        break;
    case EVENT_LEASE_GRANTED:
        follow_granted(b, e);
        break;
    case EVENT_LEASE_MOVED:
        follow_moved(b, e);
        break;
    case EVENT_RESPONSE_STORED:
        follow_stored(b, e);
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        follow_accepted(b, e);
        break;
    case EVENT_CONTRIBUTION_REFUSED:
    case EVENT_LEASE_EXPIRED:
    case EVENT_LEASE_ABORTED:
        follow_ended(b, e);
        break;
    case EVENT_CLOCK_SKIPPED:
        follow_skipped(b, e);
        break;
    case EVENT_MODE_CHANGED:
        book_must(b, e->u.mode.mode != b->mode, RULE_MODE, "a mode that it is in already");
        b->mode = e->u.mode.mode;
        b->free_up_ms = b->up_ms;
        break;
    case EVENT_PARTICIPANT_BANNED:
    case EVENT_PARTICIPANT_UNBANNED:
    case EVENT_PARTICIPANT_PARDONED:
        follow_person(b, e);
        break;
    case EVENT_CEREMONY_FINALIZED:
        book_must(b, b->lease.number == 0, RULE_ORDER, "ends in the middle of a turn");
        book_must(b, e->u.finalized.contributions == b->accepted, RULE_EXTENDS,
                  "miscounts at the end");
        b->final = true;
        break;
    case EVENT_HANDED_OVER:
    case EVENT_TAKEN_OVER:
    case EVENT_N:
        book_break(b, RULE_FORM, "'%s' in a ceremony that was never handed over",
                   event_name(e->type));
        break;
    }
}
