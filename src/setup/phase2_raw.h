/* A subtraction of points done on words that may be no point at all: what snarkjs puts into a
 * circuit's hash where it reads past a section's end (see phase2_circuit_hash). Public data only.
 * Threads: any. */
#pragma once

#include "algebra/curve.h"

/* minuend, subtrahend: x, y of G1 as in FORM_MONTGOMERY, of which only the subtrahend's must be a
 * point, not infinity. ret: form_bytes(G1, FORM_UNCOMPRESSED). */
void phase2_raw_subtract(const Curve *c, const uint8_t *minuend, const uint8_t *subtrahend,
                         uint8_t *ret);
