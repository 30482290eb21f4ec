/* What goes wrong with the server, and what its operator does, when: a list drawn from the seed.
 * Each piece of trouble is drawn from its own number alone, so that the list without one of them is
 * the same list otherwise. Threads: pure functions. */
#pragma once

#include "sim/sim_people.h"

typedef enum {
    TROUBLE_STOP = 0, /* stopped and started again */
    TROUBLE_KILL,     /* the process dies */
    TROUBLE_CRASH,    /* the power goes at one of the next operations of the disk */
    TROUBLE_AHEAD,    /* somebody sets the wall clock ahead ... */
    TROUBLE_BACK,     /* ... or back */
    TROUBLE_FULL,     /* the disk is full for a while */
    TROUBLE_ASLEEP,   /* the machine sleeps: nothing runs, then all goes on */
    TROUBLE_PAUSE,    /* the operator pauses, and opens again */
    TROUBLE_DRAIN,    /* likewise */
    TROUBLE_DROP,     /* the operator drops, bans and unbans, or pardons somebody */
    TROUBLE_BAN,
    TROUBLE_PARDON,
    TROUBLE_N
} TroubleKind;
const char *trouble_name(TroubleKind k);

typedef struct {
    TroubleKind kind;
    int64_t at_ms, for_ms;
    uint64_t number; /* of disk operations from then on; of milliseconds; of a person */
} Trouble;

#define TROUBLES 24 /* in a ceremony */
void trouble_draw(uint64_t seed, const Crowd *c, uint32_t number, Trouble *ret);
