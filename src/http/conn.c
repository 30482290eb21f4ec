#define _GNU_SOURCE /* POLLRDHUP */
#include "http/conn.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/limits.h"
#include "base/log.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>

#define SWEEP_MS 250  /* how often the watcher looks */
#define HEARD_MS 2000 /* after so long nothing of what came is still on its way to a handler */

struct Conn {
    Conn *next, *prev;
    ConnPeer peer;
    ConnProgress progress;
    int64_t heard_ms; /* a request or a part of a body began or came */
    int fd;
    bool looked, cut; /* looked: for its end, since then */
};

struct ConnTable {
    ConnLimits limits;
    size_t per_peer;
    pthread_mutex_t lock;
    pthread_cond_t idle, wake; /* wake: the watcher, to end */
    Conn *first;
    size_t busy; /* connections that are not CONN_WAITING */
    bool ending;
    pthread_t watcher;
};

static const uint8_t v4_in_v6[12] = {[10] = 0xff, [11] = 0xff};
static const uint8_t v6_loopback[16] = {[15] = 1};

static ConnPeer peer_v4(const uint8_t address[4]) {
    ConnPeer p = {.loopback = address[0] == 127};
    memcpy(p.bytes, address, 4);
    return p;
}

ConnPeer conn_peer(const struct sockaddr *addr) {
    if (addr->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, addr, sizeof in);
        return peer_v4((const uint8_t *)&in.sin_addr);
    }
    ConnPeer p = {.v6 = true};
    if (addr->sa_family != AF_INET6)
        return p;
    struct sockaddr_in6 in6;
    memcpy(&in6, addr, sizeof in6);
    const uint8_t *bytes = in6.sin6_addr.s6_addr;
    if (memcmp(bytes, v4_in_v6, sizeof v4_in_v6) == 0)
        return peer_v4(bytes + 12);
    p.loopback = memcmp(bytes, v6_loopback, 16) == 0;
    memcpy(p.bytes, bytes, 8);
    return p;
}

static bool same_peer(const ConnPeer *a, const ConnPeer *b) {
    return a->v6 == b->v6 && memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static const char *upload_overdue(ConnProgress *p, const ConnLimits *limits, int64_t total_ms,
                                  int64_t now_ms) {
    if (now_ms - p->since_ms > total_ms)
        return "the upload took too long";
    int64_t elapsed = now_ms - p->window_at;
    if (elapsed < limits->window_ms)
        return NULL;
    if (p->window_n < limits->bytes_per_second * (uint64_t)elapsed / 1000)
        return "the upload is too slow";
    p->window_at = now_ms;
    p->window_n = 0;
    return NULL;
}

const char *conn_overdue(ConnProgress *p, const ConnLimits *limits, int64_t now_ms) {
    switch (p->phase) {
    case CONN_WAITING:
        return now_ms - p->since_ms > limits->head_ms ? "no request came" : NULL;
    case CONN_BODY:
        return upload_overdue(p, limits, limits->upload_ms, now_ms);
    case CONN_DISCARDING:
        return upload_overdue(p, limits, limits->discard_ms, now_ms);
    case CONN_WORKING:
        return NULL;
    case CONN_SENDING:
        return now_ms - p->since_ms > limits->send_ms ? "the reply was not fetched" : NULL;
    case CONN_STREAMING:
        return now_ms - p->since_ms > limits->stall_ms ? "the stream was not fetched" : NULL;
    case CONN_STREAM_ASLEEP:
        return NULL;
    }
    return NULL;
}

static bool expects_bytes(const Conn *c) {
    ConnPhase phase = c->progress.phase;
    return phase == CONN_WAITING || phase == CONN_BODY || phase == CONN_DISCARDING;
}

/* The library is not told of an end that comes together with the bytes before it, and would wait
 * for more: so its clients are looked at once, some time after their last bytes. */
static bool has_gone_unheard(Conn *c, int64_t now_ms) {
    char byte;
    if (c->looked || now_ms - c->heard_ms < HEARD_MS)
        return false;
    c->looked = true;
    return expects_bytes(c) && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static const char *why_cut(Conn *c, const ConnLimits *limits, int64_t now_ms) {
    return has_gone_unheard(c, now_ms) ? "the client has gone"
                                       : conn_overdue(&c->progress, limits, now_ms);
}

static void sweep(ConnTable *t, int64_t now_ms) {
    for (Conn *c = t->first; c != NULL; c = c->next) {
        const char *why = c->cut ? NULL : why_cut(c, &t->limits, now_ms);
        if (why == NULL)
            continue;
        c->cut = true;
        shutdown(c->fd, SHUT_RDWR);
        cvk_log(LOG_DEBUG, "http.cut", "why", why, NULL);
    }
}

static void *watch(void *arg) {
    ConnTable *t = arg;
    pthread_mutex_lock(&t->lock);
    while (!t->ending) {
        sweep(t, cvk_monotonic_ms());
        cvk_cond_wait_ms(&t->wake, &t->lock, SWEEP_MS);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

ConnTable *conn_table_new(const ConnLimits *limits, size_t per_peer, CvkErr *err) {
    ConnTable *t = cvk_alloc(1, sizeof *t, err);
    if (t == NULL)
        return NULL;
    t->limits = *limits;
    t->per_peer = per_peer;
    pthread_mutex_init(&t->lock, NULL);
    cvk_cond_init(&t->idle);
    cvk_cond_init(&t->wake);
    if (pthread_create(&t->watcher, NULL, watch, t) == 0)
        return t;
    cvk_fail(err, CVK_EINTERNAL, "http.threads", "cannot start a thread");
    free(t);
    return NULL;
}

ConnTable *conn_table_free(ConnTable *t) {
    if (t == NULL)
        return NULL;
    pthread_mutex_lock(&t->lock);
    assert(t->first == NULL);
    t->ending = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->watcher, NULL);
    pthread_cond_destroy(&t->idle);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
    return NULL;
}

bool conn_admits(ConnTable *t, const struct sockaddr *addr) {
    ConnPeer peer = conn_peer(addr);
    if (peer.loopback)
        return true;
    size_t n = 0;
    pthread_mutex_lock(&t->lock);
    for (const Conn *c = t->first; c != NULL; c = c->next)
        n += same_peer(&c->peer, &peer);
    pthread_mutex_unlock(&t->lock);
    return n < t->per_peer;
}

Conn *conn_add(ConnTable *t, int fd, const struct sockaddr *addr) {
    Conn *c = cvk_alloc(1, sizeof *c, NULL);
    if (c == NULL)
        return NULL;
    c->fd = fd;
    c->peer = conn_peer(addr);
    c->progress.since_ms = c->heard_ms = cvk_monotonic_ms();
    pthread_mutex_lock(&t->lock);
    c->next = t->first;
    if (t->first != NULL)
        t->first->prev = c;
    t->first = c;
    pthread_mutex_unlock(&t->lock);
    return c;
}

/* The lock is held. */
static void note_heard(Conn *c, int64_t now_ms) {
    c->heard_ms = now_ms;
    c->looked = false;
}

/* The lock is held. */
static void count_busy(ConnTable *t, const Conn *c, ConnPhase to) {
    if (c->progress.phase == CONN_WAITING && to != CONN_WAITING)
        t->busy++;
    if (c->progress.phase != CONN_WAITING && to == CONN_WAITING && --t->busy == 0)
        pthread_cond_broadcast(&t->idle);
}

void conn_remove(ConnTable *t, Conn *c) {
    pthread_mutex_lock(&t->lock);
    count_busy(t, c, CONN_WAITING);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        t->first = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    pthread_mutex_unlock(&t->lock);
    free(c);
}

/* Not a peek at the bytes: others may lie before the end (a pipelined request, TLS's farewell). */
bool conn_gone(const Conn *c) {
    struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};
    return poll(&p, 1, 0) > 0;
}

/* Without the small buffer a client that reads nothing would look well until megabytes have gone to
 * the kernel; without the time-out one that vanished would for a quarter of an hour. */
void conn_begin_stream(ConnTable *t, Conn *c) {
    int buffer = LIMIT_STREAM_BUFFER;
    pthread_mutex_lock(&t->lock);
    unsigned stall_ms = (unsigned)t->limits.stall_ms;
    pthread_mutex_unlock(&t->lock);
    setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &stall_ms, sizeof stall_ms);
    conn_enter(t, c, CONN_STREAMING);
}

void conn_hurry_streams(ConnTable *t, int64_t ms) {
    pthread_mutex_lock(&t->lock);
    if (t->limits.stall_ms > ms)
        t->limits.stall_ms = ms;
    pthread_mutex_unlock(&t->lock);
}

const ConnPeer *conn_peer_of(const Conn *c) {
    return &c->peer;
}

void conn_enter(ConnTable *t, Conn *c, ConnPhase phase) {
    int64_t now = cvk_monotonic_ms();
    pthread_mutex_lock(&t->lock);
    count_busy(t, c, phase);
    c->progress = (ConnProgress){.phase = phase, .since_ms = now, .window_at = now};
    note_heard(c, now);
    pthread_mutex_unlock(&t->lock);
}

void conn_received(ConnTable *t, Conn *c, size_t n) {
    int64_t now = cvk_monotonic_ms();
    pthread_mutex_lock(&t->lock);
    c->progress.window_n += n;
    note_heard(c, now);
    pthread_mutex_unlock(&t->lock);
}

bool conn_wait_idle(ConnTable *t, int64_t deadline_ms) {
    pthread_mutex_lock(&t->lock);
    for (;;) {
        int64_t left = deadline_ms - cvk_monotonic_ms();
        if (t->busy == 0 || left <= 0)
            break;
        cvk_cond_wait_ms(&t->idle, &t->lock, left);
    }
    bool idle = t->busy == 0;
    pthread_mutex_unlock(&t->lock);
    return idle;
}
