/* A fixed set of worker threads, for two things: jobs that somebody else waits for (verify this
 * contribution, then wake that connection), and loops whose turns are independent (decode 32768
 * points). A job may run such a loop: the caller always works along, so nothing can wait for
 * itself.
 *
 * Threads: all functions may be called from any thread, save cvk_pool_free. */
#pragma once

#include "base/err.h"

#include <stddef.h>

typedef struct CvkPool CvkPool;

/* `threads` workers; 0 = one fewer than the machine has cores, at least one. */
CvkPool *cvk_pool_new(unsigned threads, CvkErr *err) MUST_USE;

/* The same; where the system can do it (Linux), everything else in the process goes before the
 * workers: whoever shares it with them stays quick. */
CvkPool *cvk_pool_new_behind(unsigned threads, CvkErr *err) MUST_USE;

/* Runs what was posted to its end, then stops. NULL is fine; returns NULL. */
CvkPool *cvk_pool_free(CvkPool *pool);

/* How many threads work on a loop: the workers and the caller. 1 for NULL. */
unsigned cvk_pool_width(const CvkPool *pool);

/* Jobs that no worker has taken yet. */
size_t cvk_pool_waiting(CvkPool *pool);

/* Calls fn(ctx, i) once for each i in [0, n), in any order, on the workers and the calling thread;
 * returns when all have returned. pool == NULL: all on the calling thread. */
void cvk_pool_each(CvkPool *pool, size_t n, void (*fn)(void *ctx, size_t i), void *ctx);

/* Queues fn(ctx). False (CVK_ELIMIT, "pool.full") when `max_queued` jobs already wait. */
bool cvk_pool_post(CvkPool *pool, size_t max_queued, void (*fn)(void *ctx), void *ctx,
                   CvkErr *err) MUST_USE;
