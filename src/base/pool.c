#include "base/pool.h"

#include "base/alloc.h"

#include <assert.h>
#include <pthread.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/resource.h>
#endif

#define THREADS_MAX 256u
#define BEHIND_NICE 10 /* a tenth of the time of those who are as they were */
#define STACK_LEAST ((size_t)1 << 20)

typedef struct Job {
    struct Job *next;
    void (*fn)(void *ctx);
    void *ctx;
} Job;

/* One parallel loop. It lives on the stack of the thread that called cvk_pool_each, linked into the
 * pool's list while turns are left to hand out. */
typedef struct Loop {
    struct Loop *next;
    void (*fn)(void *ctx, size_t i);
    void *ctx;
    size_t n, handed_out, finished;
    pthread_cond_t done;
} Loop;

struct CvkPool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    Job *first, **last;
    size_t queued;
    Loop *loops; /* those with turns left, oldest last */
    bool stopping;
    bool behind; /* never changes */
    unsigned n_threads;
    pthread_t threads[THREADS_MAX];
};

static void unlink_loop(CvkPool *pool, Loop *loop) {
    for (Loop **at = &pool->loops; *at != NULL; at = &(*at)->next)
        if (*at == loop) {
            *at = loop->next;
            return;
        }
}

/* Takes one turn of `loop` and runs it. The lock is held on entry and on return. */
static void run_turn(CvkPool *pool, Loop *loop) {
    size_t i = loop->handed_out++;
    if (loop->handed_out == loop->n)
        unlink_loop(pool, loop);
    pthread_mutex_unlock(&pool->lock);
    loop->fn(loop->ctx, i);
    pthread_mutex_lock(&pool->lock);
    if (++loop->finished == loop->n)
        pthread_cond_signal(&loop->done);
}

static void run_job(CvkPool *pool) {
    Job *job = pool->first;
    pool->first = job->next;
    if (pool->first == NULL)
        pool->last = &pool->first;
    pool->queued--;
    pthread_mutex_unlock(&pool->lock);
    job->fn(job->ctx);
    free(job);
    pthread_mutex_lock(&pool->lock);
}

/* POSIX would lower the whole process; on Linux it is this thread. */
static void go_behind(void) {
#ifdef __linux__
    (void)!setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + BEHIND_NICE);
#endif
}

static void *worker(void *arg) {
    CvkPool *pool = arg;
    if (pool->behind)
        go_behind();
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        if (pool->loops != NULL)
            run_turn(pool, pool->loops); /* a loop has somebody waiting: it goes before a new job */
        else if (pool->first != NULL)
            run_job(pool);
        else if (pool->stopping)
            break;
        else
            pthread_cond_wait(&pool->work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static unsigned default_threads(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 2 ? (unsigned)cores - 1 : 1;
}

/* Blocks of points lie on the stack (algebra/bn254_ladder.inc: 205 KiB): some C libraries give a
 * thread less than that. */
static bool start_worker(CvkPool *pool, pthread_t *ret) {
    pthread_attr_t attr;
    size_t stack;
    if (pthread_attr_init(&attr) != 0)
        return false;
    bool ok = pthread_attr_getstacksize(&attr, &stack) == 0 &&
              (stack >= STACK_LEAST || pthread_attr_setstacksize(&attr, STACK_LEAST) == 0) &&
              pthread_create(ret, &attr, worker, pool) == 0;
    pthread_attr_destroy(&attr);
    return ok;
}

static CvkPool *pool_new(unsigned threads, bool behind, CvkErr *err) {
    CvkPool *pool = cvk_alloc(1, sizeof *pool, err);
    if (pool == NULL)
        return NULL;
    pool->behind = behind;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pool->last = &pool->first;
    unsigned want = threads != 0 ? threads : default_threads();
    if (want > THREADS_MAX)
        want = THREADS_MAX;
    for (; pool->n_threads < want; pool->n_threads++)
        if (!start_worker(pool, &pool->threads[pool->n_threads]))
            break;
    if (pool->n_threads == 0) {
        cvk_fail(err, CVK_EINTERNAL, "pool.threads", "cannot start a worker thread");
        return cvk_pool_free(pool);
    }
    return pool;
}

CvkPool *cvk_pool_new(unsigned threads, CvkErr *err) {
    return pool_new(threads, false, err);
}

CvkPool *cvk_pool_new_behind(unsigned threads, CvkErr *err) {
    return pool_new(threads, true, err);
}

CvkPool *cvk_pool_free(CvkPool *pool) {
    if (pool == NULL)
        return NULL;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    assert(pool->first == NULL && pool->loops == NULL);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
    return NULL;
}

unsigned cvk_pool_width(const CvkPool *pool) {
    return pool != NULL ? pool->n_threads + 1 : 1;
}

size_t cvk_pool_waiting(CvkPool *pool) {
    pthread_mutex_lock(&pool->lock);
    size_t n = pool->queued;
    pthread_mutex_unlock(&pool->lock);
    return n;
}

void cvk_pool_each(CvkPool *pool, size_t n, void (*fn)(void *ctx, size_t i), void *ctx) {
    if (pool == NULL || n < 2) {
        for (size_t i = 0; i < n; i++)
            fn(ctx, i);
        return;
    }
    Loop loop = {.fn = fn, .ctx = ctx, .n = n};
    pthread_cond_init(&loop.done, NULL);
    pthread_mutex_lock(&pool->lock);
    loop.next = pool->loops;
    pool->loops = &loop;
    pthread_cond_broadcast(&pool->work);
    while (loop.handed_out < loop.n)
        run_turn(pool, &loop);
    while (loop.finished < loop.n)
        pthread_cond_wait(&loop.done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_destroy(&loop.done);
}

bool cvk_pool_post(CvkPool *pool, size_t max_queued, void (*fn)(void *ctx), void *ctx,
                   CvkErr *err) {
    Job *job = cvk_alloc(1, sizeof *job, err);
    if (job == NULL)
        return false;
    *job = (Job){.fn = fn, .ctx = ctx};
    pthread_mutex_lock(&pool->lock);
    bool room = pool->queued < max_queued;
    if (room) {
        *pool->last = job;
        pool->last = &job->next;
        pool->queued++;
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    if (room)
        return true;
    free(job);
    return cvk_fail(err, CVK_ELIMIT, "pool.full", "%zu jobs are waiting: try again later",
                    max_queued);
}
