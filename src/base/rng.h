/* Randomness. Two kinds, never mixed up:
 *
 * - cvk_random: the operating system's, for keys, secrets and the seeds of checks. It cannot fail
 *   (libsodium stops the program where the system has none).
 * - CvkStream: a deterministic stream expanded from a 32-byte seed (ChaCha20, the label as nonce),
 * for the random factors of a check whose seed the caller drew after the data arrived; tests give a
 *   fixed seed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CVK_SEED_BYTES 32

void cvk_random(void *ret, size_t n);

/* Writes n bytes of the stream of (seed, label) to ret. Different labels give independent streams:
 * take one for each use of a seed. */
void cvk_stream(const uint8_t seed[CVK_SEED_BYTES], uint64_t label, void *ret, size_t n);

/* Block number `block` of that stream alone: bytes [64 * block, 64 * block + 64). */
#define CVK_STREAM_BLOCK 64
void cvk_stream_block(const uint8_t seed[CVK_SEED_BYTES], uint64_t label, uint64_t block,
                      uint8_t ret[CVK_STREAM_BLOCK]);

/* A random version-4 UUID in lower case, 36 characters and a zero byte, from 16 given bytes. */
void cvk_uuid4(const uint8_t bytes[16], char ret[37]);
