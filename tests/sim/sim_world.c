#include "sim/sim_world_private.h"

#include "sim/sim_disk.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOUR INT64_C(3600000)

/* Responses are a line long here, so that what an upload must bring is little too. */
#define SMALL "upload_rate=1", "upload_s=120"
/* And less time: more turns, and more of them run out. */
#define HURRIED SMALL, "fetch_s=20", "compute_s=60", "upload_window_s=20"
static const char *const as_seeds[] = {HURRIED, "entry=fifo", NULL};
static const char *const small[] = {SMALL, NULL};
static const char *const hurried[] = {HURRIED, NULL};
static const char *const forgiving[] = {HURRIED,
                                        "on_missed=place",
                                        "on_expired=nothing",
                                        "on_aborted=nothing",
                                        "on_invalid=cooldown",
                                        "contributions_max=0",
                                        NULL};
static const char *const strict[] = {HURRIED,
                                     "on_missed=cooldown",
                                     "on_expired=cooldown",
                                     "on_invalid=strike",
                                     "strikes_max=2",
                                     "cooldown_s=60",
                                     "waiting_max=200",
                                     "park_max=8",
                                     NULL};
static const char *const lobby_strikes[] = {
    HURRIED, "on_expired=strike", "on_aborted=cooldown", "strikes_max=2", "waiting_max=400", NULL};

const SimPolicy sim_policies[SIM_POLICIES] = {
    {"kzg", "kzg", small, true},
    {"ethereum", "ethereum", hurried, false},
    {"queue-of-the-seeds", "ethereum", as_seeds, true},
    {"forgiving-queue", "kzg", forgiving, true},
    {"strict-queue", "kzg", strict, true},
    {"lobby-with-strikes", "ethereum", lobby_strikes, false},
};

int sim_policy_find(const char *name) {
    for (int i = 0; i < SIM_POLICIES; i++)
        if (strcmp(sim_policies[i].name, name) == 0)
            return i;
    return -1;
}

void world_push(World *w, int64_t in_ms, HappeningKind what, uint32_t who, Happening more) {
    more.at_ms = sim_now_ms() + in_ms;
    more.what = (uint16_t)what;
    more.who = who;
    heap_push(&w->heap, more);
}

void world_trace(World *w, const char *fmt, ...) {
    if (w->plan->trace == NULL)
        return;
    int64_t ms = sim_now_ms();
    fprintf(w->plan->trace, "%7" PRId64 ".%03d  ", ms / 1000, (int)(ms % 1000));
    va_list ap;
    va_start(ap, fmt);
    vfprintf(w->plan->trace, fmt, ap);
    va_end(ap);
    fputc('\n', w->plan->trace);
}

/* ---- the beginning ---- */

static void invite(World *w) {
    for (uint32_t i = 0; i < w->plan->people; i++) {
        Actor *a = &w->actor[i];
        person_draw(w->plan->seed, &w->crowd, i, &a->p);
        a->line = (Line){w, i};
        a->malformed = 1 + (uint32_t)rng_below(&a->p.dice, 3);
        if (w->plan->absent != NULL && w->plan->absent[i])
            a->gone = true;
        else if (w->plan->keep == 0)
            actor_ask_in(w, i, a->p.arrives_ms);
        else if (i < w->plan->keep)
            actor_ask_in(w, i, rng_between(&a->p.dice, 0, 30000));
        w->active += a->gone ? 0 : 1;
    }
    w->next_newcomer = w->plan->keep;
}

static void announce_trouble(World *w) {
    for (uint32_t i = 0; i < TROUBLES && w->plan->keep == 0; i++) {
        trouble_draw(w->plan->seed, &w->crowd, i, &w->trouble[i]);
        if (!w->plan->quiet[i])
            world_push(w, w->trouble[i].at_ms, H_TROUBLE, i, (Happening){0});
    }
}

static bool begin(World *w, const SimPlan *plan, SimOutcome *out) {
    const SimPolicy *policy = &sim_policies[plan->policy];
    SimServerOptions options = {
        .seed = plan->seed, .preset = policy->preset, .settings = policy->settings};
    CvkErr err;
    *w = (World){.plan = plan, .out = out, .freed_ms = -1};
    w->book = book_new(plan->people);
    w->actor = calloc(plan->people, sizeof *w->actor);
    w->states = calloc(1, sizeof *w->states);
    w->n_states = 1;
    assert(w->actor != NULL && w->states != NULL);
    crowd_draw(plan->seed, plan->people, &w->crowd);
    w->crowd.plain = plan->keep != 0;
    if (!sim_server_new(&options, &w->server, &err)) {
        book_break(w->book, RULE_ERROR, "no server: %s: %s", err.id, err.msg);
        return false;
    }
    (void)world_after(w, true, NULL);
    invite(w);
    announce_trouble(w);
    world_push(w, 0, H_TICK, 0, (Happening){0});
    return true;
}

/* ---- the loop ---- */

static void tick(World *w) {
    CvkErr err;
    if (!world_up(w))
        return; /* whoever starts it again begins a new row of ticks */
    bool ok = sim_tick(w->server, &err);
    Call call = world_after(w, ok, &err);
    if (call == CALL_OK)
        book_ticked(w->book);
    if (call != CALL_DOWN)
        world_push(w, w->plan->tick_ms != 0 ? w->plan->tick_ms : 1000, H_TICK, 0, (Happening){0});
}

static void happens(World *w, const Happening *h) {
    if (wait_happens(w, h) || turn_happens(w, h))
        return;
    if (h->what == H_TICK)
        tick(w);
    else if (h->what == H_START && !sim_server_up(w->server))
        world_start(w);
    else if (h->what != H_START)
        trouble_happens(w, h);
}

static bool goes_on(const World *w) {
    int64_t last = w->plan->until_ms != 0 ? w->plan->until_ms : w->crowd.span_ms + 24 * HOUR;
    uint32_t who;
    uint64_t lease;
    Phase phase;
    return book_broken(w->book, NULL) == RULE_NONE && sim_now_ms() < last && !w->over &&
           (w->active > 0 || book_holder(w->book, &who, &lease, &phase));
}

static void run(World *w) {
    Happening h;
    while (goes_on(w) && heap_pop(&w->heap, &h)) {
        if (w->plan->until_ms != 0 && h.at_ms > w->plan->until_ms)
            break;
        sim_time_pass(h.at_ms - sim_now_ms());
        w->out->stats.happenings++;
        happens(w, &h);
    }
}

/* Everything is well once more, and the journal replays to the state that the server has. */
static void last_look(World *w) {
    w->full = w->asleep = false;
    sim_disk_full(false);
    sim_disk_crash_at(0);
    if (!sim_server_up(w->server))
        world_start(w);
    else
        world_compare_replay(w);
}

void sim_run(const SimPlan *plan, SimOutcome *ret) {
    World w;
    const char *text;
    struct timespec t0, t1;
    clock_gettime(CLOCK_MONOTONIC, &t0);
    *ret = (SimOutcome){.stats = {.ceremonies = 1}};
    if (begin(&w, plan, ret)) {
        run(&w);
        if (book_broken(w.book, NULL) == RULE_NONE)
            last_look(&w);
    }
    ret->rule = book_broken(w.book, &text);
    memcpy(ret->text, text, sizeof ret->text);
    ret->ended_ms = ret->stats.virtual_ms = sim_now_ms();
    ret->journal = book_hash(w.book);
    ret->lines = book_lines(w.book);
    world_trace(&w, "%s %s", rule_name(ret->rule), ret->rule == RULE_NONE ? "" : ret->text);
    sim_server_free(w.server);
    book_free(w.book);
    heap_done(&w.heap);
    free(w.actor);
    free(w.states);
    clock_gettime(CLOCK_MONOTONIC, &t1);
    ret->stats.real_us = (t1.tv_sec - t0.tv_sec) * 1000000 + (t1.tv_nsec - t0.tv_nsec) / 1000;
}
