/* BLAKE2b-512 without a key (RFC 7693), with a state that can be kept: .ptau files hold one. Not
 * for secrets' comparison; data may be secret (constant time by construction). */
#pragma once

#include "base/source.h"

#define BLAKE2B_BYTES 64
#define BLAKE2B_BLOCK 128

/* A full block stays in `buffer` until more arrives. */
typedef struct {
    uint64_t h[8];
    uint64_t t;                    /* bytes compressed so far (no input reaches 2^64) */
    uint8_t buffer[BLAKE2B_BLOCK]; /* zero behind `pos` */
    size_t pos;
} CvkBlake2b;

void cvk_blake2b_init(CvkBlake2b *b);
void cvk_blake2b_add(CvkBlake2b *b, const void *data, size_t n);
void cvk_blake2b_finish(const CvkBlake2b *b, uint8_t ret[BLAKE2B_BYTES]); /* b can go on */
void cvk_blake2b(const void *data, size_t n, uint8_t ret[BLAKE2B_BYTES]);
CvkSink cvk_sink_blake2b(CvkBlake2b *b);
