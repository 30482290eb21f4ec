/* Many commands of many people, from a seed: after each event the invariants hold, and now and then
 * the journal so far is replayed from nothing and the state goes through a snapshot.
 *
 * The invariants are written here a second time, over the journal alone, so that a mistake in the
 * engine and in engine_check does not hide itself. Numbers as in the design's list. */
#include "support/test.h"

#include "support/engine_world.h"

#include <inttypes.h>

enum { PEOPLE = 50, COMMANDS = 5000, JOURNAL_MAX = 4 * COMMANDS + 1 };

/* ---- what the journal says, followed without the engine ---- */

typedef struct {
    char name[LIMIT_IDENTITY + 1];
    uint64_t number; /* 0: not admitted */
    uint64_t place;  /* 0: does not wait */
    uint32_t contributions, strikes;
    int64_t cool_until_ms;
    bool out, banned;
} Entrant;

typedef struct {
    EnginePolicy policy;
    int64_t now_ms;
    uint64_t live, granted, accepted; /* lease numbers; contributions */
    uint64_t admitted, places, holder, holders_place;
    bool final, handed_over, stored;
    Mode mode;
    Phase phase;
    int64_t since_ms; /* of the phase */
    uint8_t key[ENGINE_KEY_BYTES], next_key[ENGINE_KEY_BYTES];
    uint8_t response[32];
    Entrant who[PEOPLE];
} Book;

static Entrant *numbered(Book *k, uint64_t number) {
    for (size_t i = 0; number != 0 && i < PEOPLE; i++)
        if (k->who[i].number == number)
            return &k->who[i];
    fail_msg("participant %llu is nobody", (unsigned long long)number);
    return NULL;
}

static bool is_barred(const Book *k, const Entrant *x) {
    return x->out || x->banned ||
           (k->policy.contributions_max != 0 && x->contributions >= k->policy.contributions_max);
}

static size_t waiting(const Book *k) {
    size_t n = 0;
    for (size_t i = 0; i < PEOPLE; i++)
        n += k->who[i].place != 0 ? 1 : 0;
    return n;
}

/* The ladder, rung by rung. */
static void pay(Book *k, Entrant *x, Cost cost) {
    switch (cost) {
    case COST_OUT:
        x->out = true; /* fall through */
    case COST_STRIKE:
        x->strikes++;
        x->out = x->out || (k->policy.strikes_max != 0 && x->strikes >= k->policy.strikes_max);
        /* fall through */
    case COST_COOLDOWN:
        if (k->policy.cooldown_ms != 0)
            x->cool_until_ms = k->now_ms + k->policy.cooldown_ms;
        /* fall through */
    case COST_PLACE:
        x->place = 0; /* fall through */
    case COST_NOTHING:
    case COST_N:
        break;
    }
}

static void ended(Book *k, const Event *e, Cost cost) {
    assert_int_equal(e->lease, k->live);
    assert_int_not_equal(e->lease, 0);
    Entrant *x = numbered(k, k->holder);
    x->place = k->holders_place;
    pay(k, x, cost);
    k->live = k->holder = k->holders_place = 0;
}

static void follow_grant(Book *k, const Event *e) {
    Entrant *x = numbered(k, e->u.granted.participant);
    assert_int_equal(k->live, 0);  /* 1: one live lease */
    assert_false(is_barred(k, x)); /* 1: the holder is not out */
    assert_true(x->cool_until_ms <= e->now_ms);
    assert_int_not_equal(k->mode, MODE_PAUSED);
    assert_int_equal(x->place != 0, k->policy.entry == ENTRY_FIFO);
    assert_int_equal(e->lease, k->granted + 1); /* numbers are not used again */
    assert_int_equal(e->u.granted.attempt, k->granted + 1);
    assert_int_equal(e->u.granted.position, k->accepted + 1);
    k->granted = k->live = e->lease;
    k->stored = false;
    k->holder = x->number;
    k->holders_place = x->place;
    k->phase = e->u.granted.offered ? PHASE_OFFERED : PHASE_FETCHING;
    k->since_ms = e->now_ms;
    x->place = 0;
}

static void follow_acceptance(Book *k, const Event *e) {
    assert_true(k->stored);
    assert_int_equal(e->u.accepted.index, k->accepted + 1); /* 2: no gap, no fork */
    assert_memory_equal(e->u.accepted.response, k->response, 32);
    k->accepted++;
    numbered(k, k->holder)->contributions++;
    ended(k, e, COST_PLACE);
}

/* Nobody's time runs out early, nobody's late is let pass: but in verifying it costs nothing. */
static void follow_expiry(Book *k, const Event *e) {
    int64_t limit = k->policy.deadline_ms[k->phase];
    assert_int_equal(e->u.expired.phase, k->phase);
    if (e->u.expired.stalled) {
        assert_int_equal(k->phase, PHASE_UPLOADING);
        assert_true(e->now_ms >= k->since_ms + k->policy.upload_window_ms);
    } else if (k->phase != PHASE_UPLOADING || k->policy.upload_rate == 0) {
        assert_true(limit != 0 && e->now_ms > k->since_ms + limit);
    }
    ended(k, e,
          k->phase == PHASE_VERIFYING ? COST_NOTHING
          : k->phase == PHASE_OFFERED ? k->policy.missed
                                      : k->policy.expired);
}

static void follow_admission(Book *k, const Event *e) {
    assert_int_equal(e->u.admitted.participant, k->admitted + 1);
    for (size_t i = 0; i < PEOPLE; i++)
        if (strcmp(k->who[i].name, e->u.admitted.identity) == 0) {
            assert_int_equal(k->who[i].number, 0);
            k->who[i].number = ++k->admitted;
            return;
        }
    fail_msg("'%s' is nobody", e->u.admitted.identity);
}

static void follow_joining(Book *k, const Event *e) {
    Entrant *x = numbered(k, e->u.joined.participant);
    assert_int_equal(k->policy.entry, ENTRY_FIFO);
    assert_int_not_equal(k->mode, MODE_DRAINING);
    assert_false(is_barred(k, x));
    assert_int_equal(x->place, 0);
    assert_int_not_equal(x->number, k->holder);
    assert_true(x->cool_until_ms <= e->now_ms);
    assert_true(waiting(k) < k->policy.waiting_max);
    assert_int_equal(e->u.joined.place, k->places + 1);
    x->place = ++k->places;
}

static void follow_leaving(Book *k, const Event *e) {
    Entrant *x = numbered(k, e->u.left.participant);
    assert_int_not_equal(x->place, 0);
    if (e->u.left.reason == LEFT_MISSED)
        assert_true(e->now_ms - e->u.left.seen_ms >
                    k->policy.checkin_every_ms + k->policy.checkin_tolerance_ms);
    pay(k, x, e->u.left.reason == LEFT_MISSED ? k->policy.missed : COST_PLACE);
}

static void follow_person(Book *k, const Event *e) {
    Entrant *x = numbered(k, e->u.person.participant);
    if (e->type == EVENT_PARTICIPANT_PARDONED) {
        x->out = false;
        x->strikes = 0;
        x->cool_until_ms = 0;
        return;
    }
    assert_int_not_equal(x->number, k->holder);
    assert_int_not_equal(x->banned, e->type == EVENT_PARTICIPANT_BANNED);
    x->banned = e->type == EVENT_PARTICIPANT_BANNED;
    if (x->banned)
        x->place = 0;
}

static void follow(Book *k, const Event *e) {
    assert_true(e->now_ms >= k->now_ms);
    assert_false(k->final);
    assert_int_equal(k->handed_over, e->type == EVENT_TAKEN_OVER);
    k->now_ms = e->now_ms;
    switch (e->type) {
    case EVENT_CEREMONY_OPENED:
        k->policy = e->u.opened.policy;
        memcpy(k->key, e->u.opened.key, sizeof k->key);
        break;
    case EVENT_PARTICIPANT_ADMITTED:
        follow_admission(k, e);
        break;
    case EVENT_JOINED:
        follow_joining(k, e);
        break;
    case EVENT_LEFT:
        follow_leaving(k, e);
        break;
    case EVENT_LEASE_GRANTED:
        follow_grant(k, e);
        break;
    case EVENT_LEASE_MOVED:
        assert_int_equal(e->lease, k->live);
        assert_false(k->stored);
        assert_true(e->u.moved.phase > k->phase);
        k->phase = e->u.moved.phase;
        k->since_ms = e->now_ms;
        break;
    case EVENT_RESPONSE_STORED:
        assert_int_equal(e->lease, k->live);
        assert_false(k->stored);
        assert_true(e->u.stored.received_ms >= k->since_ms && e->u.stored.received_ms <= e->now_ms);
        k->stored = true;
        k->phase = PHASE_VERIFYING;
        k->since_ms = e->now_ms;
        memcpy(k->response, e->u.stored.response, 32);
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        follow_acceptance(k, e);
        break;
    case EVENT_CONTRIBUTION_REFUSED:
        assert_true(k->stored);
        ended(k, e, k->policy.invalid);
        break;
    case EVENT_LEASE_EXPIRED:
        follow_expiry(k, e);
        break;
    case EVENT_LEASE_ABORTED:
        assert_true(!k->stored || e->u.aborted.by_operator);
        ended(k, e, e->u.aborted.by_operator ? COST_PLACE : k->policy.aborted);
        break;
    case EVENT_CLOCK_SKIPPED:
        k->since_ms += e->u.skipped.by_ms;
        assert_true(k->live == 0 || k->since_ms <= e->now_ms);
        break;
    case EVENT_MODE_CHANGED:
        assert_int_not_equal(k->mode, e->u.mode.mode);
        k->mode = e->u.mode.mode;
        break;
    case EVENT_PARTICIPANT_BANNED:
    case EVENT_PARTICIPANT_UNBANNED:
    case EVENT_PARTICIPANT_PARDONED:
        follow_person(k, e);
        break;
    case EVENT_HANDED_OVER:
        assert_int_equal(k->live, 0);
        k->handed_over = true;
        memcpy(k->next_key, e->u.handed_over.key, sizeof k->next_key);
        break;
    case EVENT_TAKEN_OVER:
        assert_memory_equal(k->next_key, e->u.taken_over.key, sizeof k->next_key);
        k->handed_over = false;
        memcpy(k->key, k->next_key, sizeof k->key);
        break;
    case EVENT_CEREMONY_FINALIZED:
        assert_int_equal(k->live, 0);
        assert_int_equal(e->u.finalized.contributions, k->accepted);
        k->final = true;
        break;
    case EVENT_N:
        fail();
    }
}

/* ---- the crowd ---- */

typedef struct {
    uint64_t dice;
    World w;
    Book book;
    Event journal[JOURNAL_MAX];
    size_t n;
    size_t of_type[EVENT_N], refusals[REFUSAL_N];
} Sim;

static uint64_t roll(Sim *x, uint64_t sides) {
    x->dice ^= x->dice << 13;
    x->dice ^= x->dice >> 7;
    x->dice ^= x->dice << 17;
    return (x->dice >> 11) % sides;
}

static void note(Sim *x, const Event *e) {
    assert_true(x->n < JOURNAL_MAX);
    x->journal[x->n++] = *e;
    x->of_type[e->type]++;
    follow(&x->book, e);
}

/* Whom the operator has in mind, and what; rarely, and a pause is soon over. */
static void be_operator(Sim *x, Command *c) {
    static const CommandType usual[] = {
        COMMAND_MODE,      COMMAND_MODE,      COMMAND_MODE,   COMMAND_MODE,
        COMMAND_DROP,      COMMAND_BAN,       COMMAND_UNBAN,  COMMAND_SKIP,
        COMMAND_HAND_OVER, COMMAND_TAKE_OVER, COMMAND_PARDON, COMMAND_PARDON,
    };
    static uint8_t key[ENGINE_KEY_BYTES];
    static const uint8_t signature[ENGINE_SIGNATURE_BYTES];
    memset(key, (int)roll(x, 3) + 1, sizeof key);
    c->type = usual[roll(x, sizeof usual / sizeof usual[0])];
    for (size_t i = 0; c->type == COMMAND_UNBAN && i < PEOPLE; i++)
        if (x->book.who[i].banned)
            c->identity = x->book.who[i].name;
    c->mode = roll(x, 3) != 0 ? MODE_OPEN : (Mode)roll(x, MODE_N);
    c->reason = "spam";
    c->key = x->book.handed_over && roll(x, 4) != 0 ? x->book.next_key : key;
    c->signature = signature;
    c->by_ms = (int64_t)roll(x, 100000);
    if (c->type == COMMAND_SKIP)
        x->w.now_ms += (int64_t)roll(x, 100000);
}

static Command any_command(Sim *x, uint8_t hash[32]) {
    static const CommandType usual[] = {
        COMMAND_CHECK_IN, COMMAND_CHECK_IN, COMMAND_CHECK_IN, COMMAND_CHECK_IN,
        COMMAND_REACH,    COMMAND_REACH,    COMMAND_STORE,    COMMAND_STORE,
        COMMAND_VERDICT,  COMMAND_VERDICT,  COMMAND_ABORT,    COMMAND_TICK,
    };
    uint64_t newest = world_view(&x->w).leases;
    memset(hash, (int)roll(x, 256), 32);
    Command c = {
        .type = usual[roll(x, sizeof usual / sizeof usual[0])],
        .identity = x->book.who[roll(x, PEOPLE)].name,
        .lease = roll(x, 8) == 0 ? roll(x, newest + 3) : newest, /* now and then an old one */
        .phase = (Phase)roll(x, PHASE_N),
        .size = roll(x, 2) * roll(x, 10000000),
        .hash = hash,
        .received_ms = roll(x, 2) == 0 ? 0 : x->w.now_ms - (int64_t)roll(x, 10000),
        .valid = roll(x, 3) != 0,
        .reason = "CeremonyError::G2PairingFailed",
    };
    if (x->book.live != 0 && roll(x, 6) == 0)
        c.identity = numbered(&x->book, x->book.holder)->name;
    if (c.type == COMMAND_ABORT && roll(x, 4) != 0)
        c.type = COMMAND_CHECK_IN;
    if (c.type == COMMAND_CHECK_IN && roll(x, 60) == 0)
        c.type = COMMAND_LEAVE;
    if (c.type == COMMAND_CHECK_IN && roll(x, 8) == 0)
        c.aim = roll(x, 2) == 0 ? CHECK_IN_LOOK : CHECK_IN_COME;
    if (roll(x, x->book.handed_over ? 4 : 25) == 0)
        be_operator(x, &c);
    return c;
}

/* What presence knows beside the commands: parked polls, and bytes of uploads. */
static void live_on(Sim *x) {
    Entrant *e = &x->book.who[roll(x, PEOPLE)];
    if (roll(x, 5) == 0)
        presence_park(x->w.presence, e->name, roll(x, 2) == 0, x->w.now_ms);
    if (x->book.live != 0 && x->book.phase == PHASE_UPLOADING && roll(x, 2) == 0)
        presence_received(x->w.presence, x->book.live, roll(x, 40000), x->w.now_ms);
}

static void pass_time(Sim *x) {
    if (roll(x, 200) == 0)
        x->w.now_ms -= (int64_t)roll(x, 300000); /* somebody sets the clock back */
    else if (roll(x, 12) == 0)
        x->w.now_ms += (int64_t)roll(x, 400000);
    else
        x->w.now_ms += (int64_t)roll(x, 3000);
}

/* 5: replayed from nothing the journal gives the same state, and so does a snapshot. */
static void compare_replay_and_snapshot(const Sim *x) {
    uint8_t is[32], again[32], *bytes;
    size_t n;
    EngineState *replayed = engine_state_new(NULL), *restored;
    engine_state_hash(x->w.state, is);

    for (size_t i = 0; i < x->n; i++) {
        _cleanup_buf_ CvkBuf line = CVK_BUF(EVENT_JSON_MAX);
        Event e;
        assert_true(event_write(&x->journal[i], &line, NULL));
        assert_true(event_read(line.data, line.n, &e, NULL)); /* without the private parts */
        assert_true(engine_reserve(replayed, 1, NULL));
        assert_true(engine_admits(replayed, &e, NULL));
        engine_apply(replayed, &e);
    }
    engine_state_hash(replayed, again);
    assert_memory_equal(is, again, 32);
    engine_state_free(replayed);

    assert_true(engine_snapshot_write(x->w.state, &bytes, &n, NULL));
    assert_true(engine_snapshot_read(bytes, n, &restored, NULL));
    engine_state_hash(restored, again);
    assert_memory_equal(is, again, 32);
    engine_state_free(restored);
    free(bytes);
}

static void agree(Sim *x) {
    EngineView v = world_view(&x->w);
    const Book *k = &x->book;
    assert_int_equal(v.contributions, k->accepted);
    assert_int_equal(v.lease.number, k->live);
    assert_int_equal(v.lease.participant, k->holder);
    assert_int_equal(v.leases, k->granted);
    assert_int_equal(v.mode, k->mode);
    assert_int_equal(v.handed_over, k->handed_over);
    assert_int_equal(v.waiting, waiting(k));
    assert_memory_equal(v.key, k->key, sizeof v.key);
    for (size_t i = 0; i < PEOPLE; i++) {
        const Entrant *e = &k->who[i];
        EnginePerson p;
        assert_int_equal(engine_is_out(x->w.state, e->name), is_barred(k, e));
        assert_int_equal(engine_person(x->w.state, 0, e->name, &p), e->number != 0);
        if (e->number == 0)
            continue;
        uint64_t ahead = 0;
        for (size_t j = 0; j < PEOPLE; j++)
            ahead += k->who[j].place != 0 && k->who[j].place < e->place ? 1 : 0;
        assert_int_equal(p.number, e->number);
        assert_int_equal(p.place, e->place);
        assert_int_equal(p.ahead, e->place != 0 ? ahead : 0);
        assert_int_equal(p.strikes, e->strikes);
        assert_int_equal(p.contributions, e->contributions);
        assert_int_equal(p.cool_until_ms, e->cool_until_ms);
        assert_int_equal(p.out, e->out);
        assert_int_equal(p.banned, e->banned);
        assert_int_equal(p.holder, e->number == k->holder);
    }
}

static bool is_of_others(EventType t) {
    return t == EVENT_LEASE_EXPIRED || t == EVENT_LEASE_GRANTED || t == EVENT_LEFT;
}

static void step(Sim *x) {
    uint8_t hash[32];
    pass_time(x);
    live_on(x);
    Command c = any_command(x, hash);
    bool queue = x->book.policy.entry == ENTRY_FIFO;
    Refusal r = world_do(&x->w, c); /* runs engine_check after each event */
    x->refusals[r]++;
    bool waits = r == REFUSAL_NONE || r == REFUSAL_HOLDER_AGAIN || (queue && r == REFUSAL_BUSY);
    for (size_t i = 0; i < x->w.last.n; i++) {
        const Event *e = &x->w.last.at[i];
        assert_true(waits || is_of_others(e->type));
        if (e->type == EVENT_CLOCK_SKIPPED)
            presence_skip(x->w.presence, e->u.skipped.by_ms);
        note(x, e);
    }
    agree(x);
}

/* Taken back if it was handed over; nobody's turn is left; the end. */
static void end_run(Sim *x) {
    static const uint8_t zero[ENGINE_SIGNATURE_BYTES];
    if (x->book.handed_over) {
        world_do(&x->w, (Command){.type = COMMAND_TAKE_OVER,
                                  .key = x->book.next_key,
                                  .hash = zero,
                                  .signature = zero});
        note(x, &x->w.last.at[0]);
    }
    if (x->book.mode != MODE_PAUSED) {
        world_mode(&x->w, MODE_PAUSED);
        note(x, &x->w.last.at[0]);
    }
    x->w.now_ms += ENGINE_DURATION_MAX / 100;
    world_tick(&x->w);
    for (size_t i = 0; i < x->w.last.n; i++)
        note(x, &x->w.last.at[i]);
    assert_int_equal(world_finalize(&x->w), REFUSAL_NONE);
    note(x, &x->w.last.at[0]);
}

static void run(Sim *x, uint64_t seed, EnginePolicy policy) {
    memset(x, 0, sizeof *x);
    x->dice = seed;
    for (size_t i = 0; i < PEOPLE; i++)
        snprintf(x->book.who[i].name, sizeof x->book.who[i].name,
                 i % 2 != 0 ? "git|%zu|p" : "eth|0x%040zx", i);
    world_open(&x->w, policy);
    Event opening = world_opening(policy, x->w.now_ms);
    note(x, &opening);
    for (size_t i = 0; i < COMMANDS; i++) {
        step(x);
        if (i % 500 == 0)
            compare_replay_and_snapshot(x);
    }
    end_run(x);
    compare_replay_and_snapshot(x);
    world_close(&x->w);
}

/* ---- policies ---- */

static EnginePolicy mild(void) {
    EnginePolicy p = world_policy();
    p.missed = p.expired = p.aborted = p.invalid = COST_NOTHING;
    p.waiting_max = 30;
    p.contributions_max = 0;
    return p;
}

/* People here come every few minutes, so that is the rhythm. */
static EnginePolicy queue(void) {
    EnginePolicy p = world_fifo();
    p.waiting_max = 16;
    p.contributions_max = 0;
    p.checkin_every_ms = 300000;
    p.checkin_tolerance_ms = 295000;
    p.ready_ms = 200000;
    p.cooldown_ms = 100000;
    p.strikes_max = 0;
    p.upload_rate = 1000;
    p.upload_window_ms = 5000;
    p.deadline_ms[PHASE_UPLOADING] = 0;
    return p;
}

static void a_strict_ceremony_keeps_its_invariants(void **state) {
    run(*state, 1, world_policy());
}

static void a_mild_ceremony_keeps_its_invariants(void **state) {
    Sim *x = *state;

    run(x, 2, mild());

    assert_int_not_equal(x->refusals[REFUSAL_BUSY], 0);
    assert_int_not_equal(x->refusals[REFUSAL_EARLY], 0);
    assert_int_not_equal(x->refusals[REFUSAL_NOT_HOLDER], 0);
    assert_int_not_equal(x->refusals[REFUSAL_WRONG_PHASE], 0);
    assert_int_not_equal(x->refusals[REFUSAL_HOLDER_AGAIN], 0);
    assert_true(x->book.accepted > 100);
}

static void a_small_lobby_keeps_its_invariants(void **state) {
    Sim *x = *state;
    EnginePolicy p = mild();
    p.contributions_max = 1;
    p.waiting_max = 2;
    p.invalid = COST_OUT;

    run(x, 3, p);

    assert_int_not_equal(x->refusals[REFUSAL_FULL], 0);
    assert_int_not_equal(x->refusals[REFUSAL_OUT], 0);
}

static void a_hasty_ceremony_keeps_its_invariants(void **state) {
    Sim *x = *state;
    EnginePolicy p = mild();
    p.checkin_every_ms = p.checkin_tolerance_ms = 0;
    for (size_t i = 0; i < PHASE_N; i++)
        p.deadline_ms[i] = 1500;

    run(x, 4, p);

    assert_true(x->of_type[EVENT_LEASE_EXPIRED] > 100);
}

static void a_queue_keeps_its_invariants(void **state) {
    Sim *x = *state;

    run(x, 6, queue());

    /* The crowd has really been everywhere. */
    for (size_t i = EVENT_CEREMONY_OPENED; i < EVENT_N; i++)
        if (x->of_type[i] == 0)
            fail_msg("no %s", event_name((EventType)i));
    static const Refusal met[] = {
        REFUSAL_BUSY,        REFUSAL_FULL,      REFUSAL_CLOSED,       REFUSAL_COOLING,
        REFUSAL_OUT,         REFUSAL_TURN_LIVE, REFUSAL_HOLDER_AGAIN, REFUSAL_NO_CHANGE,
        REFUSAL_HANDED_OVER, REFUSAL_UNKNOWN,   REFUSAL_NOT_HOLDER,   REFUSAL_WRONG_PHASE,
    };
    for (size_t i = 0; i < sizeof met / sizeof met[0]; i++)
        if (x->refusals[met[i]] == 0)
            fail_msg("nobody was refused as %s", refusal_name(met[i]));
    assert_true(x->book.accepted > 50);
}

static void a_queue_keeps_its_invariants_under_any_costs(void **state) {
    Sim *x = *state;
    for (uint64_t seed = 10; seed < 20; seed++) {
        EnginePolicy p = queue();
        p.missed = (Cost)(seed % COST_N);
        p.expired = (Cost)((seed / 2) % COST_N);
        p.aborted = (Cost)((seed + 3) % COST_N);
        p.invalid = (Cost)((seed + 1) % COST_N);
        p.strikes_max = seed % 4;
        p.deadline_ms[PHASE_OFFERED] = seed % 2 != 0 ? 15000 : 0;

        run(x, seed, p);
    }
}

static void a_run_is_the_same_for_the_same_seed(void **state) {
    Sim *x = *state;
    run(x, 5, mild());
    size_t n = x->n;
    Event last = x->journal[n - 1];

    run(x, 5, mild());

    assert_int_equal(x->n, n);
    assert_int_equal(x->journal[n - 1].now_ms, last.now_ms);
    assert_int_equal(x->journal[n - 1].u.finalized.contributions, last.u.finalized.contributions);
}

static int begin(void **state) {
    *state = malloc(sizeof(Sim));
    return *state == NULL ? -1 : 0;
}

static int end(void **state) {
    free(*state);
    return 0;
}

#define RUNS(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        RUNS(a_strict_ceremony_keeps_its_invariants),
        RUNS(a_mild_ceremony_keeps_its_invariants),
        RUNS(a_small_lobby_keeps_its_invariants),
        RUNS(a_hasty_ceremony_keeps_its_invariants),
        RUNS(a_queue_keeps_its_invariants),
        RUNS(a_queue_keeps_its_invariants_under_any_costs),
        RUNS(a_run_is_the_same_for_the_same_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
