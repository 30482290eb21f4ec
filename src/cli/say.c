#include "cli/say.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define TEXT_MAX 8192

/* Much of what is told was written by strangers, and most terminals obey what they are sent:
 * control characters (in UTF-8 also U+0080 to U+009F) become question marks. */
static void put_clean(FILE *out, char *text) {
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++)
        if (*c < ' ' || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
            *c = '?';
    fputs(text, out);
    fputc('\n', out);
}

int say_error(const char *what, const CvkErr *err) {
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
