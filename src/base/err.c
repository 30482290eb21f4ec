#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static PRINTF_LIKE(4, 0) void set(CvkErr *err, CvkCode code, const char *id, const char *fmt,
                                  va_list args) {
    err->code = code;
    err->id = id;
    vsnprintf(err->msg, sizeof err->msg, fmt, args);
}

bool cvk_fail(CvkErr *err, CvkCode code, const char *id, const char *fmt, ...) {
    if (err == NULL)
        return false;
    va_list args;
    va_start(args, fmt);
    set(err, code, id, fmt, args);
    va_end(args);
    return false;
}

bool cvk_fail_errno(CvkErr *err, const char *id, const char *fmt, ...) {
    int saved = errno;
    if (err == NULL)
        return false;
    va_list args;
    va_start(args, fmt);
    set(err, CVK_EBACKEND, id, fmt, args);
    va_end(args);
    size_t used = strlen(err->msg);
    snprintf(err->msg + used, sizeof err->msg - used, ": %s", strerror(saved));
    return false;
}

bool cvk_fail_prefix(CvkErr *err, const char *fmt, ...) {
    if (err == NULL)
        return false;
    char old[CVK_ERR_MSG_MAX];
    memcpy(old, err->msg, sizeof old);
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, args);
    va_end(args);
    size_t used = strlen(err->msg);
    snprintf(err->msg + used, sizeof err->msg - used, ": %s", old);
    return false;
}
