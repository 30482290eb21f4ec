/* Memory: plain calloc and realloc with overflow checks, freed with free(). */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* `n` items of `size` bytes, zeroed; n == 0 gives a valid pointer to nothing. NULL and *err
 * (CVK_EINTERNAL, "memory.short") when memory is short or n * size overflows. */
void *cvk_alloc(size_t n, size_t size, CvkErr *err) MUST_USE;

/* The same for anything sized by a peer: over `cap` items is CVK_ELIMIT with id "limit.count". */
void *cvk_try_alloc(size_t n, size_t size, size_t cap, CvkErr *err) MUST_USE;

/* Room for item n + 1 of an array that grows: n of *cap items of `size` bytes are used. `at` is the
 * address of a pointer to them of any type, NULL at first; what is new is not zeroed. False
 * (CVK_EINTERNAL "memory.short"): nothing has changed. Amortized constant. */
bool cvk_grow(void *at, size_t n, size_t *cap, size_t size, CvkErr *err) MUST_USE;

/* A copy of a string; NULL and *err when memory is short. */
char *cvk_strdup(const char *s, CvkErr *err) MUST_USE;

/* `_cleanup_free_ char *s = ...;` frees s at the end of its scope. `at` is the address of a pointer
 * of any type: copied out, as a char * must not be read as a void *. */
static inline void cvk_free_at(void *at) {
    void *p;
    memcpy(&p, at, sizeof p);
    free(p);
}
#define _cleanup_free_ __attribute__((cleanup(cvk_free_at)))

/* Defines x_free_at for `_cleanup_(x_free_at) X *x = ...`, where x_free(X *) is NULL-safe. */
#define _cleanup_(fn) __attribute__((cleanup(fn)))
/* NOLINTBEGIN(bugprone-macro-parentheses): a type takes none. */
#define DEFINE_CLEANUP(Type, free_fn)                                                              \
    static inline void free_fn##_at(Type **at) {                                                   \
        free_fn(*at);                                                                              \
        *at = NULL;                                                                                \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

#ifdef __clang_analyzer__
/* The analyzer does not look into other files: tell it that this memory is zeroed. */
static inline void *cvk_zeroed(void *p, size_t n) {
    return p != NULL ? memset(p, 0, n) : NULL;
}
#define cvk_alloc(n, size, err) cvk_zeroed(cvk_alloc(n, size, err), (n) * (size))
#define cvk_try_alloc(n, size, cap, err) cvk_zeroed(cvk_try_alloc(n, size, cap, err), (n) * (size))
#endif
