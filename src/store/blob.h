/* Blobs: immutable files named by the sha256 of their contents, DIR/blobs/ab/abcdef...; written as
 * a temporary file in DIR/tmp, synced, renamed. After a crash a blob is there whole or not at all.
 * Threads: any; a writer belongs to one. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct BlobWriter BlobWriter;

bool blob_dirs_make(const char *dir, CvkErr *err) MUST_USE; /* DIR/blobs and DIR/tmp */
void blob_tmp_clear(const char *dir);                       /* at start: what a crash left behind */

BlobWriter *blob_writer_new(const char *dir, size_t max, CvkErr *err) MUST_USE;
/* Over max: CVK_ELIMIT "blob.big"; a full disk: CVK_EBACKEND "blob.full". */
bool blob_write(BlobWriter *w, const void *data, size_t n, CvkErr *err) MUST_USE;
/* All bytes are in the temporary file: its hash and a descriptor to read it from (owned by w, at
 * offset 0; valid until blob_writer_free). Nothing may be written any more. */
bool blob_seal(BlobWriter *w, uint8_t ret_hash[32], int *ret_fd, CvkErr *err) MUST_USE;
/* Makes it durable under its name; one that is there already is fine. After blob_seal, once. */
bool blob_keep(BlobWriter *w, CvkErr *err) MUST_USE;
/* Removes what blob_keep of this writer brought; a blob that was there before stays. */
void blob_take_back(BlobWriter *w);
BlobWriter *blob_writer_free(BlobWriter *w); /* not kept: removed. NULL is fine; returns NULL */

/* The caller closes the descriptor. CVK_ENOTFOUND "blob.none"; anything but a plain file is refused
 * ("blob.kind"). The contents are not hashed again. */
bool blob_open(const char *dir, const uint8_t hash[32], int *ret_fd, uint64_t *ret_size,
               CvkErr *err) MUST_USE;
/* The same, with a look at the contents: CVK_EBACKEND "blob.damaged" when they are not those that
 * the name says. ~3 ms a MB. */
bool blob_open_checked(const char *dir, const uint8_t hash[32], int *ret_fd, CvkErr *err) MUST_USE;
/* "" when it does not fit. */
void blob_path(const char *dir, const uint8_t hash[32], char *ret, size_t cap);
