#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cvk_buf_done(CvkBuf *b) {
    free(b->data);
    b->data = NULL;
    b->n = b->cap = 0;
}

static bool reserve(CvkBuf *b, size_t more, CvkErr *err) {
    size_t max = b->max < SIZE_MAX / 2 ? b->max : SIZE_MAX / 2; /* so that no sum overflows */
    if (more > max || b->n > max - more)
        return cvk_fail(err, CVK_ELIMIT, "limit.buffer", "more than %zu bytes", max);
    size_t need = b->n + more + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap + b->cap / 2;
    if (cap < need + 32)
        cap = need + 32;
    if (cap > max + 1)
        cap = max + 1;
    char *grown = realloc(b->data, cap);
    if (grown == NULL)
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory (%zu bytes)", cap);
    b->data = grown;
    b->cap = cap;
    return true;
}

bool cvk_buf_add(CvkBuf *b, const void *data, size_t n, CvkErr *err) {
    if (!reserve(b, n, err))
        return false;
    if (n != 0)
        memcpy(b->data + b->n, data, n);
    b->n += n;
    b->data[b->n] = '\0';
    return true;
}

bool cvk_buf_add_str(CvkBuf *b, const char *s, CvkErr *err) {
    return cvk_buf_add(b, s, strlen(s), err);
}

bool cvk_buf_add_fmt(CvkBuf *b, CvkErr *err, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    bool ok = n >= 0 ? reserve(b, (size_t)n, err)
                     : cvk_fail(err, CVK_EINTERNAL, "buffer.format", "cannot format '%s'", fmt);
    if (ok) {
        vsnprintf(b->data + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    return ok;
}

const char *cvk_buf_str(const CvkBuf *b) {
    return b->data != NULL ? b->data : "";
}

char *cvk_buf_take(CvkBuf *b) {
    char *data = b->data;
    b->data = NULL;
    b->n = b->cap = 0;
    return data;
}
