/* The powers of tau of one sub-setup, decoded and checked.
 *
 * INVARIANT: a KzgPowers that exists holds only points on the curve, in the prime subgroup, not
 * infinity (algebra's Points); its first powers are the generators; and both vectors are powers of
 * one tau: e(G1[i+1], g2) = e(G1[i], G2[1]) and e(G1[i], g2) = e(g1, G2[i]), up to 2^-120 for
 * whoever could not foresee the seed. Threads: immutable once made; share freely. */
#pragma once

#include "algebra/curve.h"
#include "setup/kzg_report.h"
#include "setup/kzg_wire.h"

typedef struct {
    Points *g1, *g2;
} KzgPowers;

/* Checks `wire` as far as it can be without its past: counts against `size`, decoding, generators
 * first, f and g of the reference's 3.2. *ret_powers is set exactly when the report is KZG_VALID;
 * the caller frees it. The seed must be drawn after the bytes arrived. False: no verdict
 * ("kzg.sizes": `size` is not valid). About 30 us a G1 point and thread. */
bool kzg_powers_check(const KzgPowersWire *wire, KzgSize size, const uint8_t seed[CVK_SEED_BYTES],
                      CvkPool *pool, KzgPowers **ret_powers, KzgReport *ret_report,
                      CvkErr *err) MUST_USE;

KzgPowers *kzg_powers_free(KzgPowers *p); /* NULL is fine; returns NULL */
