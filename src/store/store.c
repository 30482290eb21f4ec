/* Opening, transactions, ceremonies, journal, snapshots. */
#include "base/alloc.h"
#include "engine/event_json.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ---- */

/* SQLite would make the file readable for all; its companions take their mode from it. */
static bool make_private(const char *path, CvkErr *err) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return true;
    if (fd < 0)
        return cvk_fail_errno(err, "store.create", "cannot create '%s'", path);
    close(fd);
    return true;
}

static bool open_file(Store *s, const char *path, CvkErr *err) {
    int rc = sqlite3_open_v2(
        path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        return sql_fail(s, rc, "cannot open the database", err);
    sqlite3_busy_timeout(s->db, BUSY_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return true;
}

bool store_open(const char *path, bool create, Store **ret, CvkErr *err) {
    if (create && !make_private(path, err))
        return false;
    if (access(path, F_OK) != 0)
        return cvk_fail(err, CVK_ENOTFOUND, "store.none", "there is no database '%s'", path);
    Store *s = cvk_alloc(1, sizeof *s, err);
    if (s == NULL)
        return false;
    if (!open_file(s, path, err) || !schema_ready(s, create, err)) {
        store_close(s);
        return cvk_fail_prefix(err, "'%s'", path);
    }
    *ret = s;
    return true;
}

Store *store_close(Store *s) {
    if (s == NULL)
        return NULL;
    store_rollback(s);
    for (size_t i = 0; i < SQL_N; i++)
        sqlite3_finalize(s->cached[i]);
    sqlite3_close_v2(s->db);
    free(s);
    return NULL;
}

/* ---- transactions ---- */

bool store_begin(Store *s, CvkErr *err) {
    if (s->in_transaction)
        return cvk_fail(err, CVK_EINTERNAL, "store.nested", "a transaction is open already");
    if (!sql_run(s, SQL_BEGIN, NULL, 0, NULL, err))
        return false;
    s->in_transaction = true;
    return true;
}

bool store_commit(Store *s, CvkErr *err) {
    if (!s->in_transaction)
        return cvk_fail(err, CVK_EINTERNAL, "store.nested", "no transaction is open");
    bool ok = sql_run(s, SQL_COMMIT, NULL, 0, NULL, err);
    if (!ok)
        store_rollback(s);
    s->in_transaction = false;
    return ok;
}

void store_rollback(Store *s) {
    s->in_transaction = false;
    if (s->db == NULL || sqlite3_get_autocommit(s->db) != 0)
        return;
    CvkErr ignored; /* it can fail only when there is nothing to roll back */
    if (!sql_run(s, SQL_ROLLBACK, NULL, 0, NULL, &ignored))
        return;
}

bool store_version(Store *s, int64_t *ret, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    bool row;
    return query_begin(s, SQL_DATA_VERSION, NULL, 0, &q, err) && query_next(&q, &row, err) &&
           column_int(&q, 0, INT64_MIN, INT64_MAX, ret, err);
}

/* ---- ceremonies ---- */

bool store_ceremony_add(Store *s, const char *name, const char *kind, const char *definition,
                        int64_t now_ms, int64_t *ret_id, CvkErr *err) {
    StoreCeremony c;
    if (strlen(name) >= sizeof c.name || strlen(kind) >= sizeof c.kind ||
        strlen(definition) > LIMIT_TEXT_FILE)
        return cvk_fail(err, CVK_ELIMIT, "ceremony.big",
                        "the ceremony's name, kind or definition is too long");
    int64_t added;
    if (!RUN(s, SQL_CEREMONY_ADD, &added, err, STR(name), STR(kind), STR(definition), INT(now_ms)))
        return false;
    if (added == 0)
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.exists", "there is a ceremony '%s' already",
                        name);
    *ret_id = sqlite3_last_insert_rowid(s->db);
    return true;
}

static bool ceremony_row(Query *q, StoreCeremony *ret, CvkErr *err) {
    const char *definition;
    size_t n;
    if (!column_int(q, 0, 1, INT64_MAX, &ret->id, err) ||
        !column_text(q, 1, ret->name, sizeof ret->name, err) ||
        !column_text(q, 2, ret->kind, sizeof ret->kind, err) ||
        !column_str(q, 3, LIMIT_TEXT_FILE, &definition, &n, err))
        return false;
    ret->definition = cvk_strdup(definition, err);
    return ret->definition != NULL;
}

static bool ceremony_only(Query *q, StoreCeremony *ret, CvkErr *err) {
    StoreCeremony c;
    bool row;
    if (!query_next(q, &row, err))
        return false;
    if (!row)
        return cvk_fail(err, CVK_ENOTFOUND, "ceremony.none", "there is no such ceremony");
    if (!ceremony_row(q, &c, err))
        return false;
    bool ok = query_next(q, &row, err);
    if (ok && row)
        ok = cvk_fail(err, CVK_ECONFLICT, "ceremony.which",
                      "there are several ceremonies: name one");
    if (!ok) {
        free(c.definition);
        return false;
    }
    *ret = c;
    return true;
}

bool store_ceremony_find(Store *s, const char *name, StoreCeremony *ret, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    if (!(name == NULL ? query_begin(s, SQL_CEREMONY_ALL, NULL, 0, &q, err)
                       : QUERY(s, SQL_CEREMONY_BY_NAME, &q, err, STR(name))))
        return false;
    return ceremony_only(&q, ret, err);
}

bool store_ceremony_each(Store *s, bool (*fn)(void *ctx, const StoreCeremony *c, CvkErr *err),
                         void *ctx, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    if (!query_begin(s, SQL_CEREMONY_ALL, NULL, 0, &q, err))
        return false;
    for (;;) {
        StoreCeremony c;
        bool row;
        if (!query_next(&q, &row, err))
            return false;
        if (!row)
            return true;
        if (!ceremony_row(&q, &c, err))
            return false;
        bool go_on = fn(ctx, &c, err);
        free(c.definition);
        if (!go_on)
            return false;
    }
}

/* ---- journal ---- */

static bool broken(CvkErr *err, uint64_t seq, const char *why) {
    return cvk_fail(err, CVK_EBACKEND, "journal.broken",
                    "entry %" PRIu64 " of the journal %s: restore the database from a backup", seq,
                    why);
}

bool store_journal_append(Store *s, int64_t ceremony, const StoreEntry *e, CvkErr *err) {
    uint64_t head;
    uint8_t before[32], hash[32];
    if (e->n > EVENT_JSON_MAX || e->seq > INT64_MAX)
        return cvk_fail(err, CVK_ELIMIT, "journal.big", "the journal's entry is too long");
    if (!store_journal_head(s, ceremony, &head, before, err))
        return false;
    if (e->seq != head + 1)
        return cvk_fail(err, CVK_ECONFLICT, "store.conflict",
                        "the journal is at %" PRIu64 " already", head);
    event_chain(before, e->json, e->n, hash);
    if (memcmp(hash, e->hash, sizeof hash) != 0)
        return cvk_fail(err, CVK_EINTERNAL, "store.chain",
                        "entry %" PRIu64 " does not extend the chain", e->seq);
    int64_t added;
    if (!RUN(s, SQL_JOURNAL_ADD, &added, err, INT(ceremony), INT(e->seq), TEXT_N(e->json, e->n),
             BYTES(e->hash, sizeof e->hash)))
        return false;
    return added == 1 || cvk_fail(err, CVK_ECONFLICT, "store.conflict",
                                  "another has written entry %" PRIu64 " of the journal", e->seq);
}

/* The seq and hash of a query's only row; seq 0 and zeros when there is none. */
static bool head_row(Query *q, uint64_t *ret_seq, uint8_t ret_hash[32], CvkErr *err) {
    uint8_t hash[32] = {0};
    int64_t seq = 0;
    bool row;
    if (!query_next(q, &row, err))
        return false;
    if (row && (!column_int(q, 0, 1, INT64_MAX - 1, &seq, err) ||
                !column_fixed(q, 1, hash, sizeof hash, err)))
        return false;
    *ret_seq = (uint64_t)seq;
    memcpy(ret_hash, hash, sizeof hash);
    return true;
}

bool store_journal_head(Store *s, int64_t ceremony, uint64_t *ret_seq, uint8_t ret_hash[32],
                        CvkErr *err) {
    _cleanup_query_ Query q = {0};
    return QUERY(s, SQL_JOURNAL_HEAD, &q, err, INT(ceremony)) &&
           head_row(&q, ret_seq, ret_hash, err);
}

bool store_journal_at(Store *s, int64_t ceremony, uint64_t seq, uint8_t ret_hash[32],
                      bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    uint64_t got;
    if (seq == 0 || seq > INT64_MAX) {
        *ret_found = false;
        return true;
    }
    if (!QUERY(s, SQL_JOURNAL_AT, &q, err, INT(ceremony), INT(seq)) ||
        !head_row(&q, &got, ret_hash, err))
        return false;
    *ret_found = got == seq;
    return true;
}

/* The hash before entry `from`. */
static bool chain_before(Store *s, int64_t ceremony, uint64_t from, uint8_t ret[32], CvkErr *err) {
    bool found;
    if (from <= 1) {
        memset(ret, 0, 32);
        return true;
    }
    return store_journal_at(s, ceremony, from - 1, ret, &found, err) &&
           (found || broken(err, from - 1, "is missing"));
}

/* The entry of a row, checked against the hash before it. */
static bool entry_row(Query *q, uint64_t seq, const uint8_t before[32], StoreEntry *ret,
                      CvkErr *err) {
    int64_t got;
    uint8_t hash[32];
    if (!column_int(q, 0, 1, INT64_MAX - 1, &got, err) ||
        !column_str(q, 1, EVENT_JSON_MAX, &ret->json, &ret->n, err) ||
        !column_fixed(q, 2, ret->hash, sizeof ret->hash, err))
        return broken(err, seq, "is damaged");
    if ((uint64_t)got != seq)
        return broken(err, seq, "is missing");
    event_chain(before, ret->json, ret->n, hash);
    if (memcmp(hash, ret->hash, sizeof hash) != 0)
        return broken(err, seq, "does not match its hash");
    ret->seq = seq;
    return true;
}

bool store_journal_each(Store *s, int64_t ceremony, uint64_t from,
                        bool (*fn)(void *ctx, const StoreEntry *e, CvkErr *err), void *ctx,
                        CvkErr *err) {
    uint8_t before[32];
    uint64_t seq = from == 0 ? 1 : from;
    _cleanup_query_ Query q = {0};
    if (seq >= INT64_MAX || !QUERY(s, SQL_JOURNAL_FROM, &q, err, INT(ceremony), INT(seq)))
        return seq >= INT64_MAX;
    for (;; seq++) {
        StoreEntry e;
        bool row;
        if (!query_next(&q, &row, err))
            return false;
        if (!row)
            return true;
        if (seq == (from == 0 ? 1 : from) && !chain_before(s, ceremony, seq, before, err))
            return false;
        if (!entry_row(&q, seq, before, &e, err) || !fn(ctx, &e, err))
            return false;
        memcpy(before, e.hash, sizeof before);
    }
}

/* ---- snapshots ---- */

bool store_snapshot_put(Store *s, int64_t ceremony, uint64_t seq, const void *state, size_t n,
                        CvkErr *err) {
    if (n > LIMIT_SNAPSHOT || seq > INT64_MAX)
        return cvk_fail(err, CVK_ELIMIT, "snapshot.big", "the snapshot is too big");
    return RUN(s, SQL_SNAPSHOT_PUT, NULL, err, INT(ceremony), INT(seq), BYTES(state, n));
}

bool store_snapshot_get(Store *s, int64_t ceremony, uint64_t *ret_seq, uint8_t **ret, size_t *ret_n,
                        CvkErr *err) {
    _cleanup_query_ Query q = {0};
    bool row;
    if (!QUERY(s, SQL_SNAPSHOT_GET, &q, err, INT(ceremony)) || !query_next(&q, &row, err))
        return false;
    int64_t seq = 0;
    const uint8_t *state = NULL;
    size_t n = 0;
    if (row && (!column_int(&q, 0, 0, INT64_MAX, &seq, err) ||
                !column_bytes(&q, 1, LIMIT_SNAPSHOT, &state, &n, err)))
        return false;
    uint8_t *copy = cvk_alloc(n, 1, err);
    if (copy == NULL)
        return false;
    if (n != 0)
        memcpy(copy, state, n);
    *ret_seq = (uint64_t)seq;
    *ret = copy;
    *ret_n = n;
    return true;
}
