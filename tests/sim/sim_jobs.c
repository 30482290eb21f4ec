#include "sim/sim_jobs.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE_MAX = 64, LONGEST_S = 600 };

typedef struct {
    pid_t pid; /* 0: free */
    int fd;
    SimPlan plan;
    SimOutcome got;
    size_t n; /* bytes of it so far */
} Child;

static void in_child(const SimPlan *plan, bool quiet, int fd) {
    SimOutcome out;
    int null = quiet ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
    if (null >= 0)
        dup2(null, STDERR_FILENO);
    alarm(LONGEST_S);
    sim_run(plan, &out);
    bool told = write(fd, &out, sizeof out) == (ssize_t)sizeof out;
    exit(told ? 0 : 1); /* not _exit: a sanitizer looks for leaks at the end */
}

static void begin(Child *c, const SimPlan *plan, bool quiet) {
    int ends[2];
    *c = (Child){.plan = *plan};
    fflush(NULL);
    if (pipe(ends) != 0)
        abort();
    c->pid = fork();
    if (c->pid < 0)
        abort();
    if (c->pid == 0) {
        close(ends[0]);
        in_child(plan, quiet, ends[1]);
    }
    close(ends[1]);
    c->fd = ends[0];
}

/* Reads what has come; false: that was the end. */
static bool take(Child *c) {
    char spill[256];
    bool room = c->n < sizeof c->got;
    ssize_t n = read(c->fd, room ? (char *)&c->got + c->n : spill,
                     room ? sizeof c->got - c->n : sizeof spill);
    if (n > 0 && room)
        c->n += (size_t)n;
    return n > 0;
}

static void end(Child *c) {
    int status = 0;
    close(c->fd);
    waitpid(c->pid, &status, 0);
    bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0 && c->n == sizeof c->got;
    c->pid = 0;
    if (well)
        return;
    c->got = (SimOutcome){.rule = RULE_CRASHED, .stats = {.ceremonies = 1}};
    if (WIFSIGNALED(status))
        snprintf(c->got.text, sizeof c->got.text, "the process was killed by signal %d",
                 WTERMSIG(status));
    else
        snprintf(c->got.text, sizeof c->got.text, "the process ended with status %d",
                 WEXITSTATUS(status));
}

void sim_try(const SimPlan *plan, bool quiet, SimOutcome *ret) {
    Child c;
    begin(&c, plan, quiet);
    while (take(&c)) {
    }
    end(&c);
    *ret = c.got;
}

static size_t wait_for_some(Child *child, size_t n) {
    struct pollfd fds[AT_ONCE_MAX];
    nfds_t used = 0;
    size_t which[AT_ONCE_MAX];
    for (size_t i = 0; i < n; i++)
        if (child[i].pid != 0) {
            which[used] = i;
            fds[used++] = (struct pollfd){.fd = child[i].fd, .events = POLLIN};
        }
    poll(fds, used, -1);
    for (nfds_t i = 0; i < used; i++)
        if (fds[i].revents != 0 && !take(&child[which[i]]))
            return which[i];
    return n;
}

void sim_jobs(const Jobs *jobs, unsigned at_once) {
    if (at_once > AT_ONCE_MAX)
        at_once = AT_ONCE_MAX;
    Child *child = calloc(at_once, sizeof *child);
    assert(child != NULL);
    size_t running = 0;
    bool more = true;
    while (more || running > 0) {
        for (size_t i = 0; i < at_once && more; i++) {
            SimPlan plan;
            if (child[i].pid == 0 && (more = jobs->next(jobs->ctx, &plan))) {
                begin(&child[i], &plan, false);
                running++;
            }
        }
        size_t i = running > 0 ? wait_for_some(child, at_once) : at_once;
        if (i == at_once)
            continue;
        end(&child[i]);
        running--;
        jobs->done(jobs->ctx, &child[i].plan, &child[i].got);
    }
    free(child);
}
