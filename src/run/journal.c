/* The fold of the journal: reading it at the start, and what others append. */
#include "run/journal.h"
#include "base/alloc.h"
#include "engine/event_json.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- events ---- */

/* Keeps what the layers beside the engine remember of an event: the newest response, and who may
 * repeat an upload. Held: published. */
static void remember(Ceremony *c, const Event *e, const char *holder) {
    if (e->type != EVENT_CONTRIBUTION_ACCEPTED)
        return;
    memcpy(c->newest, e->u.accepted.response, sizeof c->newest);
    char session_id[AUTH_SESSION_TEXT];
    auth_session_id(c->host.auth, c->id, holder, session_id);
    auth_session_hash(session_id, c->recent[c->n_recent++ % RECENT_MAX]);
}

/* Forgets when somebody was seen who does not wait any more: whoever is out, and in a queue whoever
 * lost their place. Held: published. */
static void forget_presence(Ceremony *c, const EnginePolicy *policy, uint64_t number) {
    EnginePerson person;
    if (number == 0 || !engine_person(c->state, number, NULL, &person))
        return;
    bool waits = policy->entry != ENTRY_FIFO || person.place != 0 || person.holder;
    if (!waits || engine_is_out(c->state, person.identity))
        presence_remove(c->presence, person.identity);
}

void journal_apply(Ceremony *c, const Event *e) {
    EngineView before, after;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &before);
    uint64_t number = engine_concerns(c->state, e);
    engine_apply(c->state, e);
    engine_view(c->state, &after);
#ifdef CVK_CHECKED
    engine_check(c->state);
#endif
    remember(c, e, before.lease.identity);
    forget_presence(c, &after.policy, number);
    if (e->type == EVENT_CLOCK_SKIPPED)
        presence_skip(c->presence, e->u.skipped.by_ms);
    if (e->type == EVENT_LEASE_MOVED && e->u.moved.phase == PHASE_UPLOADING)
        presence_received(c->presence, e->lease, 0, e->now_ms); /* its rate is known from here on */
    if (before.lease.number != 0 && after.lease.number != before.lease.number)
        pthread_cond_broadcast(&c->settled); /* somebody may wait for its verdict */
    pthread_mutex_unlock(&c->published);
}

/* Held: writer (or nobody else knows the ceremony yet). */
static bool take_entry(void *ctx, const StoreEntry *entry, CvkErr *err) {
    Ceremony *c = ctx;
    Event e;
    if (entry->seq != c->seq + 1)
        return cvk_fail(err, CVK_EBACKEND, "journal.gap", "the journal jumps from %llu to %llu",
                        (unsigned long long)c->seq, (unsigned long long)entry->seq);
    if (!event_read(entry->json, entry->n, &e, err) ||
        (entry->part != NULL && !event_open(&e, entry->salt, entry->part, entry->part_n, err)) ||
        !engine_admits(c->state, &e, err) || !engine_reserve(c->state, 1, err))
        return cvk_fail_prefix(err, "journal entry %llu", (unsigned long long)entry->seq);
    journal_apply(c, &e);
    c->seq = entry->seq;
    memcpy(c->head, entry->hash, sizeof c->head);
    uint8_t leaf[MERKLE_HASH];
    cvk_merkle_leaf(entry->json, entry->n, leaf);
    cvk_merkle_add(&c->tree, leaf);
    return true;
}

static bool adopt_record(void *ctx, const StoreContribution *k, CvkErr *err) {
    Ceremony *c = ctx;
    return c->kind->adopt(c->self, k->record, k->record_n, err);
}

/* Entries beyond what we know go to `take`. */
static bool read_tail(Ceremony *c, bool (*take)(void *ctx, const StoreEntry *e, CvkErr *err),
                      void *ctx, CvkErr *err) {
    EngineView before, after;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &before);
    pthread_mutex_unlock(&c->published);
    if (!store_journal_each(c->store, c->id, c->seq + 1, take, ctx, err))
        return false;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &after);
    pthread_mutex_unlock(&c->published);
    return after.contributions == before.contributions ||
           store_contribution_each(c->store, c->id, before.contributions + 1, adopt_record, c, err);
}

bool journal_sync(Ceremony *c, CvkErr *err) {
    return read_tail(c, take_entry, c, err);
}

/* ---- the start ---- */

/* What the journal must be, if it is the one that we wrote. */
typedef struct {
    Ceremony *c;
    StoreHead end;    /* the database's own account of its end; seq 0: none */
    JournalHead said; /* the newest that was signed; entries 0: none */
} Replay;

#define ROOT_DIFFERS "journal.broken"

/* Compares the tree where its root is known. */
static bool check_root(const Replay *r, CvkErr *err) {
    const Ceremony *c = r->c;
    uint8_t root[MERKLE_HASH];
    bool at_end = c->seq != 0 && c->seq == r->end.seq;
    bool at_said = c->seq != 0 && c->seq == r->said.entries;
    if (!at_end && !at_said)
        return true;
    cvk_merkle_root(&c->tree, root);
    if (at_end && memcmp(root, r->end.root, sizeof root) != 0)
        return cvk_fail(err, CVK_EBACKEND, ROOT_DIFFERS,
                        "the journal's first %llu entries are not those that were written: "
                        "restore the newest backup",
                        (unsigned long long)c->seq);
    if (at_said && memcmp(root, r->said.root, sizeof root) != 0)
        return cvk_fail(err, CVK_EBACKEND, "journal.other",
                        "the journal's first %llu entries are not those whose head this server "
                        "has signed: restore the newest backup",
                        (unsigned long long)c->seq);
    return true;
}

static bool replay_entry(void *ctx, const StoreEntry *entry, CvkErr *err) {
    const Replay *r = ctx;
    return take_entry(r->c, entry, err) && check_root(r, err);
}

/* Does it reach as far as it must? */
static bool check_length(const Replay *r, CvkErr *err) {
    uint64_t seq = r->c->seq;
    if (seq < r->end.seq)
        return cvk_fail(err, CVK_EBACKEND, "journal.short",
                        "the journal ends at entry %llu of %llu: restore the newest backup",
                        (unsigned long long)seq, (unsigned long long)r->end.seq);
    if (seq < r->said.entries)
        return cvk_fail(err, CVK_EBACKEND, "journal.older",
                        "the database has %llu entries, and this server has signed %llu: restore "
                        "the newest backup",
                        (unsigned long long)seq, (unsigned long long)r->said.entries);
    return true;
}

/* ---- snapshots: the length of the frontier in two bytes, the frontier, the state ---- */

bool journal_snapshot(const Ceremony *c, CvkBuf *ret, CvkErr *err) {
    uint8_t packed[2 + MERKLE_PACKED_MAX], *state;
    size_t n = cvk_merkle_pack(&c->tree, packed + 2), state_n;
    packed[0] = (uint8_t)(n >> 8);
    packed[1] = (uint8_t)n;
    if (!engine_snapshot_write(c->state, &state, &state_n, err))
        return false;
    bool ok = cvk_buf_add(ret, packed, 2 + n, err) && cvk_buf_add(ret, state, state_n, err);
    free(state);
    return ok;
}

static bool read_snapshot(const uint8_t *bytes, size_t n, CvkMerkle *ret_tree,
                          EngineState **ret_state) {
    CvkErr ignored;
    size_t tree_n = n >= 2 ? (size_t)bytes[0] << 8 | bytes[1] : 0;
    return n >= 2 + tree_n && cvk_merkle_unpack(bytes + 2, tree_n, ret_tree) &&
           engine_snapshot_read(bytes + 2 + tree_n, n - 2 - tree_n, ret_state, &ignored);
}

/* Leaves the ceremony at its beginning where there is no snapshot to be believed: the journal has
 * it all. One from behind the signed head is of no use, as the tree at that head must be seen. */
static bool load_snapshot(const Replay *r, CvkErr *err) {
    Ceremony *c = r->c;
    uint8_t *bytes = NULL, head[32];
    size_t n = 0;
    uint64_t seq = 0;
    bool in_journal = false;
    if (!store_snapshot_get(c->store, c->id, &seq, &bytes, &n, err))
        return false;
    EngineState *state = NULL;
    CvkMerkle tree;
    bool usable = n != 0 && (r->said.entries == 0 || seq <= r->said.entries) &&
                  read_snapshot(bytes, n, &tree, &state) && tree.n == seq;
    free(bytes);
    bool ok = !usable || store_journal_at(c->store, c->id, seq, head, &in_journal, err);
    if (!ok || !in_journal) { /* or from beyond the journal: then the journal is right */
        engine_state_free(state);
        return ok;
    }
    engine_state_free(c->state);
    c->state = state;
    c->seq = seq;
    c->tree = tree;
    memcpy(c->head, head, sizeof c->head);
    return true;
}

static bool start_over(Ceremony *c, CvkErr *err) {
    EngineState *state = engine_state_new(err);
    if (state == NULL)
        return false;
    engine_state_free(c->state);
    c->state = state;
    c->seq = 0;
    c->tree = (CvkMerkle){.n = 0};
    memset(c->head, 0, sizeof c->head);
    return true;
}

static bool note_newest(void *ctx, const StoreContribution *k, CvkErr *err) {
    (void)err;
    Ceremony *c = ctx;
    memcpy(c->newest, k->response, sizeof c->newest);
    memcpy(c->recent[c->n_recent++ % RECENT_MAX], k->session, 32);
    return true;
}

static bool adopt_snapshot(Ceremony *c, CvkErr *err) {
    return c->seq == 0 || (store_contribution_each(c->store, c->id, 1, adopt_record, c, err) &&
                           store_contribution_each(c->store, c->id, 1, note_newest, c, err));
}

/* The signed head is read before the database, which is never older while somebody writes it. */
static bool read_journal(Ceremony *c, CvkErr *err) {
    Replay r = {.c = c};
    bool said, ends;
    CvkErr why;
    if (!head_kept(c, &r.said, &said, err) ||
        !store_head_get(c->store, c->id, &r.end, &ends, err) || !load_snapshot(&r, err) ||
        !adopt_snapshot(c, err))
        return false;
    bool from_snapshot = c->seq != 0;
    bool ok = check_root(&r, &why) && read_tail(c, replay_entry, &r, &why);
    if (!ok && from_snapshot && strcmp(why.id, ROOT_DIFFERS) == 0) /* its frontier is damaged? */
        ok = start_over(c, &why) && read_tail(c, replay_entry, &r, &why);
    if (!ok) {
        *err = why;
        return false;
    }
    c->head_entries = r.said.entries;
    return check_length(&r, err) && store_version(c->store, &c->store_version, err);
}

bool ceremony_replay(Ceremony *c, CvkErr *err) {
    EngineView view;
    if (!read_journal(c, err))
        return false;
    engine_view(c->state, &view);
    run_clock_begin(c->host.clock, view.now_ms);
    return view.open || journal_begin(c, err);
}
