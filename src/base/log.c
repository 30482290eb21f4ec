#include "base/log.h"

#include "base/clock.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 2048
#define VALUES_MAX (LINE_MAX_BYTES - 64) /* values end here: the rest is for quotes and the end */
#define ESCAPE_MAX 6                     /* bytes that one character of a value can become */

static CvkLogLevel max_level = LOG_INFO; /* set once at start */
static bool as_json;

void cvk_log_setup(CvkLogLevel level, bool json) {
    max_level = level;
    as_json = json;
}

bool cvk_log_wants(CvkLogLevel level) {
    return level <= max_level;
}

typedef struct {
    char text[LINE_MAX_BYTES];
    size_t n;
} Line;

static void put(Line *l, char c) {
    assert(l->n < sizeof l->text); /* put_pair sees to that */
    l->text[l->n++] = c;
}

static void put_str(Line *l, const char *s) {
    for (; *s != '\0'; s++)
        put(l, *s);
}

/* Decodes one UTF-8 character at `s`, not the end: its length, or 0 if there is no valid one. */
static size_t decode_utf8(const char *s, uint32_t *ret) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)s;
    size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if ((p[0] >= 0x80 && p[0] < 0xc0) || p[0] >= 0xf8)
        return 0;
    uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) /* also the end of the text */
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *ret = c;
    return n;
}

/* What a terminal or a log reader could take for an order: controls, line and paragraph separators,
 * marks that turn the direction of text. */
static bool is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Quotes, with quotes, backslashes and controls escaped and invalid UTF-8 replaced: no value can
 * forge a line or a pair. Too long a value ends early, and always with its quote. */
static void put_quoted(Line *l, const char *s) {
    put(l, '"');
    while (*s != '\0' && l->n + ESCAPE_MAX < VALUES_MAX) {
        uint32_t c;
        size_t n = decode_utf8(s, &c);
        char piece[ESCAPE_MAX + 1];
        if (n == 0)
            snprintf(piece, sizeof piece, "\\ufffd");
        else if (c == '"' || c == '\\')
            snprintf(piece, sizeof piece, "\\%c", (char)c);
        else if (is_control(c))
            snprintf(piece, sizeof piece, "\\u%04x", (unsigned)(c & 0xffff));
        else
            snprintf(piece, sizeof piece, "%.*s", (int)n, s);
        put_str(l, piece);
        s += n != 0 ? n : 1;
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

/* A pair for which there is no room is left out whole. */
static void put_pair(Line *l, const char *key, const char *value) {
    if (l->n + strlen(key) + ESCAPE_MAX + 8 > VALUES_MAX)
        return;
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
    if (is_plain(value) && l->n + strlen(value) < VALUES_MAX)
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
    if (as_json)
        put(l, '}');
    put(l, '\n');
    fwrite(l->text, 1, l->n, stderr);
}

void cvk_log(CvkLogLevel level, const char *event, ...) {
    if (!cvk_log_wants(level))
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
