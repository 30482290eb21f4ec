/* A generated batch that is proved with Groth16 (setup/squarings.h): SQUARES_HEAD, then one to
 * SQUARES_LANES values, 32 bytes each, big endian, below the order of the curve's groups. Threads:
 * any. */
#pragma once

#include "algebra/curve.h"

#define SQUARES_HEAD "squares\n"
#define SQUARES_LANES 8

/* The values, and 0 for those that are not there. "batch.squares": it is no such batch. */
bool squares_read(const Curve *c, const uint8_t *bytes, size_t n, Fr ret[SQUARES_LANES],
                  size_t *ret_n, CvkErr *err) MUST_USE;
