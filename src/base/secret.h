/* Memory for secrets: guarded, locked where the system allows it, wiped when freed. Never printed,
 * compared only with cvk_secret_equal. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* `n` bytes, zeroed; NULL and *err when memory is short. Free with cvk_secret_free (NULL is fine).
 */
void *cvk_secret_alloc(size_t n, CvkErr *err) MUST_USE;
void *cvk_secret_free(void *p);

void cvk_wipe(void *p, size_t n);
bool cvk_secret_equal(const void *a, const void *b, size_t n); /* constant time in the contents */

static inline void cvk_secret_free_at(void *p) {
    void **at = p;
    *at = cvk_secret_free(*at);
}
#define _cleanup_secret_ __attribute__((cleanup(cvk_secret_free_at)))
