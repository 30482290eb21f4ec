#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/forwarded.h"
#include "http/server_private.h"
#include "http/tls.h"

#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- the library's callbacks ---- */

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

static enum MHD_Result on_access(void *cls, struct MHD_Connection *mhd, const char *url,
                                 const char *method, const char *version, const char *data,
                                 size_t *data_n, void **request) {
    (void)cls;
    (void)mhd;
    (void)url;
    if (*request == NULL)
        return MHD_NO; /* memory was short when it came */
    return request_access(*request, method, version, data, data_n);
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **request,
                         enum MHD_RequestTerminationCode how) {
    (void)cls;
    (void)mhd;
    if (*request != NULL)
        request_end(*request, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    *request = NULL;
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
    IpAddress ip = ip_from_socket(addr->client_addr);
    *context = conn_add(s->conns, fd->connect_fd, &ip);
}

static enum MHD_Result on_accept(void *cls, const struct sockaddr *addr, socklen_t n) {
    (void)n;
    HttpServer *s = cls;
    IpAddress ip = ip_from_socket(addr);
    if (proxies_hold(s->o.trusted_proxies, &ip) || conn_admits(s->conns, &ip))
        return MHD_YES;
    count_refused_peer(&s->counters);
    return MHD_NO;
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
    s->port = port_from_socket((const struct sockaddr *)&got);
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

/* No more connections than there are descriptors for, whatever else the process opens. Out of them,
 * files and the database could not be opened either. */
static void fit_descriptors(ConnLimits *l) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= l->connections + LIMIT_OWN_DESCRIPTORS)
        return;
    size_t have = (size_t)limit.rlim_cur;
    size_t own = have / 2 < LIMIT_OWN_DESCRIPTORS ? have / 2 : LIMIT_OWN_DESCRIPTORS;
    char have_text[24], want_text[24], left_text[24];
    snprintf(have_text, sizeof have_text, "%zu", have);
    snprintf(want_text, sizeof want_text, "%zu", l->connections + LIMIT_OWN_DESCRIPTORS);
    l->connections = have - own;
    l->crowd = l->crowd < l->connections / 4 * 3 ? l->crowd : l->connections / 4 * 3;
    snprintf(left_text, sizeof left_text, "%zu", l->connections);
    cvk_log(LOG_WARN, "http.few_descriptors", "have", have_text, "want", want_text, "connections",
            left_text, "advice",
            "raise the limit: LimitNOFILE= of the systemd unit, or ulimit -n before the start",
            NULL);
}

static bool start_daemon(HttpServer *s, const TlsFiles *tls, CvkErr *err) {
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    char priorities[] = TLS_PRIORITIES;
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem encrypted[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, tls->cert},
                                         {MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key},
                                         {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
                                         {MHD_OPTION_END, 0, NULL}};
    if (tls->key != NULL)
        flags |= MHD_USE_TLS;
    s->daemon = MHD_start_daemon(
        flags, 0, on_accept, s, on_access, s, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, s->listener, MHD_OPTION_THREAD_POOL_SIZE, s->o.threads,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)s->limits.connections, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)LIMIT_CONNECTION_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)LIMIT_CONNECTION_MEMORY, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        s, MHD_OPTION_ARRAY, tls->key != NULL ? encrypted : plain, MHD_OPTION_END);
    return s->daemon != NULL ||
           cvk_fail(err, CVK_EINTERNAL, "http.start", "cannot start the HTTP server");
}

static bool start(HttpServer *s, CvkErr *err) {
    TlsFiles tls = {0};
    if (s->o.tls_key != NULL && !tls_load(s->o.tls_cert, s->o.tls_key, &tls, err))
        return false;
    bool ok = open_listener(s, err) && start_daemon(s, &tls, err);
    tls_done(&tls); /* the library has copies */
    return ok;
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
                                     .stall_ms = LIMIT_STREAM_STALL_MS,
                                     .window_ms = LIMIT_UPLOAD_WINDOW_MS,
                                     .bytes_per_second = LIMIT_UPLOAD_RATE,
                                     .connections = LIMIT_CONNECTIONS,
                                     .per_peer = LIMIT_CONNECTIONS_PER_IP,
                                     .crowd = LIMIT_CONNECTIONS_CROWD,
                                     .crowd_head_ms = LIMIT_CROWD_HEAD_MS};
    HttpServer *s = cvk_alloc(1, sizeof *s, err);
    if (s == NULL)
        return false;
    s->o = *o;
    s->o.threads = o->threads != 0 ? o->threads : 2;
    s->o.body_max = o->body_max != 0 ? o->body_max : LIMIT_BODY;
    s->listener = -1;
    for (size_t i = 0; i < HTTP_LANES_N; i++)
        s->jobs[i].pool = o->pools[i];
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->jobs_over, NULL);
    s->limits = o->limits != NULL ? *o->limits : usual;
    fit_descriptors(&s->limits);
    s->conns = conn_table_new(&s->limits, err);
    if (s->conns == NULL || !start(s, err)) {
        server_free(s);
        return false;
    }
    *ret = s;
    return true;
}

uint16_t http_server_port(const HttpServer *s) {
    return s->port;
}

static void refuse_jobs(HttpServer *s) {
    pthread_mutex_lock(&s->lock);
    s->no_more_jobs = true;
    pthread_mutex_unlock(&s->lock);
}

size_t server_jobs(const HttpServer *s) {
    size_t n = 0;
    for (size_t i = 0; i < HTTP_LANES_N; i++)
        n += s->jobs[i].n;
    return n;
}

static void wait_for_jobs(HttpServer *s) {
    pthread_mutex_lock(&s->lock);
    while (server_jobs(s) != 0)
        pthread_cond_wait(&s->jobs_over, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

HttpServer *http_server_stop(HttpServer *s, int64_t grace_ms) {
    if (s == NULL)
        return NULL;
    MHD_quiesce_daemon(s->daemon);    /* the listener is ours again */
    shutdown(s->listener, SHUT_RDWR); /* new clients are refused at once, not left in the backlog */
    atomic_store(&s->stopping, true);
    conn_hurry_streams(s->conns, LIMIT_LAST_REPLY_MS);
    stream_end_all(s);
    bool idle = conn_wait_idle(s->conns, cvk_monotonic_ms() + grace_ms);
    refuse_jobs(s); /* all connections must be resumed before the library stops, and stay so */
    if (!idle)
        cvk_log(LOG_WARN, "http.stop", "why", "some requests are cut off", NULL);
    wait_for_jobs(s);
    conn_wait_answered(s->conns, cvk_monotonic_ms() + LIMIT_LAST_REPLY_MS);
    return server_free(s);
}
