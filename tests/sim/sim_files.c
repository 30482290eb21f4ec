/* System calls that change files, wrapped by the linker (-Wl,--wrap=...): each is an operation of
 * the simulated disk when it concerns a file below the root; all others pass.
 *
 * The model: what was written to a file since it was made is lost in part at a crash, from some
 * byte on, unless the file was synced; that is so too for what stdio wrote, which the linker cannot
 * see and which therefore counts as no operation (its sync and its rename do). A rename or a new
 * directory is undone at a crash, as the seed wants it, until its parent directory is synced; what
 * a rename replaced comes back. Removing is durable at once: a file that comes back after a crash
 * is one more file in tmp/ or blobs/, and both are safe with files that nobody asks for. The file
 * "alive", which is written in place and never synced, may be anything after a crash. Other writing
 * to a file after its sync is not modelled: blobs and files that are replaced whole never do. */
#include "sim/sim_files.h"

#include "sim/sim_plan.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 512
#define FRESH_MAX 256
#define PENDING_MAX 256
#define KEPT_DIR "kept-by-the-simulation"

/* A file that was made and not yet synced. */
typedef struct {
    dev_t device;
    ino_t inode;
    char path[PATH_BYTES];
} Fresh;

/* A name that was made and whose directory is not yet synced. */
typedef struct {
    char path[PATH_BYTES];
    dev_t device; /* of the parent directory */
    ino_t inode;
    bool is_dir;
    unsigned kept; /* what it replaced is KEPT_DIR/<kept>; 0: nothing */
} Pending;

static struct {
    char root[PATH_BYTES]; /* "" = none */
    Fresh fresh[FRESH_MAX];
    size_t n_fresh;
    Pending pending[PENDING_MAX]; /* in the order of time */
    size_t n_pending;
    unsigned n_kept;
} files;

/* The linker's names. NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c) */
ssize_t __real_write(int fd, const void *data, size_t n);
ssize_t __wrap_write(int fd, const void *data, size_t n);
ssize_t __real_read(int fd, void *into, size_t n);
ssize_t __wrap_read(int fd, void *into, size_t n);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_mkstemp(char *path);
int __wrap_mkstemp(char *path);
int __wrap_mkstemp64(char *path); /* what glibc makes of it for large files */
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c) */

static bool is_ours(const char *path) {
    size_t n = strlen(files.root);
    return n != 0 && strncmp(path, files.root, n) == 0 && path[n] == '/';
}

static int failed(Fate x) {
    errno = x == FATE_FULL ? ENOSPC : EIO;
    return -1;
}

/* ---- files whose contents are not synced ---- */

static Fresh *fresh_of(int fd) {
    struct stat st;
    if (files.n_fresh == 0 || fstat(fd, &st) != 0)
        return NULL;
    for (size_t i = 0; i < files.n_fresh; i++)
        if (files.fresh[i].inode == st.st_ino && files.fresh[i].device == st.st_dev)
            return &files.fresh[i];
    return NULL;
}

static void fresh_drop(Fresh *f) {
    *f = files.fresh[--files.n_fresh];
}

/* Forgets files that were removed where the linker does not look. */
static void fresh_prune(void) {
    struct stat st;
    for (size_t i = files.n_fresh; i-- != 0;)
        if (lstat(files.fresh[i].path, &st) != 0)
            fresh_drop(&files.fresh[i]);
}

static void fresh_add(int fd, const char *path) {
    struct stat st;
    if (files.n_fresh == FRESH_MAX)
        fresh_prune();
    Fresh *same = fresh_of(fd); /* its number was another's, which is gone */
    if (same != NULL)
        fresh_drop(same);
    int rc = fstat(fd, &st);
    assert(rc == 0 && files.n_fresh < FRESH_MAX);
    (void)rc;
    Fresh *f = &files.fresh[files.n_fresh++];
    *f = (Fresh){.device = st.st_dev, .inode = st.st_ino};
    snprintf(f->path, sizeof f->path, "%s", path);
}

static Fresh *fresh_at(const char *path) {
    for (size_t i = 0; i < files.n_fresh; i++)
        if (strcmp(files.fresh[i].path, path) == 0)
            return &files.fresh[i];
    return NULL;
}

/* ---- names that are not synced ---- */

static void kept_path(unsigned number, char ret[PATH_BYTES]) {
    int n = snprintf(ret, PATH_BYTES, "%s/" KEPT_DIR "/%u", files.root, number);
    assert(n < PATH_BYTES);
    (void)n;
}

static void pending_forget(size_t i) {
    char kept[PATH_BYTES];
    if (files.pending[i].kept != 0) {
        kept_path(files.pending[i].kept, kept);
        __real_unlink(kept);
    }
    memmove(&files.pending[i], &files.pending[i + 1],
            (--files.n_pending - i) * sizeof files.pending[0]);
}

static Pending pending_new(const char *path, bool is_dir) {
    Pending p = {.is_dir = is_dir};
    struct stat st;
    snprintf(p.path, sizeof p.path, "%s", path);
    *strrchr(p.path, '/') = '\0';
    int rc = stat(p.path, &st);
    assert(rc == 0);
    (void)rc;
    p.device = st.st_dev;
    p.inode = st.st_ino;
    snprintf(p.path, sizeof p.path, "%s", path);
    return p;
}

/* Forgets names that are gone again and replaced nothing: whether they were ever on the disk makes
 * no difference. (Cached files come and go, and their directory is never synced.) */
static void pending_prune(void) {
    struct stat st;
    for (size_t i = files.n_pending; i-- != 0;)
        if (files.pending[i].kept == 0 && lstat(files.pending[i].path, &st) != 0)
            pending_forget(i);
}

static void pending_add(Pending p) {
    if (files.n_pending == PENDING_MAX)
        pending_prune();
    assert(files.n_pending < PENDING_MAX);
    files.pending[files.n_pending++] = p;
}

/* What stands under this name now, under another one too. */
static unsigned keep(const char *path) {
    char kept[PATH_BYTES];
    kept_path(files.n_kept + 1, kept);
    return link(path, kept) == 0 ? ++files.n_kept : 0;
}

static void sync_directory(const struct stat *st) {
    for (size_t i = files.n_pending; i-- != 0;)
        if (files.pending[i].inode == st->st_ino && files.pending[i].device == st->st_dev)
            pending_forget(i);
}

/* ---- the calls ---- */

ssize_t __wrap_write(int fd, const void *data, size_t n) {
    if (fresh_of(fd) == NULL)
        return __real_write(fd, data, n);
    Fate x = sim_plan_operation(true);
    if (x == FATE_DONE)
        return __real_write(fd, data, n);
    if (x == FATE_LAST && __real_write(fd, data, n) < 0)
        return -1;
    return failed(x);
}

ssize_t __wrap_read(int fd, void *into, size_t n) {
    struct stat st;
    bool counts = files.root[0] != '\0' && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    return counts && !sim_plan_read() ? failed(FATE_DEAD) : __real_read(fd, into, n);
}

/* Nothing of what the files are made on need ever reach a real disk. */
int __wrap_fsync(int fd) {
    struct stat st;
    Fresh *f = fresh_of(fd);
    bool is_dir = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    if (files.root[0] == '\0' || (f == NULL && !is_dir))
        return __real_fsync(fd);
    Fate x = sim_plan_operation(false);
    if (x != FATE_DONE)
        return failed(x);
    if (is_dir)
        sync_directory(&st);
    else
        fresh_drop(f);
    return 0;
}

static int move(const char *from, const char *to) {
    Pending p = pending_new(to, false);
    p.kept = keep(to);
    if (__real_rename(from, to) != 0)
        return -1;
    pending_add(p);
    Fresh *f = fresh_at(from);
    if (f != NULL)
        snprintf(f->path, sizeof f->path, "%s", to);
    return 0;
}

int __wrap_rename(const char *from, const char *to) {
    if (!is_ours(to))
        return __real_rename(from, to);
    Fate x = sim_plan_operation(false);
    if (x == FATE_DONE)
        return move(from, to);
    if (x == FATE_LAST && move(from, to) != 0)
        return -1;
    return failed(x);
}

int __wrap_mkstemp(char *path) {
    if (!is_ours(path))
        return __real_mkstemp(path);
    Fate x = sim_plan_operation(true);
    if (x == FATE_DEAD || x == FATE_FULL)
        return failed(x);
    int fd = __real_mkstemp(path);
    if (fd < 0)
        return fd;
    fresh_add(fd, path);
    if (x == FATE_DONE)
        return fd;
    close(fd);
    return failed(x);
}

int __wrap_mkstemp64(char *path) {
    return __wrap_mkstemp(path);
}

int __wrap_mkdir(const char *path, mode_t mode) {
    struct stat st;
    if (!is_ours(path) || stat(path, &st) == 0)
        return __real_mkdir(path, mode);
    Fate x = sim_plan_operation(true);
    if (x == FATE_DEAD || x == FATE_FULL)
        return failed(x);
    if (__real_mkdir(path, mode) != 0)
        return -1;
    pending_add(pending_new(path, true));
    return x == FATE_DONE ? 0 : failed(x);
}

int __wrap_unlink(const char *path) {
    if (!is_ours(path))
        return __real_unlink(path);
    Fate x = sim_plan_operation(false);
    if (x == FATE_DEAD)
        return failed(x);
    Fresh *f = fresh_at(path);
    if (f != NULL)
        fresh_drop(f);
    int rc = __real_unlink(path);
    return x == FATE_DONE ? rc : failed(x);
}

/* ---- a crash ---- */

static void cut_contents(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0)
        return;
    uint64_t size = (uint64_t)st.st_size, left = sim_plan_random() % (size + 1);
    if (truncate(path, (off_t)left) != 0)
        abort();
    /* A size that was written before the contents: zeros. */
    if (sim_plan_coin() && truncate(path, st.st_size) != 0)
        abort();
}

static void lose_alive(void) {
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/alive", files.root);
    assert(n < PATH_BYTES);
    (void)n;
    switch (sim_plan_survival()) {
    case SURVIVE_NONE:
        __real_unlink(path);
        break;
    case SURVIVE_PREFIX:
    case SURVIVE_ANY:
        cut_contents(path);
        break;
    case SURVIVE_ALL:
    case SURVIVE_N:
        break;
    }
}

/* As deep as the server makes directories. */
static void remove_tree(const char *path) {
    char inner[PATH_BYTES * 2];
    DIR *d = opendir(path);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            __real_unlink(inner);
    }
    if (d != NULL)
        closedir(d);
    rmdir(path);
}

static void undo(const Pending *p) {
    char kept[PATH_BYTES];
    if (p->is_dir) {
        remove_tree(p->path);
    } else if (p->kept != 0) {
        kept_path(p->kept, kept);
        __real_rename(kept, p->path); /* fails where its directory is gone: then it is gone too */
    } else {
        __real_unlink(p->path);
    }
}

/* The newest first: a name that survives hides those before it. */
static void resolve(size_t i) {
    Pending p = files.pending[i];
    if (!sim_plan_coin()) {
        undo(&p);
        pending_forget(i);
        return;
    }
    for (size_t k = i + 1; k-- != 0;)
        if (strcmp(files.pending[k].path, p.path) == 0)
            pending_forget(k);
}

void sim_files_crash(void) {
    if (files.root[0] != '\0')
        lose_alive();
    for (size_t i = 0; i < files.n_fresh; i++)
        cut_contents(files.fresh[i].path);
    files.n_fresh = 0;
    while (files.n_pending != 0)
        resolve(files.n_pending - 1);
}

void sim_files_start(const char *root) {
    char kept[PATH_BYTES + sizeof KEPT_DIR + 1];
    files.n_fresh = files.n_pending = 0;
    files.n_kept = 0;
    files.root[0] = '\0';
    if (root == NULL)
        return;
    snprintf(files.root, sizeof files.root, "%s", root);
    snprintf(kept, sizeof kept, "%s/" KEPT_DIR, root);
    if (mkdir(kept, 0700) != 0 && errno != EEXIST)
        abort();
    files.n_pending = 0; /* that one is not the server's */
}

void sim_files_stop(void) {
    files.root[0] = '\0';
}
