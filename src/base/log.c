#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 2048

static CvkLogLevel max_level = LOG_INFO; /* set once at start */
static bool as_json;

void cvk_log_setup(CvkLogLevel level, bool json) {
    max_level = level;
    as_json = json;
}

typedef struct {
    char text[LINE_MAX_BYTES];
    size_t n;
} Line;

static void put(Line *l, char c) {
    if (l->n + 1 < sizeof l->text)
        l->text[l->n++] = c;
}

static void put_str(Line *l, const char *s) {
    for (; *s != '\0'; s++)
        put(l, *s);
}

/* Quotes, with control characters, quotes and backslashes escaped: no value can forge a line. */
static void put_quoted(Line *l, const char *s) {
    put(l, '"');
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            put(l, '\\');
            put(l, (char)c);
        } else if (c < 0x20 || c == 0x7f) {
            char escaped[8];
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
            put_str(l, escaped);
        } else {
            put(l, (char)c);
        }
    }
    put(l, '"');
}

static bool is_plain(const char *s) {
    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++)
        if ((unsigned char)*s <= 0x20 || strchr("\"\\=", *s) != NULL || (unsigned char)*s >= 0x7f)
            return false;
    return true;
}

static void put_pair(Line *l, const char *key, const char *value) {
    if (as_json) {
        put(l, ',');
        put_quoted(l, key);
        put(l, ':');
        put_quoted(l, value);
        return;
    }
    put(l, ' ');
    put_str(l, key);
    put(l, '=');
    if (is_plain(value))
        put_str(l, value);
    else
        put_quoted(l, value);
}

static void start(Line *l, CvkLogLevel level, const char *event) {
    static const char *const names[] = {"error", "warn", "info", "debug"};
    char ts[CVK_TIME_TEXT];
    cvk_time_format(cvk_wall_ms(), ts);
    if (as_json) {
        put_str(l, "{\"ts\":");
        put_quoted(l, ts);
    } else {
        put_str(l, ts);
    }
    if (as_json) {
        put_pair(l, "level", names[level]);
    } else {
        put(l, ' ');
        put_str(l, names[level]);
    }
    put_pair(l, "event", event);
}

static void finish(Line *l) {
    if (l->n > sizeof l->text - 4)
        l->n = sizeof l->text - 4;
    if (as_json)
        l->text[l->n++] = '}';
    l->text[l->n++] = '\n';
    fwrite(l->text, 1, l->n, stderr);
}

void cvk_log(CvkLogLevel level, const char *event, ...) {
    if (level > max_level)
        return;
    Line l = {.n = 0};
    start(&l, level, event);
    va_list args;
    va_start(args, event);
    for (;;) {
        const char *key = va_arg(args, const char *);
        if (key == NULL)
            break;
        const char *value = va_arg(args, const char *);
        put_pair(&l, key, value != NULL ? value : "");
    }
    va_end(args);
    finish(&l);
}

void cvk_log_err(CvkLogLevel level, const char *event, const CvkErr *err) {
    cvk_log(level, event, "error", err->id, "message", err->msg, NULL);
}
