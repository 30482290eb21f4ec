#include "base/alloc.h"

#include <stdint.h>

#ifdef __clang_analyzer__ /* see the end of base/alloc.h */
#undef cvk_alloc
#undef cvk_try_alloc
#endif

void *cvk_alloc(size_t n, size_t size, CvkErr *err) {
    void *p = NULL;
    if (size == 0 || n <= SIZE_MAX / size)
        p = calloc(n != 0 ? n : 1, size != 0 ? size : 1);
    if (p == NULL)
        cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory (%zu items of %zu bytes)", n,
                 size);
    return p;
}

void *cvk_try_alloc(size_t n, size_t size, size_t cap, CvkErr *err) {
    if (n > cap) {
        cvk_fail(err, CVK_ELIMIT, "limit.count", "%zu items, at most %zu are allowed", n, cap);
        return NULL;
    }
    return cvk_alloc(n, size, err);
}

bool cvk_grow(void *at, size_t n, size_t *cap, size_t size, CvkErr *err) {
    void *old, *items = NULL;
    if (n < *cap)
        return true;
    size_t more = *cap == 0 ? 16 : 2 * *cap;
    memcpy(&old, at, sizeof old); /* as in cvk_free_at */
    if (more > *cap && more <= SIZE_MAX / size)
        items = realloc(old, more * size);
    if (items == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short",
                        "out of memory (%zu items of %zu bytes)", more, size);
    memcpy(at, &items, sizeof items);
    *cap = more;
    return true;
}

char *cvk_strdup(const char *s, CvkErr *err) {
    size_t n = strlen(s) + 1;
    char *copy = cvk_alloc(n, 1, err);
    if (copy != NULL)
        memcpy(copy, s, n);
    return copy;
}
