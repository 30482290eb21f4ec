/* The fold of the journal: what is appended, by us or by others. replay.c reads it at the start. */
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
    auth_uploader(c->host.auth, c->id, holder, c->recent[c->n_recent++ % RECENT_MAX]);
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

/* Whose turn has ended at no cost waits again, and no holder is ever late: so they are due from
 * here on. Held: published. */
static void expect_back(Ceremony *c, uint64_t number, int64_t now_ms) {
    EnginePerson person;
    EngineDue due;
    if (!engine_person(c->state, number, NULL, &person) || person.place == 0)
        return;
    engine_due(c->state, person.identity, false, now_ms, &due);
    presence_expect(c->presence, person.identity, due.late_ms);
}

/* Whoever goes out with `e`, which comes next, has no session but to hear their receipt again.
 * Held: published. */
static void end_session(Ceremony *c, const Event *e, uint64_t number) {
    EnginePerson person;
    if (c->sessions != NULL && engine_goes_out(c->state, e) &&
        engine_person(c->state, number, NULL, &person))
        sessions_end(c->sessions, person.identity);
}

void journal_apply(Ceremony *c, const Event *e) {
    EngineView before, after;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &before);
    uint64_t number = engine_concerns(c->state, e);
    end_session(c, e, number);
    engine_apply(c->state, e);
    signers_note(&c->signers, e);
    engine_view(c->state, &after);
#ifdef CVK_CHECKED
    engine_check(c->state);
#endif
    remember(c, e, before.lease.identity);
    standing_note(c, e, number);
    forget_presence(c, &after.policy, number);
    if (e->type == EVENT_CLOCK_SKIPPED)
        presence_skip(c->presence, e->u.skipped.by_ms);
    if (e->type == EVENT_LEASE_MOVED && e->u.moved.phase == PHASE_UPLOADING)
        presence_received(c->presence, e->lease, 0, e->now_ms); /* its rate is known from here on */
    if (before.lease.number != 0 && after.lease.number != before.lease.number) {
        expect_back(c, before.lease.participant, e->now_ms);
        pthread_cond_broadcast(&c->settled); /* somebody may wait for its verdict */
    }
    pthread_mutex_unlock(&c->published);
}

/* ---- its public lines ---- */

_Static_assert(EVENT_JSON_MAX <= JOURNAL_EVENT_MAX, "every entry is a line");

static JournalLine line_of(const StoreEntry *entry) {
    JournalLine line = {.seq = entry->seq, .event = entry->json, .event_n = entry->n};
    memcpy(line.hash, entry->hash, sizeof line.hash);
    return line;
}

void journal_feed(const Ceremony *c, const StoreEntry *entry) {
    JournalLine line = line_of(entry);
    feed_add(c->feed, &line);
}

typedef struct {
    CvkBuf *b;
    uint64_t next;
    bool full;
} Reading;

static bool read_line(void *ctx, const StoreEntry *entry, CvkErr *err) {
    Reading *r = ctx;
    char text[JOURNAL_LINE_MAX];
    JournalLine line = line_of(entry);
    size_t n = journal_line_put(&line, text);
    r->full = n > r->b->max - r->b->n;
    if (r->full || !cvk_buf_add(r->b, text, n, err))
        return false;
    r->next = entry->seq + 1;
    return true;
}

/* On a connection of its own, so that nobody waits for it. */
bool ceremony_journal_lines(Ceremony *c, uint64_t from, CvkBuf *b, uint64_t *ret_next,
                            CvkErr *err) {
    Reading r = {.b = b, .next = from};
    Store *store;
    CvkErr why;
    if (!store_open(c->store_path, false, &store, err))
        return false;
    bool ok = store_journal_each(store, c->id, from, read_line, &r, &why) || r.full;
    store_close(store);
    if (ok)
        *ret_next = r.next;
    else if (err != NULL)
        *err = why;
    return ok;
}

/* ---- entries that were read ---- */

bool journal_read_entry(const StoreEntry *entry, Event *ret, CvkErr *err) {
    bool ok = event_read(entry->json, entry->n, ret, err);
    if (ok && event_has_private(ret) && entry->part == NULL)
        ok = cvk_fail(err, CVK_EBACKEND, "journal.private",
                      "who participant %llu is, is lost: restore the database from a backup",
                      (unsigned long long)ret->u.admitted.participant);
    if (ok && entry->part != NULL &&
        !event_open(ret, entry->salt, entry->part, entry->part_n, NULL))
        ok = cvk_fail(err, CVK_EBACKEND, "journal.private",
                      "its private part is not what was written: restore the database from a "
                      "backup");
    return ok || cvk_fail_prefix(err, "journal entry %llu", (unsigned long long)entry->seq);
}

bool journal_pass_entry(Ceremony *c, const StoreEntry *entry, CvkErr *err) {
    if (entry->seq != c->seq + 1)
        return cvk_fail(err, CVK_EBACKEND, "journal.gap", "the journal jumps from %llu to %llu",
                        (unsigned long long)c->seq, (unsigned long long)entry->seq);
    c->seq = entry->seq;
    memcpy(c->head, entry->hash, sizeof c->head);
    uint8_t leaf[MERKLE_HASH];
    cvk_merkle_leaf(entry->json, entry->n, leaf);
    cvk_merkle_add(&c->tree, leaf);
    journal_feed(c, entry);
    return true;
}

bool journal_take_entry(Ceremony *c, const StoreEntry *entry, const Event *e, Acceptances *a,
                        CvkErr *err) {
    if (!engine_admits(c->state, e, err) || !engine_reserve(c->state, 1, err) ||
        !signers_reserve(&c->signers, err))
        return cvk_fail_prefix(err, "journal entry %llu", (unsigned long long)entry->seq);
    if (!journal_pass_entry(c, entry, err))
        return false;
    journal_apply(c, e);
    return acceptances_note(a, c->state, entry->seq, e, err);
}

bool journal_compare_rows(Ceremony *c, const Acceptances *a,
                          bool (*take)(void *ctx, const StoreContribution *k, CvkErr *err),
                          CvkErr *err) {
    Rows rows = {.store = c->store,
                 .ceremony = c->id,
                 .seq = c->seq,
                 .state = c->state,
                 .auth = c->host.auth,
                 .kind = c->kind,
                 .self = c->self};
    return rows_compare(&rows, a, take, c, err);
}

/* ---- what others append ---- */

typedef struct {
    Ceremony *c;
    Acceptances a;
} Sync;

static bool sync_entry(void *ctx, const StoreEntry *entry, CvkErr *err) {
    Sync *s = ctx;
    Event e;
    return journal_read_entry(entry, &e, err) && journal_take_entry(s->c, entry, &e, &s->a, err);
}

bool journal_adopt(void *ctx, const StoreContribution *k, CvkErr *err) {
    Ceremony *c = ctx;
    return c->kind->adopt(c->self, k->record, k->record_n, err);
}

bool journal_sync(Ceremony *c, CvkErr *err) {
    EngineView before;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &before);
    pthread_mutex_unlock(&c->published);
    Sync s = {.c = c, .a = {.before = before.contributions, .holder = before.lease.participant}};
    bool ok = store_journal_each(c->store, c->id, c->seq + 1, sync_entry, &s, err) &&
              (s.a.list.n == 0 || journal_compare_rows(c, &s.a, journal_adopt, err));
    acceptances_done(&s.a);
    return ok;
}

/* ---- snapshots ---- */

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
