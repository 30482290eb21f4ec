/* Opening, transactions, ceremonies. */
#include "base/alloc.h"
#include "base/file.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
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

bool store_open_raw(const char *path, Store **ret, CvkErr *err) {
    Store *s = cvk_alloc(1, sizeof *s, err);
    if (s == NULL)
        return false;
    if (!open_file(s, path, err)) {
        store_close(s);
        return false;
    }
    *ret = s;
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

bool store_is_old(const char *path, bool *ret, CvkErr *err) {
    Store *s = NULL;
    bool ok = store_open_raw(path, &s, err) && schema_is_old(s, ret, err);
    store_close(s);
    return ok || cvk_fail_prefix(err, "'%s'", path);
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

static bool sync_file(const char *path, CvkErr *err) {
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        cvk_fail_errno(err, "store.sync", "cannot sync '%s'", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool store_backup(Store *s, const char *path, CvkErr *err) {
    if (cvk_file_exists(path))
        return cvk_fail(err, CVK_ECONFLICT, "store.exists", "'%s' exists already", path);
    if (!make_private(path, err)) /* SQLite fills an empty file */
        return false;
    if (RUN(s, SQL_VACUUM_INTO, NULL, err, STR(path)) && sync_file(path, err))
        return true;
    unlink(path);
    return false;
}

/* ---- transactions ---- */

static bool begin(Store *s, SqlId how, CvkErr *err) {
    if (s->in_transaction)
        return cvk_fail(err, CVK_EINTERNAL, "store.nested", "a transaction is open already");
    if (!sql_run(s, how, NULL, 0, NULL, err))
        return false;
    s->in_transaction = true;
    return true;
}

bool store_begin(Store *s, CvkErr *err) {
    return begin(s, SQL_BEGIN, err);
}

bool store_begin_read(Store *s, CvkErr *err) {
    return begin(s, SQL_BEGIN_READ, err);
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

void store_wait_for_none(Store *s) {
    sqlite3_busy_timeout(s->db, 0);
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
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.exists",
                        "the directory has something called '%s' already, a ceremony or an "
                        "experiment: choose another name",
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

/* A head without its ceremony: the row has gone, and would not be missed. */
static bool none_is_lost(Store *s, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    bool row;
    if (!query_begin(s, SQL_CEREMONY_LOST, NULL, 0, &q, err) || !query_next(&q, &row, err))
        return false;
    return !row || cvk_fail(err, CVK_EBACKEND, "ceremony.lost",
                            "the database has the journal of a ceremony that it does not know: "
                            "restore it from a backup");
}

bool store_ceremony_each(Store *s, bool (*fn)(void *ctx, const StoreCeremony *c, CvkErr *err),
                         void *ctx, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    if (!none_is_lost(s, err) || !query_begin(s, SQL_CEREMONY_ALL, NULL, 0, &q, err))
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
