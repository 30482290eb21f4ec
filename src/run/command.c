/* Commands: decided, made durable, and only then applied. */
#include "algebra/eth_key.h"
#include "base/alloc.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "engine/event_json.h"
#include "run/journal.h"
#include "run/park.h"
#include "run/preset.h"

#include <stdio.h>
#include <string.h>

#define CONFLICTS_MAX 16 /* how often a command is decided again before we give up */

/* ---- appending ---- */

/* The lines of some events, chained behind the present head, and their private parts. */
typedef struct {
    CvkBuf line[ENGINE_EVENTS_MAX], part[ENGINE_EVENTS_MAX];
    uint8_t hash[ENGINE_EVENTS_MAX][32], salt[ENGINE_EVENTS_MAX][EVENT_SALT_BYTES];
} Lines;

/* The public part commits to the private one under a fresh salt. */
static bool commit_private(Event *e, CvkBuf *part, uint8_t salt[EVENT_SALT_BYTES], CvkErr *err) {
    if (!event_has_private(e))
        return true;
    cvk_random(salt, EVENT_SALT_BYTES);
    if (!event_private_write(e, part, err))
        return false;
    event_commit(salt, part->data, part->n, e->u.admitted.commitment);
    return true;
}

static bool lines_write(const Ceremony *c, Events *events, Lines *l, CvkErr *err) {
    const uint8_t *before = c->head;
    for (size_t i = 0; i < events->n; i++) {
        if (!commit_private(&events->at[i], &l->part[i], l->salt[i], err) ||
            !event_write(&events->at[i], &l->line[i], err))
            return false;
        event_chain(before, l->line[i].data, l->line[i].n, l->hash[i]);
        before = l->hash[i];
    }
    return true;
}

/* Who goes out with event `i`, perhaps having been admitted just before it; NULL: nobody. */
static const char *who_goes_out(const Ceremony *c, const Events *events, size_t i) {
    const Event *e = &events->at[i];
    uint64_t number = engine_concerns(c->state, e);
    EnginePerson person;
    if (number != 0 && engine_person(c->state, number, NULL, &person))
        return engine_goes_out(c->state, e) ? person.identity : NULL;
    for (size_t k = 0; e->type == EVENT_PARTICIPANT_BANNED && k < i; k++)
        if (events->at[k].type == EVENT_PARTICIPANT_ADMITTED &&
            events->at[k].u.admitted.participant == number)
            return events->at[k].u.admitted.identity;
    return NULL;
}

/* They keep a session only to hear their receipt again. */
static bool end_session(Ceremony *c, const Events *events, size_t i, CvkErr *err) {
    const char *identity = who_goes_out(c, events, i);
    return identity == NULL || store_session_end(c->store, c->id, identity, err);
}

/* One of them, in the transaction of all. *tree becomes the one that it is the last leaf of. */
static bool append_one(Ceremony *c, const Event *e, const StoreEntry *entry, CvkMerkle *tree,
                       const Also *also, CvkErr *err) {
    CvkMerkle before = *tree;
    uint8_t leaf[MERKLE_HASH];
    cvk_merkle_leaf(entry->json, entry->n, leaf);
    cvk_merkle_add(tree, leaf);
    if (!store_journal_append(c->store, c->id, entry, err))
        return false;
    Appended at = {.seq = entry->seq,
                   .event = e,
                   .json = entry->json,
                   .n = entry->n,
                   .before = &before,
                   .after = tree};
    return also == NULL || also->journal(also->ctx, c->store, &at, err);
}

static StoreEntry entry_of(const Ceremony *c, const Lines *l, size_t i) {
    StoreEntry entry = {.seq = c->seq + 1 + i, .json = l->line[i].data, .n = l->line[i].n};
    memcpy(entry.hash, l->hash[i], sizeof entry.hash);
    if (l->part[i].n != 0) {
        entry.part = l->part[i].data;
        entry.part_n = l->part[i].n;
        memcpy(entry.salt, l->salt[i], sizeof entry.salt);
    }
    return entry;
}

static bool append_in_transaction(Ceremony *c, const Events *events, const Lines *l,
                                  CvkMerkle *tree, const Also *also, CvkErr *err) {
    StoreHead head = {.seq = c->seq + events->n};
    for (size_t i = 0; i < events->n; i++) {
        StoreEntry entry = entry_of(c, l, i);
        if (!append_one(c, &events->at[i], &entry, tree, also, err) ||
            !end_session(c, events, i, err))
            return false;
    }
    memcpy(head.hash, l->hash[events->n - 1], sizeof head.hash);
    cvk_merkle_root(tree, head.root);
    return store_head_put(c->store, c->id, &head, err) && store_commit(c->store, err);
}

/* Makes events durable, all or none; admissions get their commitments. Held: writer. */
static bool append(Ceremony *c, Events *events, const Also *also, CvkErr *err) {
    Lines l;
    CvkMerkle tree = c->tree;
    for (size_t i = 0; i < ENGINE_EVENTS_MAX; i++)
        l.line[i] = CVK_BUF(EVENT_JSON_MAX), l.part[i] = CVK_BUF(EVENT_PRIVATE_MAX);
    bool ok = engine_reserve(c->state, events->n, err) && lines_write(c, events, &l, err) &&
              store_begin(c->store, err);
    if (ok && !append_in_transaction(c, events, &l, &tree, also, err)) {
        store_rollback(c->store);
        ok = false;
    }
    journal_note_append(c, ok ? NULL : err);
    for (size_t i = 0; ok && i < events->n; i++) {
        StoreEntry entry = entry_of(c, &l, i);
        journal_feed(c, &entry);
    }
    if (ok) {
        c->seq += events->n;
        c->tree = tree;
        memcpy(c->head, l.hash[events->n - 1], sizeof c->head);
    }
    for (size_t i = 0; i < ENGINE_EVENTS_MAX; i++) {
        cvk_buf_done(&l.line[i]);
        cvk_buf_done(&l.part[i]);
    }
    return ok;
}

/* A snapshot only saves time at the next start: failing to write one is no reason to fail a
 * command. */
static void maybe_snapshot(Ceremony *c, size_t n_new) {
    if (c->seq / SNAPSHOT_EVERY == (c->seq - n_new) / SNAPSHOT_EVERY)
        return;
    _cleanup_buf_ CvkBuf bytes = CVK_BUF(LIMIT_SNAPSHOT);
    CvkErr ignored;
    if (!journal_snapshot(c, &bytes, &ignored))
        return;
    if (store_begin(c->store, &ignored) &&
        !(store_snapshot_put(c->store, c->id, c->seq, bytes.data, bytes.n, &ignored) &&
          store_commit(c->store, &ignored)))
        store_rollback(c->store);
}

/* ---- commands ---- */

/* now_ms 0: the clock's. */
static void decide(Ceremony *c, const Command *command, int64_t now_ms, Events *ret_events,
                   Refusal *ret_refusal) {
    if (now_ms == 0)
        now_ms = run_clock_now(c->host.clock);
    pthread_mutex_lock(&c->published);
    engine_decide(c->state, c->presence, command, now_ms, ret_events, ret_refusal);
    pthread_mutex_unlock(&c->published);
}

/* Another process was faster. */
static bool is_conflict(const CvkErr *err) {
    return err->code == CVK_ECONFLICT && strcmp(err->id, "store.conflict") == 0;
}

/* What another process wrote while this one slept is later than our time. Behind it people's time
 * would run out: the tick must put the gap on record first. */
static bool may_follow(const Ceremony *c, CvkErr *err) {
    return !run_clock_stands(c->host.clock) ||
           cvk_fail(err, CVK_EBACKEND, "time.gap", "the server has just woken: try again");
}

/* Held: writer. */
static void apply_all(Ceremony *c, const Events *events, const Also *also) {
    for (size_t i = 0; i < events->n; i++) {
        const Event *e = &events->at[i];
        journal_tell(c, c->seq - events->n + 1 + i, e);
        journal_apply(c, e);
        if (also != NULL)
            also->applied(also->ctx, e);
    }
    maybe_snapshot(c, events->n);
}

static bool execute_at(Ceremony *c, const Command *command, int64_t now_ms, const Also *also,
                       Events *ret_events, Refusal *ret_refusal, CvkErr *err) {
    CvkErr why = {.code = CVK_OK};
    bool ok = false;
    pthread_mutex_lock(&c->writer);
    for (int tries = 0; tries < CONFLICTS_MAX; tries++) {
        decide(c, command, now_ms, ret_events, ret_refusal);
        ok = ret_events->n == 0 || append(c, ret_events, also, &why);
        if (ok || !is_conflict(&why) || (now_ms == 0 && !may_follow(c, &why)))
            break;
        if (!journal_sync(c, &why)) /* another process was first: decide again on what it wrote */
            break;
    }
    if (ok && ret_events->n != 0)
        apply_all(c, ret_events, also);
    pthread_mutex_unlock(&c->writer);
    feed_show(c->feed);
    if (!ok && err != NULL)
        *err = why;
    return ok;
}

bool ceremony_execute(Ceremony *c, const Command *command, const Also *also, Events *ret_events,
                      Refusal *ret_refusal, CvkErr *err) {
    bool ok = execute_at(c, command, 0, also, ret_events, ret_refusal, err);
    park_wake_due(c); /* not behind a skip: the clock is not there yet */
    return ok;
}

bool journal_begin(Ceremony *c, CvkErr *err) {
    Definition definition;
    CvkErr why;
    if (!definition_read(c->definition, &definition, err))
        return false;
    Events events = {
        .n = 1, .at = {{.type = EVENT_CEREMONY_OPENED, .now_ms = run_clock_now(c->host.clock)}}};
    Event *e = &events.at[0];
    snprintf(e->u.opened.name, sizeof e->u.opened.name, "%s", c->name);
    snprintf(e->u.opened.kind, sizeof e->u.opened.kind, "%s", c->kind->name);
    cvk_sha256(c->definition, strlen(c->definition), e->u.opened.definition);
    e->u.opened.policy = definition.policy;
    if (!eth_key_address(c->host.key, e->u.opened.key, err))
        return false;
    pthread_mutex_lock(&c->writer);
    bool ok = append(c, &events, NULL, &why);
    if (ok)
        journal_apply(c, e);
    else if (is_conflict(&why)) /* another process has done it */
        ok = journal_sync(c, &why);
    pthread_mutex_unlock(&c->writer);
    feed_show(c->feed);
    if (!ok && err != NULL)
        *err = why;
    return ok;
}

/* ---- time ---- */

bool ceremony_tick(Ceremony *c, CvkErr *err) {
    pthread_mutex_lock(&c->writer);
    int64_t version;
    bool ok = store_version(c->store, &version, err);
    if (ok && version != c->store_version) {
        ok = journal_sync(c, err);
        if (ok)
            c->store_version = version;
    }
    journal_probe(c);
    pthread_mutex_unlock(&c->writer);
    Events events;
    Refusal refusal;
    return ok &&
           ceremony_execute(c, &(Command){.type = COMMAND_TICK}, NULL, &events, &refusal, err);
}

/* Held: published. */
static bool time_matters(const Ceremony *c) {
    EngineView view;
    engine_view(c->state, &view);
    return view.lease.number != 0 || view.waiting != 0;
}

bool ceremony_skip(Ceremony *c, ClockGap gap, CvkErr *err) {
    int64_t from_ms = gap.from_ms > c->skipped_to_ms ? gap.from_ms : c->skipped_to_ms;
    if (gap.to_ms <= from_ms)
        return true;
    Command command = {.type = COMMAND_SKIP, .by_ms = gap.to_ms - from_ms};
    Events events = {.n = 0};
    Refusal refusal;
    pthread_mutex_lock(&c->published);
    bool matters = time_matters(c);
    pthread_mutex_unlock(&c->published);
    if (matters && !execute_at(c, &command, gap.to_ms, NULL, &events, &refusal, err))
        return false;
    c->skipped_to_ms = gap.to_ms;
    /* Applying the event moved presence as far as it goes; who waits slept all of the gap. */
    int64_t moved_ms = events.n != 0 ? events.at[0].u.skipped.by_ms : 0;
    pthread_mutex_lock(&c->published);
    presence_skip(c->presence, command.by_ms - moved_ms);
    pthread_mutex_unlock(&c->published);
    return true;
}

/* Held: published. */
static void seat(Ceremony *c, const char *identity, int64_t now_ms) {
    CvkErr ignored; /* short of memory, they are not ready before they ask: that is all */
    EngineDue due;
    engine_due(c->state, identity, false, now_ms, &due);
    (void)!presence_seat(c->presence, identity, now_ms, due.late_ms, &ignored);
}

void ceremony_seat(Ceremony *c) {
    int64_t now_ms = run_clock_now(c->host.clock);
    EngineView view;
    EnginePerson person;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    if (view.lease.phase == PHASE_UPLOADING)
        presence_received(c->presence, view.lease.number, 0, now_ms);
    for (uint64_t n = 1; view.waiting != 0 && n <= view.participants; n++)
        if (engine_person(c->state, n, NULL, &person) && person.place != 0 &&
            person.identity[0] != '\0')
            seat(c, person.identity, now_ms);
    pthread_mutex_unlock(&c->published);
}
