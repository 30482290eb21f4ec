#include "base/minder.h"

#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>

#define LOOK_MS 1000   /* a system that loses a signal loses no more than that */
#define END_TRIES 1000 /* of a millisecond */

/* A handler that does nothing ends pselect: what is ignored does not. */
static void wake(int signal) {
    (void)signal;
}

void cvk_minder_begin(void) {
    struct sigaction act = {.sa_handler = wake};
    sigset_t ended;
    sigemptyset(&act.sa_mask);
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &ended, NULL);
    sigaction(SIGCHLD, &act, NULL);
}

static bool has_ended(pid_t child) {
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child;
}

static struct timespec time_left(int64_t deadline_ms) {
    int64_t left = deadline_ms == INT64_MAX ? LOOK_MS : deadline_ms - cvk_monotonic_ms();
    left = left < 0 ? 0 : left > LOOK_MS ? LOOK_MS : left;
    return (struct timespec){.tv_sec = (time_t)(left / 1000),
                             .tv_nsec = (long)(left % 1000) * 1000000};
}

/* Until something can be read, a child has ended, or some time has passed: the set of what can be
 * read. */
static fd_set wait_once(const ChildWatch *w, bool hears) {
    struct timespec time = time_left(w->deadline_ms);
    sigset_t mask;
    fd_set set;
    FD_ZERO(&set);
    FD_SET(w->wanted, &set);
    if (hears)
        FD_SET(w->said, &set);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    sigdelset(&mask, SIGCHLD);
    int n = hears && w->said > w->wanted ? w->said : w->wanted;
    if (pselect(n + 1, &set, NULL, NULL, &time, &mask) <= 0)
        FD_ZERO(&set);
    return set;
}

ChildEnding cvk_child_watch(const ChildWatch *w) {
    bool hears = w->said >= 0;
    for (;;) {
        if (has_ended(w->child))
            return CHILD_ENDED;
        if (cvk_monotonic_ms() >= w->deadline_ms)
            return CHILD_LATE;
        fd_set set = wait_once(w, hears);
        if (FD_ISSET(w->wanted, &set))
            return CHILD_UNWANTED;
        if (hears && FD_ISSET(w->said, &set))
            hears = w->hear(w->ctx);
    }
}

bool cvk_child_end(pid_t child, void (*strays)(void), int *ret_status) {
    const struct timespec moment = {.tv_nsec = 1000000};
    bool ended = false;
    kill(-child, SIGKILL);
    for (int tries = 0; tries < END_TRIES; tries++) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno == ECHILD)
            break;
        if (pid == child) {
            *ret_status = status;
            ended = true;
        }
        if (pid == 0) {
            if (strays != NULL)
                strays();
            nanosleep(&moment, NULL);
        }
    }
    return ended;
}
