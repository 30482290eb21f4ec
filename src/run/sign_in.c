/* Who may come in: who is expected, and the sessions of those who came. prove.c looks who they are.
 */
#include "base/log.h"
#include "base/secret.h"
#include "format/identity.h"
#include "run/node_private.h"

#include <stdio.h>
#include <string.h>

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

/* ---- who is expected ---- */

/* identity NULL: the address's own. */
static bool expect(Node *n, StoreInvitation *row, const char *identity, CvkErr *err) {
    Identity parsed;
    char own[LIMIT_IDENTITY + 1] = "eth|";
    eth_address_lower(row->address, own + strlen(own));
    if (!identity_parse(identity != NULL ? identity : own, &parsed, err))
        return cvk_fail_prefix(err, "'%.60s' is not like eth|0x... or git|123|login",
                               identity != NULL ? identity : own);
    snprintf(row->identity, sizeof row->identity, "%s", parsed.text);
    row->created_ms = run_clock_now(n->clock);
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_invitation_add(n->store, row, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok;
}

bool node_invite(Node *n, const char *identity, char *ret_text, char *ret_identity, CvkErr *err) {
    StoreInvitation row = {.created_ms = 0};
    _cleanup_secret_ uint8_t *secret = cvk_secret_alloc(ETH_SECRET_BYTES, err);
    if (secret == NULL || !eth_key_new(secret, err) || !eth_key_address(secret, row.address, err) ||
        !expect(n, &row, identity, err))
        return false;
    auth_invitation_format(secret, ret_text);
    snprintf(ret_identity, LIMIT_IDENTITY + 1, "%s", row.identity);
    return true;
}

bool node_invite_wallet(Node *n, const char *address, const char *identity, char *ret_identity,
                        CvkErr *err) {
    StoreInvitation row = {.created_ms = 0};
    if (!eth_address_read(address, row.address))
        return cvk_fail(err, CVK_EBADREQ, "wallet.address",
                        "'%.60s' is no address such as 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed "
                        "(mistyped, if only the capitals differ)",
                        address);
    if (!expect(n, &row, identity, err))
        return false;
    snprintf(ret_identity, LIMIT_IDENTITY + 1, "%s", row.identity);
    return true;
}

bool node_login_state(Node *n, const char *redirect, char *ret_state, CvkErr *err) {
    return auth_state_make(n->auth, redirect, run_clock_now(n->clock), ret_state, err);
}

void node_nonce(Node *n, SignInNonce *ret) {
    ret->issued_ms = run_clock_now(n->clock);
    ret->expires_ms = ret->issued_ms + AUTH_NONCE_LIFE_MS;
    auth_nonce_make(n->auth, ret->issued_ms, ret->nonce);
}

/* ---- sessions ---- */

bool ceremony_sessions_full(Ceremony *c) {
    pthread_mutex_lock(&c->published);
    size_t most = c->host.sessions_max != 0 ? c->host.sessions_max : LIMIT_SESSIONS;
    bool full = sessions_live(c->sessions) >= most;
    pthread_mutex_unlock(&c->published);
    return full;
}

/* The same id as long as they do not log out. Held: store_lock. */
static bool begin_session(Node *n, Ceremony *c, const char *identity, SignedIn *ret, CvkErr *err) {
    int64_t now = run_clock_now(n->clock);
    StoreSession x = {.ceremony = c->id, .created_ms = now, .expires_ms = now + SESSION_LIFE_MS};
    if (!store_session_generation(n->store, c->id, identity, &x.generation, err))
        return false;
    auth_session_id(n->auth, c->id, identity, x.generation, ret->session_id);
    auth_session_hash(ret->session_id, x.hash);
    snprintf(x.identity, sizeof x.identity, "%s", identity);
    if (!store_session_put(n->store, &x, err))
        return false;
    SessionRow row = {.identity = x.identity, .expires_ms = x.expires_ms};
    memcpy(row.hash, x.hash, sizeof row.hash);
    pthread_mutex_lock(&c->published);
    bool ok = sessions_put(c->sessions, &row, err);
    pthread_mutex_unlock(&c->published);
    return ok;
}

static bool put_session(Node *n, Ceremony *c, const char *identity, SignedIn *ret, CvkErr *err) {
    pthread_mutex_lock(&n->store_lock);
    bool ok = begin_session(n, c, identity, ret, err);
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

/* Has this identity a session that still lives? Who has may come in again at any time. Held:
 * published. */
static bool has_session(const Ceremony *c, const char *identity, int64_t now_ms) {
    SessionRow row;
    return sessions_of(c->sessions, identity, &row) && row.expires_ms >= now_ms;
}

static SignInResult verdict_on(Node *n, Ceremony *c, const char *identity) {
    EngineView view;
    int64_t now_ms = run_clock_now(n->clock);
    pthread_mutex_lock(&c->published);
    engine_view(c->state, &view);
    bool out = engine_is_out(c->state, identity);
    bool old = has_session(c, identity, now_ms);
    pthread_mutex_unlock(&c->published);
    /* In a queue it is the place that is refused, and who signs in may look on. */
    bool closed = view.mode == MODE_DRAINING && view.policy.entry == ENTRY_LOBBY;
    return view.handed_over                    ? SIGN_IN_CLOSED
           : out                               ? SIGN_IN_OUT
           : closed && !old                    ? SIGN_IN_CLOSED
           : !old && ceremony_sessions_full(c) ? SIGN_IN_FULL
                                               : SIGN_IN_OK;
}

/* What was good for one sign-in is that now. */
static bool use_nonce(Node *n, const Proven *who, SignInResult *ret, CvkErr *err) {
    bool fresh;
    if (!who->has_nonce)
        return true;
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_nonce_use(n->store, who->nonce, who->nonce_expires_ms, &fresh, err);
    pthread_mutex_unlock(&n->store_lock);
    if (!ok || fresh)
        return ok;
    *ret = SIGN_IN_BAD_WALLET;
    cvk_fail(err, CVK_EAUTH, "nonce.used",
             "this message has signed somebody in already: sign in anew");
    return true;
}

/* Whoever they are, and however that was proven: a session, if they may have one. */
static bool admit(Node *n, Ceremony *c, const Proven *who, SignedIn *ret, SignInResult *ret_result,
                  CvkErr *err) {
    char identity[LIMIT_IDENTITY + 1];
    if (!known_as(c, who->identity, identity, err))
        return false;
    *ret_result = verdict_on(n, c, identity);
    if (*ret_result != SIGN_IN_OK)
        return true;
    if (!use_nonce(n, who, ret_result, err))
        return false;
    return *ret_result != SIGN_IN_OK ||
           (describe(identity, ret, err) && put_session(n, c, identity, ret, err));
}

bool node_sign_in(Node *n, Ceremony *c, const SignInProof *proof, char *ret_redirect, SignedIn *ret,
                  SignInResult *ret_result, CvkErr *err) {
    Proven who;
    ret_redirect[0] = '\0';
    *ret_result = SIGN_IN_BAD_STATE;
    if (proof->state != NULL &&
        !auth_state_open(n->auth, proof->state, run_clock_now(n->clock), ret_redirect, err))
        return err->code == CVK_EBADREQ;
    if (!node_prove(n, c, proof, &who, ret_result, err))
        return false;
    return *ret_result != SIGN_IN_OK || admit(n, c, &who, ret, ret_result, err);
}
