#include "sim/sim_original.h"

#include "sim/sim_heap.h"

#include <assert.h>
#include <stdlib.h>

enum { FREQUENCY_MS = 30000, TOLERANCE_MS = 2000 };

typedef struct {
    Person person;
    int64_t came_ms;
    int64_t pinged_ms; /* the last call that was not refused; 0: none */
} Waiter;

typedef struct {
    uint64_t seed;
    const Crowd *crowd;
    Heap heap;
    Waiter *waiter;
    uint32_t born; /* people ever */
    int64_t busy_until_ms;
    Stats *stats;
    SimRng dice;
} Lobby;

static void poll_at(Lobby *l, uint32_t who, int64_t at_ms) {
    heap_push(&l->heap, (Happening){.at_ms = at_ms, .who = who});
}

/* Somebody new, who comes at any moment of the next period. */
static void newcomer(Lobby *l, uint32_t who, int64_t now_ms) {
    Waiter *w = &l->waiter[who];
    *w = (Waiter){.came_ms = now_ms};
    person_draw(l->seed, l->crowd, l->born++, &w->person);
    poll_at(l, who, now_ms + rng_between(&l->dice, 0, FREQUENCY_MS));
}

/* Fetching, computing, uploading, and then verification: after that the slot is free. */
static void take_turn(Lobby *l, uint32_t who, int64_t now_ms, int64_t verify_ms) {
    const Person *p = &l->waiter[who].person;
    if (l->busy_until_ms > 0)
        spans_add(&l->stats->idle, now_ms - l->busy_until_ms);
    spans_add(&l->stats->waits, now_ms - l->waiter[who].came_ms);
    l->busy_until_ms =
        now_ms + p->fetch_ms + p->compute_ms + p->upload_ms + 4 * p->latency_ms + verify_ms;
    l->stats->turns++;
    l->stats->accepted++;
}

void original_lobby(uint64_t seed, uint32_t waiting, uint32_t turns, const Crowd *crowd,
                    int64_t verify_ms, Stats *ret) {
    Lobby l = {.seed = seed, .crowd = crowd, .stats = ret, .dice = rng_stream(seed, 4, waiting)};
    l.waiter = calloc(waiting, sizeof *l.waiter);
    assert(l.waiter != NULL);
    for (uint32_t i = 0; i < waiting; i++)
        newcomer(&l, i, 0);
    Happening h;
    int64_t now_ms = 0;
    while (ret->turns < turns && heap_pop(&l.heap, &h)) {
        Waiter *w = &l.waiter[h.who];
        now_ms = h.at_ms;
        bool early = w->pinged_ms != 0 && now_ms < w->pinged_ms + FREQUENCY_MS - TOLERANCE_MS;
        if (!early)
            w->pinged_ms = now_ms;
        if (!early && now_ms >= l.busy_until_ms) {
            take_turn(&l, h.who, now_ms, verify_ms);
            newcomer(&l, h.who, now_ms);
        } else { /* the answer, 30 s, and the next request */
            poll_at(&l, h.who, now_ms + 2 * w->person.latency_ms + w->person.poll_ms);
        }
    }
    ret->virtual_ms = now_ms;
    ret->ceremonies = 1;
    heap_done(&l.heap);
    free(l.waiter);
}
