/* The files of a simulated disk's databases, as SQLite sees them: sim_vfs_file.c reads, writes and
 * locks one, sim_disk.c knows their names. Nobody else includes this. */
#pragma once

#include "sim/sim_image.h"
#include "sim/sim_plan.h"

#include <sqlite3.h>

#define SIM_DB_FILES 16
#define SIM_DB_PATH 512
#define SIM_SHM_REGIONS 64

typedef struct {
    char path[SIM_DB_PATH]; /* "" = not in use, or a temporary file that no name leads to */
    SimImage image;
    bool exists, entry_synced; /* its name, in the directory: now; on the disk */
    bool has_ghost;            /* its removal was not synced: it may come back after a crash ... */
    SimBytes ghost;            /* ... as this */
    unsigned users;

    unsigned shared; /* holders of a shared lock */
    const void *reserved, *pending, *exclusive;

    unsigned shm_users;
    void *shm[SIM_SHM_REGIONS];
    unsigned shm_shared[SQLITE_SHM_NLOCK];
    const void *shm_exclusive[SQLITE_SHM_NLOCK];
} SimDbFile;

typedef struct {
    sqlite3_file base; /* first: SQLite knows no more of it */
    SimDbFile *file;
    int lock;
    bool uses_shm;
    unsigned shm_holds; /* bit i: a shared lock on slot i */
} SimHandle;

extern const sqlite3_io_methods sim_file_methods;

SimHandle *sim_handle_of(sqlite3_file *f);
/* What becomes of one operation on it. */
Fate sim_file_fate(const SimDbFile *f, bool needs_room);
void sim_file_forget(SimDbFile *f);
/* The directory was synced: all names are as they are now. For sim_vfs_file.c. */
void sim_disk_sync_names(void);
