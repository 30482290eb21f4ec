#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/gate.h"
#include "http/server_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- jobs ---- */

static void job_over(HttpServer *s, Jobs *jobs) {
    pthread_mutex_lock(&s->lock);
    if (--jobs->n == 0)
        pthread_cond_signal(&s->jobs_over);
    pthread_mutex_unlock(&s->lock);
}

/* On the pool. A suspended connection cannot vanish, so r lives until the resume. */
static void run_job(void *ctx) {
    HttpRequest *r = ctx;
    HttpServer *s = r->server;
    Jobs *jobs = r->jobs;
    r->job(r);
    MHD_resume_connection(r->mhd);
    job_over(s, jobs);
}

static bool take_job_place(HttpServer *s, Jobs *jobs) {
    pthread_mutex_lock(&s->lock);
    bool room = jobs->n < LIMIT_JOBS && !s->no_more_jobs;
    if (room)
        jobs->n++;
    pthread_mutex_unlock(&s->lock);
    return room;
}

static enum MHD_Result start_job(HttpRequest *r) {
    HttpServer *s = r->server;
    Jobs *jobs = r->jobs;
    CvkErr err;
    if (!take_job_place(s, jobs)) {
        http_reply_busy(r);
        return request_send(r);
    }
    r->state = REQUEST_WORKING;
    conn_enter(s->conns, r->conn, CONN_WORKING);
    MHD_suspend_connection(r->mhd); /* before the job can resume it */
    if (cvk_pool_post(jobs->pool, LIMIT_JOBS, run_job, r, &err))
        return MHD_YES; /* from here on r belongs to the job */
    http_reply_busy(r);
    MHD_resume_connection(r->mhd);
    job_over(s, jobs);
    return MHD_YES;
}

/* ---- parking ---- */

static enum MHD_Result start_park(HttpRequest *r) {
    bool (*begin)(HttpRequest *) = r->park;
    r->park = NULL;
    r->state = REQUEST_PARKED;
    r->whole_us = 0;
    conn_enter(r->server->conns, r->conn, CONN_WORKING);
    MHD_suspend_connection(r->mhd); /* before anybody can wake it */
    if (!begin(r))
        http_wake(r);
    return MHD_YES; /* from here on r belongs to who wakes it */
}

/* ---- a request's way ---- */

static enum MHD_Result drop_rest(HttpRequest *r) {
    r->state = REQUEST_DROP;
    conn_enter(r->server->conns, r->conn, CONN_DISCARDING);
    return MHD_YES;
}

static void refuse_big(HttpRequest *r, const HttpRoute *route) {
    reply_set_error(&r->reply, 413, "RequestError::TooLarge", "length limit exceeded");
    request_reword(r, HTTP_TOO_LARGE, route);
}

static void refuse_stopping(HttpRequest *r, const HttpRoute *route) {
    reply_set_error(&r->reply, 503, "ServerError::Stopping", "the server is stopping");
    reply_add_field(&r->reply, "Retry-After", "5");
    request_reword(r, HTTP_STOPPING, route);
}

/* A body that must be decompressed to be read: nobody knows how big that is. */
static bool is_encoded(const HttpRequest *r) {
    const char *encoding = http_header(r, "Content-Encoding");
    return encoding != NULL && !http_name_is(encoding, strlen(encoding), "identity");
}

static void refuse_encoded(HttpRequest *r, const HttpRoute *route) {
    reply_set_error(&r->reply, 415, "RequestError::UnsupportedMediaType",
                    "request bodies are taken without `Content-Encoding`: send it uncompressed");
    reply_add_field(&r->reply, "Accept-Encoding", "identity");
    request_reword(r, HTTP_ENCODED, route);
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

static void admit(HttpRequest *r, const HttpRoute *route) {
    const HttpOptions *o = &r->server->o;
    r->route = route;
    if (o->admit != NULL)
        o->admit(r, route->class_);
    if (!http_replied(r))
        r->handler = route->handler;
}

/* A route that was looked for, and what came of it. */
typedef struct {
    const HttpRoute *route; /* NULL: the path is nobody's */
    RouteResult result;
    char allowed[ROUTE_ALLOW_MAX];
} Found;

static void answer_found(HttpRequest *r, const Found *f) {
    static const char not_found[] = "<h1>Error 404</h1>";
    switch (f->result) {
    case ROUTE_FOUND:
        admit(r, f->route);
        break;
    case ROUTE_NO_PATH:
        reply_set(&r->reply, 404, "text/html", not_found, sizeof not_found - 1);
        request_reword(r, HTTP_NO_PATH, NULL);
        break;
    case ROUTE_NO_METHOD:
        reply_set(&r->reply, 405, NULL, NULL, 0);
        reply_add_field(&r->reply, "Allow", f->allowed);
        request_reword(r, HTTP_NO_METHOD, f->route);
        break;
    case ROUTE_OPTIONS:
        answer_preflight(r, f->allowed);
        break;
    }
}

/* Its reply, or its handler. */
static void judge_head(HttpRequest *r, uint64_t length) {
    const HttpOptions *o = &r->server->o;
    Found f;
    f.result =
        route_find(o->routes, o->n_routes, r->method, r->path, &f.route, &r->tail, f.allowed);
    bool has_own_max = f.result == ROUTE_FOUND && f.route->handler->body_max != 0;
    r->body_max = has_own_max ? f.route->handler->body_max : o->body_max;
    if (atomic_load(&r->server->stopping))
        refuse_stopping(r, f.route);
    else if (length > r->body_max)
        refuse_big(r, f.route);
    else if (is_encoded(r))
        refuse_encoded(r, f.route);
    else
        answer_found(r, &f);
}

static bool waits_for_100(const HttpRequest *r) {
    const char *expect = http_header(r, "Expect");
    return expect != NULL && http_name_is(expect, strlen(expect), "100-continue");
}

static enum MHD_Result on_head(HttpRequest *r, const char *method, const char *version) {
    snprintf(r->method, sizeof r->method, "%s", method);
    r->head = strcmp(method, "HEAD") == 0;
    r->get = r->head || strcmp(method, "GET") == 0;
    conn_enter(r->server->conns, r->conn, CONN_BODY);
    if (!head_passes(r, method, version))
        return request_send(r);
    uint64_t length = announced_length(r);
    judge_head(r, length);
    if (r->handler != NULL && r->handler->on_headers != NULL)
        r->handler->on_headers(r);
    if (!http_replied(r)) {
        r->state = REQUEST_BODY;
        return MHD_YES;
    }
    if (waits_for_100(r) || length > 2 * r->body_max) { /* too much to read for manners */
        r->reply.close = true;
        return request_send(r);
    }
    return drop_rest(r);
}

static enum MHD_Result on_piece(HttpRequest *r, const char *data, size_t n) {
    r->body_n += n;
    conn_received(r->server->conns, r->conn, n);
    if (r->body_n > 2 * r->body_max)
        return MHD_NO; /* it has its reply already, and does not end */
    if (r->state == REQUEST_DROP)
        return MHD_YES;
    if (r->body_n > r->body_max)
        refuse_big(r, r->route);
    else if (r->handler->on_body != NULL)
        r->handler->on_body(r, data, n);
    return http_replied(r) ? drop_rest(r) : MHD_YES;
}

/* What the handler asked for: a reply to send, else a stream, else to be parked, else a job. */
static enum MHD_Result go_on(HttpRequest *r) {
    if (http_replied(r))
        return request_send(r);
    if (r->stream.pull != NULL)
        return request_stream(r);
    if (r->park != NULL)
        return start_park(r);
    return r->job != NULL ? start_job(r) : request_send(r);
}

static enum MHD_Result on_whole(HttpRequest *r) {
    r->whole_us = cvk_monotonic_us();
    if (r->state == REQUEST_BODY && r->handler->on_end != NULL)
        r->handler->on_end(r);
    return go_on(r);
}

static enum MHD_Result on_woken(HttpRequest *r) {
    r->woken(r);
    return go_on(r);
}

enum MHD_Result request_access(HttpRequest *r, const char *method, const char *version,
                               const char *data, size_t *data_n) {
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
        return request_send(r);
    case REQUEST_PARKED:
        return on_woken(r);
    case REQUEST_ANSWERED:
        return MHD_YES;
    }
    return MHD_NO;
}

/* ---- where a request begins and ends ---- */

/* One piece of memory: the request, its notes, the target, the path. */
HttpRequest *request_new(HttpServer *s, struct MHD_Connection *mhd, Conn *conn,
                         const char *target) {
    size_t n = strlen(target), kept = n > LIMIT_TARGET ? 0 : n;
    HttpRequest *r = cvk_alloc(1, sizeof *r + s->o.notes_bytes + 2 * (kept + 1), NULL);
    if (r == NULL)
        return NULL;
    r->reply = HTTP_REPLY_NONE;
    r->server = s;
    r->mhd = mhd;
    r->conn = conn;
    r->peer = ip_peer(conn_ip(conn));
    r->number = atomic_fetch_add(&s->requests, 1) + 1;
    r->started_ms = cvk_monotonic_ms();
    r->query = r->tail = "";
    r->raw_target = target;
    r->raw_target_n = n;
    char *copy = (char *)r->notes + s->o.notes_bytes;
    memcpy(copy, target, kept);
    r->path = copy + kept + 1;
    r->bad_target = kept != n || !url_split(copy, r->path, kept + 1, &r->query);
    return r;
}

void request_end(HttpRequest *r, bool completed) {
    bool sent = completed && r->state == REQUEST_ANSWERED;
    stream_over(r);
    if (r->handler != NULL && r->handler->on_done != NULL)
        r->handler->on_done(r, sent);
    count_request(&r->server->counters, sent ? r->reply.status : 0, r->body_n);
    if (r->state != REQUEST_NEW)
        request_log(r, sent);
    conn_enter(r->server->conns, r->conn, CONN_WAITING);
    reply_done(&r->reply);
    free(r);
}
