#define _GNU_SOURCE /* sched_setaffinity, wait4 */
#include "cli/bench_program.h"

#include "cli/bench_site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#define SELF "/proc/self/exe"
#define PROGRAM_ARGS_MAX 32

/* The first few of the processors that we may use ourselves. */
static void take_few_processors(void) {
#ifdef __linux__
    cpu_set_t all, few;
    int kept = 0;
    CPU_ZERO(&few);
    if (sched_getaffinity(0, sizeof all, &all) != 0)
        return;
    for (size_t i = 0; i < CPU_SETSIZE && kept < BENCH_PROGRAM_CPUS; i++)
        if (CPU_ISSET(i, &all)) {
            CPU_SET(i, &few);
            kept++;
        }
    sched_setaffinity(0, sizeof few, &few);
#endif
}

/* In the child. Standard input is empty: nobody may be asked anything. */
static void become(const char *dir, const char *const argv[]) {
    char *args[PROGRAM_ARGS_MAX + 1] = {NULL};
    for (size_t i = 0; argv[i] != NULL && i < PROGRAM_ARGS_MAX; i++)
        args[i] = strdup(argv[i]);
    take_few_processors();
    int nothing = open("/dev/null", O_RDWR);
    if (args[0] == NULL || nothing < 0 || chdir(dir) != 0)
        _exit(127);
    for (int fd = 0; fd <= 2; fd++)
        dup2(nothing, fd);
    if (strcmp(args[0], "convoke") == 0)
        execv(SELF, args);
    else
        execvp(args[0], args);
    _exit(127);
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool bench_program(const char *dir, const char *const argv[], BenchRun *ret, CvkErr *err) {
    struct rusage used;
    int status;
    double start = now_s();
    pid_t pid = fork();
    if (pid == 0)
        become(dir, argv);
    if (pid < 0)
        return cvk_fail_errno(err, "bench.program", "cannot start %s", argv[0]);
    while (wait4(pid, &status, 0, &used) < 0)
        if (errno != EINTR)
            return cvk_fail_errno(err, "bench.program", "cannot wait for %s", argv[0]);
    *ret = (BenchRun){.seconds = now_s() - start, .peak_mb = (double)used.ru_maxrss * 1024 / 1e6};
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
           cvk_fail(err, CVK_EINTERNAL, "bench.program", "'%s %s %s ...' fails", argv[0], argv[1],
                    argv[1] != NULL && argv[2] != NULL ? argv[2] : "");
}

bool bench_dir_make(char ret[64], CvkErr *err) {
    snprintf(ret, 64, "/tmp/convoke-bench.XXXXXX");
    if (mkdtemp(ret) != NULL)
        return true;
    ret[0] = '\0';
    return cvk_fail_errno(err, "bench.dir", "cannot make a directory in /tmp");
}

void bench_dir_remove(char *dir) {
    char *rm[] = {"rm", "-rf", "--", dir, NULL};
    pid_t pid = fork();
    if (pid == 0) {
        execvp("rm", rm);
        _exit(127);
    }
    if (pid > 0)
        bench_ended_well(pid);
}
