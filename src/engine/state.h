/* What the files of the engine share; nobody else includes it. */
#pragma once

#include "engine/engine.h"
#include "engine/id_index.h"
#include "engine/place_index.h"

#define BIT(x) (1u << (x))

/* ---- phases ---- */
typedef struct {
    const char *name;
    unsigned next;      /* bits of the phases that may follow */
    bool holders_clock; /* time runs against the holder (else against the server) */
} PhaseRow;
extern const PhaseRow engine_phases[PHASE_N];

/* ---- state ---- */

/* Somebody who was admitted; the number is the position in EngineState.member, from 1. */
typedef struct {
    char identity[LIMIT_IDENTITY + 1]; /* first: IdIndex; "" where it is not known */
    uint8_t commitment[32];            /* zero: admitted by a journal of version 1 */
    bool out, banned;                  /* by cost; by the operator */
    uint32_t contributions, strikes;
    uint64_t place;        /* in the queue; 0 = does not wait */
    int64_t cool_until_ms; /* 0 = never had to */
} Member;

typedef struct {
    uint64_t number; /* 0: the slot is free and all else is zero */
    uint64_t participant;
    uint64_t place; /* where the holder goes back to when the end costs nothing (fifo) */
    Phase phase;
    int64_t granted_ms, since_ms; /* of the lease, of its phase; a skip moves them */
    uint64_t size;                /* in uploading: bytes that are to come */
    uint8_t response[32];         /* in verifying */
} Lease;

/* How long the newest turns took. */
typedef struct {
    uint64_t n;       /* ever measured; the newest is ms[(n - 1) % ENGINE_TURNS] */
    int64_t ended_ms; /* when the newest ended, or the ceremony opened; a skip moves it */
    int64_t ms[ENGINE_TURNS];
} Turns;
#define TURN_MAX (INT64_C(1) << 28) /* three days: what took longer was a pause */

/* All that has a fixed size. */
typedef struct {
    bool open, finalized, handed_over;
    Mode mode;
    char name[LIMIT_IDENTITY + 1];
    char kind[16];
    uint8_t definition[32];
    uint8_t key[ENGINE_KEY_BYTES], next_key[ENGINE_KEY_BYTES]; /* next: while handed over */
    EnginePolicy policy;
    int64_t now_ms;
    uint64_t contributions, leases, refused, expired, aborted;
    uint64_t places;      /* given so far */
    uint8_t accepted[32]; /* sha256(the one before || response || record), for the state's hash */
    Lease lease;
    Turns turns;
} Head;

struct EngineState {
    Head head;
    Member *member; /* in the order of admission */
    size_t n, cap;
    IdIndex index;    /* those whose identity is known */
    PlaceIndex queue; /* those who wait; its `who` is their position in `member` */
};

static inline IdRecords members_of(const EngineState *s) {
    return (IdRecords){s->member, sizeof *s->member};
}

/* ---- a turn's time ---- */

/* The last moment of the live lease's phase; INT64_MAX = none. */
int64_t lease_deadline(const Head *h);
bool lease_has_run_out(const Head *h, int64_t now_ms);
/* From when on an upload may be found stalled, and the bytes that it must bring in a window. */
bool lease_may_stall(const Head *h, int64_t now_ms);
uint64_t upload_least(const EnginePolicy *p);
#define UPLOAD_SIZE_MAX (UINT64_C(1) << 40)

/* How much a skip that ends at now_ms may give back: no more than the time for which what runs now
 * has run. (Not just what passed since the last event: the operator may have been at work while the
 * server slept.) */
int64_t skip_most(const Head *h, int64_t now_ms);

/* ---- people ---- */

/* Adds a member; there is room (engine_reserve). */
Member *member_add(EngineState *s, const char *identity, const uint8_t commitment[32]);
/* NULL: there is none. */
Member *member_find(const EngineState *s, const char *identity);
Member *member_at(const EngineState *s, uint64_t number);
static inline uint64_t member_number(const EngineState *s, const Member *m) {
    return (uint64_t)(m - s->member) + 1;
}

/* May never get a turn again. */
bool member_is_out(const EnginePolicy *p, const Member *m);
bool member_is_cooling(const Member *m, int64_t now_ms);

/* What becomes of the participant whom the event concerns (engine_concerns). */
Member member_after(const EngineState *s, const Member *m, const Event *e);

/* ---- faults ---- */

/* NULL: fine; else what is wrong with it, for people. */
const char *policy_fault(const EnginePolicy *p);
const char *state_fault(const EngineState *s);
