#include "store/salvage.h"

#include "base/alloc.h"
#include "base/merkle.h"
#include "base/sha256.h"
#include "engine/event_json.h"
#include "store/sqlite.h"

#include <string.h>

#define VALUE_MAX (4 << 20) /* no value that we ever wrote and that is read here is longer */

struct Salvage {
    Store *from;
};

bool salvage_open(const char *path, Salvage **ret, CvkErr *err) {
    Salvage *x = cvk_alloc(1, sizeof *x, err);
    uint64_t seq;
    if (x == NULL)
        return false;
    if (!store_open_raw(path, &x->from, err) || !store_journal_head(x->from, 0, &seq, NULL, err)) {
        salvage_close(x);
        return false;
    }
    sqlite3_limit(x->from->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
    *ret = x;
    return true;
}

Salvage *salvage_close(Salvage *from) {
    if (from != NULL)
        store_close(from->from);
    free(from);
    return NULL;
}

/* ---- rows as they are ---- */

typedef struct {
    const char *read, *add;
    int64_t since; /* the schema's version that has it first; 0: any */
} Table;

/* A row that breaks a rule of its table is passed over. */
static bool add_row(Store *s, sqlite3_stmt *add, sqlite3_stmt *row, bool *whole, CvkErr *err) {
    int rc = SQLITE_OK;
    for (int i = 0; i < sqlite3_column_count(row) && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_value(add, i + 1, sqlite3_column_value(row, i));
    if (rc == SQLITE_OK)
        rc = sqlite3_step(add);
    sqlite3_reset(add);
    if ((rc & 0xff) == SQLITE_CONSTRAINT)
        *whole = false;
    else if (rc != SQLITE_DONE)
        return sql_fail(s, rc, "cannot take over a row", err);
    return true;
}

/* 0: that cannot be told. */
static int64_t version_of(const Store *s) {
    sqlite3_stmt *st = NULL;
    bool ok = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL) == SQLITE_OK &&
              sqlite3_step(st) == SQLITE_ROW;
    int64_t version = ok ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_finalize(st);
    return version;
}

/* What s has stays. *whole is set to false when a row could not be taken. */
static bool add_rows(Salvage *from, Store *s, const Table *t, bool *whole, CvkErr *err) {
    sqlite3_stmt *row = NULL, *add = NULL;
    int64_t version = version_of(from->from);
    if (version != 0 && version < t->since)
        return true; /* it is older than this table */
    int rc = sqlite3_prepare_v2(s->db, t->add, -1, &add, NULL);
    bool ok = rc == SQLITE_OK || sql_fail(s, rc, "cannot prepare a statement", err);
    rc = sqlite3_prepare_v2(from->from->db, t->read, -1, &row, NULL);
    if (rc == SQLITE_OK)
        while (ok && (rc = sqlite3_step(row)) == SQLITE_ROW)
            ok = add_row(s, add, row, whole, err);
    *whole = *whole && rc == SQLITE_DONE;
    sqlite3_finalize(row);
    sqlite3_finalize(add);
    return ok;
}

/* ---- ceremonies ---- */

bool salvage_ceremonies(Salvage *from, Store *s, CvkErr *err) {
    static const Table ceremonies = {"SELECT id, name, kind, definition, created_ms FROM ceremony",
                                     "INSERT OR IGNORE INTO ceremony VALUES (?1, ?2, ?3, ?4, ?5)",
                                     0};
    bool ignored = true;
    return add_rows(from, s, &ceremonies, &ignored, err);
}

bool salvage_matches(Salvage *from, Store *s, const StoreCeremony *c, bool *ret, CvkErr *err) {
    uint64_t end;
    uint8_t ours[32], theirs[32];
    bool found;
    if (!store_journal_head(s, c->id, &end, ours, err))
        return false;
    *ret = end == 0;
    for (uint64_t seq = 1; seq <= end && !*ret; seq++) {
        if (!store_journal_at(s, c->id, seq, ours, &found, err))
            return false;
        *ret = store_journal_at(from->from, c->id, seq, theirs, &found, NULL) && found &&
               memcmp(ours, theirs, sizeof ours) == 0;
    }
    return true;
}

/* ---- journals ---- */

typedef struct {
    Store *from, *into;
    int64_t ceremony;
    StoreSalvaged *told;
} Taking;

/* Entry `seq` of the damaged database, if it extends the chain. Without its private part if that
 * cannot be read. */
static bool entry_at(Store *from, int64_t ceremony, uint64_t seq, const uint8_t before[32],
                     Query *q, StoreEntry *ret) {
    static const SqlId ways[] = {SQL_JOURNAL_ONE, SQL_JOURNAL_BARE};
    for (size_t i = 0; i < 2; i++) {
        bool row;
        query_done(q);
        if (QUERY(from, ways[i], q, NULL, INT(ceremony), INT(seq)) && query_next(q, &row, NULL) &&
            row && journal_row(q, seq, before, ret, NULL))
            return true;
    }
    return false;
}

/* The contribution of an acceptance, if it is the one that the event names. */
static bool contribution_at(Store *from, int64_t ceremony, uint64_t seq, const Event *e, Query *q,
                            StoreContribution *ret) {
    uint8_t record[32];
    bool row;
    if (!QUERY(from, SQL_CONTRIBUTION_AT, q, NULL, INT(ceremony), INT(seq)) ||
        !query_next(q, &row, NULL) || !row || !contribution_row(q, ret, NULL))
        return false;
    cvk_sha256(ret->record, ret->record_n, record);
    return ret->seq == seq && ret->index == e->u.accepted.index &&
           memcmp(ret->response, e->u.accepted.response, sizeof ret->response) == 0 &&
           memcmp(record, e->u.accepted.record, sizeof record) == 0;
}

/* Up to which entry it can be taken over: an acceptance whose contribution is lost ends it, as
 * nothing could be built on it; so does one whose response is lost, unless a later one is there.
 * An admission ends it when whom it admitted is lost: no server could go on from there. */
static uint64_t extent(const Taking *t, uint64_t end, const uint8_t hash[32],
                       bool (*blob)(void *ctx, const uint8_t hash[32]), void *ctx) {
    uint64_t good = end, seq = end;
    uint64_t blobs_lost = 0; /* since `good` */
    uint8_t before[32];
    memcpy(before, hash, sizeof before);
    for (;;) {
        _cleanup_query_ Query q = {0}, r = {0};
        StoreEntry e;
        StoreContribution c;
        Event event;
        bool newest_lost = blobs_lost != 0;
        if (!entry_at(t->from, t->ceremony, ++seq, before, &q, &e) ||
            !event_read(e.json, e.n, &event, NULL))
            return good;
        if (event_has_private(&event) && e.part == NULL) {
            t->told->lost_parts++;
            return good;
        }
        memcpy(before, e.hash, sizeof before);
        if (event.type == EVENT_CONTRIBUTION_ACCEPTED) {
            if (!contribution_at(t->from, t->ceremony, seq, &event, &r, &c))
                return good;
            newest_lost = !blob(ctx, c.response);
            blobs_lost += newest_lost;
        } else if (event.type == EVENT_RESPONSE_STORED) {
            (void)blob(ctx, event.u.stored.response); /* lost: its turn runs out at no cost */
        }
        if (!newest_lost) {
            good = seq;
            t->told->lost_blobs += blobs_lost;
            blobs_lost = 0;
        }
    }
}

static bool changed(CvkErr *err) {
    return cvk_fail(err, CVK_EBACKEND, "salvage.changed",
                    "the damaged database gives something else each time it is read");
}

static bool take_entry(const Taking *t, uint64_t seq, uint8_t before[32], CvkErr *err) {
    _cleanup_query_ Query q = {0}, r = {0};
    StoreEntry e;
    StoreContribution c;
    Event event;
    if (!entry_at(t->from, t->ceremony, seq, before, &q, &e) ||
        !event_read(e.json, e.n, &event, NULL))
        return changed(err);
    memcpy(before, e.hash, 32);
    t->told->entries++;
    if (!store_journal_append(t->into, t->ceremony, &e, err))
        return false;
    if (event.type != EVENT_CONTRIBUTION_ACCEPTED)
        return true;
    t->told->contributions++;
    return contribution_at(t->from, t->ceremony, seq, &event, &r, &c)
               ? store_contribution_add(t->into, t->ceremony, &c, err)
               : changed(err);
}

/* ---- what was lost ---- */

static uint64_t number_of(Store *s, SqlId id, int64_t ceremony) {
    _cleanup_query_ Query q = {0};
    int64_t n;
    bool row;
    return QUERY(s, id, &q, NULL, INT(ceremony)) && query_next(&q, &row, NULL) && row &&
                   column_int(&q, 0, 0, INT64_MAX - 1, &n, NULL)
               ? (uint64_t)n
               : 0;
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static void tell_lost(const Taking *t, uint64_t end) {
    uint64_t had = larger(number_of(t->from, SQL_JOURNAL_HEAD, t->ceremony),
                          number_of(t->from, SQL_HEAD_GET, t->ceremony));
    uint64_t accepted = number_of(t->from, SQL_CONTRIBUTION_LAST, t->ceremony);
    uint64_t kept = number_of(t->into, SQL_CONTRIBUTION_LAST, t->ceremony);
    t->told->lost_entries = had > end ? had - end : 0;
    t->told->lost_contributions = accepted > kept ? accepted - kept : 0;
    t->told->unclear = had < end || accepted < kept;
}

/* ---- the head ---- */

static bool add_leaf(void *ctx, const StoreEntry *e, CvkErr *err) {
    uint8_t leaf[MERKLE_HASH];
    (void)err;
    cvk_merkle_leaf(e->json, e->n, leaf);
    cvk_merkle_add(ctx, leaf);
    return true;
}

static bool put_head(Store *s, int64_t ceremony, uint64_t seq, const uint8_t hash[32],
                     CvkErr *err) {
    CvkMerkle m = {0};
    StoreHead h = {.seq = seq};
    memcpy(h.hash, hash, sizeof h.hash);
    if (!store_journal_each(s, ceremony, 1, add_leaf, &m, err))
        return false;
    cvk_merkle_root(&m, h.root);
    return store_head_put(s, ceremony, &h, err);
}

bool salvage_journal(Salvage *from, Store *s, const StoreCeremony *c,
                     bool (*blob)(void *ctx, const uint8_t hash[32]), void *ctx, StoreSalvaged *ret,
                     CvkErr *err) {
    Taking t = {.from = from->from, .into = s, .ceremony = c->id, .told = ret};
    uint64_t had, seq;
    uint8_t hash[32];
    *ret = (StoreSalvaged){0};
    if (!store_journal_head(s, c->id, &had, hash, err))
        return false;
    uint64_t end = extent(&t, had, hash, blob, ctx);
    for (seq = had + 1; seq <= end; seq++)
        if (!take_entry(&t, seq, hash, err))
            return false;
    tell_lost(&t, end);
    /* Older journals have no head, and then none is invented. */
    bool has_head =
        number_of(s, SQL_HEAD_GET, c->id) != 0 || number_of(t.from, SQL_HEAD_GET, c->id) != 0;
    return end == had || !has_head || put_head(s, c->id, end, hash, err);
}

/* ---- the tables beside it ---- */

bool salvage_tables(Salvage *from, Store *s, bool *ret_whole, CvkErr *err) {
    static const Table tables[] = {
        {"SELECT address, identity, created_ms FROM invitation",
         "INSERT OR IGNORE INTO invitation VALUES (?1, ?2, ?3)", 0},
        {"SELECT hash, ceremony, identity, created_ms, expires_ms, ended FROM session",
         "INSERT OR IGNORE INTO session VALUES (?1, ?2, ?3, ?4, ?5, ?6)", 0},
        {"SELECT ceremony, identity, generation FROM session_generation",
         /* the newer one: ids that ended after the backup stay worthless */
         "INSERT INTO session_generation VALUES (?1, ?2, ?3) ON CONFLICT (ceremony, identity) "
         "DO UPDATE SET generation = max(generation, excluded.generation)",
         4},
    };
    *ret_whole = true;
    if (!sql_run(s, SQL_CEREMONY_SWEEP, NULL, 0, NULL, err))
        return false;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (!add_rows(from, s, &tables[i], ret_whole, err))
            return false;
    return true;
}
