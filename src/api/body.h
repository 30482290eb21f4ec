/* A small request body, kept in memory until it is whole: forms and short JSON. The handler's
 * on_headers begins it, on_body is body_take, on_done is body_free; in on_end body_text has it.
 * Threads: those of its request. */
#pragma once

#include "base/buf.h"
#include "http/request.h"

/* Only for a Content-Type of its kind (with any parameters) and up to `max` bytes; otherwise the
 * reply is set: 415, or 413 as soon as more has come. */
void body_begin_json(HttpRequest *r, size_t max);
void body_begin_form(HttpRequest *r, size_t max);
void body_take(HttpRequest *r, const void *data, size_t n);
void body_free(HttpRequest *r, bool sent);

/* For a handler that keeps the body among other things: the next piece of it, into a buffer whose
 * cap is its limit; 413 when more has come. */
void body_add(HttpRequest *r, CvkBuf *to, const void *data, size_t n);
/* What a reader of format/doc.h found wrong: 400 or 422 as the original's framework, else 500. */
void reply_bad_json(HttpRequest *r, const CvkErr *err);

/* Zero-terminated; *ret_n bytes. */
const char *body_text(const HttpRequest *r, size_t *ret_n);
