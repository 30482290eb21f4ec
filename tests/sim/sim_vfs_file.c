/* One file of a database: SQLite's methods for it. What SQLite asks of the locks and the shared
 * memory of its WAL is kept among the connections of this process, for there are no others. */
#include "sim/sim_disk.h"
#include "sim/sim_vfs.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SECTOR 4096 /* as SQLite's VFS for POSIX tells it */

SimHandle *sim_handle_of(sqlite3_file *f) {
    return (SimHandle *)(void *)f;
}

void sim_file_forget(SimDbFile *f) {
    sim_image_done(&f->image);
    free(f->ghost.data);
    *f = (SimDbFile){.path = ""};
}

/* ---- reading and writing ---- */

static int io_read(sqlite3_file *h, void *into, int n, sqlite3_int64 offset) {
    const SimDbFile *f = sim_handle_of(h)->file;
    if (!sim_plan_read())
        return SQLITE_IOERR_READ;
    size_t got = sim_image_read(&f->image, into, (size_t)n, (size_t)offset);
    memset((char *)into + got, 0, (size_t)n - got);
    return got == (size_t)n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

/* Temporary files are nobody's business. */
Fate sim_file_fate(const SimDbFile *f, bool needs_room) {
    return f->path[0] == '\0' ? FATE_DONE : sim_plan_operation(needs_room);
}

static int io_write(sqlite3_file *h, const void *data, int n, sqlite3_int64 offset) {
    SimDbFile *f = sim_handle_of(h)->file;
    Fate x = sim_file_fate(f, true);
    if (x == FATE_FULL)
        return SQLITE_FULL;
    if (x != FATE_DEAD)
        sim_image_write(&f->image, data, (size_t)n, (size_t)offset);
    return x == FATE_DONE ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int io_truncate(sqlite3_file *h, sqlite3_int64 n) {
    SimDbFile *f = sim_handle_of(h)->file;
    Fate x = sim_file_fate(f, false);
    if (x != FATE_DEAD)
        sim_image_cut(&f->image, (size_t)n);
    return x == FATE_DONE ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

/* A sync that the crash cuts off has done nothing for certain: the seed decides what is kept. With
 * its first sync, SQLite's VFS for POSIX syncs the directory of a journal that it made. */
static int io_sync(sqlite3_file *h, int flags) {
    (void)flags;
    SimDbFile *f = sim_handle_of(h)->file;
    if (sim_file_fate(f, false) != FATE_DONE)
        return SQLITE_IOERR_FSYNC;
    sim_image_sync(&f->image);
    if (!f->entry_synced)
        sim_disk_sync_names();
    return SQLITE_OK;
}

static int io_size(sqlite3_file *h, sqlite3_int64 *ret) {
    *ret = (sqlite3_int64)sim_handle_of(h)->file->image.now.n;
    return SQLITE_OK;
}

/* ---- locks of a file ---- */

static bool held_by_other(const void *holder, const SimHandle *h) {
    return holder != NULL && holder != h;
}

static int lock_exclusive(SimHandle *h) {
    SimDbFile *f = h->file;
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
    SimHandle *h = sim_handle_of(file);
    SimDbFile *f = h->file;
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
    SimHandle *h = sim_handle_of(file);
    SimDbFile *f = h->file;
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
    const SimDbFile *f = sim_handle_of(h)->file;
    *ret = f->reserved != NULL || f->pending != NULL || f->exclusive != NULL;
    return SQLITE_OK;
}

/* ---- shared memory of the WAL ---- */

static int io_shm_map(sqlite3_file *file, int region, int n, int extend, void volatile **ret) {
    SimHandle *h = sim_handle_of(file);
    SimDbFile *f = h->file;
    *ret = NULL;
    if (region >= SIM_SHM_REGIONS)
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

static int shm_lock_slot(SimHandle *h, int slot, bool exclusive) {
    SimDbFile *f = h->file;
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

static void shm_unlock_slot(SimHandle *h, int slot) {
    SimDbFile *f = h->file;
    unsigned bit = 1u << slot;
    if (f->shm_exclusive[slot] == h)
        f->shm_exclusive[slot] = NULL;
    f->shm_shared[slot] -= (h->shm_holds & bit) != 0;
    h->shm_holds &= ~bit;
}

static int io_shm_lock(sqlite3_file *file, int from, int n, int flags) {
    SimHandle *h = sim_handle_of(file);
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
    SimHandle *h = sim_handle_of(file);
    SimDbFile *f = h->file;
    if (!h->uses_shm)
        return SQLITE_OK;
    for (int i = 0; i < SQLITE_SHM_NLOCK; i++)
        shm_unlock_slot(h, i);
    h->uses_shm = false;
    if (--f->shm_users != 0)
        return SQLITE_OK;
    for (size_t i = 0; i < SIM_SHM_REGIONS; i++) {
        free(f->shm[i]);
        f->shm[i] = NULL;
    }
    return SQLITE_OK;
}

/* ---- the rest of a file ---- */

static int io_close(sqlite3_file *file) {
    SimHandle *h = sim_handle_of(file);
    SimDbFile *f = h->file;
    io_shm_unmap(file, 0);
    io_unlock(file, SQLITE_LOCK_NONE);
    f->users--;
    if (f->path[0] == '\0')
        sim_file_forget(f);
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

const sqlite3_io_methods sim_file_methods = {
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
