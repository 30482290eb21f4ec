#include "base/clock.h"
#include "base/cond.h"
#include "cli/prove.h"
#include "cli/wait_line.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
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

/* `sh -c 'COMMAND "$@"' prover ARG`: the command is words, as people write them; what is given to
 * it is one, whatever is in it. */
static bool start(const char *command, const char *arg, int out, pid_t *ret, CvkErr *err) {
    char name[] = "prover", shell[] = "sh", option[] = "-c";
    size_t cap = strlen(command) + sizeof " \"$@\"";
    char *line = malloc(cap), *given = strdup(arg != NULL ? arg : "");
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t usual;
    int failed = ENOMEM;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE); /* which this program ignores */
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (line != NULL && given != NULL) {
        snprintf(line, cap, "%s \"$@\"", command);
        char *argv[] = {shell, option, line, name, arg != NULL ? given : NULL, NULL};
        failed = posix_spawn(ret, "/bin/sh", &files, &attributes, argv, environ);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    free(given);
    free(line);
    errno = failed;
    return failed == 0 || cvk_fail_errno(err, "prover.failed", "cannot start a shell");
}

static bool judge(int status, CvkErr *err) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFSIGNALED(status))
        return cvk_fail(err, CVK_EBACKEND, "prover.failed", "it was ended by signal %d",
                        WTERMSIG(status));
    return cvk_fail(err, CVK_EBACKEND, "prover.failed", "it ended with status %d",
                    WEXITSTATUS(status));
}

bool prove_run(const char *command, const char *arg, FILE *out, int64_t *ret_ms, CvkErr *err) {
    Ticker ticker = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread;
    pid_t child = 0;
    int status = 0;
    cvk_cond_init(&ticker.changed);
    int64_t began_us = cvk_monotonic_us();
    ticker.began_ms = began_us / 1000;
    bool ok = start(command, arg, fileno(out), &child, err);
    if (ok) {
        bool ticks = pthread_create(&thread, NULL, tick, &ticker) == 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR)
            ;
        *ret_ms = (cvk_monotonic_us() - began_us + 999) / 1000;
        pthread_mutex_lock(&ticker.lock);
        ticker.over = true;
        pthread_cond_signal(&ticker.changed);
        pthread_mutex_unlock(&ticker.lock);
        if (ticks)
            pthread_join(thread, NULL);
        ok = judge(status, err);
    }
    if (ok && *ret_ms < 1)
        *ret_ms = 1;
    pthread_cond_destroy(&ticker.changed);
    pthread_mutex_destroy(&ticker.lock);
    return ok;
}
