#include "base/alloc.h"
#include "base/cond.h"
#include "base/log.h"
#include "run/ceremony_private.h"
#include "run/park.h"
#include "run/preset.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *ceremony_name(const Ceremony *c) {
    return c->name;
}

const char *ceremony_kind(const Ceremony *c) {
    return c->kind->name;
}

Wallets ceremony_wallets(const Ceremony *c) {
    return c->wallets;
}

Feed *ceremony_feed(const Ceremony *c) {
    return c->feed;
}

bool ceremony_head(Ceremony *c, char ret[HEAD_MAX]) {
    return kept_head_text(&c->kept_head, ret);
}

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
    c->wallets = definition.wallets;
    c->kind = (c->host.find_kind != NULL ? c->host.find_kind : kind_find)(row.kind);
    if (c->kind == NULL)
        return cvk_fail(err, CVK_EBADREQ, "ceremony.kind",
                        "ceremony '%s' is of the unknown kind '%s'", c->name, row.kind);
    if (!c->kind->make(definition.sizes, &c->self, err))
        return false;
    c->state = engine_state_new(err);
    c->presence = presence_new(err);
    c->feed = feed_new(err);
    return c->state != NULL && c->presence != NULL && c->feed != NULL && ceremony_replay(c, err) &&
           ceremony_load_sessions(c, err);
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
    kept_head_init(&c->kept_head, c->host.dir, c->name, c->host.key);
    pthread_mutex_init(&c->reader_lock, NULL);
    ceremony_cache_init(c);
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
    park_close(c);
    store_close(c->store);
    store_close(c->reader);
    if (c->self != NULL)
        c->kind->free(c->self);
    engine_state_free(c->state);
    presence_free(c->presence);
    feed_free(c->feed);
    sessions_free(c->sessions);
    signers_done(&c->signers);
    free(c->definition);
    pthread_cond_destroy(&c->settled);
    ceremony_cache_done(c);
    pthread_mutex_destroy(&c->reader_lock);
    kept_head_done(&c->kept_head);
    pthread_mutex_destroy(&c->published);
    pthread_mutex_destroy(&c->writer);
    pthread_mutex_destroy(&c->blobs);
    free(c);
    return NULL;
}

/* ---- a turn ---- */

uint64_t ceremony_lease_of(const Ceremony *c, const char *identity, EngineView *ret) {
    engine_view(c->state, ret);
    bool holds = ret->lease.number != 0 && strcmp(ret->lease.identity, identity) == 0;
    return holds ? ret->lease.number : 0;
}

/* Whoever was answered is present; short of memory, the lobby is full. Held: published. */
static void note_check_in(Ceremony *c, const Command *command, Refusal *refusal) {
    CvkErr ignored;
    if (*refusal != REFUSAL_NONE && *refusal != REFUSAL_BUSY && *refusal != REFUSAL_HOLDER_AGAIN)
        return;
    int64_t now = run_clock_now(c->host.clock), seen;
    bool looks = command->aim == CHECK_IN_LOOK;
    EngineDue due;
    engine_due(c->state, command->identity,
               !presence_last_seen(c->presence, command->identity, &seen), now, &due);
    if (looks && *refusal == REFUSAL_NONE)
        (void)!presence_seat(c->presence, command->identity, now, due.late_ms, &ignored);
    else if ((!looks || *refusal == REFUSAL_BUSY) &&
             !presence_touch(c->presence, command->identity, now, due.late_ms, &ignored) &&
             *refusal == REFUSAL_BUSY)
        *refusal = REFUSAL_FULL;
}

/* Decides a check-in on the published state alone. False: it would make events, so the writer must.
 */
static bool check_in_reads(Ceremony *c, const Command *command, Refusal *ret_refusal,
                           uint64_t *ret_lease) {
    Events events;
    EngineView view;
    pthread_mutex_lock(&c->published);
    engine_decide(c->state, c->presence, command, run_clock_now(c->host.clock), &events,
                  ret_refusal);
    if (events.n == 0)
        note_check_in(c, command, ret_refusal);
    *ret_lease = ceremony_lease_of(c, command->identity, &view);
    pthread_mutex_unlock(&c->published);
    return events.n == 0;
}

/* Nobody gets a turn whose challenge we cannot serve: it would run out for our own fault. */
static bool check_in_writes(Ceremony *c, const Command *command, Refusal *ret_refusal,
                            uint64_t *ret_lease, CvkErr *err) {
    Events events;
    EngineView view;
    if (!ceremony_challenge_ready(c, err) ||
        !ceremony_execute(c, command, NULL, &events, ret_refusal, err))
        return false;
    pthread_mutex_lock(&c->published);
    note_check_in(c, command, ret_refusal);
    *ret_lease = ceremony_lease_of(c, command->identity, &view);
    pthread_mutex_unlock(&c->published);
    return true;
}

static bool check_in(Ceremony *c, const Session *s, CheckInAim aim, Refusal *ret_refusal,
                     uint64_t *ret_lease, CvkErr *err) {
    Command command = {.type = COMMAND_CHECK_IN, .identity = s->identity, .aim = aim};
    if (s->ended) {
        *ret_refusal = REFUSAL_OUT;
        return true;
    }
    return check_in_reads(c, &command, ret_refusal, ret_lease) ||
           check_in_writes(c, &command, ret_refusal, ret_lease, err);
}

static bool check_in_for(Ceremony *c, const Session *s, CheckInAim aim, Refusal *ret_refusal,
                         uint64_t *ret_lease, CeremonyFile *ret_challenge, CvkErr *err) {
    if (!check_in(c, s, aim, ret_refusal, ret_lease, err))
        return false;
    if (*ret_refusal != REFUSAL_NONE && *ret_refusal != REFUSAL_HOLDER_AGAIN)
        return true;
    return ceremony_challenge(c, ret_challenge, err);
}

bool ceremony_check_in(Ceremony *c, const Session *s, Refusal *ret_refusal, uint64_t *ret_lease,
                       CeremonyFile *ret_challenge, CvkErr *err) {
    return check_in_for(c, s, CHECK_IN_TAKE, ret_refusal, ret_lease, ret_challenge, err);
}

bool ceremony_come(Ceremony *c, const Session *s, Refusal *ret_refusal, uint64_t *ret_lease,
                   CeremonyFile *ret_challenge, CvkErr *err) {
    return check_in_for(c, s, CHECK_IN_COME, ret_refusal, ret_lease, ret_challenge, err);
}

bool ceremony_look(Ceremony *c, const Session *s, Refusal *ret_refusal, CvkErr *err) {
    uint64_t lease;
    return check_in(c, s, CHECK_IN_LOOK, ret_refusal, &lease, err);
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
    EngineView view;
    pthread_mutex_lock(&c->published);
    uint64_t lease = ceremony_lease_of(c, s->identity, &view);
    pthread_mutex_unlock(&c->published);
    if (s->ended || lease == 0) {
        *ret_refusal = REFUSAL_NOT_HOLDER;
        return true;
    }
    Events events;
    return ceremony_execute(c, &(Command){.type = COMMAND_ABORT, .lease = lease}, NULL, &events,
                            ret_refusal, err);
}

/* ---- contributions ---- */

bool ceremony_receipt_right(Ceremony *c, const StoreContribution *k, CvkErr *err) {
    uint8_t own[ENGINE_KEY_BYTES];
    ReceiptSigner signer;
    if (!eth_key_address(c->host.key, own, err))
        return false;
    pthread_mutex_lock(&c->published);
    signers_of(&c->signers, k->index, own, &signer);
    pthread_mutex_unlock(&c->published);
    return receipt_check(&signer, c->name, k, err);
}

void ceremony_signatures(const Ceremony *c, const uint8_t *record, size_t n,
                         char ret[SUBMIT_SIGNATURES]) {
    ret[0] = '\0';
    if (c->kind->signatures != NULL)
        c->kind->signatures(c->self, record, n, ret);
}

bool issued_copy(void *issued, const StoreContribution *k, CvkErr *err) {
    Issued *to = issued;
    if (to->c != NULL)
        ceremony_signatures(to->c, k->record, k->record_n, to->signatures);
    to->row = *k;
    to->row.record = NULL;
    to->row.record_n = 0;
    to->row.receipt = to->receipt = cvk_strdup(k->receipt, err);
    snprintf(to->signature, sizeof to->signature, "%s", k->receipt_signature);
    to->row.receipt_signature = to->signature;
    return to->receipt != NULL;
}

bool issued_take(Ceremony *c, Issued *issued, char **ret_receipt, char ret_signature[131],
                 CvkErr *err) {
    if (!ceremony_receipt_right(c, &issued->row, err)) {
        free(issued->receipt);
        issued->receipt = NULL;
        return false;
    }
    *ret_receipt = issued->receipt;
    memcpy(ret_signature, issued->signature, 131);
    return true;
}

/* One is enough. */
static bool copy_first(void *ctx, const StoreContribution *k, CvkErr *err) {
    Issued *to = ctx;
    (void)!issued_copy(to, k, err);
    return false;
}

bool ceremony_receipt(Ceremony *c, uint64_t index, char **ret_receipt, char ret_signature[131],
                      CvkErr *err) {
    Issued issued = {.receipt = NULL};
    pthread_mutex_lock(&c->published);
    EngineView view;
    engine_view(c->state, &view);
    pthread_mutex_unlock(&c->published);
    if (index == 0 || index > view.contributions)
        return cvk_fail(err, CVK_ENOTFOUND, "receipt.none", "there is no contribution %llu",
                        (unsigned long long)index);
    pthread_mutex_lock(&c->reader_lock);
    bool ok = store_contribution_each(c->reader, c->id, index, copy_first, &issued, err);
    pthread_mutex_unlock(&c->reader_lock);
    if (issued.receipt == NULL && !ok)
        return false;
    if (issued.receipt == NULL || issued.row.index != index) {
        free(issued.receipt);
        return cvk_fail(err, CVK_EBACKEND, "contribution.lost",
                        "contribution %llu is not in the store: restore the database from a backup",
                        (unsigned long long)index);
    }
    return issued_take(c, &issued, ret_receipt, ret_signature, err);
}

/* On a connection of its own: it may take long, and polls must not wait for it. */
static bool history_each(void *ctx, uint64_t from,
                         bool (*fn)(void *fn_ctx, const StoreContribution *k, CvkErr *err),
                         void *fn_ctx, CvkErr *err) {
    Ceremony *c = ctx;
    Store *store;
    if (!store_open(c->store_path, false, &store, err))
        return false;
    bool ok = store_contribution_each(store, c->id, from, fn, fn_ctx, err);
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
    if (ret_fd == NULL)
        return true;
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
