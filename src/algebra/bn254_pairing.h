/* The optimal ate pairing of bn254. Public values only; variable time. Threads: no state. */
#pragma once

#include "algebra/backend.h"

/* For the curve's table, see struct Curve. */
void bn254_miller(const PairingTerm *terms, size_t n, Gt *ret);
void bn254_gt_mul(const Gt *a, const Gt *b, Gt *ret);
bool bn254_gt_is_one(const Gt *a);
void bn254_gt_coordinates(const Gt *a, uint8_t *ret);
