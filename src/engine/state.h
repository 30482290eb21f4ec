/* What the files of the engine share; nobody else includes it. */
#pragma once

#include "engine/engine.h"
#include "engine/id_index.h"

#define BIT(x) (1u << (x))

/* ---- phases ---- */
typedef struct {
    const char *name;
    unsigned next;      /* bits of the phases that may follow */
    bool holders_clock; /* time runs against the holder (else against the server) */
} PhaseRow;
extern const PhaseRow engine_phases[PHASE_N];

/* ---- state ---- */

/* Whoever has contributed or is out; nobody else needs to be remembered. */
typedef struct {
    char identity[LIMIT_IDENTITY + 1]; /* first: IdIndex */
    bool out;                          /* by cost */
    uint32_t contributions;
} Member;

typedef struct {
    uint64_t number; /* 0: the slot is free and all else is zero */
    char identity[LIMIT_IDENTITY + 1];
    Phase phase;
    int64_t granted_ms, since_ms; /* of the lease, of its phase */
    uint8_t response[32];         /* in verifying */
} Lease;

/* All that has a fixed size. */
typedef struct {
    bool open, finalized;
    char name[LIMIT_IDENTITY + 1];
    char kind[16];
    uint8_t definition[32];
    EnginePolicy policy;
    int64_t now_ms;
    uint64_t contributions, leases, refused, expired, aborted;
    uint8_t accepted[32]; /* sha256(the one before || response || record), for the state's hash */
    Lease lease;
} Head;

struct EngineState {
    Head head;
    Member *member; /* in the order in which they became members */
    size_t n, cap;
    IdIndex index;
};

static inline IdRecords members_of(const EngineState *s) {
    return (IdRecords){s->member, sizeof *s->member};
}

/* The last moment of the live lease's phase; INT64_MAX = none. */
int64_t lease_deadline(const Head *h);
bool lease_has_run_out(const Head *h, int64_t now_ms);
/* What it costs the holder when time runs out in this phase. */
Cost expiry_cost(const EnginePolicy *p, Phase phase);
Phase first_phase(const EnginePolicy *p);

/* NULL: fine; else what is wrong with it, for people. */
const char *policy_fault(const EnginePolicy *p);
const char *state_fault(const EngineState *s);

/* Adds a member; there is room (engine_reserve). */
Member *member_add(EngineState *s, const char *identity);
Member *member_find(const EngineState *s, const char *identity); /* NULL: none */

/* ---- presence ---- */
size_t presence_seen_since(const Presence *p, int64_t since_ms);
