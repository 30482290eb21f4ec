/* The journal: entries with their private parts, heads, snapshots. */
#include "base/alloc.h"
#include "engine/event_json.h"
#include "store/sqlite.h"

#include <inttypes.h>
#include <string.h>

/* ---- entries ---- */

static bool broken(CvkErr *err, uint64_t seq, const char *why) {
    return cvk_fail(err, CVK_EBACKEND, "journal.broken",
                    "entry %" PRIu64 " of the journal %s: restore the database from a backup", seq,
                    why);
}

bool store_journal_append(Store *s, int64_t ceremony, const StoreEntry *e, CvkErr *err) {
    uint64_t head;
    uint8_t before[32], hash[32];
    if (e->n > EVENT_JSON_MAX || e->seq > INT64_MAX ||
        (e->part != NULL && e->part_n > STORE_PART_MAX))
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
    if (added != 1)
        return cvk_fail(err, CVK_ECONFLICT, "store.conflict",
                        "another has written entry %" PRIu64 " of the journal", e->seq);
    return e->part == NULL || RUN(s, SQL_PRIVATE_ADD, NULL, err, INT(ceremony), INT(e->seq),
                                  BYTES(e->salt, sizeof e->salt), TEXT_N(e->part, e->part_n));
}

/* The seq and hash of a query's only row; seq 0 and zeros when there is none. */
static bool head_row(Query *q, uint64_t *ret_seq, uint8_t *ret_hash, CvkErr *err) {
    uint8_t hash[32] = {0};
    int64_t seq = 0;
    bool row;
    if (!query_next(q, &row, err))
        return false;
    if (row && (!column_int(q, 0, 1, INT64_MAX - 1, &seq, err) ||
                !column_fixed(q, 1, hash, sizeof hash, err)))
        return false;
    *ret_seq = (uint64_t)seq;
    if (ret_hash != NULL)
        memcpy(ret_hash, hash, sizeof hash);
    return true;
}

bool store_journal_head(Store *s, int64_t ceremony, uint64_t *ret_seq, uint8_t *ret_hash,
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

static bool private_row(Query *q, StoreEntry *ret) {
    ret->part = NULL;
    ret->part_n = 0;
    memset(ret->salt, 0, sizeof ret->salt);
    return column_null(q, 3) || (column_fixed(q, 3, ret->salt, sizeof ret->salt, NULL) &&
                                 column_str(q, 4, STORE_PART_MAX, &ret->part, &ret->part_n, NULL));
}

/* The entry of a row, checked against the hash before it. */
bool journal_row(Query *q, uint64_t seq, const uint8_t before[32], StoreEntry *ret, CvkErr *err) {
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
    if (!private_row(q, ret))
        return broken(err, seq, "has a damaged private part");
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
            return cvk_fail_prefix(err, "entry %" PRIu64 " of the journal", seq);
        if (!row)
            return true;
        if (seq == (from == 0 ? 1 : from) && !chain_before(s, ceremony, seq, before, err))
            return false;
        if (!journal_row(&q, seq, before, &e, err) || !fn(ctx, &e, err))
            return false;
        memcpy(before, e.hash, sizeof before);
    }
}

/* ---- heads ---- */

bool store_head_put(Store *s, int64_t ceremony, const StoreHead *h, CvkErr *err) {
    int64_t put = 0;
    if (h->seq <= INT64_MAX && !RUN(s, SQL_HEAD_PUT, &put, err, INT(ceremony), INT(h->seq),
                                    BYTES(h->hash, sizeof h->hash), BYTES(h->root, sizeof h->root)))
        return false;
    return put == 1 || cvk_fail(err, CVK_EINTERNAL, "store.head",
                                "entry %" PRIu64 " is not the journal's newest", h->seq);
}

static bool ends_elsewhere(uint64_t end, uint64_t head, CvkErr *err) {
    return cvk_fail(err, CVK_EBACKEND, "journal.short",
                    "the journal ends with entry %" PRIu64 " and its head is entry %" PRIu64
                    ": restore the database from a backup",
                    end, head);
}

bool store_head_get(Store *s, int64_t ceremony, StoreHead *ret, bool *ret_found, CvkErr *err) {
    _cleanup_query_ Query q = {0};
    StoreHead h;
    uint8_t hash[32];
    int64_t seq, end = 0;
    bool row;
    if (!QUERY(s, SQL_HEAD_GET, &q, err, INT(ceremony)) || !query_next(&q, &row, err))
        return false;
    *ret_found = row;
    if (!row)
        return true;
    if (!column_int(&q, 0, 1, INT64_MAX - 1, &seq, err) ||
        !column_fixed(&q, 1, h.hash, sizeof h.hash, err) ||
        !column_fixed(&q, 2, h.root, sizeof h.root, err) ||
        (!column_null(&q, 3) && (!column_int(&q, 3, 1, INT64_MAX - 1, &end, err) ||
                                 !column_fixed(&q, 4, hash, sizeof hash, err))))
        return false;
    h.seq = (uint64_t)seq;
    if (end != seq)
        return ends_elsewhere((uint64_t)end, h.seq, err);
    if (memcmp(h.hash, hash, sizeof hash) != 0)
        return broken(err, h.seq, "is not the one of its head");
    *ret = h;
    return true;
}

/* ---- snapshots ---- */

bool store_snapshot_put(Store *s, int64_t ceremony, uint64_t seq, const void *state, size_t n,
                        CvkErr *err) {
    if (n > LIMIT_SNAPSHOT || seq > INT64_MAX)
        return cvk_fail(err, CVK_ELIMIT, "snapshot.big", "the snapshot is too big");
    return RUN(s, SQL_SNAPSHOT_PUT, NULL, err, INT(ceremony), INT(seq), BYTES(state, n));
}

bool store_snapshot_drop(Store *s, int64_t ceremony, CvkErr *err) {
    return RUN(s, SQL_SNAPSHOT_DROP, NULL, err, INT(ceremony));
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
