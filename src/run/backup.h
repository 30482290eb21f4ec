/* Backups of a directory, made while it is served, and directories made from them.
 *
 * OUT/backup.db    the database at one moment    OUT/blobs/       every response that it names
 * OUT/server.key   the key of receipts           OUT/heads/       signed heads of the journals
 * OUT/convoke.ini  settings, if there are any    OUT/backup.json  what is in it, with the sha256 of
 *                                                                 every file; written last
 *
 * A backup holds the server's key: it is to be kept as secret as the directory. What was accepted
 * after it is not in it: whoever goes on from an older backup takes receipts back that people hold,
 * so restoring tells with numbers what is lost, as far as that can be known. Threads: one a call.
 */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "base/progress.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    char name[64];
    char kind[16];
    uint64_t entries, contributions;
    uint8_t hash[32]; /* of the journal's chain, at its end */
    uint8_t root[32]; /* of the Merkle tree over its entries */
} BackupCeremony;
/* Its contributions are submissions, then. */
bool backup_is_experiment(const BackupCeremony *c);

typedef struct {
    int64_t made_ms;
    uint64_t files, bytes;
    size_t n;
    BackupCeremony ceremony[LIMIT_CEREMONIES];
} BackupReport;

/* Others may write to `dir` meanwhile. `out`: a new or empty directory (ECONFLICT "dir.used"). The
 * whole database is checked. False: nothing is left of it. `progress` counts files. */
bool node_backup(const char *dir, const char *out, int64_t now_ms, BackupReport *ret,
                 CvkProgress progress, CvkErr *err) MUST_USE;

/* What a damaged directory had beyond the backup. */
typedef struct {
    uint64_t taken_entries, taken_contributions;
    uint64_t lost_entries, lost_contributions; /* as far as it still tells */
    bool unclear;        /* it does not tell how far it went: more may be lost */
    uint64_t lost_parts; /* 1: it ends where somebody was admitted, and who it was is lost */
    uint64_t lost_blobs; /* of contributions before the newest: only the files are missing */
} Salvaged;

typedef struct {
    BackupReport backup;
    size_t n;                                  /* of the ceremonies now */
    BackupCeremony ceremony[LIMIT_CEREMONIES]; /* as they are now */
    bool waits[LIMIT_CEREMONIES];        /* a response: it will be verified when dir is served */
    Salvaged salvaged[LIMIT_CEREMONIES]; /* of each; zero without salvage */
    uint64_t files_repaired;             /* of the backup, from the damaged directory */
    bool database_lost; /* nothing of the damaged database could be read: what is lost is unknown */
    bool tables_whole;  /* false: invitations or sessions were lost */
} RestoreReport;

/* Makes `dir` (new or empty) from a backup, after every file of it, the chain, the Merkle root and
 * the replay of every ceremony have been found good. `damaged` (may be NULL): a directory
 * that nobody serves; what it has beyond the backup and extends it is taken over; it stays as it
 * is. EBADREQ "backup.none" (no backup, or not finished), "backup.shape", "backup.damaged" (names
 * the file), "salvage.other" (a directory of something else); ECONFLICT "dir.used", "dir.locked".
 * False: nothing is left of it. */
bool node_restore(const char *backup, const char *dir, const char *damaged, RestoreReport *ret,
                  CvkProgress progress, CvkErr *err) MUST_USE;
