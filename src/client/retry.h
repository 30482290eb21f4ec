/* How long to wait before trying again: doubling from `first_ms` to `cap_ms`, each wait somewhere
 * in its upper half, so that a thousand clients whose server came back do not all knock at once.
 * Pure: randomness and time come from the caller. Threads: any. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t first_ms, cap_ms;
    int64_t give_up_ms; /* of failures without a break */
} RetryPolicy;

/* A server that has answered before is waited for; one that never has may be a wrong address. */
#define RETRY_FIRST_CONTACT ((RetryPolicy){.first_ms = 1000, .cap_ms = 10000, .give_up_ms = 45000})
#define RETRY_NETWORK ((RetryPolicy){.first_ms = 1000, .cap_ms = 60000, .give_up_ms = 1800000})

/* `attempt` counts the failures so far, from 1. In [d / 2, d] for the doubled d. */
int64_t retry_delay_ms(const RetryPolicy *p, unsigned attempt, uint32_t random);

/* Failing since `since_ms`: is it time to give up? */
bool retry_is_over(const RetryPolicy *p, int64_t since_ms, int64_t now_ms);

/* What a server's Retry-After (seconds; negative: absent) makes of a wait that would be
 * `otherwise_ms`: at least one second, at most one hour. */
int64_t retry_after_ms(int64_t retry_after_s, int64_t otherwise_ms);
