/* People who wait: check-ins, parked polls, and what becomes of those whose turn went wrong. */
#include "sim/sim_world_private.h"

#include "run/ceremony_private.h"
#include "sim/sim_park.h"

#include <inttypes.h>

enum { GIVE_UP_WAITING_MS = 60000 }; /* for an answer that is lost */

int64_t actor_latency(Actor *a) {
    return 1 + rng_around(&a->p.dice, a->p.latency_ms);
}

/* When they next look at their screen: a laptop that is closed does nothing. */
static int64_t awake_in(const Actor *a, int64_t ms) {
    int64_t whole = a->p.awake_ms + a->p.asleep_ms;
    if (a->p.asleep_ms == 0)
        return ms;
    int64_t at = (sim_now_ms() + ms) % whole;
    return at < a->p.awake_ms ? ms : ms + whole - at;
}

/* The newest intention is the one that counts. */
void actor_ask_in(World *w, uint32_t who, int64_t ms) {
    Actor *a = &w->actor[who];
    world_push(w, awake_in(a, ms), H_ASK, who, (Happening){.a = ++a->epoch});
}

void actor_leaves(World *w, uint32_t who) {
    Actor *a = &w->actor[who];
    if (a->gone)
        return;
    a->gone = true;
    a->epoch++;
    w->active--;
    world_trace(w, "person %" PRIu32 " (%s) is gone", who, habit_name(a->p.habit));
}

void actor_failed(World *w, uint32_t who) {
    Actor *a = &w->actor[who];
    if (a->failures++ >= a->p.returns)
        actor_leaves(w, who);
    else
        actor_ask_in(w, who, rng_around(&a->p.dice, 20000));
}

/* Signing in costs a keyed hash; after that only whether the session has ended may change. */
Session *actor_session(World *w, uint32_t who) {
    Actor *a = &w->actor[who];
    char identity[24];
    person_identity(a->p.self, identity);
    if (a->signed_in)
        a->session.ended = engine_is_out(sim_server_ceremony(w->server)->state, identity);
    else
        sim_session(w->server, identity, &a->session);
    a->signed_in = true;
    return &a->session;
}

/* ---- at the server ---- */

static void answer(World *w, uint32_t who, uint64_t epoch, uint16_t what, uint64_t lease,
                   uint64_t state) {
    Actor *a = &w->actor[who];
    if (rng_chance(&a->p.dice, a->p.loss))
        world_push(w, GIVE_UP_WAITING_MS, H_ANSWER, who,
                   (Happening){.a = epoch, .small = ANSWER_NONE});
    else
        world_push(w, actor_latency(a), H_ANSWER, who,
                   (Happening){.a = epoch, .small = what, .b = lease, .c = state});
}

/* Called by the server, in the middle of some other call. */
static void wake(void *ctx) {
    const Line *line = ctx;
    book_wakes(line->w->book, line->w->actor[line->who].p.self);
    world_push(line->w, 0, H_WOKEN, line->who,
               (Happening){.a = line->w->actor[line->who].parked_epoch});
}

/* As the API does with a poll that has to wait. */
static bool park(World *w, uint32_t who, uint64_t epoch) {
    Actor *a = &w->actor[who];
    if (a->parked || !sim_park(w->server, &a->session, wake, &a->line))
        return false;
    a->parked = true;
    a->parked_epoch = (uint32_t)epoch;
    book_parked(w->book, a->p.self, true);
    return true;
}

/* The challenge extends the newest accepted contribution, and nothing else. */
static void check_state(World *w, uint64_t state) {
    uint64_t n = book_accepted(w->book);
    if (n == 0 && w->states[0] == 0)
        w->states[0] = state;
    if (w->states[n] != state)
        book_break(w->book, RULE_EXTENDS, "the challenge does not extend contribution %" PRIu64, n);
}

static void answered(World *w, uint32_t who, uint64_t epoch, Refusal refusal, uint64_t lease,
                     uint64_t state) {
    const Actor *a = &w->actor[who];
    world_trace(w, "person %" PRIu32 " (%s) checks in: %s", who, habit_name(a->p.habit),
                refusal_name(refusal));
    book_checked_in(w->book, a->p.self, refusal, lease);
    if (refusal == REFUSAL_NONE || refusal == REFUSAL_HOLDER_AGAIN)
        check_state(w, state);
    if (refusal != REFUSAL_BUSY || !park(w, who, epoch))
        answer(w, who, epoch, (uint16_t)refusal, lease, state);
}

static void request(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    Refusal refusal = REFUSAL_BUSY;
    uint64_t lease = 0, state = 0;
    CvkErr err;
    if (!world_up(w)) {
        answer(w, h->who, h->a, ANSWER_NONE, 0, 0);
        return;
    }
    if (!a->came)
        a->came_ms = sim_now_ms();
    a->came = true;
    book_asks(w->book, a->p.self);
    bool ok = sim_check_in(w->server, actor_session(w, h->who), &refusal, &lease, &state, &err);
    if (world_after(w, ok, &err) == CALL_OK)
        answered(w, h->who, h->a, refusal, lease, state);
    else
        answer(w, h->who, h->a, ANSWER_NONE, 0, 0);
    book_asks(w->book, UINT32_MAX);
}

/* A parked poll has come to its end: what is the answer now? */
static void woken(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    Refusal refusal = REFUSAL_BUSY;
    uint64_t lease = 0, state = 0;
    CvkErr err;
    if (!a->parked || a->parked_epoch != h->a)
        return;
    a->parked = false;
    book_parked(w->book, a->p.self, false);
    if (!world_up(w)) {
        answer(w, h->who, h->a, ANSWER_NONE, 0, 0);
        return;
    }
    book_asks(w->book, a->p.self);
    bool ok = sim_after_park(w->server, actor_session(w, h->who), &refusal, &lease, &state, &err);
    if (world_after(w, ok, &err) != CALL_OK) {
        answer(w, h->who, h->a, ANSWER_NONE, 0, 0);
    } else {
        world_trace(w, "person %" PRIu32 " was parked: %s", h->who, refusal_name(refusal));
        if (refusal == REFUSAL_NONE || refusal == REFUSAL_HOLDER_AGAIN) {
            book_comes_for_it(w->book, a->p.self);
            check_state(w, state);
        }
        answer(w, h->who, h->a, (uint16_t)refusal, lease, state);
    }
    book_asks(w->book, UINT32_MAX);
}

/* ---- at home ---- */

/* Leaves the queue, as one who is asked whether they are sure. */
static void give_place_up(World *w, uint32_t who) {
    Refusal refusal = REFUSAL_NONE;
    Events events;
    CvkErr err;
    const Actor *a = &w->actor[who];
    if (world_up(w)) {
        const Session *s = actor_session(w, who);
        Command c = {.type = COMMAND_LEAVE, .identity = s->identity};
        bool ok =
            ceremony_execute(sim_server_ceremony(w->server), &c, NULL, &events, &refusal, &err);
        if (world_after(w, ok, &err) == CALL_OK && refusal == REFUSAL_NONE &&
            book_waits(w->book, a->p.self))
            book_break(w->book, RULE_QUEUE, "somebody left, and still has a place");
    }
    actor_leaves(w, who);
}

static bool has_had_enough(const Actor *a) {
    return a->p.patience_ms != 0 && sim_now_ms() > a->p.arrives_ms + a->p.patience_ms;
}

static void ask(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    if (has_had_enough(a)) {
        give_place_up(w, h->who);
        return;
    }
    if (a->p.habit == HABIT_FADER && a->polls++ > 3 && rng_chance(&a->p.dice, 100)) {
        actor_leaves(w, h->who);
        return;
    }
    if (a->p.habit == HABIT_THIEF && rng_chance(&a->p.dice, 100))
        world_push(w, actor_latency(a), H_UP_BEGIN, h->who, (Happening){.a = 0, .c = 1});
    Happening more = {.a = a->epoch};
    if (rng_chance(&a->p.dice, a->p.loss)) {
        actor_ask_in(w, h->who, GIVE_UP_WAITING_MS);
        return;
    }
    world_push(w, actor_latency(a), H_REQUEST, h->who, more);
    if (rng_chance(&a->p.dice, a->p.twice))
        world_push(w, actor_latency(a), H_REQUEST, h->who, more);
}

static void hear(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    bool nothing = h->small == ANSWER_NONE;
    Refusal refusal = nothing ? REFUSAL_BUSY : (Refusal)h->small;
    int64_t wait_ms = nothing ? rng_between(&a->p.dice, 3000, 20000) : a->p.poll_ms;
    switch (refusal) {
    case REFUSAL_NONE:
    case REFUSAL_HOLDER_AGAIN:
        turn_begins(w, h->who, h->b, h->c);
        return;
    case REFUSAL_OUT:
    case REFUSAL_FINALIZED:
        actor_leaves(w, h->who);
        return;
    case REFUSAL_COOLING:
    case REFUSAL_FULL:
    case REFUSAL_CLOSED:
        wait_ms *= 4;
        break;
    case REFUSAL_BUSY:
    case REFUSAL_EARLY:
    case REFUSAL_NOT_HOLDER:
    case REFUSAL_WRONG_PHASE:
    case REFUSAL_HANDED_OVER:
    case REFUSAL_TURN_LIVE:
    case REFUSAL_UNKNOWN:
    case REFUSAL_NO_CHANGE:
    case REFUSAL_N:
        break;
    }
    actor_ask_in(w, h->who, wait_ms);
}

bool wait_happens(World *w, const Happening *h) {
    if (h->what < H_ASK || h->what > H_ANSWER)
        return false;
    const Actor *a = &w->actor[h->who];
    bool newest = h->a == a->epoch && !a->gone;
    if (h->what == H_REQUEST)
        request(w, h);
    else if (h->what == H_WOKEN)
        woken(w, h);
    else if (newest && h->what == H_ASK)
        ask(w, h);
    else if (newest && h->what == H_ANSWER)
        hear(w, h);
    return true;
}
