#define _GNU_SOURCE /* POLLRDHUP */
#include "http/conn.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/rng.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define SWEEP_MS 250    /* how often the watcher looks */
#define HEARD_MS 2000   /* after so long nothing of what came is still on its way to a handler */
#define CROWDS_MAX 4096 /* lists of crowds; a power of two */

/* The connections of one peer. */
typedef struct Crowd {
    struct Crowd *next;
    ConnPeer peer;
    size_t n;
} Crowd;

struct Conn {
    Conn *next, *prev;
    Crowd *crowd;
    IpAddress ip;
    ConnProgress progress;
    int64_t heard_ms; /* a request or a part of a body began or came */
    int fd;
    bool looked, cut; /* looked: for its end, since then */
};

struct ConnTable {
    ConnLimits limits;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* a connection, to a phase in which no answer is due */
    pthread_cond_t wake;  /* the watcher, to end */
    Conn *first;
    atomic_size_t n; /* changed with the lock, read without */
    size_t in_phase[CONN_PHASES];
    uint64_t n_cut;
    uint64_t seed;
    Crowd *crowds[CROWDS_MAX];
    bool ending;
    pthread_t watcher;
};

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

const char *conn_overdue(ConnProgress *p, const ConnLimits *limits, bool crowded, int64_t now_ms) {
    switch (p->phase) {
    case CONN_WAITING: {
        int64_t head_ms = crowded ? limits->crowd_head_ms : limits->head_ms;
        return now_ms - p->since_ms > head_ms ? "no request came" : NULL;
    }
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

static const char *why_cut(Conn *c, const ConnLimits *limits, bool crowded, int64_t now_ms) {
    return has_gone_unheard(c, now_ms) ? "the client has gone"
                                       : conn_overdue(&c->progress, limits, crowded, now_ms);
}

static void sweep(ConnTable *t, int64_t now_ms) {
    bool crowded = t->n >= t->limits.crowd;
    for (Conn *c = t->first; c != NULL; c = c->next) {
        const char *why = c->cut ? NULL : why_cut(c, &t->limits, crowded, now_ms);
        if (why == NULL)
            continue;
        c->cut = true;
        t->n_cut++;
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

ConnTable *conn_table_new(const ConnLimits *limits, CvkErr *err) {
    ConnTable *t = cvk_alloc(1, sizeof *t, err);
    if (t == NULL)
        return NULL;
    t->limits = *limits;
    cvk_random(&t->seed, sizeof t->seed);
    pthread_mutex_init(&t->lock, NULL);
    cvk_cond_init(&t->moved);
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
    pthread_cond_destroy(&t->moved);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
    return NULL;
}

/* ---- crowds: the lock is held ---- */

/* Where the peer's is, or would be. */
static Crowd **find_crowd(ConnTable *t, const ConnPeer *peer) {
    Crowd **at = &t->crowds[peer_hash(peer, t->seed) & (CROWDS_MAX - 1)];
    while (*at != NULL && !peer_same(&(*at)->peer, peer))
        at = &(*at)->next;
    return at;
}

static Crowd *join_crowd(ConnTable *t, const IpAddress *ip) {
    ConnPeer peer = ip_peer(ip);
    Crowd **at = find_crowd(t, &peer);
    if (*at == NULL) {
        *at = cvk_alloc(1, sizeof **at, NULL);
        if (*at == NULL)
            return NULL;
        (*at)->peer = peer;
    }
    (*at)->n++;
    return *at;
}

static void leave_crowd(ConnTable *t, Crowd *crowd) {
    if (--crowd->n != 0)
        return;
    *find_crowd(t, &crowd->peer) = crowd->next;
    free(crowd);
}

/* ---- connections ---- */

bool conn_admits(ConnTable *t, const IpAddress *ip) {
    ConnPeer peer = ip_peer(ip);
    if (peer.loopback)
        return true;
    pthread_mutex_lock(&t->lock);
    const Crowd *crowd = *find_crowd(t, &peer);
    bool room = crowd == NULL || crowd->n < t->limits.per_peer;
    pthread_mutex_unlock(&t->lock);
    return room;
}

/* The lock is held. */
static void link_conn(ConnTable *t, Conn *c) {
    c->next = t->first;
    if (t->first != NULL)
        t->first->prev = c;
    t->first = c;
    t->n++;
    t->in_phase[CONN_WAITING]++;
}

Conn *conn_add(ConnTable *t, int fd, const IpAddress *ip) {
    Conn *c = cvk_alloc(1, sizeof *c, NULL);
    if (c == NULL)
        return NULL;
    c->fd = fd;
    c->ip = *ip;
    c->progress.since_ms = c->heard_ms = cvk_monotonic_ms();
    pthread_mutex_lock(&t->lock);
    c->crowd = join_crowd(t, ip);
    if (c->crowd != NULL)
        link_conn(t, c);
    pthread_mutex_unlock(&t->lock);
    if (c->crowd != NULL)
        return c;
    free(c);
    return NULL;
}

/* The lock is held. */
static void note_heard(Conn *c, int64_t now_ms) {
    c->heard_ms = now_ms;
    c->looked = false;
}

/* The lock is held. */
static void move_to(ConnTable *t, Conn *c, ConnPhase phase) {
    t->in_phase[c->progress.phase]--;
    t->in_phase[phase]++;
    c->progress.phase = phase;
    if (phase != CONN_WORKING && phase != CONN_SENDING)
        pthread_cond_broadcast(&t->moved);
}

void conn_remove(ConnTable *t, Conn *c) {
    pthread_mutex_lock(&t->lock);
    move_to(t, c, CONN_WAITING);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        t->first = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    t->n--;
    t->in_phase[CONN_WAITING]--;
    leave_crowd(t, c->crowd);
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

const IpAddress *conn_ip(const Conn *c) {
    return &c->ip;
}

bool conn_here(const Conn *c, IpAddress *ret, uint16_t *ret_port) {
    struct sockaddr_storage at;
    socklen_t n = sizeof at;
    if (getsockname(c->fd, (struct sockaddr *)&at, &n) != 0)
        return false;
    *ret = ip_from_socket((const struct sockaddr *)&at);
    *ret_port = port_from_socket((const struct sockaddr *)&at);
    return true;
}

void conn_enter(ConnTable *t, Conn *c, ConnPhase phase) {
    int64_t now = cvk_monotonic_ms();
    pthread_mutex_lock(&t->lock);
    move_to(t, c, phase);
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

void conn_count(ConnTable *t, size_t ret[CONN_PHASES], uint64_t *ret_cut) {
    pthread_mutex_lock(&t->lock);
    memcpy(ret, t->in_phase, sizeof t->in_phase);
    *ret_cut = t->n_cut;
    pthread_mutex_unlock(&t->lock);
}

bool conn_crowded(const ConnTable *t) {
    return atomic_load(&t->n) >= t->limits.crowd;
}

static bool all_wait(const ConnTable *t) {
    return t->in_phase[CONN_WAITING] == t->n;
}

static bool none_owes_an_answer(const ConnTable *t) {
    return t->in_phase[CONN_WORKING] == 0 && t->in_phase[CONN_SENDING] == 0;
}

static bool wait_until(ConnTable *t, bool (*so)(const ConnTable *t), int64_t deadline_ms) {
    pthread_mutex_lock(&t->lock);
    for (;;) {
        int64_t left = deadline_ms - cvk_monotonic_ms();
        if (so(t) || left <= 0)
            break;
        cvk_cond_wait_ms(&t->moved, &t->lock, left);
    }
    bool is_so = so(t);
    pthread_mutex_unlock(&t->lock);
    return is_so;
}

bool conn_wait_idle(ConnTable *t, int64_t deadline_ms) {
    return wait_until(t, all_wait, deadline_ms);
}

bool conn_wait_answered(ConnTable *t, int64_t deadline_ms) {
    return wait_until(t, none_owes_an_answer, deadline_ms);
}
