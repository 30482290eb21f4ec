/* What must survive: one SQLite database (WAL, synchronous FULL, STRICT tables) for the journal and
 * the tables beside it. What belongs together is written between store_begin and store_commit, and
 * is then durable together or not at all.
 *
 * A Store is one connection. Threads: one at a time; open another for another thread. Two processes
 * may write: journal appends are conditional on their number, so the loser gets CVK_ECONFLICT
 * ("store.conflict"), reads what is new and decides again.
 *
 * Errors: CVK_EBACKEND with SQLite's text: "store.full" (the disk), "store.busy" (another writer
 * held on for ten seconds), "store.constraint", "store.sqlite" (the rest), "store.damaged" (the
 * file cannot be read, or a row holds what was never written: what a database gives back is checked
 * like any input; restore it from a backup). A full disk
 * or a failed write leaves the transaction rolled back; whatever is tried in it after that, commit
 * included, fails with "store.rolled_back" until store_rollback. Rows may be read (..._each) and
 * the store be used from within. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Store Store;

/* Creates the database, mode 0600, when `create` (and it is absent), else it must exist
 * (CVK_ENOTFOUND "store.none"). Migrates old schemas; refuses other programs' files
 * ("store.foreign") and those of a later release ("store.newer"), untouched. */
bool store_open(const char *path, bool create, Store **ret, CvkErr *err) MUST_USE;
/* Whether store_open would migrate it. The release before fails on a database that was migrated
 * under it, so none of its processes may have it open then: that is for the caller to see to. */
bool store_is_old(const char *path, bool *ret, CvkErr *err) MUST_USE;
/* From now on this connection waits for nobody: "store.busy" comes at once. */
void store_wait_for_none(Store *s);
Store *store_close(Store *s); /* NULL is fine; an open transaction is rolled back */

/* A copy of the whole database as it is at one moment, while others read and write; mode 0600, on
 * disk when it returns. `path` must not exist yet. False: nothing is left there. Reads and writes
 * everything. */
bool store_backup(Store *s, const char *path, CvkErr *err) MUST_USE;

bool store_begin(Store *s, CvkErr *err) MUST_USE; /* takes the write lock at once */
bool store_commit(Store *s, CvkErr *err) MUST_USE;
void store_rollback(Store *s); /* no-op outside a transaction */
/* Takes no lock: what is read until store_rollback is the database of one moment. Nothing may be
 * written meanwhile. */
bool store_begin_read(Store *s, CvkErr *err) MUST_USE;

/* Changes whenever another connection has committed. */
bool store_version(Store *s, int64_t *ret, CvkErr *err) MUST_USE;

/* ---- ceremonies ---- */
typedef struct {
    int64_t id;
    char name[64];
    char kind[16];
    char *definition; /* JSON; the caller frees */
} StoreCeremony;
bool store_ceremony_add(Store *s, const char *name, const char *kind, const char *definition,
                        int64_t now_ms, int64_t *ret_id,
                        CvkErr *err) MUST_USE; /* ECONFLICT "ceremony.exists" */
/* name NULL: the only one there is (ENOTFOUND "ceremony.none", ECONFLICT "ceremony.which"). */
bool store_ceremony_find(Store *s, const char *name, StoreCeremony *ret, CvkErr *err) MUST_USE;
/* In order of their making. CVK_EBACKEND "ceremony.lost", before any: there is a journal's
 * head whose ceremony is not there. */
bool store_ceremony_each(Store *s, bool (*fn)(void *ctx, const StoreCeremony *c, CvkErr *err),
                         void *ctx, CvkErr *err) MUST_USE;

/* ---- journal ---- */
typedef struct {
    uint64_t seq; /* from 1 */
    const char *json;
    size_t n;
    uint8_t hash[32]; /* the chain's, engine/event_json.h */
    const char *part; /* the private part, JSON; NULL: it has none, or it was lost */
    size_t part_n;
    uint8_t salt[32]; /* of the private part, if there is one */
} StoreEntry;
#define STORE_PART_MAX 512 /* bytes of a private part */
/* seq must be the newest's + 1, else CVK_ECONFLICT "store.conflict", also when another connection
 * was faster; the hash must extend the chain (CVK_EINTERNAL "store.chain"). With a private part:
 * within a transaction. */
bool store_journal_append(Store *s, int64_t ceremony, const StoreEntry *e, CvkErr *err) MUST_USE;
/* The newest entry's; 0 and zeros: there is none. ret_hash[32] may be NULL. */
bool store_journal_head(Store *s, int64_t ceremony, uint64_t *ret_seq, uint8_t *ret_hash,
                        CvkErr *err) MUST_USE;
/* The hash of entry `seq`; *ret_found false: the journal does not reach so far. */
bool store_journal_at(Store *s, int64_t ceremony, uint64_t seq, uint8_t ret_hash[32],
                      bool *ret_found, CvkErr *err) MUST_USE;
/* All entries with seq >= from, in order; fn may stop it by returning false. Each is checked
 * against the chain: CVK_EBACKEND "journal.broken" names the first entry that is missing, damaged
 * or does not match its hash. What was cut off at the end is seen by store_head_get only. */
bool store_journal_each(Store *s, int64_t ceremony, uint64_t from,
                        bool (*fn)(void *ctx, const StoreEntry *e, CvkErr *err), void *ctx,
                        CvkErr *err) MUST_USE;

/* The journal's end, written in the transaction of each append and compared when the journal is
 * read again: so a journal that was cut off at its end is seen. */
typedef struct {
    uint64_t seq;
    uint8_t hash[32]; /* of the chain */
    uint8_t root[32]; /* of the Merkle tree over the entries */
} StoreHead;
/* CVK_EINTERNAL "store.head": seq and hash are not the newest entry's. */
bool store_head_put(Store *s, int64_t ceremony, const StoreHead *h, CvkErr *err) MUST_USE;
/* *ret_found false: no entry was appended since a release that kept no heads. CVK_EBACKEND
 * "journal.short": the journal ends before its head, or goes on behind it; "journal.broken": at the
 * head it has another hash. The root is the caller's to compare, and also whether entries read
 * after this reach to h->seq: in a damaged file those that are read may end earlier. */
bool store_head_get(Store *s, int64_t ceremony, StoreHead *ret, bool *ret_found,
                    CvkErr *err) MUST_USE;

bool store_snapshot_put(Store *s, int64_t ceremony, uint64_t seq, const void *state, size_t n,
                        CvkErr *err) MUST_USE;
bool store_snapshot_drop(Store *s, int64_t ceremony, CvkErr *err) MUST_USE;
/* The newest; *ret_n = 0 when there is none. The caller frees. */
bool store_snapshot_get(Store *s, int64_t ceremony, uint64_t *ret_seq, uint8_t **ret, size_t *ret_n,
                        CvkErr *err) MUST_USE;

/* ---- contributions: what the transcript keeps, and the receipt ---- */
typedef struct {
    uint64_t index; /* from 1 */
    uint64_t seq;   /* of its ContributionAccepted */
    char identity[LIMIT_IDENTITY + 1];
    uint8_t response[32]; /* the blob */
    uint8_t uploader[32]; /* auth_uploader of them */
    const uint8_t
        *record; /* the kind's own bytes (kzg: product, key and signatures of each sub-setup) */
    size_t record_n;
    const char *receipt;           /* the signed string */
    const char *receipt_signature; /* 130 hex digits */
} StoreContribution;
/* In the transaction of its event, before or after it. */
bool store_contribution_add(Store *s, int64_t ceremony, const StoreContribution *c,
                            CvkErr *err) MUST_USE;
bool store_contribution_each(Store *s, int64_t ceremony, uint64_t from,
                             bool (*fn)(void *ctx, const StoreContribution *c, CvkErr *err),
                             void *ctx, CvkErr *err) MUST_USE;
/* The newest that they uploaded with this response (NULL: any); *ret_found false when there is
 * none. fn sees it. */
bool store_contribution_of(Store *s, int64_t ceremony, const uint8_t uploader[32],
                           const uint8_t response[32],
                           bool (*fn)(void *ctx, const StoreContribution *c, CvkErr *err),
                           void *ctx, bool *ret_found, CvkErr *err) MUST_USE;
/* Public keys that were used: unique within a ceremony (CVK_ECONFLICT "key.exists"). */
bool store_key_add(Store *s, int64_t ceremony, const void *key, size_t n, CvkErr *err) MUST_USE;
bool store_key_seen(Store *s, int64_t ceremony, const void *key, size_t n, bool *ret,
                    CvkErr *err) MUST_USE;

/* ---- sign-in ---- */
typedef struct {
    uint8_t address[20]; /* of the invitation's key */
    char identity[LIMIT_IDENTITY + 1];
    int64_t created_ms;
} StoreInvitation;
bool store_invitation_add(Store *s, const StoreInvitation *i,
                          CvkErr *err) MUST_USE; /* ECONFLICT "invitation.exists" */
bool store_invitation_each(Store *s, bool (*fn)(void *ctx, const StoreInvitation *i, CvkErr *err),
                           void *ctx, CvkErr *err) MUST_USE;
bool store_invitation_get(Store *s, const uint8_t address[20], StoreInvitation *ret,
                          bool *ret_found, CvkErr *err) MUST_USE;

/* What was good for one sign-in has been used. *ret_fresh false: it was used before. */
#define STORE_NONCE_BYTES 16
bool store_nonce_use(Store *s, const uint8_t nonce[STORE_NONCE_BYTES], int64_t expires_ms,
                     bool *ret_fresh, CvkErr *err) MUST_USE;
bool store_nonce_expire(Store *s, int64_t now_ms, CvkErr *err) MUST_USE; /* as of sessions */

typedef struct {
    uint8_t hash[32]; /* sha256 of the session id: the id itself is never stored */
    int64_t ceremony;
    char identity[LIMIT_IDENTITY + 1];
    int64_t created_ms, expires_ms;
    uint64_t generation; /* of its owner; what is put has the one that its owner has */
    bool ended;          /* its owner went out: only a repeated upload may still use it */
} StoreSession;
bool store_session_put(Store *s, const StoreSession *x,
                       CvkErr *err) MUST_USE; /* by hash; replaces */
/* All of one ceremony, in no order to rely on. */
bool store_session_each(Store *s, int64_t ceremony,
                        bool (*fn)(void *ctx, const StoreSession *x, CvkErr *err), void *ctx,
                        CvkErr *err) MUST_USE;
bool store_session_end(Store *s, int64_t ceremony, const char *identity, CvkErr *err) MUST_USE;
/* How often they have logged out: part of what their session's id is made from. */
bool store_session_generation(Store *s, int64_t ceremony, const char *identity, uint64_t *ret,
                              CvkErr *err) MUST_USE;
/* Their sessions go, and their generation rises, so that none comes again. Not in a transaction of
 * the caller's. */
bool store_session_log_out(Store *s, int64_t ceremony, const char *identity, CvkErr *err) MUST_USE;
/* The identity of the oldest session of this ceremony whose identity stands between these two texts
 * (`to` is not meant any more). */
bool store_session_account(Store *s, int64_t ceremony, const char *from, const char *to,
                           char ret[LIMIT_IDENTITY + 1], bool *ret_found, CvkErr *err) MUST_USE;
/* These `n` end at `until_ms`. Not in a transaction of the caller's. */
bool store_session_renew(Store *s, const uint8_t (*hashes)[32], size_t n, int64_t until_ms,
                         CvkErr *err) MUST_USE;
bool store_session_expire(Store *s, int64_t now_ms,
                          CvkErr *err) MUST_USE; /* deletes those past their time */
