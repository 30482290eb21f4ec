/* The coordinator as a pure state machine. It knows slots, leases, contributions and deadlines, and
 * nothing of what is contributed.
 *
 *     engine_decide(state, presence, command, now) -> events, or a refusal
 *     engine_apply(state, event)                   -> the next state; cannot fail
 *
 * No clock, no randomness, no I/O, no order that depends on a hash table. The state is the fold of
 * the events: apply them all again and the state has the same hash (engine_state_hash).
 *
 * INVARIANTS (asserted by engine_check, which debug builds and the simulator call after each
 * event): at most one live lease; lease numbers and times never go back; an accepted contribution
 * extends the newest one; nobody contributes twice unless the policy says so; nobody who is out
 * holds a lease.
 *
 * First form: one slot, sequential turns, whoever asks first when the slot is free (lobby).
 * Policies of waiting, strikes and rounds widen the tables below, not the shape. Threads: none of
 * its own; one writer at a time. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

/* ---- policy: a ceremony's choices as data ---- */

typedef enum {
    PHASE_OFFERED = 0, /* granted, the holder has not come for it yet (may be empty) */
    PHASE_FETCHING,    /* the challenge is on its way */
    PHASE_COMPUTING,   /* the challenge has arrived */
    PHASE_UPLOADING,   /* the first byte of a response has arrived */
    PHASE_VERIFYING,   /* the response is stored; the contributor's clock has stopped */
    PHASE_N
} Phase;
const char *phase_name(Phase p); /* "offered" ... */

/* What a lease that ended badly costs its holder. */
typedef enum {
    COST_NOTHING = 0, /* may come again */
    COST_OUT,         /* out for good */
    COST_N
} Cost;
const char *cost_name(Cost c); /* "nothing", "out" */

#define ENGINE_TIME_MAX INT64_C(253402300799999)   /* the last millisecond of the year 9999 */
#define ENGINE_DURATION_MAX INT64_C(3155760000000) /* a hundred years: any time in a policy */

typedef struct {
    int64_t checkin_every_ms;     /* how often a waiting participant should ask */
    int64_t checkin_tolerance_ms; /* how much sooner is still allowed, and how much later */
    uint32_t lobby_max;           /* participants waiting at once */
    /* How long each phase may take; 0 = without limit, but for offered, which 0 leaves out: the
     * lease then begins in fetching. Verifying is a net under the server's own faults: when it runs
     * out the lease ends and costs its holder nothing, whatever `expired` says. */
    int64_t deadline_ms[PHASE_N];
    Cost expired, aborted, invalid;
    bool repeat; /* may an identity contribute again? */
} EnginePolicy;

/* ---- events: what happened; the journal ---- */

typedef enum {
    EVENT_CEREMONY_OPENED = 1,
    EVENT_LEASE_GRANTED,
    EVENT_LEASE_MOVED,     /* to a later phase */
    EVENT_RESPONSE_STORED, /* durable, named by its hash; moves the lease to verifying */
    EVENT_CONTRIBUTION_ACCEPTED,
    EVENT_CONTRIBUTION_REFUSED, /* verified and found invalid; the lease ends */
    EVENT_LEASE_EXPIRED,
    EVENT_LEASE_ABORTED,
    EVENT_CEREMONY_FINALIZED,
    EVENT_N
} EventType;
const char *event_name(EventType t); /* "ContributionAccepted" ... */

#define ENGINE_REASON_MAX 64 /* with its zero byte */

/* Names, kinds, identities and reasons go into the journal as they are: 1 to `max` printable ASCII
 * characters other than space, quotation mark and backslash. */
bool engine_text_ok(const char *text, size_t max);

typedef struct {
    EventType type;
    int64_t now_ms; /* never earlier than the event's before it */
    uint64_t lease; /* 0 where there is none */
    union {
        struct {
            char name[LIMIT_IDENTITY + 1]; /* of the ceremony */
            char kind[16];                 /* "kzg" */
            uint8_t definition[32];        /* sha256 of the definition's JSON */
            EnginePolicy policy;
        } opened;
        struct {
            char identity[LIMIT_IDENTITY + 1];
            uint64_t attempt;  /* counts every lease ever granted in this slot */
            uint64_t position; /* the contribution that it would become, from 1 */
        } granted;
        struct {
            Phase phase;
        } moved;
        struct {
            uint8_t response[32];
        } stored;
        struct {
            uint64_t index; /* from 1 */
            uint8_t response[32];
            uint8_t record[32]; /* sha256 of what the transcript keeps of it */
        } accepted;
        struct {
            char reason[ENGINE_REASON_MAX]; /* an id, such as CeremonyError::G1PairingFailed */
        } refused;
        struct {
            Phase phase; /* in which time ran out; verifying: the server's fault, costs nothing */
        } expired;
        struct {
            uint64_t contributions;
        } finalized;
    } u;
} Event;

/* ---- commands: what somebody wants ---- */

typedef enum {
    COMMAND_CHECK_IN, /* identity: still here, and please give me the slot */
    COMMAND_REACH,    /* lease, phase: has come to it (there already: no event, no refusal) */
    COMMAND_STORE,    /* lease, hash: the response is durable */
    COMMAND_VERDICT,  /* lease, valid: what verification said */
    COMMAND_ABORT,    /* lease: the holder gives up */
    COMMAND_TICK,     /* time has passed */
    COMMAND_FINALIZE, /* the operator: no further contribution */
    COMMAND_N
} CommandType;

typedef struct {
    CommandType type;
    const char *identity; /* CHECK_IN */
    uint64_t lease;       /* REACH, STORE, VERDICT, ABORT */
    Phase phase;          /* REACH */
    const uint8_t *hash;  /* STORE: the response; VERDICT valid: the record; 32 bytes */
    bool valid;           /* VERDICT */
    const char *reason;   /* VERDICT invalid */
} Command;

typedef enum {
    REFUSAL_NONE = 0,
    REFUSAL_BUSY,  /* another holds the slot: stay in the lobby */
    REFUSAL_EARLY, /* asked again too soon */
    REFUSAL_LOBBY_FULL,
    REFUSAL_OUT,         /* this identity has contributed, or is out for good */
    REFUSAL_NOT_HOLDER,  /* no such live lease (expired, ended, another's) */
    REFUSAL_WRONG_PHASE, /* the lease lives but is elsewhere (abort while verifying) */
    REFUSAL_FINALIZED,
    REFUSAL_HOLDER_AGAIN, /* CHECK_IN by the holder before it uploads: serve the challenge again */
    REFUSAL_TURN_LIVE,    /* FINALIZE while a lease lives */
    REFUSAL_N
} Refusal;
const char *refusal_name(Refusal r);

/* ---- presence: who was seen when; kept beside the state, not in the journal ----
 *
 * The lobby is who was seen within checkin_every + checkin_tolerance, without the slot's holder.
 * The caller removes whoever goes out (contributed, or cost), and calls presence_count now and then
 * (a timer), which forgets. Every call but presence_count takes constant time. */

typedef struct Presence Presence;

Presence *presence_new(CvkErr *err) MUST_USE;
Presence *presence_free(Presence *p);
/* Remembers that `identity` was accepted at `now_ms` (a refused check-in is not). Times before the
 * newest one count as that. False: memory, or LIMIT_SESSIONS are present ("limit.count"). */
bool presence_touch(Presence *p, const char *identity, int64_t now_ms, CvkErr *err) MUST_USE;
void presence_remove(Presence *p, const char *identity);
bool presence_last_seen(const Presence *p, const char *identity, int64_t *ret_ms);
/* How many were seen within `window_ms`; those seen earlier are forgotten. */
size_t presence_count(Presence *p, int64_t now_ms, int64_t window_ms);

/* ---- the machine ---- */

typedef struct EngineState EngineState;
#define ENGINE_EVENTS_MAX 4 /* one command makes at most so many events */

typedef struct {
    Event at[ENGINE_EVENTS_MAX];
    size_t n;
} Events;

EngineState *
engine_state_new(CvkErr *err) MUST_USE; /* before its first event, which is CeremonyOpened */
EngineState *engine_state_free(EngineState *s);

/* Any command first expires a lease whose deadline is before now_ms, and is then judged by what is
 * left. So the events are to be appended and applied WHATEVER the refusal is: a refused command has
 * none of its own, but there may be the LeaseExpired that it found. A check-in can bring
 * LeaseExpired and LeaseGranted together. Nothing is lost if the caller drops the events of a
 * refused command: the next command finds the same.
 *
 * The caller touches presence when a check-in was answered with REFUSAL_NONE, REFUSAL_BUSY or
 * REFUSAL_HOLDER_AGAIN. `p` is needed by CHECK_IN only. The state must be open. now_ms before the
 * last event's counts as that. An identity that is not engine_text_ok is REFUSAL_OUT. */
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
    bool open, finalized;
    uint64_t contributions, leases, refused, expired, aborted;
    EnginePolicy policy;
    struct {
        uint64_t number; /* 0: the slot is free */
        char identity[LIMIT_IDENTITY + 1];
        Phase phase;
        int64_t granted_ms, deadline_ms; /* of the present phase; INT64_MAX = none */
        uint8_t response[32];            /* from verifying on */
    } lease;
    int64_t now_ms; /* of the last event */
} EngineView;
void engine_view(const EngineState *s, EngineView *ret);
/* Has this identity contributed, or is it out? */
bool engine_is_out(const EngineState *s, const char *identity);
/* Will `e`, if it comes next, put the holder of the lease out? (A repeated contribution may not.)
 */
bool engine_goes_out(const EngineState *s, const Event *e);
