#define _GNU_SOURCE /* ppoll, environ */
#include "run/verify_process.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/minder.h"
#include "run/verify_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

const VerifyLimits verify_usual_limits = {.wall_ms = LIMIT_VERIFY_MS,
                                          .cpu_s = LIMIT_VERIFY_CPU_S,
                                          .grace_ms = LIMIT_VERIFY_GRACE_MS,
                                          .memory = LIMIT_VERIFY_MEMORY};

struct VerifyProcess {
    VerifyLimits limits;
    pthread_mutex_t lock; /* of what follows */
    pid_t helper;         /* 0: there is none */
    unsigned helpers;     /* how many have been started */
    int control;          /* to it; -1 */
};

VerifyProcess *verify_process_new(const VerifyLimits *limits, CvkErr *err) {
    VerifyProcess *p = cvk_alloc(1, sizeof *p, err);
    if (p == NULL)
        return NULL;
    p->limits = limits != NULL ? *limits : verify_usual_limits;
    pthread_mutex_init(&p->lock, NULL);
    p->control = -1;
    return p;
}

static void close_fd(int fd) {
    if (fd >= 0)
        close(fd);
}

/* Whatever it does, or however it stands still; its minders go on to their own ends. */
static void stop_helper(VerifyProcess *p) {
    close_fd(p->control);
    p->control = -1;
    if (p->helper > 0)
        kill(p->helper, SIGKILL);
    while (p->helper > 0 && waitpid(p->helper, NULL, 0) < 0 && errno == EINTR)
        continue;
    p->helper = 0;
}

VerifyProcess *verify_process_free(VerifyProcess *p) {
    if (p == NULL)
        return NULL;
    stop_helper(p);
    pthread_mutex_destroy(&p->lock);
    free(p);
    return NULL;
}

/* ---- the helper's start ---- */

static bool is_helper(void) {
    int type = 0;
    socklen_t n = sizeof type;
    return getsockopt(VERIFY_CONTROL, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
           type == SOCK_SEQPACKET;
}

/* Its standard input is `control`, it has no other descriptors of ours (they are all closed on
 * exec), and no signal that is sent to our terminal or group. */
static int spawn(int control, pid_t *ret) {
    char name[] = "convoke", word[] = VERIFY_HELPER_WORD;
    char *const argv[] = {name, word, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int e = posix_spawn_file_actions_init(&files);
    if (e != 0)
        return e;
    e = posix_spawnattr_init(&how);
    if (e != 0) {
        posix_spawn_file_actions_destroy(&files);
        return e;
    }
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                       POSIX_SPAWN_SETPGROUP);
    e = posix_spawn_file_actions_adddup2(&files, control, VERIFY_CONTROL);
    for (int fd = STDOUT_FILENO; e == 0 && fd <= STDERR_FILENO; fd++)
        e = posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_WRONLY, 0);
    if (e == 0)
        e = posix_spawn(ret, "/proc/self/exe", &files, &how, argv, environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return e;
}

static bool start_helper(VerifyProcess *p, CvkErr *err) {
    int pair[2];
    if (is_helper()) /* a program that did not ask would start itself again, for ever */
        return cvk_fail(err, CVK_EINTERNAL, "verify.helper", "this program is a helper itself");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return cvk_fail_errno(err, "verify.helper", "cannot make a socket for the verifier");
    int e = spawn(pair[1], &p->helper);
    close(pair[1]);
    if (e != 0) {
        close(pair[0]);
        p->helper = 0;
        errno = e;
        return cvk_fail_errno(err, "verify.helper", "cannot start this program as a verifier");
    }
    p->control = pair[0];
    p->helpers++;
    return true;
}

static int64_t deadline_in(unsigned ms) {
    return cvk_monotonic_ms() + ms;
}

/* Starts one where there is none. *ret_which: which one was told. */
static bool tell_helper(VerifyProcess *p, const int *fd, size_t n, unsigned *ret_which,
                        CvkErr *err) {
    pthread_mutex_lock(&p->lock);
    bool told = p->helper != 0 || start_helper(p, err);
    if (told && !verify_send_descriptors(p->control, fd, n, deadline_in(p->limits.grace_ms)))
        told = cvk_fail(err, CVK_EBACKEND, "verify.helper", "the verifier does not listen");
    *ret_which = p->helpers;
    pthread_mutex_unlock(&p->lock);
    return told;
}

/* The next job starts another, unless somebody else's did already. */
static void forget_helper(VerifyProcess *p, unsigned which) {
    pthread_mutex_lock(&p->lock);
    if (p->helpers == which)
        stop_helper(p);
    pthread_mutex_unlock(&p->lock);
}

/* ---- a job ---- */

/* *ret_ms: how long the answer may take. */
static bool send_job(int fd, const VerifyHead *h, const VerifyJob *job, unsigned *ret_ms) {
    int64_t deadline = deadline_in(h->limits.grace_ms);
    return verify_send(fd, h, sizeof *h, deadline) &&
           verify_send(fd, job->verifier, h->verifier_n, deadline) &&
           verify_send(fd, job->params, h->params_n, deadline) &&
           verify_send(fd, job->batch.name, h->name_n, deadline) &&
           verify_send(fd, job->batch.expect, h->expect_n, deadline) &&
           verify_receive(fd, ret_ms, sizeof *ret_ms, deadline);
}

static bool job_fits(const VerifyHead *h, CvkErr *err) {
    if (h->params_n <= LIMIT_VERIFY_JOB && h->expect_n <= LIMIT_VERIFY_JOB &&
        h->verifier_n <= LIMIT_VERIFY_JOB && h->name_n <= LIMIT_VERIFY_JOB)
        return true;
    return cvk_fail(err, CVK_ELIMIT, "verify.job",
                    "parameters of a verifier and what it expects are at most %u bytes",
                    LIMIT_VERIFY_JOB);
}

/* A minder that has taken a job. */
typedef struct {
    int connection; /* to it */
    pid_t pid;
    pid_t worker; /* leads a group; 0: not known yet, or none */
} Taken;

static bool hand_over_once(VerifyProcess *p, const VerifyJob *job, bool check, Taken *ret,
                           CvkErr *err) {
    int pair[2];
    unsigned which;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return cvk_fail_errno(err, "verify.helper", "cannot make a socket for the verifier");
    const int fd[VERIFY_DESCRIPTORS] = {pair[1], job->batch.fd, job->proof_fd};
    bool told = tell_helper(p, fd, check ? 2 : 3, &which, err);
    close(pair[1]);
    if (told &&
        verify_receive(pair[0], &ret->pid, sizeof ret->pid, deadline_in(p->limits.grace_ms))) {
        ret->connection = pair[0];
        return true;
    }
    close(pair[0]);
    forget_helper(p, which);
    if (told)
        cvk_fail(err, CVK_EBACKEND, "verify.helper", "the verifier has died, or stands still");
    return false;
}

/* A helper that has died or does not move, before it was told or with the job in its ears, is
 * replaced once. */
static bool hand_over(VerifyProcess *p, const VerifyJob *job, bool check, Taken *ret, CvkErr *err) {
    bool taken = false;
    for (int tries = 0; !taken && tries < 2; tries++)
        taken = hand_over_once(p, job, check, ret, err);
    return taken;
}

/* Whoever holds the other end of a connection that is open is the minder, so the number is its, and
 * its worker's is not free while it has not waited for that. What has left the worker's group is
 * the helper's to end, which inherits it. */
static bool give_up(const Taken *t, CvkErr *err) {
    if (t->worker > 0)
        kill(-t->worker, SIGKILL);
    if (verify_is_open(t->connection)) {
        kill(t->pid, SIGKILL);
        return cvk_fail(err, CVK_EBACKEND, "verify.gone", "the verifier's minder stands still");
    }
    return cvk_fail(err, CVK_EBACKEND, "verify.gone", "the verifier's minder has died");
}

static bool hear_answer(Taken *t, unsigned ms, VerifyAnswer *ret) {
    int64_t deadline = deadline_in(ms);
    return verify_receive(t->connection, &t->worker, sizeof t->worker, deadline) &&
           verify_receive(t->connection, ret, sizeof *ret, deadline);
}

static bool ask(VerifyProcess *p, const VerifyJob *job, bool check, VerifyAnswer *ret,
                CvkErr *err) {
    VerifyHead h = {.verifier_n = strlen(job->verifier) + 1,
                    .params_n = strlen(job->params) + 1,
                    .name_n = strlen(job->batch.name) + 1,
                    .expect_n = strlen(job->batch.expect) + 1,
                    .batch_size = job->batch.size,
                    .proof_n = check ? 0 : job->proof_n,
                    .limits = p->limits,
                    .dev = job->dev,
                    .check = check};
    Taken t = {.connection = -1};
    unsigned ms;
    memcpy(h.sha256, job->batch.sha256, sizeof h.sha256);
    if (!job_fits(&h, err) || !hand_over(p, job, check, &t, err))
        return false;
    bool answered =
        (send_job(t.connection, &h, job, &ms) && hear_answer(&t, ms + p->limits.grace_ms, ret)) ||
        give_up(&t, err);
    close(t.connection);
    return answered;
}

void verify_process_run(VerifyProcess *p, const VerifyJob *job, VerifyAnswer *ret) {
    CvkErr err;
    VerifyAnswer answer;
    if (ask(p, job, false, &answer, &err)) {
        *ret = answer;
        return;
    }
    *ret = (VerifyAnswer){.verdict = PROOF_ERROR};
    snprintf(ret->why, sizeof ret->why, "%.*s", VERIFIER_WHY_MAX - 1, err.msg);
}

bool verify_process_check(VerifyProcess *p, const VerifyJob *job, CvkErr *err) {
    VerifyAnswer answer;
    if (!ask(p, job, true, &answer, err))
        return false;
    if (answer.verdict == PROOF_VALID)
        return true;
    return cvk_fail(err, CVK_EBADREQ, "verifier.refused", "the verifier '%s': %s", job->verifier,
                    answer.why);
}

/* ---- in the helper ---- */

bool verify_process_asked(int argc, char *const *argv) {
    return argc == 2 && strcmp(argv[1], VERIFY_HELPER_WORD) == 0 && is_helper();
}

/* Whatever was open in the server and was not closed on exec, by whoever's fault: verifiers and
 * programs of strangers come after us. */
static void close_others(void) {
    DIR *dir = opendir("/proc/self/fd");
    const struct dirent *e;
    while (dir != NULL && (e = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe): ours */
        int fd = (int)strtol(e->d_name, NULL, 10);
        if (fd > STDERR_FILENO && fd != dirfd(dir))
            close(fd);
    }
    if (dir != NULL)
        closedir(dir);
}

/* Children that have ended are waited for. A minder is of our group; any other child is what one
 * that died has left to us. */
static void look_after_children(void) {
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    verify_kill_children(getpgrp());
}

/* Until there is a job, or the server has gone. */
static void wait_for_job(void) {
    struct pollfd control = {.fd = VERIFY_CONTROL, .events = POLLIN};
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    sigdelset(&mask, SIGCHLD);
    while (ppoll(&control, 1, NULL, &mask) < 0 && errno == EINTR)
        look_after_children();
}

static bool next_job(int ret_fd[VERIFY_DESCRIPTORS]) {
    wait_for_job();
    return verify_receive_descriptors(VERIFY_CONTROL, ret_fd);
}

/* One byte and three descriptors a job; a fork for each. */
int verify_process_serve(const Verifier *(*find)(const char *name)) {
    VerifyTask t = {.proof_fd = -1};
    int fd[VERIFY_DESCRIPTORS];
    close_others();
    cvk_minder_begin();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    while (next_job(fd)) {
        pid_t pid = fork();
        if (pid == 0) {
            t.connection = fd[0];
            t.batch.fd = fd[1];
            t.proof_fd = fd[2];
            verify_mind(&t, find);
        }
        for (size_t i = 0; i < VERIFY_DESCRIPTORS; i++)
            close_fd(fd[i]);
    }
    return 0;
}
