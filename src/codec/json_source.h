/* Where a JsonReader gets its bytes from, and two ready sources.
 * Threads: a source belongs to its reader. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdio.h>

/* Gives up to `cap` further bytes; *ret_n = 0 at the end. False: *err says why the source failed.
 * It may give less than asked for at any time. */
typedef struct {
    bool (*read)(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err);
    void *ctx;
} JsonSource;

/* `n` bytes at `data`; `at` = how many have been given. Must outlive the source. */
typedef struct {
    const char *data;
    size_t n, at;
} JsonMemory;
JsonSource json_from_memory(JsonMemory *m);

/* From where the file stands now. The caller closes it. */
JsonSource json_from_file(FILE *file);

/* A source whose first byte was looked at, and is given all the same. Must outlive what it makes.
 */
typedef struct {
    JsonSource from;
    int first; /* -1: given by now, or there is none */
} JsonPeek;
/* *ret_first = -1: it is empty. False: the source failed. */
bool json_source_peek(JsonSource from, JsonPeek *p, JsonSource *ret, int *ret_first,
                      CvkErr *err) MUST_USE;
