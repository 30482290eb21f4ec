/* What backup and restore share: files copied and hashed at once, the layout of a backup, and what
 * a database says of its ceremonies.
 *
 * A backup is a directory like a server's, but its database is called otherwise, so that nobody
 * serves it by mistake, and it has backup.json, which is written last: without it there is no
 * backup. Threads: one. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "base/merkle.h"
#include "format/head.h"
#include "run/backup.h"
#include "store/store.h"

#include <stdint.h>
#include <sys/types.h>

#define ARCHIVE_LIST "backup.json"
#define ARCHIVE_DATABASE "backup.db"
#define ARCHIVE_BLOB 80 /* holds "blobs/ab/<64 digits>" */

/* Copies a plain file to a new one, on disk when it returns. False: nothing is left at `to`. */
bool archive_copy(const char *from, const char *to, mode_t mode, uint8_t ret_hash[32],
                  uint64_t *ret_size, CvkErr *err) MUST_USE;
/* The hash of a plain file. */
bool archive_hash(const char *path, uint8_t ret_hash[32], uint64_t *ret_size, CvkErr *err) MUST_USE;
void archive_blob_name(const uint8_t hash[32], char ret[ARCHIVE_BLOB]);

/* A new or empty directory (ECONFLICT "dir.used") gets what a backup or a server's directory has.
 * *ret_made: it was not there. */
bool archive_begin(const char *dir, bool *ret_made, CvkErr *err) MUST_USE;
/* Makes the home of a blob. */
bool archive_blob_home(const char *dir, const uint8_t hash[32], CvkErr *err) MUST_USE;
/* Every directory in it, on disk. */
bool archive_sync(const char *dir, CvkErr *err) MUST_USE;
/* Removes all that was put there since archive_begin, and the directory if it was made. */
void archive_discard(const char *dir, bool made);

typedef struct {
    BackupCeremony told;
    bool waits; /* a response for its verification */
    uint8_t waiting[32];
} ArchiveCeremony;

/* Reads a whole journal: chain, head, Merkle root, and that each acceptance has its contribution
 * and that there is no other; `receipts`: also whose they are and that they are signed, which takes
 * 0.1 to 0.4 ms each; `kept`: that it has grown from this head (entries 0, or NULL: of none). Of an
 * experiment: that its tables are what its journal says.
 * "journal.broken", "journal.short", "journal.private", "journal.older", "journal.other",
 * "store.damaged", "receipt.damaged". */
bool archive_read(Store *s, const StoreCeremony *c, bool receipts, const JournalHead *kept,
                  ArchiveCeremony *ret, CvkErr *err) MUST_USE;
/* Calls `blob` for each response that the ceremony has (batch, proof and public file that the
 * experiment has); `needed` is false for the one that waits. */
typedef bool (*ArchiveBlob)(void *ctx, const uint8_t hash[32], bool needed, CvkErr *err);
bool archive_blobs(Store *s, int64_t ceremony, const ArchiveCeremony *a, ArchiveBlob blob,
                   void *ctx, CvkErr *err) MUST_USE;
