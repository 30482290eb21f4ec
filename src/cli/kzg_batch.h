/* Batches for experiments that need nothing from outside: random polynomials, which a KZG opening
 * proves (setup/kzg_opening.h), and the setup to which that refers.
 * Threads: none, save that computations use the pool. */
#pragma once

#include "setup/kzg_opening.h"

/* A published setup from a file of either form; *ret_powers are checked, *ret_tau_g2 is power 1 in
 * G2 as it stands there. */
bool kzg_batch_setup(const char *path, CvkPool *pool, KzgPowers **ret_powers,
                     uint8_t ret_tau_g2[KZG_G2_BYTES], CvkErr *err) MUST_USE;

/* A setup of this process's own, whose secret is forgotten at once, to a new file: good for trying
 * out, where nobody has to believe that it was forgotten. `n_g1` is a power of two. */
bool kzg_batch_setup_new(const char *path, uint64_t n_g1, CvkPool *pool, CvkErr *err) MUST_USE;

/* The bytes of batch number `i` of a seed: coefficients, of which there are between half of `most`
 * and `most` (at least 1): batches differ in what they cost. The caller frees. */
uint8_t *kzg_batch_new(uint64_t seed, uint64_t i, size_t most, size_t *ret_n, CvkErr *err) MUST_USE;
