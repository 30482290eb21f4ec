/* The HTTP/1.1 server: libmicrohttpd (epoll, a few threads) behind the strict gate, with a limit on
 * everything a client can make it hold or wait for. The only user of <microhttpd.h>.
 *
 * Every reply carries CORS headers (any origin: there are no cookies here), X-Request-Id, and
 * "Cache-Control: no-store" unless the handler said otherwise.
 * Threads: start and stop from one; handlers run on the server's threads and the pool's. */
#pragma once

#include "base/pool.h"
#include "http/forwarded.h"
#include "http/request.h"

/* Why a request is refused before its handler hears of it, or instead of its job. */
typedef enum {
    HTTP_NO_PATH,
    HTTP_NO_METHOD,
    HTTP_TOO_LARGE,
    HTTP_ENCODED,
    HTTP_BUSY,
    HTTP_STOPPING
} HttpRefusal;

typedef struct {
    const char *address; /* to listen on: "127.0.0.1", "::1", "0.0.0.0", "::" */
    uint16_t port;       /* 0: any free one */
    const HttpRoute *routes;
    size_t n_routes;
    void *app;
    /* Asked on a request's headers, before its handler is: a reply that it sets is the answer, and
     * the handler never hears of the request. NULL: all are welcome. */
    void (*admit)(HttpRequest *r, unsigned class_);
    /* Told of each such refusal, whose reply is set: it may set another in the words of its
     * protocol; header fields stay. `route`: whose path it is, NULL for HTTP_NO_PATH. NULL: the
     * texts of the server are fine. */
    void (*reword)(HttpRequest *r, HttpRefusal why, const HttpRoute *route);
    size_t notes_bytes;           /* of each request's notes (http_notes) */
    CvkPool *pools[HTTP_LANES_N]; /* for jobs; they outlive the server. NULL: a lane without any */
    unsigned threads;             /* 0: two */
    size_t body_max;              /* 0: LIMIT_BODY */
    const ConnLimits *limits;     /* NULL: those of base/limits.h */
    /* Whom X-Forwarded-For is believed from; NULL: nobody. They may make any number of connections.
     * The list stays the caller's and outlives the server. */
    const ProxyList *trusted_proxies;
    /* PEM files: then it speaks TLS (1.2 or newer), and nothing else. Both or neither. */
    const char *tls_cert, *tls_key;
} HttpOptions;

typedef struct HttpServer HttpServer;

/* EBACKEND "http.listen": the address cannot be had; others as of proxies_parse and tls_load.
 * Routes stay the caller's. */
bool http_server_start(const HttpOptions *o, HttpServer **ret, CvkErr *err) MUST_USE;
uint16_t http_server_port(const HttpServer *s);

/* Accepts nothing new; requests under way are finished (uploads and downloads within `grace_ms`,
 * jobs whatever they take), streams end where they are. NULL is fine; returns NULL. */
HttpServer *http_server_stop(HttpServer *s, int64_t grace_ms);
