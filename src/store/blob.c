#include "store/blob.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/sha256.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct BlobWriter {
    char *dir;
    char *temporary; /* its path; NULL once it has its name */
    int fd;
    size_t n, max;
    CvkSha256 *sum; /* NULL once sealed */
    uint8_t hash[32];
    bool brought; /* blob_keep put it where there was none */
};

/* ---- directories ---- */

bool blob_dirs_make(const char *dir, CvkErr *err) {
    char path[LIMIT_PATH];
    return cvk_path(path, dir, "blobs", err) && cvk_dir_make(path, 0700, err) &&
           cvk_path(path, dir, "tmp", err) && cvk_dir_make(path, 0700, err) &&
           cvk_dir_sync(dir, err);
}

void blob_tmp_clear(const char *dir) {
    char path[LIMIT_PATH];
    if (cvk_path(path, dir, "tmp", NULL))
        cvk_dir_clear(path);
}

void blob_path(const char *dir, const uint8_t hash[32], char *ret, size_t cap) {
    char name[65];
    cvk_hex_encode(hash, 32, name);
    int n = snprintf(ret, cap, "%s/blobs/%.2s/%s", dir, name, name);
    if (n < 0 || (size_t)n >= cap)
        ret[0] = '\0'; /* no file has this name */
}

/* ---- writing ---- */

BlobWriter *blob_writer_new(const char *dir, size_t max, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, dir, "tmp/blob.XXXXXX", err))
        return NULL;
    BlobWriter *w = cvk_alloc(1, sizeof *w, err);
    if (w == NULL)
        return NULL;
    w->max = max;
    w->fd = -1;
    w->dir = cvk_strdup(dir, err);
    w->sum = w->dir == NULL ? NULL : cvk_sha256_new(err);
    if (w->sum == NULL)
        return blob_writer_free(w);
    w->fd = mkstemp(path); /* mode 0600 */
    if (w->fd < 0) {
        cvk_fail_errno(err, "blob.create", "cannot create '%s'", path);
        return blob_writer_free(w);
    }
    (void)fcntl(w->fd, F_SETFD, FD_CLOEXEC); /* not for programs that are started meanwhile */
    w->temporary = cvk_strdup(path, err);
    if (w->temporary == NULL) {
        unlink(path);
        return blob_writer_free(w);
    }
    return w;
}

bool blob_write(BlobWriter *w, const void *data, size_t n, CvkErr *err) {
    assert(w->sum != NULL);
    if (n > w->max - w->n)
        return cvk_fail(err, CVK_ELIMIT, "blob.big", "more than %zu bytes", w->max);
    if (!cvk_write_whole(w->fd, data, n))
        return cvk_fail_errno(err, errno == ENOSPC || errno == EDQUOT ? "blob.full" : "blob.write",
                              "cannot write '%s'", w->temporary);
    cvk_sha256_add(w->sum, data, n);
    w->n += n;
    return true;
}

bool blob_seal(BlobWriter *w, uint8_t ret_hash[32], int *ret_fd, CvkErr *err) {
    if (lseek(w->fd, 0, SEEK_SET) != 0)
        return cvk_fail_errno(err, "blob.read", "cannot read '%s'", w->temporary);
    if (w->sum != NULL)
        cvk_sha256_finish(w->sum, w->hash);
    w->sum = cvk_sha256_free(w->sum);
    memcpy(ret_hash, w->hash, 32);
    *ret_fd = w->fd;
    return true;
}

/* Makes the directory that holds `path`, so that it outlives a crash. One that is there and has
 * contents was synced when they came; an empty one may be left from a sync that failed. */
static bool make_home(const BlobWriter *w, const char *path, char ret[LIMIT_PATH], CvkErr *err) {
    char blobs[LIMIT_PATH];
    bool empty = true;
    snprintf(ret, LIMIT_PATH, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (cvk_file_exists(ret) && (!cvk_dir_empty(ret, &empty, err) || !empty))
        return !empty;
    return cvk_dir_make(ret, 0700, err) && cvk_path(blobs, w->dir, "blobs", err) &&
           cvk_dir_sync(blobs, err);
}

bool blob_keep(BlobWriter *w, CvkErr *err) {
    assert(w->sum == NULL && w->temporary != NULL);
    char path[LIMIT_PATH], home[LIMIT_PATH];
    blob_path(w->dir, w->hash, path, sizeof path);
    if (path[0] == '\0')
        return cvk_fail(err, CVK_ELIMIT, "path.long", "path is longer than %d bytes",
                        LIMIT_PATH - 1);
    if (fsync(w->fd) != 0)
        return cvk_fail_errno(err, "blob.sync", "cannot sync '%s'", w->temporary);
    if (!make_home(w, path, home, err))
        return false;
    /* One that is there already has the same contents: it is replaced by itself. */
    bool fresh = !cvk_file_exists(path);
    if (rename(w->temporary, path) != 0)
        return cvk_fail_errno(err, "blob.rename", "cannot rename to '%s'", path);
    free(w->temporary);
    w->temporary = NULL;
    w->brought = fresh;
    return cvk_dir_sync(home, err);
}

void blob_take_back(BlobWriter *w) {
    char path[LIMIT_PATH];
    if (!w->brought)
        return;
    blob_path(w->dir, w->hash, path, sizeof path);
    unlink(path); /* what cannot be removed only takes room */
    w->brought = false;
}

BlobWriter *blob_writer_free(BlobWriter *w) {
    if (w == NULL)
        return NULL;
    if (w->temporary != NULL)
        unlink(w->temporary);
    if (w->fd >= 0)
        close(w->fd);
    cvk_sha256_free(w->sum);
    free(w->temporary);
    free(w->dir);
    free(w);
    return NULL;
}

/* ---- reading ---- */

bool blob_open(const char *dir, const uint8_t hash[32], int *ret_fd, uint64_t *ret_size,
               CvkErr *err) {
    char path[LIMIT_PATH];
    blob_path(dir, hash, path, sizeof path);
    /* Neither follows a link nor waits for the other end of a pipe: only a plain file is ours. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return cvk_fail(err, CVK_ENOTFOUND, "blob.none",
                        "there is no '%s': restore it from a backup", path);
    if (fd < 0)
        return cvk_fail_errno(err, "blob.open", "cannot open '%s'", path);
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return cvk_fail(err, CVK_EBACKEND, "blob.kind", "'%s' is not a plain file", path);
    }
    *ret_fd = fd;
    *ret_size = (uint64_t)st.st_size;
    return true;
}

/* The hash of what can be read from fd, which then stands at its start again. */
static bool hash_of(int fd, uint8_t ret[32], CvkErr *err) {
    uint8_t piece[65536];
    CvkSha256 *h = cvk_sha256_new(err);
    ssize_t n = 0;
    if (h == NULL)
        return false;
    do {
        n = read(fd, piece, sizeof piece);
        if (n > 0)
            cvk_sha256_add(h, piece, (size_t)n);
    } while (n > 0 || (n < 0 && errno == EINTR));
    bool ok = n == 0 && lseek(fd, 0, SEEK_SET) == 0;
    if (!ok)
        cvk_fail_errno(err, "blob.read", "cannot read a blob");
    cvk_sha256_finish(h, ret);
    cvk_sha256_free(h);
    return ok;
}

bool blob_open_checked(const char *dir, const uint8_t hash[32], int *ret_fd, CvkErr *err) {
    uint64_t size;
    uint8_t got[32];
    int fd;
    if (!blob_open(dir, hash, &fd, &size, err))
        return false;
    bool ok = hash_of(fd, got, err);
    if (ok && memcmp(got, hash, sizeof got) != 0) {
        char path[LIMIT_PATH];
        blob_path(dir, hash, path, sizeof path);
        ok = cvk_fail(err, CVK_EBACKEND, "blob.damaged",
                      "'%s' does not hold what its name says: restore it from a backup", path);
    }
    if (!ok) {
        close(fd);
        return false;
    }
    *ret_fd = fd;
    return true;
}
