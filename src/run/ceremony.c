#include "base/alloc.h"
#include "base/cond.h"
#include "base/log.h"
#include "base/sha256.h"
#include "engine/event_json.h"
#include "run/ceremony_private.h"
#include "run/preset.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONFLICTS_MAX 16 /* how often a command is decided again before we give up */

const char *ceremony_name(const Ceremony *c) {
    return c->name;
}

const char *ceremony_kind(const Ceremony *c) {
    return c->kind->name;
}

const char *ceremony_definition(const Ceremony *c) {
    return c->definition;
}

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

/* The lease that was live has ended: wake who waits for its verdict, and forget who went out with
 * it. Held: published. */
static void note_end_of_lease(Ceremony *c, const char *holder) {
    if (engine_is_out(c->state, holder))
        presence_remove(c->presence, holder);
    pthread_cond_broadcast(&c->settled);
}

static void apply(Ceremony *c, const Event *e) {
    EngineView before, after;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &before);
    engine_apply(c->state, e);
    engine_view(c->state, &after);
#ifdef CVK_CHECKED
    engine_check(c->state);
#endif
    remember(c, e, before.lease.identity);
    if (before.lease.number != 0 && after.lease.number != before.lease.number)
        note_end_of_lease(c, before.lease.identity);
    pthread_mutex_unlock(&c->published);
}

/* Held: writer (or nobody else knows the ceremony yet). */
static bool take_entry(void *ctx, const StoreEntry *entry, CvkErr *err) {
    Ceremony *c = ctx;
    Event e;
    if (entry->seq != c->seq + 1)
        return cvk_fail(err, CVK_EBACKEND, "journal.gap", "the journal jumps from %llu to %llu",
                        (unsigned long long)c->seq, (unsigned long long)entry->seq);
    if (!event_read(entry->json, entry->n, &e, err) || !engine_admits(c->state, &e, err) ||
        !engine_reserve(c->state, 1, err))
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

static bool replay(Ceremony *c, CvkErr *err) {
    if (!load_snapshot(c, err))
        return false;
    if (c->seq != 0 && (!store_contribution_each(c->store, c->id, 1, adopt_record, c, err) ||
                        !store_contribution_each(c->store, c->id, 1, note_newest, c, err)))
        return false;
    return sync_tail(c, err) && store_version(c->store, &c->store_version, err);
}

static bool begin_journal(Ceremony *c, CvkErr *err);

/* ---- opening and closing ---- */

static bool open_parts(Ceremony *c, const char *name, CvkErr *err) {
    if (!store_open(c->store_path, false, &c->store, err) ||
        !store_open(c->store_path, false, &c->reader, err))
        return false;
    StoreCeremony row;
    if (!store_ceremony_find(c->store, name, &row, err))
        return false;
    c->id = row.id;
    snprintf(c->name, sizeof c->name, "%s", row.name);
    c->definition = row.definition;
    Definition definition;
    if (!definition_read(c->definition, &definition, err))
        return cvk_fail_prefix(err, "definition of ceremony '%s'", c->name);
    c->kind = kind_find(row.kind);
    if (c->kind == NULL)
        return cvk_fail(err, CVK_EBADREQ, "ceremony.kind",
                        "ceremony '%s' is of the unknown kind '%s'", c->name, row.kind);
    if (!c->kind->make(definition.sizes, &c->self, err))
        return false;
    c->state = engine_state_new(err);
    c->presence = presence_new(err);
    if (c->state == NULL || c->presence == NULL || !replay(c, err))
        return false;
    EngineView view;
    engine_view(c->state, &view);
    return view.open || begin_journal(c, err);
}

bool ceremony_open(const CeremonyHost *host, const char *store_path, const char *name,
                   Ceremony **ret, CvkErr *err) {
    Ceremony *c = cvk_alloc(1, sizeof *c, err);
    if (c == NULL)
        return false;
    c->host = *host;
    snprintf(c->store_path, sizeof c->store_path, "%s", store_path);
    pthread_mutex_init(&c->blobs, NULL);
    pthread_mutex_init(&c->writer, NULL);
    pthread_mutex_init(&c->published, NULL);
    pthread_mutex_init(&c->reader_lock, NULL);
    for (size_t i = 0; i < CACHE_N; i++)
        pthread_mutex_init(&c->cached[i], NULL);
    cvk_cond_init(&c->settled);
    if (!open_parts(c, name, err)) {
        ceremony_close(c);
        return false;
    }
    *ret = c;
    return true;
}

Ceremony *ceremony_close(Ceremony *c) {
    if (c == NULL)
        return NULL;
    store_close(c->store);
    store_close(c->reader);
    if (c->self != NULL)
        c->kind->free(c->self);
    engine_state_free(c->state);
    presence_free(c->presence);
    free(c->definition);
    pthread_cond_destroy(&c->settled);
    for (size_t i = 0; i < CACHE_N; i++)
        pthread_mutex_destroy(&c->cached[i]);
    pthread_mutex_destroy(&c->reader_lock);
    pthread_mutex_destroy(&c->published);
    pthread_mutex_destroy(&c->writer);
    pthread_mutex_destroy(&c->blobs);
    free(c);
    return NULL;
}

/* ---- commands ---- */

/* The lines of some events, chained behind the present head. */
typedef struct {
    CvkBuf line[ENGINE_EVENTS_MAX];
    uint8_t hash[ENGINE_EVENTS_MAX][32];
} Lines;

static bool lines_write(const Ceremony *c, const Events *events, Lines *l, CvkErr *err) {
    const uint8_t *before = c->head;
    for (size_t i = 0; i < events->n; i++) {
        if (!event_write(&events->at[i], &l->line[i], err))
            return false;
        event_chain(before, l->line[i].data, l->line[i].n, l->hash[i]);
        before = l->hash[i];
    }
    return true;
}

/* Whoever goes out with this event keeps a session only to hear their receipt again. */
static bool end_session(Ceremony *c, const Event *e, CvkErr *err) {
    EngineView view;
    engine_view(c->state, &view);
    return !engine_goes_out(c->state, e) ||
           store_session_end(c->store, c->id, view.lease.identity, err);
}

static bool append_in_transaction(Ceremony *c, const Events *events, const Lines *l,
                                  const Also *also, CvkErr *err) {
    for (size_t i = 0; i < events->n; i++) {
        StoreEntry entry = {.seq = c->seq + 1 + i, .json = l->line[i].data, .n = l->line[i].n};
        memcpy(entry.hash, l->hash[i], sizeof entry.hash);
        if (!store_journal_append(c->store, c->id, &entry, err) ||
            !end_session(c, &events->at[i], err))
            return false;
        if (also != NULL && !also->journal(also->ctx, c->store, entry.seq, &events->at[i], err))
            return false;
    }
    return store_commit(c->store, err);
}

/* Makes events durable, all or none. Held: writer. */
static bool append(Ceremony *c, const Events *events, const Also *also, CvkErr *err) {
    Lines l;
    for (size_t i = 0; i < ENGINE_EVENTS_MAX; i++)
        l.line[i] = CVK_BUF(EVENT_JSON_MAX);
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
    for (size_t i = 0; i < ENGINE_EVENTS_MAX; i++)
        cvk_buf_done(&l.line[i]);
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
    char lease[24], index[24];
    snprintf(lease, sizeof lease, "%llu", (unsigned long long)e->lease);
    switch (e->type) {
    case EVENT_LEASE_GRANTED:
        cvk_log(LOG_INFO, "lease.granted", "ceremony", c->name, "lease", lease, "identity",
                e->u.granted.identity, NULL);
        break;
    case EVENT_CONTRIBUTION_ACCEPTED:
        snprintf(index, sizeof index, "%llu", (unsigned long long)e->u.accepted.index);
        cvk_log(LOG_INFO, "contribution.accepted", "ceremony", c->name, "lease", lease, "index",
                index, NULL);
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
    case EVENT_CEREMONY_OPENED:
    case EVENT_LEASE_MOVED:
    case EVENT_RESPONSE_STORED:
    case EVENT_CEREMONY_FINALIZED:
    case EVENT_N:
        break;
    }
}

static void decide(Ceremony *c, const Command *command, Events *ret_events, Refusal *ret_refusal) {
    pthread_mutex_lock(&c->published);
    engine_decide(c->state, c->presence, command, c->host.now_ms(), ret_events, ret_refusal);
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
            apply(c, &ret_events->at[i]);
            log_event(c, &ret_events->at[i]);
        }
        if (also != NULL && *ret_refusal == REFUSAL_NONE)
            also->applied(also->ctx);
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
    Events events = {.n = 1, .at = {{.type = EVENT_CEREMONY_OPENED, .now_ms = c->host.now_ms()}}};
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

/* ---- what others ask ---- */

void ceremony_status(Ceremony *c, CeremonyStatus *ret) {
    int64_t now = c->host.now_ms();
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &ret->view);
    const EnginePolicy *p = &ret->view.policy;
    ret->lobby_size =
        presence_count(c->presence, now, p->checkin_every_ms + p->checkin_tolerance_ms);
    int64_t seen;
    if (ret->view.lease.number != 0 && ret->lobby_size != 0 &&
        presence_last_seen(c->presence, ret->view.lease.identity, &seen))
        ret->lobby_size--;
    pthread_mutex_unlock(&c->published);
}

bool ceremony_session(Ceremony *c, const char *session_id, Session *ret, bool *ret_found,
                      CvkErr *err) {
    StoreSession row;
    *ret_found = false;
    if (strlen(session_id) != AUTH_SESSION_TEXT - 1)
        return true;
    uint8_t hash[32];
    auth_session_hash(session_id, hash);
    pthread_mutex_lock(&c->reader_lock);
    bool found, ok = store_session_get(c->reader, hash, &row, &found, err);
    pthread_mutex_unlock(&c->reader_lock);
    if (!ok)
        return false;
    if (!found || row.ceremony != c->id || row.expires_ms < c->host.now_ms())
        return true;
    memcpy(ret->hash, hash, sizeof ret->hash);
    snprintf(ret->identity, sizeof ret->identity, "%s", row.identity);
    pthread_mutex_lock(&c->published);
    ret->ended = row.ended || engine_is_out(c->state, row.identity); /* by another session too */
    pthread_mutex_unlock(&c->published);
    *ret_found = true;
    return true;
}

/* ---- a turn ---- */

/* Whoever was answered is present; short of memory, the lobby is full. Held: published. */
static void note_check_in(Ceremony *c, const Command *command, Refusal *refusal) {
    CvkErr ignored;
    if (*refusal != REFUSAL_NONE && *refusal != REFUSAL_BUSY && *refusal != REFUSAL_HOLDER_AGAIN)
        return;
    if (!presence_touch(c->presence, command->identity, c->host.now_ms(), &ignored) &&
        *refusal == REFUSAL_BUSY)
        *refusal = REFUSAL_LOBBY_FULL;
}

/* Decides a check-in on the published state alone. False: it would make events, so the writer must.
 */
static bool check_in_reads(Ceremony *c, const Command *command, Refusal *ret_refusal,
                           uint64_t *ret_lease) {
    Events events;
    EngineView view;
    pthread_mutex_lock(&c->published);
    engine_decide(c->state, c->presence, command, c->host.now_ms(), &events, ret_refusal);
    if (events.n == 0)
        note_check_in(c, command, ret_refusal);
    engine_view(c->state, &view);
    pthread_mutex_unlock(&c->published);
    *ret_lease = view.lease.number;
    return events.n == 0;
}

/* Nobody gets a turn whose challenge we cannot serve: it would run out for our own fault. */
static bool check_in_writes(Ceremony *c, const Command *command, Refusal *ret_refusal,
                            uint64_t *ret_lease, CvkErr *err) {
    Events events;
    if (!ceremony_challenge_ready(c, err) ||
        !ceremony_execute(c, command, NULL, &events, ret_refusal, err))
        return false;
    pthread_mutex_lock(&c->published);
    note_check_in(c, command, ret_refusal);
    pthread_mutex_unlock(&c->published);
    for (size_t i = 0; i < events.n; i++)
        if (events.at[i].type == EVENT_LEASE_GRANTED)
            *ret_lease = events.at[i].lease;
    return true;
}

bool ceremony_check_in(Ceremony *c, const Session *s, Refusal *ret_refusal, uint64_t *ret_lease,
                       CeremonyFile *ret_challenge, CvkErr *err) {
    if (s->ended) {
        *ret_refusal = REFUSAL_OUT;
        return true;
    }
    Command command = {.type = COMMAND_CHECK_IN, .identity = s->identity};
    if (!check_in_reads(c, &command, ret_refusal, ret_lease) &&
        !check_in_writes(c, &command, ret_refusal, ret_lease, err))
        return false;
    if (*ret_refusal != REFUSAL_NONE && *ret_refusal != REFUSAL_HOLDER_AGAIN)
        return true;
    return ceremony_challenge(c, ret_challenge, err);
}

void ceremony_challenge_sent(Ceremony *c, uint64_t lease) {
    Command command = {.type = COMMAND_REACH, .lease = lease, .phase = PHASE_COMPUTING};
    Events events;
    Refusal refusal; /* such as a lease that has ended: then it does not matter */
    CvkErr err;
    if (!ceremony_execute(c, &command, NULL, &events, &refusal, &err))
        cvk_log_err(LOG_WARN, "lease.move_failed", &err); /* the holder only has less time */
}

bool ceremony_abort(Ceremony *c, const Session *s, Refusal *ret_refusal, CvkErr *err) {
    pthread_mutex_lock(&c->published);
    EngineView view;
    engine_view(c->state, &view);
    pthread_mutex_unlock(&c->published);
    if (s->ended || view.lease.number == 0 || strcmp(view.lease.identity, s->identity) != 0) {
        *ret_refusal = REFUSAL_NOT_HOLDER;
        return true;
    }
    Events events;
    return ceremony_execute(c, &(Command){.type = COMMAND_ABORT, .lease = view.lease.number}, NULL,
                            &events, ret_refusal, err);
}

/* ---- the operator ---- */

bool ceremony_finalize(Ceremony *c, CvkErr *err) {
    Events events;
    Refusal refusal;
    if (!ceremony_execute(c, &(Command){.type = COMMAND_FINALIZE}, NULL, &events, &refusal, err))
        return false;
    if (refusal == REFUSAL_TURN_LIVE)
        return cvk_fail(
            err, CVK_ECONFLICT, "ceremony.turn_live",
            "somebody's turn is under way: wait for its end (ceremony status), then finalize");
    if (refusal == REFUSAL_FINALIZED)
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.finalized", "ceremony '%s' is final already",
                        c->name);
    return true;
}

/* ---- contributions ---- */

typedef struct {
    uint64_t index;
    char **receipt;
    char *signature;
    bool found;
} ReceiptOut;

static bool copy_receipt(void *ctx, const StoreContribution *k, CvkErr *err) {
    ReceiptOut *out = ctx;
    if (k->index != out->index)
        return cvk_fail(err, CVK_EBACKEND, "receipt.lost", "contribution %llu is not in the store",
                        (unsigned long long)out->index);
    *out->receipt = cvk_strdup(k->receipt, err);
    snprintf(out->signature, 131, "%s", k->receipt_signature);
    out->found = *out->receipt != NULL;
    return false; /* one is enough */
}

bool ceremony_receipt(Ceremony *c, uint64_t index, char **ret_receipt, char ret_signature[131],
                      CvkErr *err) {
    ReceiptOut out = {.index = index, .receipt = ret_receipt, .signature = ret_signature};
    pthread_mutex_lock(&c->published);
    EngineView view;
    engine_view(c->state, &view);
    pthread_mutex_unlock(&c->published);
    if (index == 0 || index > view.contributions)
        return cvk_fail(err, CVK_ENOTFOUND, "receipt.none", "there is no contribution %llu",
                        (unsigned long long)index);
    pthread_mutex_lock(&c->reader_lock);
    bool ok = store_contribution_each(c->reader, c->id, index, copy_receipt, &out, err);
    pthread_mutex_unlock(&c->reader_lock);
    return out.found ||
           (ok && cvk_fail(err, CVK_ENOTFOUND, "receipt.none", "there is no such contribution"));
}

/* On a connection of its own: it may take long, and polls must not wait for it. */
static bool history_each(void *ctx,
                         bool (*fn)(void *fn_ctx, const StoreContribution *k, CvkErr *err),
                         void *fn_ctx, CvkErr *err) {
    Ceremony *c = ctx;
    Store *store;
    if (!store_open(c->store_path, false, &store, err))
        return false;
    bool ok = store_contribution_each(store, c->id, 1, fn, fn_ctx, err);
    store_close(store);
    return ok;
}

void ceremony_newest(Ceremony *c, Newest *ret) {
    pthread_mutex_lock(&c->published);
    EngineView view;
    engine_view(c->state, &view);
    ret->index = view.contributions;
    memcpy(ret->response, c->newest, sizeof ret->response);
    pthread_mutex_unlock(&c->published);
}

bool ceremony_newest_open(Ceremony *c, const Newest *newest, int *ret_fd, History *ret_history,
                          CvkErr *err) {
    *ret_history = (History){.each = history_each, .ctx = c, .upto = newest->index};
    *ret_fd = -1;
    return newest->index == 0 || blob_open_checked(c->host.dir, newest->response, ret_fd, err);
}

bool ceremony_intact(Ceremony *c, CvkErr *err) {
    Newest newest;
    History ignored;
    int fd;
    ceremony_newest(c, &newest);
    if (!ceremony_newest_open(c, &newest, &fd, &ignored, err))
        return false;
    if (fd >= 0)
        close(fd);
    return true;
}
