#include "cli/say.h"

#include "codec/utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX 8192

/* Control characters, also U+0080 to U+009F, and those that turn or break a line (U+200E, U+200F,
 * U+2028 to U+202E, U+2066 to U+2069), with which a name can look like another one. */
static bool harmful(const unsigned char *c) {
    if (c[0] < ' ' || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0))
        return true;
    if (c[0] != 0xe2 || (c[1] != 0x80 && c[1] != 0x81))
        return false;
    return c[1] == 0x80 ? c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae)
                        : c[2] >= 0xa6 && c[2] <= 0xa9;
}

/* Much of what is told was written by strangers, and most terminals obey what they are sent: what
 * is harmful, or no UTF-8, becomes question marks. */
static void put_clean(FILE *out, char *text) {
    char *to = text;
    const char *at = text;
    for (size_t left = strlen(text), n; left > 0; at += n, left -= n) {
        n = utf8_length(at, left);
        if (n == 0 || harmful((const unsigned char *)at)) {
            *to++ = '?';
            n = n == 0 ? 1 : n;
        } else {
            memmove(to, at, n);
            to += n;
        }
    }
    *to = '\0';
    fputs(text, out);
    fputc('\n', out);
}

#define OUTPUT_FAILED "write.stdout"

bool say_output_failed(CvkErr *err) {
    return cvk_fail(err, CVK_EBACKEND, OUTPUT_FAILED, "cannot write to standard output");
}

int say_error(const char *what, const CvkErr *err) {
    if (strcmp(err->id, OUTPUT_FAILED) == 0)
        return EXIT_UNUSABLE;
    if (what != NULL)
        say_step("convoke: %s: %s", what, err->msg);
    else
        say_step("convoke: %s", err->msg);
    return EXIT_UNUSABLE;
}

void say_step(const char *fmt, ...) {
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    put_clean(stderr, text);
}

void say_result(const char *fmt, ...) {
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    put_clean(stdout, text);
    fflush(stdout);
}

const char *say_count(uint64_t n, const char *noun, char *ret, size_t cap) {
    snprintf(ret, cap, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
    return ret;
}
