/* Powers of tau to which nobody has contributed: every point is the generator. Threads: any. */
#pragma once

#include "setup/phase1.h"

/* A vector's points in that form. One unit of the meter (may be NULL) a point. */
bool phase1_new_write(const Curve *c, Phase1Vector which, unsigned power, PointForm form,
                      const CvkSink *to, CvkMeter *meter, CvkErr *err) MUST_USE;

/* What the first contribution is chained to: the hash of that state, for which the whole of it is
 * hashed, 384 or 576 bytes times 2^power; from power 20 on it is known. The units are those of the
 * meter, which may be NULL. */
void phase1_first_challenge(const Curve *c, unsigned power, CvkMeter *meter,
                            uint8_t ret[BLAKE2B_BYTES]);
size_t phase1_first_challenge_units(const Curve *c, unsigned power);
