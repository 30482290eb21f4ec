/* Parked polls, as the API keeps them: sim_server.h has no step for what it asks the ceremony. */
#pragma once

#include "sim/sim_server.h"

/* Has the poll of `who`, who was told to wait, been parked? Then wake(ctx) comes once. */
bool sim_park(SimServer *s, const Session *who, void (*wake)(void *ctx), void *ctx);
/* The answer of a poll that was woken. */
bool sim_after_park(SimServer *s, const Session *who, Refusal *ret_refusal, uint64_t *ret_lease,
                    uint64_t *ret_state, CvkErr *err) MUST_USE;
