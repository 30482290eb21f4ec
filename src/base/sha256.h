/* SHA-256, one piece or many. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SHA256_BYTES 32

typedef struct CvkSha256 CvkSha256;

CvkSha256 *cvk_sha256_new(CvkErr *err) MUST_USE;
void cvk_sha256_add(CvkSha256 *h, const void *data, size_t n);
void cvk_sha256_finish(CvkSha256 *h, uint8_t ret[SHA256_BYTES]); /* then only free it */
CvkSha256 *cvk_sha256_free(CvkSha256 *h);

void cvk_sha256(const void *data, size_t n, uint8_t ret[SHA256_BYTES]);
/* Of the byte `tag` and then the data: what has another tag never has the same digest. */
void cvk_sha256_tagged(uint8_t tag, const void *data, size_t n, uint8_t ret[SHA256_BYTES]);
/* Of what is left of a file, and how many bytes that is. */
bool cvk_sha256_file(FILE *f, uint64_t *ret_size, uint8_t ret[SHA256_BYTES], CvkErr *err) MUST_USE;
void cvk_hmac_sha256(const uint8_t key[32], const void *data, size_t n, uint8_t ret[SHA256_BYTES]);
