/* DIR/alive: when the server last kept time, so that its next start knows for how long it was
 * away. Written each second and not synced: a machine that crashed may have lost some seconds of
 * it, or the file, and then the newest event tells how long the server lived at least.
 * Threads: one. */
#pragma once

#include "base/err.h"

#include <stdint.h>

typedef struct {
    int fd; /* -1: not open */
    int64_t written_ms;
} Alive;

/* Opens or makes it; *ret_last_ms: what it says, 0 when it says nothing. */
bool alive_open(Alive *a, const char *dir, int64_t *ret_last_ms, CvkErr *err) MUST_USE;
/* The time is now_ms; writes it once a second. A failure is none of anybody's business: the next
 * start believes that the server was away for longer. */
void alive_tell(Alive *a, int64_t now_ms);
void alive_close(Alive *a); /* no-op when not open */
