/* Bytes that can be read at any place, and bytes that are written one after the other: how the
 * mathematics reads and writes files without knowing of them. Both are values; what `ctx` points to
 * must outlive them. Threads: reading is thread-safe, a sink has one writer. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    /* exactly n bytes at `at` of the whole; the caller has checked the range */
    bool (*read)(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err);
    const void *ctx;
    uint64_t from; /* where this source begins in the whole: a file's offset */
    uint64_t n;    /* bytes */
} CvkSource;

/* n bytes at `at`, counted from the source's beginning; outside it: CVK_EBADREQ "source.range". */
bool cvk_source_read(const CvkSource *s, uint64_t at, void *ret, size_t n, CvkErr *err) MUST_USE;
CvkSource cvk_source_memory(const void *data, size_t n);
/* The n bytes at `at`; they must lie inside. */
CvkSource cvk_source_part(const CvkSource *s, uint64_t at, uint64_t n);

typedef struct {
    bool (*write)(void *ctx, const void *data, size_t n, CvkErr *err);
    void *ctx;
} CvkSink;

static inline bool MUST_USE cvk_sink_write(const CvkSink *s, const void *data, size_t n,
                                           CvkErr *err) {
    return s->write(s->ctx, data, n, err);
}
