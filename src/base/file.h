/* Files that are either whole and durable, or not there. POSIX only. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Joins `dir` and `name` into ret[LIMIT_PATH]; false (CVK_ELIMIT) when it does not fit. */
bool cvk_path(char ret[LIMIT_PATH], const char *dir, const char *name, CvkErr *err) MUST_USE;

/* Reads a whole file of at most b->max bytes into *b (appended). */
bool cvk_file_read(const char *path, CvkBuf *b, CvkErr *err) MUST_USE;

/* Writes `path` so that after a crash it is either the old file or the new one, whole: temporary
 * file beside it, fsync, rename, fsync of the directory. */
bool cvk_file_write(const char *path, const void *data, size_t n, mode_t mode,
                    CvkErr *err) MUST_USE;

/* The same for a file that is written in pieces: open, write to f, then commit (or abandon). */
typedef struct {
    FILE *f;
    char path[LIMIT_PATH];
    char temporary[LIMIT_PATH];
} CvkFileOut;

bool cvk_file_out_open(CvkFileOut *out, const char *path, mode_t mode, CvkErr *err) MUST_USE;
bool cvk_file_out_commit(CvkFileOut *out,
                         CvkErr *err) MUST_USE; /* closes; on false nothing is left */
void cvk_file_out_abandon(CvkFileOut *out);     /* no-op after commit */

/* Makes a directory; an existing one is fine. */
bool cvk_dir_make(const char *path, mode_t mode, CvkErr *err) MUST_USE;
bool cvk_dir_sync(const char *path, CvkErr *err) MUST_USE;
bool cvk_file_exists(const char *path);
