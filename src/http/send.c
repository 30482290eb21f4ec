#include "base/clock.h"
#include "base/log.h"
#include "http/server_private.h"

#include <inttypes.h>
#include <linux/tcp.h> /* the C library's has not all of it */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

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
    if (p->encoding != NULL)
        add_field(to, "Content-Encoding", p->encoding);
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

static enum MHD_Result queue(HttpRequest *r, struct MHD_Response *response) {
    if (response == NULL)
        return MHD_NO;
    r->state = REQUEST_ANSWERED;
    add_common_fields(response, r);
    enum MHD_Result queued = MHD_queue_response(r->mhd, r->reply.status, response);
    MHD_destroy_response(response);
    return queued;
}

uint64_t request_acked(const HttpRequest *r) {
    struct tcp_info info = {.tcpi_bytes_acked = 0};
    socklen_t n = sizeof info;
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (fd == NULL || getsockopt(fd->connect_fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
        return 0;
    return info.tcpi_bytes_acked;
}

enum MHD_Result request_stream(HttpRequest *r) {
    r->reply.status = 200;
    return queue(r, stream_make_response(r));
}

enum MHD_Result request_send(HttpRequest *r) {
    HttpReply *p = &r->reply;
    if (p->status == 0)
        reply_set_error(p, 500, "ServerError::NoReply", "the server has no answer");
    if (r->get)
        reply_narrow(p, http_header(r, "If-None-Match"), http_header(r, "If-Range"),
                     http_header(r, "Range"));
    if (atomic_load(&r->server->stopping) || conn_crowded(r->server->conns))
        p->close = true;
    if (r->whole_us != 0)
        count_latency(&r->server->counters, (uint64_t)(cvk_monotonic_us() - r->whole_us));
    r->acked = request_acked(r);
    conn_enter(r->server->conns, r->conn, CONN_SENDING);
    return queue(r, make_response(p));
}
