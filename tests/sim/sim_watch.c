/* Between the world and its server: what comes back from a call, and what the book is shown. */
#include "sim/sim_world_private.h"

#include "base/sha256.h"
#include "sim/sim_disk.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { REPLAY_EVERY = 1000 }; /* lines from one comparison with a replay to the next */

bool world_up(const World *w) {
    return sim_server_up(w->server) && !w->asleep;
}

/* ---- figures ---- */

/* The slot is free, or taken again: idle is what lies between, if somebody waited. */
static void note_slot(World *w, const Event *e) {
    Stats *s = &w->out->stats;
    int64_t now = sim_now_ms();
    bool fetching = (e->type == EVENT_LEASE_GRANTED && !e->u.granted.offered) ||
                    (e->type == EVENT_LEASE_MOVED && e->u.moved.phase == PHASE_FETCHING);
    if (fetching && w->freed_ms >= 0 && w->had_waiters)
        spans_add(&s->idle, now - w->freed_ms);
    if (fetching)
        w->freed_ms = -1;
}

/* A turn ended: who waits now has to wait for nothing but the next. */
static void slot_freed(World *w) {
    if (w->freed_ms < 0)
        w->freed_ms = sim_now_ms();
    CeremonyStatus status;
    ceremony_status(sim_server_ceremony(w->server), &status);
    w->had_waiters =
        (book_waiting(w->book) > 0 || status.lobby_size > 0) && book_mode(w->book) != MODE_PAUSED;
}

static void note_grant(World *w) {
    uint32_t who;
    uint64_t lease;
    Phase phase;
    w->out->stats.turns++;
    if (!book_holder(w->book, &who, &lease, &phase))
        return;
    Actor *a = &w->actor[who];
    spans_add(&w->out->stats.waits, sim_now_ms() - a->came_ms);
    if (w->plan->keep != 0 && w->next_newcomer < w->plan->people)
        actor_ask_in(w, w->next_newcomer++, rng_between(&a->p.dice, 0, 30000));
    if (w->plan->turns != 0 && w->out->stats.turns > w->plan->turns)
        w->over = true;
}

static void note(World *w, const Event *e) {
    Stats *s = &w->out->stats;
    s->events++;
    note_slot(w, e);
    switch (e->type) {
    case EVENT_LEASE_GRANTED:
        note_grant(w);
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        s->accepted++;
        slot_freed(w);
        break;
    case EVENT_CONTRIBUTION_REFUSED:
        s->refused++;
        slot_freed(w);
        break;
    case EVENT_LEASE_EXPIRED:
        s->expired[e->u.expired.phase]++;
        s->stalled += e->u.expired.stalled ? 1 : 0;
        slot_freed(w);
        break;
    case EVENT_LEASE_ABORTED:
        s->aborted++;
        slot_freed(w);
        break;
    case EVENT_JOINED:
        s->joined++;
        break;
    case EVENT_LEFT:
        s->left[e->u.left.reason]++;
        break;
    case EVENT_CLOCK_SKIPPED:
        s->skips++;
        w->freed_ms = -1; /* a time in which the server slept is not the policy's doing */
        break;
    case EVENT_MODE_CHANGED:
        w->freed_ms = -1;
        break;
    case EVENT_CEREMONY_OPENED:
    case EVENT_PARTICIPANT_ADMITTED:
    case EVENT_LEASE_MOVED:
    case EVENT_RESPONSE_STORED:
    case EVENT_PARTICIPANT_BANNED:
    case EVENT_PARTICIPANT_UNBANNED:
    case EVENT_PARTICIPANT_PARDONED:
    case EVENT_HANDED_OVER:
    case EVENT_TAKEN_OVER:
    case EVENT_CEREMONY_FINALIZED:
    case EVENT_N:
        break;
    }
}

/* ---- responses ---- */

/* Whose response is it? Two windows of one person may have made two. */
static const Actor *maker_of(const World *w, uint32_t self, const uint8_t hash[32]) {
    for (uint32_t i = 0; i < w->plan->people; i++) {
        const Actor *a = &w->actor[i];
        uint8_t got[32];
        if (a->p.self != self || a->response_n == 0)
            continue;
        cvk_sha256(a->response, a->response_n, got);
        if (memcmp(got, hash, sizeof got) == 0)
            return a;
    }
    return NULL;
}

static void response_stored(World *w, const Event *e) {
    uint32_t who;
    uint64_t lease;
    Phase phase;
    book_response_on_disk(w->book, sim_has_response(w->server, e->u.stored.response));
    if (!book_holder(w->book, &who, &lease, &phase))
        return;
    const Actor *a = maker_of(w, who, e->u.stored.response);
    if (a == NULL) {
        book_break(w->book, RULE_EXTENDS, "a response is stored that its holder has not sent");
        return;
    }
    w->stored_state = sim_kind_next(a->state, a->nonce);
    w->last_nonce = a->nonce;
}

/* What the challenge after contribution `n` must say. */
static void response_accepted(World *w) {
    uint64_t n = book_accepted(w->book);
    if (n >= w->n_states) {
        w->n_states = 2 * n + 64;
        w->states = realloc(w->states, w->n_states * sizeof *w->states);
        assert(w->states != NULL);
    }
    w->states[n] = w->stored_state; /* also when the verdict came at a start */
}

/* ---- the journal ---- */

static bool show(void *ctx, const SimEntry *e) {
    World *w = ctx;
    char line[TAMPER_LINE];
    if (!tamper_line(w->plan->tamper, w->book, e->json, line)) {
        book_skip_line(w->book);
        return true;
    }
    SimEntry seen = {.seq = e->seq, .json = line, .open = e->open};
    world_trace(w, "line %" PRIu64 " %s", e->seq, line);
    const Event *event = book_line(w->book, &seen);
    if (event == NULL)
        return false;
    note(w, event);
    if (event->type == EVENT_RESPONSE_STORED)
        response_stored(w, event);
    if (event->type == EVENT_CONTRIBUTION_ACCEPTED)
        response_accepted(w);
    return true;
}

static void look(World *w) {
    CvkErr err;
    if (sim_journal_length(w->server) <= book_lines(w->book))
        return;
    if (!sim_journal_each(w->server, book_lines(w->book) + 1, show, w, &err))
        book_break(w->book, RULE_ERROR, "the journal cannot be read: %s", err.msg);
    if (book_lines(w->book) - w->replayed >= REPLAY_EVERY)
        world_compare_replay(w);
}

/* Invariant 5. What others wrote is not in the server's state before its next tick. */
void world_compare_replay(World *w) {
    uint8_t now[32], again[32];
    CvkErr err;
    if (sim_journal_length(w->server) != book_lines(w->book))
        return;
    w->replayed = book_lines(w->book);
    sim_state_hash(w->server, now);
    if (!sim_replay_hash(w->server, again, &err))
        book_break(w->book, RULE_REPLAY, "a replay fails: %s", err.msg);
    else if (memcmp(now, again, sizeof now) != 0)
        book_break(w->book, RULE_REPLAY, "a replay of the journal gives another state");
}

/* ---- calls ---- */

void world_down(World *w) {
    book_down(w->book);
    for (uint32_t i = 0; i < w->plan->people; i++)
        if (w->actor[i].parked)
            world_push(w, 0, H_WOKEN, i, (Happening){.a = w->actor[i].parked_epoch});
    w->freed_ms = -1;
    if (!w->starting)
        world_push(w, 15000, H_START, 0, (Happening){0});
    w->starting = true;
}

static void died(World *w) {
    world_trace(w, "the power goes");
    sim_server_crash(w->server);
    world_down(w);
}

/* What a server may answer when nothing is wrong with it. */
static bool is_expected(const World *w, const CvkErr *err) {
    return w->full || err->code == CVK_ECONFLICT || err->code == CVK_ELIMIT;
}

Call world_after(World *w, bool ok, const CvkErr *err) {
    w->out->stats.commands++;
    if (sim_disk_crashed()) {
        died(w);
        return CALL_DOWN;
    }
    look(w);
    if (ok)
        return CALL_OK;
    if (!is_expected(w, err))
        book_break(w->book, RULE_ERROR, "%s: %s", err->id, err->msg);
    return CALL_FAILED;
}

/* ---- starting again ---- */

typedef struct {
    World *w;
    uint64_t answered;
    void (*tell)(SimBook *b, const SimEntry *e);
} Again;

static bool show_again(void *ctx, const SimEntry *e) {
    const Again *x = ctx;
    World *w = x->w;
    char line[TAMPER_LINE];
    if (tamper_withholds(w->plan->tamper, e->seq, x->answered))
        return true;
    bool seen = tamper_line(w->plan->tamper, w->book, e->json, line);
    SimEntry again = {.seq = e->seq, .json = seen ? line : "", .open = e->open};
    x->tell(w->book, &again);
    return book_broken(w->book, NULL) == RULE_NONE;
}

static void compare(World *w) {
    CvkErr err;
    Again x = {.w = w, .answered = book_restarted(w->book), .tell = book_compare};
    bool ok = sim_journal_each(w->server, 1, show_again, &x, &err);
    if (ok && book_compared(w->book)) {
        x.tell = book_line_again;
        ok = sim_journal_each(w->server, 1, show_again, &x, &err);
    }
    if (!ok)
        book_break(w->book, RULE_ERROR, "the journal cannot be read: %s", err.msg);
    look(w);
    book_goes_on(w->book);
}

void world_start(World *w) {
    CvkErr err;
    w->starting = false;
    w->out->stats.starts++;
    bool ok = sim_server_start(w->server, &err);
    if (!ok && sim_disk_crashed())
        sim_server_crash(w->server);
    else if (!ok && !w->full)
        book_break(w->book, RULE_ERROR, "it does not start: %s: %s", err.id, err.msg);
    if (!ok) {
        world_down(w);
        return;
    }
    world_trace(w, "the server starts");
    compare(w);
    if (book_broken(w->book, NULL) == RULE_NONE)
        world_compare_replay(w);
    world_push(w, 0, H_TICK, 0, (Happening){0});
}
