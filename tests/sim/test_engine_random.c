/* Many commands of many people, from a seed: after each event the invariants hold, and now and then
 * the journal so far is replayed from nothing and the state goes through a snapshot.
 *
 * The invariants are written here a second time, over the journal alone, so that a mistake in the
 * engine and in engine_check does not hide itself. Numbers as in the design's list. */
#include "support/test.h"

#include "support/engine_world.h"

#include <inttypes.h>

enum { PEOPLE = 50, COMMANDS = 5000, JOURNAL_MAX = 2 * COMMANDS + 1 };

/* ---- what the journal says, followed without the engine ---- */

typedef enum { HAS_NOTHING, HAS_CONTRIBUTED, IS_OUT } Standing;

typedef struct {
    EnginePolicy policy;
    int64_t now_ms;
    uint64_t live, granted, accepted; /* lease numbers; contributions */
    bool final, stored;
    char holder[LIMIT_IDENTITY + 1];
    uint8_t response[32];
    char name[PEOPLE][LIMIT_IDENTITY + 1];
    Standing standing[PEOPLE];
} Book;

static Standing *standing_of(Book *k, const char *identity) {
    for (size_t i = 0; i < PEOPLE; i++)
        if (strcmp(k->name[i], identity) == 0)
            return &k->standing[i];
    fail_msg("'%s' is nobody", identity);
    return NULL;
}

static void ended(Book *k, const Event *e, Cost cost) {
    assert_int_equal(e->lease, k->live);
    assert_int_not_equal(e->lease, 0);
    if (cost == COST_OUT)
        *standing_of(k, k->holder) = IS_OUT;
    k->live = 0;
}

static void follow_grant(Book *k, const Event *e) {
    Standing was = *standing_of(k, e->u.granted.identity);
    assert_int_equal(k->live, 0);      /* 1: one live lease */
    assert_int_not_equal(was, IS_OUT); /* 1: the holder is not out */
    assert_true(was == HAS_NOTHING || k->policy.repeat);
    assert_int_equal(e->lease, k->granted + 1); /* numbers are not used again */
    assert_int_equal(e->u.granted.attempt, k->granted + 1);
    assert_int_equal(e->u.granted.position, k->accepted + 1);
    k->granted = k->live = e->lease;
    k->stored = false;
    snprintf(k->holder, sizeof k->holder, "%s", e->u.granted.identity);
}

static void follow_acceptance(Book *k, const Event *e) {
    assert_true(k->stored);
    assert_int_equal(e->u.accepted.index, k->accepted + 1); /* 2: no gap, no fork */
    assert_memory_equal(e->u.accepted.response, k->response, 32);
    k->accepted++;
    *standing_of(k, k->holder) = HAS_CONTRIBUTED;
    ended(k, e, COST_NOTHING);
}

static void follow(Book *k, const Event *e) {
    assert_true(e->now_ms >= k->now_ms);
    assert_false(k->final);
    k->now_ms = e->now_ms;
    switch (e->type) {
    case EVENT_CEREMONY_OPENED:
        k->policy = e->u.opened.policy;
        break;
    case EVENT_LEASE_GRANTED:
        follow_grant(k, e);
        break;
    case EVENT_LEASE_MOVED:
        assert_int_equal(e->lease, k->live);
        assert_false(k->stored);
        break;
    case EVENT_RESPONSE_STORED:
        assert_int_equal(e->lease, k->live);
        assert_false(k->stored);
        k->stored = true;
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
        ended(k, e, k->stored ? COST_NOTHING : k->policy.expired);
        break;
    case EVENT_LEASE_ABORTED:
        assert_false(k->stored);
        ended(k, e, k->policy.aborted);
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
        .identity = x->book.name[roll(x, PEOPLE)],
        .lease = roll(x, 8) == 0 ? roll(x, newest + 3) : newest, /* now and then an old one */
        .phase = (Phase)roll(x, PHASE_N),
        .hash = hash,
        .valid = roll(x, 3) != 0,
        .reason = "CeremonyError::G2PairingFailed",
    };
    if (x->book.live != 0 && roll(x, 6) == 0)
        c.identity = x->book.holder;
    if (c.type == COMMAND_ABORT && roll(x, 4) != 0)
        c.type = COMMAND_CHECK_IN;
    return c;
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
        assert_true(event_read(line.data, line.n, &e, NULL));
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
    assert_int_equal(v.contributions, x->book.accepted);
    assert_int_equal(v.lease.number, x->book.live);
    assert_int_equal(v.leases, x->book.granted);
    for (size_t i = 0; i < PEOPLE; i++) {
        Standing s = x->book.standing[i];
        bool out = s == IS_OUT || (s == HAS_CONTRIBUTED && !x->book.policy.repeat);
        assert_int_equal(engine_is_out(x->w.state, x->book.name[i]), out);
    }
}

static void step(Sim *x) {
    uint8_t hash[32];
    pass_time(x);
    Command c = any_command(x, hash);
    Refusal r = world_do(&x->w, c); /* runs engine_check after each event */
    x->refusals[r]++;
    for (size_t i = 0; i < x->w.last.n; i++)
        note(x, &x->w.last.at[i]);
    assert_true(r == REFUSAL_NONE || x->w.last.n == 0 ||
                (x->w.last.n == 1 && x->w.last.at[0].type == EVENT_LEASE_EXPIRED));
    agree(x);
}

static void run(Sim *x, uint64_t seed, EnginePolicy policy) {
    memset(x, 0, sizeof *x);
    x->dice = seed;
    for (size_t i = 0; i < PEOPLE; i++)
        snprintf(x->book.name[i], sizeof x->book.name[i], i % 2 != 0 ? "git|%zu|p" : "eth|0x%040zx",
                 i);
    world_open(&x->w, policy);
    Event opening = world_opening(policy, x->w.now_ms);
    note(x, &opening);
    for (size_t i = 0; i < COMMANDS; i++) {
        step(x);
        if (i % 500 == 0)
            compare_replay_and_snapshot(x);
    }
    x->w.now_ms += ENGINE_DURATION_MAX / 100;
    world_tick(&x->w);
    for (size_t i = 0; i < x->w.last.n; i++)
        note(x, &x->w.last.at[i]);
    assert_int_equal(world_finalize(&x->w), REFUSAL_NONE);
    note(x, &x->w.last.at[0]);
    compare_replay_and_snapshot(x);
    world_close(&x->w);
}

/* ---- policies ---- */

static EnginePolicy mild(void) {
    EnginePolicy p = world_policy();
    p.expired = p.aborted = p.invalid = COST_NOTHING;
    p.lobby_max = 30;
    p.repeat = true;
    return p;
}

static void a_strict_ceremony_keeps_its_invariants(void **state) {
    run(*state, 1, world_policy());
}

static void a_mild_ceremony_keeps_its_invariants(void **state) {
    Sim *x = *state;

    run(x, 2, mild());

    /* The crowd has really been everywhere. */
    for (size_t i = EVENT_CEREMONY_OPENED; i < EVENT_N; i++)
        assert_int_not_equal(x->of_type[i], 0);
    assert_int_not_equal(x->refusals[REFUSAL_BUSY], 0);
    assert_int_not_equal(x->refusals[REFUSAL_EARLY], 0);
    assert_int_not_equal(x->refusals[REFUSAL_NOT_HOLDER], 0);
    assert_int_not_equal(x->refusals[REFUSAL_WRONG_PHASE], 0);
    assert_int_not_equal(x->refusals[REFUSAL_HOLDER_AGAIN], 0);
    assert_true(x->book.accepted > 100);
}

static void a_ceremony_with_offers_and_a_small_lobby_keeps_its_invariants(void **state) {
    Sim *x = *state;
    EnginePolicy p = mild();
    p.repeat = false;
    p.deadline_ms[PHASE_OFFERED] = 10000;
    p.lobby_max = 2;
    p.invalid = COST_OUT;

    run(x, 3, p);

    assert_int_not_equal(x->refusals[REFUSAL_LOBBY_FULL], 0);
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
        RUNS(a_ceremony_with_offers_and_a_small_lobby_keeps_its_invariants),
        RUNS(a_hasty_ceremony_keeps_its_invariants),
        RUNS(a_run_is_the_same_for_the_same_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
