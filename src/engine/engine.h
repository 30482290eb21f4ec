/* The coordinator as a pure state machine. It knows slots, leases, contributions, places and
 * deadlines, and nothing of what is contributed.
 *
 *     engine_decide(state, presence, command, now) -> events, or a refusal
 *     engine_apply(state, event)                   -> the next state; cannot fail
 *
 * No clock, no randomness, no I/O, no order that depends on a hash table. The state is the fold of
 * the events: apply them all again and the state has the same hash (engine_state_hash), whether the
 * events' private parts are known or not.
 *
 * INVARIANTS (asserted by engine_check, which debug builds and the simulator call after each
 * event): at most one live lease; lease numbers and times never go back; an accepted contribution
 * extends the newest one; nobody contributes more often than the policy says; nobody who is out or
 * banned holds a lease or a place; nobody holds both; after HandedOver only TakenOver comes.
 *
 * One slot, sequential turns. Rounds widen the tables, not the shape. Threads: none of its own; one
 * writer at a time. */
#pragma once

#include "base/err.h"
#include "engine/event.h"
#include "engine/presence.h"

/* ---- commands: what somebody wants ---- */

typedef enum {
    COMMAND_CHECK_IN, /* identity, aim: still here, and please give me the slot (fifo: or a place)
                       */
    COMMAND_LEAVE,    /* identity: gives up the place in the queue (a holder aborts instead) */
    COMMAND_REACH,    /* lease, phase: has come to it (there already: no event, no refusal); size */
    COMMAND_STORE,    /* lease, hash: the response is durable; received_ms: its last byte */
    COMMAND_VERDICT,  /* lease, valid: what verification said */
    COMMAND_ABORT,    /* lease: the holder gives up */
    COMMAND_TICK,     /* time has passed */
    COMMAND_SKIP,     /* by_ms: so much time has passed while the server slept */
    /* the operator's: they let nobody's time run out (the server that keeps time may be asleep) */
    COMMAND_MODE,      /* mode */
    COMMAND_DROP,      /* identity: loses the turn or the place, and nothing else */
    COMMAND_BAN,       /* identity, reason: and may not come again; known or not */
    COMMAND_UNBAN,     /* identity */
    COMMAND_PARDON,    /* identity */
    COMMAND_HAND_OVER, /* key */
    COMMAND_TAKE_OVER, /* key, hash: the root; signature */
    COMMAND_FINALIZE,  /* no further contribution */
    COMMAND_N
} CommandType;

/* What somebody checks in for. */
typedef enum {
    CHECK_IN_TAKE = 0, /* the slot, to begin at once */
    CHECK_IN_LOOK,     /* the same, but they come for it later (COME): fifo offers it to them, in a
                          lobby their time to fetch begins */
    CHECK_IN_COME,     /* the challenge of the turn that they have, and nothing else */
} CheckInAim;

typedef struct {
    CommandType type;
    const char *identity;
    CheckInAim aim;
    uint64_t lease;
    Phase phase;
    uint64_t size;       /* REACH uploading: bytes announced, or the most that are taken */
    const uint8_t *hash; /* STORE: the response; VERDICT valid: the record; TAKE_OVER; 32 bytes */
    int64_t received_ms; /* STORE; 0 = now */
    bool valid;          /* VERDICT */
    const char *reason;  /* VERDICT invalid; BAN */
    int64_t by_ms;       /* SKIP */
    Mode mode;           /* MODE */
    const uint8_t *key;  /* HAND_OVER, TAKE_OVER: ENGINE_KEY_BYTES */
    const uint8_t *signature; /* TAKE_OVER: ENGINE_SIGNATURE_BYTES */
} Command;

typedef enum {
    REFUSAL_NONE = 0,
    REFUSAL_BUSY,    /* wait: another holds the slot, or is before you, or the ceremony is paused */
    REFUSAL_EARLY,   /* asked again too soon */
    REFUSAL_FULL,    /* too many wait */
    REFUSAL_CLOSED,  /* draining: nobody new may wait */
    REFUSAL_COOLING, /* not before the cool-down is over (engine_person) */
    REFUSAL_OUT,     /* this identity has contributed, is out for good, or is banned */
    REFUSAL_NOT_HOLDER,  /* no such live lease (expired, ended, another's) */
    REFUSAL_WRONG_PHASE, /* the lease lives but is elsewhere (abort while verifying) */
    REFUSAL_FINALIZED,
    REFUSAL_HANDED_OVER,  /* this server has given the ceremony away */
    REFUSAL_HOLDER_AGAIN, /* CHECK_IN by the holder before it uploads: serve the challenge (again),
                             unless they only look */
    REFUSAL_TURN_LIVE,    /* FINALIZE, HAND_OVER while a lease lives */
    REFUSAL_UNKNOWN,      /* the operator, or who leaves, names nobody that the ceremony knows */
    REFUSAL_NO_CHANGE,    /* it is so already */
    REFUSAL_N
} Refusal;
const char *refusal_name(Refusal r);

/* ---- the machine ---- */

typedef struct EngineState EngineState;
#define ENGINE_EVENTS_MAX 16 /* one command makes at most so many events */

typedef struct {
    Event at[ENGINE_EVENTS_MAX];
    size_t n;
} Events;

EngineState *
engine_state_new(CvkErr *err) MUST_USE; /* before its first event, which is CeremonyOpened */
EngineState *engine_state_free(EngineState *s);

/* Any command but SKIP and the operator's first lets time have its due (a lease whose deadline is
 * before now_ms expires), and is then judged by what is left; last, a slot that is free by then
 * goes to the longest waiter who is ready (fifo). So the events are to be appended and applied
 * WHATEVER the refusal is: a refused command has none of its own, but there may be those of the
 * others. Nothing is lost if the caller drops the events of a refused command: the next finds the
 * same. TICK also ends the places of those who missed their check-in, some at a time.
 *
 * The caller touches presence (due: engine_due) when a check-in was answered with REFUSAL_NONE,
 * REFUSAL_BUSY or REFUSAL_HOLDER_AGAIN, once its events are applied. Who looks and has the slot by
 * it is seated instead (they may come for it at once), and who looks while holding it is neither.
 * Admissions come with their identity and a commitment of zero: the caller salts and commits
 * (event_commit) before it appends and applies. `p` may be NULL for the operator's commands. The
 * state must be open. now_ms before the last event's counts as that. An identity that is not
 * engine_text_ok is REFUSAL_OUT. */
void engine_decide(const EngineState *s, const Presence *p, const Command *c, int64_t now_ms,
                   Events *ret_events, Refusal *ret_refusal);

/* Makes room for `n` further events, so that engine_apply cannot fail. */
bool engine_reserve(EngineState *s, size_t n, CvkErr *err) MUST_USE;
void engine_apply(EngineState *s, const Event *e);
/* Is `e` a possible next event of this state? For journals from elsewhere: apply asserts it.
 * CVK_EBADREQ "event.order", "event.time", "event.lease", "event.phase", "event.field". */
bool engine_admits(const EngineState *s, const Event *e, CvkErr *err) MUST_USE;
void engine_check(const EngineState *s); /* asserts; walks over everybody */
/* Equal for equal states, whatever process or release made them; walks over everybody. */
void engine_state_hash(const EngineState *s, uint8_t ret[32]);

/* A snapshot is bytes that make the same state again; refused (CVK_EBADREQ) when damaged. */
bool engine_snapshot_write(const EngineState *s, uint8_t **ret, size_t *ret_n,
                           CvkErr *err) MUST_USE;
bool engine_snapshot_read(const uint8_t *bytes, size_t n, EngineState **ret, CvkErr *err) MUST_USE;

/* What others may see of the state, by value: publish it, read it without locks on the state. */
typedef struct {
    bool open, finalized, handed_over;
    Mode mode;
    bool drained; /* draining, nobody has the slot, and (fifo) nobody waits */
    uint64_t contributions, leases, refused, expired, aborted;
    uint64_t participants, waiting;     /* admitted ever; in the queue now (fifo) */
    uint8_t key[ENGINE_KEY_BYTES];      /* of the server whose ceremony it is now */
    uint8_t next_key[ENGINE_KEY_BYTES]; /* handed_over: of the server that it goes to */
    EnginePolicy policy;
    struct {
        uint64_t number; /* 0: the slot is free */
        uint64_t participant;
        char identity[LIMIT_IDENTITY + 1];
        Phase phase;
        int64_t granted_ms, deadline_ms; /* of the present phase; INT64_MAX = none */
        uint8_t response[32];            /* from verifying on */
    } lease;
    int64_t now_ms; /* of the last event */
    struct {
        uint32_t n; /* turns measured: the newest ENGINE_TURNS at most */
        int64_t mean_ms,
            spread_ms; /* from one turn's end to the next, and its standard deviation */
    } turns;
} EngineView;
#define ENGINE_TURNS 64
void engine_view(const EngineState *s, EngineView *ret);

/* One participant, by number or (number 0) by identity; false: there is none. */
typedef struct {
    uint64_t number;
    const char *identity; /* "" = not known; lives until the next apply */
    uint64_t place;       /* in the queue, from 1; 0 = does not wait */
    uint64_t ahead;       /* how many wait before them */
    uint32_t contributions, strikes;
    int64_t cool_until_ms; /* 0 = none */
    bool out, banned, holder;
} EnginePerson;
bool engine_person(const EngineState *s, uint64_t number, const char *identity, EnginePerson *ret);

/* The identity of the first participant whose identity begins so; NULL: there is none. Walks over
 * everybody. Lives until the next apply. */
const char *engine_identity_like(const EngineState *s, const char *beginning);
/* May this identity never get a turn again (has contributed as often as it may, is out, banned)? */
bool engine_is_out(const EngineState *s, const char *identity);
/* Whom does `e` concern, if it comes next: who is named, or whose turn it ends? 0 = nobody (or
 * somebody whom only the identity in a LeaseGranted of version 1 names). */
uint64_t engine_concerns(const EngineState *s, const Event *e);
/* Will `e`, if it comes next, put whom it concerns out? */
bool engine_goes_out(const EngineState *s, const Event *e);

/* ---- waiting: how long, and when to be seen (schedule.c) ---- */

/* How long it takes until the turn of somebody with `ahead` before them begins. Of a hundred such
 * waits about ten are shorter than low and ten longer than high: the spread of the measured turns
 * and the error of their mean are both in it. known false: too few turns were measured. In a lobby
 * (`lobby` waiting, nobody is ahead of anybody) it is the wait of a fair draw each turn. */
typedef struct {
    bool known;
    int64_t low_ms, mean_ms, high_ms;
} EngineEstimate;
void engine_estimate(const EngineView *v, uint64_t ahead, uint64_t lobby, EngineEstimate *ret);

/* When the next check-in should come, and after when it is too late, for somebody seen now. In a
 * lobby: every checkin_every, never late (INT64_MAX). In a queue, with W the expected wait: the
 * first
 * (`first`) at W - checkin_lead, where that is longer; else after W / 2, between checkin_shortest
 * and checkin_longest (reference 4.6). Late is the tolerance after that, and never before
 * checkin_every + tolerance. */
typedef struct {
    int64_t next_ms, late_ms;
} EngineDue;
void engine_due(const EngineState *s, const char *identity, bool first, int64_t now_ms,
                EngineDue *ret);
