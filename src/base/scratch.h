/* A temporary file: bytes that are written and read at any place and are gone with the process.
 * For what does not fit in memory. Threads: one user at a time. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    bool (*write)(void *ctx, uint64_t at, const void *data, size_t n, CvkErr *err);
    bool (*read)(void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err); /* what was written */
    void *ctx;
} CvkScratch;

static inline bool MUST_USE cvk_scratch_write(const CvkScratch *s, uint64_t at, const void *data,
                                              size_t n, CvkErr *err) {
    return s->write(s->ctx, at, data, n, err);
}
static inline bool MUST_USE cvk_scratch_read(const CvkScratch *s, uint64_t at, void *ret, size_t n,
                                             CvkErr *err) {
    return s->read(s->ctx, at, ret, n, err);
}

/* A file without a name in the directory of `beside`, made when it is first written to. */
typedef struct {
    int fd; /* -1: none yet */
    const char *beside;
} CvkScratchFile;

CvkScratch cvk_scratch_file(CvkScratchFile *f, const char *beside);
void cvk_scratch_file_close(CvkScratchFile *f);
