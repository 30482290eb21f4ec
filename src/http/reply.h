/* What goes back: a status, header fields, and a body from memory or from a file.
 *
 * Invariant: header values hold no line break or other control character (such a field is left
 * out), so nothing that a peer said can forge a header. A reply owns its file descriptor and its
 * memory. Threads: none of its own; it belongs to its request. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define REPLY_FIELDS_MAX 16
#define REPLY_ETAG_MAX 72

typedef struct {
    unsigned status;      /* 0: there is no reply yet */
    const char *type;     /* Content-Type, a constant; NULL = none */
    const char *encoding; /* of the body: Content-Encoding, a constant; NULL = none */
    char *data;           /* the body from memory */
    size_t n;
    int fd; /* or from this file, -1 = none: bytes [at, at + n) of `size` */
    uint64_t at, size;
    char etag[REPLY_ETAG_MAX]; /* with its quotes; "" = none */
    bool close;                /* end the connection after it */
    struct {
        const char *name; /* a constant */
        char *value;
    } fields[REPLY_FIELDS_MAX];
    size_t n_fields;
} HttpReply;

#define HTTP_REPLY_NONE ((HttpReply){.fd = -1})

void reply_done(HttpReply *p);

/* Replaces what was there, save header fields. Short memory makes it an empty 500. */
void reply_set(HttpReply *p, unsigned status, const char *type, const void *data, size_t n);
void reply_set_file(HttpReply *p, unsigned status, const char *type, int fd, uint64_t size,
                    const char *etag);
/* {"code":"...","error":"..."} */
void reply_set_error(HttpReply *p, unsigned status, const char *code, const char *text);

void reply_add_field(HttpReply *p, const char *name, const char *value);
const char *reply_field(const HttpReply *p, const char *name); /* NULL: not there */

/* Makes a whole-file 200 what the request's header fields ask for (each may be NULL): 304 for a
 * known ETag, 206 or 416 for one range. Only for GET and HEAD. */
void reply_narrow(HttpReply *p, const char *if_none_match, const char *if_range, const char *range);

typedef enum { RANGE_WHOLE, RANGE_PART, RANGE_UNSATISFIABLE } RangeResult;
/* "bytes=a-b", "bytes=a-", "bytes=-n"; anything else (several ranges too) is RANGE_WHOLE. */
RangeResult range_parse(const char *range, uint64_t size, uint64_t *ret_at, uint64_t *ret_n);
/* Is `etag` (with quotes) in the list of an If-None-Match? */
bool etag_matches(const char *list, const char *etag);
