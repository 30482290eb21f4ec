/* The initial key of a circuit (`zkey new`) from its constraints and prepared powers of tau. Its
 * bytes are snarkjs's. */
#pragma once

#include "format/zkey.h"

/* Writes `out`. A point of the powers of tau that is none is a verdict, and then nothing is
 * written; powers that are too few or not prepared are an error that says what is needed
 * ("ptau.power", "ptau.prepared"). Memory: about 320 bytes (bls12_381: 480) a signal beside
 * w->memory. */
bool zkey_make(const char *r1cs, const char *ptau, const char *out, const Work *w, Verdict *verdict,
               CvkErr *err) MUST_USE;

/* The same as a file that has no name any more, for those who compare with it: it goes when *ret is
 * closed. *ret is NULL when the verdict is no. */
bool zkey_make_unnamed(const char *r1cs, const char *ptau, const Work *w, Zkey **ret,
                       Verdict *verdict, CvkErr *err) MUST_USE;
