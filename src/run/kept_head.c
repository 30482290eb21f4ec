#include "run/kept_head.h"

#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 5
#define BUSY_TOLD 3 /* who finds the lock taken now and then has met another one that keeps */

void kept_head_init(KeptHead *k, const char *dir, const char *name, const uint8_t *key) {
    *k = (KeptHead){.dir = dir, .name = name, .key = key};
    pthread_mutex_init(&k->lock, NULL);
}

void kept_head_done(KeptHead *k) {
    pthread_mutex_destroy(&k->lock);
}

/* ---- the file ---- */

static bool path_of(const KeptHead *k, char ret[LIMIT_PATH], CvkErr *err) {
    char name[80];
    snprintf(name, sizeof name, "heads/%s.json", k->name);
    return cvk_path(ret, k->dir, name, err);
}

bool kept_head_is_ours(const KeptHead *k, const SignedHead *s, CvkErr *err) {
    uint8_t signer[ETH_ADDRESS_BYTES], own[ETH_ADDRESS_BYTES];
    if (strcmp(s->head.ceremony, k->name) != 0)
        return cvk_fail(err, CVK_EBADREQ, "head.ceremony",
                        "it is a head of the journal of '%s', not of '%s'", s->head.ceremony,
                        k->name);
    if (!eth_key_address(k->key, own, err))
        return false;
    return (head_signer(s, signer) && memcmp(signer, own, sizeof own) == 0) ||
           cvk_fail(err, CVK_EBADREQ, "head.signature", "it is not signed by this server's key");
}

/* ret->head.entries 0: there is none. */
static bool read_file(const KeptHead *k, SignedHead *ret, CvkErr *err) {
    char path[LIMIT_PATH];
    CvkErr why;
    *ret = (SignedHead){.head = {.entries = 0}};
    if (!path_of(k, path, err))
        return false;
    if (!cvk_file_exists(path))
        return true;
    if (head_read_file(path, ret, &why) && kept_head_is_ours(k, ret, &why))
        return true;
    if (why.code != CVK_EBADREQ)
        return cvk_fail(err, why.code, why.id, "%s", why.msg);
    return cvk_fail(err, CVK_EBACKEND, "head.damaged",
                    "'%s' is no head that this server signed (%s): put it back from the newest "
                    "backup, or 'convoke restore' that",
                    CVK_SHOWN(path), why.msg);
}

/* What the file holds is known now. */
static bool note(KeptHead *k, const SignedHead *s, CvkErr *err) {
    _cleanup_buf_ CvkBuf text = CVK_BUF(HEAD_MAX - 1);
    if (!head_write(s, &text, err))
        return false;
    pthread_mutex_lock(&k->lock);
    if (s->head.entries > k->entries) {
        k->entries = s->head.entries;
        snprintf(k->text, sizeof k->text, "%s", cvk_buf_str(&text));
    }
    pthread_mutex_unlock(&k->lock);
    return true;
}

bool kept_head_read(KeptHead *k, JournalHead *ret, CvkErr *err) {
    SignedHead s;
    if (!read_file(k, &s, err) || (s.head.entries != 0 && !note(k, &s, err)))
        return false;
    *ret = s.head;
    return true;
}

bool kept_head_is_none(const char *dir, const char *name, const uint8_t *key, CvkErr *err) {
    KeptHead k;
    JournalHead head;
    kept_head_init(&k, dir, name, key);
    bool ok = kept_head_read(&k, &head, err);
    kept_head_done(&k);
    if (!ok)
        return cvk_fail_prefix(err, "there was a '%s' here: choose another name, or", name);
    return head.entries == 0 ||
           cvk_fail(err, CVK_EBACKEND, "journal.older",
                    "this server has signed %llu entries of a '%s' that the database does not "
                    "have: choose another name, or restore the newest backup ('convoke restore')",
                    (unsigned long long)head.entries, name);
}

/* ---- keeping ---- */

/* Directories of earlier releases have none. */
static bool make_dir(const char *dir, const char *path, CvkErr *err) {
    return cvk_file_exists(path) || (cvk_dir_make(path, 0700, err) && cvk_dir_sync(dir, err));
}

static void pause_for_lock(unsigned *patience_ms) {
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};
    nanosleep(&pause, NULL);
    *patience_ms -= *patience_ms < PAUSE_MS ? *patience_ms : PAUSE_MS;
}

/* Who is stopped with it in hand stops nobody else for good: "head.locked". */
static bool lock_fd(int fd, const char *path, unsigned *patience_ms, CvkErr *err) {
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return cvk_file_cannot(err, "dir.lock", "lock", path);
        if (patience_ms == NULL || *patience_ms == 0)
            return cvk_fail(err, CVK_EBACKEND, "head.locked", "another process has '%s' locked",
                            CVK_SHOWN(path));
        pause_for_lock(patience_ms);
    }
    return true;
}

/* -1: it cannot be had. */
static int lock_heads(const char *dir, unsigned *patience_ms, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, dir, "heads", err) || !make_dir(dir, path, err))
        return -1;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        cvk_file_cannot(err, "dir.open", "open", path);
        return -1;
    }
    if (!lock_fd(fd, path, patience_ms, err)) {
        close(fd);
        return -1;
    }
    return fd;
}

static void unlock_heads(int fd) {
    flock(fd, LOCK_UN); /* a child that was forked meanwhile may have it, too */
    close(fd);
}

static bool write_file(const KeptHead *k, SignedHead *s, CvkErr *err) {
    char path[LIMIT_PATH];
    _cleanup_buf_ CvkBuf text = CVK_BUF(HEAD_MAX - 1);
    return head_sign(&s->head, k->key, s->signature, err) && head_write(s, &text, err) &&
           path_of(k, path, err) && cvk_file_write(path, text.data, text.n, 0600, err);
}

static bool keep(KeptHead *k, const JournalHead *head, unsigned *patience_ms, CvkErr *err) {
    SignedHead kept;
    int fd = lock_heads(k->dir, patience_ms, err);
    if (fd < 0)
        return false;
    bool ok = read_file(k, &kept, err);
    if (ok && kept.head.entries < head->entries) {
        kept.head = *head;
        ok = write_file(k, &kept, err);
    }
    unlock_heads(fd);
    return ok && note(k, &kept, err);
}

/* Another one may have been met who keeps: that is nothing to tell. */
static bool is_only_busy(KeptHead *k, const unsigned *patience_ms, const CvkErr *err) {
    bool locked = strcmp(err->id, "head.locked") == 0;
    pthread_mutex_lock(&k->lock);
    k->busy = locked && patience_ms == NULL ? k->busy + 1 : 0;
    bool ret = k->busy != 0 && k->busy < BUSY_TOLD;
    pthread_mutex_unlock(&k->lock);
    return ret;
}

/* Who keeps one each second would tell the same each second. */
static void tell_failure(KeptHead *k, const CvkErr *err) {
    pthread_mutex_lock(&k->lock);
    bool news = strcmp(k->told, err->msg) != 0;
    snprintf(k->told, sizeof k->told, "%s", err->msg);
    pthread_mutex_unlock(&k->lock);
    if (news)
        cvk_log_err(LOG_WARN, "head.not_kept", err);
}

static void tell_success(KeptHead *k) {
    pthread_mutex_lock(&k->lock);
    bool news = k->told[0] != '\0';
    k->told[0] = '\0';
    k->busy = 0;
    pthread_mutex_unlock(&k->lock);
    if (news)
        cvk_log(LOG_INFO, "head.kept_again", "journal", k->name, NULL);
}

void kept_head_keep(KeptHead *k, uint64_t entries, const uint8_t root[MERKLE_HASH],
                    unsigned *patience_ms) {
    JournalHead head = {.entries = entries};
    CvkErr err;
    snprintf(head.ceremony, sizeof head.ceremony, "%s", k->name);
    memcpy(head.root, root, sizeof head.root);
    if (entries <= kept_head_entries(k))
        return;
    if (keep(k, &head, patience_ms, &err)) {
        tell_success(k);
    } else if (!is_only_busy(k, patience_ms, &err)) {
        (void)cvk_fail_prefix(&err, "the head of '%s'", k->name);
        tell_failure(k, &err);
    }
}

void kept_heads_clear(const char *dir) {
    char path[LIMIT_PATH];
    CvkErr ignored; /* a file too many hinders nobody */
    int fd = lock_heads(dir, NULL, &ignored);
    if (fd < 0)
        return;
    if (cvk_path(path, dir, "heads", &ignored))
        cvk_dir_clear_temporary(path);
    unlock_heads(fd);
}

/* ---- what is known ---- */

uint64_t kept_head_entries(KeptHead *k) {
    pthread_mutex_lock(&k->lock);
    uint64_t ret = k->entries;
    pthread_mutex_unlock(&k->lock);
    return ret;
}

bool kept_head_text(KeptHead *k, char ret[HEAD_MAX]) {
    pthread_mutex_lock(&k->lock);
    memcpy(ret, k->text, HEAD_MAX);
    pthread_mutex_unlock(&k->lock);
    return ret[0] != '\0';
}

/* ---- a journal against a head of it ---- */

bool journal_has_head(const JournalHead *head, const CvkMerkle *tree, CvkErr *err) {
    uint8_t root[MERKLE_HASH];
    if (head->entries == 0 || tree->n != head->entries)
        return true;
    cvk_merkle_root(tree, root);
    return memcmp(root, head->root, sizeof root) == 0 ||
           cvk_fail(err, CVK_EBACKEND, "journal.other",
                    "the journal's first %llu entries are not those whose head this server "
                    "has signed: restore the newest backup ('convoke restore')",
                    (unsigned long long)head->entries);
}

bool journal_reaches(const JournalHead *head, uint64_t entries, CvkErr *err) {
    return entries >= head->entries ||
           cvk_fail(err, CVK_EBACKEND, "journal.older",
                    "the database has %llu entries, and this server has signed %llu: restore "
                    "the newest backup ('convoke restore')",
                    (unsigned long long)entries, (unsigned long long)head->entries);
}
