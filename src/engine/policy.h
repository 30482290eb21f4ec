/* A ceremony's choices as data: who gets in and in what order, how often they must be seen, how
 * long each part of a turn may take, and what a failure costs. What a protocol is, is a column of
 * this table; nothing else in the engine asks which protocol it serves. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* How the next holder of the slot is found. */
typedef enum {
    ENTRY_LOBBY = 0, /* whoever asks first when the slot is free; membership is presence */
    ENTRY_FIFO,      /* a queue: the longest waiter who is ready; losing a place is an event */
    ENTRY_N
} Entry;
const char *entry_name(Entry e); /* "lobby", "fifo" */

typedef enum {
    PHASE_OFFERED = 0, /* granted, the holder has not come for it yet (may be empty) */
    PHASE_FETCHING,    /* the challenge is on its way */
    PHASE_COMPUTING,   /* the challenge has arrived */
    PHASE_UPLOADING,   /* the first byte of a response has arrived */
    PHASE_VERIFYING,   /* the response is stored; the contributor's clock has stopped */
    PHASE_N
} Phase;
const char *phase_name(Phase p); /* "offered" ... */

/* What a failure costs: each row includes those above it. */
typedef enum {
    COST_NOTHING = 0, /* in a queue: keeps the place */
    COST_PLACE,       /* place lost: may come again, behind everybody */
    COST_COOLDOWN,    /* and not before policy.cooldown_ms have passed */
    COST_STRIKE,      /* and one strike more; policy.strikes_max of them put out for good */
    COST_OUT,         /* out for good */
    COST_N
} Cost;
const char *cost_name(Cost c); /* "nothing", "place", "cooldown", "strike", "out" */

#define ENGINE_TIME_MAX INT64_C(253402300799999)   /* the last millisecond of the year 9999 */
#define ENGINE_DURATION_MAX INT64_C(3155760000000) /* a hundred years: any time in a policy */

typedef struct {
    Entry entry;
    uint32_t waiting_max;       /* participants in the lobby or queue at once */
    uint32_t contributions_max; /* of one identity; 0 = any number */

    /* The rhythm of those who wait. In a lobby one asks every checkin_every; sooner than that less
     * the tolerance is too early, later than that plus the tolerance is out of the lobby. In a
     * queue the check-in is due after an interval that shrinks with the expected wait
     * (engine_due), whoever keeps the rhythm checkin_every + tolerance is never late, and half of
     * checkin_shortest is not too early. */
    int64_t checkin_every_ms, checkin_tolerance_ms;
    int64_t checkin_shortest_ms, checkin_longest_ms; /* fifo: bounds of the interval */
    int64_t checkin_lead_ms; /* fifo: the first check-in is due so long before the expected start */

    /* fifo: who is ready for a free slot. A member whose poll is parked is; so is one seen within
     * ready_ms whose check-ins come at most ready_ms apart (who is expected back at once). When
     * nobody is ready, whoever of the queue asks first gets the slot. */
    int64_t ready_ms;
    uint32_t park_max; /* the polls of so many at the queue's head may be parked ... */
    int64_t park_ms;   /* ... so long; 0 = never */

    /* How long each phase may take; 0 = without limit, but for offered, which 0 leaves out: a lease
     * then begins in fetching. Verifying is a net under the server's own faults: when it runs out
     * the lease ends and costs its holder nothing, whatever `expired` says. Offered is the start
     * window: whoever does not come for an offer has missed it (cost `missed`). */
    int64_t deadline_ms[PHASE_N];
    /* An upload must bring upload_rate bytes a second over each upload_window, and take at most its
     * size / upload_rate altogether (and deadline_ms[PHASE_UPLOADING], if that is set). 0 = any. */
    uint32_t upload_rate;
    int64_t upload_window_ms;

    Cost missed; /* a check-in (fifo), or an offer */
    Cost expired, aborted, invalid;
    uint32_t strikes_max; /* 0 = any number */
    int64_t cooldown_ms;
} EnginePolicy;
