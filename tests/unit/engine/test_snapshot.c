#include "support/test.h"

#include "base/hex.h"
#include "base/sha256.h"
#include "support/engine_world.h"

#define A "eth|0xaa"
#define B "eth|0xbb"
#define C "git|3|carol"

typedef struct {
    uint8_t *bytes;
    size_t n;
} Shot;

static Shot shot_of(const EngineState *s) {
    Shot x;
    assert_true(engine_snapshot_write(s, &x.bytes, &x.n, NULL));
    return x;
}

/* One has contributed, one gave up, one is being verified. */
static void live(World *w) {
    world_open(w, world_policy());
    world_check_in(w, A);
    world_reach(w, 1, PHASE_COMPUTING);
    world_store(w, 1, 0x11);
    world_accept(w, 1);
    world_check_in(w, B);
    world_abort(w, 2);
    w->now_ms += 1234;
    world_check_in(w, C);
    world_store(w, 3, 0x22);
}

/* A checksum that fits, so that what lies behind it is looked at. */
static void seal(Shot *x) {
    cvk_sha256(x->bytes, x->n - 32, x->bytes + x->n - 32);
}

static bool reads(const Shot *x, CvkErr *err) {
    EngineState *s = NULL;
    bool ok = engine_snapshot_read(x->bytes, x->n, &s, err);
    if (ok)
        engine_check(s);
    engine_state_free(s);
    return ok;
}

static void a_snapshot_makes_the_same_state_again(void **state) {
    (void)state;
    World w;
    uint8_t before[32], after[32];
    EngineView was, is;
    live(&w);
    Shot x = shot_of(w.state);
    engine_state_hash(w.state, before);
    was = world_view(&w);
    engine_state_free(w.state);

    assert_true(engine_snapshot_read(x.bytes, x.n, &w.state, NULL));

    engine_state_hash(w.state, after);
    is = world_view(&w);
    assert_memory_equal(before, after, 32);
    assert_int_equal(is.lease.phase, PHASE_VERIFYING);
    assert_int_equal(is.lease.deadline_ms, was.lease.deadline_ms);
    assert_true(engine_is_out(w.state, A));
    assert_true(engine_is_out(w.state, B));
    assert_false(engine_is_out(w.state, C));
    assert_int_equal(world_accept(&w, 3), REFUSAL_NONE);
    assert_int_equal(world_view(&w).contributions, 2);
    free(x.bytes);
    world_close(&w);
}

static void a_state_before_its_opening_has_a_snapshot_too(void **state) {
    (void)state;
    EngineState *s = engine_state_new(NULL);
    Shot x = shot_of(s);

    assert_true(reads(&x, NULL));

    free(x.bytes);
    engine_state_free(s);
}

static void equal_states_have_equal_snapshots_and_other_states_others(void **state) {
    (void)state;
    World w, v;
    live(&w);
    live(&v);
    Shot x = shot_of(w.state), y = shot_of(v.state);
    assert_int_equal(x.n, y.n);
    assert_memory_equal(x.bytes, y.bytes, x.n);
    free(y.bytes);

    world_accept(&v, 3);

    uint8_t one[32], two[32];
    engine_state_hash(w.state, one);
    engine_state_hash(v.state, two);
    assert_memory_not_equal(one, two, 32);
    free(x.bytes);
    world_close(&w);
    world_close(&v);
}

/* The journal of `live`, its hash as the first release made it: later ones must agree. */
static void the_hash_of_a_known_journal_stays_the_same(void **state) {
    (void)state;
    World w;
    uint8_t hash[32];
    char text[65];
    live(&w);

    engine_state_hash(w.state, hash);

    cvk_hex_encode(hash, 32, text);
    assert_string_equal(text, "ef6a9db1605c92a2dea34abe9bc37b2eeb1793450100c7ff7f671f6cd8f13d45");
    world_close(&w);
}

static void a_flipped_bit_anywhere_is_noticed(void **state) {
    (void)state;
    World w;
    live(&w);
    Shot x = shot_of(w.state);
    for (size_t i = 0; i < x.n; i++) {
        CvkErr err = {0};
        x.bytes[i] ^= 0x10;
        assert_false(reads(&x, &err));
        assert_string_equal(err.id, "snapshot.damaged");
        assert_int_equal(err.code, CVK_EBADREQ);
        x.bytes[i] ^= 0x10;
    }
    free(x.bytes);
    world_close(&w);
}

static void a_snapshot_cut_off_anywhere_is_noticed(void **state) {
    (void)state;
    World w;
    live(&w);
    Shot x = shot_of(w.state);
    for (size_t n = 0; n < x.n; n++) {
        Shot cut = {x.bytes, n};
        assert_false(reads(&cut, NULL));
    }
    free(x.bytes);
    world_close(&w);
}

/* One is offered the slot and may come back to place 2, two wait, one is banned, one cools down;
 * the operator drains it. */
static void live_queue(World *w) {
    static const char *const names[] = {A, B, C, "git|4|dave", "git|5|erin"};
    world_open(w, world_fifo());
    for (size_t i = 0; i < 5; i++)
        world_check_in(w, names[i]);
    world_person(w, COMMAND_BAN, "git|5|erin");
    presence_park(w->presence, B, true, w->now_ms);
    w->now_ms += 1234;
    world_abort(w, 1);
    world_mode(w, MODE_DRAINING);
}

static void a_snapshot_of_a_queue_makes_the_same_queue_again(void **state) {
    (void)state;
    World w;
    uint8_t before[32], after[32];
    live_queue(&w);
    engine_state_hash(w.state, before);
    Shot x = shot_of(w.state);
    engine_state_free(w.state);

    assert_true(engine_snapshot_read(x.bytes, x.n, &w.state, NULL));

    engine_state_hash(w.state, after);
    assert_memory_equal(before, after, 32);
    assert_int_equal(world_find(&w, C).ahead, 0);
    assert_int_equal(world_find(&w, "git|4|dave").ahead, 1);
    assert_int_equal(world_find(&w, A).strikes, 1);
    assert_true(world_find(&w, "git|5|erin").banned);
    assert_int_equal(world_view(&w).lease.phase, PHASE_OFFERED);
    presence_park(w.presence, B, false, w.now_ms);
    w.now_ms += WORLD_WINDOW_START + 1;
    world_tick(&w); /* the queue lives on */
    assert_int_equal(world_find(&w, B).strikes, 1);
    free(x.bytes);
    world_close(&w);
}

/* Who they are is not in the hash, what the journal says of them is. */
static void the_hash_is_the_same_without_the_private_parts(void **state) {
    (void)state;
    World w;
    uint8_t with[32], without[32];
    world_open(&w, world_policy());
    EngineState *public = engine_state_new(NULL);
    Event opening = world_opening(world_policy(), WORLD_START);
    assert_true(engine_reserve(public, 3, NULL));
    engine_apply(public, &opening);
    world_check_in(&w, A);
    for (size_t i = 0; i < w.last.n; i++) {
        Event e = w.last.at[i];
        if (e.type == EVENT_PARTICIPANT_ADMITTED)
            e.u.admitted.identity[0] = '\0';
        engine_apply(public, &e);
    }

    engine_state_hash(w.state, with);
    engine_state_hash(public, without);

    assert_memory_equal(with, without, 32);
    EngineView v;
    engine_view(public, &v);
    assert_string_equal(v.lease.identity, "");
    engine_state_free(public);
    world_close(&w);
}

static void two_cannot_wait_at_one_place(void **state) {
    (void)state;
    World one, two;
    CvkErr err = {0};
    live_queue(&one);
    live_queue(&two);
    world_person(&two, COMMAND_LEAVE, C); /* place 3; then its bytes are forged to 4, Dave's */
    Shot x = shot_of(one.state), y = shot_of(two.state);
    assert_int_equal(x.n, y.n);
    size_t at = 0; /* of C's place: the last byte that differs before the checksums */
    for (size_t i = 0; i < x.n - 32; i++)
        if (x.bytes[i] != y.bytes[i])
            at = i;
    assert_int_equal(x.bytes[at], 3);
    x.bytes[at] = 4;
    seal(&x);

    assert_false(reads(&x, &err));

    assert_non_null(strstr(err.msg, "same place"));
    free(x.bytes);
    free(y.bytes);
    world_close(&one);
    world_close(&two);
}

/* Whoever makes a checksum that fits still cannot make a state that could not be. */
static void forge_every_bit(World *w) {
    Shot x = shot_of(w->state);
    size_t refused = 0;
    for (size_t i = 0; i < x.n - 32; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            x.bytes[i] ^= (uint8_t)(1u << bit);
            seal(&x);
            refused += reads(&x, NULL) ? 0 : 1; /* reads runs engine_check on what it gets */
            x.bytes[i] ^= (uint8_t)(1u << bit);
        }
    }
    assert_true(refused > x.n);
    free(x.bytes);
    world_close(w);
}

static void a_forged_snapshot_is_refused_or_is_a_possible_state(void **state) {
    (void)state;
    World w;
    live(&w);
    forge_every_bit(&w);
    live_queue(&w);
    forge_every_bit(&w);
}

/* Where two snapshots differ first. */
static size_t difference(const Shot *x, const Shot *y) {
    size_t i = 0;
    while (i < x->n && x->bytes[i] == y->bytes[i])
        i++;
    return i;
}

static void a_forged_policy_does_not_make_a_second_contribution_right(void **state) {
    (void)state;
    World once, often;
    CvkErr err = {0};
    EnginePolicy p = world_policy();
    world_open(&once, p);
    p.contributions_max = 0;
    world_open(&often, p);
    Shot x = shot_of(once.state), y = shot_of(often.state);
    size_t at_most = difference(&x, &y);
    free(y.bytes);
    for (uint64_t lease = 1; lease <= 2; lease++) {
        assert_int_equal(world_check_in(&often, A), REFUSAL_NONE);
        world_store(&often, lease, 0x11);
        world_accept(&often, lease);
        often.now_ms += 100000;
    }
    y = shot_of(often.state);
    assert_true(reads(&y, NULL));

    y.bytes[at_most] = x.bytes[at_most];
    seal(&y);

    assert_false(reads(&y, &err));
    assert_non_null(strstr(err.msg, "contributed too often"));
    free(x.bytes);
    free(y.bytes);
    world_close(&once);
    world_close(&often);
}

static void a_snapshot_with_bytes_left_over_is_refused(void **state) {
    (void)state;
    World w;
    live(&w);
    Shot x = shot_of(w.state);
    Shot longer = {calloc(1, x.n + 1), x.n + 1};
    memcpy(longer.bytes, x.bytes, x.n - 32);
    seal(&longer);

    assert_false(reads(&longer, NULL));

    free(longer.bytes);
    free(x.bytes);
    world_close(&w);
}

static void a_crowd_of_members_survives(void **state) {
    (void)state;
    World w;
    char name[32];
    uint8_t before[32], after[32];
    world_open(&w, world_policy());
    for (unsigned i = 1; i <= 1000; i++) {
        snprintf(name, sizeof name, "git|%u|x", i);
        presence_count(w.presence, w.now_ms, 0, true);
        w.now_ms++;
        assert_int_equal(world_check_in(&w, name), REFUSAL_NONE);
        world_abort(&w, i);
    }
    engine_state_hash(w.state, before);
    Shot x = shot_of(w.state);
    engine_state_free(w.state);

    assert_true(engine_snapshot_read(x.bytes, x.n, &w.state, NULL));

    engine_state_hash(w.state, after);
    assert_memory_equal(before, after, 32);
    assert_true(engine_is_out(w.state, "git|1|x"));
    assert_true(engine_is_out(w.state, "git|1000|x"));
    assert_false(engine_is_out(w.state, "git|1001|x"));
    free(x.bytes);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_snapshot_makes_the_same_state_again),
        TEST(a_snapshot_of_a_queue_makes_the_same_queue_again),
        TEST(the_hash_is_the_same_without_the_private_parts),
        TEST(two_cannot_wait_at_one_place),
        TEST(a_state_before_its_opening_has_a_snapshot_too),
        TEST(equal_states_have_equal_snapshots_and_other_states_others),
        TEST(the_hash_of_a_known_journal_stays_the_same),
        TEST(a_flipped_bit_anywhere_is_noticed),
        TEST(a_snapshot_cut_off_anywhere_is_noticed),
        TEST(a_forged_snapshot_is_refused_or_is_a_possible_state),
        TEST(a_forged_policy_does_not_make_a_second_contribution_right),
        TEST(a_snapshot_with_bytes_left_over_is_refused),
        TEST(a_crowd_of_members_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
