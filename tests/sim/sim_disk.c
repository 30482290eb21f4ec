/* The databases of a simulated disk: a SQLite VFS. What SQLite asks of the locks and the shared
 * memory of its WAL is kept among the connections of this process, for there are no others. */
#include "sim/sim_disk.h"

#include "sim/sim_files.h"
#include "sim/sim_image.h"
#include "sim/sim_plan.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 16
#define PATH_BYTES 512
#define SHM_REGIONS 64
#define PAGE_SECTOR 4096 /* as SQLite's VFS for POSIX tells it */

typedef struct {
    char path[PATH_BYTES]; /* "" = not in use, or a temporary file that no name leads to */
    SimImage image;
    bool exists, entry_synced; /* its name, in the directory: now; on the disk */
    bool has_ghost;            /* its removal was not synced: it may come back after a crash ... */
    SimBytes ghost;            /* ... as this */
    unsigned users;

    unsigned shared; /* holders of a shared lock */
    const void *reserved, *pending, *exclusive;

    unsigned shm_users;
    void *shm[SHM_REGIONS];
    unsigned shm_shared[SQLITE_SHM_NLOCK];
    const void *shm_exclusive[SQLITE_SHM_NLOCK];
} DiskFile;

typedef struct {
    sqlite3_file base; /* first: SQLite knows no more of it */
    DiskFile *file;
    int lock;
    bool uses_shm;
    unsigned shm_holds; /* bit i: a shared lock on slot i */
} Handle;

static struct {
    DiskFile files[FILES_MAX];
    sqlite3_vfs *before; /* the default outside simulations */
} disk;

static Handle *handle_of(sqlite3_file *f) {
    return (Handle *)(void *)f;
}

static DiskFile *file_at(const char *path) {
    for (size_t i = 0; i < FILES_MAX; i++)
        if (disk.files[i].path[0] != '\0' && strcmp(disk.files[i].path, path) == 0)
            return &disk.files[i];
    return NULL;
}

static void file_forget(DiskFile *f) {
    sim_image_done(&f->image);
    free(f->ghost.data);
    *f = (DiskFile){.path = ""};
}

/* ---- reading and writing ---- */

static int io_read(sqlite3_file *h, void *into, int n, sqlite3_int64 offset) {
    const DiskFile *f = handle_of(h)->file;
    if (!sim_plan_read())
        return SQLITE_IOERR_READ;
    size_t got = sim_image_read(&f->image, into, (size_t)n, (size_t)offset);
    memset((char *)into + got, 0, (size_t)n - got);
    return got == (size_t)n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

/* Temporary files are nobody's business. */
static Fate fate(const DiskFile *f, bool needs_room) {
    return f->path[0] == '\0' ? FATE_DONE : sim_plan_operation(needs_room);
}

static int io_write(sqlite3_file *h, const void *data, int n, sqlite3_int64 offset) {
    DiskFile *f = handle_of(h)->file;
    Fate x = fate(f, true);
    if (x == FATE_FULL)
        return SQLITE_FULL;
    if (x != FATE_DEAD)
        sim_image_write(&f->image, data, (size_t)n, (size_t)offset);
    return x == FATE_DONE ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int io_truncate(sqlite3_file *h, sqlite3_int64 n) {
    DiskFile *f = handle_of(h)->file;
    Fate x = fate(f, false);
    if (x != FATE_DEAD)
        sim_image_cut(&f->image, (size_t)n);
    return x == FATE_DONE ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

/* All databases lie in one directory. */
static void sync_names(void) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        disk.files[i].entry_synced = disk.files[i].exists;
        disk.files[i].has_ghost = false;
    }
}

/* A sync that the crash cuts off has done nothing for certain: the seed decides what is kept. With
 * its first sync, SQLite's VFS for POSIX syncs the directory of a journal that it made. */
static int io_sync(sqlite3_file *h, int flags) {
    (void)flags;
    DiskFile *f = handle_of(h)->file;
    if (fate(f, false) != FATE_DONE)
        return SQLITE_IOERR_FSYNC;
    sim_image_sync(&f->image);
    if (!f->entry_synced)
        sync_names();
    return SQLITE_OK;
}

static int io_size(sqlite3_file *h, sqlite3_int64 *ret) {
    *ret = (sqlite3_int64)handle_of(h)->file->image.now.n;
    return SQLITE_OK;
}

/* ---- locks of a file ---- */

static bool held_by_other(const void *holder, const Handle *h) {
    return holder != NULL && holder != h;
}

static int lock_exclusive(Handle *h) {
    DiskFile *f = h->file;
    if (held_by_other(f->pending, h) || held_by_other(f->reserved, h))
        return SQLITE_BUSY;
    f->pending = h; /* nobody new may read */
    h->lock = SQLITE_LOCK_PENDING;
    if (f->shared > 1)
        return SQLITE_BUSY;
    f->exclusive = h;
    h->lock = SQLITE_LOCK_EXCLUSIVE;
    return SQLITE_OK;
}

static int io_lock(sqlite3_file *file, int level) {
    Handle *h = handle_of(file);
    DiskFile *f = h->file;
    if (h->lock >= level)
        return SQLITE_OK;
    if (level == SQLITE_LOCK_EXCLUSIVE)
        return lock_exclusive(h);
    if (level == SQLITE_LOCK_SHARED) {
        if (held_by_other(f->pending, h) || held_by_other(f->exclusive, h))
            return SQLITE_BUSY;
        f->shared++;
    } else {
        if (held_by_other(f->reserved, h) || held_by_other(f->pending, h))
            return SQLITE_BUSY;
        f->reserved = h;
    }
    h->lock = level;
    return SQLITE_OK;
}

static int io_unlock(sqlite3_file *file, int level) {
    Handle *h = handle_of(file);
    DiskFile *f = h->file;
    if (h->lock <= level)
        return SQLITE_OK;
    if (f->exclusive == h)
        f->exclusive = NULL;
    if (f->pending == h)
        f->pending = NULL;
    if (f->reserved == h)
        f->reserved = NULL;
    if (level == SQLITE_LOCK_NONE)
        f->shared--;
    h->lock = level;
    return SQLITE_OK;
}

static int io_check_reserved(sqlite3_file *h, int *ret) {
    const DiskFile *f = handle_of(h)->file;
    *ret = f->reserved != NULL || f->pending != NULL || f->exclusive != NULL;
    return SQLITE_OK;
}

/* ---- shared memory of the WAL ---- */

static int io_shm_map(sqlite3_file *file, int region, int n, int extend, void volatile **ret) {
    Handle *h = handle_of(file);
    DiskFile *f = h->file;
    *ret = NULL;
    if (region >= SHM_REGIONS)
        return SQLITE_FULL;
    if (!h->uses_shm) {
        h->uses_shm = true;
        f->shm_users++;
    }
    if (f->shm[region] == NULL && extend != 0) {
        f->shm[region] = calloc(1, (size_t)n);
        if (f->shm[region] == NULL)
            return SQLITE_NOMEM;
    }
    *ret = f->shm[region];
    return SQLITE_OK;
}

static int shm_lock_slot(Handle *h, int slot, bool exclusive) {
    DiskFile *f = h->file;
    unsigned bit = 1u << slot;
    if (!exclusive) {
        if (held_by_other(f->shm_exclusive[slot], h))
            return SQLITE_BUSY;
        f->shm_shared[slot] += (h->shm_holds & bit) == 0;
        h->shm_holds |= bit;
        return SQLITE_OK;
    }
    unsigned own = (h->shm_holds & bit) != 0;
    if (held_by_other(f->shm_exclusive[slot], h) || f->shm_shared[slot] > own)
        return SQLITE_BUSY;
    f->shm_exclusive[slot] = h;
    return SQLITE_OK;
}

static void shm_unlock_slot(Handle *h, int slot) {
    DiskFile *f = h->file;
    unsigned bit = 1u << slot;
    if (f->shm_exclusive[slot] == h)
        f->shm_exclusive[slot] = NULL;
    f->shm_shared[slot] -= (h->shm_holds & bit) != 0;
    h->shm_holds &= ~bit;
}

static int io_shm_lock(sqlite3_file *file, int from, int n, int flags) {
    Handle *h = handle_of(file);
    for (int i = from; i < from + n; i++) {
        int rc = SQLITE_OK;
        if ((flags & SQLITE_SHM_UNLOCK) != 0)
            shm_unlock_slot(h, i);
        else
            rc = shm_lock_slot(h, i, (flags & SQLITE_SHM_EXCLUSIVE) != 0);
        for (int k = from; rc != SQLITE_OK && k < i; k++) /* all or none */
            shm_unlock_slot(h, k);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static void io_shm_barrier(sqlite3_file *h) {
    (void)h; /* one thread */
}

/* The memory goes with its last user, as SQLite's VFS for POSIX clears it for the next first one.
 */
static int io_shm_unmap(sqlite3_file *file, int remove) {
    (void)remove;
    Handle *h = handle_of(file);
    DiskFile *f = h->file;
    if (!h->uses_shm)
        return SQLITE_OK;
    for (int i = 0; i < SQLITE_SHM_NLOCK; i++)
        shm_unlock_slot(h, i);
    h->uses_shm = false;
    if (--f->shm_users != 0)
        return SQLITE_OK;
    for (size_t i = 0; i < SHM_REGIONS; i++) {
        free(f->shm[i]);
        f->shm[i] = NULL;
    }
    return SQLITE_OK;
}

/* ---- the rest of a file ---- */

static int io_close(sqlite3_file *file) {
    Handle *h = handle_of(file);
    DiskFile *f = h->file;
    io_shm_unmap(file, 0);
    io_unlock(file, SQLITE_LOCK_NONE);
    f->users--;
    if (f->path[0] == '\0')
        file_forget(f);
    return SQLITE_OK;
}

static int io_control(sqlite3_file *h, int op, void *arg) {
    (void)h;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int io_sector(sqlite3_file *h) {
    (void)h;
    return PAGE_SECTOR;
}

static int io_characteristics(sqlite3_file *h) {
    (void)h;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = io_close,
    .xRead = io_read,
    .xWrite = io_write,
    .xTruncate = io_truncate,
    .xSync = io_sync,
    .xFileSize = io_size,
    .xLock = io_lock,
    .xUnlock = io_unlock,
    .xCheckReservedLock = io_check_reserved,
    .xFileControl = io_control,
    .xSectorSize = io_sector,
    .xDeviceCharacteristics = io_characteristics,
    .xShmMap = io_shm_map,
    .xShmLock = io_shm_lock,
    .xShmBarrier = io_shm_barrier,
    .xShmUnmap = io_shm_unmap,
};

/* ---- names ---- */

static DiskFile *free_slot(void) {
    for (size_t i = 0; i < FILES_MAX; i++)
        if (disk.files[i].path[0] == '\0' && disk.files[i].users == 0)
            return &disk.files[i];
    return NULL;
}

/* The database itself was made by the store, with open(2), and its directory synced. */
static int make_file(DiskFile *f, bool database) {
    Fate x = fate(f, true);
    if (x == FATE_FULL)
        return SQLITE_FULL;
    if (x != FATE_DEAD) {
        f->exists = true;
        f->entry_synced = database;
    }
    return x == FATE_DONE ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_open(sqlite3_vfs *v, const char *path, sqlite3_file *file, int flags,
                    int *ret_flags) {
    (void)v;
    Handle *h = handle_of(file);
    *h = (Handle){.base = {.pMethods = NULL}};
    if (sim_disk_crashed())
        return SQLITE_CANTOPEN;
    DiskFile *f = path != NULL ? file_at(path) : NULL;
    if (f == NULL)
        f = free_slot();
    if (f == NULL || (path != NULL && strlen(path) >= PATH_BYTES))
        return SQLITE_CANTOPEN;
    if (path != NULL)
        snprintf(f->path, sizeof f->path, "%s", path);
    bool database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    if (!f->exists && path != NULL && !database && (flags & SQLITE_OPEN_CREATE) == 0)
        return SQLITE_CANTOPEN;
    int rc = f->exists ? SQLITE_OK : make_file(f, database);
    if (rc != SQLITE_OK)
        return rc;
    f->users++;
    h->file = f;
    h->base.pMethods = &methods;
    if (ret_flags != NULL)
        *ret_flags = flags;
    return SQLITE_OK;
}

/* What the disk had may come back, unless the directory is synced. */
static void remove_file(DiskFile *f, bool sync) {
    if (!sync && f->entry_synced) {
        free(f->ghost.data);
        f->ghost = f->image.durable;
        f->image.durable = (SimBytes){.data = NULL};
        f->has_ghost = true;
    }
    sim_image_done(&f->image);
    f->exists = f->entry_synced = false;
    if (sync)
        sync_names();
}

static int vfs_delete(sqlite3_vfs *v, const char *path, int sync) {
    (void)v;
    DiskFile *f = file_at(path);
    if (f == NULL || !f->exists)
        return SQLITE_IOERR_DELETE_NOENT;
    Fate x = fate(f, false);
    if (x != FATE_DEAD)
        remove_file(f, sync != 0 && x == FATE_DONE);
    return x == FATE_DONE ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

static int vfs_access(sqlite3_vfs *v, const char *path, int flags, int *ret) {
    (void)v;
    const DiskFile *f = file_at(path);
    /* an empty journal is none: SQLite's VFS for POSIX says so too */
    *ret = f != NULL && f->exists && (flags != SQLITE_ACCESS_EXISTS || f->image.now.n != 0);
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *v, const char *path, int n, char *ret) {
    (void)v;
    return snprintf(ret, (size_t)n, "%s", path) < n ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_randomness(sqlite3_vfs *v, int n, char *ret) {
    (void)v;
    for (int i = 0; i < n; i++)
        ret[i] = (char)sim_plan_random();
    return n;
}

/* Whoever could let go of a lock runs on this thread: waiting is in vain, so it takes no time. */
static int vfs_sleep(sqlite3_vfs *v, int us) {
    (void)v;
    return us;
}

static int vfs_time(sqlite3_vfs *v, sqlite3_int64 *ret) {
    (void)v;
    *ret = INT64_C(212345678900000); /* nothing that is stored asks SQLite for the time */
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *v, int n, char *ret) {
    (void)v;
    (void)n;
    (void)ret;
    return 0;
}

static sqlite3_vfs vfs = {
    .iVersion = 2,
    .szOsFile = sizeof(Handle),
    .mxPathname = PATH_BYTES - 1,
    .zName = "simulated",
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xRandomness = vfs_randomness,
    .xSleep = vfs_sleep,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_time,
};

/* ---- the disk ---- */

void sim_disk_start(uint64_t seed, const char *files) {
    assert(disk.before == NULL);
    sim_plan_start(seed);
    sim_files_start(files);
    disk.before = sqlite3_vfs_find(NULL);
    int rc = sqlite3_vfs_register(&vfs, 1);
    assert(rc == SQLITE_OK);
    (void)rc;
    sqlite3_randomness(0, NULL); /* SQLite's own generator begins with ours */
}

void sim_disk_stop(void) {
    if (disk.before == NULL)
        return;
    for (size_t i = 0; i < FILES_MAX; i++) {
        assert(disk.files[i].users == 0);
        file_forget(&disk.files[i]);
    }
    sim_files_stop();
    sqlite3_vfs_unregister(&vfs);
    sqlite3_vfs_register(disk.before, 1);
    disk.before = NULL;
    sqlite3_randomness(0, NULL);
}

/* A name whose directory was not synced may be there or not, or lead to what was removed. */
static void crash_name(DiskFile *f) {
    bool kept = f->entry_synced || (f->exists && sim_plan_coin());
    if (kept) {
        sim_image_crash(&f->image);
    } else {
        sim_image_done(&f->image);
        f->exists = f->has_ghost && sim_plan_coin();
        if (f->exists) {
            sim_image_write(&f->image, f->ghost.data, f->ghost.n, 0);
            sim_image_sync(&f->image);
        }
    }
    f->entry_synced = f->exists;
    f->has_ghost = false;
}

void sim_disk_die(void) {
    sim_plan_dead(true);
}

void sim_disk_live_on(void) {
    sim_plan_dead(false);
}

void sim_disk_crash(void) {
    sim_plan_dead(true);
    for (size_t i = 0; i < FILES_MAX; i++) {
        assert(disk.files[i].users == 0);
        if (disk.files[i].path[0] != '\0')
            crash_name(&disk.files[i]);
    }
    sim_files_crash();
    sim_plan_dead(false);
}

size_t sim_disk_size(const char *path) {
    const DiskFile *f = file_at(path);
    return f == NULL || !f->exists ? 0 : f->image.now.n;
}

void sim_disk_damage(const char *path, size_t offset, uint8_t mask) {
    DiskFile *f = file_at(path);
    uint8_t byte;
    assert(f != NULL && f->users == 0 && offset < f->image.now.n);
    sim_image_read(&f->image, &byte, 1, offset);
    byte ^= mask;
    sim_image_write(&f->image, &byte, 1, offset);
    sim_image_sync(&f->image);
}

void sim_disk_cut(const char *path, size_t n) {
    DiskFile *f = file_at(path);
    assert(f != NULL && f->users == 0);
    sim_image_cut(&f->image, n);
    sim_image_sync(&f->image);
}
