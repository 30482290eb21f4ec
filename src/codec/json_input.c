/* The window of a JsonReader: bytes in, places, failures. */
#include "codec/json_read_private.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The document's size is counted where bytes come in; one byte more than allowed is looked for only
 * when the reader needs it, so that what comes first is told first. */
static bool read_more(JsonReader *r, size_t *ret_n) {
    size_t taken = r->base + r->n;
    size_t space = JSON_WINDOW - r->n;
    assert(space > 0);
    size_t left = r->max - taken;
    size_t ask = left == 0 ? 1 : left;
    if (!r->source.read(r->source.ctx, r->data + r->n, ask < space ? ask : space, ret_n, &r->err)) {
        r->failed = true;
        return false;
    }
    if (left == 0 && *ret_n != 0)
        return json_fail_here(r, CVK_ELIMIT, "json.size", "the document is longer than %zu bytes",
                              r->max);
    return true;
}

/* Throws away what stands before `keep` and reads on. False: the end, or failed. */
static bool fill(JsonReader *r) {
    if (r->failed || r->ended)
        return false;
    memmove(r->data, r->data + r->keep, r->n - r->keep);
    r->base += r->keep;
    r->n -= r->keep;
    r->at -= r->keep;
    r->keep = 0;
    size_t more;
    if (!read_more(r, &more))
        return false;
    r->n += more;
    r->ended = more == 0;
    return more != 0;
}

bool json_need(JsonReader *r, size_t n) {
    while (r->n - r->at < n)
        if (!fill(r))
            return false;
    return true;
}

int json_look(JsonReader *r) {
    return json_need(r, 1) ? (unsigned char)r->data[r->at] : JSON_AT_END;
}

static JsonPlace here(const JsonReader *r) {
    size_t byte = r->base + r->at;
    return (JsonPlace){.line = r->line, .column = byte - r->line_base + 1, .byte = byte};
}

int json_next_token(JsonReader *r) {
    int c;
    for (;;) {
        r->keep = r->at;
        c = json_look(r);
        if (c == '\n') {
            r->line++;
            r->line_base = r->base + r->at + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            break;
        }
        r->at++;
    }
    r->token = here(r);
    return c;
}

static PRINTF_LIKE(5, 0) bool fail_at(JsonReader *r, JsonPlace place, CvkCode code, const char *id,
                                      const char *fmt, va_list args) {
    if (r->failed)
        return false;
    char text[CVK_ERR_MSG_MAX];
    vsnprintf(text, sizeof text, fmt, args);
    r->failed = true;
    cvk_fail(&r->err, code, id, "line %zu, column %zu (byte %zu): %s", place.line, place.column,
             place.byte, text);
    const CvkPlace at = cvk_place_at(NULL, 0, place.byte);
    return cvk_fail_at(&r->err, &at);
}

#ifdef __clang_analyzer__ /* see base/err.h */
#undef json_fail_here
#undef json_unexpected
#endif

bool json_fail_here(JsonReader *r, CvkCode code, const char *id, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fail_at(r, here(r), code, id, fmt, args);
    va_end(args);
    return false;
}

bool json_read_fail(JsonReader *r, CvkErr *err, CvkCode code, const char *id, const char *fmt,
                    ...) {
    va_list args;
    va_start(args, fmt);
    fail_at(r, r->token, code, id, fmt, args);
    va_end(args);
    if (err != NULL)
        *err = r->err;
    return false;
}

bool json_unexpected(JsonReader *r, const char *wanted) {
    int c = json_look(r);
    if (c == JSON_AT_END)
        return json_fail_here(r, CVK_EBADREQ, "json.syntax", "expected %s, found the end", wanted);
    if (c > 0x20 && c < 0x7f)
        return json_fail_here(r, CVK_EBADREQ, "json.syntax", "expected %s, found '%c'", wanted, c);
    return json_fail_here(r, CVK_EBADREQ, "json.syntax", "expected %s, found byte 0x%02x", wanted,
                          (unsigned)c);
}
