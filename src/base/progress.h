/* How far a long computation is. `fn` may be NULL; it is called from any thread, never two at once,
 * with `done` never falling. Whoever shows it (cli/) decides how often to draw. */
#pragma once

#include <stddef.h>

typedef struct {
    void (*fn)(void *ctx, size_t done, size_t total);
    void *ctx;
} CvkProgress;
