/* The minder of one verification: forks the worker, looks at the clock, collects what the worker
 * says on its standard error, kills all that it started, and answers the server. */
#define _GNU_SOURCE /* pipe2, sigabbrev_np */
#include "base/clock.h"
#include "base/file.h"
#include "base/minder.h"
#include "base/sha256.h"
#include "run/verify_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

typedef enum { ENDED, TOOK_LONG, NOT_WANTED, NOT_STARTED, NOT_KILLED } Ending;

typedef struct {
    const VerifyTask *task;
    const VerifyExec *exec; /* NULL: one of ours */
    VerifyLimits limits;
    pid_t self, worker;       /* worker 0: none; it leads a group */
    int go[2];                /* a pipe: the worker waits for a byte, [1] is ours */
    int result[2], errors[2]; /* pipes: [0] is ours */
    int status;               /* of the worker, where it ENDED */
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

/* No stranger's code runs before the server knows our group. False: the minder has gone. */
static bool may_go(const Minder *m) {
    char byte;
    close(m->go[1]);
    return getppid() == m->self && read(m->go[0], &byte, 1) == 1;
}

static _Noreturn void be_worker(const Minder *m, VerifierFind find) {
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* says nothing of what was before: may_go asks */
    if (!may_go(m))
        _exit(EXIT_FAILURE);
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
static bool listen_once(void *ctx) {
    Minder *m = ctx;
    char text[1024];
    ssize_t n = read(m->errors[0], text, sizeof text);
    if (n > 0)
        keep_said(m, text, (size_t)n);
    return n > 0 || (n < 0 && errno == EINTR);
}

/* Until the worker has ended, its time is over, or the server has hung up. */
static Ending watch(Minder *m) {
    const ChildWatch w = {.child = m->worker,
                          .wanted = m->task->connection,
                          .deadline_ms = cvk_monotonic_ms() + m->limits.wall_ms,
                          .said = m->errors[0],
                          .hear = listen_once,
                          .ctx = m};
    switch (cvk_child_watch(&w)) {
    case CHILD_ENDED:
        return ENDED;
    case CHILD_LATE:
        return TOOK_LONG;
    case CHILD_UNWANTED:
        break;
    }
    return NOT_WANTED;
}

/* ---- afterwards ---- */

void verify_kill_children(pid_t spared) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(path, "re");
    long pid;
    while (f != NULL && fscanf(f, "%10ld", &pid) == 1)
        if (spared == 0 || getpgid((pid_t)pid) != spared)
            kill((pid_t)pid, SIGKILL);
    if (f != NULL)
        fclose(f);
}

/* Those that left the worker's group: they are ours since their parents died. */
static void kill_strays(void) {
    verify_kill_children(0);
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
    case NOT_KILLED:
        set_error(m, ret, "cannot be ended");
        break;
    }
    make_printable(ret->why, strlen(ret->why));
}

/* ---- all of it ---- */

static bool open_pipes(Minder *m) {
    cvk_minder_begin();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return pipe2(m->go, O_CLOEXEC) == 0 && pipe2(m->result, O_CLOEXEC | O_NONBLOCK) == 0 &&
           pipe2(m->errors, O_CLOEXEC) == 0 && fcntl(m->errors[0], F_SETFL, O_NONBLOCK) == 0;
}

/* The worker is there, and waits; or m->worker stays 0. */
static void start(Minder *m, VerifierFind find) {
    if (!open_pipes(m))
        return;
    pid_t pid = fork();
    if (pid == 0)
        be_worker(m, find);
    if (pid < 0)
        return;
    m->worker = pid;
    setpgid(pid, pid); /* here too: whoever comes first */
    close(m->errors[1]);
}

static Ending have_done(Minder *m) {
    if (m->worker == 0 || !cvk_write_whole(m->go[1], "", 1))
        return NOT_STARTED;
    Ending ending = watch(m);
    if (!cvk_child_end(m->worker, kill_strays, &m->status) && ending == ENDED)
        ending = NOT_KILLED; /* lost among its children: what it said is worth nothing */
    while (listen_once(m))
        continue;
    return ending;
}

/* A program is looked for. False: there is nothing to be done, *ret is the answer. */
static bool prepare(Minder *m, VerifyAnswer *ret) {
    CvkErr err;
    if (strcmp(m->task->verifier, "exec") != 0)
        return true;
    VerifyExec *exec = verify_exec_new(m->task, &err);
    if (exec == NULL) {
        *ret = (VerifyAnswer){.verdict = PROOF_ERROR};
        snprintf(ret->why, sizeof ret->why, "%.*s", VERIFIER_WHY_MAX - 1, err.msg);
        return false;
    }
    m->exec = exec;
    m->limits = *verify_exec_limits(exec);
    *ret = (VerifyAnswer){.verdict = PROOF_VALID};
    return !m->task->head.check;
}

/* The server is told the worker's group: it ends that where we do not. */
static bool mind(Minder *m, VerifierFind find, bool works, VerifyAnswer *ret) {
    int64_t began = cvk_monotonic_us();
    if (works)
        start(m, find);
    if (!verify_send(m->task->connection, &m->worker, sizeof m->worker, VERIFY_FOR_EVER))
        return false;
    if (works) {
        judge(m, have_done(m), ret);
        ret->us = cvk_monotonic_us() - began;
    }
    return true;
}

/* Who asked is told who we are, how long it may take, who works, and what came of it. */
static bool answer(VerifyTask *t, VerifierFind find) {
    VerifyAnswer a;
    Minder m = {.task = t, .self = getpid()};
    if (!verify_send(t->connection, &m.self, sizeof m.self, VERIFY_FOR_EVER) ||
        !verify_receive_task(t))
        return false;
    m.limits = t->head.limits;
    bool works = prepare(&m, &a);
    return verify_send(t->connection, &m.limits.wall_ms, sizeof m.limits.wall_ms,
                       VERIFY_FOR_EVER) &&
           mind(&m, find, works, &a) && verify_send(t->connection, &a, sizeof a, VERIFY_FOR_EVER);
}

_Noreturn void verify_mind(VerifyTask *t, VerifierFind find) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || dup2(fd, VERIFY_CONTROL) < 0) /* the helper's orders are not ours */
        _exit(EXIT_FAILURE);
    _exit(answer(t, find) ? EXIT_SUCCESS : EXIT_FAILURE);
}
