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
        .entry = ENTRY_LOBBY,
        .waiting_max = 3,
        .contributions_max = 1,
        .deadline_ms = {[PHASE_FETCHING] = 60000,
                        [PHASE_COMPUTING] = 180000,
                        [PHASE_UPLOADING] = 90000,
                        [PHASE_VERIFYING] = 600000},
        .missed = COST_OUT,
        .expired = COST_OUT,
        .aborted = COST_OUT,
        .invalid = COST_OUT,
    };
}

#define WORLD_READY 10000
#define WORLD_WINDOW_START 15000 /* how long an offer stands */

/* A queue, with strikes. */
static inline EnginePolicy world_fifo(void) {
    EnginePolicy p = world_policy();
    p.entry = ENTRY_FIFO;
    p.waiting_max = 1000;
    p.checkin_shortest_ms = 5000;
    p.checkin_longest_ms = 3600000;
    p.ready_ms = WORLD_READY;
    p.park_max = 3;
    p.park_ms = 20000;
    p.deadline_ms[PHASE_OFFERED] = WORLD_WINDOW_START;
    p.missed = p.expired = p.aborted = COST_STRIKE;
    p.strikes_max = 3;
    p.cooldown_ms = 300000;
    return p;
}

static inline Event world_opening(EnginePolicy policy, int64_t now_ms) {
    Event e = {.type = EVENT_CEREMONY_OPENED, .now_ms = now_ms};
    snprintf(e.u.opened.name, sizeof e.u.opened.name, "mini");
    snprintf(e.u.opened.kind, sizeof e.u.opened.kind, "kzg");
    memset(e.u.opened.definition, 0xd0, sizeof e.u.opened.definition);
    memset(e.u.opened.key, 0x0e, sizeof e.u.opened.key);
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

/* Admissions commit to who it is, as a server's do (the salt is no secret here). */
static inline void world_commit(Event *e) {
    static const uint8_t salt[EVENT_SALT_BYTES] = {0x5a};
    CvkBuf part = CVK_BUF(EVENT_PRIVATE_MAX);
    if (event_has_private(e)) {
        assert_true(event_private_write(e, &part, NULL));
        event_commit(salt, part.data, part.n, e->u.admitted.commitment);
    }
    cvk_buf_done(&part);
}

/* They are seen now, and due as the policy says. */
static inline void world_note(World *w, const char *identity, bool looked, Refusal refusal) {
    int64_t seen_ms;
    EngineDue due;
    engine_due(w->state, identity, !presence_last_seen(w->presence, identity, &seen_ms), w->now_ms,
               &due);
    if (looked && refusal == REFUSAL_NONE)
        assert_true(presence_seat(w->presence, identity, w->now_ms, due.late_ms, NULL));
    else if (!looked || refusal == REFUSAL_BUSY)
        assert_true(presence_touch(w->presence, identity, w->now_ms, due.late_ms, NULL));
}

/* Decides and applies, as a server does. */
static inline Refusal world_do(World *w, Command c) {
    Refusal refusal;
    engine_decide(w->state, w->presence, &c, w->now_ms, &w->last, &refusal);
    assert_true(engine_reserve(w->state, w->last.n, NULL));
    for (size_t i = 0; i < w->last.n; i++) {
        world_commit(&w->last.at[i]);
        engine_apply(w->state, &w->last.at[i]);
        engine_check(w->state);
    }
    if (c.type == COMMAND_CHECK_IN &&
        (refusal == REFUSAL_NONE || refusal == REFUSAL_BUSY || refusal == REFUSAL_HOLDER_AGAIN))
        world_note(w, c.identity, c.aim == CHECK_IN_LOOK, refusal);
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

static inline Refusal world_look(World *w, const char *identity) {
    return world_do(
        w, (Command){.type = COMMAND_CHECK_IN, .identity = identity, .aim = CHECK_IN_LOOK});
}

static inline Refusal world_come(World *w, const char *identity) {
    return world_do(
        w, (Command){.type = COMMAND_CHECK_IN, .identity = identity, .aim = CHECK_IN_COME});
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

static inline Refusal world_mode(World *w, Mode mode) {
    return world_do(w, (Command){.type = COMMAND_MODE, .mode = mode});
}

static inline Refusal world_upload(World *w, uint64_t lease, uint64_t size) {
    Refusal r = world_do(
        w,
        (Command){.type = COMMAND_REACH, .lease = lease, .phase = PHASE_UPLOADING, .size = size});
    presence_received(w->presence, lease, 0, w->now_ms);
    return r;
}

static inline Refusal world_person(World *w, CommandType type, const char *identity) {
    return world_do(w, (Command){.type = type, .identity = identity, .reason = "spam"});
}

static inline EnginePerson world_find(const World *w, const char *identity) {
    EnginePerson p;
    assert_true(engine_person(w->state, 0, identity, &p));
    return p;
}

/* The last event of the last command. */
static inline const Event *world_event(const World *w) {
    assert_int_not_equal(w->last.n, 0);
    return &w->last.at[w->last.n - 1];
}
