/* Keccak-256 as Ethereum uses it: the original padding (0x01), not SHA-3's.
 * Source: the Keccak reference, rate 1088, capacity 512. Inputs here are about 1 KB. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define KECCAK256_BYTES 32

void cvk_keccak256(const void *data, size_t n, uint8_t ret[KECCAK256_BYTES]);

/* Of `head` followed by `data`. */
void cvk_keccak256_joined(const void *head, size_t head_n, const void *data, size_t n,
                          uint8_t ret[KECCAK256_BYTES]);
