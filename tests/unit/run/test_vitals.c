/* How a running directory does. */
#include "run/vitals.h"
#include "run/world.h"

#ifdef __linux__
#include <sys/resource.h>
#endif

static void a_server_that_keeps_time_is_well(void **state) {
    World *w = *state;
    world_pass(w, 1000);

    assert_int_equal(node_health(w->node), HEALTH_OK);
}

static void without_ticks_time_stands_still(void **state) {
    World *w = *state;
    world_pass(w, 1000);
    world_wall_ms += 3000;
    world_mono_ms += 3000;

    assert_int_equal(node_health(w->node), HEALTH_TIME);
    node_tick(w->node); /* finds the gap, and goes on behind it */
    assert_int_equal(node_health(w->node), HEALTH_OK);
}

static void a_journal_that_cannot_be_read_is_told(void **state) {
    World *w = *state;
    world_break_journal(w);
    world_pass(w, 3000);

    assert_int_not_equal(node_health(w->node), HEALTH_OK);
}

static uint64_t sum(const VerifyTimes *v) {
    uint64_t n = 0;
    for (size_t i = 0; i <= VERIFY_BOUNDS; i++)
        n += v->n[i];
    return n;
}

static void verifications_are_counted(void **state) {
    World *w = *state;
    CeremonyVitals v;
    ceremony_vitals(w->c, &v);
    assert_int_equal(sum(&v.verify), 0);
    assert_int_equal(v.sessions, 0);
    assert_int_equal(v.head_entries, 0);

    world_contribute(w, "git|1|a", 1);
    (void)world_sign_in(w, "git|2|b");

    ceremony_vitals(w->c, &v);
    assert_int_equal(sum(&v.verify), 1);
    assert_int_equal(v.sessions, 1); /* the other has ended */
    assert_int_equal(v.head_entries, feed_newest(ceremony_feed(w->c)));
}

static void the_newest_head_is_kept_over_a_restart(void **state) {
    World *w = *state;
    char before[HEAD_MAX], after[HEAD_MAX];
    SignedHead head;
    assert_false(ceremony_head(w->c, before));
    world_contribute(w, "git|1|a", 1);
    assert_true(ceremony_head(w->c, before));
    assert_true(head_read(before, strlen(before), &head, NULL));

    world_restart(w);

    assert_true(ceremony_head(w->c, after));
    assert_string_equal(after, before);
}

static void files_have_sizes(void **state) {
    World *w = *state;
    NodeVitals v;

    node_vitals(w->node, &v);

    assert_true(v.database + v.wal > 0);
    assert_true(v.disk_free > 0);
    assert_int_equal(v.jobs, 0);
}

#ifdef __linux__
static void note_priority(void *ctx) {
    *(int *)ctx = getpriority(PRIO_PROCESS, 0); /* of this thread */
}

static void workers_give_way_to_those_who_answer(void **state) {
    World *w = *state;
    int own = getpriority(PRIO_PROCESS, 0), theirs = -100;

    assert_true(cvk_pool_post(node_pool(w->node), 1, note_priority, &theirs, NULL));
    node_close(w->node); /* it has run */
    w->node = NULL;

    assert_true(theirs > own || own == 19);
    world_start(w);
}
#endif

int main(void) {
#define IN_WORLD(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_server_that_keeps_time_is_well),       IN_WORLD(without_ticks_time_stands_still),
        IN_WORLD(a_journal_that_cannot_be_read_is_told),  IN_WORLD(verifications_are_counted),
        IN_WORLD(the_newest_head_is_kept_over_a_restart), IN_WORLD(files_have_sizes),
#ifdef __linux__
        IN_WORLD(workers_give_way_to_those_who_answer),
#endif
    };
    return cmocka_run_group_tests_name("run/vitals", tests, NULL, NULL);
}
