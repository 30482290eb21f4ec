#include "http/server.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/gate.h"
#include "http/reply.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct HttpServer {
    HttpOptions o;
    struct MHD_Daemon *daemon;
    int listener;
    uint16_t port;
    ConnTable *conns;
    pthread_mutex_t lock; /* of jobs */
    pthread_cond_t jobs_over;
    size_t jobs;
    atomic_bool stopping;
    atomic_uint_fast64_t requests;
};

typedef enum {
    REQUEST_NEW = 0, /* its request line has come */
    REQUEST_BODY,    /* its body goes to the handler */
    REQUEST_DROP,    /* it has a reply; the rest of its body is dropped */
    REQUEST_WORKING, /* suspended: the job runs */
    REQUEST_ANSWERED,
} RequestState;

struct HttpRequest {
    HttpServer *server;
    struct MHD_Connection *mhd;
    Conn *conn;
    const HttpHandler *handler; /* NULL: refused before a route was found */
    void *data;
    void (*job)(HttpRequest *r);
    HttpReply reply;
    RequestState state;
    uint64_t number, body_n;
    int64_t started_ms;
    bool get; /* GET or HEAD */
    bool bad_target;
    char method[16];
    char *target; /* as it came */
    char *path;   /* decoded */
    const char *query, *tail;
};

/* ---- what handlers call ---- */

void *http_app(const HttpRequest *r) {
    return r->server->o.app;
}

void http_set_data(HttpRequest *r, void *data) {
    r->data = data;
}

void *http_data(const HttpRequest *r) {
    return r->data;
}

const char *http_header(const HttpRequest *r, const char *name) {
    return MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, name);
}

const char *http_tail(const HttpRequest *r) {
    return r->tail;
}

const char *http_query(const HttpRequest *r) {
    return r->query;
}

FormResult http_query_get(const HttpRequest *r, const char *name, char *ret, size_t cap) {
    return form_get(r->query, strcspn(r->query, "#"), name, ret, cap);
}

const ConnPeer *http_peer(const HttpRequest *r) {
    return conn_peer_of(r->conn);
}

void http_reply(HttpRequest *r, unsigned status, const char *type, const void *data, size_t n) {
    reply_set(&r->reply, status, type, data, n);
}

void http_reply_file(HttpRequest *r, unsigned status, const char *type, int fd, uint64_t size,
                     const char *etag) {
    reply_set_file(&r->reply, status, type, fd, size, etag);
}

void http_reply_error(HttpRequest *r, unsigned status, const char *code, const char *text) {
    reply_set_error(&r->reply, status, code, text);
}

void http_reply_header(HttpRequest *r, const char *name, const char *value) {
    reply_add_field(&r->reply, name, value);
}

bool http_replied(const HttpRequest *r) {
    return r->reply.status != 0;
}

void http_job(HttpRequest *r, void (*fn)(HttpRequest *r)) {
    r->job = fn;
}

/* ---- sending ---- */

static void add_field(struct MHD_Response *to, const char *name, const char *value) {
    if (MHD_add_response_header(to, name, value) != MHD_YES)
        cvk_log(LOG_WARN, "http.header", "name", name, NULL);
}

static void add_common_fields(struct MHD_Response *to, const HttpRequest *r) {
    const HttpReply *p = &r->reply;
    char id[24];
    snprintf(id, sizeof id, "%" PRIu64, r->number);
    add_field(to, "X-Request-Id", id);
    add_field(to, "X-Content-Type-Options", "nosniff");
    add_field(to, "Access-Control-Allow-Origin", "*");
    add_field(to, "Access-Control-Expose-Headers", "*");
    if (reply_field(p, "Cache-Control") == NULL)
        add_field(to, "Cache-Control", "no-store");
    if (p->type != NULL)
        add_field(to, "Content-Type", p->type);
    if (p->etag[0] != '\0') {
        add_field(to, "ETag", p->etag);
        add_field(to, "Accept-Ranges", "bytes");
    }
    if (p->close)
        add_field(to, "Connection", "close");
    for (size_t i = 0; i < p->n_fields; i++)
        add_field(to, p->fields[i].name, p->fields[i].value);
}

/* The response takes over the reply's file or memory. */
static struct MHD_Response *make_response(HttpReply *p) {
    static char nothing[1];
    struct MHD_Response *made;
    if (p->fd >= 0) {
        made = MHD_create_response_from_fd_at_offset64(p->n, p->fd, p->at);
        if (made != NULL)
            p->fd = -1;
    } else if (p->n != 0) {
        made = MHD_create_response_from_buffer(p->n, p->data, MHD_RESPMEM_MUST_FREE);
        if (made != NULL)
            p->data = NULL;
    } else {
        made = MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    }
    return made;
}

static enum MHD_Result send_reply(HttpRequest *r) {
    HttpReply *p = &r->reply;
    if (p->status == 0)
        reply_set_error(p, 500, "ServerError::NoReply", "the server has no answer");
    if (r->get)
        reply_narrow(p, http_header(r, "If-None-Match"), http_header(r, "If-Range"),
                     http_header(r, "Range"));
    if (atomic_load(&r->server->stopping))
        p->close = true;
    struct MHD_Response *response = make_response(p);
    if (response == NULL)
        return MHD_NO;
    add_common_fields(response, r);
    r->state = REQUEST_ANSWERED;
    conn_enter(r->server->conns, r->conn, CONN_SENDING);
    enum MHD_Result queued = MHD_queue_response(r->mhd, p->status, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- jobs ---- */

static void job_over(HttpServer *s) {
    pthread_mutex_lock(&s->lock);
    if (--s->jobs == 0)
        pthread_cond_signal(&s->jobs_over);
    pthread_mutex_unlock(&s->lock);
}

/* On the pool. A suspended connection cannot vanish, so r lives until the resume. */
static void run_job(void *ctx) {
    HttpRequest *r = ctx;
    HttpServer *s = r->server;
    r->job(r);
    MHD_resume_connection(r->mhd);
    job_over(s);
}

static bool take_job_place(HttpServer *s) {
    pthread_mutex_lock(&s->lock);
    bool room = s->jobs < LIMIT_JOBS;
    if (room)
        s->jobs++;
    pthread_mutex_unlock(&s->lock);
    return room;
}

static void refuse_job(HttpRequest *r) {
    reply_set_error(&r->reply, 503, "ServerError::Busy", "the server is busy: try again shortly");
    reply_add_field(&r->reply, "Retry-After", "5");
}

static enum MHD_Result start_job(HttpRequest *r) {
    HttpServer *s = r->server;
    CvkErr err;
    if (!take_job_place(s)) {
        refuse_job(r);
        return send_reply(r);
    }
    r->state = REQUEST_WORKING;
    conn_enter(s->conns, r->conn, CONN_WORKING);
    MHD_suspend_connection(r->mhd); /* before the job can resume it */
    if (cvk_pool_post(s->o.pool, LIMIT_JOBS, run_job, r, &err))
        return MHD_YES; /* from here on r belongs to the job */
    refuse_job(r);
    MHD_resume_connection(r->mhd);
    job_over(s);
    return MHD_YES;
}

/* ---- a request's way ---- */

static enum MHD_Result drop_rest(HttpRequest *r) {
    r->state = REQUEST_DROP;
    conn_enter(r->server->conns, r->conn, CONN_DISCARDING);
    return MHD_YES;
}

typedef struct {
    HttpField at[LIMIT_HEADERS + 1];
    size_t n;
} Fields;

/* The library puts the further lines of a folded field behind its *name* ("X: a", " b" becomes "Xb:
 * a"), so that "Transfer-Encoding:", " chunked" would go unseen. What gives it away: in what it
 * read as one line, the value stands right behind its name, the colon and blanks. */
static bool is_folded(const char *name, size_t name_n, const char *value) {
    uintptr_t colon = (uintptr_t)name + name_n, at = (uintptr_t)value;
    if (value == NULL || at <= colon || at - colon > LIMIT_HEADER_NAME)
        return true;
    for (const char *blank = name + name_n + 1; blank < value; blank++)
        if (*blank != ' ' && *blank != '\t')
            return true;
    return false;
}

static enum MHD_Result collect(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                               const char *value, size_t value_n) {
    (void)kind;
    Fields *f = cls;
    if (f->n <= LIMIT_HEADERS)
        f->at[f->n++] = (HttpField){name, name_n, value, value_n, is_folded(name, name_n, value)};
    return MHD_YES;
}

/* False: the reply says why the request cannot be trusted even as to where it ends. */
static bool pass_gate(HttpRequest *r, const char *version) {
    Fields fields = {.n = 0};
    MHD_get_connection_values_n(r->mhd, MHD_HEADER_KIND, collect, &fields);
    GateVerdict v = http_gate(fields.at, fields.n, strcmp(version, "HTTP/1.1") != 0);
    if (v == GATE_PASS && !r->bad_target)
        return true;
    if (v != GATE_PASS)
        reply_set_error(&r->reply, http_gate_status(v), "RequestError::Malformed",
                        http_gate_text(v));
    else
        reply_set_error(&r->reply, 400, "RequestError::Malformed",
                        "the request target is not a well-formed path");
    r->reply.close = true;
    return false;
}

static void refuse_big(HttpRequest *r) {
    reply_set_error(&r->reply, 413, "RequestError::TooLarge", "length limit exceeded");
}

/* The gate has passed it: a number, or absent (chunked, or no body). */
static uint64_t announced_length(const HttpRequest *r) {
    const char *text = http_header(r, "Content-Length");
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static void answer_preflight(HttpRequest *r, const char *allowed) {
    reply_set(&r->reply, 204, NULL, NULL, 0);
    reply_add_field(&r->reply, "Allow", allowed);
    reply_add_field(&r->reply, "Access-Control-Allow-Methods", allowed);
    reply_add_field(&r->reply, "Access-Control-Allow-Headers",
                    "authorization, content-type, if-none-match, range, *");
    reply_add_field(&r->reply, "Access-Control-Max-Age", "86400");
}

static void find_handler(HttpRequest *r) {
    static const char not_found[] = "<h1>Error 404</h1>";
    char allowed[ROUTE_ALLOW_MAX];
    const HttpRoute *route;
    switch (route_find(r->server->o.routes, r->server->o.n_routes, r->method, r->path, &route,
                       &r->tail, allowed)) {
    case ROUTE_FOUND:
        r->handler = route->handler;
        break;
    case ROUTE_NO_PATH:
        reply_set(&r->reply, 404, "text/html", not_found, sizeof not_found - 1);
        break;
    case ROUTE_NO_METHOD:
        reply_set(&r->reply, 405, NULL, NULL, 0);
        reply_add_field(&r->reply, "Allow", allowed);
        break;
    case ROUTE_OPTIONS:
        answer_preflight(r, allowed);
        break;
    }
}

static bool waits_for_100(const HttpRequest *r) {
    const char *expect = http_header(r, "Expect");
    return expect != NULL && http_name_is(expect, strlen(expect), "100-continue");
}

static enum MHD_Result on_head(HttpRequest *r, const char *method, const char *version) {
    snprintf(r->method, sizeof r->method, "%s", method);
    r->get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    conn_enter(r->server->conns, r->conn, CONN_BODY);
    if (!pass_gate(r, version))
        return send_reply(r);
    uint64_t length = announced_length(r);
    if (atomic_load(&r->server->stopping)) {
        reply_set_error(&r->reply, 503, "ServerError::Stopping", "the server is stopping");
        reply_add_field(&r->reply, "Retry-After", "5");
    } else if (length > r->server->o.body_max) {
        refuse_big(r);
    } else {
        find_handler(r);
    }
    if (r->handler != NULL && r->handler->on_headers != NULL)
        r->handler->on_headers(r);
    if (!http_replied(r)) {
        r->state = REQUEST_BODY;
        return MHD_YES;
    }
    if (waits_for_100(r) || length > 2 * r->server->o.body_max) { /* too much to read for manners */
        r->reply.close = true;
        return send_reply(r);
    }
    return drop_rest(r);
}

static enum MHD_Result on_piece(HttpRequest *r, const char *data, size_t n) {
    HttpServer *s = r->server;
    r->body_n += n;
    conn_received(s->conns, r->conn, n);
    if (r->body_n > 2 * s->o.body_max)
        return MHD_NO; /* it has its reply already, and does not end */
    if (r->state == REQUEST_DROP)
        return MHD_YES;
    if (r->body_n > s->o.body_max)
        refuse_big(r);
    else if (r->handler->on_body != NULL)
        r->handler->on_body(r, data, n);
    return http_replied(r) ? drop_rest(r) : MHD_YES;
}

static enum MHD_Result on_whole(HttpRequest *r) {
    if (r->state == REQUEST_BODY && r->handler->on_end != NULL)
        r->handler->on_end(r);
    return r->job != NULL && !http_replied(r) ? start_job(r) : send_reply(r);
}

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *data_n, void **con_cls) {
    (void)cls;
    (void)mhd;
    (void)url;
    HttpRequest *r = *con_cls;
    if (r == NULL)
        return MHD_NO; /* memory was short when it came */
    switch (r->state) {
    case REQUEST_NEW:
        return on_head(r, method, version);
    case REQUEST_BODY:
    case REQUEST_DROP: {
        size_t n = *data_n;
        *data_n = 0;
        return n != 0 ? on_piece(r, data, n) : on_whole(r);
    }
    case REQUEST_WORKING:
        return send_reply(r);
    case REQUEST_ANSWERED:
        return MHD_YES;
    }
    return MHD_NO;
}

/* ---- where requests and connections begin and end ---- */

static HttpRequest *request_free(HttpRequest *r) {
    if (r == NULL)
        return NULL;
    reply_done(&r->reply);
    free(r->target);
    free(r->path);
    free(r);
    return NULL;
}
DEFINE_CLEANUP(HttpRequest, request_free)

static HttpRequest *request_new(HttpServer *s, struct MHD_Connection *mhd, Conn *conn,
                                const char *target) {
    _cleanup_(request_free_at) HttpRequest *r = cvk_alloc(1, sizeof *r, NULL);
    if (r == NULL)
        return NULL;
    r->reply = HTTP_REPLY_NONE;
    r->server = s;
    r->mhd = mhd;
    r->conn = conn;
    r->number = atomic_fetch_add(&s->requests, 1) + 1;
    r->started_ms = cvk_monotonic_ms();
    r->query = r->tail = "";
    size_t n = strlen(target);
    r->bad_target = n > LIMIT_TARGET;
    r->target = cvk_strdup(r->bad_target ? "" : target, NULL);
    r->path = cvk_alloc(n + 1, 1, NULL);
    if (r->target == NULL || r->path == NULL)
        return NULL;
    if (!r->bad_target)
        r->bad_target = !url_split(r->target, r->path, n + 1, &r->query);
    HttpRequest *made = r;
    r = NULL;
    return made;
}

static Conn *conn_of(struct MHD_Connection *mhd) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

/* The library calls this with the raw target before it parses anything; what it returns is the
 * request's own pointer. */
static void *on_request_line(void *cls, const char *target, struct MHD_Connection *mhd) {
    Conn *conn = conn_of(mhd);
    return conn != NULL ? request_new(cls, mhd, conn, target) : NULL;
}

static void log_request(const HttpRequest *r, bool sent) {
    char id[24], status[8], ms[24], body[24];
    snprintf(id, sizeof id, "%" PRIu64, r->number);
    snprintf(status, sizeof status, "%u", r->reply.status);
    snprintf(ms, sizeof ms, "%" PRId64, cvk_monotonic_ms() - r->started_ms);
    snprintf(body, sizeof body, "%" PRIu64, r->body_n);
    cvk_log(r->reply.status >= 500 ? LOG_WARN : LOG_DEBUG, "http.request", "req", id, "method",
            r->method, "path", r->path, "status", status, "ms", ms, "body", body, "sent",
            sent ? "yes" : "no", NULL);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **con_cls,
                         enum MHD_RequestTerminationCode how) {
    (void)mhd;
    HttpServer *s = cls;
    HttpRequest *r = *con_cls;
    *con_cls = NULL;
    if (r == NULL)
        return;
    bool sent = r->state == REQUEST_ANSWERED && how == MHD_REQUEST_TERMINATED_COMPLETED_OK;
    if (r->handler != NULL && r->handler->on_done != NULL)
        r->handler->on_done(r, sent);
    if (r->state != REQUEST_NEW)
        log_request(r, sent);
    conn_enter(s->conns, r->conn, CONN_WAITING);
    request_free(r);
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode what) {
    HttpServer *s = cls;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*context != NULL)
            conn_remove(s->conns, *context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *addr =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *context = conn_add(s->conns, fd->connect_fd, addr->client_addr);
}

static enum MHD_Result on_accept(void *cls, const struct sockaddr *addr, socklen_t n) {
    (void)n;
    HttpServer *s = cls;
    return conn_admits(s->conns, addr) ? MHD_YES : MHD_NO;
}

/* The library's own complaints: mostly clients that went away. */
static void on_library_log(void *cls, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));
static void on_library_log(void *cls, const char *fmt, va_list args) {
    (void)cls;
    char text[256];
    vsnprintf(text, sizeof text, fmt, args);
    text[strcspn(text, "\n")] = '\0';
    cvk_log(LOG_DEBUG, "http.library", "message", text, NULL);
}

/* ---- start and stop ---- */

static bool listen_on(HttpServer *s, const struct addrinfo *at, CvkErr *err) {
    int on = 1, off = 0;
    s->listener = socket(at->ai_family, SOCK_STREAM, 0);
    if (s->listener < 0)
        return cvk_fail_errno(err, "http.listen", "cannot make a socket");
    fcntl(s->listener, F_SETFD, FD_CLOEXEC);
    fcntl(s->listener, F_SETFL, O_NONBLOCK); /* two threads accept from it */
    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at->ai_family == AF_INET6) /* "::" serves IPv4 too */
        setsockopt(s->listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(s->listener, at->ai_addr, at->ai_addrlen) != 0 || listen(s->listener, SOMAXCONN) != 0)
        return cvk_fail_errno(err, "http.listen", "cannot listen on '%s' port %u", s->o.address,
                              s->o.port);
    struct sockaddr_storage got;
    socklen_t n = sizeof got;
    if (getsockname(s->listener, (struct sockaddr *)&got, &n) != 0)
        return cvk_fail_errno(err, "http.listen", "cannot tell the port");
    struct sockaddr_in6 in6;
    struct sockaddr_in in;
    memcpy(&in6, &got, sizeof in6);
    memcpy(&in, &got, sizeof in);
    s->port = ntohs(got.ss_family == AF_INET6 ? in6.sin6_port : in.sin_port);
    return true;
}

static bool open_listener(HttpServer *s, CvkErr *err) {
    char port[8];
    snprintf(port, sizeof port, "%u", s->o.port);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(s->o.address, port, &hints, &found) != 0)
        return cvk_fail(err, CVK_EBADREQ, "http.address", "'%s' is not an IP address to listen on",
                        s->o.address);
    bool ok = listen_on(s, found, err);
    freeaddrinfo(found);
    return ok;
}

static bool start_daemon(HttpServer *s, CvkErr *err) {
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    s->daemon = MHD_start_daemon(
        flags, 0, on_accept, s, on_access, s, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, s->listener, MHD_OPTION_THREAD_POOL_SIZE, s->o.threads,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LIMIT_CONNECTION_IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_CONNECTION_MEMORY,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
    return s->daemon != NULL ||
           cvk_fail(err, CVK_EINTERNAL, "http.start", "cannot start the HTTP server");
}

static HttpServer *server_free(HttpServer *s) {
    if (s == NULL)
        return NULL;
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    if (s->listener >= 0)
        close(s->listener);
    conn_table_free(s->conns);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->jobs_over);
    free(s);
    return NULL;
}

bool http_server_start(const HttpOptions *o, HttpServer **ret, CvkErr *err) {
    static const ConnLimits usual = {.head_ms = LIMIT_HEAD_MS,
                                     .upload_ms = LIMIT_UPLOAD_MS,
                                     .discard_ms = LIMIT_DISCARD_MS,
                                     .send_ms = LIMIT_SEND_MS,
                                     .window_ms = LIMIT_UPLOAD_WINDOW_MS,
                                     .bytes_per_second = LIMIT_UPLOAD_RATE};
    HttpServer *s = cvk_alloc(1, sizeof *s, err);
    if (s == NULL)
        return false;
    s->o = *o;
    s->o.threads = o->threads != 0 ? o->threads : 2;
    s->o.body_max = o->body_max != 0 ? o->body_max : LIMIT_BODY;
    s->listener = -1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->jobs_over, NULL);
    s->conns =
        conn_table_new(o->limits != NULL ? o->limits : &usual, LIMIT_CONNECTIONS_PER_IP, err);
    if (s->conns == NULL || !open_listener(s, err) || !start_daemon(s, err)) {
        server_free(s);
        return false;
    }
    *ret = s;
    return true;
}

uint16_t http_server_port(const HttpServer *s) {
    return s->port;
}

static void wait_for_jobs(HttpServer *s) {
    pthread_mutex_lock(&s->lock);
    while (s->jobs != 0)
        pthread_cond_wait(&s->jobs_over, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

HttpServer *http_server_stop(HttpServer *s, int64_t grace_ms) {
    if (s == NULL)
        return NULL;
    MHD_quiesce_daemon(s->daemon);    /* the listener is ours again */
    shutdown(s->listener, SHUT_RDWR); /* new clients are refused at once, not left in the backlog */
    atomic_store(&s->stopping, true);
    if (!conn_wait_idle(s->conns, cvk_monotonic_ms() + grace_ms))
        cvk_log(LOG_WARN, "http.stop", "why", "some requests were cut off", NULL);
    wait_for_jobs(s); /* all connections must be resumed before the library stops */
    return server_free(s);
}
