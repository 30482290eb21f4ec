/* A decision in the making: what decide.c, decide_wait.c and decide_operator.c share. */
#pragma once

#include "engine/presence_private.h"
#include "engine/state.h"

typedef struct {
    const EngineState *s;
    const Presence *p;
    const Command *c;
    int64_t now_ms;
    const Lease *lease; /* the live one; NULL: the slot is free (perhaps since a moment ago) */
    uint64_t gone;      /* whose lease has ended in this decision; 0 = nobody's ... */
    Member gone_as;     /* ... and what has become of them */
    uint64_t contributions;
    bool granted; /* the slot was free, and somebody has got it */
    Events *events;
} Scene;

/* Somebody, as they are once time has had its due. number 0: not admitted yet. */
typedef struct {
    uint64_t number;
    Member m;
} Person;
Person scene_person(const Scene *x, const char *identity);

/* The command's next event, with its type, time and lease. */
Event *scene_add(Scene *x, EventType type, uint64_t lease);
/* The live lease ends with this event. */
void scene_end_lease(Scene *x, const Event *e);
/* Admits a person who is not yet. */
void scene_admit(Scene *x, Person *who, const char *identity);
/* Nothing can happen to the ceremony any more, but to its turn perhaps; NONE: it can. */
Refusal scene_over(const Scene *x);

/* ---- decide_wait.c ---- */
Refusal decide_check_in(Scene *x);
Refusal decide_leave(Scene *x);
/* Ends the places of some who missed their check-in. */
void decide_missed(Scene *x);
/* The free slot goes to the longest waiter who is ready. */
void decide_offer(Scene *x);

/* ---- decide_operator.c ---- */
Refusal decide_skip(Scene *x);
Refusal decide_mode(Scene *x);
Refusal decide_drop(Scene *x);
Refusal decide_ban(Scene *x);
Refusal decide_unban(Scene *x);
Refusal decide_pardon(Scene *x);
Refusal decide_hand_over(Scene *x);
Refusal decide_take_over(Scene *x);
Refusal decide_finalize(Scene *x);
