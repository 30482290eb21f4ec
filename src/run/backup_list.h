/* backup.json: what is in a backup.
 *
 *   {"convoke_backup":1,"made_ms":...,"ceremonies":[{"name":"kzg","kind":"kzg","entries":120,
 *    "contributions":11,"hash":"0x..","root":"0x.."}],
 *    "files":[{"path":"server.key","size":64,"sha256":"0x.."},...]}
 *
 * Threads: one. */
#pragma once

#include "base/file.h"
#include "codec/json_source.h"
#include "codec/json_write.h"
#include "run/backup.h"

typedef struct {
    char path[128]; /* within the backup: one of the names that backups have, never another */
    uint64_t size;
    uint8_t sha256[32];
} BackupFile;

/* Written as it is made; only backup_list_commit makes it a backup. */
typedef struct {
    CvkFileOut out;
    JsonWriter w;
} BackupList;

bool backup_list_begin(BackupList *l, const char *dir, const BackupReport *of,
                       CvkErr *err) MUST_USE;
void backup_list_add(BackupList *l, const BackupFile *f);
bool backup_list_commit(BackupList *l, CvkErr *err) MUST_USE;
void backup_list_abandon(BackupList *l); /* no-op after commit */

/* Calls fn for each file. *ret gets the rest, before the first file is seen. EBADREQ "backup.none",
 * "backup.shape". */
bool backup_list_read(const char *dir, BackupReport *ret,
                      bool (*fn)(void *ctx, const BackupFile *f, CvkErr *err), void *ctx,
                      CvkErr *err) MUST_USE;
/* The same of its text. Fuzzed. */
bool backup_list_parse(JsonSource source, BackupReport *ret,
                       bool (*fn)(void *ctx, const BackupFile *f, CvkErr *err), void *ctx,
                       CvkErr *err) MUST_USE;
