/* The databases of a simulated disk: a SQLite VFS. Here are the names of its files, and what a
 * crash does to them; sim_vfs_file.c has the methods of one file. */
#include "sim/sim_disk.h"

#include "sim/sim_files.h"
#include "sim/sim_vfs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    SimDbFile files[SIM_DB_FILES];
    sqlite3_vfs *before; /* the default outside simulations */
} disk;

static SimDbFile *file_at(const char *path) {
    for (size_t i = 0; i < SIM_DB_FILES; i++)
        if (disk.files[i].path[0] != '\0' && strcmp(disk.files[i].path, path) == 0)
            return &disk.files[i];
    return NULL;
}

/* All databases lie in one directory. */
void sim_disk_sync_names(void) {
    for (size_t i = 0; i < SIM_DB_FILES; i++) {
        disk.files[i].entry_synced = disk.files[i].exists;
        disk.files[i].has_ghost = false;
    }
}

/* ---- names ---- */

static SimDbFile *free_slot(void) {
    for (size_t i = 0; i < SIM_DB_FILES; i++)
        if (disk.files[i].path[0] == '\0' && disk.files[i].users == 0)
            return &disk.files[i];
    return NULL;
}

/* The database itself was made by the store, with open(2), and its directory synced. */
static int make_file(SimDbFile *f, bool database) {
    Fate x = sim_file_fate(f, true);
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
    SimHandle *h = sim_handle_of(file);
    *h = (SimHandle){.base = {.pMethods = NULL}};
    if (sim_disk_crashed())
        return SQLITE_CANTOPEN;
    SimDbFile *f = path != NULL ? file_at(path) : NULL;
    if (f == NULL)
        f = free_slot();
    if (f == NULL || (path != NULL && strlen(path) >= SIM_DB_PATH))
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
    h->base.pMethods = &sim_file_methods;
    if (ret_flags != NULL)
        *ret_flags = flags;
    return SQLITE_OK;
}

/* What the disk had may come back, unless the directory is synced. */
static void remove_file(SimDbFile *f, bool sync) {
    if (!sync && f->entry_synced) {
        free(f->ghost.data);
        f->ghost = f->image.durable;
        f->image.durable = (SimBytes){.data = NULL};
        f->has_ghost = true;
    }
    sim_image_done(&f->image);
    f->exists = f->entry_synced = false;
    if (sync)
        sim_disk_sync_names();
}

static int vfs_delete(sqlite3_vfs *v, const char *path, int sync) {
    (void)v;
    SimDbFile *f = file_at(path);
    if (f == NULL || !f->exists)
        return SQLITE_IOERR_DELETE_NOENT;
    Fate x = sim_file_fate(f, false);
    if (x != FATE_DEAD)
        remove_file(f, sync != 0 && x == FATE_DONE);
    return x == FATE_DONE ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

static int vfs_access(sqlite3_vfs *v, const char *path, int flags, int *ret) {
    (void)v;
    const SimDbFile *f = file_at(path);
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
    .szOsFile = sizeof(SimHandle),
    .mxPathname = SIM_DB_PATH - 1,
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
    for (size_t i = 0; i < SIM_DB_FILES; i++) {
        assert(disk.files[i].users == 0);
        sim_file_forget(&disk.files[i]);
    }
    sim_files_stop();
    sqlite3_vfs_unregister(&vfs);
    sqlite3_vfs_register(disk.before, 1);
    disk.before = NULL;
    sqlite3_randomness(0, NULL);
}

/* A name whose directory was not synced may be there or not, or lead to what was removed. */
static void crash_name(SimDbFile *f) {
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
    for (size_t i = 0; i < SIM_DB_FILES; i++) {
        assert(disk.files[i].users == 0);
        if (disk.files[i].path[0] != '\0')
            crash_name(&disk.files[i]);
    }
    sim_files_crash();
    sim_plan_dead(false);
}

size_t sim_disk_size(const char *path) {
    const SimDbFile *f = file_at(path);
    return f == NULL || !f->exists ? 0 : f->image.now.n;
}

void sim_disk_damage(const char *path, size_t offset, uint8_t mask) {
    SimDbFile *f = file_at(path);
    uint8_t byte;
    assert(f != NULL && f->users == 0 && offset < f->image.now.n);
    sim_image_read(&f->image, &byte, 1, offset);
    byte ^= mask;
    sim_image_write(&f->image, &byte, 1, offset);
    sim_image_sync(&f->image);
}

void sim_disk_cut(const char *path, size_t n) {
    SimDbFile *f = file_at(path);
    assert(f != NULL && f->users == 0);
    sim_image_cut(&f->image, n);
    sim_image_sync(&f->image);
}
