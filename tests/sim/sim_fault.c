/* Trouble as it comes: the server's, the disk's, the clock's, and the operator's commands. */
#include "sim/sim_world_private.h"

#include "sim/sim_disk.h"

#include <inttypes.h>

static void ends_in(World *w, uint32_t which, int64_t ms) {
    world_push(w, ms, H_TROUBLE_ENDS, which, (Happening){0});
}

/* One command of the operator's, from another process; the server may be down. */
static void operate(World *w, const Command *c) {
    Refusal refusal = REFUSAL_NONE;
    CvkErr err;
    if (!world_up(w))
        return;
    bool ok = sim_operate(w->server, c, &refusal, &err);
    book_operated(w->book);
    (void)world_after(w, ok, &err);
}

static void operate_on(World *w, CommandType type, uint32_t who) {
    char identity[24];
    person_identity(who, identity);
    operate(w, &(Command){.type = type, .identity = identity, .reason = "sim"});
}

static void set_mode(World *w, Mode mode) {
    operate(w, &(Command){.type = COMMAND_MODE, .mode = mode});
}

static void goes_down(World *w, const Trouble *t) {
    if (!sim_server_up(w->server))
        return;
    if (t->kind == TROUBLE_KILL)
        sim_server_kill(w->server);
    else
        sim_server_stop(w->server);
    w->asleep = false;
    w->starting = true; /* not at once: in its own time */
    world_down(w);
    world_push(w, t->for_ms, H_START, 0, (Happening){0});
}

static void begins(World *w, uint32_t which) {
    const Trouble *t = &w->trouble[which];
    w->out->stats.troubles++;
    world_trace(w, "trouble %" PRIu32 ": %s", which, trouble_name(t->kind));
    switch (t->kind) {
    case TROUBLE_STOP:
    case TROUBLE_KILL:
        goes_down(w, t);
        break;
    case TROUBLE_CRASH:
        if (sim_server_up(w->server))
            sim_disk_crash_at(sim_disk_operations() + t->number);
        break;
    case TROUBLE_AHEAD:
        sim_time_jump((int64_t)t->number);
        break;
    case TROUBLE_BACK:
        sim_time_jump(-(int64_t)t->number);
        break;
    case TROUBLE_FULL:
        w->full = true;
        sim_disk_full(true);
        ends_in(w, which, t->for_ms);
        break;
    case TROUBLE_ASLEEP:
        if (!world_up(w))
            break;
        w->asleep = true;
        book_down(w->book);
        w->freed_ms = -1;
        ends_in(w, which, t->for_ms);
        break;
    case TROUBLE_PAUSE:
    case TROUBLE_DRAIN:
        set_mode(w, t->kind == TROUBLE_PAUSE ? MODE_PAUSED : MODE_DRAINING);
        ends_in(w, which, t->for_ms);
        break;
    case TROUBLE_DROP:
        operate_on(w, COMMAND_DROP, (uint32_t)t->number);
        break;
    case TROUBLE_BAN:
        operate_on(w, COMMAND_BAN, (uint32_t)t->number);
        ends_in(w, which, 5 * t->for_ms);
        break;
    case TROUBLE_PARDON:
        for (uint32_t i = 0; i < w->plan->people; i += 1 + w->plan->people / 10)
            operate_on(w, COMMAND_PARDON, ((uint32_t)t->number + i) % w->plan->people);
        break;
    case TROUBLE_N:
        break;
    }
}

static void ends(World *w, uint32_t which) {
    const Trouble *t = &w->trouble[which];
    world_trace(w, "trouble %" PRIu32 " ends: %s", which, trouble_name(t->kind));
    switch (t->kind) {
    case TROUBLE_FULL:
        w->full = false;
        sim_disk_full(false);
        break;
    case TROUBLE_ASLEEP:
        if (w->asleep)
            world_push(w, 0, H_TICK, 0, (Happening){0});
        w->asleep = false;
        break;
    case TROUBLE_PAUSE:
    case TROUBLE_DRAIN:
        if (!world_up(w)) {
            ends_in(w, which, 10000);
            break;
        }
        set_mode(w, MODE_OPEN);
        break;
    case TROUBLE_BAN:
        operate_on(w, COMMAND_UNBAN, (uint32_t)t->number);
        break;
    case TROUBLE_STOP:
    case TROUBLE_KILL:
    case TROUBLE_CRASH:
    case TROUBLE_AHEAD:
    case TROUBLE_BACK:
    case TROUBLE_DROP:
    case TROUBLE_PARDON:
    case TROUBLE_N:
        break;
    }
}

void trouble_happens(World *w, const Happening *h) {
    if (h->what == H_TROUBLE)
        begins(w, h->who);
    else if (h->what == H_TROUBLE_ENDS)
        ends(w, h->who);
}
