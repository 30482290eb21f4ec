#include "support/test.h"

#include "engine/engine.h"

#include <math.h>

#define HOUR INT64_C(3600000)

static EngineView measured(Entry entry, uint32_t n, int64_t mean_ms, int64_t spread_ms) {
    EngineView v = {.open = true, .now_ms = 1000000};
    v.policy.entry = entry;
    v.turns.n = n;
    v.turns.mean_ms = mean_ms;
    v.turns.spread_ms = spread_ms;
    return v;
}

static EngineEstimate estimate(const EngineView *v, uint64_t ahead, uint64_t lobby) {
    EngineEstimate e;
    memset(&e, 0xee, sizeof e);
    engine_estimate(v, ahead, lobby, &e);
    return e;
}

static void nothing_is_known_before_five_turns(void **state) {
    (void)state;
    EngineView v = measured(ENTRY_FIFO, 4, 60000, 1000);

    assert_false(estimate(&v, 5, 0).known);
    v.turns.n = 5;
    assert_true(estimate(&v, 5, 0).known);
}

static void in_a_queue_everybody_ahead_takes_a_turn(void **state) {
    (void)state;
    EngineView v = measured(ENTRY_FIFO, 64, 60000, 0);

    assert_int_equal(estimate(&v, 0, 0).mean_ms, 0);
    assert_int_equal(estimate(&v, 10, 0).mean_ms, 600000);
    assert_int_equal(estimate(&v, 10, 0).low_ms, 600000);
    assert_int_equal(estimate(&v, 10, 0).high_ms, 600000);
}

static void the_turn_under_way_counts_as_what_is_left_of_it(void **state) {
    (void)state;
    EngineView v = measured(ENTRY_FIFO, 64, 60000, 0);
    v.lease.number = 7;
    v.lease.granted_ms = v.now_ms - 20000;

    assert_int_equal(estimate(&v, 0, 0).mean_ms, 40000);
    assert_int_equal(estimate(&v, 10, 0).mean_ms, 640000);
    v.lease.granted_ms = v.now_ms - HOUR;
    assert_int_equal(estimate(&v, 10, 0).mean_ms, 600000);
}

static void the_spread_grows_with_the_turns_before_and_with_the_doubt_in_the_mean(void **state) {
    (void)state;
    EngineView few = measured(ENTRY_FIFO, 5, 60000, 30000);
    EngineView many = measured(ENTRY_FIFO, 64, 60000, 30000);
    EngineEstimate near = estimate(&many, 4, 0), far = estimate(&many, 400, 0);

    assert_true(near.low_ms < near.mean_ms && near.mean_ms < near.high_ms);
    assert_true(far.high_ms - far.low_ms > near.high_ms - near.low_ms);
    assert_true(estimate(&few, 400, 0).high_ms > far.high_ms);
    assert_true(estimate(&few, 400, 0).low_ms < far.low_ms);
}

static void absurd_numbers_stay_in_range(void **state) {
    (void)state;
    EngineView v = measured(ENTRY_FIFO, 5, ENGINE_DURATION_MAX, ENGINE_DURATION_MAX);
    v.lease.number = 1;
    v.lease.granted_ms = INT64_MAX;
    for (int lobby = 0; lobby < 2; lobby++) {
        v.policy.entry = lobby ? ENTRY_LOBBY : ENTRY_FIFO;
        EngineEstimate e = estimate(&v, UINT64_MAX, UINT64_MAX);
        assert_true(e.low_ms >= 0 && e.low_ms <= e.high_ms);
        assert_int_equal(e.mean_ms, ENGINE_DURATION_MAX);
        assert_int_equal(e.high_ms, ENGINE_DURATION_MAX);
    }
    v.turns.mean_ms = v.turns.spread_ms = 0;
    assert_int_equal(estimate(&v, 5, 5).high_ms, 0);
}

/* ---- do ten in a hundred waits really fall outside at each end? ---- */

static uint64_t seed;

/* From 0 to 1, neither of them. */
static double draw(void) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(seed >> 12) + 0.5) / 4503599627370496.0;
}

/* A turn: 20 s, and an exponential rest of 40 s. */
static double turn_ms(void) {
    return 20000 - 40000 * log(draw());
}

/* What a server would have measured of n turns. */
static EngineView after(Entry entry, uint32_t n) {
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < n; i++) {
        double t = turn_ms();
        sum += t;
        squares += t * t;
    }
    double variance = (squares - sum * sum / n) / (n - 1);
    return measured(entry, n, (int64_t)(sum / n), (int64_t)sqrt(variance));
}

static double wait_ms(Entry entry, uint64_t k) {
    double ms = 0;
    if (entry == ENTRY_FIFO)
        while (k-- > 0)
            ms += turn_ms();
    else
        while (draw() * (double)k >= 1)
            ms += turn_ms();
    return ms;
}

/* Shares of waits below low and above high, in a thousand. (Of a single turn hardly any is below:
 * no turn of these is shorter than 20 s, which mean and deviation do not tell.) */
static void outside(Entry entry, uint32_t n, uint64_t k, int *ret_below, int *ret_above) {
    const int runs = 4000;
    int below = 0, above = 0;
    seed = 42 + k + n;
    for (int i = 0; i < runs; i++) {
        EngineView v = after(entry, n);
        EngineEstimate e = estimate(&v, k, k);
        double ms = wait_ms(entry, k);
        below += ms < (double)e.low_ms ? 1 : 0;
        above += ms > (double)e.high_ms ? 1 : 0;
    }
    *ret_below = below * 1000 / runs;
    *ret_above = above * 1000 / runs;
}

static void ten_in_a_hundred_waits_in_a_queue_are_shorter_and_ten_longer(void **state) {
    (void)state;
    for (uint32_t n = 16; n <= ENGINE_TURNS; n *= 4)
        for (uint64_t k = 1; k <= 256; k *= 4) {
            int below, above;
            outside(ENTRY_FIFO, n, k, &below, &above);
            if (below < (k == 1 ? 0 : 60) || below > 140 || above < 60 || above > 140)
                fail_msg("%u turns, %u ahead: %d and %d in 1000", n, (unsigned)k, below, above);
        }
}

static void ten_in_a_hundred_waits_in_a_lobby_are_shorter_and_ten_longer(void **state) {
    (void)state;
    for (uint64_t k = 16; k <= 256; k *= 4) {
        int below, above;
        outside(ENTRY_LOBBY, ENGINE_TURNS, k, &below, &above);
        if (below < 60 || below > 140 || above < 60 || above > 140)
            fail_msg("lobby of %u: %d and %d in 1000", (unsigned)k, below, above);
    }
}

/* ---- check-ins ---- */

static const EnginePolicy queue = {
    .entry = ENTRY_FIFO,
    .waiting_max = 1000,
    .checkin_every_ms = 30000,
    .checkin_tolerance_ms = 15000,
    .checkin_shortest_ms = 5000,
    .checkin_longest_ms = HOUR,
    .checkin_lead_ms = 2 * HOUR,
    .ready_ms = 10000,
    .deadline_ms = {[PHASE_FETCHING] = 10 * HOUR},
};

static EngineState *opened(const EnginePolicy *policy) {
    Event e = {.type = EVENT_CEREMONY_OPENED, .now_ms = 1000000};
    EngineState *s = engine_state_new(NULL);
    assert_non_null(s);
    snprintf(e.u.opened.name, sizeof e.u.opened.name, "mini");
    snprintf(e.u.opened.kind, sizeof e.u.opened.kind, "kzg");
    e.u.opened.policy = *policy;
    assert_true(engine_reserve(s, 4096, NULL));
    engine_apply(s, &e);
    return s;
}

static void admit(EngineState *s, uint64_t number, int64_t now_ms) {
    Event e = {.type = EVENT_PARTICIPANT_ADMITTED, .now_ms = now_ms};
    e.u.admitted.participant = number;
    e.u.admitted.commitment[0] = (uint8_t)number;
    snprintf(e.u.admitted.identity, sizeof e.u.admitted.identity, "p%u", (unsigned)number);
    engine_apply(s, &e);
    e = (Event){.type = EVENT_JOINED, .now_ms = now_ms};
    e.u.joined.participant = e.u.joined.place = number;
    engine_apply(s, &e);
}

/* `turns` of a minute each, then `waiting` people more. Returns the time. */
static int64_t after_turns(EngineState *s, uint64_t turns, uint64_t waiting) {
    int64_t now = 1000000;
    for (uint64_t i = 1; i <= turns; i++) {
        admit(s, i, now);
        Event e = {.type = EVENT_LEASE_GRANTED, .now_ms = now, .lease = i};
        e.u.granted.participant = e.u.granted.attempt = i;
        e.u.granted.position = 1;
        engine_apply(s, &e);
        now += 60000;
        e = (Event){.type = EVENT_LEASE_ABORTED, .now_ms = now, .lease = i};
        engine_apply(s, &e);
        e = (Event){.type = EVENT_LEFT, .now_ms = now};
        e.u.left.participant = i;
        e.u.left.reason = LEFT_OWN_WISH;
        engine_apply(s, &e);
    }
    for (uint64_t i = turns + 1; i <= turns + waiting; i++)
        admit(s, i, now);
    return now;
}

static EngineDue due(const EngineState *s, uint64_t who, bool first, int64_t now_ms) {
    EngineDue d;
    char name[16];
    snprintf(name, sizeof name, "p%u", (unsigned)who);
    engine_due(s, name, first, now_ms, &d);
    return (EngineDue){d.next_ms - now_ms, d.late_ms == INT64_MAX ? -1 : d.late_ms - now_ms};
}

static void in_a_lobby_one_checks_in_every_so_often_and_is_never_late(void **state) {
    (void)state;
    EnginePolicy lobby = queue;
    lobby.entry = ENTRY_LOBBY;
    EngineState *s = opened(&lobby);

    EngineDue d = due(s, 1, true, 5000000);

    assert_int_equal(d.next_ms, 30000);
    assert_int_equal(d.late_ms, -1);
    engine_state_free(s);
}

static void while_nothing_is_measured_the_policys_rhythm_is_due(void **state) {
    (void)state;
    EngineState *s = opened(&queue);
    int64_t now = after_turns(s, 0, 200);

    EngineDue d = due(s, 200, true, now);

    assert_int_equal(d.next_ms, 30000);
    assert_int_equal(d.late_ms, 45000);
    engine_state_free(s);
}

static void the_interval_halves_with_the_wait_between_its_bounds(void **state) {
    (void)state;
    EngineState *s = opened(&queue);
    int64_t now = after_turns(s, 10, 300);

    assert_int_equal(due(s, 11, false, now).next_ms, 5000);
    assert_int_equal(due(s, 13, false, now).next_ms, 60000);
    assert_int_equal(due(s, 51, false, now).next_ms, 20 * 60000);
    assert_int_equal(due(s, 310, false, now).next_ms, HOUR);
    engine_state_free(s);
}

static void the_first_check_in_is_due_a_lead_before_the_turn(void **state) {
    (void)state;
    EngineState *s = opened(&queue);
    int64_t now = after_turns(s, 10, 300);

    assert_int_equal(due(s, 311 - 1, true, now).next_ms, 299 * 60000 - 2 * HOUR);
    assert_int_equal(due(s, 51, true, now).next_ms, 20 * 60000);
    engine_state_free(s);
}

static void whoever_keeps_the_old_rhythm_is_never_late(void **state) {
    (void)state;
    EngineState *s = opened(&queue);
    int64_t now = after_turns(s, 10, 300);

    assert_int_equal(due(s, 11, false, now).late_ms, 45000);
    assert_int_equal(due(s, 51, false, now).late_ms, 20 * 60000 + 15000);
    engine_state_free(s);
}

static void whoever_does_not_wait_is_never_late(void **state) {
    (void)state;
    EngineState *s = opened(&queue);
    int64_t now = after_turns(s, 3, 0);

    assert_int_equal(due(s, 1, false, now).late_ms, -1);
    assert_int_equal(due(s, 99, false, now).late_ms, -1);
    engine_state_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_known_before_five_turns),
        TEST(in_a_queue_everybody_ahead_takes_a_turn),
        TEST(the_turn_under_way_counts_as_what_is_left_of_it),
        TEST(the_spread_grows_with_the_turns_before_and_with_the_doubt_in_the_mean),
        TEST(absurd_numbers_stay_in_range),
        TEST(ten_in_a_hundred_waits_in_a_queue_are_shorter_and_ten_longer),
        TEST(ten_in_a_hundred_waits_in_a_lobby_are_shorter_and_ten_longer),
        TEST(in_a_lobby_one_checks_in_every_so_often_and_is_never_late),
        TEST(while_nothing_is_measured_the_policys_rhythm_is_due),
        TEST(the_interval_halves_with_the_wait_between_its_bounds),
        TEST(the_first_check_in_is_due_a_lead_before_the_turn),
        TEST(whoever_keeps_the_old_rhythm_is_never_late),
        TEST(whoever_does_not_wait_is_never_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
