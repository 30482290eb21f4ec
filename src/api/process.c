#include "api/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static double cpu_seconds(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* "total resident ...", in pages: Linux. */
static uint64_t resident(void) {
    unsigned long pages = 0;
    long page = sysconf(_SC_PAGESIZE);
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%*u %lu", &pages) != 1)
        pages = 0;
    fclose(f);
    return page > 0 ? pages * (uint64_t)page : 0;
}

static uint64_t open_files(void) {
    uint64_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 0;
    const struct dirent *e;
    while ((e = readdir(dir)) != NULL) /* NOLINT(concurrency-mt-unsafe): nobody else's DIR */
        n += e->d_name[0] != '.';
    closedir(dir);
    return n != 0 ? n - 1 : 0; /* without the one that lists them */
}

void process_numbers(ProcessNumbers *ret) {
    struct rlimit files;
    *ret = (ProcessNumbers){
        .cpu_s = cpu_seconds(), .resident_bytes = resident(), .open_fds = open_files()};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
        ret->max_fds = files.rlim_cur;
}
