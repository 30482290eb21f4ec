/* The lobby of the original server, as a model of its own (reference 4.2): no engine of ours, and
 * nothing that would make it worse than it was.
 *
 * Whoever's request arrives first while nobody is active gets the slot, whoever waits asks every
 * 30 s, and the clock of a refused call does not move. The crowd is honest and its size constant:
 * whoever has contributed is replaced by a newcomer. Threads: pure function. */
#pragma once

#include "sim/sim_people.h"
#include "sim/sim_stats.h"

/* `turns` turns with `waiting` people in the lobby, who poll as `crowd` says. */
void original_lobby(uint64_t seed, uint32_t waiting, uint32_t turns, const Crowd *crowd,
                    int64_t verify_ms, Stats *ret);
