/* The server is away, or somebody sets its clock, in the midst of a turn: whoever holds it finishes
 * as if nothing had been, and the journal says how long it was. */
#include "support/test.h"

#include "sim/sim_kind.h"
#include "sim/sim_server.h"

#define HOUR INT64_C(3600000)

typedef struct {
    SimServer *server;
    Session who;
    uint64_t state; /* of the challenge */
} World;

static void must(bool ok, const CvkErr *err) {
    if (!ok)
        fail_msg("%s: %s", err->id, err->msg);
}

static void pass(World *w, int64_t seconds) {
    CvkErr err;
    for (; seconds > 0; seconds--) {
        sim_time_pass(1000);
        must(sim_tick(w->server, &err), &err);
    }
}

/* Asks each half minute until the slot is theirs. */
static void take_slot(World *w) {
    Refusal refusal = REFUSAL_BUSY;
    uint64_t lease;
    CvkErr err;
    for (int asked = 0; refusal != REFUSAL_NONE && refusal != REFUSAL_HOLDER_AGAIN; asked++) {
        assert_true(asked < 10);
        pass(w, 30);
        must(sim_check_in(w->server, &w->who, &refusal, &lease, &w->state, &err), &err);
    }
    sim_challenge_sent(w->server, lease);
}

static void finish(World *w) {
    char bytes[SIM_RESPONSE_MAX];
    Submit answer;
    uint64_t upload;
    bool judge;
    CvkErr err;
    size_t n = sim_kind_respond(w->state, 7, SIM_VALID, bytes);
    must(sim_upload_begin(w->server, &w->who, &upload, &err), &err);
    must(sim_upload_write(w->server, upload, bytes, n, &err), &err);
    must(sim_upload_store(w->server, upload, &judge, &answer, &err), &err);
    assert_true(judge);
    must(sim_upload_judge(w->server, upload, &answer, &err), &err);
    assert_int_equal(answer.result, SUBMIT_ACCEPTED);
    submit_done(&answer);
    sim_upload_end(w->server, upload);
}

static int begin(void **state) {
    static World w;
    CvkErr err;
    must(sim_server_new(&(SimServerOptions){.seed = 5, .preset = "kzg"}, &w.server, &err), &err);
    sim_session(w.server, "git|1|p", &w.who);
    take_slot(&w);
    *state = &w;
    return 0;
}

static int end(void **state) {
    World *w = *state;
    sim_server_free(w->server);
    return 0;
}

static void start(World *w) {
    CvkErr err;
    must(sim_server_start(w->server, &err), &err);
}

/* ---- what the journal says ---- */

typedef struct {
    unsigned times;
    int64_t ms;
} Skips;

static bool add_skip(void *ctx, const SimEntry *e) {
    Skips *s = ctx;
    const char *by = strstr(e->json, "\"by\":");
    if (strstr(e->json, "\"ClockSkipped\"") == NULL)
        return true;
    assert_non_null(by);
    s->times++;
    s->ms += strtoll(by + strlen("\"by\":"), NULL, 10);
    return true;
}

static Skips skips_of(World *w) {
    Skips s = {0};
    CvkErr err;
    must(sim_journal_each(w->server, 1, add_skip, &s, &err), &err);
    return s;
}

/* As long as it was, but for the moments between the last sign of life and the end. */
static void skipped_about(World *w, int64_t ms) {
    Skips s = skips_of(w);
    assert_int_equal(s.times, 1);
    assert_in_range(s.ms, ms - 5000, ms + 5000);
}

static EngineView view_of(World *w) {
    CeremonyStatus status;
    ceremony_status(sim_server_ceremony(w->server), &status);
    return status.view;
}

/* ---- tests ---- */

static void is_away_and_the_holder_finishes(World *w, void (*go)(SimServer *s)) {
    int64_t left = view_of(w).lease.deadline_ms - view_of(w).now_ms;
    go(w->server);
    sim_time_pass(5 * HOUR);

    start(w);

    skipped_about(w, 5 * HOUR);
    assert_int_equal(view_of(w).expired, 0);
    assert_in_range(view_of(w).lease.deadline_ms - view_of(w).now_ms, left - 5000, left + 5000);
    pass(w, 20);
    finish(w);
    assert_int_equal(view_of(w).contributions, 1);
}

static void whoever_holds_the_turn_finishes_after_hours_of_downtime(void **state) {
    is_away_and_the_holder_finishes(*state, sim_server_stop);
}

static void and_after_the_process_was_killed(void **state) {
    is_away_and_the_holder_finishes(*state, sim_server_kill);
}

static void and_after_the_power_was_gone(void **state) {
    is_away_and_the_holder_finishes(*state, sim_server_crash);
}

static void but_their_time_runs_out_when_the_server_is_there(void **state) {
    World *w = *state;
    sim_server_kill(w->server);
    sim_time_pass(5 * HOUR);
    start(w);

    pass(w, (view_of(w).lease.deadline_ms - view_of(w).now_ms) / 1000 + 2);

    assert_int_equal(view_of(w).expired, 1);
}

static void a_clock_that_is_set_ahead_costs_nobody_the_turn(void **state) {
    World *w = *state;
    CvkErr err;
    sim_time_jump(7 * HOUR);

    must(sim_tick(w->server, &err), &err);

    skipped_about(w, 7 * HOUR);
    pass(w, 20);
    finish(w);
}

static void a_clock_that_is_set_back_costs_nobody_the_turn(void **state) {
    World *w = *state;
    CvkErr err;
    int64_t before = view_of(w).now_ms;
    sim_time_jump(-7 * HOUR);

    must(sim_tick(w->server, &err), &err);

    pass(w, 20);
    assert_int_equal(skips_of(w).times, 0);
    finish(w);
    assert_true(view_of(w).now_ms >= before);
}

static void
a_clock_that_was_set_back_while_the_server_was_down_costs_nobody_the_turn(void **state) {
    World *w = *state;
    int64_t before = view_of(w).now_ms;
    sim_server_stop(w->server);
    sim_time_jump(-7 * HOUR);

    start(w);

    assert_true(view_of(w).now_ms >= before);
    pass(w, 20);
    finish(w);
}

int main(void) {
#define HELD(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
    const struct CMUnitTest tests[] = {
        HELD(whoever_holds_the_turn_finishes_after_hours_of_downtime),
        HELD(and_after_the_process_was_killed),
        HELD(and_after_the_power_was_gone),
        HELD(but_their_time_runs_out_when_the_server_is_there),
        HELD(a_clock_that_is_set_ahead_costs_nobody_the_turn),
        HELD(a_clock_that_is_set_back_costs_nobody_the_turn),
        HELD(a_clock_that_was_set_back_while_the_server_was_down_costs_nobody_the_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
