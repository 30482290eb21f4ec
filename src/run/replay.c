/* The start: reading the journal and what stands beside it. All of it is read, though a snapshot
 * may already have the state: each entry's hash and private part, and each contribution. What is
 * damaged is found before anybody is served, not when it is needed. */
#include "base/alloc.h"
#include "base/sha256.h"
#include "engine/event_json.h"
#include "run/journal.h"

#include <stdio.h>
#include <string.h>

/* What the journal must be, if it is the one that we wrote. */
typedef struct {
    Ceremony *c;
    bool ends;        /* the database has an account of its end: */
    StoreHead end;    /* seq 0: none */
    JournalHead said; /* the newest that was signed; entries 0: none */
    uint64_t known;   /* entries that the snapshot has in its state */
    uint8_t known_root[MERKLE_HASH];
    Acceptances acceptances;
} Replay;

/* ---- roots and ends ---- */

/* Compares the tree where its root is known. */
static bool check_root(const Replay *r, CvkErr *err) {
    const Ceremony *c = r->c;
    uint8_t root[MERKLE_HASH];
    if (c->seq != 0 && c->seq == r->end.seq) {
        cvk_merkle_root(&c->tree, root);
        if (memcmp(root, r->end.root, sizeof root) != 0)
            return cvk_fail(err, CVK_EBACKEND, "journal.broken",
                            "the journal's first %llu entries are not those that were written: "
                            "restore the newest backup",
                            (unsigned long long)c->seq);
    }
    return journal_has_head(&r->said, &c->tree, err);
}

/* Does it reach as far as it must? What reads a damaged database may end early, and call it the
 * end. */
static bool check_length(const Replay *r, CvkErr *err) {
    static const uint8_t unknown[ENGINE_KEY_BYTES];
    uint64_t seq = r->c->seq;
    if (seq < r->end.seq)
        return cvk_fail(err, CVK_EBACKEND, "journal.short",
                        "the journal ends at entry %llu of %llu: restore the newest backup",
                        (unsigned long long)seq, (unsigned long long)r->end.seq);
    if (!journal_reaches(&r->said, seq, err))
        return false;
    /* Releases that kept no heads wrote version 1, which names no key. */
    if (!r->ends && memcmp(r->c->signers.key, unknown, sizeof unknown) != 0)
        return cvk_fail(err, CVK_EBACKEND, "journal.short",
                        "where the journal ends (entry %llu?) is lost: restore the newest backup",
                        (unsigned long long)seq);
    return true;
}

/* ---- entries ---- */

/* Is it the ceremony of its row? */
static bool check_opened(const Ceremony *c, const Event *e, CvkErr *err) {
    uint8_t definition[SHA256_BYTES];
    if (e->type != EVENT_CEREMONY_OPENED)
        return true;
    cvk_sha256(c->definition, strlen(c->definition), definition);
    return (strcmp(e->u.opened.name, c->name) == 0 &&
            strcmp(e->u.opened.kind, c->kind->name) == 0 &&
            memcmp(e->u.opened.definition, definition, sizeof definition) == 0) ||
           cvk_fail(err, CVK_EBACKEND, "journal.definition",
                    "the ceremony's definition is not the one that was opened: restore the "
                    "database from a backup");
}

#define SNAPSHOT_DIFFERS "journal.snapshot"

/* The snapshot must be of this journal. */
static bool check_known(const Replay *r, CvkErr *err) {
    const Ceremony *c = r->c;
    uint8_t root[MERKLE_HASH];
    EngineView view;
    if (c->seq != r->known)
        return true;
    cvk_merkle_root(&c->tree, root);
    engine_view(c->state, &view);
    return (memcmp(root, r->known_root, sizeof root) == 0 &&
            view.contributions == c->signers.accepted) ||
           cvk_fail(err, CVK_EBACKEND, SNAPSHOT_DIFFERS, "the snapshot is of another journal");
}

/* An entry whose effect the state has already. */
static bool pass_known(Replay *r, const StoreEntry *entry, const Event *e, CvkErr *err) {
    Ceremony *c = r->c;
    if (!signers_reserve(&c->signers, err) || !journal_pass_entry(c, entry, err))
        return false;
    signers_note(&c->signers, e);
    return acceptances_note(&r->acceptances, c->state, entry->seq, e, err) && check_known(r, err);
}

static bool replay_entry(void *ctx, const StoreEntry *entry, CvkErr *err) {
    Replay *r = ctx;
    Event e;
    if (!journal_read_entry(entry, &e, err) || !check_opened(r->c, &e, err))
        return false;
    bool ok = entry->seq <= r->known ? pass_known(r, entry, &e, err)
                                     : journal_take_entry(r->c, entry, &e, &r->acceptances, err);
    return ok && check_root(r, err);
}

/* ---- snapshots ---- */

static bool read_snapshot(const uint8_t *bytes, size_t n, CvkMerkle *ret_tree,
                          EngineState **ret_state) {
    CvkErr ignored;
    size_t tree_n = n >= 2 ? (size_t)bytes[0] << 8 | bytes[1] : 0;
    return n >= 2 + tree_n && cvk_merkle_unpack(bytes + 2, tree_n, ret_tree) &&
           engine_snapshot_read(bytes + 2 + tree_n, n - 2 - tree_n, ret_state, &ignored);
}

/* Leaves the ceremony at its beginning where there is no snapshot to be believed: the journal has
 * it all. */
static bool load_snapshot(Replay *r, CvkErr *err) {
    Ceremony *c = r->c;
    uint8_t *bytes = NULL;
    size_t n = 0;
    uint64_t seq = 0;
    if (!store_snapshot_get(c->store, c->id, &seq, &bytes, &n, err))
        return false;
    EngineState *state = NULL;
    CvkMerkle tree;
    bool usable = n != 0 && read_snapshot(bytes, n, &tree, &state) && tree.n == seq && seq != 0;
    free(bytes);
    if (!usable) {
        engine_state_free(state);
        return true;
    }
    engine_state_free(c->state);
    c->state = state;
    r->known = seq;
    cvk_merkle_root(&tree, r->known_root);
    return true;
}

static bool start_over(Replay *r, CvkErr *err) {
    Ceremony *c = r->c;
    EngineState *state = engine_state_new(err);
    if (state == NULL)
        return false;
    engine_state_free(c->state);
    c->state = state;
    c->seq = 0;
    c->tree = (CvkMerkle){.n = 0};
    memset(c->head, 0, sizeof c->head);
    signers_done(&c->signers);
    acceptances_done(&r->acceptances);
    r->known = 0;
    return true;
}

/* ---- the whole ---- */

static bool read_entries(Replay *r, CvkErr *err) {
    const Ceremony *c = r->c;
    CvkErr why;
    bool ok = store_journal_each(c->store, c->id, 1, replay_entry, r, &why);
    /* A snapshot of another journal, or from beyond this one: then the journal is right. */
    if (ok ? c->seq < r->known : strcmp(why.id, SNAPSHOT_DIFFERS) == 0)
        ok = start_over(r, &why) && store_journal_each(c->store, c->id, 1, replay_entry, r, &why);
    if (!ok)
        *err = why;
    return ok;
}

static bool take_row(void *ctx, const StoreContribution *k, CvkErr *err) {
    Ceremony *c = ctx;
    memcpy(c->newest, k->response, sizeof c->newest);
    memcpy(c->recent[c->n_recent++ % RECENT_MAX], k->uploader, sizeof k->uploader);
    return journal_adopt(c, k, err);
}

static bool read_rows(Replay *r, CvkErr *err) {
    r->c->n_recent = 0; /* as far as entries were applied, they are there already */
    return journal_compare_rows(r->c, &r->acceptances, take_row, err);
}

/* Who holds another key than the journal names would sign what nobody accepts. */
static bool check_key(const Ceremony *c, CvkErr *err) {
    uint8_t own[ENGINE_KEY_BYTES];
    ReceiptSigner signer;
    if (!eth_key_address(c->host.key, own, err))
        return false;
    signers_of(&c->signers, UINT64_MAX, own, &signer);
    return memcmp(signer.key, own, sizeof own) == 0 ||
           cvk_fail(err, CVK_EBACKEND, "key.other",
                    "server.key is not the key that the journal names: restore it from a backup");
}

/* The signed head is read before the database, which is never older while somebody writes it. */
static bool read_journal(Replay *r, CvkErr *err) {
    Ceremony *c = r->c;
    if (!kept_head_read(&c->kept_head, &r->said, err) ||
        !store_head_get(c->store, c->id, &r->end, &r->ends, err) || !load_snapshot(r, err) ||
        !read_entries(r, err) || !check_length(r, err) || !check_key(c, err) || !read_rows(r, err))
        return false;
    return store_version(c->store, &c->store_version, err);
}

bool ceremony_replay(Ceremony *c, CvkErr *err) {
    Replay r = {.c = c};
    EngineView view;
    bool ok = read_journal(&r, err);
    acceptances_done(&r.acceptances);
    if (!ok)
        return false;
    engine_view(c->state, &view);
    run_clock_begin(c->host.clock, view.now_ms);
    feed_show(c->feed);
    return view.open || journal_begin(c, err);
}
