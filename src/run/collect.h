/* Files in blobs/ that nothing names: left by a crash between a file and its entry, by an import
 * that failed, by one of two submissions that raced. What is named, a backup has (run/archive.h).
 * Threads: one. */
#pragma once

#include "base/err.h"
#include "run/node.h"

#include <stdint.h>

typedef struct {
    uint64_t files, bytes; /* that nothing names */
    uint64_t young;        /* so new that somebody may be about to name them; not among those */
} CollectReport;

/* Tells `found` (NULL: nobody) of each, in the order of their names. `remove`: and deletes it;
 * nobody may serve the directory then (ECONFLICT "dir.locked"). Every journal is read and must be
 * whole, or nothing is done: 0.1 s for each 10,000 entries. A file is young for LIMIT_COLLECT_AGE_S
 * after it was last written or renamed, by `now_ms`. */
bool node_collect(Node *n, int64_t now_ms, bool remove,
                  bool (*found)(void *ctx, const char *name, uint64_t size, CvkErr *err), void *ctx,
                  CollectReport *ret, CvkErr *err) MUST_USE;
