/* Who may come in: invitations, and the sessions made from them. */
#include "base/log.h"
#include "base/secret.h"
#include "format/identity.h"
#include "run/node_private.h"

#include <stdio.h>
#include <string.h>

#define SESSION_LIFE_MS ((int64_t)24 * 3600 * 1000)

/* ---- one name for each ---- */

/* "git|17|" and what comes behind everything that begins so. */
static void account_range(const Identity *who, char ret_from[LIMIT_IDENTITY + 2],
                          char ret_to[LIMIT_IDENTITY + 2]) {
    snprintf(ret_from, LIMIT_IDENTITY + 2, "%s|", who->key);
    snprintf(ret_to, LIMIT_IDENTITY + 2, "%s%c", who->key, '|' + 1);
}

bool ceremony_known_as(Ceremony *c, const Identity *who, char ret[LIMIT_IDENTITY + 1],
                       CvkErr *err) {
    char from[LIMIT_IDENTITY + 2], to[LIMIT_IDENTITY + 2];
    bool found;
    snprintf(ret, LIMIT_IDENTITY + 1, "%s", who->text);
    if (who->kind != IDENTITY_GITHUB)
        return true;
    account_range(who, from, to);
    pthread_mutex_lock(&c->published);
    const char *first = engine_identity_like(c->state, from);
    if (first != NULL)
        snprintf(ret, LIMIT_IDENTITY + 1, "%s", first);
    pthread_mutex_unlock(&c->published);
    if (first != NULL)
        return true;
    pthread_mutex_lock(&c->reader_lock);
    bool ok = store_session_account(c->reader, c->id, from, to, ret, &found, err);
    pthread_mutex_unlock(&c->reader_lock);
    return ok;
}

static bool known_as(Ceremony *c, const char *invited, char ret[LIMIT_IDENTITY + 1], CvkErr *err) {
    Identity who;
    return identity_parse(invited, &who, err) && ceremony_known_as(c, &who, ret, err);
}

/* ---- invitations ---- */

bool node_invite(Node *n, const char *identity, char *ret_text, char *ret_identity, CvkErr *err) {
    StoreInvitation row = {.created_ms = run_clock_now(n->clock)};
    Identity parsed;
    _cleanup_secret_ uint8_t *secret = cvk_secret_alloc(ETH_SECRET_BYTES, err);
    if (secret == NULL || !eth_key_new(secret, err) || !eth_key_address(secret, row.address, err))
        return false;
    char own[LIMIT_IDENTITY + 1] = "eth|";
    eth_address_lower(row.address, own + strlen(own));
    if (!identity_parse(identity != NULL ? identity : own, &parsed, err))
        return cvk_fail_prefix(err, "'%.60s' is not like eth|0x... or git|123|login",
                               identity != NULL ? identity : own);
    snprintf(row.identity, sizeof row.identity, "%s", parsed.text);
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_invitation_add(n->store, &row, err);
    pthread_mutex_unlock(&n->store_lock);
    if (ok) {
        auth_invitation_format(secret, ret_text);
        snprintf(ret_identity, LIMIT_IDENTITY + 1, "%s", row.identity);
    }
    return ok;
}

bool node_login_state(Node *n, const char *redirect, char *ret_state, CvkErr *err) {
    return auth_state_make(n->auth, redirect, run_clock_now(n->clock), ret_state, err);
}

/* ---- sessions ---- */

static bool count_sessions(Node *n, const Ceremony *c, uint64_t *ret, CvkErr *err) {
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_session_count(n->store, c->id, run_clock_now(n->clock), ret, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok;
}

bool node_sessions_full(Node *n, Ceremony *c) {
    uint64_t count;
    CvkErr err;
    return count_sessions(n, c, &count, &err) && count >= LIMIT_SESSIONS;
}

/* Who brings this code? *ret_found false: nobody whom the operator invited. */
static bool find_invited(Node *n, const SignInProof *proof, StoreInvitation *ret, bool *ret_found,
                         CvkErr *err) {
    uint8_t address[ETH_ADDRESS_BYTES];
    uint8_t secret[ETH_SECRET_BYTES];
    *ret_found = false;
    bool known = auth_invitation_parse(proof->code, secret)
                     ? eth_key_address(secret, address, err)
                     : auth_code_address(proof->server, proof->state, proof->code, address);
    cvk_wipe(secret, sizeof secret);
    if (!known)
        return true;
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_invitation_get(n->store, address, ret, ret_found, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok;
}

static bool put_session(Node *n, const Ceremony *c, const char *identity, SignedIn *ret,
                        CvkErr *err) {
    int64_t now = run_clock_now(n->clock);
    StoreSession row = {.ceremony = c->id, .created_ms = now, .expires_ms = now + SESSION_LIFE_MS};
    snprintf(row.identity, sizeof row.identity, "%s", identity);
    auth_session_id(n->auth, c->id, identity, ret->session_id);
    auth_session_hash(ret->session_id, row.hash);
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_session_put(n->store, &row, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok;
}

static bool describe(const char *identity, SignedIn *ret, CvkErr *err) {
    Identity parsed;
    if (!identity_parse(identity, &parsed, err))
        return false;
    snprintf(ret->identity, sizeof ret->identity, "%s", parsed.text);
    snprintf(ret->nickname, sizeof ret->nickname, "%s", parsed.nickname);
    snprintf(ret->provider, sizeof ret->provider, "%s", identity_provider(parsed.kind));
    return true;
}

/* Has this identity a session that still lives? Who has may come in again at any time. */
static bool has_session(Node *n, const Ceremony *c, const char *identity, bool *ret, CvkErr *err) {
    char id[AUTH_SESSION_TEXT];
    uint8_t hash[32];
    StoreSession row;
    auth_session_id(n->auth, c->id, identity, id);
    auth_session_hash(id, hash);
    pthread_mutex_lock(&n->store_lock);
    bool found, ok = store_session_get(n->store, hash, &row, &found, err);
    pthread_mutex_unlock(&n->store_lock);
    *ret = ok && found && row.expires_ms >= run_clock_now(n->clock);
    return ok;
}

static bool verdict_on(Node *n, Ceremony *c, const char *identity, SignInResult *ret, CvkErr *err) {
    EngineView view;
    bool old = false;
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    bool out = engine_is_out(c->state, identity);
    pthread_mutex_unlock(&c->published);
    /* In a queue it is the place that is refused, and who signs in may look on. */
    bool closed = view.mode == MODE_DRAINING && view.policy.entry == ENTRY_LOBBY;
    if (closed && !has_session(n, c, identity, &old, err))
        return false;
    *ret = view.handed_over           ? SIGN_IN_CLOSED
           : out                      ? SIGN_IN_OUT
           : closed && !old           ? SIGN_IN_CLOSED
           : node_sessions_full(n, c) ? SIGN_IN_FULL
                                      : SIGN_IN_OK;
    return true;
}

bool node_sign_in(Node *n, Ceremony *c, const SignInProof *proof, char *ret_redirect, SignedIn *ret,
                  SignInResult *ret_result, CvkErr *err) {
    StoreInvitation invited;
    char identity[LIMIT_IDENTITY + 1];
    bool found;
    ret_redirect[0] = '\0';
    *ret_result = SIGN_IN_BAD_STATE;
    if (!auth_state_open(n->auth, proof->state, run_clock_now(n->clock), ret_redirect, err))
        return err->code == CVK_EBADREQ;
    if (!find_invited(n, proof, &invited, &found, err))
        return false;
    *ret_result = SIGN_IN_BAD_CODE;
    if (!found)
        return true;
    if (!known_as(c, invited.identity, identity, err) ||
        !verdict_on(n, c, identity, ret_result, err))
        return false;
    if (*ret_result != SIGN_IN_OK)
        return true;
    return describe(identity, ret, err) && put_session(n, c, identity, ret, err);
}

/* ---- how long sessions live ---- */

static bool owner_is_here(void *ctx, const StoreSession *x) {
    Node *n = ctx;
    for (size_t i = 0; i < n->n_ceremonies; i++)
        if (n->ceremonies[i]->id == x->ceremony)
            return ceremony_is_here(n->ceremonies[i], x->identity);
    return false;
}

void node_sweep_sessions(Node *n) {
    CvkErr err;
    int64_t now_ms = run_clock_now(n->clock);
    pthread_mutex_lock(&n->store_lock);
    if (!store_session_renew(n->store, now_ms + SESSION_LIFE_MS / 2, now_ms + SESSION_LIFE_MS,
                             owner_is_here, n, &err) ||
        !store_session_expire(n->store, now_ms, &err))
        cvk_log_err(LOG_WARN, "sessions.sweep_failed", &err);
    pthread_mutex_unlock(&n->store_lock);
}
