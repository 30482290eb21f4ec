/* An engine in a world of virtual time: a state, who was seen, and the journal of what happened.
 * Include after support/test.h. */
#pragma once

#include "engine/engine.h"
#include "engine/event_json.h"

#define WORLD_EVERY 30000
#define WORLD_TOLERANCE 10000
#define WORLD_START 1000000

typedef struct {
    EngineState *state;
    Presence *presence;
    int64_t now_ms;
    Events last; /* what the last command brought */
} World;

static inline EnginePolicy world_policy(void) {
    return (EnginePolicy){
        .checkin_every_ms = WORLD_EVERY,
        .checkin_tolerance_ms = WORLD_TOLERANCE,
        .lobby_max = 3,
        .deadline_ms = {[PHASE_FETCHING] = 60000,
                        [PHASE_COMPUTING] = 180000,
                        [PHASE_UPLOADING] = 90000,
                        [PHASE_VERIFYING] = 600000},
        .expired = COST_OUT,
        .aborted = COST_OUT,
        .invalid = COST_OUT,
    };
}

static inline Event world_opening(EnginePolicy policy, int64_t now_ms) {
    Event e = {.type = EVENT_CEREMONY_OPENED, .now_ms = now_ms};
    snprintf(e.u.opened.name, sizeof e.u.opened.name, "mini");
    snprintf(e.u.opened.kind, sizeof e.u.opened.kind, "kzg");
    memset(e.u.opened.definition, 0xd0, sizeof e.u.opened.definition);
    e.u.opened.policy = policy;
    return e;
}

static inline void world_open(World *w, EnginePolicy policy) {
    *w = (World){.now_ms = WORLD_START};
    w->state = engine_state_new(NULL);
    w->presence = presence_new(NULL);
    assert_non_null(w->state);
    assert_non_null(w->presence);
    Event e = world_opening(policy, w->now_ms);
    engine_apply(w->state, &e);
}

static inline void world_close(World *w) {
    engine_state_free(w->state);
    presence_free(w->presence);
}

/* Decides and applies, as a server does. */
static inline Refusal world_do(World *w, Command c) {
    Refusal refusal;
    engine_decide(w->state, w->presence, &c, w->now_ms, &w->last, &refusal);
    assert_true(engine_reserve(w->state, w->last.n, NULL));
    for (size_t i = 0; i < w->last.n; i++) {
        engine_apply(w->state, &w->last.at[i]);
        engine_check(w->state);
    }
    if (c.type == COMMAND_CHECK_IN &&
        (refusal == REFUSAL_NONE || refusal == REFUSAL_BUSY || refusal == REFUSAL_HOLDER_AGAIN))
        assert_true(presence_touch(w->presence, c.identity, w->now_ms, NULL));
    return refusal;
}

static inline EngineView world_view(const World *w) {
    EngineView v;
    engine_view(w->state, &v);
    return v;
}

static inline Refusal world_check_in(World *w, const char *identity) {
    return world_do(w, (Command){.type = COMMAND_CHECK_IN, .identity = identity});
}

static inline Refusal world_reach(World *w, uint64_t lease, Phase phase) {
    return world_do(w, (Command){.type = COMMAND_REACH, .lease = lease, .phase = phase});
}

static inline Refusal world_store(World *w, uint64_t lease, uint8_t fill) {
    uint8_t hash[32];
    memset(hash, fill, sizeof hash);
    return world_do(w, (Command){.type = COMMAND_STORE, .lease = lease, .hash = hash});
}

static inline Refusal world_accept(World *w, uint64_t lease) {
    static const uint8_t record[32] = {0xec};
    return world_do(
        w, (Command){.type = COMMAND_VERDICT, .lease = lease, .valid = true, .hash = record});
}

static inline Refusal world_reject(World *w, uint64_t lease) {
    return world_do(w, (Command){.type = COMMAND_VERDICT,
                                 .lease = lease,
                                 .reason = "CeremonyError::G1PairingFailed"});
}

static inline Refusal world_abort(World *w, uint64_t lease) {
    return world_do(w, (Command){.type = COMMAND_ABORT, .lease = lease});
}

static inline Refusal world_tick(World *w) {
    return world_do(w, (Command){.type = COMMAND_TICK});
}

static inline Refusal world_finalize(World *w) {
    return world_do(w, (Command){.type = COMMAND_FINALIZE});
}
