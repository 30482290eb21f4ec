#include "sim/sim_book_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- who is ready ---- */

/* The server cannot but know that they are: their poll is parked, or they came twice, at most
 * ready_ms apart and not longer ago, with no start and no skip in between; less the slack. */
static bool surely_ready(const SimBook *b, uint32_t who) {
    const BookPerson *p = &b->people[who];
    int64_t within = b->policy.ready_ms - CLOCK_SLACK;
    if (p->parked)
        return !p->wakes;
    return p->seen_epoch == b->epoch && p->gap_ms <= within && sim_now_ms() - p->seen_ms <= within;
}

/* The server may think so: everybody counts as seen at a start or after a skip, and those who came
 * often before still do. By its own time, which stands still while it cannot write. */
static bool maybe_ready(const SimBook *b, uint32_t who) {
    const BookPerson *p = &b->people[who];
    int64_t within = b->policy.ready_ms + CLOCK_SLACK;
    bool came = b->up_ms - p->seen_up_ms <= within ||
                (p->seen_epoch != b->epoch && b->up_ms - b->started_up_ms <= within);
    return p->parked || (came && p->last_gap_ms <= within);
}

/* A queue's promise: a slot goes to the longest waiter who is ready, and to somebody who is not
 * only because they ask just now. Whose own turn ended just now is not among those who wait yet. */
void judge_grant(SimBook *b, uint32_t who, bool offered) {
    if (b->again || b->broken != RULE_NONE)
        return;
    const BookPerson *p = &b->people[who];
    if (!offered && b->asking != who && b->policy.deadline_ms[PHASE_OFFERED] != 0)
        book_break(b, RULE_FAIR, "person %" PRIu32 " is fetching and did not ask", who);
    if (b->policy.entry != ENTRY_FIFO) {
        book_must(b, b->asking == who, RULE_FAIR,
                  "a lobby's slot goes to somebody who did not ask");
        return;
    }
    book_must(b, !offered || maybe_ready(b, who), RULE_FAIR,
              "the slot is offered to somebody who is not ready");
    uint64_t until = p->waits ? p->place : b->last_place + 1;
    for (uint64_t place = b->head; place < until && place <= b->last_place; place++) {
        uint32_t ahead = b->at_place[place];
        bool just_ended = ahead == b->freed_who && b->freed_ms == sim_now_ms();
        if (ahead != NOBODY && !just_ended && surely_ready(b, ahead))
            book_break(b, RULE_FAIR,
                       "person %" PRIu32 " at place %" PRIu64 " is passed over for person %" PRIu32,
                       ahead, place, who);
    }
}

/* ---- time ---- */

/* How far uptime and the server's own time may differ by now: each start and skip adds to it. */
static int64_t slack(const SimBook *b, uint32_t since_epoch) {
    return CLOCK_SLACK * (1 + (int64_t)(b->epoch - since_epoch));
}

/* The most that a phase may last, and the least that it must be given. */
static int64_t phase_limit(const SimBook *b, Phase phase, uint64_t size) {
    int64_t limit = b->policy.deadline_ms[phase];
    if (phase != PHASE_UPLOADING || b->policy.upload_rate == 0)
        return limit;
    int64_t whole = (int64_t)(size * 1000 / b->policy.upload_rate);
    if (whole < b->policy.upload_window_ms)
        whole = b->policy.upload_window_ms;
    return limit != 0 && limit < whole ? limit : whole;
}

void judge_expired(SimBook *b, const Event *e) {
    if (b->again)
        return;
    const BookLease *l = &b->lease;
    book_must(b, e->u.expired.phase == l->phase, RULE_ORDER, "expires in another phase");
    book_must(b, !e->u.expired.stalled || l->phase == PHASE_UPLOADING, RULE_FORM,
              "stalls, and does not upload");
    int64_t had = b->up_ms - l->since_up_ms;
    int64_t due =
        e->u.expired.stalled ? b->policy.upload_window_ms : phase_limit(b, l->phase, l->size);
    if (due == 0 || had + slack(b, l->since_epoch) < due)
        book_break(b, RULE_TIME, "lease %" PRIu64 " expires (%s) after %" PRId64 " ms of %" PRId64,
                   l->number, phase_name(l->phase), had, due);
}

/* Whoever keeps the lobby's rhythm is never late. */
void judge_missed(SimBook *b, uint32_t who) {
    if (b->again)
        return;
    const BookPerson *p = &b->people[who];
    int64_t from = p->seen_up_ms > b->started_up_ms ? p->seen_up_ms : b->started_up_ms;
    int64_t due = b->policy.checkin_every_ms + b->policy.checkin_tolerance_ms;
    if (p->parked || b->up_ms - from + slack(b, p->seen_epoch) < due)
        book_break(b, RULE_TIME,
                   "person %" PRIu32 " loses the place %" PRId64 " ms after a check-in", who,
                   b->up_ms - from);
}

static void must_move(SimBook *b) {
    const BookLease *l = &b->lease;
    int64_t limit = slack(b, l->granted_epoch);
    for (int p = PHASE_OFFERED; p < PHASE_N; p++) {
        int64_t one = phase_limit(b, (Phase)p, l->size);
        if (one == 0 && p != PHASE_OFFERED)
            return; /* the policy has no limit: then it holds by the people alone */
        limit += one;
    }
    if (b->up_ms - l->granted_up_ms > limit)
        book_break(b, RULE_LIVE, "lease %" PRIu64 " lives for %" PRId64 " ms", l->number,
                   b->up_ms - l->granted_up_ms);
}

/* The slot is free, and somebody is ready: not for longer than a moment. */
static void must_be_given(SimBook *b) {
    if (b->up_ms - b->free_up_ms <= CLOCK_SLACK || b->up_ms - b->looked_up_ms < 2000 ||
        b->mode == MODE_PAUSED || b->final || b->policy.entry != ENTRY_FIFO)
        return;
    b->looked_up_ms = b->up_ms;
    for (uint64_t place = b->head; place <= b->last_place && b->waiting > 0; place++) {
        uint32_t who = b->at_place[place];
        if (who != NOBODY && surely_ready(b, who))
            book_break(b, RULE_LIVE, "the slot is free while person %" PRIu32 " is ready", who);
    }
}

void book_ticked(SimBook *b) {
    int64_t now = sim_now_ms();
    if (b->ticked_ms != INT64_MIN && now - b->ticked_ms <= 2000)
        b->up_ms += now - b->ticked_ms;
    b->ticked_ms = now;
    b->operated = false;
    if (b->lease.number != 0)
        must_move(b);
    else
        must_be_given(b);
}

void book_down(SimBook *b) {
    b->ticked_ms = INT64_MIN;
}

void book_operated(SimBook *b) {
    b->operated = true;
}

/* ---- answers ---- */

void book_asks(SimBook *b, uint32_t who) {
    b->asking = who;
}

static void seen(SimBook *b, uint32_t who) {
    BookPerson *p = &b->people[who];
    int64_t now = sim_now_ms();
    bool before = p->seen_epoch == b->epoch && p->seen_ms != 0;
    p->gap_ms = p->parked ? 0 : before ? now - p->seen_ms : INT64_MAX;
    if (p->seen_ms == 0)
        p->last_gap_ms = INT64_MAX;
    else if (before)
        p->last_gap_ms = p->parked ? 0 : b->up_ms - p->seen_up_ms;
    p->seen_ms = now;
    p->seen_up_ms = b->up_ms;
    p->seen_epoch = b->epoch;
}

void book_wakes(SimBook *b, uint32_t who) {
    b->people[who].wakes = true;
}

void book_parked(SimBook *b, uint32_t who, bool parked) {
    BookPerson *p = &b->people[who];
    p->parked = parked;
    p->wakes = false;
    if (!parked) { /* who was parked until now was there until now */
        p->seen_ms = sim_now_ms();
        p->seen_up_ms = b->up_ms;
        p->seen_epoch = b->epoch;
    }
}

static bool has_slot(const SimBook *b, uint32_t who) {
    return b->lease.number != 0 && b->lease.who == who;
}

void book_comes_for_it(SimBook *b, uint32_t who) {
    book_must(b, has_slot(b, who), RULE_ONE_LEASE, "is given a lease that the journal does not");
    seen(b, who);
    b->people[who].last_gap_ms = 0;
    book_answered(b);
}

static void busy(SimBook *b, uint32_t who) {
    bool fifo = b->policy.entry == ENTRY_FIFO;
    book_must(b, !fifo || b->people[who].waits || has_slot(b, who), RULE_QUEUE,
              "is told to wait, and has no place");
    book_must(b, b->lease.number != 0 || b->mode == MODE_PAUSED, RULE_LIVE,
              "is told to wait while the slot is free");
}

static void must_be_out(SimBook *b, uint32_t who) {
    const BookPerson *p = &b->people[who];
    bool often =
        b->policy.contributions_max != 0 && p->contributions >= b->policy.contributions_max;
    if (!p->out && !p->banned && !often)
        book_break(b, RULE_COST, "person %" PRIu32 " is called out, and is not", who);
}

/* A power cut, and a wall clock that was set back before, may have cost the server's clock the time
 * since its newest event: then it cools from the start on. */
static void must_cool(SimBook *b, uint32_t who) {
    const BookPerson *p = &b->people[who];
    int64_t from_ms = p->cool_up_ms > b->started_up_ms ? p->cool_up_ms : b->started_up_ms;
    if (p->cool_until_ms <= b->now_ms || b->up_ms - from_ms > b->policy.cooldown_ms + CLOCK_SLACK)
        book_break(b, RULE_COST, "person %" PRIu32 " must cool down, and need not", who);
}

static void judge_answer(SimBook *b, uint32_t who, Refusal answer, uint64_t lease) {
    switch (answer) {
    case REFUSAL_NONE:
    case REFUSAL_HOLDER_AGAIN:
        book_must(b, has_slot(b, who) && lease == b->lease.number, RULE_ONE_LEASE,
                  "is given a lease that the journal does not give them");
        break;
    case REFUSAL_BUSY:
        busy(b, who);
        break;
    case REFUSAL_EARLY:
        break;
    case REFUSAL_FULL: /* one of those who waited may have got the slot over this very call */
        book_must(b, b->policy.entry != ENTRY_FIFO || b->waiting + 1 >= b->policy.waiting_max,
                  RULE_QUEUE, "is called full, and is not");
        break;
    case REFUSAL_CLOSED:
        book_must(b, b->mode == MODE_DRAINING, RULE_MODE, "is called closed, and is not");
        break;
    case REFUSAL_COOLING:
        must_cool(b, who);
        break;
    case REFUSAL_OUT:
        must_be_out(b, who);
        break;
    case REFUSAL_FINALIZED:
        book_must(b, b->final, RULE_MODE, "is called finalized, and is not");
        break;
    case REFUSAL_WRONG_PHASE:
        book_must(b, has_slot(b, who) && b->lease.phase == PHASE_VERIFYING, RULE_FORM,
                  "is told that their response is being verified, and it is not");
        break;
    case REFUSAL_NOT_HOLDER:
    case REFUSAL_HANDED_OVER:
    case REFUSAL_TURN_LIVE:
    case REFUSAL_UNKNOWN:
    case REFUSAL_NO_CHANGE:
    case REFUSAL_N:
        book_break(b, RULE_FORM, "a check-in is answered '%s'", refusal_name(answer));
        break;
    }
}

void book_checked_in(SimBook *b, uint32_t who, Refusal answer, uint64_t lease) {
    b->asking = NOBODY;
    /* What the operator did a moment ago the server has not seen yet. */
    if (!b->operated)
        judge_answer(b, who, answer, lease);
    if (answer == REFUSAL_NONE || answer == REFUSAL_BUSY || answer == REFUSAL_HOLDER_AGAIN)
        seen(b, who);
    book_answered(b);
}

void book_uploads(SimBook *b, uint32_t who) {
    if (!has_slot(b, who) && b->people[who].turns == 0 && !b->operated)
        book_break(b, RULE_ONE_LEASE, "person %" PRIu32 " may upload, and never had a turn", who);
}

/* ---- receipts ---- */

/* The number after `key` in the receipt's text; 0 when it is not there. */
static uint64_t receipt_number(const char *receipt, const char *key) {
    const char *at = strstr(receipt, key);
    return at == NULL ? 0 : strtoull(at + strlen(key), NULL, 10);
}

/* The hash of the string that follows `key`, without its escapes. */
static uint64_t receipt_string(const char *receipt, const char *key) {
    char line[2048];
    size_t n = 0;
    const char *at = strstr(receipt, key);
    if (at == NULL)
        return 0;
    for (at += strlen(key); *at != '"' && *at != '\0' && n < sizeof line; at++) {
        if (*at == '\\')
            at++;
        line[n++] = *at;
    }
    return book_text_hash(line, n);
}

void book_submitted(SimBook *b, uint32_t who, const Submit *answer) {
    book_answered(b);
    if (answer->result != SUBMIT_ACCEPTED)
        return;
    uint64_t entry = receipt_number(answer->receipt, "\"entry\":");
    if (entry == 0 || entry > b->answered) {
        book_break(b, RULE_RECEIPT, "a receipt names entry %" PRIu64, entry);
        return;
    }
    BookLine *l = &b->lines[entry - 1];
    uint64_t text = book_text_hash(answer->receipt, strlen(answer->receipt));
    book_must(b, l->accepted_of == who, RULE_RECEIPT, "a receipt names another entry than its own");
    book_must(b, receipt_string(answer->receipt, "\"event\":\"") == l->hash, RULE_RECEIPT,
              "a receipt quotes its entry wrongly");
    book_must(b, l->receipt == 0 || l->receipt == text, RULE_RECEIPT,
              "a contribution has two different receipts");
    l->receipt = text;
}
