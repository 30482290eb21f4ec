#include "base/secret.h"

#include <sodium.h>
#include <string.h>
#include <sys/resource.h>

void *cvk_secret_alloc(size_t n, CvkErr *err) {
    void *p = sodium_init() >= 0 ? sodium_malloc(n) : NULL;
    if (p == NULL) {
        cvk_fail(err, CVK_EINTERNAL, "memory.short", "no locked memory for %zu bytes", n);
        return NULL;
    }
    memset(p, 0, n);
    return p;
}

void *cvk_secret_free(void *p) {
    sodium_free(p); /* wipes first */
    return NULL;
}

void cvk_wipe(void *p, size_t n) {
    sodium_memzero(p, n);
}

void cvk_wipe_stack(void) {
    sodium_stackzero((size_t)64 << 10);
}

bool cvk_secret_equal(const void *a, const void *b, size_t n) {
    return sodium_memcmp(a, b, n) == 0;
}

void cvk_secret_no_dumps(void) {
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none); /* lowering is always allowed */
}
