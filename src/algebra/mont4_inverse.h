/* Inverses modulo a prime of 254 bits. In constant time by the division steps of Bernstein and Yang
 * ("Fast constant-time gcd computation and modular inversion", 2019); of public values by a binary
 * gcd that looks at both ends of the numbers, after Pornin ("Optimized Binary GCD for Modular
 * Inversion", 2020). Threads: no state. */
#pragma once

#include "algebra/mont4.h"

/* Both in Montgomery form; 0 for 0. Constant time: 590 steps, which are enough for 256 bits. About
 * 2 us, a third of what an exponentiation takes. */
void mont4_inverse(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]);

/* The same for public values: 0.4 of that time. */
void mont4_inverse_public(const Mont4 *m, uint64_t ret[4], const uint64_t a[4]);
