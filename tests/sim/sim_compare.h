/* How long the slot lies idle between two turns: the original's lobby, our lobby and our queue,
 * with the same people. Virtual time: the same figures on every machine. */
#pragma once

#include "sim/sim_stats.h"

#define COMPARE_SIZES 3
extern const uint32_t compare_sizes[COMPARE_SIZES]; /* people who wait */

typedef enum { COMPARE_ORIGINAL = 0, COMPARE_LOBBY, COMPARE_QUEUE, COMPARE_N } Compared;
const char *compared_name(Compared c);

typedef struct {
    Stats stats[COMPARE_SIZES][COMPARE_N];
    bool ok; /* no rule was broken meanwhile */
} Comparison;

/* `turns` turns each, of `seeds` crowds. */
void sim_compare(uint32_t turns, uint32_t seeds, Comparison *ret);
