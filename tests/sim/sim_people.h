/* Who comes to a simulated ceremony, and how they and their networks behave.
 *
 * A Person is drawn from the seed and their number alone, whole: what they do later depends on
 * nothing but that, their own dice and what the server answers. Threads: pure functions. */
#pragma once

#include "sim/sim_rng.h"

#include <stddef.h>

typedef enum {
    HABIT_POLLER = 0,    /* as today's clients: asks every 30 s, whatever the server says */
    HABIT_FAST,          /* as our own: asks when the server says, keeps a parked poll open */
    HABIT_SLOW_COMPUTER, /* computes for so long that some miss the deadline */
    HABIT_SLOW_LINE,     /* uploads at a rate about the least that is allowed */
    HABIT_STALLER,       /* stops in the middle of an upload */
    HABIT_NO_SHOW,       /* vanishes when the turn has come */
    HABIT_FADER,         /* vanishes while waiting */
    HABIT_INVALID,       /* sends what does not verify */
    HABIT_MALFORMED,     /* sends what cannot be read, a few times, then something valid */
    HABIT_THIEF,         /* uploads without a turn */
    HABIT_COPYCAT,       /* sends what somebody else has sent */
    HABIT_TWICE,         /* sends the same bytes twice, at once and again afterwards */
    HABIT_LATE,          /* uploads when the turn is long over */
    HABIT_LEAVER,        /* loses patience in the queue */
    HABIT_ABORTER,       /* gives the turn back */
    HABIT_LAPTOP,        /* closes the lid for a while, now and then */
    HABIT_TAB,           /* a second window of somebody else's */
    HABIT_N
} Habit;
const char *habit_name(Habit h); /* "poller", "fast" ... */

typedef struct {
    Habit habit;
    uint32_t self;      /* whose name they sign in with: their own number, or another's */
    int64_t arrives_ms; /* when they first come */
    int64_t poll_ms;    /* from an answer to the next request */
    int64_t latency_ms; /* one way, about */
    int64_t fetch_ms, compute_ms, upload_ms;
    uint32_t parts;            /* pieces in which an upload arrives */
    uint32_t loss, twice, cut; /* per mille of requests and answers that are lost, of requests that
                                  arrive twice, of transfers that break off */
    uint32_t returns;          /* how often they try again after a failed turn */
    int64_t patience_ms;       /* leaver: leaves after so long */
    int64_t awake_ms, asleep_ms; /* laptop: open so long, then closed so long; 0 = always open */
    SimRng dice;
} Person;

/* How a ceremony's crowd comes, and the speed at which turns go. */
typedef struct {
    uint32_t people;
    int64_t span_ms; /* the last one comes after so long */
    int64_t turn_ms; /* fetching, computing and uploading, of most people together */
    bool plain;      /* nobody but ordinary pollers with good lines: for comparisons */
} Crowd;

/* The crowd of a seed: its announcements and its mean turn. */
void crowd_draw(uint64_t seed, uint32_t people, Crowd *ret);
void person_draw(uint64_t seed, const Crowd *c, uint32_t number, Person *ret);
