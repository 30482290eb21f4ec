#include "run/backup.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/secret.h"
#include "run/archive.h"
#include "run/backup_list.h"
#include "run/kept_head.h"
#include "run/node_private.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const char *dir, *out;
    BackupReport told;
    ArchiveCeremony ceremony[LIMIT_CEREMONIES];
    BackupFile head[LIMIT_CEREMONIES];
    size_t n_heads;
    uint8_t *key; /* that has signed them */
    Store *store; /* the copy */
    size_t at;    /* the ceremony whose blobs are copied now */
    BackupList list;
    size_t total; /* files, about */
    CvkProgress progress;
} Backing;

/* ---- files ---- */

static bool copy(const Backing *b, BackupFile *f, CvkErr *err) {
    char from[LIMIT_PATH], to[LIMIT_PATH];
    return cvk_path(from, b->dir, f->path, err) && cvk_path(to, b->out, f->path, err) &&
           archive_copy(from, to, 0600, f->sha256, &f->size, err);
}

static void add(Backing *b, const BackupFile *f) {
    backup_list_add(&b->list, f);
    b->told.files++;
    b->told.bytes += f->size;
    if (b->progress.fn != NULL)
        b->progress.fn(b->progress.ctx, b->told.files, b->total);
}

static bool exists(const Backing *b, const char *name) {
    char path[LIMIT_PATH];
    return cvk_path(path, b->dir, name, NULL) && cvk_file_exists(path);
}

static bool copy_and_add(Backing *b, const char *name, CvkErr *err) {
    BackupFile f = {.size = 0};
    snprintf(f.path, sizeof f.path, "%s", name);
    if (!copy(b, &f, err))
        return false;
    add(b, &f);
    return true;
}

/* ---- heads: before the database, which must not be older than they are ---- */

static bool copy_head(void *ctx, const StoreCeremony *c, CvkErr *err) {
    Backing *b = ctx;
    BackupFile *f = &b->head[b->n_heads];
    if (b->n_heads == LIMIT_CEREMONIES)
        return cvk_fail(err, CVK_ELIMIT, "limit.ceremonies", "there are too many ceremonies");
    snprintf(f->path, sizeof f->path, "heads/%s.json", c->name);
    if (!exists(b, f->path))
        return true;
    b->n_heads++;
    return copy(b, f, err);
}

/* ---- the database ---- */

/* As it was copied: what is kept meanwhile may be newer than the copy of the database. */
static bool read_head(const Backing *b, const char *name, JournalHead *ret, CvkErr *err) {
    KeptHead k;
    kept_head_init(&k, b->out, name, b->key);
    bool ok = kept_head_read(&k, ret, err);
    kept_head_done(&k);
    return ok || cvk_fail_prefix(err, "copied from '%s'", CVK_SHOWN(b->dir));
}

static bool read_ceremony(void *ctx, const StoreCeremony *c, CvkErr *err) {
    Backing *b = ctx;
    BackupReport *told = &b->told;
    JournalHead kept;
    if (told->n == LIMIT_CEREMONIES)
        return cvk_fail(err, CVK_ELIMIT, "limit.ceremonies", "there are too many ceremonies");
    if (!read_head(b, c->name, &kept, err) ||
        !archive_read(b->store, c, true, &kept, &b->ceremony[told->n], err))
        return false;
    told->ceremony[told->n] = b->ceremony[told->n].told;
    b->total += (size_t)told->ceremony[told->n++].contributions;
    return true;
}

static bool copy_database(Backing *b, CvkErr *err) {
    char from[LIMIT_PATH], to[LIMIT_PATH];
    Store *live = NULL;
    if (!cvk_path(from, b->dir, "convoke.db", err) || !cvk_path(to, b->out, ARCHIVE_DATABASE, err))
        return false;
    b->key = node_key(b->dir, err);
    bool ok = b->key != NULL && node_migrate(b->dir, err) && store_open(from, false, &live, err) &&
              store_ceremony_each(live, copy_head, b, err) && store_backup(live, to, err);
    store_close(live);
    return ok && store_open(to, false, &b->store, err) &&
           store_ceremony_each(b->store, read_ceremony, b, err);
}

/* Closed first: then it is one file. */
static bool add_database(Backing *b, CvkErr *err) {
    BackupFile f = {.path = ARCHIVE_DATABASE};
    char path[LIMIT_PATH];
    b->store = store_close(b->store);
    if (!cvk_path(path, b->out, ARCHIVE_DATABASE, err) ||
        !archive_hash(path, f.sha256, &f.size, err))
        return false;
    add(b, &f);
    return true;
}

/* ---- responses ---- */

static bool copy_blob(void *ctx, const uint8_t hash[32], bool needed, CvkErr *err) {
    Backing *b = ctx;
    BackupFile f = {.size = 0};
    char there[LIMIT_PATH];
    archive_blob_name(hash, f.path);
    if (!cvk_path(there, b->out, f.path, err))
        return false;
    if (cvk_file_exists(there) || (!needed && !exists(b, f.path)))
        return true; /* one that waits may have been refused and removed meanwhile */
    if (!exists(b, f.path))
        return cvk_fail(err, CVK_ENOTFOUND, "blob.none",
                        "there is no '%s/%s': restore it from a backup", CVK_SHOWN(b->dir), f.path);
    if (!archive_blob_home(b->out, hash, err) || !copy(b, &f, err))
        return false;
    if (memcmp(f.sha256, hash, sizeof f.sha256) != 0)
        return cvk_fail(err, CVK_EBACKEND, "blob.damaged",
                        "'%s/%s' does not hold what its name says: restore it from a backup",
                        CVK_SHOWN(b->dir), f.path);
    add(b, &f);
    return true;
}

static bool copy_blobs(void *ctx, const StoreCeremony *c, CvkErr *err) {
    Backing *b = ctx;
    return archive_blobs(b->store, c->id, &b->ceremony[b->at++], copy_blob, b, err);
}

/* ---- all ---- */

static bool copy_files(Backing *b, CvkErr *err) {
    for (size_t i = 0; i < b->n_heads; i++)
        add(b, &b->head[i]);
    return copy_and_add(b, "server.key", err) &&
           (!exists(b, "convoke.ini") || copy_and_add(b, "convoke.ini", err)) &&
           store_ceremony_each(b->store, copy_blobs, b, err) && add_database(b, err) &&
           archive_sync(b->out, err) && backup_list_commit(&b->list, err);
}

static bool back_up(Backing *b, CvkErr *err) {
    bool made;
    if (!exists(b, "convoke.db"))
        return cvk_fail(err, CVK_ENOTFOUND, "dir.none", "'%s' is no convoke directory",
                        CVK_SHOWN(b->dir));
    if (!archive_begin(b->out, &made, err))
        return false;
    b->total = 3;
    bool ok = copy_database(b, err) && backup_list_begin(&b->list, b->out, &b->told, err);
    if (ok && !copy_files(b, err)) {
        backup_list_abandon(&b->list);
        ok = false;
    }
    b->store = store_close(b->store);
    if (!ok)
        archive_discard(b->out, made);
    return ok;
}

bool node_backup(const char *dir, const char *out, int64_t now_ms, BackupReport *ret,
                 CvkProgress progress, CvkErr *err) {
    Backing *b = cvk_alloc(1, sizeof *b, err);
    if (b == NULL)
        return false;
    b->dir = dir;
    b->out = out;
    b->progress = progress;
    b->told.made_ms = now_ms;
    bool ok = back_up(b, err);
    if (ok)
        *ret = b->told;
    cvk_secret_free(b->key);
    free(b);
    return ok;
}
