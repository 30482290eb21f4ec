/* Which curve a file is about: its header gives a prime. Threads: any. */
#pragma once

#include "algebra/curve.h"

#define CURVES_SUPPORTED "bn254 (bn128) and bls12_381"

/* All that are supported. */
#define CURVES_N 2
const Curve *curves_at(size_t i); /* i < CURVES_N */

/* The curve whose base field, or whose scalar field, has this prime of n bytes, little endian.
 * NULL: none that is supported. */
const Curve *curves_with_base(const uint8_t *prime_le, size_t n);
const Curve *curves_with_order(const uint8_t *prime_le, size_t n);

/* By the name that people and programs use: bn254 or bn128, bls12_381, bls12-381 or bls12381.
 * "curve.unknown". */
bool curves_named(const char *name, const Curve **ret, CvkErr *err) MUST_USE;
