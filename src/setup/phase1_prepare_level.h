/* Levels of one vector: phase1_prepare.c, and its tests, which lower what limits it. */
#pragma once

#include "base/scratch.h"
#include "setup/phase1.h"

typedef struct {
    const Curve *curve;
    const Vector *v; /* checked */
    const Work *w;
    const CvkScratch *scratch;
    const CvkSink *to;
    size_t capacity;      /* how many points memory holds: a power of two */
    unsigned two_adicity; /* the largest level that has its roots of unity in the field */
    size_t unit;          /* of the meter, for one unit of points_fft */
} Levels;

/* From `first` to `last`, which is two_adicity + 1 at most; capacity^2 must be at least 2^last. */
bool levels_write(const Levels *l, unsigned first, unsigned last, CvkErr *err) MUST_USE;
