/* Powers of tau to which nobody has contributed: every point is the generator. Threads: any. */
#pragma once

#include "setup/phase1.h"

/* A vector's points in that form. One unit of the meter (may be NULL) a point. */
bool phase1_new_write(const Curve *c, Phase1Vector which, unsigned power, PointForm form,
                      const CvkSink *to, CvkMeter *meter, CvkErr *err) MUST_USE;

/* The hash of the first challenge: of the hash of nothing, and those points uncompressed. Units of
 * the meter: phase1_points. Hashes 384 bytes (bls12_381: 576) for each of the 2^power. */
void phase1_first_challenge(const Curve *c, unsigned power, CvkMeter *meter,
                            uint8_t ret[BLAKE2B_BYTES]);
