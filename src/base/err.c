#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifdef __clang_analyzer__ /* see the end of base/err.h */
#undef cvk_fail
#undef cvk_fail_errno
#undef cvk_fail_prefix
#undef cvk_fail_at
#undef cvk_fail_in
#undef cvk_fail_named
#endif

#define TEXT_MAX (2 * CVK_ERR_MSG_MAX)

/* Where to cut `text` so that it fits: never within a UTF-8 character, as messages become JSON. */
static size_t fitting(const char *text) {
    size_t n = strlen(text);
    if (n < CVK_ERR_MSG_MAX)
        return n;
    n = CVK_ERR_MSG_MAX - 1;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* "<formatted>: <tail>", or without a tail when it is NULL. The message is made beside the old one,
 * since callers may quote that. */
PRINTF_LIKE(3, 0)
static void set_message(CvkErr *err, const char *tail, const char *fmt, va_list args) {
    char text[TEXT_MAX];
    int n = vsnprintf(text, sizeof text, fmt, args);
    if (n < 0)
        text[0] = '\0';
    size_t used = strlen(text);
    if (tail != NULL)
        snprintf(text + used, sizeof text - used, ": %s", tail);
    size_t kept = fitting(text);
    memcpy(err->msg, text, kept);
    err->msg[kept] = '\0';
}

bool cvk_fail(CvkErr *err, CvkCode code, const char *id, const char *fmt, ...) {
    if (err == NULL)
        return false;
    va_list args;
    va_start(args, fmt);
    set_message(err, NULL, fmt, args);
    va_end(args);
    err->code = code;
    err->id = id;
    err->place = cvk_place(NULL);
    return false;
}

bool cvk_fail_errno(CvkErr *err, const char *id, const char *fmt, ...) {
    int number = errno;
    if (err == NULL)
        return false;
    char why[128];
    if (strerror_r(number, why, sizeof why) != 0)
        snprintf(why, sizeof why, "error %d", number);
    va_list args;
    va_start(args, fmt);
    set_message(err, why, fmt, args);
    va_end(args);
    err->code = CVK_EBACKEND;
    err->id = id;
    err->place = cvk_place(NULL);
    return false;
}

bool cvk_fail_prefix(CvkErr *err, const char *fmt, ...) {
    if (err == NULL)
        return false;
    char old[CVK_ERR_MSG_MAX];
    memcpy(old, err->msg, sizeof old);
    va_list args;
    va_start(args, fmt);
    set_message(err, old, fmt, args);
    va_end(args);
    return false;
}

bool cvk_fail_at(CvkErr *err, const CvkPlace *place) {
    if (err != NULL)
        err->place = *place;
    return false;
}

bool cvk_fail_in(CvkErr *err, const char *path) {
    CvkPlace place = cvk_place(path);
    if (err != NULL && err->place.exact && err->place.file[0] == '\0')
        place = cvk_place_at(path, err->place.section, err->place.offset);
    return cvk_fail_at(err, &place);
}

bool cvk_fail_named(CvkErr *err, const char *path) {
    if (path != NULL)
        cvk_fail_prefix(err, "%s", CVK_SHOWN(path));
    return cvk_fail_in(err, path);
}
