/* Prepare phase 2: the Lagrange bases of every power of two, of which each circuit takes the one of
 * its domain.
 *
 * Level p of a vector is the inverse transform of its first 2^p points. The levels of tauG1 go one
 * further than the others: the last entry of that one is infinity, as the powers end before it. A
 * level that does not fit in Work.memory is transformed by columns and rows over a scratch file
 * that then takes as much room as the level; the result is the same. Nothing can be saved by
 * deriving a level from the one below: every one is a transform of its own.
 * Threads: one caller; the work is spread over Work.pool. */
#pragma once

#include "base/scratch.h"
#include "setup/phase1.h"

/* Level 0 up to this one, of tauG1, tauG2, alphaTauG1 or betaTauG1. */
unsigned phase1_prepare_top(Phase1Vector which, unsigned power);

/* The levels of one vector from `first` on to `to`, FORM_MONTGOMERY. All points are checked first:
 * one that is none is an error with vector_read's id. The state's form must be one whose zeros
 * are infinity: FORM_MONTGOMERY, FORM_UNCOMPRESSED. */
bool phase1_prepare(const Phase1State *s, Phase1Vector which, unsigned first, const Work *w,
                    const CvkScratch *scratch, const CvkSink *to, CvkErr *err) MUST_USE;
size_t phase1_prepare_units(Phase1Vector which, unsigned power, unsigned first);
