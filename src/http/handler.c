/* What handlers ask of a request, and what they make of it. */
#include "http/server_private.h"

#include <string.h>

uint64_t http_number(const HttpRequest *r) {
    return r->number;
}

void *http_app(const HttpRequest *r) {
    return r->server->o.app;
}

void http_set_data(HttpRequest *r, void *data) {
    r->data = data;
}

void *http_data(const HttpRequest *r) {
    return r->data;
}

void *http_notes(HttpRequest *r) {
    return r->notes;
}

const char *http_header(const HttpRequest *r, const char *name) {
    return MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, name);
}

const char *http_path(const HttpRequest *r) {
    return r->path;
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

size_t http_query_count(const HttpRequest *r, const char *name) {
    return form_count(r->query, strcspn(r->query, "#"), name);
}

const char *http_own_host(const HttpRequest *r) {
    const char *host = http_header(r, "Host");
    IpAddress here;
    uint16_t port;
    bool own = host != NULL && conn_here(r->conn, &here, &port);
    return own && host_is_address(host, &here, port) ? host : NULL;
}

const char *http_scheme(const HttpRequest *r) {
    return r->server->o.tls_key != NULL ? "https" : "http";
}

const ConnPeer *http_peer(const HttpRequest *r) {
    return &r->peer;
}

void http_reply(HttpRequest *r, unsigned status, const char *type, const void *data, size_t n) {
    reply_set(&r->reply, status, type, data, n);
}

void http_reply_file(HttpRequest *r, unsigned status, const char *type, int fd, uint64_t size,
                     const char *etag) {
    reply_set_file(&r->reply, status, type, fd, size, etag);
}

void http_reply_encoding(HttpRequest *r, const char *encoding) {
    r->reply.encoding = encoding;
}

void http_reply_error(HttpRequest *r, unsigned status, const char *code, const char *text) {
    reply_set_error(&r->reply, status, code, text);
}

void http_reply_header(HttpRequest *r, const char *name, const char *value) {
    reply_add_field(&r->reply, name, value);
}

void request_reword(HttpRequest *r, HttpRefusal why, const HttpRoute *route) {
    if (r->server->o.reword != NULL)
        r->server->o.reword(r, why, route);
}

void http_reply_busy(HttpRequest *r) {
    http_reply_error(r, 503, "ServerError::Busy", "the server is busy: try again shortly");
    http_reply_header(r, "Retry-After", "5");
    request_reword(r, HTTP_BUSY, r->route);
}

bool http_replied(const HttpRequest *r) {
    return r->reply.status != 0;
}

bool http_sent_part(const HttpRequest *r, bool sent, uint64_t *ret_at, uint64_t *ret_n) {
    const HttpReply *p = &r->reply;
    bool has_file = !r->head && p->size != 0 && r->state == REQUEST_ANSWERED;
    uint64_t arrived = sent || !has_file ? p->n : request_acked(r) - r->acked;
    *ret_at = p->at;
    *ret_n = arrived < p->n ? arrived : p->n;
    return has_file && *ret_n != 0;
}

void http_job(HttpRequest *r, HttpLane lane, void (*fn)(HttpRequest *r)) {
    r->job = fn;
    r->jobs = &r->server->jobs[lane];
}

void http_park(HttpRequest *r, bool (*begin)(HttpRequest *r), void (*woken)(HttpRequest *r)) {
    r->park = begin;
    r->woken = woken;
}

void http_wake(HttpRequest *r) {
    MHD_resume_connection(r->mhd);
}

bool http_gone(const HttpRequest *r) {
    return conn_gone(r->conn);
}
