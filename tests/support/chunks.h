/* A JsonSource for tests: gives a text in small pieces, so that every token crosses an edge, and
 * fails at a byte if asked to. */
#pragma once

#include "codec/json_source.h"

#include <stdint.h>
#include <string.h>

typedef struct {
    const char *data;
    size_t n, at, piece;
    size_t fail_at; /* 0: never */
} Chunks;

static inline bool chunks_read(void *ctx, void *into, size_t cap, size_t *ret_n, CvkErr *err) {
    Chunks *c = ctx;
    if (c->fail_at != 0 && c->at >= c->fail_at)
        return cvk_fail(err, CVK_EBACKEND, "test.source", "the source broke");
    size_t n = c->n - c->at;
    if (n > cap)
        n = cap;
    if (n > c->piece)
        n = c->piece;
    if (n != 0)
        memcpy(into, c->data + c->at, n);
    c->at += n;
    *ret_n = n;
    return true;
}
