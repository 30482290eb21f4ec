#include "base/scratch.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 30) /* no system call is asked for more */

static bool make(CvkScratchFile *f, CvkErr *err) {
    char path[LIMIT_PATH];
    int n = snprintf(path, sizeof path, "%s.scratch-XXXXXX", f->beside);
    if (n < 0 || n >= LIMIT_PATH)
        return cvk_fail(err, CVK_ELIMIT, "path.long", "path is longer than %d bytes",
                        LIMIT_PATH - 16);
    CvkTemporary named; /* for a moment */
    cvk_temporary_begin(&named);
    f->fd = mkstemp(path);
    if (f->fd < 0)
        cvk_file_cannot(err, "file.create", "create a temporary file beside", f->beside);
    else
        unlink(path); /* it lives on until it is closed */
    cvk_temporary_drop(&named);
    if (f->fd >= 0)
        (void)fcntl(f->fd, F_SETFD, FD_CLOEXEC);
    return f->fd >= 0;
}

static bool write_at(void *ctx, uint64_t at, const void *data, size_t n, CvkErr *err) {
    CvkScratchFile *f = ctx;
    const char *from = data;
    if (f->fd < 0 && !make(f, err))
        return false;
    while (n != 0) {
        ssize_t m = pwrite(f->fd, from, n < PIECE ? n : PIECE, (off_t)at);
        if (m < 0 && errno == EINTR)
            continue;
        if (m <= 0)
            return cvk_file_cannot(err, "file.write", "write a temporary file beside", f->beside);
        from += m;
        at += (uint64_t)m;
        n -= (size_t)m;
    }
    return true;
}

static bool read_at(void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    CvkScratchFile *f = ctx;
    char *to = ret;
    while (n != 0) {
        ssize_t m = pread(f->fd, to, n < PIECE ? n : PIECE, (off_t)at);
        if (m < 0 && errno == EINTR)
            continue;
        if (m < 0)
            return cvk_fail_errno(err, "file.read", "cannot read a temporary file");
        if (m == 0)
            return cvk_fail(err, CVK_EBACKEND, "file.short", "a temporary file is too short");
        to += m;
        at += (uint64_t)m;
        n -= (size_t)m;
    }
    return true;
}

CvkScratch cvk_scratch_file(CvkScratchFile *f, const char *beside) {
    *f = (CvkScratchFile){.fd = -1, .beside = beside};
    return (CvkScratch){.write = write_at, .read = read_at, .ctx = f};
}

void cvk_scratch_file_close(CvkScratchFile *f) {
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}
