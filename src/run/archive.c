#include "run/archive.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "run/experiment_audit.h"
#include "run/journal.h"
#include "run/kept_head.h"
#include "store/market.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

/* To `to`, if that is not -1. */
static bool pump(FILE *from, int to, CvkSha256 *sum, uint64_t *ret_size, CvkErr *err) {
    uint8_t piece[65536];
    size_t n;
    *ret_size = 0;
    while ((n = fread(piece, 1, sizeof piece, from)) != 0) {
        cvk_sha256_add(sum, piece, n);
        *ret_size += n;
        if (to != -1 && !cvk_write_whole(to, piece, n))
            return cvk_fail_errno(err,
                                  errno == ENOSPC || errno == EDQUOT ? "disk.full" : "file.write",
                                  "cannot write");
    }
    return ferror(from) == 0 || cvk_fail_errno(err, "file.read", "cannot read");
}

static bool hash_into(const char *from, int to, uint8_t ret_hash[32], uint64_t *ret_size,
                      CvkErr *err) {
    FILE *f = cvk_file_open_regular(from, false, err);
    if (f == NULL)
        return false;
    CvkSha256 *sum = cvk_sha256_new(err);
    bool ok = sum != NULL && pump(f, to, sum, ret_size, err);
    if (ok)
        cvk_sha256_finish(sum, ret_hash);
    cvk_sha256_free(sum);
    fclose(f);
    return ok;
}

bool archive_copy(const char *from, const char *to, mode_t mode, uint8_t ret_hash[32],
                  uint64_t *ret_size, CvkErr *err) {
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return cvk_fail_errno(err, "file.create", "cannot create '%s'", CVK_SHOWN(to));
    bool ok =
        hash_into(from, fd, ret_hash, ret_size, err) || cvk_fail_prefix(err, "'%s'", CVK_SHOWN(to));
    if (ok && fsync(fd) != 0)
        ok = cvk_fail_errno(err, "file.sync", "cannot sync '%s'", CVK_SHOWN(to));
    if (close(fd) != 0 && ok)
        ok = cvk_fail_errno(err, "file.write", "cannot write '%s'", CVK_SHOWN(to));
    if (!ok)
        unlink(to);
    return ok;
}

bool archive_hash(const char *path, uint8_t ret_hash[32], uint64_t *ret_size, CvkErr *err) {
    return hash_into(path, -1, ret_hash, ret_size, err);
}

void archive_blob_name(const uint8_t hash[32], char ret[ARCHIVE_BLOB]) {
    char name[65];
    cvk_hex_encode(hash, 32, name);
    snprintf(ret, ARCHIVE_BLOB, "blobs/%.2s/%s", name, name);
}

/* ---- the directory ---- */

bool archive_begin(const char *dir, bool *ret_made, CvkErr *err) {
    char path[LIMIT_PATH];
    bool empty = true;
    *ret_made = !cvk_file_exists(dir);
    if (!cvk_dir_make(dir, 0700, err) || !cvk_dir_empty(dir, &empty, err))
        return false;
    if (!empty)
        return cvk_fail(err, CVK_ECONFLICT, "dir.used",
                        "directory '%s' is not empty: name a new one", CVK_SHOWN(dir));
    if (cvk_path(path, dir, "blobs", err) && cvk_dir_make(path, 0700, err) &&
        cvk_path(path, dir, "heads", err) && cvk_dir_make(path, 0700, err))
        return true;
    archive_discard(dir, *ret_made);
    return false;
}

bool archive_blob_home(const char *dir, const uint8_t hash[32], CvkErr *err) {
    char name[ARCHIVE_BLOB], path[LIMIT_PATH];
    archive_blob_name(hash, name);
    *strrchr(name, '/') = '\0';
    return cvk_path(path, dir, name, err) && cvk_dir_make(path, 0700, err);
}

/* Calls fn for each directory that may be there, the innermost first. */
static bool each_dir(const char *dir, bool (*fn)(const char *path, CvkErr *err), CvkErr *err) {
    static const char *const names[] = {"blobs", "heads", "tmp", "cache"};
    char path[LIMIT_PATH], name[16];
    for (unsigned i = 0; i < 256; i++) {
        snprintf(name, sizeof name, "blobs/%02x", i);
        if (!cvk_path(path, dir, name, err) || (cvk_file_exists(path) && !fn(path, err)))
            return false;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!cvk_path(path, dir, names[i], err) || (cvk_file_exists(path) && !fn(path, err)))
            return false;
    return true;
}

bool archive_sync(const char *dir, CvkErr *err) {
    return each_dir(dir, cvk_dir_sync, err) && cvk_dir_sync(dir, err);
}

static bool remove_dir(const char *path, CvkErr *err) {
    (void)err;
    cvk_dir_clear(path);
    (void)rmdir(path); /* what cannot be removed only takes room */
    return true;
}

void archive_discard(const char *dir, bool made) {
    CvkErr ignored;
    if (!each_dir(dir, remove_dir, &ignored))
        return;
    cvk_dir_clear(dir);
    if (made)
        (void)rmdir(dir);
}

/* ---- what a database says ---- */

/* Acceptances as the journal has them and as the table of contributions has them: of each side a
 * digest. */
typedef struct {
    CvkSha256 *sum;
    uint64_t n;
} Side;

typedef struct {
    CvkMerkle tree;
    ArchiveCeremony *read;
    bool receipts; /* are they to be checked? */
    JournalHead kept;
    Signers signers;
    Side journal, table;
} Reading;

static void add_acceptance(Side *side, uint64_t seq, uint64_t index, const uint8_t response[32],
                           const uint8_t record[32]) {
    uint64_t numbers[2] = {seq, index};
    cvk_sha256_add(side->sum, numbers, sizeof numbers);
    cvk_sha256_add(side->sum, response, 32);
    cvk_sha256_add(side->sum, record, 32);
    side->n++;
}

static void see_event(Reading *r, uint64_t seq, const Event *e) {
    ArchiveCeremony *a = r->read;
    if (e->type == EVENT_RESPONSE_STORED) {
        memcpy(a->waiting, e->u.stored.response, sizeof a->waiting);
        a->waits = true;
    } else if (e->type == EVENT_CONTRIBUTION_ACCEPTED) {
        add_acceptance(&r->journal, seq, e->u.accepted.index, e->u.accepted.response,
                       e->u.accepted.record);
        a->waits = false;
    } else if (e->type == EVENT_CONTRIBUTION_REFUSED || e->type == EVENT_LEASE_EXPIRED ||
               e->type == EVENT_LEASE_ABORTED) {
        a->waits = false;
    }
}

static bool see_entry(void *ctx, const StoreEntry *entry, CvkErr *err) {
    Reading *r = ctx;
    uint8_t leaf[MERKLE_HASH];
    Event e;
    if (!journal_read_entry(entry, &e, err) || !signers_reserve(&r->signers, err))
        return false;
    signers_note(&r->signers, &e);
    cvk_merkle_leaf(entry->json, entry->n, leaf);
    cvk_merkle_add(&r->tree, leaf);
    memcpy(r->read->told.hash, entry->hash, 32);
    r->read->told.entries = entry->seq;
    see_event(r, entry->seq, &e);
    return journal_has_head(&r->kept, &r->tree, err);
}

static bool receipt_is_right(const Reading *r, const StoreContribution *c, CvkErr *err) {
    static const uint8_t unknown[ENGINE_KEY_BYTES];
    ReceiptSigner signer;
    signers_of(&r->signers, c->index, unknown, &signer);
    return receipt_check(&signer, r->read->told.name, c, err);
}

static bool see_contribution(void *ctx, const StoreContribution *c, CvkErr *err) {
    Reading *r = ctx;
    uint8_t record[32];
    if (r->receipts && !receipt_is_right(r, c, err))
        return false;
    cvk_sha256(c->record, c->record_n, record);
    add_acceptance(&r->table, c->seq, c->index, c->response, record);
    return true;
}

/* The head first: what is read afterwards must reach at least so far. */
static bool read_both(Store *s, const StoreCeremony *c, Reading *r, CvkErr *err) {
    BackupCeremony *told = &r->read->told;
    uint8_t journal[32], table[32];
    StoreHead head;
    bool has_head;
    if (!store_head_get(s, c->id, &head, &has_head, err) ||
        !store_journal_each(s, c->id, 1, see_entry, r, err) ||
        !store_contribution_each(s, c->id, 1, see_contribution, r, err))
        return false;
    cvk_merkle_root(&r->tree, told->root);
    if (has_head && (head.seq != told->entries || memcmp(head.root, told->root, 32) != 0))
        return cvk_fail(err, CVK_EBACKEND, "journal.short",
                        "the journal has %" PRIu64 " entries and its head is of %" PRIu64
                        ": restore the database from a backup",
                        told->entries, head.seq);
    if (!journal_reaches(&r->kept, told->entries, err))
        return false;
    told->contributions = r->table.n;
    cvk_sha256_finish(r->journal.sum, journal);
    cvk_sha256_finish(r->table.sum, table);
    return memcmp(journal, table, sizeof table) == 0 ||
           cvk_fail(err, CVK_EBACKEND, "store.damaged",
                    "the journal has %" PRIu64 " contributions, and the table's %" PRIu64
                    " are not the same: restore the database from a backup",
                    r->journal.n, r->table.n);
}

/* An experiment's tables are compared with its journal row by row. */
static bool read_experiment(Store *s, const StoreCeremony *c, const JournalHead *kept,
                            ArchiveCeremony *ret, CvkErr *err) {
    ArchiveCeremony a = {.waits = false};
    ExperimentAudit audit;
    if (!experiment_audit_rows(s, c, kept, 1, &audit, err))
        return cvk_fail_prefix(err, "experiment '%s'", c->name);
    snprintf(a.told.name, sizeof a.told.name, "%s", c->name);
    snprintf(a.told.kind, sizeof a.told.kind, "%s", c->kind);
    a.told.entries = audit.entries;
    a.told.contributions = audit.submissions;
    memcpy(a.told.hash, audit.hash, sizeof a.told.hash);
    memcpy(a.told.root, audit.root, sizeof a.told.root);
    *ret = a;
    return true;
}

bool archive_read(Store *s, const StoreCeremony *c, bool receipts, const JournalHead *kept,
                  ArchiveCeremony *ret, CvkErr *err) {
    Reading r = {.receipts = receipts};
    if (kept != NULL)
        r.kept = *kept;
    if (strcmp(c->kind, STORE_MARKET_KIND) == 0)
        return read_experiment(s, c, &r.kept, ret, err);
    ArchiveCeremony a = {.waits = false};
    r.read = &a;
    snprintf(a.told.name, sizeof a.told.name, "%s", c->name);
    snprintf(a.told.kind, sizeof a.told.kind, "%s", c->kind);
    r.journal.sum = cvk_sha256_new(err);
    r.table.sum = r.journal.sum == NULL ? NULL : cvk_sha256_new(err);
    bool ok = r.table.sum != NULL &&
              (read_both(s, c, &r, err) || cvk_fail_prefix(err, "ceremony '%s'", c->name));
    cvk_sha256_free(r.journal.sum);
    cvk_sha256_free(r.table.sum);
    signers_done(&r.signers);
    if (ok)
        *ret = a;
    return ok;
}

typedef struct {
    ArchiveBlob blob;
    void *ctx;
} Blobs;

static bool blob_of(void *ctx, const StoreContribution *c, CvkErr *err) {
    const Blobs *b = ctx;
    return b->blob(b->ctx, c->response, true, err);
}

static bool blob_of_batch(void *ctx, const StoreBatch *x, CvkErr *err) {
    const Blobs *b = ctx;
    return b->blob(b->ctx, x->sha256, true, err);
}

static bool blob_of_submission(void *ctx, const StoreSubmission *x, CvkErr *err) {
    const Blobs *b = ctx;
    return b->blob(b->ctx, x->proof, true, err);
}

static bool blob_of_public(void *ctx, const StorePublicFile *f, CvkErr *err) {
    const Blobs *b = ctx;
    return b->blob(b->ctx, f->sha256, true, err);
}

bool archive_blobs(Store *s, int64_t ceremony, const ArchiveCeremony *a, ArchiveBlob blob,
                   void *ctx, CvkErr *err) {
    Blobs b = {.blob = blob, .ctx = ctx};
    if (backup_is_experiment(&a->told))
        return store_batch_each(s, ceremony, 1, blob_of_batch, &b, err) &&
               store_submission_each(s, ceremony, 1, blob_of_submission, &b, err) &&
               store_public_each(s, ceremony, blob_of_public, &b, err);
    return store_contribution_each(s, ceremony, 1, blob_of, &b, err) &&
           (!a->waits || blob(ctx, a->waiting, false, err));
}
