/* Answers without an end.
 *
 * The library asks for more whenever the client can take it; a stream with nothing to say suspends
 * its connection, and a wake resumes it. The library forgets a resume that comes before its
 * suspend, and one of a connection that is not suspended makes it forget the next suspend. So a
 * stream keeps its own account (StreamState): whoever moves it from ASLEEP resumes, nobody else,
 * and it gets there only when the suspend is done and no wake has come since the pull began. */
#include "http/server_private.h"

#include <assert.h>

#define STREAM_BLOCK 1024u /* for HTTP/1.0: others are given the connection's own buffer */

/* A connection belongs to one of the library's threads: this runs on it, as all pulls do. */
static void sleep_unless_woken(HttpRequest *r) {
    int awake = STREAM_AWAKE;
    conn_enter(r->server->conns, r->conn, CONN_STREAM_ASLEEP);
    MHD_suspend_connection(r->mhd);
    if (!atomic_compare_exchange_strong(&r->stream.state, &awake, STREAM_ASLEEP))
        MHD_resume_connection(r->mhd);
}

static ssize_t feed(void *cls, uint64_t at, char *buf, size_t cap) {
    HttpRequest *r = cls;
    (void)at;
    atomic_store(&r->stream.state, STREAM_AWAKE);
    if (atomic_load(&r->server->stopping))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (conn_gone(r->conn))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    ptrdiff_t n = r->stream.pull(r, buf, cap);
    if (n == HTTP_STREAM_END)
        return MHD_CONTENT_READER_END_OF_STREAM;
    assert(n >= 0 && (size_t)n <= cap);
    if (n == 0)
        sleep_unless_woken(r);
    else
        conn_enter(r->server->conns, r->conn, CONN_STREAMING);
    return n;
}

void http_stream(HttpRequest *r, const char *type, void (*begun)(HttpRequest *r),
                 ptrdiff_t (*pull)(HttpRequest *r, char *buf, size_t cap)) {
    r->reply.type = type;
    r->stream.begun = begun;
    r->stream.pull = pull;
}

void http_stream_wake(HttpRequest *r) {
    if (atomic_exchange(&r->stream.state, STREAM_WOKEN) == STREAM_ASLEEP)
        MHD_resume_connection(r->mhd);
}

static void enlist(HttpRequest *r) {
    HttpServer *s = r->server;
    pthread_mutex_lock(&s->lock);
    r->stream.listed = true;
    r->stream.next = s->streams;
    if (s->streams != NULL)
        s->streams->stream.prev = r;
    s->streams = r;
    pthread_mutex_unlock(&s->lock);
}

void stream_over(HttpRequest *r) {
    HttpServer *s = r->server;
    if (!r->stream.listed)
        return;
    pthread_mutex_lock(&s->lock);
    if (r->stream.prev != NULL)
        r->stream.prev->stream.next = r->stream.next;
    else
        s->streams = r->stream.next;
    if (r->stream.next != NULL)
        r->stream.next->stream.prev = r->stream.prev;
    pthread_mutex_unlock(&s->lock);
}

void stream_end_all(HttpServer *s) {
    assert(atomic_load(&s->stopping));
    pthread_mutex_lock(&s->lock);
    for (HttpRequest *r = s->streams; r != NULL; r = r->stream.next)
        http_stream_wake(r);
    pthread_mutex_unlock(&s->lock);
}

struct MHD_Response *stream_make_response(HttpRequest *r) {
    struct MHD_Response *made =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, feed, r, NULL);
    if (made == NULL)
        return NULL;
    if (r->head) { /* the library would send the last chunk of a body that there is not */
        MHD_set_response_options(made, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
        return made;
    }
    conn_begin_stream(r->server->conns, r->conn);
    enlist(r);
    r->stream.begun(r);
    return made;
}
