/* A million submissions that nobody made, for what is measured of analyses. Pure: the same each
 * time.
 */
#pragma once

#include "market/panel.h"

#define BENCH_PEOPLE 1000u
#define BENCH_BATCHES 1000u
#define BENCH_SUBMISSIONS ((size_t)BENCH_PEOPLE * BENCH_BATCHES)

extern const char *const BENCH_ACCELERATIONS[3];

/* Batches differ in difficulty, provers in speed, cost and margin; everybody has an own order, and
 * becomes quicker. All of the first participant's, then all of the second's, ... */
bool bench_each_submission(bool (*fn)(void *ctx, const PanelRow *r, CvkErr *err), void *ctx,
                           CvkErr *err) MUST_USE;
