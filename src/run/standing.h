/* How one person stands in a ceremony, from the published state: what a stream of their own tells
 * them (api/events.c). A look costs microseconds, and touches no presence: it is no check-in.
 *
 * How a turn or a place ended is remembered for the newest ENDS_MAX of them, so whoever looks at
 * least every few seconds misses none. Threads: any. */
#pragma once

#include "run/ceremony.h"

typedef enum {
    STANDING_AWAY = 0, /* in no line: they check in first */
    STANDING_WAITS,
    STANDING_TURN, /* the slot is theirs */
    STANDING_OVER, /* there is nothing to wait for any more, or a turn or place was lost */
} StandingKind;

typedef enum {
    OVER_ACCEPTED = 0,
    OVER_REFUSED, /* reason: what is wrong with the contribution */
    OVER_EXPIRED, /* reason: the phase in which time ran out */
    OVER_ABORTED,
    OVER_LEFT,   /* the place is lost; reason: left_name */
    OVER_BANNED, /* reason: the operator's, public */
    OVER_OUT,    /* for good, by the ceremony's rules */
    OVER_FINISHED,
    OVER_HANDED_OVER,
    OVER_SIGNED_OUT, /* the session lives no more */
    OVER_N
} Outcome;
const char *outcome_name(Outcome o); /* "accepted" ... "signed-out" */

typedef struct {
    StandingKind kind;
    bool in_queue;  /* waits: at a place ... */
    uint64_t ahead; /* ... with so many before it */
    uint64_t lease; /* turn */
    Phase phase;
    int64_t deadline_ms; /* of the phase, in the ceremony's time; INT64_MAX = none */
    int64_t now_ms;      /* when one looked */
    Outcome outcome;     /* over */
    uint64_t index;      /* accepted: of the contribution; 0 = not known any more */
    char reason[ENGINE_REASON_MAX];
} Standing;
/* Whatever the time of the look. */
bool standing_equal(const Standing *a, const Standing *b);

/* What somebody has heard so far: how many ends there were. It begins with
 * ceremony_standing_begin. */
typedef struct {
    uint64_t ends;
} Heard;
void ceremony_standing_begin(Ceremony *c, Heard *ret);

/* An end that came since the last look counts before what they are by now. */
void ceremony_standing(Ceremony *c, const Session *s, Heard *heard, Standing *ret);
