#include "base/source.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_PIECE 65536

bool cvk_source_read(const CvkSource *s, uint64_t at, void *ret, size_t n, CvkErr *err) {
    if (at > s->n || n > s->n - at)
        return cvk_fail(err, CVK_EBADREQ, "source.range",
                        "%zu bytes at %llu are wanted where there are %llu in all", n,
                        (unsigned long long)at, (unsigned long long)s->n);
    return n == 0 || s->read(s->ctx, s->from + at, ret, n, err);
}

CvkSource cvk_source_part(const CvkSource *s, uint64_t at, uint64_t n) {
    assert(at <= s->n && n <= s->n - at);
    CvkSource part = *s;
    part.from += at;
    part.n = n;
    return part;
}

bool cvk_source_fail(const CvkSource *s, uint64_t at, CvkErr *err, const char *id, const char *fmt,
                     ...) {
    char text[CVK_ERR_MSG_MAX];
    const CvkPlace place = cvk_place_at(s->file, 0, s->from + at);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    cvk_fail(err, CVK_EBADREQ, id, "%s: offset %" PRIu64 ": %s", place.file, place.offset, text);
    return cvk_fail_at(err, &place);
}

static bool memory_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    (void)err;
    memcpy(ret, (const char *)ctx + at, n);
    return true;
}

CvkSource cvk_source_memory(const void *data, size_t n) {
    return (CvkSource){.read = memory_read, .ctx = data, .n = n};
}

/* ---- files ---- */

static bool read_at(int fd, const char *path, uint64_t at, void *ret, size_t n, CvkErr *err) {
    char *to = ret;
    while (n != 0) {
        ssize_t got = pread(fd, to, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cvk_file_cannot(err, "file.read", "read", path);
        if (got == 0)
            return cvk_fail(err, CVK_EBACKEND, "file.short",
                            "'%s' became shorter while it was read", CVK_SHOWN(path)) ||
                   cvk_fail_in(err, path);
        to += got;
        at += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

static bool file_in_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    const CvkFileIn *in = ctx;
    return read_at(fileno(in->f), in->path, at, ret, n, err);
}

bool cvk_file_in_open(CvkFileIn *in, const char *path, CvkErr *err) {
    struct stat st;
    in->f = NULL;
    int n = snprintf(in->path, sizeof in->path, "%s", path);
    if (n < 0 || n >= LIMIT_PATH)
        return cvk_fail(err, CVK_ELIMIT, "path.long", "path is longer than %d bytes",
                        LIMIT_PATH - 1);
    in->f = cvk_file_open_regular(path, true, err);
    if (in->f == NULL)
        return false;
    if (fstat(fileno(in->f), &st) != 0) {
        cvk_file_cannot(err, "file.open", "open", path);
        cvk_file_in_close(in);
        return false;
    }
    in->n = (uint64_t)st.st_size;
    return true;
}

void cvk_file_in_close(CvkFileIn *in) {
    if (in->f != NULL)
        fclose(in->f);
    in->f = NULL;
}

CvkSource cvk_file_in_bytes(const CvkFileIn *in) {
    return (CvkSource){.read = file_in_read, .ctx = in, .n = in->n, .file = in->path};
}

static bool file_out_write(void *ctx, const void *data, size_t n, CvkErr *err) {
    CvkFileOut *out = ctx;
    return n == 0 || fwrite(data, 1, n, out->f) == n ||
           cvk_file_cannot(err, "file.write", "write", out->path);
}

CvkSink cvk_sink_file(CvkFileOut *out) {
    return (CvkSink){.write = file_out_write, .ctx = out};
}

static bool file_out_read(const void *ctx, uint64_t at, void *ret, size_t n, CvkErr *err) {
    const CvkFileOut *out = ctx;
    return read_at(fileno(out->f), out->path, at, ret, n, err);
}

bool cvk_file_out_read(CvkFileOut *out, uint64_t at, uint64_t n, CvkSource *ret, CvkErr *err) {
    if (fflush(out->f) != 0)
        return cvk_file_cannot(err, "file.write", "write", out->path);
    *ret = (CvkSource){.read = file_out_read, .ctx = out, .from = at, .n = n, .file = out->path};
    return true;
}

/* ---- memory ---- */

static bool buf_write(void *ctx, const void *data, size_t n, CvkErr *err) {
    return cvk_buf_add(ctx, data, n, err);
}

CvkSink cvk_sink_buf(CvkBuf *b) {
    return (CvkSink){.write = buf_write, .ctx = b};
}

bool cvk_source_copy(const CvkSource *from, const CvkSink *to, CvkErr *err) {
    char piece[COPY_PIECE];
    for (uint64_t at = 0; at < from->n;) {
        size_t n = from->n - at < sizeof piece ? (size_t)(from->n - at) : sizeof piece;
        if (!cvk_source_read(from, at, piece, n, err) || !cvk_sink_write(to, piece, n, err))
            return false;
        at += n;
    }
    return true;
}
