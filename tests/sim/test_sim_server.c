/* People contribute, and the power goes, the disk is full, a read fails or the process is killed at
 * every single operation of the disk: nothing that was accepted is lost, and what a receipt says is
 * on record. */
#include "support/test.h"

#include "base/hex.h"
#include "base/sha256.h"
#include "sim/sim_disk.h"
#include "sim/sim_kind.h"
#include "sim/sim_server.h"

#include <inttypes.h>

#define PEOPLE 20
#define POLL_MS 30000
#define TICK_MS 1000
#define GIVE_UP 100000 /* steps: a ceremony that does not end is a failure */
#define FAULTS_MAX 4   /* that one planned fault may cause */

typedef enum { WAITS, HAS_CHALLENGE, HAS_RECEIPT } Stage;

typedef struct {
    char identity[LIMIT_IDENTITY + 1];
    uint64_t nonce;
    Stage stage;
    uint64_t lease, state; /* of the challenge */
    char *receipt;
    uint8_t response[32];
} Person;

typedef struct {
    SimServer *server;
    uint64_t seed, crash_every; /* 0: once */
    Person person[PEOPLE];
    size_t n;
    bool reads_fail;
    bool kills; /* a planned crash ends the process only */
    unsigned crashes, faults;
} World;

/* ---- what is on record ---- */

typedef struct {
    const char *hash;
    unsigned times;
} Search;

static bool find_acceptance(void *ctx, const SimEntry *e) {
    Search *s = ctx;
    if (strstr(e->json, "\"ContributionAccepted\"") != NULL && strstr(e->json, s->hash) != NULL)
        s->times++;
    return true;
}

/* Invariants 6 and 8: each receipt's contribution is in the journal, once, and its response is on
 * the disk. */
static void check_record(World *w) {
    char hash[65];
    CvkErr err;
    CeremonyStatus status;
    ceremony_status(sim_server_ceremony(w->server), &status);
    if (status.view.lease.number != 0 && status.view.lease.phase == PHASE_VERIFYING)
        assert_true(sim_has_response(w->server, status.view.lease.response));
    for (size_t i = 0; i < w->n; i++) {
        const Person *p = &w->person[i];
        if (p->stage != HAS_RECEIPT)
            continue;
        cvk_hex_encode(p->response, sizeof p->response, hash);
        Search s = {.hash = hash};
        assert_true(sim_journal_each(w->server, 1, find_acceptance, &s, &err));
        assert_int_equal(s.times, 1);
        assert_true(sim_has_response(w->server, p->response));
        assert_non_null(strstr(p->receipt, hash));
    }
}

static void check_replay(World *w) {
    uint8_t running[32], replayed[32];
    CvkErr err;
    sim_state_hash(w->server, running);
    assert_true(sim_replay_hash(w->server, replayed, &err));
    assert_memory_equal(running, replayed, sizeof running);
}

/* ---- faults ---- */

static void plan(World *w, uint64_t operations) {
    sim_disk_crash_at(operations == 0 ? 0 : sim_disk_operations() + operations);
}

static void take_down(World *w) {
    w->crashes++;
    if (w->kills)
        sim_server_kill(w->server);
    else
        sim_server_crash(w->server);
    plan(w, w->crash_every);
}

/* The fault may come, or come again, while it starts. */
static void start(World *w) {
    CvkErr err;
    while (!sim_server_start(w->server, &err)) {
        if (sim_disk_crashed()) {
            take_down(w);
        } else if (w->faults++ == FAULTS_MAX) {
            fail_msg("seed %" PRIu64 ": no start: %s: %s", w->seed, err.id, err.msg);
        }
    }
    check_record(w);
    check_replay(w);
}

static void crash(World *w) {
    take_down(w);
    start(w);
}

/* A step failed: only a fault that was planned may be why. */
static void recover(World *w, const CvkErr *why) {
    if (sim_disk_crashed()) {
        crash(w);
    } else if (sim_disk_is_full()) {
        w->faults++;
        assert_int_equal(why->code, CVK_EBACKEND);
        sim_disk_full(false); /* somebody made room */
        check_record(w);
    } else if (!w->reads_fail || w->faults++ == FAULTS_MAX) {
        fail_msg("seed %" PRIu64 ": %s: %s", w->seed, why->id, why->msg);
    }
}

/* ---- people ---- */

static bool pass(World *w, int64_t ms, CvkErr *err) {
    for (; ms > 0; ms -= TICK_MS) {
        sim_time_pass(TICK_MS);
        if (!sim_tick(w->server, err) || !sim_judge_what_waits(w->server, err))
            return false;
    }
    return true;
}

static bool ask(World *w, Person *p, CvkErr *err) {
    Refusal refusal;
    Session who;
    sim_session(w->server, p->identity, &who);
    if (!sim_check_in(w->server, &who, &refusal, &p->lease, &p->state, err))
        return false;
    if (refusal == REFUSAL_NONE || refusal == REFUSAL_HOLDER_AGAIN) {
        p->stage = HAS_CHALLENGE;
        sim_challenge_sent(w->server, p->lease);
    }
    return true;
}

static bool send_all(World *w, const Session *who, const char *bytes, size_t n, Submit *ret,
                     CvkErr *err) {
    uint64_t upload;
    bool judge;
    if (!sim_upload_begin(w->server, who, &upload, err))
        return false;
    bool ok = sim_upload_write(w->server, upload, bytes, n / 2, err) &&
              sim_upload_write(w->server, upload, bytes + n / 2, n - n / 2, err) &&
              sim_upload_whole(w->server, upload, err) &&
              sim_upload_store(w->server, upload, &judge, ret, err);
    sim_time_pass(50);
    ok = ok && (!judge || sim_upload_judge(w->server, upload, ret, err));
    sim_upload_end(w->server, upload);
    return ok;
}

/* Uploads, until there is an answer; the same bytes after each crash. */
static bool contribute(World *w, Person *p, CvkErr *err) {
    char bytes[SIM_RESPONSE_MAX];
    Submit answer = {.result = SUBMIT_NOT_YOURS};
    Session who;
    size_t n = sim_kind_respond(p->state, p->nonce, SIM_VALID, bytes);
    sim_session(w->server, p->identity, &who);
    if (!send_all(w, &who, bytes, n, &answer, err))
        return false;
    assert_int_equal(answer.result, SUBMIT_ACCEPTED);
    p->receipt = answer.receipt;
    cvk_sha256(bytes, n, p->response);
    p->stage = HAS_RECEIPT;
    return true;
}

static void begin(World *w, uint64_t seed, size_t n) {
    CvkErr err;
    *w = (World){.seed = seed, .n = n};
    SimServerOptions o = {.seed = seed, .preset = "kzg"};
    if (!sim_server_new(&o, &w->server, &err))
        fail_msg("%s: %s", err.id, err.msg);
    for (size_t i = 0; i < n; i++) {
        snprintf(w->person[i].identity, sizeof w->person[i].identity, "git|%zu|p", i);
        w->person[i].nonce = 1000 + i;
    }
}

/* Everybody in turn, until all have their receipts. */
static void run(World *w) {
    CvkErr err;
    size_t done = 0;
    for (unsigned steps = 0; done < w->n; steps++) {
        Person *p = &w->person[done];
        assert_true(steps < GIVE_UP);
        bool ok = pass(w, p->stage == WAITS ? POLL_MS : TICK_MS, &err) &&
                  (p->stage == WAITS ? ask(w, p, &err) : contribute(w, p, &err));
        if (!ok)
            recover(w, &err);
        done += p->stage == HAS_RECEIPT;
    }
    plan(w, 0);
    if (sim_disk_crashed())
        crash(w);
}

static void end(World *w) {
    CeremonyStatus status;
    check_record(w);
    check_replay(w);
    ceremony_status(sim_server_ceremony(w->server), &status);
    assert_int_equal(status.view.contributions, w->n);
    for (size_t i = 0; i < w->n; i++)
        free(w->person[i].receipt);
    sim_server_free(w->server);
}

/* ---- tests ---- */

static uint64_t operations_of(size_t people) {
    World w;
    begin(&w, 1, people);
    uint64_t before = sim_disk_operations();
    run(&w);
    uint64_t operations = sim_disk_operations() - before;
    end(&w);
    return operations;
}

static void end_it_at_any_operation(bool kills) {
    uint64_t last = operations_of(3);
    assert_true(last > 100);

    for (uint64_t k = 1; k <= last; k += TEST_ONE_IN) {
        World w;
        begin(&w, k, 3);
        w.kills = kills;
        plan(&w, k);
        run(&w);
        assert_int_equal(w.crashes, 1);
        end(&w);
    }
}

static void a_crash_at_any_operation_of_the_disk_loses_nothing(void **state) {
    (void)state;
    end_it_at_any_operation(false);
}

static void a_kill_at_any_operation_of_the_disk_loses_nothing(void **state) {
    (void)state;
    end_it_at_any_operation(true);
}

static void a_full_disk_at_any_operation_only_delays(void **state) {
    (void)state;
    uint64_t last = operations_of(3);
    unsigned failed = 0;

    for (uint64_t k = 1; k <= last; k += TEST_ONE_IN) {
        World w;
        begin(&w, k, 3);
        sim_disk_full_at(sim_disk_operations() + k);
        run(&w);
        sim_disk_full(false);
        failed += w.faults;
        end(&w);
    }

    assert_true(failed > last / 2 / TEST_ONE_IN);
}

static void a_read_error_at_any_read_only_delays(void **state) {
    (void)state;
    World w;
    begin(&w, 1, 3);
    uint64_t before = sim_disk_reads();
    run(&w);
    uint64_t last = sim_disk_reads() - before;
    end(&w);
    assert_true(last > 3);

    for (uint64_t k = 1; k <= last; k += TEST_ONE_IN) {
        begin(&w, k, 3);
        w.reads_fail = true;
        sim_disk_fail_reads(sim_disk_reads() + k, 2);
        run(&w);
        end(&w);
    }
}

/* With reads that fail while it starts again. */
static void a_server_that_is_killed_and_cannot_read_at_first_starts_later(void **state) {
    (void)state;
    for (uint64_t k = 1; k <= 40; k++) {
        World w;
        begin(&w, k, 3);
        run(&w);
        sim_server_kill(w.server);
        w.reads_fail = true;
        sim_disk_fail_reads(sim_disk_reads() + k, 1);
        start(&w);
        end(&w);
    }
}

static void twenty_people_get_through_a_crash_every_k_operations(void **state) {
    (void)state;
    for (uint64_t k = 60; k <= 240; k += TEST_ONE_IN) {
        World w;
        begin(&w, k, PEOPLE);
        w.crash_every = k;
        plan(&w, k);
        run(&w);
        assert_true(w.crashes >= 3);
        end(&w);
    }
}

static void an_operator_on_the_directory_is_heard_at_the_next_tick(void **state) {
    (void)state;
    World w;
    Refusal refusal;
    CeremonyStatus before, after;
    CvkErr err;
    begin(&w, 1, 2);
    run(&w);

    assert_true(sim_operate(w.server, &(Command){.type = COMMAND_FINALIZE}, &refusal, &err));
    assert_int_equal(refusal, REFUSAL_NONE);
    ceremony_status(sim_server_ceremony(w.server), &before);
    assert_true(sim_tick(w.server, &err));
    ceremony_status(sim_server_ceremony(w.server), &after);

    assert_false(before.view.finalized);
    assert_true(after.view.finalized);
    end(&w);
}

static void a_crash_while_an_operator_writes_leaves_the_command_whole_or_undone(void **state) {
    (void)state;
    unsigned done = 0, undone = 0;
    for (uint64_t k = 1; k <= 60; k++) {
        World w;
        Refusal refusal;
        CeremonyStatus status;
        CvkErr err;
        begin(&w, k, 1);
        run(&w);
        plan(&w, 1 + k % 12);
        bool ok = sim_operate(w.server, &(Command){.type = COMMAND_FINALIZE}, &refusal, &err);
        crash(&w);
        ceremony_status(sim_server_ceremony(w.server), &status);
        assert_true(!ok || status.view.finalized);
        done += status.view.finalized;
        undone += !status.view.finalized;
        end(&w);
    }
    assert_true(done > 5 && undone > 5);
}

static void a_seed_gives_the_same_ceremony_again(void **state) {
    (void)state;
    uint64_t operations[2], random[2];
    uint8_t hash[2][32];

    for (int i = 0; i < 2; i++) {
        World w;
        begin(&w, 42, PEOPLE);
        w.crash_every = 90;
        plan(&w, 90);
        run(&w);
        sim_state_hash(w.server, hash[i]);
        operations[i] = sim_disk_operations();
        random[i] = sim_disk_random();
        end(&w);
    }

    assert_int_equal(operations[0], operations[1]);
    assert_int_equal(random[0], random[1]);
    assert_memory_equal(hash[0], hash[1], sizeof hash[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_crash_at_any_operation_of_the_disk_loses_nothing),
        TEST(a_kill_at_any_operation_of_the_disk_loses_nothing),
        TEST(a_full_disk_at_any_operation_only_delays),
        TEST(a_read_error_at_any_read_only_delays),
        TEST(a_server_that_is_killed_and_cannot_read_at_first_starts_later),
        TEST(twenty_people_get_through_a_crash_every_k_operations),
        TEST(an_operator_on_the_directory_is_heard_at_the_next_tick),
        TEST(a_crash_while_an_operator_writes_leaves_the_command_whole_or_undone),
        TEST(a_seed_gives_the_same_ceremony_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
