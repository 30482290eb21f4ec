#include "store/sqlite.h"

#include <assert.h>
#include <string.h>

/* ---- errors ---- */

/* What was written cannot be read again: the disk, the file system, or another program. */
static bool is_unreadable(int rc) {
    return rc == SQLITE_IOERR_READ || rc == SQLITE_IOERR_SHORT_READ || rc == SQLITE_IOERR_DATA ||
           rc == SQLITE_IOERR_CORRUPTFS;
}

static const char *id_of(int rc) {
    if (is_unreadable(rc))
        return "store.damaged";
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return "store.full";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "store.busy";
    case SQLITE_CONSTRAINT:
        return "store.constraint";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "store.damaged";
    default: /* SQLite's codes, not ours */
        return "store.sqlite";
    }
}

/* After these a transaction cannot go on; SQLite has often, but not always, rolled it back. */
static bool is_fatal(int rc) {
    int kind = rc & 0xff;
    return kind == SQLITE_FULL || kind == SQLITE_IOERR || kind == SQLITE_NOMEM ||
           kind == SQLITE_CORRUPT;
}

bool sql_fail(Store *s, int rc, const char *what, CvkErr *err) {
    const char *id = id_of(rc);
    const char *advice = "";
    if (is_unreadable(rc))
        advice = ": look at the disk, and restore the database from a backup";
    else if (strcmp(id, "store.damaged") == 0)
        advice = ": restore the database from a backup";
    cvk_fail(err, CVK_EBACKEND, id, "%s: %s%s", what,
             s->db != NULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc), advice);
    if (is_fatal(rc) && s->db != NULL && sqlite3_get_autocommit(s->db) == 0)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* ---- statements ---- */

static bool statement_for(Store *s, SqlId id, Query *q, CvkErr *err) {
    q->own = s->in_use[id]; /* its rows are being read further up: take another */
    if (!q->own && s->cached[id] != NULL) {
        q->st = s->cached[id];
        s->in_use[id] = true;
        return true;
    }
    unsigned flags = q->own ? 0 : SQLITE_PREPARE_PERSISTENT;
    int rc = sqlite3_prepare_v3(s->db, store_statements[id], -1, flags, &q->st, NULL);
    if (rc != SQLITE_OK) {
        q->st = NULL;
        return sql_fail(s, rc, "cannot prepare a statement", err);
    }
    if (!q->own) {
        s->cached[id] = q->st;
        s->in_use[id] = true;
    }
    return true;
}

static int bind(sqlite3_stmt *st, int at, const Value *v) {
    switch (v->kind) {
    case VALUE_INT:
        return sqlite3_bind_int64(st, at, v->number);
    case VALUE_TEXT:
        return sqlite3_bind_text64(st, at, v->data, v->n, SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_BYTES: /* a NULL pointer would bind NULL */
        return sqlite3_bind_blob64(st, at, v->n == 0 ? "" : v->data, v->n, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

bool query_begin(Store *s, SqlId id, const Value *v, size_t n, Query *ret, CvkErr *err) {
    Query q = {.s = s, .id = id};
    if (s->in_transaction && sqlite3_get_autocommit(s->db) != 0)
        return cvk_fail(err, CVK_EBACKEND, "store.rolled_back",
                        "the transaction was rolled back after an error");
    if (!statement_for(s, id, &q, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        int rc = bind(q.st, (int)i + 1, &v[i]);
        if (rc != SQLITE_OK) {
            query_done(&q);
            return sql_fail(s, rc, "cannot bind a value", err);
        }
    }
    *ret = q;
    return true;
}

bool query_next(Query *q, bool *ret_row, CvkErr *err) {
    int rc = sqlite3_step(q->st);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return sql_fail(q->s, rc, "the database refused", err);
    *ret_row = rc == SQLITE_ROW;
    return true;
}

void query_done(Query *q) {
    if (q->st == NULL)
        return;
    if (q->own) {
        sqlite3_finalize(q->st);
    } else {
        sqlite3_reset(q->st);
        sqlite3_clear_bindings(q->st);
        q->s->in_use[q->id] = false;
    }
    q->st = NULL;
}

bool sql_run(Store *s, SqlId id, const Value *v, size_t n, int64_t *ret_changed, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    bool row;
    if (!query_begin(s, id, v, n, &q, err) || !query_next(&q, &row, err))
        return false;
    if (ret_changed != NULL)
        *ret_changed = sqlite3_changes64(s->db);
    return true;
}

/* ---- columns ---- */

static bool damaged(Query *q, int at, CvkErr *err) {
    return cvk_fail(err, CVK_EBACKEND, "store.damaged",
                    "column '%s' holds what we never wrote: restore the database from a backup",
                    sqlite3_column_name(q->st, at));
}

bool column_null(Query *q, int at) {
    return sqlite3_column_type(q->st, at) == SQLITE_NULL;
}

bool column_int(Query *q, int at, int64_t min, int64_t max, int64_t *ret, CvkErr *err) {
    int64_t v = sqlite3_column_int64(q->st, at);
    if (sqlite3_column_type(q->st, at) != SQLITE_INTEGER || v < min || v > max)
        return damaged(q, at, err);
    *ret = v;
    return true;
}

bool column_bytes(Query *q, int at, size_t max, const uint8_t **ret, size_t *ret_n, CvkErr *err) {
    if (sqlite3_column_type(q->st, at) != SQLITE_BLOB)
        return damaged(q, at, err);
    const void *data = sqlite3_column_blob(q->st, at);
    size_t n = (size_t)sqlite3_column_bytes(q->st, at);
    if (n > max || (data == NULL && n != 0))
        return damaged(q, at, err);
    *ret = data;
    *ret_n = n;
    return true;
}

bool column_fixed(Query *q, int at, uint8_t *ret, size_t n, CvkErr *err) {
    const uint8_t *data;
    size_t got;
    if (!column_bytes(q, at, n, &data, &got, err))
        return false;
    if (got != n)
        return damaged(q, at, err);
    memcpy(ret, data, n);
    return true;
}

bool column_str(Query *q, int at, size_t max, const char **ret, size_t *ret_n, CvkErr *err) {
    if (sqlite3_column_type(q->st, at) != SQLITE_TEXT)
        return damaged(q, at, err);
    const char *text = (const char *)sqlite3_column_text(q->st, at);
    size_t n = (size_t)sqlite3_column_bytes(q->st, at);
    if (text == NULL || n > max || strlen(text) != n)
        return damaged(q, at, err);
    *ret = text;
    *ret_n = n;
    return true;
}

bool column_text(Query *q, int at, char *ret, size_t cap, CvkErr *err) {
    const char *text;
    size_t n;
    if (!column_str(q, at, cap - 1, &text, &n, err))
        return false;
    memcpy(ret, text, n + 1);
    return true;
}
