/* Condition variables whose time-outs do not jump with the wall clock. Threads: any. */
#pragma once

#include <pthread.h>
#include <stdint.h>

/* Like pthread_cond_init; to be waited for with cvk_cond_wait_ms (or pthread_cond_wait). */
void cvk_cond_init(pthread_cond_t *cond);
/* Waits for a signal, at most so many milliseconds; it may wake for no reason, as any of its kind.
 */
void cvk_cond_wait_ms(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms);
