#include "base/alloc.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/file.h"
#include "base/minder.h"
#include "cli/prove.h"
#include "cli/wait_line.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SILENT_MS 2000
#define DRAW_MS 1000

extern char **environ;

/* ---- a line that says how long it has been going ---- */

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool over;
    int64_t began_ms;
} Ticker;

static void *tick(void *ctx) {
    Ticker *t = ctx;
    char line[64];
    WaitLine show = wait_line_start();
    pthread_mutex_lock(&t->lock);
    while (!t->over) {
        int64_t ms = cvk_monotonic_ms() - t->began_ms;
        if (ms >= SILENT_MS) {
            snprintf(line, sizeof line, "proving: %lld s", (long long)(ms / 1000));
            wait_line_show(&show, line);
        }
        cvk_cond_wait_ms(&t->changed, &t->lock, ms < SILENT_MS ? SILENT_MS - ms : DRAW_MS);
    }
    pthread_mutex_unlock(&t->lock);
    wait_line_clear(&show);
    return NULL;
}

/* ---- the program ---- */

/* What starts it, made before the fork. `sh -c 'COMMAND "$@"' prover ARG`: the command is words, as
 * people write them; what is given to it is one, whatever is in it. */
typedef struct {
    char *line, *given;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
} Launch;

static void launch_done(Launch *l) {
    posix_spawnattr_destroy(&l->how);
    posix_spawn_file_actions_destroy(&l->files);
    free(l->given);
    free(l->line);
}

/* launch_done is needed whatever comes of it. */
static bool launch_prepare(Launch *l, const char *command, const char *arg, int out, CvkErr *err) {
    size_t cap = strlen(command) + sizeof " \"$@\"";
    sigset_t usual, none;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE); /* which this program ignores */
    sigaddset(&usual, SIGCHLD);
    posix_spawn_file_actions_init(&l->files);
    posix_spawnattr_init(&l->how);
    posix_spawnattr_setsigdefault(&l->how, &usual);
    posix_spawnattr_setsigmask(&l->how, &none);
    posix_spawnattr_setpgroup(&l->how, 0);
    posix_spawnattr_setflags(&l->how, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                          POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_addopen(&l->files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&l->files, out, STDOUT_FILENO);
    l->line = malloc(cap);
    l->given = arg != NULL ? cvk_strdup(arg, err) : NULL;
    if (l->line == NULL || (arg != NULL && l->given == NULL))
        return cvk_fail(err, CVK_EINTERNAL, "memory.short", "out of memory");
    snprintf(l->line, cap, "%s \"$@\"", command);
    return true;
}

static int launch(const Launch *l, pid_t *ret) {
    char name[] = "prover", shell[] = "sh", option[] = "-c";
    char *argv[] = {shell, option, l->line, name, l->given, NULL};
    return posix_spawn(ret, "/bin/sh", &l->files, &l->how, argv, environ);
}

/* ---- its minder: it outlives us by as much as it takes to end the program ---- */

typedef struct {
    int failed; /* an errno: it did not start */
    int status; /* else: how it ended */
} Ended;

/* In a group of its own: what ends us at a terminal must not end it, too. It tells the program's
 * group first (0: there is none), then how that ended. */
static _Noreturn void mind(const Launch *l, int prove) {
    Ended e = {.failed = 0};
    ChildWatch w = {.wanted = prove, .deadline_ms = INT64_MAX, .said = -1};
    setpgid(0, 0);
    cvk_minder_begin();
    e.failed = launch(l, &w.child);
    if (e.failed != 0)
        w.child = 0;
    bool told = cvk_write_whole(prove, &w.child, sizeof w.child);
    if (e.failed == 0 && (!told || cvk_child_watch(&w) == CHILD_UNWANTED))
        _exit(cvk_child_end(w.child, NULL, &e.status) ? EXIT_SUCCESS : EXIT_FAILURE);
    while (e.failed == 0 && waitpid(w.child, &e.status, 0) < 0 && errno == EINTR)
        continue; /* what it started and left goes on, as it would in a shell */
    _exit(cvk_write_whole(prove, &e, sizeof e) ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* One thread is here yet, so a minder can be forked. *ret_fd: to it; closed, it ends the program.
 */
static bool start_minder(const Launch *l, int *ret_fd, pid_t *ret, CvkErr *err) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return cvk_fail_errno(err, "prover.failed", "cannot make a socket");
    for (size_t i = 0; i < 2; i++)
        fcntl(pair[i], F_SETFD, FD_CLOEXEC);
    pid_t minder = fork();
    if (minder == 0) {
        close(pair[0]);
        mind(l, pair[1]);
    }
    close(pair[1]);
    if (minder < 0) {
        close(pair[0]);
        return cvk_fail_errno(err, "prover.failed", "cannot start a process");
    }
    *ret_fd = pair[0];
    *ret = minder;
    return true;
}

static bool hear(int fd, void *ret, size_t n) {
    ssize_t got;
    do
        got = read(fd, ret, n);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)n;
}

/* The program does not outlive its minder either: whoever is told that it failed may start another.
 * While one of its group lives, the group's number is nobody else's. */
static bool hear_end(int fd, Ended *ret, CvkErr *err) {
    pid_t group;
    if (!hear(fd, &group, sizeof group))
        group = 0;
    else if (hear(fd, ret, sizeof *ret))
        return true;
    if (group > 0)
        kill(-group, SIGKILL);
    return cvk_fail(err, CVK_EBACKEND, "prover.failed", "the process that minds it was ended");
}

static bool judge(const Ended *e, CvkErr *err) {
    errno = e->failed;
    if (e->failed != 0)
        return cvk_fail_errno(err, "prover.failed", "cannot start a shell");
    if (WIFEXITED(e->status) && WEXITSTATUS(e->status) == 0)
        return true;
    if (WIFSIGNALED(e->status))
        return cvk_fail(err, CVK_EBACKEND, "prover.failed", "it was ended by signal %d",
                        WTERMSIG(e->status));
    return cvk_fail(err, CVK_EBACKEND, "prover.failed", "it ended with status %d",
                    WEXITSTATUS(e->status));
}

/* The program runs; draws meanwhile. *ret_ms: how long it took. */
static bool wait_for(int fd, int64_t began_us, Ended *ret, int64_t *ret_ms, CvkErr *err) {
    Ticker ticker = {.lock = PTHREAD_MUTEX_INITIALIZER, .began_ms = began_us / 1000};
    pthread_t thread;
    cvk_cond_init(&ticker.changed);
    bool ticks = pthread_create(&thread, NULL, tick, &ticker) == 0;
    bool ok = hear_end(fd, ret, err);
    *ret_ms = (cvk_monotonic_us() - began_us + 999) / 1000;
    pthread_mutex_lock(&ticker.lock);
    ticker.over = true;
    pthread_cond_signal(&ticker.changed);
    pthread_mutex_unlock(&ticker.lock);
    if (ticks)
        pthread_join(thread, NULL);
    pthread_cond_destroy(&ticker.changed);
    pthread_mutex_destroy(&ticker.lock);
    return ok;
}

static bool run_minded(const Launch *l, int64_t *ret_ms, CvkErr *err) {
    Ended ended;
    pid_t minder = 0;
    int fd = -1;
    int64_t began_us = cvk_monotonic_us();
    if (!start_minder(l, &fd, &minder, err))
        return false;
    bool ok = wait_for(fd, began_us, &ended, ret_ms, err);
    close(fd);
    while (waitpid(minder, NULL, 0) < 0 && errno == EINTR)
        continue;
    return ok && judge(&ended, err);
}

bool prove_run(const char *command, const char *arg, FILE *out, int64_t *ret_ms, CvkErr *err) {
    Launch l = {.line = NULL};
    bool ok = launch_prepare(&l, command, arg, fileno(out), err) && run_minded(&l, ret_ms, err);
    launch_done(&l);
    if (ok && *ret_ms < 1)
        *ret_ms = 1;
    return ok;
}
