/* One HTTP request at a time, through libcurl (the only place that sees it).
 *
 * INVARIANT: nothing is followed, unpacked or stored that the caller did not ask for: no redirects,
 * no content encodings, no cookies; every answer is capped, as it is after unpacking; a connection
 * that stands still ends.
 * Plain http is spoken only with this machine unless the caller allows it: a bearer token on an
 * open network is anybody's.
 * THREADS: a client belongs to one thread. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/progress.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct {
    const char *method; /* "GET" or "POST" */
    const char *url;
    const char *bearer; /* a session id; NULL: none */
    const char *body;   /* NULL: an empty one */
    size_t body_n;
    const char *type;      /* of the body; NULL: application/json */
    const char *accept;    /* which types are wished; NULL: any */
    bool gzip;             /* the answer may come in gzip, and is unpacked */
    int stall_s;           /* silence that ends it; 0 = 60 s */
    int total_s;           /* the most that all of it may take; 0: as long as it moves */
    FILE *file;            /* NULL, or where the body of a 200 or 206 goes, not `into` */
    size_t file_max;       /* the most bytes that may go there */
    bool resume;           /* it ends with the body's beginning: what follows is asked for */
    CvkProgress sending;   /* bytes of `body` */
    CvkProgress receiving; /* bytes of the answer; total 0 where the server does not say */
} WebRequest;

#define WEB_FIELDS_MAX 24
#define WEB_FIELD_MAX 80

typedef struct {
    int status;            /* any: a 500 is an answer too */
    int64_t retry_after_s; /* -1: the server did not say */
    struct {
        char name[WEB_FIELD_MAX], value[WEB_FIELD_MAX];
    } fields[WEB_FIELDS_MAX]; /* of its header: ETag, Content-Range, the first short X-... */
    size_t n_fields;
    CvkBuf into; /* the body; the caller sets `max` before and frees it */
} WebReply;

typedef struct WebClient WebClient;

WebClient *web_client_new(bool allow_http, CvkErr *err) MUST_USE;
WebClient *web_client_free(WebClient *c); /* NULL is fine; returns NULL */

/* False: no answer came. CVK_EBADREQ "net.url", "net.plain" (plain http to another machine);
 * CVK_ELIMIT "net.big"; CVK_EBACKEND "net.resolve", "net.connect", "net.timeout", "net.lost"
 * (trying again may help), "net.tls", "net.encoding", what does not unpack, and "net.range", a part
 * that is another than was asked for (it will not).
 * ret->into is emptied first. A file that is resumed keeps what came; a server that sends all of it
 * again, from the first byte, has it written anew. */
bool web_perform(WebClient *c, const WebRequest *rq, WebReply *ret, CvkErr *err) MUST_USE;

/* The value of such a field, whatever the case of its name. NULL: not there. */
const char *web_reply_field(const WebReply *r, const char *name);

/* May the same request work a little later? */
bool web_error_is_transient(const CvkErr *err);

/* Is this an address that web_perform would speak with? The reason as above. */
bool web_url_check(const char *url, bool allow_http, CvkErr *err) MUST_USE;

/* web_perform behind a pointer, so that what is above can be tested without a network. */
typedef struct {
    bool (*perform)(void *ctx, const WebRequest *rq, WebReply *ret, CvkErr *err);
    void *ctx;
} WebTransport;
WebTransport web_transport(WebClient *c);
