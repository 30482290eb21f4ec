/* The initial key of a circuit (`zkey new`) from its constraints and prepared powers of tau. Its
 * bytes are snarkjs's. */
#pragma once

#include "format/ptau.h"
#include "format/r1cs.h"
#include "format/zkey.h"

/* What both are going to add to Work.meter. */
size_t zkey_make_units(const R1cs *circuit);

/* Writes `out`. A point of the powers of tau that is none is a verdict, and then nothing is
 * written. Of another curve, too few or not prepared: an error that says what is needed
 * ("zkey.curve", "ptau.power", "ptau.prepared"). Memory: about 320 bytes (bls12_381: 480) a wire
 * beside w->memory. ret_hash (may be NULL): what names the circuit's key. */
bool zkey_make(const R1cs *circuit, const Ptau *powers, const char *out, const Work *w,
               uint8_t ret_hash[BLAKE2B_BYTES], Verdict *verdict, CvkErr *err) MUST_USE;

/* The same as a file that has no name any more (in TMPDIR or /tmp), for those who compare with it:
 * it goes when *ret is closed. *ret is NULL when the verdict is no. */
bool zkey_make_unnamed(const R1cs *circuit, const Ptau *powers, const Work *w, Zkey **ret,
                       Verdict *verdict, CvkErr *err) MUST_USE;
