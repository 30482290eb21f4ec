/* A new experiment. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/sha256.h"
#include "engine/event_json.h"
#include "run/experiment_private.h"
#include "run/experiment_rules.h"
#include "run/node_private.h"

#include <stdio.h>
#include <string.h>

/* The journal's first entry: the rules are registered before anybody proves anything. */
static bool write_first(Store *s, int64_t id, const MarketEntry *entry, CvkErr *err) {
    static const uint8_t nothing[32];
    _cleanup_buf_ CvkBuf line = CVK_BUF(EVENT_JSON_MAX);
    StoreEntry row = {.seq = 1};
    StoreHead head = {.seq = 1};
    CvkMerkle tree = {.n = 0};
    uint8_t leaf[MERKLE_HASH];
    if (!market_entry_write(entry, &line, err))
        return false;
    row.json = line.data;
    row.n = line.n;
    event_chain(nothing, line.data, line.n, row.hash);
    memcpy(head.hash, row.hash, sizeof head.hash);
    cvk_merkle_leaf(line.data, line.n, leaf);
    cvk_merkle_add(&tree, leaf);
    cvk_merkle_root(&tree, head.root);
    return store_journal_append(s, id, &row, err) && store_head_put(s, id, &head, err);
}

/* Its row, and its journal's first entry. */
static bool create(const Node *n, const char *name, const char *definition, CvkErr *err) {
    MarketEntry entry = {.type = ENTRY_OPENED, .change = {.ms = run_clock_now(n->clock)}};
    int64_t id;
    snprintf(entry.name, sizeof entry.name, "%s", name);
    cvk_sha256(definition, strlen(definition), entry.definition);
    if (!store_begin(n->store, err))
        return false;
    if (node_add_row(n, n->store, name, STORE_MARKET_KIND, definition, &id, err) &&
        write_first(n->store, id, &entry, err) && store_commit(n->store, err))
        return true;
    store_rollback(n->store);
    return false;
}

bool node_experiment_new(Node *n, const char *name, const char *const *settings, CvkErr *err) {
    StoreCeremony row = {.definition = NULL};
    Experiment *e;
    unsigned patience_ms = KEPT_HEAD_PATIENCE_MS;
    _cleanup_free_ char *definition = experiment_definition(name, settings, err);
    if (definition == NULL || !node_has_room(n, err))
        return false;
    pthread_mutex_lock(&n->store_lock);
    bool ok = create(n, name, definition, err) && store_ceremony_find(n->store, name, &row, err);
    pthread_mutex_unlock(&n->store_lock);
    ok = ok && node_open_experiment(n, &row, &e, err);
    free(row.definition);
    if (ok)
        experiment_keep_head(e, &patience_ms);
    return ok;
}
