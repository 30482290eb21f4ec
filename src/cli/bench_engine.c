/* engine.commands: how many commands a second the engine decides and applies while a thousand
 * people wait, in a lobby or a queue, with presence and what a server asks beside; the slowest of
 * three mixes. Nothing is written. engine.replay: how long a journal of a million events
 * takes to be read again: lines parsed, private parts opened, chain and tree hashed, each event
 * admitted and applied.
 *
 * Time is virtual: every 30 ms somebody checks in, so everybody does every 30 s; every 200 ms comes
 * a tick; whoever has contributed makes room for somebody new. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/merkle.h"
#include "cli/bench.h"
#include "engine/engine.h"
#include "engine/event_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PEOPLE 1000
#define STEP_MS 30
#define COMMANDS 500000 /* of each mix, a round */
#define EVENTS 1000000  /* of the journal that is replayed */
#define JOURNAL_MAX ((size_t)512 << 20)

typedef struct {
    EngineState *state;
    Presence *presence;
    EnginePolicy policy;
    int64_t now_ms;
    size_t commands;
    uint64_t newest; /* of those who ever came: the number in their identity */
    uint64_t person[PEOPLE];
    bool parked[PEOPLE];
    uint64_t lease; /* the live one, 0 = none, and how far its turn is */
    unsigned step;
    CvkBuf *journal; /* NULL: not kept; else lines */
    size_t events;
    CvkErr *err;
    bool failed;
} World;

static double seconds_since(int64_t start_ms) {
    return (double)(cvk_monotonic_ms() - start_ms) / 1000;
}

static EnginePolicy policy_of(Entry entry) {
    return (EnginePolicy){
        .entry = entry,
        .waiting_max = 5000,
        .contributions_max = 1,
        .checkin_every_ms = STEP_MS * PEOPLE,
        .checkin_tolerance_ms = 15000,
        .checkin_shortest_ms = 5000,
        .checkin_longest_ms = 3600000,
        .checkin_lead_ms = 7200000,
        .ready_ms = 10000,
        .park_max = entry == ENTRY_FIFO ? 8 : 0,
        .park_ms = entry == ENTRY_FIFO ? 20000 : 0,
        .deadline_ms = {[PHASE_OFFERED] = entry == ENTRY_FIFO ? 15000 : 0,
                        [PHASE_FETCHING] = 60000,
                        [PHASE_COMPUTING] = 180000,
                        [PHASE_VERIFYING] = 600000},
        .upload_rate = 16384,
        .upload_window_ms = 30000,
        .missed = COST_PLACE,
        .expired = COST_STRIKE,
        .aborted = COST_PLACE,
        .invalid = COST_OUT,
        .strikes_max = 3,
    };
}

/* ---- the people ---- */

/* Participants are admitted in the order in which they come, so a number names them too. */
static void identity_of(uint64_t number, char ret[LIMIT_IDENTITY + 1]) {
    snprintf(ret, LIMIT_IDENTITY + 1, "eth|0x%040" PRIx64, number);
}

static size_t private_of(uint64_t participant, uint8_t salt[EVENT_SALT_BYTES],
                         char ret[EVENT_PRIVATE_MAX]) {
    char identity[LIMIT_IDENTITY + 1];
    memset(salt, (int)(participant & 0xff), EVENT_SALT_BYTES);
    identity_of(participant, identity);
    return (size_t)snprintf(ret, EVENT_PRIVATE_MAX, "{\"identity\":\"%s\"}", identity);
}

static void commit(Event *e) {
    uint8_t salt[EVENT_SALT_BYTES];
    char part[EVENT_PRIVATE_MAX];
    size_t n = private_of(e->u.admitted.participant, salt, part);
    event_commit(salt, part, n, e->u.admitted.commitment);
}

/* As a server does it: whoever gets the slot is woken, whoever goes out is forgotten. */
static void tell_presence(World *w, const Event *e, uint64_t participant, bool out) {
    char identity[LIMIT_IDENTITY + 1];
    if (participant == 0)
        return;
    identity_of(participant, identity);
    if (e->type == EVENT_LEASE_GRANTED)
        presence_park(w->presence, identity, false, w->now_ms);
    if (out)
        presence_remove(w->presence, identity);
}

static void happened(World *w, Event *e) {
    if (e->type == EVENT_PARTICIPANT_ADMITTED)
        commit(e);
    if (w->journal != NULL &&
        !(event_write(e, w->journal, w->err) && cvk_buf_add_str(w->journal, "\n", w->err)))
        w->failed = true;
    uint64_t participant = engine_concerns(w->state, e);
    bool out = engine_goes_out(w->state, e);
    engine_apply(w->state, e);
    w->events++;
    tell_presence(w, e, participant, out);
    if (e->type == EVENT_LEASE_GRANTED) {
        w->lease = e->lease;
        w->step = 0;
    } else if (e->type == EVENT_CONTRIBUTION_ACCEPTED || e->type == EVENT_CONTRIBUTION_REFUSED ||
               e->type == EVENT_LEASE_EXPIRED || e->type == EVENT_LEASE_ABORTED) {
        w->lease = 0;
    }
}

static Refusal command(World *w, Command c) {
    Events events;
    Refusal refusal;
    engine_decide(w->state, w->presence, &c, w->now_ms, &events, &refusal);
    w->commands++;
    if (!engine_reserve(w->state, events.n, w->err)) {
        w->failed = true;
        return REFUSAL_FULL;
    }
    for (size_t i = 0; i < events.n; i++)
        happened(w, &events.at[i]);
    return refusal;
}

/* As a server does it: whoever is near the head of the queue is parked until they come again. */
static void check_in(World *w, size_t at) {
    char identity[LIMIT_IDENTITY + 1];
    EnginePerson person;
    EngineDue due;
    identity_of(w->person[at], identity);
    if (w->parked[at])
        presence_park(w->presence, identity, false, w->now_ms);
    w->parked[at] = false;
    Refusal r = command(w, (Command){.type = COMMAND_CHECK_IN, .identity = identity});
    if (r != REFUSAL_NONE && r != REFUSAL_BUSY && r != REFUSAL_HOLDER_AGAIN) {
        presence_remove(w->presence, identity);
        w->person[at] = ++w->newest; /* they have contributed, or are out: somebody new comes */
        return;
    }
    engine_due(w->state, identity, false, w->now_ms, &due);
    if (!presence_touch(w->presence, identity, w->now_ms, due.late_ms, w->err))
        w->failed = true;
    if (r == REFUSAL_BUSY && w->policy.park_max != 0 &&
        engine_person(w->state, 0, identity, &person) && person.place != 0 &&
        person.ahead < w->policy.park_max) {
        presence_park(w->presence, identity, true, w->now_ms);
        w->parked[at] = true;
    }
}

/* The next thing that the holder does. */
static void go_on(World *w) {
    static const uint8_t record[32] = {0xec};
    uint8_t response[32] = {(uint8_t)w->lease};
    Command c = {.lease = w->lease, .hash = response};
    switch (w->step++) {
    case 0: /* comes for it, if it was an offer, and fetches */
        c.type = COMMAND_REACH;
        c.phase = PHASE_FETCHING;
        break;
    case 1:
        c.type = COMMAND_REACH;
        c.phase = PHASE_COMPUTING;
        break;
    case 2:
        c.type = w->lease % 50 == 0 ? COMMAND_ABORT : COMMAND_REACH;
        c.phase = PHASE_UPLOADING;
        c.size = 6000000;
        break;
    case 3:
        presence_received(w->presence, w->lease, 6000000, w->now_ms);
        c.type = COMMAND_STORE;
        break;
    default:
        c.type = COMMAND_VERDICT;
        c.valid = w->lease % 50 != 25;
        c.hash = record;
        c.reason = "CeremonyError::G1PairingFailed";
        break;
    }
    command(w, c);
}

/* ---- the world ---- */

static void destroy(World *w) {
    engine_state_free(w->state);
    presence_free(w->presence);
}

static bool create(World *w, Entry entry, CvkBuf *journal, CvkErr *err) {
    *w = (World){
        .policy = policy_of(entry), .now_ms = 1700000000000, .journal = journal, .err = err};
    w->state = engine_state_new(err);
    w->presence = w->state == NULL ? NULL : presence_new(err);
    if (w->presence == NULL || !engine_reserve(w->state, 1, err)) {
        destroy(w);
        return false;
    }
    Event e = {.type = EVENT_CEREMONY_OPENED, .now_ms = w->now_ms};
    snprintf(e.u.opened.name, sizeof e.u.opened.name, "bench");
    snprintf(e.u.opened.kind, sizeof e.u.opened.kind, "kzg");
    e.u.opened.policy = w->policy;
    happened(w, &e);
    for (size_t i = 0; i < PEOPLE; i++)
        w->person[i] = ++w->newest;
    return true;
}

/* Everybody once, with the ticks in between; the holder does something `often` times a round. */
static void everybody(World *w, size_t often) {
    for (size_t i = 0; i < PEOPLE && !w->failed; i++) {
        w->now_ms += STEP_MS;
        check_in(w, i);
        if (i % 7 == 0)
            command(w, (Command){.type = COMMAND_TICK});
        if (w->lease != 0 && i % (PEOPLE / often) == 0)
            go_on(w);
    }
}

/* ---- engine.commands ---- */

/* With `often` 10 a turn takes some 15 s, and nearly all commands are check-ins that have to wait;
 * with PEOPLE it takes a sixth of a second, and nearly every command makes events. */
static const struct {
    const char *name;
    Entry entry;
    size_t often;
} mixes[] = {
    {"engine.commands.lobby", ENTRY_LOBBY, 10},
    {"engine.commands.fifo", ENTRY_FIFO, 10},
    {"engine.commands.turns", ENTRY_FIFO, PEOPLE},
};
#define MIXES (sizeof mixes / sizeof mixes[0])

static bool run_commands(size_t mix, double *ret_rate, CvkErr *err) {
    World w;
    if (!create(&w, mixes[mix].entry, NULL, err))
        return false;
    everybody(&w, mixes[mix].often);
    size_t before = w.commands;
    int64_t start = cvk_monotonic_ms();
    while (!w.failed && w.commands < before + COMMANDS)
        everybody(&w, mixes[mix].often);
    *ret_rate = (double)(w.commands - before) / seconds_since(start);
    bool ok = !w.failed;
    destroy(&w);
    return ok;
}

static void commands_row(const Bench *b, const char *name, double value) {
    if (b->wanted(b->ctx, name))
        b->row(b->ctx,
               &(BenchRow){
                   .name = name, .n = COMMANDS, .of = "commands", .value = value, .unit = "/s"});
}

bool bench_engine_commands(const Bench *b, CvkErr *err) {
    double rate[MIXES][BENCH_ROUNDS_MAX], slowest = 0;
    for (unsigned r = 0; r < b->rounds; r++)
        for (size_t i = 0; i < MIXES; i++)
            if (!run_commands(i, &rate[i][r], err))
                return false;
    for (size_t i = 0; i < MIXES; i++) {
        double value = bench_median(rate[i], b->rounds);
        commands_row(b, mixes[i].name, value);
        slowest = i == 0 || value < slowest ? value : slowest;
    }
    commands_row(b, "engine.commands", slowest);
    return true;
}

/* ---- engine.replay ---- */

/* A journal of so many events; the hash of the state that it leads to. */
static bool make_journal(CvkBuf *journal, uint8_t ret_hash[32], CvkErr *err) {
    World w;
    if (!create(&w, ENTRY_FIFO, journal, err))
        return false;
    while (!w.failed && w.events < EVENTS)
        everybody(&w, PEOPLE);
    engine_state_hash(w.state, ret_hash);
    bool ok = !w.failed;
    destroy(&w);
    return ok;
}

typedef struct {
    EngineState *state;
    uint8_t chain[32];
    CvkMerkle tree;
    size_t events;
} Replay;

static bool replay_line(Replay *r, const char *line, size_t n, CvkErr *err) {
    Event e;
    uint8_t leaf[MERKLE_HASH];
    event_chain(r->chain, line, n, r->chain);
    cvk_merkle_leaf(line, n, leaf);
    cvk_merkle_add(&r->tree, leaf);
    if (!event_read(line, n, &e, err))
        return false;
    if (event_has_private(&e)) {
        uint8_t salt[EVENT_SALT_BYTES];
        char part[EVENT_PRIVATE_MAX];
        size_t part_n = private_of(e.u.admitted.participant, salt, part);
        if (!event_open(&e, salt, part, part_n, err))
            return false;
    }
    if (!engine_admits(r->state, &e, err) || !engine_reserve(r->state, 1, err))
        return false;
    engine_apply(r->state, &e);
    r->events++;
    return true;
}

static bool replay(const CvkBuf *journal, const uint8_t hash[32], double *ret_seconds,
                   size_t *ret_n, CvkErr *err) {
    Replay r = {.state = engine_state_new(err)};
    bool ok = r.state != NULL;
    int64_t start = cvk_monotonic_ms();
    for (const char *at = journal->data, *end; ok && at < journal->data + journal->n;
         at = end + 1) {
        end = memchr(at, '\n', (size_t)(journal->data + journal->n - at));
        ok = replay_line(&r, at, (size_t)(end - at), err);
    }
    *ret_seconds = seconds_since(start);
    *ret_n = r.events;
    uint8_t got[32] = {0};
    if (ok)
        engine_state_hash(r.state, got);
    engine_state_free(r.state);
    if (ok && memcmp(got, hash, 32) != 0)
        return cvk_fail(err, CVK_EINTERNAL, "bench.replay", "the replay leads elsewhere");
    return ok;
}

bool bench_engine_replay(const Bench *b, CvkErr *err) {
    _cleanup_buf_ CvkBuf journal = CVK_BUF(JOURNAL_MAX);
    double seconds[BENCH_ROUNDS_MAX];
    uint8_t hash[32];
    size_t n = 0;
    if (!make_journal(&journal, hash, err))
        return false;
    for (unsigned r = 0; r < b->rounds; r++)
        if (!replay(&journal, hash, &seconds[r], &n, err))
            return false;
    double value = bench_median(seconds, b->rounds) * EVENTS / (double)n;
    b->row(
        b->ctx,
        &(BenchRow){.name = "engine.replay", .n = n, .of = "events", .value = value, .unit = "s"});
    return true;
}
