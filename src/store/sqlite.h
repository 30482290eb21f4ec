/* SQLite made bearable: statements from a table, values bound from an array, results read with
 * their type and length checked. Only the files of store/ and its tests include it. */
#pragma once

#include "store/store.h"

#include <sqlite3.h>

#define BUSY_MS 10000 /* how long to wait for another writer */

typedef enum {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_DATA_VERSION,
    SQL_CEREMONY_ADD,
    SQL_CEREMONY_BY_NAME,
    SQL_CEREMONY_ALL,
    SQL_CEREMONY_SWEEP,
    SQL_CEREMONY_LOST,
    SQL_JOURNAL_ADD,
    SQL_JOURNAL_HEAD,
    SQL_JOURNAL_AT,
    SQL_JOURNAL_FROM,
    SQL_JOURNAL_ONE,
    SQL_JOURNAL_BARE,
    SQL_PRIVATE_ADD,
    SQL_HEAD_PUT,
    SQL_HEAD_GET,
    SQL_SNAPSHOT_PUT,
    SQL_SNAPSHOT_GET,
    SQL_SNAPSHOT_DROP,
    SQL_CONTRIBUTION_ADD,
    SQL_CONTRIBUTION_FROM,
    SQL_CONTRIBUTION_OF,
    SQL_CONTRIBUTION_AT,
    SQL_CONTRIBUTION_LAST,
    SQL_KEY_ADD,
    SQL_KEY_SEEN,
    SQL_INVITATION_ADD,
    SQL_INVITATION_GET,
    SQL_INVITATION_ALL,
    SQL_NONCE_USE,
    SQL_NONCE_EXPIRE,
    SQL_SESSION_PUT,
    SQL_SESSION_ALL,
    SQL_SESSION_END,
    SQL_SESSION_REMOVE,
    SQL_SESSION_RENEW,
    SQL_SESSION_ACCOUNT,
    SQL_SESSION_EXPIRE,
    SQL_GENERATION_GET,
    SQL_GENERATION_RAISE,
    SQL_VACUUM_INTO,
    SQL_BEGIN_READ,
    SQL_PARTICIPANT_ADD,
    SQL_PARTICIPANT_SET,
    SQL_PARTICIPANT_DESCRIBE,
    SQL_PARTICIPANT_FROM,
    SQL_BATCH_ADD,
    SQL_BATCH_RETIRE,
    SQL_BATCH_DESCRIBE,
    SQL_BATCH_FROM,
    SQL_BATCH_LIKE,
    SQL_REQUEST_ADD,
    SQL_REQUEST_CLOSE,
    SQL_REQUEST_REOPEN,
    SQL_REQUEST_SERVED,
    SQL_REQUEST_FROM,
    SQL_REQUEST_UNPROVED,
    SQL_REQUEST_TOKEN,
    SQL_SUBMISSION_ADD,
    SQL_SUBMISSION_FROM,
    SQL_SUBMISSION_SEEN,
    SQL_ATTEMPT_ADD,
    SQL_ATTEMPT_FROM,
    SQL_ATTEMPT_LAST,
    SQL_ATTEMPT_COUNT,
    SQL_MARKET_COUNT,
    SQL_DEPLOYMENT_PUT,
    SQL_DEPLOYMENT_ALL,
    SQL_PUBLIC_PUT,
    SQL_PUBLIC_ALL,
    SQL_N
} SqlId;
extern const char *const store_statements[SQL_N]; /* statements.c */

struct Store {
    sqlite3 *db;
    sqlite3_stmt *cached[SQL_N]; /* made when first used; one in use is not handed out again */
    bool in_use[SQL_N];
    bool in_transaction; /* what the caller thinks: SQLite may have rolled back by itself */
};

/* ---- statements ---- */
typedef struct {
    enum { VALUE_INT, VALUE_TEXT, VALUE_BYTES } kind;
    int64_t number;
    const void *data;
    size_t n;
} Value;
#define INT(v) ((Value){.kind = VALUE_INT, .number = (int64_t)(v)})
#define STR(s) ((Value){.kind = VALUE_TEXT, .data = (s), .n = strlen(s)})
#define TEXT_N(s, size) ((Value){.kind = VALUE_TEXT, .data = (s), .n = (size)})
#define BYTES(p, size) ((Value){.kind = VALUE_BYTES, .data = (p), .n = (size)})

typedef struct {
    Store *s;
    SqlId id;
    sqlite3_stmt *st;
    bool own; /* not the cached one */
} Query;

/* Values are bound by reference: they must live until query_done. */
bool query_begin(Store *s, SqlId id, const Value *v, size_t n, Query *ret, CvkErr *err) MUST_USE;
/* *ret_row: there is a row. False: the error of SQLite as ours; what must be rolled back, is. */
bool query_next(Query *q, bool *ret_row, CvkErr *err) MUST_USE;
void query_done(Query *q); /* fine on a zeroed one */
#define _cleanup_query_ __attribute__((cleanup(query_done)))

/* Runs a statement that gives no rows; *ret_changed (may be NULL): rows it changed. */
bool sql_run(Store *s, SqlId id, const Value *v, size_t n, int64_t *ret_changed,
             CvkErr *err) MUST_USE;
#define RUN(s, id, ret_changed, err, ...)                                                          \
    sql_run(s, id, (const Value[]){__VA_ARGS__}, sizeof((Value[]){__VA_ARGS__}) / sizeof(Value),   \
            ret_changed, err)
#define QUERY(s, id, ret, err, ...)                                                                \
    query_begin(s, id, (const Value[]){__VA_ARGS__},                                               \
                sizeof((Value[]){__VA_ARGS__}) / sizeof(Value), ret, err)

/* Fails with SQLite's text: "store.full", "store.busy", "store.constraint" or "store.sqlite". */
bool sql_fail(Store *s, int rc, const char *what, CvkErr *err);

/* ---- columns: what a database file holds is not trusted either; CVK_EBACKEND "store.damaged" ----
 */
bool column_null(Query *q, int at);
bool column_int(Query *q, int at, int64_t min, int64_t max, int64_t *ret, CvkErr *err) MUST_USE;
/* At most cap - 1 bytes without a zero byte, zero-terminated. */
bool column_text(Query *q, int at, char *ret, size_t cap, CvkErr *err) MUST_USE;
/* By reference, until the next step; at most max bytes, no zero byte within. */
bool column_str(Query *q, int at, size_t max, const char **ret, size_t *ret_n,
                CvkErr *err) MUST_USE;
/* Exactly n bytes. */
bool column_fixed(Query *q, int at, uint8_t *ret, size_t n, CvkErr *err) MUST_USE;
/* By reference, until the next step. */
bool column_bytes(Query *q, int at, size_t max, const uint8_t **ret, size_t *ret_n,
                  CvkErr *err) MUST_USE;

/* ---- rows, for salvage ---- */
/* A row of SQL_JOURNAL_*, which must be entry `seq` and extend the chain: "journal.broken". By
 * reference, until the next step. */
bool journal_row(Query *q, uint64_t seq, const uint8_t before[32], StoreEntry *ret,
                 CvkErr *err) MUST_USE;
/* A row of SQL_CONTRIBUTION_*; by reference too. */
bool contribution_row(Query *q, StoreContribution *ret, CvkErr *err) MUST_USE;
/* Opens the file as it is: neither mark nor schema are looked at. */
bool store_open_raw(const char *path, Store **ret, CvkErr *err) MUST_USE;

/* ---- schema ---- */
#define STORE_APPLICATION_ID 0x63766b31 /* "cvk1" */
/* Brings the schema to this release's, or refuses the file. */
bool schema_ready(Store *s, bool create, CvkErr *err) MUST_USE;
/* Changes nothing; refuses the same files. */
bool schema_is_old(Store *s, bool *ret, CvkErr *err) MUST_USE;
