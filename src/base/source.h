/* Bytes that can be read at any place, and bytes that are written one after the other: how the
 * mathematics reads and writes files without knowing of them. Both are values; what `ctx` points to
 * must outlive them. Threads: reading is thread-safe, a sink has one writer. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    /* exactly n bytes at `at` of the whole; the caller has checked the range */
    bool (*read)(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err);
    const void *ctx;
    uint64_t from;    /* where this source begins in the whole: a file's offset */
    uint64_t n;       /* bytes */
    const char *file; /* the path of the whole, for messages; NULL: it is in no file */
} CvkSource;

/* n bytes at `at`, counted from the source's beginning; outside it: CVK_EBADREQ "source.range". */
bool cvk_source_read(const CvkSource *s, uint64_t at, void *ret, size_t n, CvkErr *err) MUST_USE;
CvkSource cvk_source_memory(const void *data, size_t n);
/* The n bytes at `at`; they must lie inside. */
CvkSource cvk_source_part(const CvkSource *s, uint64_t at, uint64_t n);

/* A regular file that is read at any place; its size is what it is when it is opened. One that
 * becomes shorter meanwhile is CVK_EBACKEND "file.short" where that is met. */
typedef struct {
    FILE *f;
    uint64_t n;
    char path[LIMIT_PATH];
} CvkFileIn;
bool cvk_file_in_open(CvkFileIn *in, const char *path, CvkErr *err) MUST_USE;
void cvk_file_in_close(CvkFileIn *in); /* no-op when it is not open (f is NULL) */
CvkSource cvk_file_in_bytes(const CvkFileIn *in);
/* cvk_fail about what stands at `at` in a source: "<file>: offset <at of the file>: <text>"
 * (CVK_EBADREQ). */
bool cvk_source_fail(const CvkSource *s, uint64_t at, CvkErr *err, const char *id, const char *fmt,
                     ...) PRINTF_LIKE(5, 6);

typedef struct {
    bool (*write)(void *ctx, const void *data, size_t n, CvkErr *err);
    void *ctx;
} CvkSink;

static inline bool MUST_USE cvk_sink_write(const CvkSink *s, const void *data, size_t n,
                                           CvkErr *err) {
    return s->write(s->ctx, data, n, err);
}

CvkSink cvk_sink_file(CvkFileOut *out);
CvkSink cvk_sink_buf(CvkBuf *b); /* up to its max */
/* What has been written so far to a file that is not committed yet, to be read again: n bytes at
 * `at`. Writing may go on behind them. */
bool cvk_file_out_read(CvkFileOut *out, uint64_t at, uint64_t n, CvkSource *ret,
                       CvkErr *err) MUST_USE;

/* All of a source to a sink, in pieces. */
bool cvk_source_copy(const CvkSource *from, const CvkSink *to, CvkErr *err) MUST_USE;
