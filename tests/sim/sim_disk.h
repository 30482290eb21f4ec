/* The disk of a simulated server: what was synced survives a crash, and what was not may.
 *
 * Databases live in memory, behind a SQLite VFS that sim_disk_start makes the default. All other
 * files of the server (responses, challenges, heads) are real ones below a directory of the
 * simulation's own; the calls that change them are wrapped by the linker (sim_files.c). Both count
 * the same operations - create, write, truncate, sync, rename, remove - and obey the same plan of
 * faults, so a crash can fall between a response and its line in the journal.
 *
 * A crash: operation number k takes place in the memory of the machine, but it and all after it
 * fail, and so do reads, until sim_disk_crash. That makes what the disk holds then: what was
 * synced, and of the rest whatever the seed chooses, in whole sectors of 512 bytes. Assumed, as
 * SQLite assumes of the disks it is used on: a sector is written whole or not at all, and a write
 * changes no byte outside its range (SQLITE_IOCAP_POWERSAFE_OVERWRITE, SQLite's own default). Not
 * assumed: any order among writes that no sync parts, or that a file which was made, renamed or
 * removed is so after a crash when its directory was not synced.
 *
 * All chance comes from the seed: the same calls meet the same faults. One disk a process; threads:
 * one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begins with an empty disk. `files`: the directory below which wrapped calls count; may be NULL.
 */
void sim_disk_start(uint64_t seed, const char *files);
/* Forgets everything; no database may be open. The real files are left. */
void sim_disk_stop(void);

/* ---- the plan ---- */

uint64_t sim_disk_operations(void); /* so far */
/* Fails the operation that makes the count `at`, and all after it; 0: none. */
void sim_disk_crash_at(uint64_t at);
bool sim_disk_crashed(void); /* the planned crash has come, and sim_disk_crash not yet */
/* The power goes (now, or when the planned crash came) and comes back. No database may be open. */
void sim_disk_crash(void);

/* The operation that makes the count `at` takes place in memory and fails, and no other; 0: none.
 */
void sim_disk_fail_at(uint64_t at);

/* The process dies, as by SIGKILL: what follows fails and does nothing, so that its databases can
 * be closed; then another process finds all that this one wrote, synced or not. */
void sim_disk_die(void);
void sim_disk_live_on(void);

/* While full, what would need room fails (SQLITE_FULL, ENOSPC): writes and new files. */
void sim_disk_full(bool full);
void sim_disk_full_at(uint64_t at); /* from the operation that makes the count `at`, on */
bool sim_disk_is_full(void);
/* n reads fail (SQLITE_IOERR_READ, EIO), the first of them the one that makes their count `from`.
 */
void sim_disk_fail_reads(uint64_t from, uint64_t n);
uint64_t sim_disk_reads(void);

/* What the simulation itself looks up meanwhile neither counts nor fails. */
void sim_disk_unseen(bool unseen);

/* ---- damage ---- */

/* Of a database that is not open: 0 when it is not there. */
size_t sim_disk_size(const char *path);
void sim_disk_damage(const char *path, size_t offset, uint8_t mask); /* byte ^= mask */
void sim_disk_cut(const char *path, size_t n);

/* ---- chance ---- */

/* A stream that depends on the disk's seed alone: for whoever else must be reproducible. */
uint64_t sim_disk_random(void);
