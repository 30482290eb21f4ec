/* How long sessions live: they are read at the start, asked for by every request, renewed while
 * their owners are here, and end by time or by logging out. (sign_in.c begins them, the journal
 * ends those of people who go out.) The database changes first, memory after it. */
#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "run/node_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- at the start ---- */

/* A row that was damaged must not make its holder somebody else: they only sign in again. */
static bool is_of(const Ceremony *c, const StoreSession *x) {
    char id[AUTH_SESSION_TEXT];
    uint8_t own[32];
    auth_session_id(c->host.auth, c->id, x->identity, x->generation, id);
    auth_session_hash(id, own);
    cvk_wipe(id, sizeof id);
    return memcmp(own, x->hash, sizeof own) == 0;
}

static bool load_row(void *ctx, const StoreSession *x, CvkErr *err) {
    Ceremony *c = ctx;
    SessionRow row = {.identity = x->identity, .expires_ms = x->expires_ms, .ended = x->ended};
    memcpy(row.hash, x->hash, sizeof row.hash);
    return !is_of(c, x) || sessions_put(c->sessions, &row, err);
}

bool ceremony_load_sessions(Ceremony *c, CvkErr *err) {
    CvkErr why;
    c->sessions = sessions_new(err);
    if (c->sessions == NULL)
        return false;
    /* Whoever is not read signs in again: no reason to serve nobody. */
    if (!store_session_each(c->reader, c->id, load_row, c, &why))
        cvk_log_err(LOG_WARN, "sessions.unreadable", &why);
    return true;
}

/* ---- for each request ---- */

/* Held: published. */
static bool is_here(const Ceremony *c, const char *identity) {
    EnginePerson person;
    int64_t seen;
    return (engine_person(c->state, 0, identity, &person) &&
            (person.place != 0 || person.holder)) ||
           presence_last_seen(c->presence, identity, &seen);
}

bool ceremony_session(Ceremony *c, const char *session_id, Session *ret) {
    SessionRow row;
    if (strlen(session_id) != AUTH_SESSION_TEXT - 1)
        return false;
    auth_session_hash(session_id, ret->hash);
    int64_t now_ms = run_clock_now(c->host.clock);
    pthread_mutex_lock(&c->published);
    bool found = sessions_find(c->sessions, ret->hash, &row) &&
                 (row.expires_ms >= now_ms || is_here(c, row.identity)); /* the clock may jump */
    if (found) {
        snprintf(ret->identity, sizeof ret->identity, "%s", row.identity);
        ret->ended = row.ended || engine_is_out(c->state, row.identity);
    }
    pthread_mutex_unlock(&c->published);
    return found;
}

/* ---- logging out ---- */

/* The turn, unless it is being verified, and the place. What is refused was not theirs. */
static bool give_up(Ceremony *c, const char *identity, CvkErr *err) {
    EngineView view;
    Events events;
    Refusal ignored;
    pthread_mutex_lock(&c->published);
    uint64_t lease = ceremony_lease_of(c, identity, &view);
    pthread_mutex_unlock(&c->published);
    Command abort = {.type = COMMAND_ABORT, .lease = lease};
    Command leave = {.type = COMMAND_LEAVE, .identity = identity};
    return (lease == 0 || ceremony_execute(c, &abort, NULL, &events, &ignored, err)) &&
           ceremony_execute(c, &leave, NULL, &events, &ignored, err);
}

/* In this order: whoever is told that it failed still has a session to try it again. */
bool node_log_out(Node *n, Ceremony *c, const Session *s, CvkErr *err) {
    if (!give_up(c, s->identity, err))
        return false;
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_session_log_out(n->store, c->id, s->identity, err);
    if (ok) {
        pthread_mutex_lock(&c->published);
        sessions_remove(c->sessions, s->identity);
        presence_remove(c->presence, s->identity);
        pthread_mutex_unlock(&c->published);
    }
    pthread_mutex_unlock(&n->store_lock);
    return ok;
}

/* ---- now and then ---- */

#define SWEEP_STEP 512 /* sessions that are looked at while requests wait */

/* Those to be renewed. */
typedef struct {
    uint8_t (*hash)[32];
    size_t n;
} Ending;

/* Held: published. */
static void sweep_row(Ceremony *c, const SessionRow *row, int64_t now_ms, Ending *ending) {
    if (row->expires_ms >= now_ms + SESSION_LIFE_MS / 2)
        return;
    if (!row->ended && is_here(c, row->identity))
        memcpy(ending->hash[ending->n++], row->hash, sizeof row->hash);
    else if (row->expires_ms < now_ms)
        sessions_remove(c->sessions, row->identity);
}

/* Finds those to be renewed, and forgets those past their time. */
static bool find_ending(Ceremony *c, int64_t now_ms, Ending *ret, CvkErr *err) {
    SessionRow row;
    pthread_mutex_lock(&c->published);
    size_t at = sessions_n(c->sessions);
    pthread_mutex_unlock(&c->published);
    ret->n = 0;
    ret->hash = cvk_alloc(at != 0 ? at : 1, sizeof *ret->hash, err);
    while (ret->hash != NULL && at != 0) {
        pthread_mutex_lock(&c->published);
        for (size_t i = 0; i < SWEEP_STEP && sessions_walk(c->sessions, &at, &row); i++)
            sweep_row(c, &row, now_ms, ret);
        pthread_mutex_unlock(&c->published);
    }
    return ret->hash != NULL;
}

/* Held: store_lock. */
static bool sweep(Node *n, Ceremony *c, int64_t now_ms, CvkErr *err) {
    int64_t until_ms = now_ms + SESSION_LIFE_MS;
    Ending ending;
    bool ok = find_ending(c, now_ms, &ending, err) &&
              (ending.n == 0 || store_session_renew(n->store, (const uint8_t(*)[32])ending.hash,
                                                    ending.n, until_ms, err));
    pthread_mutex_lock(&c->published);
    for (size_t i = 0; ok && i < ending.n; i++)
        sessions_renew(c->sessions, ending.hash[i], until_ms);
    pthread_mutex_unlock(&c->published);
    free(ending.hash);
    return ok;
}

void node_sweep_sessions(Node *n) {
    CvkErr err;
    bool ok = true;
    int64_t now_ms = run_clock_now(n->clock);
    pthread_mutex_lock(&n->store_lock);
    for (size_t i = 0; ok && i < n->n_ceremonies; i++)
        ok = sweep(n, n->ceremonies[i], now_ms, &err);
    if (!ok || !store_session_expire(n->store, now_ms, &err) ||
        !store_nonce_expire(n->store, now_ms, &err))
        cvk_log_err(LOG_WARN, "sessions.sweep_failed", &err);
    pthread_mutex_unlock(&n->store_lock);
}
