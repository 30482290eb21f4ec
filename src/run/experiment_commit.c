/* Transactions: rows, the journal's entries, its head and frontier, durable together; then memory
 * follows. */
#include "base/alloc.h"
#include "base/buf.h"
#include "engine/event_json.h"
#include "run/experiment_private.h"

#include <assert.h>
#include <string.h>

/* ---- what others wrote ---- */

/* Memory has followed one entry more. */
static void advance(Experiment *e, const uint8_t leaf[MERKLE_HASH], const uint8_t hash[32]) {
    cvk_merkle_add(&e->tree, leaf);
    memcpy(e->head, hash, sizeof e->head);
    e->seq++;
}

static bool follow_entry(void *ctx, const StoreEntry *line, CvkErr *err) {
    Experiment *e = ctx;
    MarketEntry entry;
    uint8_t leaf[MERKLE_HASH];
    if (!market_entry_read(line->json, line->n, &entry, err) || !experiment_follow(e, &entry, err))
        return cvk_fail_prefix(err, "entry %llu", (unsigned long long)line->seq);
    cvk_merkle_leaf(line->json, line->n, leaf);
    advance(e, leaf, line->hash);
    return true;
}

/* What follows an entry that memory does not have would be followed into another state. */
bool experiment_catch_up(Experiment *e, CvkErr *err) {
    uint64_t seq;
    uint8_t hash[32];
    bool found;
    if (!store_journal_head(e->store, e->id, &seq, hash, err) ||
        (seq > e->seq && !store_journal_at(e->store, e->id, e->seq, hash, &found, err)))
        return false;
    if (seq < e->seq)
        return cvk_fail(err, CVK_EBACKEND, "journal.short",
                        "the journal was cut off while it was served: restore the newest backup");
    if (memcmp(hash, e->head, sizeof hash) != 0)
        return cvk_fail(err, CVK_EBACKEND, "journal.broken",
                        "the journal was changed while it was served: restore the newest backup");
    return seq == e->seq || store_journal_each(e->store, e->id, e->seq + 1, follow_entry, e, err);
}

/* Held: watch. The version is read first: whatever is written after that changes it again. Most
 * writers are ourselves, and then memory has followed. */
static bool sees_nothing_new(Experiment *e) {
    CvkErr ignored; /* who makes it current meets it again */
    int64_t version;
    uint64_t seq;
    if (!store_version(e->watch, &version, &ignored))
        return false;
    if (version == e->watched)
        return true;
    if (!store_journal_head(e->watch, e->id, &seq, NULL, &ignored) || seq != e->seq)
        return false;
    e->watched = version;
    return true;
}

bool experiment_is_current(Experiment *e) {
    pthread_mutex_lock(&e->watch_lock);
    bool ret = sees_nothing_new(e);
    pthread_mutex_unlock(&e->watch_lock);
    return ret;
}

bool experiment_make_current(Experiment *e, CvkErr *err) {
    pthread_mutex_lock(&e->writer);
    bool ok = experiment_catch_up(e, err);
    pthread_mutex_unlock(&e->writer);
    return ok;
}

/* ---- transactions ---- */

bool experiment_begin(Experiment *e, CvkErr *err) {
    assert(!e->tables_only);
    pthread_mutex_lock(&e->writer);
    if (!store_begin(e->store, err)) {
        pthread_mutex_unlock(&e->writer);
        return false;
    }
    if (!experiment_catch_up(e, err)) {
        store_rollback(e->store);
        pthread_mutex_unlock(&e->writer);
        return false;
    }
    e->n_pending = 0;
    e->next_seq = e->seq;
    e->next_tree = e->tree;
    memcpy(e->next_head, e->head, sizeof e->head);
    return true;
}

bool experiment_log(Experiment *e, const MarketEntry *entry, CvkErr *err) {
    _cleanup_buf_ CvkBuf line = CVK_BUF(EVENT_JSON_MAX);
    StoreEntry row = {.seq = e->next_seq + 1};
    if (!cvk_grow(&e->pending, e->n_pending, &e->pending_cap, sizeof *e->pending, err) ||
        !market_entry_write(entry, &line, err))
        return false;
    row.json = line.data;
    row.n = line.n;
    event_chain(e->next_head, line.data, line.n, row.hash);
    if (!store_journal_append(e->store, e->id, &row, err))
        return false;
    Pending *p = &e->pending[e->n_pending++];
    p->entry = *entry;
    memcpy(p->hash, row.hash, sizeof row.hash);
    cvk_merkle_leaf(line.data, line.n, p->leaf);
    cvk_merkle_add(&e->next_tree, p->leaf);
    memcpy(e->next_head, row.hash, sizeof row.hash);
    e->next_seq++;
    return true;
}

/* The frontier is kept with each head, so that a start need not read the journal. */
static bool put_head(Experiment *e, CvkErr *err) {
    uint8_t packed[MERKLE_PACKED_MAX];
    StoreHead head = {.seq = e->next_seq};
    memcpy(head.hash, e->next_head, sizeof head.hash);
    cvk_merkle_root(&e->next_tree, head.root);
    return store_head_put(e->store, e->id, &head, err) &&
           store_snapshot_put(e->store, e->id, e->next_seq, packed,
                              cvk_merkle_pack(&e->next_tree, packed), err);
}

/* It is durable. Where memory is too short to follow, the next command reads the rest of it. */
static void follow_pending(Experiment *e) {
    CvkErr ignored;
    for (size_t i = 0; i < e->n_pending; i++) {
        if (!experiment_follow(e, &e->pending[i].entry, &ignored))
            return;
        advance(e, e->pending[i].leaf, e->pending[i].hash);
    }
}

bool experiment_end(Experiment *e, bool ok, CvkErr *err) {
    if (ok)
        ok = (e->n_pending == 0 || put_head(e, err)) && store_commit(e->store, err);
    if (ok) {
        e->wrote = e->wrote || e->n_pending != 0;
        follow_pending(e);
    } else {
        store_rollback(e->store);
    }
    pthread_mutex_unlock(&e->writer);
    return ok;
}

/* ---- the kept head ---- */

void experiment_keep_head(Experiment *e, unsigned *patience_ms) {
    uint8_t root[MERKLE_HASH];
    pthread_mutex_lock(&e->writer);
    uint64_t entries = e->tree.n;
    cvk_merkle_root(&e->tree, root);
    pthread_mutex_unlock(&e->writer);
    kept_head_keep(&e->kept_head, entries, root, patience_ms);
}
