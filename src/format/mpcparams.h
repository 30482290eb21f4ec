/* Groth16 keys as bellman's MPCParameters (kobigurk's phase2-bn254, snarkjs's `zkey export
 * bellman`) travel between contributors, both ways. All numbers are big endian and all points are
 * in FORM_UNCOMPRESSED:
 *
 *     alpha1 beta1 beta2 gamma2 delta1 delta2
 *     u32 n, IC    u32 n, H    u32 n, L    u32 n, A    u32 n, B1    u32 n, B2
 *     csHash    u32 n, contributions: deltaAfter g1_s g1_sx g2_spx transcript
 *
 * H is in another basis than in a .zkey, and one point shorter (setup/phase2_basis.h). Names of
 * contributions, beacons and the circuit's coefficients are not carried.
 *
 * INVARIANT. Mpcparams that are open have been checked in everything but the points of their
 * vectors, which vector_read checks. Threads: immutable once open. */
#pragma once

#include "setup/phase2.h"

typedef struct Mpcparams Mpcparams;

/* The file does not say which curve it is of: its first point shows it. Errors: "file.truncated",
 * "file.trailing", "mpcparams.curve", "mpcparams.count", "mpcparams.point", "limit.count". */
bool mpcparams_open(const char *path, Mpcparams **ret, CvkErr *err) MUST_USE;
bool mpcparams_memory(const void *data, size_t n, const char *name, Mpcparams **ret,
                      CvkErr *err) MUST_USE;
Mpcparams *mpcparams_close(Mpcparams *m); /* NULL is fine; returns NULL */

/* Lives as long as m. v[PHASE2_H] has header.domain - 1 points; there are no coefficients. */
const Phase2Key *mpcparams_key(const Mpcparams *m);

/* Writes a vector that has no bytes yet, in FORM_UNCOMPRESSED, exactly as many points as it says.
 */
typedef struct {
    bool (*vector)(void *ctx, Phase2Vector which, const CvkSink *to, CvkErr *err);
    void *ctx;
} MpcparamsMaker;

/* The file appears when it is complete. `key` as mpcparams_key gives it; vectors may lie in any
 * form; those whose source has `read` = NULL are asked of `maker` (NULL: there are none). A point
 * that is none is a verdict, and then nothing is written. */
bool mpcparams_write(const char *path, const Phase2Key *key, const MpcparamsMaker *maker,
                     const Work *w, Verdict *verdict, CvkErr *err) MUST_USE;
