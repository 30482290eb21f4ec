#include "cli/say.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

int say_error(const char *what, const CvkErr *err) {
    if (what != NULL)
        fprintf(stderr, "convoke: %s: %s\n", what, err->msg);
    else
        fprintf(stderr, "convoke: %s\n", err->msg);
    return EXIT_UNUSABLE;
}

void say_step(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
}

void say_result(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    vfprintf(stdout, fmt, args);
    va_end(args);
    fputc('\n', stdout);
    fflush(stdout);
}

const char *say_count(uint64_t n, const char *noun, char *ret, size_t cap) {
    snprintf(ret, cap, "%" PRIu64 " %s%s", n, noun, n == 1 ? "" : "s");
    return ret;
}
