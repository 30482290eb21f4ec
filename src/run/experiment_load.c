/* From tables to memory: all of it at the start, one row at a time behind the journal's entries. */
#include "base/alloc.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "run/experiment_private.h"

#include <string.h>

/* ---- rows ---- */

static MarketChange change_of_participant(const StoreParticipant *p) {
    return (MarketChange){.kind = CHANGE_PARTICIPANT_ADDED,
                          .ms = p->created_ms,
                          .participant = p->id,
                          .group = p->group < 0 ? MARKET_NO_GROUP : (uint32_t)p->group};
}

/* Who is in the index no more, or not yet. */
static void set_prover(Experiment *e, const StoreParticipant *p) {
    Prover *at = &e->provers[p->id - 1];
    cvk_hex_encode(p->secret, sizeof p->secret, at->secret);
    memcpy(at->token, p->token, sizeof at->token);
    id_index_add(&e->by_secret, experiment_provers(e), p->id - 1);
}

static bool add_participant(void *ctx, const StoreParticipant *p, CvkErr *err) {
    Experiment *e = ctx;
    MarketChange c = change_of_participant(p);
    if (!cvk_grow(&e->provers, e->n_provers, &e->provers_cap, sizeof *e->provers, err) ||
        !id_index_reserve(&e->by_secret, experiment_provers(e), e->n_provers + 1, err) ||
        !market_apply(e->state, &c, err))
        return false;
    e->provers[e->n_provers++] = (Prover){.rate_ms = {0}};
    set_prover(e, p);
    return true;
}

static bool add_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    Experiment *e = ctx;
    MarketChange c = {
        .kind = CHANGE_BATCH_ADDED, .ms = b->created_ms, .batch = b->id, .block = b->block};
    return market_apply(e->state, &c, err);
}

static bool add_issued(Experiment *e, const StoreRequest *r, CvkErr *err) {
    if (!cvk_grow(&e->issued, e->n_issued, &e->issued_cap, sizeof *e->issued, err))
        return false;
    IssuedRequest *at = &e->issued[e->n_issued];
    *at = (IssuedRequest){.whole = r->served.whole != 0, .bytes = r->served.bytes};
    memcpy(at->token, r->token, sizeof at->token);
    return true;
}

static bool add_request(void *ctx, const StoreRequest *r, CvkErr *err) {
    Experiment *e = ctx;
    MarketRequest m = {.participant = r->participant,
                       .batch = r->batch,
                       .seq = r->seq,
                       .state = (RequestState)r->state,
                       .issued_ms = r->issued_ms,
                       .since_ms = r->since_ms,
                       .closed_ms = r->closed_ms};
    if (r->id != e->n_issued + 1)
        return cvk_fail(err, CVK_EBACKEND, "market.broken",
                        "request %zu is missing: restore the database from a backup",
                        e->n_issued + 1);
    if (!add_issued(e, r, err) || !market_restore(e->state, &m, r->body, err))
        return false;
    e->n_issued++;
    if (r->issued_ms > e->newest_ms)
        e->newest_ms = r->issued_ms;
    if (r->closed_ms > e->newest_ms)
        e->newest_ms = r->closed_ms;
    return true;
}

static bool disable_participant(void *ctx, const StoreParticipant *p, CvkErr *err) {
    const Experiment *e = ctx;
    MarketChange c = {.kind = CHANGE_PARTICIPANT_ALLOWED, .participant = p->id, .on = false};
    return p->allowed || market_apply(e->state, &c, err);
}

static bool retire_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    const Experiment *e = ctx;
    MarketChange c = {.kind = CHANGE_BATCH_RETIRED, .batch = b->id, .on = false};
    return !b->retired || market_apply(e->state, &c, err);
}

static bool load_rows(Experiment *e, CvkErr *err) {
    return store_participant_each(e->store, e->id, 1, add_participant, e, err) &&
           store_batch_each(e->store, e->id, 1, add_batch, e, err) &&
           store_request_each(e->store, e->id, 1, add_request, e, err) &&
           store_participant_each(e->store, e->id, 1, disable_participant, e, err) &&
           store_batch_each(e->store, e->id, 1, retire_batch, e, err) &&
           store_attempt_last(e->store, e->id, &e->attempts, err);
}

/* ---- the journal ---- */

typedef struct {
    Experiment *e;
    JournalHead kept; /* the newest that was signed */
    bool first_only, ended;
} Reading;

/* The first entry names the definition, which nobody may have changed since. */
static bool check_opened(const Experiment *e, const MarketEntry *entry, CvkErr *err) {
    return (entry->type == ENTRY_OPENED && strcmp(entry->name, e->name) == 0 &&
            memcmp(entry->definition, e->hash, sizeof e->hash) == 0) ||
           cvk_fail(err, CVK_EBACKEND, "journal.definition",
                    "the experiment's definition is not the one that was registered: restore the "
                    "database from a backup");
}

static bool see_entry(void *ctx, const StoreEntry *line, CvkErr *err) {
    Reading *r = ctx;
    MarketEntry entry;
    uint8_t leaf[MERKLE_HASH];
    if (line->seq == 1 &&
        (!market_entry_read(line->json, line->n, &entry, err) || !check_opened(r->e, &entry, err)))
        return false;
    r->ended = r->first_only;
    if (r->ended)
        return false;
    cvk_merkle_leaf(line->json, line->n, leaf);
    cvk_merkle_add(&r->e->tree, leaf);
    return journal_has_head(&r->kept, &r->e->tree, err);
}

/* What the kept head says of entries in the midst of the journal is seen from the entries alone.
 * Whoever reads tables leaves that to who writes. */
static bool must_read(const Experiment *e, const JournalHead *kept, const StoreHead *end) {
    return !e->tables_only && kept->entries != 0 && kept->entries != end->seq;
}

static bool load_frontier(Experiment *e, const StoreHead *head, bool *ret, CvkErr *err) {
    uint8_t root[MERKLE_HASH];
    _cleanup_free_ uint8_t *bytes = NULL;
    uint64_t seq;
    size_t n;
    if (!store_snapshot_get(e->store, e->id, &seq, &bytes, &n, err))
        return false;
    *ret = n != 0 && seq == head->seq && cvk_merkle_unpack(bytes, n, &e->tree) &&
           e->tree.n == head->seq;
    if (*ret) {
        cvk_merkle_root(&e->tree, root);
        *ret = memcmp(root, head->root, sizeof root) == 0;
    }
    if (!*ret)
        e->tree = (CvkMerkle){.n = 0};
    return true;
}

/* Where the frontier is not kept (a directory that was restored), too, the journal is read. */
static bool load_journal(Reading *r, CvkErr *err) {
    Experiment *e = r->e;
    StoreHead head;
    uint8_t root[MERKLE_HASH];
    bool found;
    if (!store_head_get(e->store, e->id, &head, &found, err))
        return false;
    if (!found)
        return cvk_fail(err, CVK_EBACKEND, "journal.short",
                        "the experiment has no journal: restore the database from a backup");
    if (!journal_reaches(&r->kept, head.seq, err))
        return false;
    if (!must_read(e, &r->kept, &head) && !load_frontier(e, &head, &r->first_only, err))
        return false;
    if (!store_journal_each(e->store, e->id, 1, see_entry, r, err) && !r->ended)
        return false;
    cvk_merkle_root(&e->tree, root);
    if (e->tree.n != head.seq || memcmp(root, head.root, sizeof root) != 0)
        return cvk_fail(err, CVK_EBACKEND, "journal.broken",
                        "the journal's entries are not those that were written: restore the "
                        "newest backup");
    e->seq = head.seq;
    memcpy(e->head, head.hash, sizeof e->head);
    return journal_has_head(&r->kept, &e->tree, err);
}

bool experiment_load(Experiment *e, CvkErr *err) {
    Reading r = {.e = e};
    /* The head first: the database is never older than it while somebody writes. */
    if (!kept_head_read(&e->kept_head, &r.kept, err) || !store_begin_read(e->store, err))
        return false;
    bool ok = (e->tables_only || load_rows(e, err)) && load_journal(&r, err);
    store_rollback(e->store);
    run_clock_begin(e->clock, e->newest_ms); /* a wall clock that was set back changes nothing */
    return ok;
}

/* ---- one entry ---- */

static bool take_participant(void *ctx, const StoreParticipant *p, CvkErr *err) {
    Experiment *e = ctx;
    bool ok = true;
    pthread_mutex_lock(&e->published);
    if (p->id > e->n_provers) {
        ok = add_participant(e, p, err);
    } else {
        id_index_remove(&e->by_secret, experiment_provers(e), p->id - 1);
        set_prover(e, p);
    }
    pthread_mutex_unlock(&e->published);
    return ok;
}

static bool follow_participant(Experiment *e, const MarketEntry *entry, CvkErr *err) {
    bool found;
    return store_participant_get(e->store, e->id, entry->change.participant, take_participant, e,
                                 &found, err) &&
           (found || cvk_fail(err, CVK_EBACKEND, "market.broken",
                              "participant %u is in the journal and not in the table",
                              entry->change.participant));
}

static bool apply(Experiment *e, const MarketChange *c, CvkErr *err) {
    pthread_mutex_lock(&e->published);
    bool ok = market_apply(e->state, c, err);
    pthread_mutex_unlock(&e->published);
    return ok;
}

static bool follow_issued(Experiment *e, const MarketChange *c, CvkErr *err) {
    StoreRequest r;
    bool found;
    if (!store_request_get(e->store, e->id, c->request, &r, &found, err))
        return false;
    if (!found)
        return cvk_fail(err, CVK_EBACKEND, "market.broken",
                        "request %llu is in the journal and not in the table",
                        (unsigned long long)c->request);
    pthread_mutex_lock(&e->published);
    bool ok = add_issued(e, &r, err) && market_apply(e->state, c, err);
    if (ok)
        e->n_issued++;
    pthread_mutex_unlock(&e->published);
    return ok;
}

bool experiment_follow(Experiment *e, const MarketEntry *entry, CvkErr *err) {
    MarketChange c;
    switch (entry->type) {
    case ENTRY_PARTICIPANT_ADDED:
    case ENTRY_PARTICIPANT_ROTATED:
        return follow_participant(e, entry, err);
    case ENTRY_REQUEST_ISSUED:
        return market_entry_changes(entry, &c) && follow_issued(e, &c, err);
    case ENTRY_ATTEMPT:
        e->attempts = entry->attempt;
        return true;
    case ENTRY_PARTICIPANT_ALLOWED:
    case ENTRY_BATCH_ADDED:
    case ENTRY_BATCH_RETIRED:
    case ENTRY_REQUEST_CLOSED:
    case ENTRY_REQUEST_REOPENED:
    case ENTRY_PROOF_ACCEPTED:
        return market_entry_changes(entry, &c) && apply(e, &c, err);
    case ENTRY_OPENED:
    case ENTRY_PARTICIPANT_DESCRIBED:
    case ENTRY_BATCH_DESCRIBED:
    case ENTRY_DEPLOYMENT_SET:
    case ENTRY_FILE_PUBLISHED:
    case ENTRIES_N:
        break;
    }
    return true;
}
