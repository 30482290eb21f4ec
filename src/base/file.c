#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAWN "XXXXXX" /* of a temporary name, for mkstemp */

bool cvk_file_cannot(CvkErr *err, const char *id, const char *what, const char *path) {
    cvk_fail_errno(err, id, "cannot %s '%s'", what, CVK_SHOWN(path));
    return cvk_fail_in(err, path);
}

/* "'<path>' <text>": what it is, and should not be. */
static bool wrong_file(CvkErr *err, CvkCode code, const char *id, const char *path,
                       const char *text) {
    cvk_fail(err, code, id, "'%s' %s", CVK_SHOWN(path), text);
    return cvk_fail_in(err, path);
}

bool cvk_path(char ret[LIMIT_PATH], const char *dir, const char *name, CvkErr *err) {
    int n = snprintf(ret, LIMIT_PATH, "%s/%s", dir, name);
    if (n < 0 || n >= LIMIT_PATH)
        return cvk_fail(err, CVK_ELIMIT, "path.long", "path is longer than %d bytes",
                        LIMIT_PATH - 1);
    return true;
}

bool cvk_file_read(const char *path, CvkBuf *b, CvkErr *err) {
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return cvk_file_cannot(err, "file.open", "open", path);
    char piece[16384];
    size_t n;
    bool ok = true;
    while (ok && (n = fread(piece, 1, sizeof piece, f)) != 0)
        ok = cvk_buf_add(b, piece, n, err) || cvk_fail_prefix(err, "'%s'", CVK_SHOWN(path)) ||
             cvk_fail_in(err, path);
    if (ok && ferror(f) != 0)
        ok = cvk_file_cannot(err, "file.read", "read", path);
    fclose(f);
    return ok;
}

bool cvk_file_read_secret(int fd, const char *what, void *ret, size_t cap, size_t *ret_n,
                          CvkErr *err) {
    char *to = ret;
    size_t n = 0;
    ssize_t got = 1;
    while (got != 0 && n < cap) {
        got = read(fd, to + n, cap - n);
        if (got > 0)
            n += (size_t)got;
        else if (got < 0 && errno != EINTR)
            return cvk_fail_errno(err, "file.read", "cannot read %s", what);
    }
    *ret_n = n;
    return true;
}

static bool is_regular(int fd, const char *path, CvkErr *err) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return cvk_file_cannot(err, "file.open", "open", path);
    return S_ISREG(st.st_mode) ||
           wrong_file(err, CVK_EBADREQ, "file.kind", path, "is no regular file");
}

FILE *cvk_file_open_regular(const char *path, bool follow, CvkErr *err) {
    struct stat st;
    if (!follow && lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
        wrong_file(err, CVK_EBADREQ, "file.kind", path, "is a link, no regular file");
        return NULL;
    }
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW);
    int fd = open(path, flags); /* O_NONBLOCK: opening a pipe does not wait */
    if (fd < 0) {
        cvk_file_cannot(err, "file.open", "open", path);
        return NULL;
    }
    FILE *f = is_regular(fd, path, err) ? fdopen(fd, "rb") : NULL;
    if (f == NULL)
        close(fd);
    return f;
}

size_t cvk_file_room(FILE *f, size_t most) {
    struct stat st;
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || (uintmax_t)st.st_size > most)
        return most;
    return (size_t)st.st_size;
}

/* The directory part of a path: "." when there is none. */
static void parent_of(const char *path, char ret[LIMIT_PATH]) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        snprintf(ret, LIMIT_PATH, ".");
    else if (slash == path)
        snprintf(ret, LIMIT_PATH, "/");
    else
        snprintf(ret, LIMIT_PATH, "%.*s", (int)(slash - path), path);
}

bool cvk_dir_sync(const char *path, CvkErr *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cvk_file_cannot(err, "file.open", "open directory", path);
    bool ok = fsync(fd) == 0 || errno == EINVAL; /* EINVAL: this file system has no such thing */
    if (!ok)
        cvk_file_cannot(err, "file.sync", "sync directory", path);
    close(fd);
    return ok;
}

bool cvk_file_out_check(const char *path, CvkErr *err) {
    char dir[LIMIT_PATH];
    struct stat st;
    if (strlen(path) >= LIMIT_PATH)
        return cvk_fail(err, CVK_ELIMIT, "path.long", "path is longer than %d bytes",
                        LIMIT_PATH - 1);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return wrong_file(err, CVK_EBADREQ, "file.kind", path,
                          "is there and is no regular file: give the output another name");
    parent_of(path, dir);
    return access(dir, W_OK | X_OK) == 0 || cvk_file_cannot(err, "file.create", "create", path);
}

static void remove_temporary(CvkFileOut *out) {
    unlink(out->temporary);
    cvk_temporary_drop(&out->listed);
}

bool cvk_file_out_open(CvkFileOut *out, const char *path, mode_t mode, CvkErr *err) {
    out->f = NULL;
    if (!cvk_file_out_check(path, err))
        return false;
    int n = snprintf(out->path, sizeof out->path, "%s", path);
    int m = snprintf(out->temporary, sizeof out->temporary, "%s" CVK_FILE_TEMPORARY DRAWN, path);
    if (n < 0 || n >= LIMIT_PATH || m < 0 || m >= LIMIT_PATH)
        return cvk_fail(err, CVK_ELIMIT, "path.long", "path is longer than %d bytes",
                        LIMIT_PATH - 12);
    cvk_temporary_begin(&out->listed);
    int fd = mkstemp(out->temporary);
    if (fd < 0) {
        cvk_file_cannot(err, "file.create", "create", path);
        cvk_temporary_drop(&out->listed);
        return false;
    }
    cvk_temporary_list(&out->listed, out->temporary);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fchmod(fd, mode) != 0 ||
        (out->f = fdopen(fd, "wb")) == NULL) {
        cvk_file_cannot(err, "file.create", "create", path);
        close(fd);
        remove_temporary(out);
        return false;
    }
    return true;
}

static bool file_out_end(CvkFileOut *out, bool sync, CvkErr *err) {
    bool ok = true;
    if (ferror(out->f) != 0) /* a piece was lost: what came after it does not make a whole file */
        ok = wrong_file(err, CVK_EBACKEND, "file.write", out->path, "was not written in full");
    else if (fflush(out->f) != 0 || (sync && fsync(fileno(out->f)) != 0))
        ok = cvk_file_cannot(err, "file.write", "write", out->path);
    if (fclose(out->f) != 0 && ok)
        ok = cvk_file_cannot(err, "file.write", "write", out->path);
    out->f = NULL;
    if (ok && rename(out->temporary, out->path) != 0)
        ok = cvk_file_cannot(err, "file.rename", "rename to", out->path);
    if (ok)
        cvk_temporary_drop(&out->listed);
    else
        remove_temporary(out);
    return ok;
}

bool cvk_file_out_commit(CvkFileOut *out, CvkErr *err) {
    char dir[LIMIT_PATH];
    if (!file_out_end(out, true, err))
        return false;
    parent_of(out->path, dir);
    return cvk_dir_sync(dir, err);
}

bool cvk_file_out_place(CvkFileOut *out, CvkErr *err) {
    return file_out_end(out, false, err);
}

void cvk_file_out_abandon(CvkFileOut *out) {
    if (out->f == NULL)
        return;
    fclose(out->f);
    out->f = NULL;
    remove_temporary(out);
}

bool cvk_file_write(const char *path, const void *data, size_t n, mode_t mode, CvkErr *err) {
    CvkFileOut out;
    if (!cvk_file_out_open(&out, path, mode, err))
        return false;
    if (n != 0 && fwrite(data, 1, n, out.f) != n) {
        cvk_file_cannot(err, "file.write", "write", path);
        cvk_file_out_abandon(&out);
        return false;
    }
    return cvk_file_out_commit(&out, err);
}

bool cvk_dir_make(const char *path, mode_t mode, CvkErr *err) {
    if (mkdir(path, mode) == 0)
        return true;
    struct stat st;
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    return cvk_file_cannot(err, "dir.make", "make directory", path);
}

bool cvk_file_exists(const char *path) {
    struct stat st;
    return stat(path, &st) == 0;
}

bool cvk_file_apart(const char *output, const char *input, CvkErr *err) {
    struct stat out, in;
    if (stat(output, &out) != 0 || stat(input, &in) != 0 || out.st_dev != in.st_dev ||
        out.st_ino != in.st_ino)
        return true;
    return wrong_file(err, CVK_EBADREQ, "file.same", output,
                      "is read and cannot be written as well: give the output another name");
}

/* The next name in it but "." and ".."; NULL at the end. */
static const char *next_name(DIR *d) {
    for (;;) {
        /* A DIR belongs to one thread here, which is what readdir asks for. */
        const struct dirent *e = readdir(d); /* NOLINT(concurrency-mt-unsafe) */
        if (e == NULL)
            return NULL;
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            return e->d_name;
    }
}

bool cvk_dir_empty(const char *path, bool *ret, CvkErr *err) {
    DIR *d = opendir(path);
    if (d == NULL)
        return cvk_file_cannot(err, "dir.open", "open directory", path);
    errno = 0; /* the end of a directory leaves it, a failure sets it */
    bool empty = next_name(d) == NULL;
    bool ok = !empty || errno == 0 || cvk_file_cannot(err, "dir.read", "read", path);
    closedir(d);
    if (ok)
        *ret = empty;
    return ok;
}

static bool is_any(const char *name) {
    return name[0] != '\0';
}

static bool is_temporary(const char *name) {
    size_t n = strlen(name), end = strlen(CVK_FILE_TEMPORARY DRAWN);
    return n > end && strncmp(name + n - end, CVK_FILE_TEMPORARY, strlen(CVK_FILE_TEMPORARY)) == 0;
}

static void clear(const char *path, bool (*is_one)(const char *name)) {
    DIR *d = opendir(path);
    if (d == NULL)
        return;
    for (const char *name; (name = next_name(d)) != NULL;)
        if (is_one(name))
            unlinkat(dirfd(d), name, 0);
    closedir(d);
}

void cvk_dir_clear(const char *path) {
    clear(path, is_any);
}

void cvk_dir_clear_temporary(const char *path) {
    clear(path, is_temporary);
}

bool cvk_write_whole(int fd, const void *data, size_t n) {
    const char *at = data;
    while (n != 0) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}
