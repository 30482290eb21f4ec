/* What `convoke bench` measures itself against: blst used in the straightforward way that its
 * documentation suggests, by somebody who knows how to use threads. Point by point decoding and
 * subgroup checks, blst's own multiplication, its batch inversion, its Pippenger with 128-bit
 * factors. Not part of the algebra library, and called by nothing but the bench.
 * Threads: as the pool. */
#pragma once

#include "base/err.h"
#include "base/pool.h"

#include <stdint.h>

/* out[i] = x^i * in[i]: decode, check, multiply, encode. False: a point does not decode, or memory
 * is short. Inputs must not be infinity. */
bool peer_contribute_g1(const uint8_t (*in)[48], size_t n, const uint8_t x_be[32], CvkPool *pool,
                        uint8_t (*ret)[48]) MUST_USE;
bool peer_contribute_g2(const uint8_t (*in)[96], size_t n, const uint8_t x_be[32], CvkPool *pool,
                        uint8_t (*ret)[96]) MUST_USE;

/* Are these powers of one tau? Decodes and checks every point; two 128-bit Pippengers in each
 * group; four pairings. `factors`: 16 random bytes for each G1 point. False: no verdict. */
bool peer_verify(const uint8_t (*g1)[48], size_t n_g1, const uint8_t (*g2)[96], size_t n_g2,
                 const uint8_t *factors, CvkPool *pool, bool *ret_valid) MUST_USE;
