#include "run/collect.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "run/archive.h"
#include "run/node_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    uint8_t hash[32];
    uint64_t size;
    ino_t inode;
    bool named;
} Leftover;

typedef struct {
    Node *n;
    int64_t now_ms;
    bool remove;
    bool (*found)(void *ctx, const char *name, uint64_t size, CvkErr *err);
    void *ctx;
    CollectReport *told;
    Leftover *files; /* that are old enough, in the order of their names */
    size_t n_files, cap;
} Collecting;

/* ---- what there is ---- */

/* "ab/abcd..." of 64 digits in all: nothing else in blobs/ is ours. */
static bool is_blob(const char *home, const char *name, uint8_t ret[32]) {
    return strlen(name) == 64 && strncmp(name, home, 2) == 0 && cvk_hex_decode(name, 32, ret);
}

static int64_t changed_ms(const struct stat *st) {
    int64_t written = (int64_t)st->st_mtime * 1000, renamed = (int64_t)st->st_ctime * 1000;
    return written > renamed ? written : renamed;
}

static bool is_old(const Collecting *c, const struct stat *st) {
    return c->now_ms - changed_ms(st) >= (int64_t)LIMIT_COLLECT_AGE_S * 1000;
}

static bool look_at(Collecting *c, const char *path, const uint8_t hash[32], CvkErr *err) {
    struct stat st;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return true;
    if (!is_old(c, &st)) {
        c->told->young++;
        return true;
    }
    if (!cvk_grow(&c->files, c->n_files, &c->cap, sizeof *c->files, err))
        return false;
    Leftover *f = &c->files[c->n_files++];
    *f = (Leftover){.size = (uint64_t)st.st_size, .inode = st.st_ino};
    memcpy(f->hash, hash, sizeof f->hash);
    return true;
}

static bool list_home(Collecting *c, const char *home, CvkErr *err) {
    char dir[LIMIT_PATH], path[LIMIT_PATH], name[16];
    const struct dirent *e;
    uint8_t hash[32];
    snprintf(name, sizeof name, "blobs/%s", home);
    if (!cvk_path(dir, c->n->dir, name, err))
        return false;
    DIR *d = opendir(dir);
    if (d == NULL)
        return errno == ENOENT ||
               cvk_fail_errno(err, "dir.open", "cannot look into '%s'", CVK_SHOWN(dir));
    bool ok = true;
    while (ok && (e = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe): ours */
        if (is_blob(home, e->d_name, hash))
            ok = cvk_path(path, dir, e->d_name, err) && look_at(c, path, hash, err);
    closedir(d);
    return ok;
}

static int by_hash(const void *a, const void *b) {
    return memcmp(((const Leftover *)a)->hash, ((const Leftover *)b)->hash, 32);
}

static bool list(Collecting *c, CvkErr *err) {
    char home[3];
    for (unsigned i = 0; i < 256; i++) {
        snprintf(home, sizeof home, "%02x", i);
        if (!list_home(c, home, err))
            return false;
    }
    if (c->n_files != 0)
        qsort(c->files, c->n_files, sizeof *c->files, by_hash);
    return true;
}

/* ---- what is named ---- */

static bool mark(void *ctx, const uint8_t hash[32], bool needed, CvkErr *err) {
    const Collecting *c = ctx;
    Leftover key;
    (void)needed;
    (void)err;
    memcpy(key.hash, hash, sizeof key.hash);
    Leftover *f = c->n_files != 0 ? bsearch(&key, c->files, c->n_files, sizeof key, by_hash) : NULL;
    if (f != NULL)
        f->named = true;
    return true;
}

static bool mark_of(void *ctx, const StoreCeremony *row, CvkErr *err) {
    Collecting *c = ctx;
    ArchiveCeremony a;
    return archive_read(c->n->store, row, false, NULL, &a, err) &&
           archive_blobs(c->n->store, row->id, &a, mark, c, err);
}

/* ---- what is not ---- */

/* *ret_gone false: another one came in its place since it was looked at (an import of the same
 * bytes), and stays. It is left alone where it is seen in time, so that a crash cannot leave it
 * aside; and put back where it came only just then. */
static bool unlink_old(const Collecting *c, const Leftover *f, const char *path, bool *ret_gone,
                       CvkErr *err) {
    char aside[LIMIT_PATH];
    struct stat st;
    *ret_gone = lstat(path, &st) == 0 && st.st_ino == f->inode && is_old(c, &st);
    if (!*ret_gone)
        return true;
    if (!cvk_path(aside, c->n->dir, "tmp/collected", err))
        return false;
    if (rename(path, aside) != 0)
        return cvk_fail_errno(err, "file.remove", "cannot remove '%s'", CVK_SHOWN(path));
    *ret_gone = lstat(aside, &st) == 0 && st.st_ino == f->inode;
    return (*ret_gone ? unlink(aside) : rename(aside, path)) == 0 ||
           cvk_fail_errno(err, "file.remove", "cannot remove '%s'", CVK_SHOWN(path));
}

static bool collect(const Collecting *c, const Leftover *f, CvkErr *err) {
    char name[ARCHIVE_BLOB], path[LIMIT_PATH];
    bool gone = true;
    archive_blob_name(f->hash, name);
    if (!cvk_path(path, c->n->dir, name, err) || (c->remove && !unlink_old(c, f, path, &gone, err)))
        return false;
    if (!gone) {
        c->told->young++;
        return true;
    }
    c->told->files++;
    c->told->bytes += f->size;
    return c->found == NULL || c->found(c->ctx, name, f->size, err);
}

/* Who is about to name a file has written or renamed it before, so it was young
 * when it was looked at, or has another inode. */
static bool collect_all(Collecting *c, CvkErr *err) {
    if (!list(c, err) || !store_ceremony_each(c->n->store, mark_of, c, err))
        return false;
    for (size_t i = 0; i < c->n_files; i++)
        if (!c->files[i].named && !collect(c, &c->files[i], err))
            return false;
    return true;
}

bool node_collect(Node *n, int64_t now_ms, bool remove,
                  bool (*found)(void *ctx, const char *name, uint64_t size, CvkErr *err), void *ctx,
                  CollectReport *ret, CvkErr *err) {
    Collecting c = {
        .n = n, .now_ms = now_ms, .remove = remove, .found = found, .ctx = ctx, .told = ret};
    *ret = (CollectReport){.files = 0};
    Store *guard = NULL; /* while it has the database's write lock nothing gets a name */
    if (remove &&
        ((n->lock_fd < 0 && !node_lock(n, err)) || !store_open(n->store_path, false, &guard, err)))
        return false;
    pthread_mutex_lock(&n->store_lock);
    bool ok = (guard == NULL || store_begin(guard, err)) && collect_all(&c, err);
    pthread_mutex_unlock(&n->store_lock);
    store_close(guard);
    free(c.files);
    return ok;
}
