/* The journal and the state that is its fold: replay, and commands made durable before they count.
 */
#include "base/alloc.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "engine/event_json.h"
#include "run/ceremony_private.h"
#include "run/preset.h"

#include <stdio.h>
#include <string.h>

#define CONFLICTS_MAX 16 /* how often a command is decided again before we give up */

/* ---- the fold of the journal ---- */

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

static void apply(Ceremony *c, const Event *e) {
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
    apply(c, &e);
    c->seq = entry->seq;
    memcpy(c->head, entry->hash, sizeof c->head);
    return true;
}

static bool adopt_record(void *ctx, const StoreContribution *k, CvkErr *err) {
    Ceremony *c = ctx;
    return c->kind->adopt(c->self, k->record, k->record_n, err);
}

/* Reads what the journal has beyond what we know. Held: writer. */
static bool sync_tail(Ceremony *c, CvkErr *err) {
    pthread_mutex_lock(&c->published);
    EngineView before, after;
    engine_view(c->state, &before);
    pthread_mutex_unlock(&c->published);
    if (!store_journal_each(c->store, c->id, c->seq + 1, take_entry, c, err))
        return false;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &after);
    pthread_mutex_unlock(&c->published);
    return after.contributions == before.contributions ||
           store_contribution_each(c->store, c->id, before.contributions + 1, adopt_record, c, err);
}

static bool load_snapshot(Ceremony *c, CvkErr *err) {
    uint8_t *bytes = NULL, head[32];
    size_t n = 0;
    uint64_t seq = 0;
    bool in_journal = false;
    if (!store_snapshot_get(c->store, c->id, &seq, &bytes, &n, err))
        return false;
    EngineState *state = NULL;
    CvkErr damaged;
    bool usable = n != 0 && engine_snapshot_read(bytes, n, &state, &damaged);
    free(bytes);
    if (!usable)
        return true; /* none, or damaged: the journal has it all */
    bool ok = store_journal_at(c->store, c->id, seq, head, &in_journal, err);
    if (!ok || !in_journal) { /* from beyond the journal: then the journal is right */
        engine_state_free(state);
        return ok;
    }
    engine_state_free(c->state);
    c->state = state;
    c->seq = seq;
    memcpy(c->head, head, sizeof c->head);
    return true;
}

static bool note_newest(void *ctx, const StoreContribution *k, CvkErr *err) {
    (void)err;
    Ceremony *c = ctx;
    memcpy(c->newest, k->response, sizeof c->newest);
    memcpy(c->recent[c->n_recent++ % RECENT_MAX], k->session, 32);
    return true;
}

/* ---- commands ---- */

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

/* Whoever goes out with this event keeps a session only to hear their receipt again. */
static bool end_session(Ceremony *c, const Event *e, CvkErr *err) {
    EnginePerson person;
    return !engine_goes_out(c->state, e) ||
           !engine_person(c->state, engine_concerns(c->state, e), NULL, &person) ||
           store_session_end(c->store, c->id, person.identity, err);
}

static bool append_in_transaction(Ceremony *c, const Events *events, const Lines *l,
                                  const Also *also, CvkErr *err) {
    for (size_t i = 0; i < events->n; i++) {
        StoreEntry entry = {.seq = c->seq + 1 + i, .json = l->line[i].data, .n = l->line[i].n};
        memcpy(entry.hash, l->hash[i], sizeof entry.hash);
        if (l->part[i].n != 0) {
            entry.part = l->part[i].data;
            entry.part_n = l->part[i].n;
            memcpy(entry.salt, l->salt[i], sizeof entry.salt);
        }
        if (!store_journal_append(c->store, c->id, &entry, err) ||
            !end_session(c, &events->at[i], err))
            return false;
        if (also != NULL && !also->journal(also->ctx, c->store, entry.seq, &events->at[i], err))
            return false;
    }
    return store_commit(c->store, err);
}

/* Makes events durable, all or none; admissions get their commitments. Held: writer. */
static bool append(Ceremony *c, Events *events, const Also *also, CvkErr *err) {
    Lines l;
    for (size_t i = 0; i < ENGINE_EVENTS_MAX; i++)
        l.line[i] = CVK_BUF(EVENT_JSON_MAX), l.part[i] = CVK_BUF(EVENT_PRIVATE_MAX);
    bool ok = engine_reserve(c->state, events->n, err) && lines_write(c, events, &l, err) &&
              store_begin(c->store, err);
    if (ok && !append_in_transaction(c, events, &l, also, err)) {
        store_rollback(c->store);
        ok = false;
    }
    if (ok) {
        c->seq += events->n;
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
    uint8_t *bytes;
    size_t n;
    CvkErr ignored;
    if (!engine_snapshot_write(c->state, &bytes, &n, &ignored))
        return;
    if (store_begin(c->store, &ignored) &&
        !(store_snapshot_put(c->store, c->id, c->seq, bytes, n, &ignored) &&
          store_commit(c->store, &ignored)))
        store_rollback(c->store);
    free(bytes);
}

/* What the operator sees of an event; all of it is in the journal. */
static void log_event(const Ceremony *c, const Event *e) {
    char lease[24], number[24];
    snprintf(lease, sizeof lease, "%llu", (unsigned long long)e->lease);
    snprintf(number, sizeof number, "%llu", (unsigned long long)engine_concerns(c->state, e));
    switch (e->type) {
    case EVENT_LEASE_GRANTED:
        cvk_log(LOG_INFO, "lease.granted", "ceremony", c->name, "lease", lease, "participant",
                number, NULL);
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        snprintf(number, sizeof number, "%llu", (unsigned long long)e->u.accepted.index);
        cvk_log(LOG_INFO, "contribution.accepted", "ceremony", c->name, "lease", lease, "index",
                number, NULL);
        break;
    case EVENT_CONTRIBUTION_REFUSED:
        cvk_log(LOG_INFO, "contribution.refused", "ceremony", c->name, "lease", lease, "reason",
                e->u.refused.reason, NULL);
        break;
    case EVENT_LEASE_EXPIRED:
        cvk_log(LOG_INFO, "lease.expired", "ceremony", c->name, "lease", lease, "phase",
                phase_name(e->u.expired.phase), NULL);
        break;
    case EVENT_LEASE_ABORTED:
        cvk_log(LOG_INFO, "lease.aborted", "ceremony", c->name, "lease", lease, NULL);
        break;
    case EVENT_JOINED:
        cvk_log(LOG_INFO, "queue.joined", "ceremony", c->name, "participant", number, NULL);
        break;
    case EVENT_LEFT:
        cvk_log(LOG_INFO, "queue.left", "ceremony", c->name, "participant", number, "reason",
                left_name(e->u.left.reason), NULL);
        break;
    case EVENT_CLOCK_SKIPPED:
        snprintf(number, sizeof number, "%lld", (long long)e->u.skipped.by_ms);
        cvk_log(LOG_WARN, "clock.skipped", "ceremony", c->name, "ms", number, NULL);
        break;
    case EVENT_MODE_CHANGED:
        cvk_log(LOG_INFO, "ceremony.mode", "ceremony", c->name, "mode", mode_name(e->u.mode.mode),
                NULL);
        break;
    case EVENT_PARTICIPANT_BANNED:
    case EVENT_PARTICIPANT_UNBANNED:
    case EVENT_PARTICIPANT_PARDONED:
        cvk_log(LOG_INFO, "participant.changed", "ceremony", c->name, "participant", number, "by",
                event_name(e->type), NULL);
        break;
    case EVENT_CEREMONY_OPENED:
    case EVENT_PARTICIPANT_ADMITTED:
    case EVENT_LEASE_MOVED:
    case EVENT_RESPONSE_STORED:
    case EVENT_HANDED_OVER:
    case EVENT_TAKEN_OVER:
    case EVENT_CEREMONY_FINALIZED:
    case EVENT_N:
        break;
    }
}

static void decide(Ceremony *c, const Command *command, Events *ret_events, Refusal *ret_refusal) {
    pthread_mutex_lock(&c->published);
    engine_decide(c->state, c->presence, command, run_clock_now(c->host.clock), ret_events,
                  ret_refusal);
    pthread_mutex_unlock(&c->published);
}

/* Another process was faster. */
static bool is_conflict(const CvkErr *err) {
    return err->code == CVK_ECONFLICT && strcmp(err->id, "store.conflict") == 0;
}

bool ceremony_execute(Ceremony *c, const Command *command, const Also *also, Events *ret_events,
                      Refusal *ret_refusal, CvkErr *err) {
    CvkErr why = {.code = CVK_OK};
    bool ok = false;
    pthread_mutex_lock(&c->writer);
    for (int tries = 0; tries < CONFLICTS_MAX; tries++) {
        decide(c, command, ret_events, ret_refusal);
        ok = ret_events->n == 0 || append(c, ret_events, also, &why);
        if (ok || !is_conflict(&why))
            break;
        if (!sync_tail(c, &why)) /* another process was first: decide again on what it wrote */
            break;
    }
    if (ok && ret_events->n != 0) {
        for (size_t i = 0; i < ret_events->n; i++) {
            const Event *e = &ret_events->at[i];
            log_event(c, e);
            apply(c, e);
            if (also != NULL)
                also->applied(also->ctx, e);
        }
        maybe_snapshot(c, ret_events->n);
    }
    pthread_mutex_unlock(&c->writer);
    if (!ok && err != NULL)
        *err = why;
    return ok;
}

/* Appends CeremonyOpened: the ceremony is new, or its making was cut off behind its row. */
static bool begin_journal(Ceremony *c, CvkErr *err) {
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
    pthread_mutex_lock(&c->writer);
    bool ok = append(c, &events, NULL, &why);
    if (ok)
        apply(c, e);
    else if (is_conflict(&why)) /* another process has done it */
        ok = sync_tail(c, &why);
    pthread_mutex_unlock(&c->writer);
    if (!ok && err != NULL)
        *err = why;
    return ok;
}

static bool read_journal(Ceremony *c, CvkErr *err) {
    if (!load_snapshot(c, err))
        return false;
    if (c->seq != 0 && (!store_contribution_each(c->store, c->id, 1, adopt_record, c, err) ||
                        !store_contribution_each(c->store, c->id, 1, note_newest, c, err)))
        return false;
    return sync_tail(c, err) && store_version(c->store, &c->store_version, err);
}

bool ceremony_replay(Ceremony *c, CvkErr *err) {
    EngineView view;
    if (!read_journal(c, err))
        return false;
    engine_view(c->state, &view);
    run_clock_begin(c->host.clock, view.now_ms);
    return view.open || begin_journal(c, err);
}

bool ceremony_tick(Ceremony *c, CvkErr *err) {
    pthread_mutex_lock(&c->writer);
    int64_t version;
    bool ok = store_version(c->store, &version, err);
    if (ok && version != c->store_version) {
        ok = sync_tail(c, err);
        c->store_version = version;
    }
    pthread_mutex_unlock(&c->writer);
    Events events;
    Refusal refusal;
    return ok &&
           ceremony_execute(c, &(Command){.type = COMMAND_TICK}, NULL, &events, &refusal, err);
}
