/* Request targets, query strings and forms: percent-encoding in and out.
 *
 * A query string and a form body are written alike (application/x-www-form-urlencoded), so one
 * reader serves both. Strict where it matters: a stray '%' or an encoded zero byte makes a value
 * malformed; nothing is cut short silently. Threads: pure functions. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

/* Splits "/a%20b?x=1" into the decoded path (ret_path, `cap` bytes with its zero byte) and the
 * query as it stands (*ret_query points into `target`, "" when there is none). False: not a path
 * that begins with '/', too long, a malformed escape, or a control character in it. */
bool url_split(const char *target, char *ret_path, size_t cap, const char **ret_query) MUST_USE;

typedef enum {
    FORM_FOUND = 0,
    FORM_ABSENT,
    FORM_MALFORMED, /* a bad escape, a control character, or invalid UTF-8 */
    FORM_TOO_LONG,  /* for `cap` */
} FormResult;

/* The first value of `name` in `text`, decoded ('+' is a space), to ret[cap] with a zero byte; ""
 * unless FORM_FOUND. */
FormResult form_get(const char *text, size_t n, const char *name, char *ret, size_t cap);

/* How often `name` is there, whatever its values. */
size_t form_count(const char *text, size_t n, const char *name);

/* Appends "name=value" in form encoding, after '&' unless it is the buffer's first or follows '?'
 * or '&'. */
bool form_add(CvkBuf *b, const char *name, const char *value, CvkErr *err) MUST_USE;

/* `url` with the pairs of `query` (as form_add made them) appended to its query; a fragment stays
 * at the end. */
bool url_with_query(CvkBuf *b, const char *url, const char *query, CvkErr *err) MUST_USE;

/* Appends `text` so that it is text in HTML and in a quoted attribute. */
bool html_add(CvkBuf *b, const char *text, CvkErr *err) MUST_USE;
