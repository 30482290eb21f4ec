/* A contribution to a Groth16 key: delta times a secret d, and L and H by 1/d.
 *
 * In two steps, because files hold the header before the vectors: phase2_contribute draws d and
 * makes all that is small; phase2_scale then multiplies the vectors, block by block, in whatever
 * order they are written. A beacon is the same with the beacon's draw.
 * INVARIANT: d is neither 0 nor 1; it and its inverse live in guarded memory until
 * phase2_step_done. Constant time in both. Threads: a step is immutable once made. */
#pragma once

#include "setup/phase2.h"

typedef struct {
    Phase2Header header;             /* as the old one, with the new deltas */
    Phase2Contribution contribution; /* to be added to the list */
    struct Phase2Secrets *secrets;   /* d and 1/d, guarded */
} Phase2Step;

/* Draws d, then g1_s. `draw` holds the secret and is the caller's to wipe. False: "zkey.delta" (the
 * old key's delta is not what its contributions say, so nothing can be built on it), "zkey.secret"
 * (d is 0 or 1: chance one in 2^253), memory. */
bool phase2_contribute(const Phase2Key *old, Draw *draw, const ContributionParams *params,
                       Phase2Step *ret, CvkErr *err) MUST_USE;
void phase2_step_done(Phase2Step *s); /* wipes; twice is fine */

/* Writes L or H times 1/d, in the vector's own form; infinite points stay. A point that is none is
 * an error with vector_read's id: nobody wants to multiply such a thing by a secret. Units: one a
 * point. */
bool phase2_scale(const Phase2Step *s, const Vector *old, const Work *w, const CvkSink *to,
                  CvkErr *err) MUST_USE;
