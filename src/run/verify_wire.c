/* How a job and its descriptors travel. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "run/verify_private.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- without standing still oneself ---- */

/* Something can be done, if only to fail, before it is too late. */
static bool is_ready(int fd, short events, int64_t deadline) {
    struct pollfd p = {.fd = fd, .events = events};
    int n;
    do {
        int64_t left = deadline == VERIFY_FOR_EVER ? -1 : deadline - cvk_monotonic_ms();
        if (left < 0 && deadline != VERIFY_FOR_EVER)
            return false;
        n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
    } while (n == 0 || (n < 0 && errno == EINTR));
    return n > 0;
}

static bool may_try_again(void) {
    return errno == EINTR || errno == EAGAIN;
}

bool verify_is_open(int fd) {
    struct pollfd p = {.fd = fd, .events = 0};
    return poll(&p, 1, 0) == 0;
}

/* ---- bytes ---- */

bool verify_send(int fd, const void *data, size_t n, int64_t deadline) {
    const char *at = data;
    while (n > 0) {
        if (!is_ready(fd, POLLOUT, deadline))
            return false;
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && !may_try_again())
            return false;
        at += sent < 0 ? 0 : sent;
        n -= sent < 0 ? 0 : (size_t)sent;
    }
    return true;
}

bool verify_receive(int fd, void *ret, size_t n, int64_t deadline) {
    char *at = ret;
    while (n > 0) {
        if (!is_ready(fd, POLLIN, deadline))
            return false;
        ssize_t got = recv(fd, at, n, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && !may_try_again()))
            return false;
        at += got < 0 ? 0 : got;
        n -= got < 0 ? 0 : (size_t)got;
    }
    return true;
}

/* ---- descriptors ---- */

typedef union {
    char bytes[CMSG_SPACE(VERIFY_DESCRIPTORS * sizeof(int))];
    struct cmsghdr align;
} Control;

bool verify_send_descriptors(int socket, const int *fd, size_t n, int64_t deadline) {
    char byte = 0;
    Control control = {.bytes = {0}};
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr m = {.msg_iov = &data,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = CMSG_SPACE(n * sizeof *fd)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(n * sizeof *fd);
    memcpy(CMSG_DATA(c), fd, n * sizeof *fd);
    ssize_t sent = -1;
    while (sent < 0) {
        if (!is_ready(socket, POLLOUT, deadline))
            return false;
        sent = sendmsg(socket, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && !may_try_again())
            return false;
    }
    return sent == 1;
}

bool verify_receive_descriptors(int socket, int ret_fd[VERIFY_DESCRIPTORS]) {
    char byte;
    Control control = {.bytes = {0}};
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr m = {.msg_iov = &data,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control};
    for (size_t i = 0; i < VERIFY_DESCRIPTORS; i++)
        ret_fd[i] = -1;
    ssize_t got;
    do
        got = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got != 1)
        return false;
    const struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
    return true;
}

/* The next text, if it ends where the head says. */
static const char *take_text(const char **at, size_t n) {
    const char *text = *at;
    *at += n;
    return n > 0 && memchr(text, '\0', n) == text + n - 1 ? text : NULL;
}

bool verify_receive_task(VerifyTask *t) {
    VerifyHead *h = &t->head;
    if (!verify_receive(t->connection, h, sizeof *h, VERIFY_FOR_EVER) ||
        h->verifier_n > LIMIT_VERIFY_JOB || h->params_n > LIMIT_VERIFY_JOB ||
        h->name_n > LIMIT_VERIFY_JOB || h->expect_n > LIMIT_VERIFY_JOB)
        return false;
    size_t n = h->verifier_n + h->params_n + h->name_n + h->expect_n;
    t->texts = cvk_alloc(n, 1, NULL);
    if (t->texts == NULL || !verify_receive(t->connection, t->texts, n, VERIFY_FOR_EVER))
        return false;
    const char *at = t->texts;
    t->verifier = take_text(&at, h->verifier_n);
    t->params = take_text(&at, h->params_n);
    t->batch.name = take_text(&at, h->name_n);
    t->batch.expect = take_text(&at, h->expect_n);
    t->batch.size = h->batch_size;
    t->batch.sha256 = h->sha256;
    return t->verifier != NULL && t->params != NULL && t->batch.name != NULL &&
           t->batch.expect != NULL;
}
