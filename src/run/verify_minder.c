/* The minder of one verification: forks the worker, looks at the clock, collects what the worker
 * says on its standard error, kills all that it started, and answers the server. */
#define _GNU_SOURCE /* pipe2, sigabbrev_np */
#include "base/clock.h"
#include "base/file.h"
#include "base/sha256.h"
#include "run/verify_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

typedef enum { ENDED, TOOK_LONG, NOT_WANTED, NOT_STARTED } Ending;

typedef struct {
    const VerifyTask *task;
    const VerifyExec *exec; /* NULL: one of ours */
    VerifyLimits limits;
    pid_t worker;
    int children;             /* readable when one has ended */
    int result[2], errors[2]; /* pipes: [0] is ours */
    int status;               /* of the worker, once it has ended */
    char said[VERIFIER_WHY_MAX];
    size_t said_n;
} Minder;

/* ---- in the worker, before it works ---- */

static struct rlimit both(rlim_t n) {
    return (struct rlimit){.rlim_cur = n, .rlim_max = n};
}

/* A program's runtime may set aside far more addresses than it uses (node, Go): there it is the
 * data that count. Sanitizers do so in our own. */
static void set_limits(const Minder *m) {
    const struct rlimit memory = both(m->limits.memory), none = both(0);
    const struct rlimit cpu = {.rlim_cur = m->limits.cpu_s,
                               .rlim_max =
                                   m->limits.cpu_s + 1}; /* SIGXCPU tells more than a kill */
#ifndef SANITIZED
    if (m->exec == NULL)
        setrlimit(RLIMIT_AS, &memory);
#endif
    if (m->exec != NULL)
        setrlimit(RLIMIT_DATA, &memory);
    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_CORE, &none);
}

/* Where memory is short the kernel takes this process, not the server. */
static void offer_to_kernel(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && cvk_write_whole(fd, "1000", 4))
        close(fd);
}

static _Noreturn void be_worker(const Minder *m, VerifierFind find) {
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    offer_to_kernel();
    dup2(m->errors[1], STDERR_FILENO);
    close(m->task->connection);
    set_limits(m);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    if (m->exec == NULL)
        verify_work(m->task, find, m->result[1]);
    CvkErr err;
    verify_exec_become(m->exec);
    cvk_fail_errno(&err, "exec.start", "cannot start it");
    fprintf(stderr, "%s", err.msg);
    _exit(127); /* as a shell says it */
}

/* ---- while it works ---- */

/* The last of what was said is kept. */
static void keep_said(Minder *m, const char *text, size_t n) {
    const size_t cap = sizeof m->said - 1;
    if (n > cap) {
        text += n - cap;
        n = cap;
    }
    size_t keep = m->said_n < cap - n ? m->said_n : cap - n;
    memmove(m->said, m->said + m->said_n - keep, keep);
    memcpy(m->said + keep, text, n);
    m->said_n = keep + n;
}

/* False: nobody will say any more. */
static bool listen_once(Minder *m) {
    char text[1024];
    ssize_t n = read(m->errors[0], text, sizeof text);
    if (n > 0)
        keep_said(m, text, (size_t)n);
    return n > 0 || (n < 0 && errno == EINTR);
}

/* It is not yet waited for: as long as that is so, nobody else gets its number, or its group's. */
static bool worker_has_ended(const Minder *m) {
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)m->worker, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == m->worker;
}

static int time_left(int64_t deadline) {
    int64_t left = deadline - cvk_monotonic_ms();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* Until the worker has ended, its time is over, or the server has hung up. */
static Ending watch(Minder *m) {
    int64_t deadline = cvk_monotonic_ms() + m->limits.wall_ms;
    struct pollfd fds[] = {{.fd = m->children, .events = POLLIN},
                           {.fd = m->task->connection, .events = 0},
                           {.fd = m->errors[0], .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo info;
        poll(fds, sizeof fds / sizeof *fds, time_left(deadline));
        if (read(m->children, &info, sizeof info) > 0 && worker_has_ended(m))
            return ENDED;
        if (fds[1].revents != 0)
            return NOT_WANTED;
        if (fds[2].revents != 0 && !listen_once(m))
            fds[2].fd = -1;
        if (cvk_monotonic_ms() >= deadline)
            return TOOK_LONG;
    }
}

/* ---- afterwards ---- */

/* Kills children that left the worker's group: they are ours since their parents died. */
static void kill_children(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(path, "re");
    long pid;
    while (f != NULL && fscanf(f, "%10ld", &pid) == 1)
        kill((pid_t)pid, SIGKILL);
    if (f != NULL)
        fclose(f);
}

/* Nothing that the worker started lives on. */
static void clear_away(Minder *m) {
    const struct timespec moment = {.tv_nsec = 1000000};
    kill(-m->worker, SIGKILL);
    for (int tries = 0; tries < 1000; tries++) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno == ECHILD)
            return;
        if (pid == m->worker)
            m->status = status;
        if (pid == 0) {
            kill_children();
            nanosleep(&moment, NULL);
        }
    }
}

static void make_printable(char *text, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            text[i] = ' ';
    while (n > 0 && text[n - 1] == ' ')
        text[--n] = '\0';
}

/* `what` happened, and what was said last. */
static void set_error(Minder *m, VerifyAnswer *ret, const char *what) {
    *ret = (VerifyAnswer){.verdict = PROOF_ERROR};
    int n = snprintf(ret->why, sizeof ret->why, "%s", what);
    size_t left = sizeof ret->why - (size_t)n;
    if (m->said_n == 0 || left < 8)
        return;
    size_t shown = m->said_n < left - 3 ? m->said_n : left - 3;
    snprintf(ret->why + n, left, ": %.*s", (int)shown, m->said + m->said_n - shown);
}

static void judge_status(Minder *m, VerifyAnswer *ret) {
    char what[96];
    if (WIFSIGNALED(m->status))
        snprintf(what, sizeof what, "killed by SIG%s", sigabbrev_np(WTERMSIG(m->status)));
    else
        snprintf(what, sizeof what, "ended with status %d", WEXITSTATUS(m->status));
    set_error(m, ret, what);
}

/* Nothing is known of a program's proofs but their bytes: other bytes are another proof. */
static void set_valid(const VerifyTask *t, VerifyAnswer *ret) {
    *ret = (VerifyAnswer){.verdict = PROOF_VALID};
    const uint8_t *proof = verify_map_proof(t, ret);
    if (proof != NULL)
        cvk_sha256(proof, (size_t)t->head.proof_n, ret->canonical);
}

/* A program says it by its status; it is valid with 0 and invalid with 1. */
static void judge_program(Minder *m, VerifyAnswer *ret) {
    judge_status(m, ret);
    if (!WIFEXITED(m->status) || WEXITSTATUS(m->status) > 1)
        return;
    ret->verdict = PROOF_INVALID;
    if (WEXITSTATUS(m->status) == 0)
        set_valid(m->task, ret);
}

/* One of ours says it on its pipe, whole or not at all, and ends well. */
static void judge_worker(Minder *m, VerifyAnswer *ret) {
    VerifyAnswer answer;
    bool whole = read(m->result[0], &answer, sizeof answer) == (ssize_t)sizeof answer &&
                 answer.verdict < PROOF_VERDICTS_N &&
                 memchr(answer.why, '\0', sizeof answer.why) != NULL;
    if (whole && WIFEXITED(m->status) && WEXITSTATUS(m->status) == EXIT_SUCCESS)
        *ret = answer;
    else
        judge_status(m, ret);
}

static void judge(Minder *m, Ending ending, VerifyAnswer *ret) {
    char what[64];
    switch (ending) {
    case ENDED:
        if (m->exec != NULL)
            judge_program(m, ret);
        else
            judge_worker(m, ret);
        break;
    case TOOK_LONG:
        snprintf(what, sizeof what, "took longer than %u ms", m->limits.wall_ms);
        set_error(m, ret, what);
        break;
    case NOT_WANTED:
        set_error(m, ret, "the server has gone");
        break;
    case NOT_STARTED:
        set_error(m, ret, "cannot start a process");
        break;
    }
    make_printable(ret->why, strlen(ret->why));
}

/* ---- all of it ---- */

static bool open_pipes(Minder *m) {
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    signal(SIGCHLD, SIG_DFL);
    pthread_sigmask(SIG_BLOCK, &ended, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    m->children = signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK);
    return m->children >= 0 && pipe2(m->result, O_CLOEXEC | O_NONBLOCK) == 0 &&
           pipe2(m->errors, O_CLOEXEC) == 0 && fcntl(m->errors[0], F_SETFL, O_NONBLOCK) == 0;
}

static Ending have_done(Minder *m, VerifierFind find) {
    if (!open_pipes(m))
        return NOT_STARTED;
    m->worker = fork();
    if (m->worker == 0)
        be_worker(m, find);
    if (m->worker < 0)
        return NOT_STARTED;
    setpgid(m->worker, m->worker); /* here too: whoever comes first */
    close(m->errors[1]);
    Ending ending = watch(m);
    clear_away(m);
    while (listen_once(m))
        continue;
    return ending;
}

static void mind(VerifyTask *t, VerifierFind find, VerifyAnswer *ret) {
    CvkErr err;
    Minder m = {.task = t, .limits = t->head.limits};
    if (strcmp(t->verifier, "exec") == 0) {
        VerifyExec *exec = verify_exec_new(t, &err);
        if (exec == NULL) {
            set_error(&m, ret, "");
            snprintf(ret->why, sizeof ret->why, "%.*s", VERIFIER_WHY_MAX - 1, err.msg);
            return;
        }
        if (t->head.check) {
            *ret = (VerifyAnswer){.verdict = PROOF_VALID};
            return;
        }
        m.exec = exec;
        m.limits = *verify_exec_limits(exec);
    }
    int64_t start = cvk_monotonic_us();
    judge(&m, have_done(&m, find), ret);
    ret->us = cvk_monotonic_us() - start;
}

_Noreturn void verify_mind(VerifyTask *t, VerifierFind find) {
    VerifyAnswer answer;
    int fd = open("/dev/null", O_RDONLY);
    dup2(fd, VERIFY_CONTROL); /* the helper's orders are not ours */
    if (verify_send(t->connection, "", 1) && verify_receive_task(t)) { /* it is taken */
        mind(t, find, &answer);
        if (!verify_send(t->connection, &answer, sizeof answer))
            _exit(EXIT_FAILURE);
    }
    _exit(EXIT_SUCCESS);
}
