/* A growable byte buffer with a cap that must be chosen.
 *
 * Invariant: data is NULL only while cap is 0; data[n] is always a zero byte once anything was
 * added, so text can be read as a C string. Growing past `max` fails with CVK_ELIMIT
 * ("limit.buffer") and leaves the buffer as it was. What is added may not lie in the buffer
 * itself. Threads: none of its own. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *data;
    size_t n, cap;
    size_t max; /* the most bytes it may hold */
} CvkBuf;

#define CVK_BUF(max_bytes) ((CvkBuf){.max = (max_bytes)})

void cvk_buf_done(CvkBuf *b); /* frees; the buffer is then empty and may be used again */
bool cvk_buf_add(CvkBuf *b, const void *data, size_t n, CvkErr *err) MUST_USE;
bool cvk_buf_add_str(CvkBuf *b, const char *s, CvkErr *err) MUST_USE;
bool cvk_buf_add_fmt(CvkBuf *b, CvkErr *err, const char *fmt, ...) MUST_USE PRINTF_LIKE(3, 4);
const char *cvk_buf_str(const CvkBuf *b); /* never NULL */
char *cvk_buf_take(CvkBuf *b);            /* the caller frees; NULL if nothing was ever added */

#define _cleanup_buf_ __attribute__((cleanup(cvk_buf_done)))
