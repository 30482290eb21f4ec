/* A directory from a backup, and from what a damaged one has beyond it. */
#include "base/alloc.h"
#include "base/file.h"
#include "run/archive.h"
#include "run/backup_list.h"
#include "run/ceremony_private.h"
#include "run/kind.h"
#include "run/node.h"
#include "run/preset.h"
#include "store/blob.h"
#include "store/market.h"
#include "store/salvage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RESTORED "tmp/restored.db" /* until it is known to be good */
#define DAMAGED "tmp/damaged.db"
#define PAGE 4096

typedef struct {
    const char *backup, *dir, *damaged; /* damaged may be NULL */
    RestoreReport *told;
    Store *store;
    ArchiveCeremony ceremony[LIMIT_CEREMONIES];
    size_t n;
    bool has_database, has_key;
    size_t done, total;
    CvkProgress progress;
    bool failed; /* copying a response failed for our own fault: */
    CvkErr why;
} Restoring;

/* ---- the backup's files ---- */

static bool copy_matching(const Restoring *x, const char *from_dir, const BackupFile *f,
                          CvkErr *err) {
    char from[LIMIT_PATH], to[LIMIT_PATH];
    const char *name = strcmp(f->path, ARCHIVE_DATABASE) == 0 ? RESTORED : f->path;
    uint8_t hash[32];
    uint64_t size;
    if (!cvk_path(from, from_dir, f->path, err) || !cvk_path(to, x->dir, name, err) ||
        !archive_copy(from, to, 0600, hash, &size, err))
        return false;
    if (size == f->size && memcmp(hash, f->sha256, sizeof hash) == 0)
        return true;
    unlink(to);
    return cvk_fail(err, CVK_EBADREQ, "backup.damaged", "'%s' is not as it was backed up",
                    CVK_SHOWN(from));
}

static void step(Restoring *x) {
    x->done++;
    if (x->progress.fn != NULL)
        x->progress.fn(x->progress.ctx, x->done, x->total);
}

static bool take_file(void *ctx, const BackupFile *f, CvkErr *err) {
    Restoring *x = ctx;
    CvkErr ignored;
    if (x->total == 0) {
        x->total = 3;
        for (size_t i = 0; i < x->told->backup.n; i++)
            x->total += (size_t)x->told->backup.ceremony[i].contributions;
    }
    x->has_database = x->has_database || strcmp(f->path, ARCHIVE_DATABASE) == 0;
    x->has_key = x->has_key || strcmp(f->path, "server.key") == 0;
    if (strncmp(f->path, "blobs/", 6) == 0 && !archive_blob_home(x->dir, f->sha256, err))
        return false;
    if (!copy_matching(x, x->backup, f, err)) {
        if (x->damaged == NULL || !copy_matching(x, x->damaged, f, &ignored))
            return false;
        x->told->files_repaired++;
    }
    step(x);
    return true;
}

static bool take_files(Restoring *x, CvkErr *err) {
    if (!backup_list_read(x->backup, &x->told->backup, take_file, x, err))
        return false;
    return (x->has_database && x->has_key) ||
           cvk_fail(err, CVK_EBADREQ, "backup.shape", "the backup's list has no %s",
                    x->has_database ? "server.key" : ARCHIVE_DATABASE);
}

/* ---- what the database says ---- */

static bool read_ceremony(void *ctx, const StoreCeremony *c, CvkErr *err) {
    Restoring *x = ctx;
    if (x->n == LIMIT_CEREMONIES)
        return cvk_fail(err, CVK_ELIMIT, "limit.ceremonies", "there are too many ceremonies");
    return archive_read(x->store, c, false, NULL, &x->ceremony[x->n++], err);
}

static bool read_ceremonies(Restoring *x, CvkErr *err) {
    x->n = 0;
    return store_ceremony_each(x->store, read_ceremony, x, err);
}

static bool is_as_listed(const BackupCeremony *a, const BackupCeremony *b) {
    return strcmp(a->name, b->name) == 0 && strcmp(a->kind, b->kind) == 0 &&
           a->entries == b->entries && a->contributions == b->contributions &&
           memcmp(a->hash, b->hash, sizeof a->hash) == 0 &&
           memcmp(a->root, b->root, sizeof a->root) == 0;
}

static bool blob_is_there(void *ctx, const uint8_t hash[32], bool needed, CvkErr *err) {
    const Restoring *x = ctx;
    char name[ARCHIVE_BLOB], path[LIMIT_PATH];
    archive_blob_name(hash, name);
    if (!cvk_path(path, x->dir, name, err))
        return false;
    return !needed || cvk_file_exists(path) ||
           cvk_fail(err, CVK_EBADREQ, "backup.damaged", "the backup lacks '%s'", name);
}

static bool check_blobs(void *ctx, const StoreCeremony *c, CvkErr *err) {
    Restoring *x = ctx;
    return archive_blobs(x->store, c->id, &x->ceremony[x->n++], blob_is_there, x, err);
}

static bool check_database(Restoring *x, CvkErr *err) {
    const BackupReport *list = &x->told->backup;
    char path[LIMIT_PATH];
    if (!cvk_path(path, x->dir, RESTORED, err) || !store_open(path, false, &x->store, err) ||
        !read_ceremonies(x, err))
        return false;
    bool same = x->n == list->n;
    for (size_t i = 0; same && i < x->n; i++)
        same = is_as_listed(&x->ceremony[i].told, &list->ceremony[i]);
    if (!same)
        return cvk_fail(err, CVK_EBADREQ, "backup.damaged",
                        "the database in '%s' is not what its list says", CVK_SHOWN(x->backup));
    x->n = 0;
    return store_ceremony_each(x->store, check_blobs, x, err);
}

/* ---- the damaged directory ---- */

static bool is_served(const char *dir) {
    char path[LIMIT_PATH];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = cvk_path(path, dir, "lock", NULL) ? open(path, O_RDWR | O_CLOEXEC) : -1;
    bool served = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0)
        close(fd);
    return served;
}

/* What cannot be read comes out as zeros. */
static bool copy_readable(int from, int to, CvkErr *err) {
    uint8_t page[PAGE];
    for (off_t at = 0;; at += PAGE) {
        memset(page, 0, sizeof page);
        ssize_t n = pread(from, page, sizeof page, at);
        if (n == 0)
            return true;
        if (n < 0 && errno != EIO)
            return cvk_fail_errno(err, "file.read", "cannot read the damaged database");
        if (pwrite(to, page, n < 0 ? sizeof page : (size_t)n, at) < 0)
            return cvk_fail_errno(err, "file.write", "cannot copy the damaged database");
    }
}

/* A file that is not there is fine. */
static bool copy_damaged(const Restoring *x, const char *name, const char *as, CvkErr *err) {
    char from[LIMIT_PATH], to[LIMIT_PATH];
    if (!cvk_path(from, x->damaged, name, err) || !cvk_path(to, x->dir, as, err))
        return false;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return errno == ENOENT ||
               cvk_fail_errno(err, "file.open", "cannot open '%s'", CVK_SHOWN(from));
    int out = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = out >= 0 ? copy_readable(in, out, err)
                       : cvk_fail_errno(err, "file.create", "cannot create '%s'", CVK_SHOWN(to));
    if (out >= 0)
        close(out);
    close(in);
    return ok;
}

/* A response that a salvaged contribution needs: is it whole in the damaged directory? */
static bool salvage_blob(void *ctx, const uint8_t hash[32]) {
    Restoring *x = ctx;
    char name[ARCHIVE_BLOB], from[LIMIT_PATH], to[LIMIT_PATH];
    uint8_t got[32];
    uint64_t size;
    CvkErr err;
    archive_blob_name(hash, name);
    if (!cvk_path(from, x->damaged, name, &err) || !cvk_path(to, x->dir, name, &err))
        return false;
    if (cvk_file_exists(to))
        return true;
    if (!archive_hash(from, got, &size, &err) || memcmp(got, hash, sizeof got) != 0)
        return false;
    if (archive_blob_home(x->dir, hash, &x->why) &&
        archive_copy(from, to, 0600, got, &size, &x->why))
        return true;
    x->failed = true;
    return false;
}

typedef struct {
    Restoring *x;
    Salvage *from;
    size_t at;
} Taking;

static bool must_match(void *ctx, const StoreCeremony *c, CvkErr *err) {
    const Taking *t = ctx;
    bool ok;
    return salvage_matches(t->from, t->x->store, c, &ok, err) &&
           (ok || cvk_fail(err, CVK_EBADREQ, "salvage.other",
                           "'%s' has another ceremony '%s' than the backup: nothing of it can "
                           "be taken over",
                           CVK_SHOWN(t->x->damaged), c->name));
}

static bool take_ceremony(void *ctx, const StoreCeremony *c, CvkErr *err) {
    Taking *t = ctx;
    StoreSalvaged got;
    if (t->at == LIMIT_CEREMONIES)
        return cvk_fail(err, CVK_ELIMIT, "limit.ceremonies", "there are too many ceremonies");
    if (!salvage_journal(t->from, t->x->store, c, salvage_blob, t->x, &got, err))
        return false;
    t->x->told->salvaged[t->at++] = (Salvaged){
        .taken_entries = got.entries,
        .taken_contributions = got.contributions,
        .lost_entries = got.lost_entries,
        .lost_contributions = got.lost_contributions,
        .unclear = got.unclear,
        .lost_parts = got.lost_parts,
        .lost_blobs = got.lost_blobs,
    };
    if (!t->x->failed)
        return true;
    if (err != NULL)
        *err = t->x->why;
    return false;
}

/* ---- the keys of what was taken: else they could be used again ---- */

typedef struct {
    Store *store;
    int64_t ceremony;
    const Kind *kind;
    void *self;
} Keys;

static bool add_keys(void *ctx, const StoreContribution *c, CvkErr *err) {
    const Keys *k = ctx;
    CvkErr why = {.code = CVK_OK};
    KindResult r;
    kind_result_init(&r);
    bool ok =
        cvk_buf_add(&r.record, c->record, c->record_n, &why) && k->kind->keys(k->self, &r, &why);
    for (size_t i = 0; ok && i < r.n_keys; i++)
        ok = store_key_add(k->store, k->ceremony, r.keys.data + i * r.key_size, r.key_size, &why) ||
             strcmp(why.id, "key.exists") == 0;
    kind_result_done(&r);
    if (!ok && err != NULL)
        *err = why;
    return ok;
}

static bool take_keys(void *ctx, const StoreCeremony *c, CvkErr *err) {
    Keys k = {.store = ctx, .ceremony = c->id, .kind = kind_find(c->kind)};
    Definition d;
    if (strcmp(c->kind, STORE_MARKET_KIND) == 0)
        return true; /* nobody's key can be used up there */
    if (k.kind == NULL)
        return cvk_fail(err, CVK_EBADREQ, "ceremony.kind", "there is no kind '%s'", c->kind);
    if (!definition_read(c->definition, &d, err) || !k.kind->make(d.sizes, &k.self, err))
        return false;
    bool ok = store_contribution_each(k.store, k.ceremony, 1, add_keys, &k, err);
    k.kind->free(k.self);
    return ok;
}

static bool take_all(Taking *t, CvkErr *err) {
    Store *s = t->x->store;
    if (!store_ceremony_each(s, must_match, t, err) || !store_begin(s, err))
        return false;
    if (salvage_ceremonies(t->from, s, err) && store_ceremony_each(s, take_ceremony, t, err) &&
        salvage_tables(t->from, s, &t->x->told->tables_whole, err) &&
        store_ceremony_each(s, take_keys, s, err) && store_commit(s, err))
        return true;
    store_rollback(s);
    return false;
}

static bool salvage(Restoring *x, CvkErr *err) {
    Taking t = {.x = x};
    char path[LIMIT_PATH];
    CvkErr ignored;
    if (!copy_damaged(x, "convoke.db", DAMAGED, err) ||
        !copy_damaged(x, "convoke.db-wal", DAMAGED "-wal", err) ||
        !cvk_path(path, x->dir, DAMAGED, err))
        return false;
    x->told->database_lost = !cvk_file_exists(path) || !salvage_open(path, &t.from, &ignored);
    bool ok = x->told->database_lost || take_all(&t, err);
    salvage_close(t.from);
    return ok;
}

/* ---- the new directory ---- */

static bool drop_snapshot(void *ctx, const StoreCeremony *c, CvkErr *err) {
    return store_snapshot_drop(ctx, c->id, err);
}

/* The database gets its name last: before that there is no directory of convoke's. Snapshots go, so
 * that every event is replayed. */
static bool finish(Restoring *x, CvkErr *err) {
    char from[LIMIT_PATH], to[LIMIT_PATH];
    bool ok =
        read_ceremonies(x, err) && store_ceremony_each(x->store, drop_snapshot, x->store, err);
    x->store = store_close(x->store);
    if (!ok || !cvk_path(from, x->dir, RESTORED, err) || !cvk_path(to, x->dir, "convoke.db", err) ||
        !archive_sync(x->dir, err))
        return false;
    if (rename(from, to) != 0)
        return cvk_fail_errno(err, "file.rename", "cannot rename to '%s'", CVK_SHOWN(to));
    blob_tmp_clear(x->dir);
    x->told->n = x->n;
    for (size_t i = 0; i < x->n; i++) {
        x->told->ceremony[i] = x->ceremony[i].told;
        x->told->waits[i] = x->ceremony[i].waits;
    }
    return cvk_dir_sync(x->dir, err);
}

/* Does it open, every event replayed, and has each ceremony what its next contributor needs? */
static bool try_out(const Restoring *x, CvkErr *err) {
    Node *node = NULL;
    Ceremony *c;
    if (!node_open(x->dir, (NodeOptions){.serving = false}, &node, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && (c = node_ceremony_at(node, i)) != NULL; i++)
        ok = ceremony_intact(c, err);
    node_close(node);
    return ok;
}

static bool restore(Restoring *x, CvkErr *err) {
    if (x->damaged != NULL && is_served(x->damaged))
        return cvk_fail(err, CVK_ECONFLICT, "dir.locked",
                        "'%s' is being served: stop that first, or it goes on beside the new "
                        "one",
                        CVK_SHOWN(x->damaged));
    return blob_dirs_make(x->dir, err) && take_files(x, err) && check_database(x, err) &&
           (x->damaged == NULL || salvage(x, err)) && finish(x, err) && try_out(x, err);
}

bool node_restore(const char *backup, const char *dir, const char *damaged, RestoreReport *ret,
                  CvkProgress progress, CvkErr *err) {
    bool made;
    if (!archive_begin(dir, &made, err))
        return false;
    RestoreReport *told = cvk_alloc(1, sizeof *told, err);
    Restoring *x = told == NULL ? NULL : cvk_alloc(1, sizeof *x, err);
    bool ok = x != NULL;
    if (ok) {
        *x = (Restoring){
            .backup = backup, .dir = dir, .damaged = damaged, .told = told, .progress = progress};
        told->tables_whole = true;
        ok = restore(x, err);
        store_close(x->store);
    }
    if (ok)
        *ret = *told;
    else
        archive_discard(dir, made);
    free(x);
    free(told);
    return ok;
}
