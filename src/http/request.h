/* A request as its handler sees it.
 *
 * The life of one: its head has come (on_headers) -> its body, piece by piece (on_body) -> it is
 * whole (on_end) -> the reply has gone, or the client has (on_done). Whoever sets a reply early
 * ends it: what is left of the body is read and dropped, so that the client sees the answer and not
 * a reset; with "Expect: 100-continue" it is answered on its headers.
 * A handler that must not keep its thread (anything over some ms) starts a job in on_end: the
 * connection sleeps, the job runs on the pool and sets the reply. A client that hangs up meanwhile
 * harms nothing: the request lives until the job is over. One that waits for something to happen (a
 * long poll) is parked instead: it costs neither a thread nor a job, only its connection.
 * Threads: the functions of one request are called one after another, from the server's threads or
 * (the job) the pool's. */
#pragma once

#include "http/conn.h"
#include "http/route.h"
#include "http/url.h"

#include <stddef.h>
#include <stdint.h>

typedef struct HttpRequest HttpRequest;

/* Each may be NULL. Without on_body a body is dropped. */
struct HttpHandler {
    void (*on_headers)(HttpRequest *r);
    void (*on_body)(HttpRequest *r, const void *data, size_t n);
    void (*on_end)(HttpRequest *r);
    /* Called once for each request that had on_headers or on_end: free what http_set_data holds.
     * `sent`: the reply went out whole. */
    void (*on_done)(HttpRequest *r, bool sent);
    size_t body_max; /* of a body's bytes; 0: HttpOptions.body_max */
    /* Clients ask this again and again: that they did, or were refused, is for the log at LOG_DEBUG
     * only. */
    bool polled;
};

void *http_app(const HttpRequest *r); /* HttpOptions.app */
void http_set_data(HttpRequest *r, void *data);
void *http_data(const HttpRequest *r);
void *http_notes(HttpRequest *r); /* the application's, whatever the handler: zeroed at first */

const char *http_header(const HttpRequest *r, const char *name); /* NULL: not there; not in jobs */
const char *http_path(const HttpRequest *r);                     /* decoded */
const char *http_tail(const HttpRequest *r);  /* what the pattern's star stood for */
const char *http_query(const HttpRequest *r); /* as it came, "" when there is none */
FormResult http_query_get(const HttpRequest *r, const char *name, char *ret, size_t cap);
size_t http_query_count(const HttpRequest *r, const char *name); /* how often it is there */
/* The Host field, if it is the address at which this connection came (host_is_address); else
 * NULL. */
const char *http_own_host(const HttpRequest *r);
const char *http_scheme(const HttpRequest *r);   /* "http", or "https" if the server speaks TLS */
const ConnPeer *http_peer(const HttpRequest *r); /* behind trusted proxies: their client */

/* The reply; a later call replaces an earlier one. Memory is copied; `fd` is taken over. */
void http_reply(HttpRequest *r, unsigned status, const char *type, const void *data, size_t n);
void http_reply_file(HttpRequest *r, unsigned status, const char *type, int fd, uint64_t size,
                     const char *etag);
/* The body that was just set is in this Content-Encoding (a constant). */
void http_reply_encoding(HttpRequest *r, const char *encoding);
void http_reply_error(HttpRequest *r, unsigned status, const char *code, const char *text);
void http_reply_header(HttpRequest *r, const char *name, const char *value);
void http_reply_busy(HttpRequest *r); /* 503 with Retry-After: what it needs is all in use */
bool http_replied(const HttpRequest *r);
/* Which bytes of its file the reply brought, for on_done and its `sent`; of a reply that broke off,
 * those that had arrived (a few hundred too many: its head counts). False: none, whatever it was.
 */
bool http_sent_part(const HttpRequest *r, bool sent, uint64_t *ret_at, uint64_t *ret_n);

/* The request is of consequence: its line in the log stands at LOG_INFO, and has this pair, up to
 * HTTP_TOLD_MAX of them; a key (a constant) again replaces its value, which is cut at 63 bytes.
 * What nobody may read in a log (session ids, invitations, who has not contributed) does not belong
 * here. */
void http_tell(HttpRequest *r, const char *key, const char *value);
#define HTTP_TOLD_MAX 4
uint64_t http_number(const HttpRequest *r); /* X-Request-Id, "req" in the log */

/* Jobs of one lane take no place and no thread from those of another. */
typedef enum {
    LANE_TURN = 0, /* long work for whom everybody waits: whose turn it is */
    LANE_LONG,     /* anybody's long work */
    LANE_COMMIT,   /* short work that may wait for who writes, in this process or another */
    LANE_FILE,     /* short work that waits for nothing but the disk: a file to open */
    HTTP_LANES_N
} HttpLane;
/* In on_end only, and then nothing more of the request may be touched there: runs fn(r) on the
 * pool of that lane. When too many jobs wait in it the reply is 503 with Retry-After, and fn never
 * runs. */
void http_job(HttpRequest *r, HttpLane lane, void (*fn)(HttpRequest *r));

/* In on_end only, and then nothing more of the request may be touched there: the connection sleeps
 * until http_wake. begin(r) is called once it does, on the same thread: it arranges for the wake
 * and returns true (it may come before begin returns); false wakes it at once. Then woken(r) runs
 * on the server's thread and sets the reply, or starts a job; it is not called when the connection
 * turns out to be broken, which ends the request. Before http_server_stop all that is parked must
 * be woken. */
void http_park(HttpRequest *r, bool (*begin)(HttpRequest *r), void (*woken)(HttpRequest *r));
/* From any thread, exactly once; r is not the caller's any more. */
void http_wake(HttpRequest *r);
/* Has the client hung up (or begun to)? A look at its socket: what sleeps is not watched. */
bool http_gone(const HttpRequest *r);

/* An answer without an end (server-sent events). pull() is asked whenever the client can take more:
 * it copies up to `cap` bytes of what comes next to buf and returns how many; 0: nothing now, asked
 * again after http_stream_wake; HTTP_STREAM_END: the answer is over. It must not block. What it
 * returned is gone, so it remembers where it was: cap (never under HTTP_STREAM_CAP) need not hold a
 * whole event. */
#define HTTP_STREAM_END (-1)
#define HTTP_STREAM_CAP 100
/* In on_end (or woken) only, and then nothing more of the request may be touched there: begins an
 * answer (200, `type`, the header fields so far) that pull feeds, on the server's thread. begun(r)
 * is called first; neither is for HEAD.
 * The end is on_done as ever: `sent` is true when pull, or a stop of the server, ended it. It does
 * not come by itself for a client that is gone while there is nothing to say (nobody looks at its
 * socket then), so the owner wakes each stream now and then. A wake finds a client that hung up,
 * and what pull then writes (a comment, as a heartbeat) finds one that vanished or stopped reading,
 * after LIMIT_STREAM_STALL_MS. */
void http_stream(HttpRequest *r, const char *type, void (*begun)(HttpRequest *r),
                 ptrdiff_t (*pull)(HttpRequest *r, char *buf, size_t cap));
/* From any thread, any number of times between begun and on_done: there may be something to pull.
 * It never waits, and calls nothing back. The caller sees to it that on_done does not return
 * meanwhile: both take the lock of the owner's list. */
void http_stream_wake(HttpRequest *r);
