/* Powers of tau to which nobody has contributed: every point is the generator. Threads: any. */
#pragma once

#include "setup/phase1.h"

/* A vector's points in that form. One unit of the meter (may be NULL) a point. */
bool phase1_new_write(const Curve *c, Phase1Vector which, unsigned power, PointForm form,
                      const CvkSink *to, CvkMeter *meter, CvkErr *err) MUST_USE;
