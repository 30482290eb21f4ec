/* People with a turn: fetching, computing and uploading, honestly or not, over lines that break. */
#include "sim/sim_world_private.h"

#include <inttypes.h>

enum { TRIES = 5 }; /* of one upload */

/* The next step of the one who has the turn. */
static void next(World *w, uint32_t who, int64_t in_ms, HappeningKind what, uint64_t b) {
    Actor *a = &w->actor[who];
    world_push(w, in_ms, what, who, (Happening){.a = ++a->epoch, .b = b});
}

void turn_begins(World *w, uint32_t who, uint64_t lease, uint64_t state) {
    Actor *a = &w->actor[who];
    if (a->p.habit == HABIT_NO_SHOW) {
        a->p.habit = HABIT_POLLER; /* and comes back as if nothing had been */
        a->epoch++;
        if (a->failures++ >= a->p.returns)
            actor_leaves(w, who);
        else
            actor_ask_in(w, who, rng_around(&a->p.dice, 600000));
        return;
    }
    if (a->lease != lease)
        a->response_n = 0;
    a->lease = lease;
    a->state = state;
    a->tries = 0;
    if (rng_chance(&a->p.dice, a->p.cut))
        next(w, who, a->p.fetch_ms / 2, H_BROKEN, 0);
    else
        next(w, who, a->p.fetch_ms, H_FETCHED, lease);
}

static void fetched(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    CvkErr none = {0};
    if (world_up(w)) {
        sim_challenge_sent(w->server, h->b);
        (void)world_after(w, true, &none);
    }
    bool aborts = a->p.habit == HABIT_ABORTER && rng_chance(&a->p.dice, 500);
    next(w, h->who, aborts ? a->p.compute_ms / 2 : a->p.compute_ms, aborts ? H_ABORT : H_COMPUTED,
         h->b);
}

static void give_turn_back(World *w, const Happening *h) {
    Refusal refusal;
    CvkErr err;
    if (world_up(w)) {
        bool ok = sim_abort(w->server, actor_session(w, h->who), &refusal, &err);
        (void)world_after(w, ok, &err);
        world_trace(w, "person %" PRIu32 " gives the turn back", h->who);
    }
    actor_failed(w, h->who);
}

/* ---- what they make ---- */

static void computed(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    SimResponse what = SIM_VALID;
    if (a->p.habit == HABIT_INVALID)
        what = SIM_INVALID;
    if (a->p.habit == HABIT_MALFORMED && a->malformed > 0)
        what = a->malformed-- % 2 == 0 ? SIM_NOT_JSON : SIM_WRONG_SHAPE;
    a->nonce = (uint64_t)h->who << 32 | ++a->made;
    if (a->p.habit == HABIT_COPYCAT && w->last_nonce != 0 && rng_chance(&a->p.dice, 700))
        a->nonce = w->last_nonce;
    a->response_n = sim_kind_respond(a->state, a->nonce, what, a->response);
    next(w, h->who, 0, H_UPLOAD, 0);
}

static void upload(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    if (a->tries++ >= TRIES) {
        actor_failed(w, h->who);
        return;
    }
    Happening more = {.a = a->epoch};
    world_push(w, actor_latency(a), H_UP_BEGIN, h->who, more);
    if (a->p.habit == HABIT_TWICE)
        world_push(w, actor_latency(a), H_UP_BEGIN, h->who, more);
}

/* ---- at the server ---- */

static void answer(World *w, const Happening *h, uint16_t what) {
    Actor *a = &w->actor[h->who];
    bool lost = rng_chance(&a->p.dice, a->p.loss);
    world_push(w, lost ? 30000 : actor_latency(a), H_UP_ANSWER, h->who,
               (Happening){.a = h->a, .small = lost ? ANSWER_NONE : what});
}

static void go_on(World *w, const Happening *h, int64_t in_ms, HappeningKind what) {
    world_push(w, in_ms, what, h->who,
               (Happening){.a = h->a, .b = h->b, .c = h->c, .small = h->small});
}

/* The server has no use for this upload (any more), or died before its answer went out. */
static void broke(World *w, const Happening *h, Call call, Submit *unsent) {
    submit_done(unsent);
    if (call != CALL_DOWN && world_up(w))
        sim_upload_end(w->server, h->b);
    answer(w, h, call == CALL_FAILED && !w->full ? SUBMIT_NOT_YOURS : ANSWER_NONE);
}

static void up_begin(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    Happening to = *h;
    CvkErr err;
    if (!world_up(w)) {
        answer(w, h, ANSWER_NONE);
        return;
    }
    bool ok = sim_upload_begin(w->server, actor_session(w, h->who), &to.b, &err);
    Call call = world_after(w, ok, &err);
    world_trace(w, "person %" PRIu32 " (%s) uploads: %s", h->who, habit_name(a->p.habit),
                call == CALL_OK     ? "begins"
                : call == CALL_DOWN ? "down"
                                    : err.id);
    if (call != CALL_OK) {
        answer(w, h, call == CALL_FAILED && !w->full ? SUBMIT_NOT_YOURS : ANSWER_NONE);
        return;
    }
    book_uploads(w->book, a->p.self);
    if (h->c != 0) { /* a thief, in a turn of their own: lets it be */
        sim_upload_end(w->server, to.b);
        return;
    }
    to.small = 0;
    go_on(w, &to, a->p.upload_ms / a->p.parts, H_UP_PART);
}

/* Does the connection end here, or just carry nothing more? */
static bool stops(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    bool middle = h->small == a->p.parts / 2;
    if (a->p.habit == HABIT_STALLER && middle && rng_chance(&a->p.dice, 700)) {
        world_push(w, 180000, H_UP_ANSWER, h->who, (Happening){.a = h->a, .small = ANSWER_NONE});
        return true;
    }
    if (!middle || !rng_chance(&a->p.dice, a->p.cut))
        return false;
    if (world_up(w))
        sim_upload_end(w->server, h->b);
    answer(w, h, ANSWER_NONE);
    return true;
}

static void up_part(World *w, const Happening *h) {
    const Actor *a = &w->actor[h->who];
    CvkErr err;
    Happening to = *h;
    if (!world_up(w)) {
        answer(w, h, ANSWER_NONE);
        return;
    }
    if (stops(w, h))
        return;
    size_t from = a->response_n * h->small / a->p.parts;
    size_t upto = a->response_n * (h->small + 1u) / a->p.parts;
    bool ok = sim_upload_write(w->server, h->b, a->response + from, upto - from, &err);
    Call call = world_after(w, ok, &err);
    if (call != CALL_OK) {
        broke(w, h, call, &(Submit){0});
        return;
    }
    to.small++;
    bool whole = to.small == a->p.parts;
    go_on(w, &to, whole ? 0 : a->p.upload_ms / a->p.parts, whole ? H_UP_WHOLE : H_UP_PART);
}

static void up_whole(World *w, const Happening *h) {
    CvkErr err;
    bool up = world_up(w);
    Call call = CALL_DOWN;
    if (up) {
        bool ok = sim_upload_whole(w->server, h->b, &err);
        call = world_after(w, ok, &err);
    }
    if (call == CALL_OK)
        go_on(w, h, 20, H_UP_STORE);
    else
        broke(w, h, call, &(Submit){0});
}

/* The upload has its answer. */
static void submitted(World *w, const Happening *h, Submit *submit) {
    const Actor *a = &w->actor[h->who];
    if (submit->result == SUBMIT_ACCEPTED)
        tamper_receipt(w->plan->tamper, submit->receipt);
    book_submitted(w->book, a->p.self, submit);
    world_trace(w, "person %" PRIu32 " (%s) is answered: %s %s", h->who, habit_name(a->p.habit),
                submit->result == SUBMIT_ACCEPTED ? "accepted" : "not accepted", submit->code);
    uint16_t result = (uint16_t)submit->result;
    submit_done(submit);
    sim_upload_end(w->server, h->b);
    answer(w, h, result);
}

static void up_store(World *w, const Happening *h) {
    Submit submit = {0};
    bool judge = false;
    CvkErr err;
    Call call = CALL_DOWN;
    if (world_up(w)) {
        bool ok = sim_upload_store(w->server, h->b, &judge, &submit, &err);
        call = world_after(w, ok, &err);
    }
    if (call != CALL_OK)
        broke(w, h, call, &submit);
    else if (judge)
        go_on(w, h, SIM_VERIFY_MS, H_UP_JUDGE);
    else
        submitted(w, h, &submit);
}

static void up_judge(World *w, const Happening *h) {
    Submit submit = {0};
    CvkErr err;
    Call call = CALL_DOWN;
    if (world_up(w)) {
        bool ok = sim_upload_judge(w->server, h->b, &submit, &err);
        call = world_after(w, ok, &err);
    }
    if (call == CALL_OK)
        submitted(w, h, &submit);
    else
        broke(w, h, call, &submit);
}

/* ---- at home again ---- */

static void thank(World *w, uint32_t who) {
    Actor *a = &w->actor[who];
    if (a->p.habit == HABIT_TWICE && a->made < 100) { /* once more: the receipt must be the same */
        a->made = 100;
        a->tries = TRIES - 1;
        next(w, who, 5000, H_UPLOAD, 0);
        return;
    }
    bool again = book_policy(w->book)->contributions_max == 0 && a->failures++ < a->p.returns &&
                 rng_chance(&a->p.dice, 150);
    if (again)
        actor_ask_in(w, who, rng_around(&a->p.dice, 60000));
    else
        actor_leaves(w, who);
}

static void hear(World *w, const Happening *h) {
    Actor *a = &w->actor[h->who];
    if (h->small == ANSWER_NONE) {
        next(w, h->who, rng_between(&a->p.dice, 1000, 15000), H_UPLOAD, 0);
        return;
    }
    switch ((SubmitResult)h->small) {
    case SUBMIT_ACCEPTED:
        thank(w, h->who);
        break;
    case SUBMIT_NOT_JSON:
    case SUBMIT_NOT_BINARY:
    case SUBMIT_WRONG_SHAPE:
        next(w, h->who, 2000, H_COMPUTED, 0);
        break;
    case SUBMIT_NOT_YOURS:
    case SUBMIT_REFUSED:
    case SUBMIT_STORED:
        actor_failed(w, h->who);
        break;
    }
}

/* What the server gets, it gets, whatever its sender thinks by then. */
static bool at_server(World *w, const Happening *h) {
    static void (*const steps[H_N])(World *, const Happening *) = {
        [H_UP_BEGIN] = up_begin, [H_UP_PART] = up_part,   [H_UP_WHOLE] = up_whole,
        [H_UP_STORE] = up_store, [H_UP_JUDGE] = up_judge,
    };
    if (steps[h->what] == NULL)
        return false;
    steps[h->what](w, h);
    return true;
}

bool turn_happens(World *w, const Happening *h) {
    if (h->what < H_BROKEN || h->what > H_UP_ANSWER)
        return false;
    const Actor *a = &w->actor[h->who];
    if (at_server(w, h) || h->a != a->epoch || a->gone)
        return true;
    if (h->what == H_BROKEN)
        actor_ask_in(w, h->who, 1000);
    else if (h->what == H_FETCHED)
        fetched(w, h);
    else if (h->what == H_ABORT)
        give_turn_back(w, h);
    else if (h->what == H_COMPUTED)
        computed(w, h);
    else if (h->what == H_UPLOAD)
        upload(w, h);
    else if (h->what == H_UP_ANSWER)
        hear(w, h);
    return true;
}
