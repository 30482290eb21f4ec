/* Inverses modulo a prime of 254 bits by the division steps of Bernstein and Yang ("Fast
 * constant-time gcd computation and modular inversion", 2019). Threads: no state. */
#pragma once

#include "algebra/mont4.h"

/* Both in Montgomery form; 0 for 0. Constant time: 590 steps, which are enough for 256 bits. About
 * 2 us, a third of what an exponentiation takes. */
void mont4_inverse(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]);

/* The same for public values: half the time. */
void mont4_inverse_public(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]);
