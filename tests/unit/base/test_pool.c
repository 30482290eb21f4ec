#include "base/pool.h"
#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

/* ThreadSanitizer judges these as much as the assertions do: make tsan. */

#define TURNS 500

typedef struct {
    CvkPool *pool;
    atomic_uint hits[TURNS];
    atomic_uint inner;
} Hits;

static void hit(void *ctx, size_t i) {
    Hits *h = ctx;
    atomic_fetch_add(&h->hits[i], 1);
}

static void assert_each_once(Hits *h, size_t n) {
    for (size_t i = 0; i < TURNS; i++)
        assert_int_equal(atomic_load(&h->hits[i]), i < n ? 1 : 0);
}

static CvkPool *pool_of(unsigned threads) {
    CvkErr err;
    CvkPool *pool = cvk_pool_new(threads, &err);
    assert_non_null(pool);
    return pool;
}

static void each_turn_runs_exactly_once(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 2, 3, 7, TURNS};
    CvkPool *pool = pool_of(3);
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        Hits h = {.pool = pool};

        cvk_pool_each(pool, counts[k], hit, &h);

        assert_each_once(&h, counts[k]);
    }
    assert_null(cvk_pool_free(pool));
}

static void without_a_pool_the_caller_does_all(void **state) {
    (void)state;
    Hits h = {.pool = NULL};

    cvk_pool_each(NULL, TURNS, hit, &h);

    assert_each_once(&h, TURNS);
    assert_int_equal(cvk_pool_width(NULL), 1);
    assert_null(cvk_pool_free(NULL));
}

static void the_width_counts_the_caller(void **state) {
    (void)state;
    CvkPool *pool = pool_of(3), *usual = pool_of(0);

    assert_int_equal(cvk_pool_width(pool), 4);
    assert_true(cvk_pool_width(usual) >= 2);

    cvk_pool_free(pool);
    cvk_pool_free(usual);
}

static void count_inner(void *ctx, size_t i) {
    Hits *h = ctx;
    (void)i;
    atomic_fetch_add(&h->inner, 1);
}

static void hit_and_loop(void *ctx, size_t i) {
    Hits *h = ctx;
    atomic_fetch_add(&h->hits[i], 1);
    cvk_pool_each(h->pool, 20, count_inner, h);
}

static void loops_may_stand_in_loops(void **state) {
    (void)state;
    CvkPool *pool = pool_of(2);
    Hits h = {.pool = pool};

    cvk_pool_each(pool, 50, hit_and_loop, &h);

    assert_each_once(&h, 50);
    assert_int_equal(atomic_load(&h.inner), 50 * 20);
    cvk_pool_free(pool);
}

/* Waits on a condition, so that no test sleeps. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    unsigned done;
    CvkPool *pool;
    atomic_uint inner;
} Gate;

static void gate_init(Gate *g, CvkPool *pool) {
    *g = (Gate){.pool = pool};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
}

static void gate_done(Gate *g) {
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
}

static void gate_change(Gate *g, bool open, unsigned more) {
    pthread_mutex_lock(&g->lock);
    g->open = g->open || open;
    g->done += more;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

static void gate_wait(Gate *g, unsigned done) {
    pthread_mutex_lock(&g->lock);
    while (done != 0 ? g->done < done : !g->open)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void finish_job(void *ctx) {
    gate_change(ctx, false, 1);
}

static void wait_for_the_gate(void *ctx) {
    gate_wait(ctx, 0);
    gate_change(ctx, false, 1);
}

static void inner_turn(void *ctx, size_t i) {
    Gate *g = ctx;
    (void)i;
    atomic_fetch_add(&g->inner, 1);
}

static void looping_job(void *ctx) {
    Gate *g = ctx;
    cvk_pool_each(g->pool, 30, inner_turn, g);
    gate_change(g, false, 1);
}

static void jobs_that_loop_all_finish_on_one_worker(void **state) {
    (void)state;
    CvkErr err;
    CvkPool *pool = pool_of(1);
    Gate g;
    gate_init(&g, pool);

    for (int i = 0; i < 40; i++)
        assert_true(cvk_pool_post(pool, 40, looping_job, &g, &err));
    gate_wait(&g, 40);

    assert_int_equal(atomic_load(&g.inner), 40 * 30);
    cvk_pool_free(pool);
    gate_done(&g);
}

static void a_loop_does_not_wait_for_a_busy_worker(void **state) {
    (void)state;
    CvkErr err;
    CvkPool *pool = pool_of(1);
    Gate g;
    Hits h = {.pool = pool};
    gate_init(&g, pool);
    assert_true(cvk_pool_post(pool, 8, wait_for_the_gate, &g, &err));

    cvk_pool_each(pool, TURNS, hit, &h); /* would hang if it needed the worker */

    assert_each_once(&h, TURNS);
    gate_change(&g, true, 0);
    cvk_pool_free(pool);
    gate_done(&g);
}

static void *loop_many_times(void *arg) {
    CvkPool *pool = arg;
    for (int k = 0; k < 20; k++) {
        Hits h = {.pool = pool};
        cvk_pool_each(pool, 40, hit_and_loop, &h);
        for (size_t i = 0; i < 40; i++)
            if (atomic_load(&h.hits[i]) != 1 || atomic_load(&h.inner) != 40 * 20)
                return arg;
    }
    return NULL;
}

static void many_threads_may_loop_at_once(void **state) {
    (void)state;
    CvkPool *pool = pool_of(3);
    pthread_t threads[8];
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, loop_many_times, pool), 0);

    for (size_t i = 0; i < 8; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    cvk_pool_free(pool);
}

static void too_many_waiting_jobs_are_refused(void **state) {
    (void)state;
    CvkErr err = {.code = CVK_OK};
    CvkPool *pool = pool_of(1);
    Gate g;
    gate_init(&g, pool);

    assert_false(cvk_pool_post(pool, 0, finish_job, &g, &err));

    assert_int_equal(err.code, CVK_ELIMIT);
    assert_string_equal(err.id, "pool.full");
    assert_true(cvk_pool_post(pool, 1, finish_job, &g, &err));
    gate_wait(&g, 1);
    cvk_pool_free(pool);
    gate_done(&g);
}

static void post_another(void *ctx) {
    Gate *g = ctx;
    CvkErr err;
    if (cvk_pool_post(g->pool, 100, finish_job, g, &err))
        gate_change(g, false, 1);
}

static void freeing_runs_what_was_posted_and_what_that_posts(void **state) {
    (void)state;
    CvkErr err;
    CvkPool *pool = pool_of(2);
    Gate g;
    gate_init(&g, pool);
    for (int i = 0; i < 50; i++)
        assert_true(cvk_pool_post(pool, 100, post_another, &g, &err));

    cvk_pool_free(pool);

    assert_int_equal(g.done, 100);
    gate_done(&g);
}

#ifdef __linux__
static void note_priority(void *ctx) {
    *(int *)ctx = getpriority(PRIO_PROCESS, 0);
}

static int priority_in(CvkPool *pool) {
    int found = -100;
    assert_non_null(pool);
    assert_true(cvk_pool_post(pool, 1, note_priority, &found, NULL));
    cvk_pool_free(pool); /* it has run */
    return found;
}

static void only_a_pool_behind_gives_way_to_others(void **state) {
    (void)state;
    int own = getpriority(PRIO_PROCESS, 0);

    assert_int_equal(priority_in(cvk_pool_new(1, NULL)), own);
    assert_true(priority_in(cvk_pool_new_behind(1, NULL)) > own || own == 19);

    assert_int_equal(getpriority(PRIO_PROCESS, 0), own);
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_turn_runs_exactly_once),
        TEST(without_a_pool_the_caller_does_all),
        TEST(the_width_counts_the_caller),
        TEST(loops_may_stand_in_loops),
        TEST(jobs_that_loop_all_finish_on_one_worker),
        TEST(a_loop_does_not_wait_for_a_busy_worker),
        TEST(many_threads_may_loop_at_once),
        TEST(too_many_waiting_jobs_are_refused),
        TEST(freeing_runs_what_was_posted_and_what_that_posts),
#ifdef __linux__
        cmocka_unit_test(only_a_pool_behind_gives_way_to_others),
#endif
    };
    return cmocka_run_group_tests_name("base/pool", tests, NULL, NULL);
}
