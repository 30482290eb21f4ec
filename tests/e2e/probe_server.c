/* A server of nothing but src/http, for test_http.py: its limits are small and its jobs wait to be
 * released, so that no test needs to sleep.
 *
 *     probe_server HEAD_MS UPLOAD_MS DISCARD_MS WINDOW_MS RATE BODY_MAX
 *
 * PROBE_GRACE_MS: how long a stop waits for requests; PROBE_STALL_MS: how long a stream waits for
 * its client; PROBE_CROWD: so many connections are a crowd; PROBE_PROXIES: whom X-Forwarded-For is
 * believed from; PROBE_TLS_CERT and PROBE_TLS_KEY: files, to speak TLS. Prints its port; stops
 * cleanly on SIGTERM or when standard input ends. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/counters.h"
#include "http/server.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES 5000000
#define PARKED_MAX 200

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t released;
    bool open;           /* jobs need not wait */
    atomic_uint asked;   /* jobs */
    unsigned waiting;    /* jobs that do */
    atomic_uint sent;    /* replies that went out whole */
    atomic_uint cut;     /* and those that did not */
    atomic_ullong taken; /* body bytes given to handlers */
    HttpRequest *parked[PARKED_MAX];
    unsigned n_parked;
    atomic_uint gone; /* parked ones whose client had hung up when they were woken */
    struct Watcher *watchers;
    unsigned n_watchers;
    atomic_uint news; /* events so far */
    atomic_bool over; /* streams end when they have told all */
} Probe;

static int stop_pipe[2];

static void on_term(int sig) {
    (void)sig;
    ssize_t n = write(stop_pipe[1], "", 1);
    (void)n;
}

static void reply_text(HttpRequest *r, const char *text) {
    http_reply(r, 200, "text/plain", text, strlen(text));
}

static void hello(HttpRequest *r) {
    reply_text(r, "hello");
}

static void refuse(HttpRequest *r) {
    http_reply_error(r, 400, "Probe::Refused", "not now");
}

static void take(HttpRequest *r, const void *data, size_t n) {
    (void)data;
    Probe *p = http_app(r);
    atomic_fetch_add(&p->taken, n);
}

static void report(HttpRequest *r) {
    Probe *p = http_app(r);
    char text[200];
    pthread_mutex_lock(&p->lock);
    unsigned waiting = p->waiting, parked = p->n_parked, streams = p->n_watchers;
    pthread_mutex_unlock(&p->lock);
    snprintf(text, sizeof text,
             "{\"taken\":%llu,\"sent\":%u,\"cut\":%u,\"waiting\":%u,\"asked\":%u,"
             "\"parked\":%u,\"gone\":%u,\"streams\":%u}",
             (unsigned long long)atomic_load(&p->taken), atomic_load(&p->sent),
             atomic_load(&p->cut), waiting, atomic_load(&p->asked), parked, atomic_load(&p->gone),
             streams);
    http_reply(r, 200, "application/json", text, strlen(text));
}

/* The bytes of the peer's address in hexadecimal, and whether it counts as this machine. */
static void tell_peer(HttpRequest *r) {
    const ConnPeer *peer = http_peer(r);
    char text[40];
    size_t n = 0;
    for (size_t i = 0; i < (peer->v6 ? 8u : 4u); i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%02x", peer->bytes[i]);
    snprintf(text + n, sizeof text - n, "%s", peer->loopback ? " here" : "");
    reply_text(r, text);
}

/* As JSON: requests by class of their status, connections by phase, and the rest. */
static void count(HttpRequest *r) {
    HttpCounters c;
    char text[400];
    size_t n = 0;
    uint64_t timed = 0;
    http_counters(r, &c);
    for (size_t i = 0; i <= HTTP_LATENCIES; i++)
        timed += c.latency[i];
    n += (size_t)snprintf(text, sizeof text, "{\"requests\":[");
    for (size_t i = 0; i < HTTP_STATUS_CLASSES; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%llu", i != 0 ? "," : "",
                              (unsigned long long)c.requests[i]);
    n += (size_t)snprintf(text + n, sizeof text - n, "],\"connections\":[");
    for (size_t i = 0; i < CONN_PHASES; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%zu", i != 0 ? "," : "",
                              c.connections[i]);
    snprintf(text + n, sizeof text - n, "],\"cut\":%llu,\"body\":%llu,\"timed\":%llu,\"jobs\":%zu}",
             (unsigned long long)c.cut, (unsigned long long)c.body_bytes, (unsigned long long)timed,
             c.jobs);
    http_reply(r, 200, "application/json", text, strlen(text));
}

static void count_done(HttpRequest *r, bool sent) {
    Probe *p = http_app(r);
    atomic_fetch_add(sent ? &p->sent : &p->cut, 1);
}

static void wait_for_release(HttpRequest *r) {
    Probe *p = http_app(r);
    pthread_mutex_lock(&p->lock);
    p->waiting++;
    while (!p->open)
        pthread_cond_wait(&p->released, &p->lock);
    p->waiting--;
    pthread_mutex_unlock(&p->lock);
    reply_text(r, "worked");
}

static void start_job(HttpRequest *r) {
    Probe *p = http_app(r);
    atomic_fetch_add(&p->asked, 1);
    http_job(r, LANE_TURN, wait_for_release);
}

static void work_shortly(HttpRequest *r) {
    reply_text(r, "worked");
}

static void start_short_job(HttpRequest *r) {
    http_job(r, LANE_COMMIT, work_shortly);
}

static void let_go(Probe *p) {
    pthread_mutex_lock(&p->lock);
    p->open = true;
    pthread_cond_broadcast(&p->released);
    pthread_mutex_unlock(&p->lock);
}

static void release(HttpRequest *r) {
    let_go(http_app(r));
    reply_text(r, "released");
}

/* ---- parking ---- */

static bool park(HttpRequest *r) {
    Probe *p = http_app(r);
    pthread_mutex_lock(&p->lock);
    bool room = p->n_parked < PARKED_MAX && !p->open;
    if (room)
        p->parked[p->n_parked++] = r;
    pthread_mutex_unlock(&p->lock);
    return room;
}

static void woken(HttpRequest *r) {
    Probe *p = http_app(r);
    if (http_gone(r))
        atomic_fetch_add(&p->gone, 1);
    reply_text(r, "woken");
}

static void woken_to_work(HttpRequest *r) {
    start_job(r);
}

static void start_park(HttpRequest *r) {
    http_park(r, park, strcmp(http_query(r), "job") == 0 ? woken_to_work : woken);
}

static void wake_all(Probe *p) {
    pthread_mutex_lock(&p->lock);
    while (p->n_parked != 0)
        http_wake(p->parked[--p->n_parked]);
    pthread_mutex_unlock(&p->lock);
}

static void wake(HttpRequest *r) {
    wake_all(http_app(r));
    reply_text(r, "woke them");
}

/* ---- streams ---- */

typedef struct Watcher {
    HttpRequest *r;
    struct Watcher *next;
    unsigned told; /* events */
    char line[16]; /* what is being told ... */
    size_t at, n;  /* ... as far as it went */
    bool gush;     /* says something whenever it may */
} Watcher;

static void begin_watching(HttpRequest *r) {
    Probe *p = http_app(r);
    Watcher *w = http_data(r);
    pthread_mutex_lock(&p->lock);
    w->next = p->watchers;
    p->watchers = w;
    p->n_watchers++;
    pthread_mutex_unlock(&p->lock);
}

static ptrdiff_t tell(HttpRequest *r, char *buf, size_t cap) {
    Probe *p = http_app(r);
    Watcher *w = http_data(r);
    if (w->gush) {
        memset(buf, 'x', cap);
        return (ptrdiff_t)cap;
    }
    if (w->at == w->n) {
        bool over = atomic_load(&p->over);
        if (w->told == atomic_load(&p->news))
            return over ? HTTP_STREAM_END : 0;
        w->n = (size_t)snprintf(w->line, sizeof w->line, "%u\n", ++w->told);
        w->at = 0;
    }
    size_t n = w->n - w->at < cap ? w->n - w->at : cap;
    memcpy(buf, w->line + w->at, n);
    w->at += n;
    return (ptrdiff_t)n;
}

static void end_watching(HttpRequest *r, bool sent) {
    Probe *p = http_app(r);
    pthread_mutex_lock(&p->lock);
    for (Watcher **at = &p->watchers; *at != NULL; at = &(*at)->next)
        if (*at == http_data(r)) {
            *at = (*at)->next;
            p->n_watchers--;
            break;
        }
    pthread_mutex_unlock(&p->lock);
    free(http_data(r));
    count_done(r, sent);
}

static void start_stream(HttpRequest *r) {
    Watcher *w = calloc(1, sizeof *w);
    if (w == NULL)
        return;
    w->r = r;
    w->gush = strcmp(http_query(r), "gush") == 0;
    http_set_data(r, w);
    http_stream(r, "text/plain", begin_watching, tell);
}

static void wake_watchers(Probe *p) {
    pthread_mutex_lock(&p->lock);
    for (const Watcher *w = p->watchers; w != NULL; w = w->next)
        http_stream_wake(w->r);
    pthread_mutex_unlock(&p->lock);
}

/* On the pool, so that streams are woken from other threads than theirs. */
static void publish_some(HttpRequest *r) {
    Probe *p = http_app(r);
    for (unsigned i = 0; i < 100; i++) {
        atomic_fetch_add(&p->news, 1);
        wake_watchers(p);
    }
    reply_text(r, "published");
}

static void publish(HttpRequest *r) {
    http_job(r, LANE_TURN, publish_some);
}

static void finish(HttpRequest *r) {
    Probe *p = http_app(r);
    atomic_store(&p->over, true);
    wake_watchers(p);
    reply_text(r, "finished");
}

/* A file of FILE_BYTES whose byte i is i mod 251. */
static void send_file(HttpRequest *r) {
    char name[] = "/tmp/convoke_probe_XXXXXX";
    int fd = mkstemp(name);
    FILE *f = fd >= 0 ? fdopen(dup(fd), "w") : NULL;
    if (f == NULL)
        return;
    unlink(name);
    for (unsigned i = 0; i < FILE_BYTES; i++)
        putc((int)(i % 251), f);
    fclose(f);
    http_reply_header(r, "Cache-Control", "no-cache");
    http_reply_file(r, 200, "application/octet-stream", fd, FILE_BYTES, "etag-of-file");
}

static const HttpHandler on_hello = {.on_end = hello};
static const HttpHandler on_refuse = {.on_headers = refuse, .on_body = take};
static const HttpHandler on_take = {.on_body = take, .on_end = report};
static const HttpHandler on_report = {.on_end = report};
static const HttpHandler on_job = {.on_body = take, .on_end = start_job, .on_done = count_done};
static const HttpHandler on_release = {.on_end = release};
static const HttpHandler on_park = {.on_end = start_park, .on_done = count_done};
static const HttpHandler on_wake = {.on_end = wake};
static const HttpHandler on_file = {.on_end = send_file, .on_done = count_done};
static const HttpHandler on_stream = {.on_end = start_stream, .on_done = end_watching};
static const HttpHandler on_publish = {.on_end = publish};
static const HttpHandler on_finish = {.on_end = finish};
static const HttpHandler on_who = {.on_end = tell_peer};
static const HttpHandler on_short = {.on_end = start_short_job};
static const HttpHandler on_counters = {.on_end = count};

static const HttpRoute routes[] = {
    {"GET", "/hello", &on_hello, 0},      {"POST", "/refuse", &on_refuse, 0},
    {"POST", "/take", &on_take, 0},       {"GET", "/report", &on_report, 0},
    {"POST", "/job", &on_job, 0},         {"GET", "/file", &on_file, 0},
    {"POST", "/release", &on_release, 0}, {"POST", "/park", &on_park, 0},
    {"POST", "/wake", &on_wake, 0},       {"GET", "/stream", &on_stream, 0},
    {"POST", "/publish", &on_publish, 0}, {"POST", "/finish", &on_finish, 0},
    {"GET", "/who", &on_who, 0},          {"GET", "/counters", &on_counters, 0},
    {"POST", "/short", &on_short, 0},
};

/* So a test decides when the jobs of a stopping server go on. */
static void *release_at_end_of_input(void *arg) {
    char byte;
    while (read(STDIN_FILENO, &byte, 1) == 1)
        ;
    let_go(arg);
    wake_all(arg);
    return NULL;
}

static int64_t number(const char *text) {
    char *end;
    int64_t v = strtoll(text, &end, 10);
    return *text != '\0' && *end == '\0' && v >= 0 ? v : 0;
}

static int64_t number_from(const char *variable, int64_t otherwise) {
    const char *text = getenv(variable);
    return text != NULL ? number(text) : otherwise;
}

static int serve(const HttpOptions *o) {
    HttpServer *server;
    CvkErr err;
    if (!http_server_start(o, &server, &err)) {
        fprintf(stderr, "probe_server: %s\n", err.msg);
        return 1;
    }
    printf("%u\n", http_server_port(server));
    fflush(stdout);
    struct pollfd wait[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = stop_pipe[0], .events = POLLIN}};
    while (poll(wait, 2, -1) < 0)
        ;
    pthread_t releaser;
    if (pthread_create(&releaser, NULL, release_at_end_of_input, o->app) != 0)
        return 1;
    http_server_stop(server, number_from("PROBE_GRACE_MS", 30000));
    pthread_join(releaser, NULL);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 7 || pipe(stop_pipe) != 0)
        return 2;
    signal(SIGTERM, on_term);
    cvk_log_setup(getenv("PROBE_DEBUG") != NULL ? LOG_DEBUG : LOG_INFO, false);
    Probe probe = {.lock = PTHREAD_MUTEX_INITIALIZER, .released = PTHREAD_COND_INITIALIZER};
    ConnLimits limits = {.head_ms = number(argv[1]),
                         .upload_ms = number(argv[2]),
                         .discard_ms = number(argv[3]),
                         .send_ms = 600000,
                         .window_ms = number(argv[4]),
                         .bytes_per_second = (uint64_t)number(argv[5]),
                         .stall_ms = number_from("PROBE_STALL_MS", 600000),
                         .connections = LIMIT_CONNECTIONS,
                         .per_peer = LIMIT_CONNECTIONS_PER_IP,
                         .crowd = (size_t)number_from("PROBE_CROWD", LIMIT_CONNECTIONS_CROWD),
                         .crowd_head_ms = 300};
    CvkErr err;
    ProxyList *proxies = NULL;
    const char *trusted = getenv("PROBE_PROXIES");
    if (trusted != NULL && !proxies_parse(trusted, &proxies, &err))
        return 1;
    CvkPool *pool = cvk_pool_new(2, &err), *pool_short = cvk_pool_new(1, &err);
    if (pool == NULL || pool_short == NULL)
        return 1;
    HttpOptions o = {.address = "127.0.0.1",
                     .routes = routes,
                     .n_routes = sizeof routes / sizeof routes[0],
                     .app = &probe,
                     .pools = {[LANE_TURN] = pool, [LANE_COMMIT] = pool_short},
                     .body_max = (size_t)number(argv[6]),
                     .limits = &limits,
                     .trusted_proxies = proxies,
                     .tls_cert = getenv("PROBE_TLS_CERT"),
                     .tls_key = getenv("PROBE_TLS_KEY")};
    int status = serve(&o);
    cvk_pool_free(pool);
    cvk_pool_free(pool_short);
    proxies_free(proxies);
    return status;
}
