/* Memory for secrets: guarded, locked where the system allows it, wiped when freed. Never printed,
 * compared only with cvk_secret_equal. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* `n` bytes, zeroed; NULL and *err when memory is short. Free with cvk_secret_free (NULL is fine).
 * The end stands at a guard page, so the start is aligned for a type only if n is a multiple of its
 * size. Each costs four pages and some system calls: hold many secrets in one. */
void *cvk_secret_alloc(size_t n, CvkErr *err) MUST_USE;
void *cvk_secret_free(void *p);

void cvk_wipe(void *p, size_t n);

/* Overwrites the stack below the caller, where functions that have returned may have left secrets
 * (at least 64 KiB of it). For after calls into libraries that do not wipe all of theirs. */
void cvk_wipe_stack(void);
bool cvk_secret_equal(const void *a, const void *b, size_t n); /* constant time in the contents */

/* From now on a crash of this process leaves no image of its memory on disk, as far as the system
 * lets a process decide that. Cannot be taken back. */
void cvk_secret_no_dumps(void);

static inline void cvk_secret_free_at(void *at) {
    void *p;
    memcpy(&p, at, sizeof p); /* as in base/alloc.h */
    cvk_secret_free(p);
}
#define _cleanup_secret_ __attribute__((cleanup(cvk_secret_free_at)))
