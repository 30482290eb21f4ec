/* Preloaded into a server under test, it moves that process's wall clock by so many milliseconds as
 * the file named by SHIFT_CLOCK holds (8 bytes of this machine's order), while it runs. Monotonic
 * clocks go on as they are. Threads: any; the file is mapped before main. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t *shift;

/* They take the place of the C library's, by the linker's names. */
int shifted_gettime(clockid_t clock, struct timespec *ret) __asm__("clock_gettime");
time_t shifted_time(time_t *ret) __asm__("time");

static void __attribute__((constructor)) begin(void) {
    const char *path = getenv("SHIFT_CLOCK");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        abort();
    void *at = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED)
        abort();
    shift = at;
}

int shifted_gettime(clockid_t clock, struct timespec *ret) {
    if (syscall(SYS_clock_gettime, clock, ret) != 0)
        return -1;
    if (clock != CLOCK_REALTIME || shift == NULL)
        return 0;
    int64_t ns = ret->tv_nsec + *shift % 1000 * 1000000;
    ret->tv_sec += *shift / 1000 + (ns >= 1000000000) - (ns < 0);
    ret->tv_nsec = ns + (ns < 0 ? 1000000000 : 0) - (ns >= 1000000000 ? 1000000000 : 0);
    return 0;
}

time_t shifted_time(time_t *ret) {
    struct timespec now;
    shifted_gettime(CLOCK_REALTIME, &now);
    if (ret != NULL)
        *ret = now.tv_sec;
    return now.tv_sec;
}
