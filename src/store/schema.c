/* The schema, by steps: step i brings version i to i + 1 (PRAGMA user_version). A step that was
 * ever released is never changed. */
#include "store/sqlite.h"

#include <stdio.h>
#include <string.h>

static const char *const steps[] = {
    /* 0 -> 1 */
    "CREATE TABLE ceremony ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  kind TEXT NOT NULL,"
    "  definition TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE journal ("
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"
    "  seq INTEGER NOT NULL CHECK (seq > 0),"
    "  json TEXT NOT NULL,"
    "  hash BLOB NOT NULL CHECK (length(hash) = 32),"
    "  PRIMARY KEY (ceremony, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE snapshot ("
    "  ceremony INTEGER PRIMARY KEY REFERENCES ceremony (id),"
    "  seq INTEGER NOT NULL,"
    "  state BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE contribution ("
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"
    "  idx INTEGER NOT NULL CHECK (idx > 0),"
    "  seq INTEGER NOT NULL,"
    "  identity TEXT NOT NULL,"
    "  response BLOB NOT NULL CHECK (length(response) = 32),"
    "  session BLOB NOT NULL CHECK (length(session) = 32),"
    "  record BLOB NOT NULL,"
    "  receipt TEXT NOT NULL,"
    "  signature TEXT NOT NULL,"
    "  PRIMARY KEY (ceremony, idx),"
    "  UNIQUE (ceremony, seq),"
    "  FOREIGN KEY (ceremony, seq) REFERENCES journal (ceremony, seq)"
    "    DEFERRABLE INITIALLY DEFERRED" /* either may be written first */
    ") STRICT;"
    "CREATE INDEX contribution_upload ON contribution (session, response);"
    "CREATE TABLE used_key ("
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"
    "  key BLOB NOT NULL,"
    "  PRIMARY KEY (ceremony, key)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE invitation ("
    "  address BLOB PRIMARY KEY NOT NULL CHECK (length(address) = 20),"
    "  identity TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE session ("
    "  hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),"
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"
    "  identity TEXT NOT NULL,"
    "  created_ms INTEGER NOT NULL,"
    "  expires_ms INTEGER NOT NULL,"
    "  ended INTEGER NOT NULL CHECK (ended IN (0, 1))"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX session_identity ON session (ceremony, identity);"
    "CREATE INDEX session_live ON session (ceremony, ended, expires_ms);"
    "CREATE INDEX session_expiry ON session (expires_ms);",
    /* 1 -> 2 */
    "CREATE TABLE journal_private (" /* a row may be deleted: the journal holds without it */
    "  ceremony INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL,"
    "  salt BLOB NOT NULL CHECK (length(salt) = 32),"
    "  json TEXT NOT NULL,"
    "  PRIMARY KEY (ceremony, seq),"
    "  FOREIGN KEY (ceremony, seq) REFERENCES journal (ceremony, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE journal_head ("
    "  ceremony INTEGER PRIMARY KEY,"
    "  seq INTEGER NOT NULL,"
    "  hash BLOB NOT NULL CHECK (length(hash) = 32),"
    "  root BLOB NOT NULL CHECK (length(root) = 32),"
    "  FOREIGN KEY (ceremony, seq) REFERENCES journal (ceremony, seq)"
    ") STRICT;",
    /* 2 -> 3 */
    "CREATE TABLE used_nonce ("
    "  nonce BLOB PRIMARY KEY NOT NULL CHECK (length(nonce) = 16),"
    "  expires_ms INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX used_nonce_expiry ON used_nonce (expires_ms);",
    /* 3 -> 4 */
    "CREATE TABLE session_generation (" /* of those who have logged out; others have 0 */
    "  ceremony INTEGER NOT NULL REFERENCES ceremony (id),"
    "  identity TEXT NOT NULL,"
    "  generation INTEGER NOT NULL CHECK (generation > 0),"
    "  PRIMARY KEY (ceremony, identity)"
    ") STRICT, WITHOUT ROWID;"
    "DROP INDEX session_live;", /* memory counts them now */
    /* 4 -> 5: prover experiments. An experiment is a ceremony whose kind is "market". Groups are
       numbers of its rules (-1: none), states are RequestState, money is micro-cents, rate is
       micro-cents an hour (-1: not said) */
    "CREATE TABLE participant ("
    "  experiment INTEGER NOT NULL REFERENCES ceremony (id),"
    "  id INTEGER NOT NULL CHECK (id > 0),"
    "  secret BLOB NOT NULL CHECK (length(secret) = 32)," /* sha256 of the id */
    "  token BLOB NOT NULL CHECK (length(token) = 18),"
    "  grp INTEGER NOT NULL,"
    "  label TEXT NOT NULL,"
    "  note TEXT NOT NULL,"
    "  allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),"
    "  created_ms INTEGER NOT NULL,"
    "  PRIMARY KEY (experiment, id),"
    "  UNIQUE (experiment, secret)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE batch ("
    "  experiment INTEGER NOT NULL REFERENCES ceremony (id),"
    "  id INTEGER NOT NULL CHECK (id > 0),"
    "  name TEXT NOT NULL,"
    "  sha256 BLOB NOT NULL CHECK (length(sha256) = 32)," /* the blob */
    "  size INTEGER NOT NULL CHECK (size >= 0),"
    "  verifier TEXT NOT NULL,"
    "  params TEXT NOT NULL,"
    "  expect TEXT NOT NULL,"
    "  covariates TEXT NOT NULL,"
    "  block INTEGER NOT NULL CHECK (block > 0),"
    "  retired INTEGER NOT NULL CHECK (retired IN (0, 1)),"
    "  created_ms INTEGER NOT NULL,"
    "  PRIMARY KEY (experiment, id),"
    "  UNIQUE (experiment, name),"
    "  UNIQUE (experiment, sha256)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE request ("
    "  experiment INTEGER NOT NULL,"
    "  id INTEGER NOT NULL CHECK (id > 0),"
    "  participant INTEGER NOT NULL,"
    "  batch INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL CHECK (seq > 0),"
    "  token BLOB NOT NULL CHECK (length(token) = 18),"
    "  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),"
    "  issued_ms INTEGER NOT NULL,"
    "  since_ms INTEGER NOT NULL,"
    "  closed_ms INTEGER NOT NULL,"
    "  body BLOB NOT NULL CHECK (length(body) = 32)," /* zeros: none was accepted */
    "  refetches INTEGER NOT NULL,"
    "  first_get_ms INTEGER NOT NULL,"
    "  last_get_ms INTEGER NOT NULL,"
    "  bytes_served INTEGER NOT NULL,"
    "  whole INTEGER NOT NULL," /* downloads of all of it */
    "  PRIMARY KEY (experiment, id),"
    "  UNIQUE (experiment, participant, batch),"
    "  UNIQUE (experiment, token),"
    "  FOREIGN KEY (experiment, participant) REFERENCES participant (experiment, id),"
    "  FOREIGN KEY (experiment, batch) REFERENCES batch (experiment, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE submission ("
    "  experiment INTEGER NOT NULL,"
    "  request INTEGER NOT NULL,"
    "  proof BLOB NOT NULL CHECK (length(proof) = 32)," /* the blob */
    "  proof_n INTEGER NOT NULL,"
    "  canonical BLOB NOT NULL CHECK (length(canonical) = 32),"
    "  proving_ms INTEGER NOT NULL,"
    "  cost INTEGER NOT NULL,"
    "  price INTEGER NOT NULL,"
    "  cost_text TEXT NOT NULL,"
    "  price_text TEXT NOT NULL,"
    "  deployment TEXT NOT NULL,"
    "  deployment_is_text INTEGER NOT NULL CHECK (deployment_is_text IN (0, 1)),"
    "  acceleration TEXT NOT NULL,"
    "  extra TEXT NOT NULL,"
    "  received_ms INTEGER NOT NULL,"
    "  verify_us INTEGER NOT NULL,"
    "  verifier TEXT NOT NULL,"
    "  flags INTEGER NOT NULL,"
    "  attempts INTEGER NOT NULL,"
    "  PRIMARY KEY (experiment, request),"
    "  FOREIGN KEY (experiment, request) REFERENCES request (experiment, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX submission_canonical ON submission (experiment, canonical);"
    "CREATE TABLE attempt ("
    "  experiment INTEGER NOT NULL REFERENCES ceremony (id),"
    "  id INTEGER NOT NULL CHECK (id > 0),"
    "  request INTEGER NOT NULL," /* 0: of none that there is */
    "  participant INTEGER NOT NULL,"
    "  received_ms INTEGER NOT NULL,"
    "  verdict TEXT NOT NULL,"
    "  proof BLOB NOT NULL CHECK (length(proof) = 32)," /* its sha256; zeros: there was none */
    "  proof_n INTEGER NOT NULL,"
    "  verify_us INTEGER NOT NULL,"
    "  why TEXT NOT NULL,"
    "  PRIMARY KEY (experiment, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX attempt_request ON attempt (experiment, request);"
    "CREATE TABLE deployment ("
    "  experiment INTEGER NOT NULL,"
    "  participant INTEGER NOT NULL,"
    "  deployment TEXT NOT NULL,"
    "  description TEXT NOT NULL,"
    "  hardware TEXT NOT NULL,"
    "  rate INTEGER NOT NULL,"
    "  power_w INTEGER NOT NULL,"
    "  changed_ms INTEGER NOT NULL,"
    "  PRIMARY KEY (experiment, participant, deployment),"
    "  FOREIGN KEY (experiment, participant) REFERENCES participant (experiment, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE public_file ("
    "  experiment INTEGER NOT NULL REFERENCES ceremony (id),"
    "  name TEXT NOT NULL,"
    "  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),"
    "  size INTEGER NOT NULL,"
    "  PRIMARY KEY (experiment, name)"
    ") STRICT, WITHOUT ROWID;",
    /* 5 -> 6: how a participant is reached */
    "ALTER TABLE participant ADD COLUMN contact TEXT NOT NULL DEFAULT '';",
};
#define RETRY_MS 20
#define VERSION ((int64_t)(sizeof steps / sizeof steps[0]))

static bool execute(Store *s, const char *sql, CvkErr *err) {
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK || sql_fail(s, rc, "the database refused", err);
}

/* The one integer that `sql` gives. */
static bool ask(Store *s, const char *sql, int64_t *ret, CvkErr *err) {
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    bool ok = rc == SQLITE_ROW;
    if (ok)
        *ret = sqlite3_column_int64(st, 0);
    else
        sql_fail(s, rc, "cannot read the database", err);
    sqlite3_finalize(st);
    return ok;
}

/* Sets *ret_version; false: the file is not ours, or too new. An empty file is version 0. */
static bool recognise(Store *s, bool create, int64_t *ret_version, CvkErr *err) {
    int64_t id, version, things;
    if (!ask(s, "PRAGMA application_id", &id, err) ||
        !ask(s, "PRAGMA user_version", &version, err) ||
        !ask(s, "SELECT count(*) FROM sqlite_schema", &things, err))
        return false;
    bool fresh = create && id == 0 && version == 0 && things == 0;
    if (!fresh && (id != STORE_APPLICATION_ID || version < 1))
        return cvk_fail(err, CVK_EBACKEND, "store.foreign", "the database is not one of convoke's");
    if (version > VERSION)
        return cvk_fail(err, CVK_EBACKEND, "store.newer",
                        "the database has version %lld and this release knows %lld: use a newer "
                        "release",
                        (long long)version, (long long)VERSION);
    *ret_version = version;
    return true;
}

static bool migrate(Store *s, bool create, CvkErr *err) {
    char pragma[96];
    int64_t version;
    if (!recognise(s, create, &version, err)) /* again: another process may have been faster */
        return false;
    for (; version < VERSION; version++)
        if (!execute(s, steps[version], err))
            return false;
    snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             STORE_APPLICATION_ID, (int)VERSION);
    return execute(s, pragma, err);
}

/* Where shared memory is missing (some network file systems) SQLite answers with another mode. */
static bool use_wal(Store *s, CvkErr *err) {
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    const char *mode = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
    bool ok = mode != NULL && strcmp(mode, "wal") == 0;
    if (!ok && rc == SQLITE_ROW)
        cvk_fail(err, CVK_EBACKEND, "store.wal", "this file system does not allow SQLite's WAL");
    else if (!ok)
        sql_fail(s, rc, "the database refused", err);
    sqlite3_finalize(st);
    return ok;
}

/* All three answers from one moment: another process may be making the database. */
static bool recognise_now(Store *s, bool create, int64_t *ret_version, CvkErr *err) {
    if (!execute(s, "BEGIN", err))
        return false;
    bool ok = recognise(s, create, ret_version, err);
    return execute(s, "COMMIT", ok ? err : NULL) && ok;
}

/* *ret_version: what it had before. */
static bool make_ready(Store *s, bool create, int64_t *ret_version, CvkErr *err) {
    /* A file that is not ours is left as it was. */
    if (!recognise_now(s, create, ret_version, err) || !use_wal(s, err) ||
        !execute(s, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", err))
        return false;
    if (*ret_version == VERSION)
        return true;
    if (!store_begin(s, err))
        return false;
    if (!migrate(s, create, err)) {
        store_rollback(s);
        return false;
    }
    return store_commit(s, err);
}

/* SQLite does not wait for others where a wait could be for ever, such as when the journal's mode
 * changes or the last user of a database leaves it: then we ask again. */
static bool insist(Store *s, bool create, bool (*fn)(Store *, bool, int64_t *, CvkErr *),
                   int64_t *ret_version, CvkErr *err) {
    CvkErr why = {.code = CVK_OK};
    for (int waited = 0; !fn(s, create, ret_version, &why); waited += RETRY_MS) {
        if (strcmp(why.id, "store.busy") != 0 || waited >= BUSY_MS) {
            if (err != NULL)
                *err = why;
            return false;
        }
        sqlite3_sleep(RETRY_MS);
    }
    return true;
}

bool schema_ready(Store *s, bool create, CvkErr *err) {
    int64_t before;
    return insist(s, create, make_ready, &before, err);
}

bool schema_is_old(Store *s, bool *ret, CvkErr *err) {
    int64_t version = VERSION;
    bool ok = insist(s, false, recognise_now, &version, err);
    *ret = version < VERSION;
    return ok;
}
