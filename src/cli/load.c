#include "cli/load.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_MAX 4096
#define DROPPED_MAX (1u << 18) /* bytes of a long body that are read at once */
#define SILENCE_US ((int64_t)60 * 1000000)
#define ASK_SILENCE_S 600

int64_t load_now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- times ---- */

void load_times_add(LoadTimes *t, int64_t us) {
    if (!cvk_grow(&t->us, t->n, &t->cap, sizeof *t->us, NULL))
        return;
    t->us[t->n++] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    t->sorted = false;
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

double load_times_ms(LoadTimes *t, double percent) {
    if (t->n == 0)
        return 0;
    if (!t->sorted)
        qsort(t->us, t->n, sizeof *t->us, compare);
    t->sorted = true;
    size_t i = (size_t)((double)t->n * percent / 100);
    return t->us[i < t->n ? i : t->n - 1] / 1000.0;
}

void load_times_done(LoadTimes *t) {
    free(t->us);
    *t = (LoadTimes){.n = 0};
}

/* ---- one connection ---- */

typedef enum { IDLE_CLOSED, IDLE_OPEN, SENDING, READING_HEAD, READING_BODY } State;

typedef struct {
    State state;
    int fd;
    size_t session;
    int64_t due_us, moved_us; /* moved: the last time that something came or went */
    char request[512];
    size_t request_n, sent;
    char head[HEAD_MAX + 1]; /* and the first bytes of the body */
    size_t got;
    int status;
    uint64_t size, left; /* of the body */
    const char *body;
    bool close; /* the server ends the connection after this */
} Client;

typedef struct {
    const LoadPlan *plan;
    Client *clients;
    char *dropped; /* the bytes of long bodies: nobody looks at them */
    struct pollfd *polled;
    size_t *polled_client;
    int64_t start_us;
    uint64_t n_sent; /* requests begun */
    size_t busy;
} Load;

static void end_connection(Client *c) {
    close(c->fd);
    c->fd = -1;
    c->state = IDLE_CLOSED;
}

static void tell(Load *l, Client *c, int status, const char *why) {
    LoadAnswer a = {.session = c->session,
                    .status = status,
                    .why = why,
                    .size = status != 0 ? c->size : 0,
                    .body = status != 0 ? c->body : "",
                    .wait_us = load_now_us() - c->due_us};
    l->busy--;
    l->plan->answer(l->plan->ctx, &a);
}

static void fail(Load *l, Client *c, const char *why) {
    if (c->fd >= 0)
        end_connection(c);
    c->state = IDLE_CLOSED;
    tell(l, c, 0, why);
}

static int connect_to(uint16_t port, bool blocking) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!blocking)
        fcntl(fd, F_SETFL, O_NONBLOCK);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static int format_head(char *ret, size_t cap, const char *request, const char *session, size_t n) {
    return snprintf(ret, cap,
                    "%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                    request, session, n);
}

static int format_request(char *ret, size_t cap, const LoadPlan *p, const char *session) {
    if (!p->in_target)
        return format_head(ret, cap, p->request, session, 0);
    return snprintf(ret, cap, "%s%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", p->request, session);
}

static void begin(Load *l, Client *c, int64_t due_us) {
    const LoadPlan *p = l->plan;
    c->session = (size_t)((p->first + l->n_sent++) % p->n_sessions);
    c->due_us = due_us;
    c->moved_us = load_now_us();
    l->busy++;
    if (c->state == IDLE_CLOSED)
        c->fd = connect_to(p->port, false);
    if (c->fd < 0) {
        fail(l, c, "connect");
        return;
    }
    c->request_n =
        (size_t)format_request(c->request, sizeof c->request, p, p->sessions[c->session]);
    c->sent = c->got = 0;
    c->state = SENDING;
}

static void send_some(Load *l, Client *c) {
    ssize_t n = send(c->fd, c->request + c->sent, c->request_n - c->sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN) {
        fail(l, c, "send");
        return;
    }
    if (n > 0)
        c->sent += (size_t)n;
    if (c->sent == c->request_n)
        c->state = READING_HEAD;
}

/* The value of a header field, or NULL; the head is zero-terminated. */
static const char *field(const char *head, const char *name) {
    size_t n = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, n) == 0 && line[2 + n] == ':')
            return line + 2 + n + 1;
    return NULL;
}

static void finish(Load *l, Client *c) {
    bool keep = !l->plan->fresh && !c->close;
    if (keep)
        c->state = IDLE_OPEN;
    else
        end_connection(c);
    tell(l, c, c->status, NULL);
}

/* The head is whole: `end` is its blank line. */
static void take_head(Load *l, Client *c, char *end) {
    end[2] = '\0';
    const char *length = field(c->head, "Content-Length"), *how = field(c->head, "Connection");
    c->body = end + 4;
    uint64_t here = c->got - (size_t)(c->body - c->head);
    if (sscanf(c->head, "HTTP/1.%*c %3d", &c->status) != 1 || length == NULL) {
        fail(l, c, "malformed answer");
        return;
    }
    c->size = strtoull(length, NULL, 10);
    c->close = how != NULL && strncasecmp(how + strspn(how, " "), "close", 5) == 0;
    c->left = c->size > here ? c->size - here : 0;
    c->state = READING_BODY;
    if (c->left == 0)
        finish(l, c);
}

static void read_head(Load *l, Client *c, size_t n) {
    c->got += n;
    c->head[c->got] = '\0';
    char *end = strstr(c->head, "\r\n\r\n");
    if (end != NULL)
        take_head(l, c, end);
    else if (c->got == HEAD_MAX)
        fail(l, c, "the answer's head is too long");
}

static void read_body(Load *l, Client *c, size_t n) {
    if (c->got < HEAD_MAX) {
        c->got += n;
        c->head[c->got] = '\0';
    }
    c->left -= n < c->left ? n : c->left;
    if (c->left == 0)
        finish(l, c);
}

/* The head, and behind it as much of the body as has room there. */
static void read_some(Load *l, Client *c) {
    ssize_t n = c->got < HEAD_MAX ? recv(c->fd, c->head + c->got, HEAD_MAX - c->got, 0)
                                  : recv(c->fd, l->dropped, DROPPED_MAX, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    c->moved_us = load_now_us();
    if (n <= 0)
        fail(l, c, n == 0 ? "closed without an answer" : "reset");
    else if (c->state == READING_HEAD)
        read_head(l, c, (size_t)n);
    else
        read_body(l, c, (size_t)n);
}

/* ---- all of them ---- */

/* When the next request is due; 0: at once, -1: never again. */
static int64_t next_due(const Load *l) {
    const LoadPlan *p = l->plan;
    int64_t end_us = l->start_us + p->for_ms * 1000;
    if (p->most > 0 && l->n_sent >= p->most)
        return -1;
    if (p->per_second <= 0)
        return load_now_us() < end_us ? 0 : -1;
    int64_t due_us = l->start_us + (int64_t)((double)l->n_sent / p->per_second * 1e6);
    return due_us < end_us ? due_us : -1;
}

static void begin_due(Load *l) {
    const LoadPlan *p = l->plan;
    for (size_t i = 0; i < p->connections && l->busy < p->connections; i++) {
        Client *c = &l->clients[i];
        if (c->state != IDLE_CLOSED && c->state != IDLE_OPEN)
            continue;
        int64_t due_us = next_due(l), now_us = load_now_us();
        if (due_us < 0 || due_us > now_us)
            return;
        begin(l, c, due_us == 0 ? now_us : due_us);
        if (c->state == SENDING && c->sent == 0)
            send_some(l, c);
    }
}

static int timeout_of(const Load *l) {
    int64_t due_us = next_due(l);
    if (due_us <= 0 || l->busy == l->plan->connections)
        return 1000;
    int64_t wait_us = due_us - load_now_us();
    return wait_us > 0 ? (int)(wait_us / 1000) : 0;
}

static size_t list_busy(Load *l) {
    size_t n = 0;
    int64_t now_us = load_now_us();
    for (size_t i = 0; i < l->plan->connections; i++) {
        Client *c = &l->clients[i];
        if (c->state == IDLE_CLOSED || c->state == IDLE_OPEN)
            continue;
        if (now_us - c->moved_us > SILENCE_US) {
            fail(l, c, "no answer in a minute");
            continue;
        }
        l->polled[n].fd = c->fd;
        l->polled[n].events = c->state == SENDING ? POLLOUT : POLLIN;
        l->polled_client[n++] = i;
    }
    return n;
}

static void move(Load *l, Client *c) {
    if (c->state == SENDING)
        send_some(l, c);
    else if (c->state == READING_HEAD || c->state == READING_BODY)
        read_some(l, c);
}

static bool run(Load *l, CvkErr *err) {
    l->start_us = load_now_us();
    while (next_due(l) >= 0 || l->busy != 0) {
        begin_due(l);
        size_t n = list_busy(l);
        int ready = poll(l->polled, (nfds_t)n, timeout_of(l));
        if (ready < 0 && errno != EINTR)
            return cvk_fail_errno(err, "load.poll", "cannot wait for answers");
        for (size_t i = 0; i < n && ready > 0; i++)
            if (l->polled[i].revents != 0)
                move(l, &l->clients[l->polled_client[i]]);
    }
    return true;
}

bool load_run(const LoadPlan *p, CvkErr *err) {
    Load l = {.plan = p};
    l.clients = cvk_alloc(p->connections, sizeof *l.clients, err);
    l.dropped = cvk_alloc(DROPPED_MAX, 1, err);
    l.polled = cvk_alloc(p->connections, sizeof *l.polled, err);
    l.polled_client = cvk_alloc(p->connections, sizeof *l.polled_client, err);
    bool ok = l.clients != NULL && l.dropped != NULL && l.polled != NULL && l.polled_client != NULL;
    for (size_t i = 0; ok && i < p->connections; i++)
        l.clients[i].fd = -1;
    ok = ok && run(&l, err);
    for (size_t i = 0; l.clients != NULL && i < p->connections; i++)
        if (l.clients[i].fd >= 0)
            close(l.clients[i].fd);
    free(l.clients);
    free(l.dropped);
    free(l.polled);
    free(l.polled_client);
    return ok;
}

/* ---- one request ---- */

static bool send_all(int fd, const char *data, size_t n) {
    while (n != 0) {
        ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        data += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* Reads the head, and what comes of the body up to `cap` bytes of both. */
static bool read_answer(int fd, char *ret, size_t cap, int *ret_status, const char **ret_body) {
    size_t got = 0;
    uint64_t size = 0;
    char *end = NULL;
    while (end == NULL || got < (size_t)(end + 4 - ret) + size) {
        ssize_t n = got + 1 < cap ? recv(fd, ret + got, cap - 1 - got, 0) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += (size_t)n;
        ret[got] = '\0';
        if (end != NULL || (end = strstr(ret, "\r\n\r\n")) == NULL)
            continue;
        end[2] = '\0';
        const char *length = field(ret, "Content-Length");
        size = length != NULL ? strtoull(length, NULL, 10) : 0;
    }
    if (end == NULL || sscanf(ret, "HTTP/1.%*c %3d", ret_status) != 1)
        return false;
    *ret_body = end + 4;
    return true;
}

bool load_ask(uint16_t port, const LoadRequest *rq, int *ret_status, char *ret_body, size_t cap,
              int64_t *ret_sent_us, CvkErr *err) {
    char head[512], answer[HEAD_MAX];
    const char *body = "";
    struct timeval limit = {.tv_sec = ASK_SILENCE_S};
    int fd = connect_to(port, true);
    if (fd < 0)
        return cvk_fail_errno(err, "load.connect", "cannot connect");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    int n = format_head(head, sizeof head, rq->request, rq->session, rq->n);
    if (send_all(fd, head, (size_t)n))
        (void)!send_all(fd, rq->body, rq->n); /* it may be answered on its head */
    *ret_sent_us = load_now_us();
    bool ok = read_answer(fd, answer, sizeof answer, ret_status, &body);
    if (ok)
        snprintf(ret_body, cap, "%s", body);
    close(fd);
    return ok || cvk_fail(err, CVK_EINTERNAL, "load.answer", "there was no answer");
}

bool load_stream(uint16_t port, const char *request, const char *session, int *ret_fd,
                 CvkErr *err) {
    char text[HEAD_MAX];
    int fd = connect_to(port, true), status = 0;
    if (fd < 0)
        return cvk_fail_errno(err, "load.connect", "cannot connect");
    int n = snprintf(text, sizeof text,
                     "%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n", request,
                     session);
    ssize_t got = send_all(fd, text, (size_t)n) ? recv(fd, text, sizeof text - 1, 0) : -1;
    if (got > 0)
        text[got] = '\0';
    if (got > 0 && sscanf(text, "HTTP/1.%*c %3d", &status) == 1 && status == 200) {
        *ret_fd = fd;
        return true;
    }
    close(fd);
    return cvk_fail(err, CVK_EINTERNAL, "load.stream", "no stream but status %d", status);
}
