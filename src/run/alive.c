#include "run/alive.h"

#include "base/file.h"
#include "engine/engine.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define EVERY_MS 1000
#define DIGITS 15 /* ENGINE_TIME_MAX */

/* Anything but DIGITS digits and a newline says nothing. */
static int64_t read_time(int fd) {
    char text[DIGITS + 2] = "";
    if (pread(fd, text, sizeof text, 0) != DIGITS + 1 || text[DIGITS] != '\n' ||
        strspn(text, "0123456789") != DIGITS)
        return 0;
    int64_t ms = (int64_t)strtoll(text, NULL, 10);
    return ms <= ENGINE_TIME_MAX ? ms : 0;
}

bool alive_open(Alive *a, const char *dir, int64_t *ret_last_ms, CvkErr *err) {
    char path[LIMIT_PATH];
    *a = (Alive){.fd = -1};
    if (!cvk_path(path, dir, "alive", err))
        return false;
    a->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (a->fd < 0)
        return cvk_fail_errno(err, "dir.alive", "cannot open '%s'", path);
    *ret_last_ms = read_time(a->fd);
    return true;
}

void alive_tell(Alive *a, int64_t now_ms) {
    char text[DIGITS + 2];
    if (a->fd < 0 || now_ms < a->written_ms + EVERY_MS || now_ms < 0 || now_ms > ENGINE_TIME_MAX)
        return;
    snprintf(text, sizeof text, "%0*" PRId64 "\n", DIGITS, now_ms);
    if (pwrite(a->fd, text, DIGITS + 1, 0) == DIGITS + 1)
        a->written_ms = now_ms;
}

void alive_close(Alive *a) {
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
}
