/* Signing in as the original protocol's clients know it: they open one of two links, somebody signs
 * in there, and a session id comes back by a redirect or to be pasted. Both links lead to a page of
 * ours (sign_in_page.c); programs prove their invitation at /auth/callback/eth by a signature, so
 * that the invitation itself never leaves them. */
#include "api/sign_in.h"

#include "auth/redirect.h"

#include <stdio.h>
#include <string.h>

#define SESSION_EXP "18446744073709551615" /* never: as the original server says */

static const ApiError lobby_full = {503, "AuthErrorPayload::LobbyIsFull", "lobby is full"};

/* ---- GET /auth/request_link ---- */

static bool add_link(JsonWriter *w, const char *key, const HttpRequest *r, const char *state) {
    _cleanup_buf_ CvkBuf link = CVK_BUF(2 * AUTH_STATE_MAX);
    if (!add_base_url(r, &link, NULL) || !cvk_buf_add_str(&link, "/auth/sign_in?", NULL) ||
        !form_add(&link, "state", state, NULL))
        return false;
    json_put_key(w, key);
    json_put_str(w, link.data);
    return true;
}

static void reply_links(HttpRequest *r, const char *state) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(4 * AUTH_STATE_MAX);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    json_object_begin(&w);
    bool ok = add_link(&w, "eth_auth_url", r, state) && add_link(&w, "github_auth_url", r, state);
    json_object_end(&w);
    ok = json_finish(&w, NULL) && ok;
    reply_built(r, 200, "application/json", &b, ok);
}

/* "" when there is none, or none that is a URL: the original ignores those. */
static bool take_redirect(HttpRequest *r, char ret[LIMIT_REDIRECT + 1]) {
    static const ApiError refused = {400, "AuthErrorPayload::RedirectNotAllowed",
                                     "redirect_to is not an address that this server may send "
                                     "people to: ask its operator to allow it"};
    const App *app = http_app(r);
    FormResult got = http_query_get(r, "redirect_to", ret, LIMIT_REDIRECT + 1);
    bool is_url = strncmp(ret, "http://", 7) == 0 || strncmp(ret, "https://", 8) == 0;
    if (got != FORM_TOO_LONG && !is_url) {
        ret[0] = '\0';
        return true;
    }
    if (is_url && auth_redirect_allowed(ret, app->redirects))
        return true;
    reply_api_error(r, &refused);
    return false;
}

static void request_link(HttpRequest *r) {
    const App *app = http_app(r);
    char redirect[LIMIT_REDIRECT + 1], state[AUTH_STATE_MAX];
    CvkErr err;
    if (!take_redirect(r, redirect))
        return;
    if (ceremony_sessions_full(app->ceremony))
        reply_api_error(r, &lobby_full);
    else if (!node_login_state(app->node, redirect, state, &err))
        reply_failed(r, &err);
    else
        reply_links(r, state);
}

const HttpHandler on_request_link = {.on_end = request_link};

/* ---- the answer to a sign-in, whichever way it came ---- */

static void redirect_to(HttpRequest *r, const char *redirect, const CvkBuf *query, bool ok) {
    _cleanup_buf_ CvkBuf location = CVK_BUF(4 * LIMIT_REDIRECT);
    if (!ok || !url_with_query(&location, redirect, query->data, NULL)) {
        reply_built(r, 500, NULL, &location, false);
        return;
    }
    http_reply_header(r, "Location", location.data);
    http_reply_header(r, "Referrer-Policy", "no-referrer");
    http_reply(r, 303, NULL, NULL, 0);
}

static bool wants_page(const HttpRequest *r) {
    const char *accept = http_header(r, "Accept");
    return accept != NULL && strstr(accept, "text/html") != NULL;
}

static void reply_refused_page(HttpRequest *r, const ApiError *e) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(PAGE_MAX);
    bool ok = page_begin(&b, r, "Not signed in", NULL) &&
              cvk_buf_add_str(&b, "<p>The server says: <strong>", NULL) &&
              html_add(&b, e->text, NULL) &&
              cvk_buf_add_str(&b,
                              "</strong>.</p>\n<p>Go back to try again. An invitation must be "
                              "pasted whole.</p>\n",
                              NULL) &&
              page_end(&b, NULL);
    reply_page(r, e->status, &b, ok, "");
}

static void reply_refused(HttpRequest *r, const char *redirect, const ApiError *e) {
    if (redirect[0] == '\0') {
        if (wants_page(r))
            reply_refused_page(r, e);
        else
            reply_api_error(r, e);
        return;
    }
    _cleanup_buf_ CvkBuf query = CVK_BUF(2 * LIMIT_REDIRECT);
    bool ok = form_add(&query, "code", e->code, NULL) && form_add(&query, "error", e->text, NULL);
    redirect_to(r, redirect, &query, ok);
}

void put_signed_in(JsonWriter *w, const SignedIn *in) {
    json_put_key(w, "id_token");
    json_object_begin(w);
    json_put_key(w, "exp");
    json_put_uint(w, UINT64_MAX);
    json_put_key(w, "nickname");
    json_put_str(w, in->nickname);
    json_put_key(w, "provider");
    json_put_str(w, in->provider);
    json_put_key(w, "sub");
    json_put_str(w, in->identity);
    json_object_end(w);
    json_put_key(w, "session_id");
    json_put_str(w, in->session_id);
}

static void reply_session(HttpRequest *r, const SignedIn *in) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(4096);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    json_object_begin(&w);
    put_signed_in(&w, in);
    json_object_end(&w);
    bool ok = json_finish(&w, NULL);
    reply_built(r, 200, "application/json", &b, ok);
}

static void reply_session_page(HttpRequest *r, const SignedIn *in) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(PAGE_MAX);
    bool ok = page_begin(&b, r, "Signed in", NULL) && cvk_buf_add_str(&b, "<p>You are ", NULL) &&
              html_add(&b, in->identity, NULL) &&
              cvk_buf_add_str(&b,
                              ". Give this session id to your program, such as <code>convoke "
                              "contribute</code> with <code>--session</code>:</p>\n<pre>",
                              NULL) &&
              html_add(&b, in->session_id, NULL) && cvk_buf_add_str(&b, "</pre>\n", NULL) &&
              page_end(&b, NULL);
    reply_page(r, 200, &b, ok, "");
}

static void reply_signed_in(HttpRequest *r, const char *redirect, const SignedIn *in) {
    if (redirect[0] == '\0') {
        if (wants_page(r))
            reply_session_page(r, in);
        else
            reply_session(r, in);
        return;
    }
    _cleanup_buf_ CvkBuf query = CVK_BUF(2 * LIMIT_REDIRECT);
    bool ok = form_add(&query, "session_id", in->session_id, NULL) &&
              form_add(&query, "sub", in->identity, NULL) &&
              form_add(&query, "nickname", in->nickname, NULL) &&
              form_add(&query, "provider", in->provider, NULL) &&
              form_add(&query, "exp", SESSION_EXP, NULL);
    redirect_to(r, redirect, &query, ok);
}

/* A state that is not ours; the key "message" is the original's. */
static void reply_bad_state(HttpRequest *r, const CvkErr *why) {
    static const char base64[] = "{\"message\":\"invalid base64 data in state parameter\"}";
    static const char json[] = "{\"message\":\"invalid json in state parameter\"}";
    if (strcmp(why->id, "state.base64") == 0)
        http_reply(r, 400, "application/json", base64, sizeof base64 - 1);
    else if (strcmp(why->id, "state.json") == 0)
        http_reply(r, 400, "application/json", json, sizeof json - 1);
    else
        http_reply_error(
            r, 400, "AuthErrorPayload::InvalidState",
            "this sign-in link is not this server's or has expired: ask for a new one");
}

void reply_attempt(HttpRequest *r, const Attempt *a) {
    if (a->refused.code != NULL)
        reply_refused(r, a->redirect, &a->refused);
    else
        reply_signed_in(r, a->redirect, &a->in);
}

/* ---- the verdict on a proof, in the protocol's words ---- */

bool server_name(const HttpRequest *r, char ret[AUTH_SERVER_MAX]) {
    const App *app = http_app(r);
    const char *address = app->public_url != NULL ? app->public_url : http_own_host(r);
    ret[0] = '\0';
    return address != NULL && auth_server_name(address, ret);
}

static ApiError why_closed(Ceremony *c) {
    static const ApiError closed = {503, "AuthErrorPayload::CeremonyClosed",
                                    "the ceremony takes nobody new"};
    static const ApiError moved = {503, "AuthErrorPayload::CeremonyHandedOver",
                                   "the ceremony has moved to another server"};
    CeremonyStatus status;
    ceremony_status(c, &status);
    return status.view.handed_over ? moved : closed;
}

/* What is wrong with what a wallet signed; the text is the error's. */
static ApiError why_not_wallet(const CvkErr *err) {
    static const struct {
        const char *id, *code;
    } table[] = {
        {"siwe.domain", "AuthErrorPayload::WrongDomain"},
        {"siwe.time", "AuthErrorPayload::MessageNotValidNow"},
        {"nonce.expired", "AuthErrorPayload::MessageNotValidNow"},
        {"nonce.foreign", "AuthErrorPayload::InvalidNonce"},
        {"nonce.used", "AuthErrorPayload::InvalidNonce"},
        {"siwe.signature", "AuthErrorPayload::InvalidSignature"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(err->id, table[i].id) == 0)
            return (ApiError){401, table[i].code, err->msg};
    return (ApiError){400, "AuthErrorPayload::InvalidMessage", err->msg};
}

const ApiError wallets_not_offered = {403, "AuthErrorPayload::WalletsNotOffered",
                                      "nobody signs in to this ceremony with a wallet: use your "
                                      "invitation"};

const ApiError server_unnamed = {400, "AuthErrorPayload::UnknownServerName",
                                 "this server was reached by a name that it does not know as its "
                                 "own: its operator must give --public-url"};

static const ApiError invalid_code = {400, "AuthErrorPayload::InvalidAuthCode",
                                      "invalid authorization code"};

/* `why`: of a wallet that was refused. */
static ApiError refusal_of(SignInResult result, Ceremony *c, const CvkErr *why) {
    static const ApiError none = {0, NULL, NULL};
    static const ApiError stranger = {403, "AuthErrorPayload::NotInvited",
                                      "this address is not invited: ask the ceremony's operators"};
    static const ApiError out = {400, "AuthErrorPayload::UserAlreadyContributed",
                                 "user already contributed"};
    switch (result) {
    case SIGN_IN_OK:
    case SIGN_IN_BAD_STATE: /* answered elsewhere */
        break;
    case SIGN_IN_BAD_CODE:
        return invalid_code;
    case SIGN_IN_BAD_WALLET:
        return why_not_wallet(why);
    case SIGN_IN_STRANGER:
        return stranger;
    case SIGN_IN_NO_WALLETS:
        return wallets_not_offered;
    case SIGN_IN_OUT:
        return out;
    case SIGN_IN_FULL:
        return lobby_full;
    case SIGN_IN_CLOSED:
        return why_closed(c);
    }
    return none;
}

/* Does it prove something only together with the server's name? */
static bool names_server(const SignInProof *proof) {
    return proof->kind == PROOF_WALLET ||
           (proof->kind == PROOF_INVITATION && strncmp(proof->code, "0x", 2) == 0);
}

bool sign_in(HttpRequest *r, const SignInProof *proof, Attempt *ret) {
    const App *app = http_app(r);
    char server[AUTH_SERVER_MAX];
    SignInResult result;
    bool named = server_name(r, server);
    SignInProof to_us = *proof;
    to_us.server = server;
    if (!node_sign_in(app->node, app->ceremony, &to_us, ret->redirect, &ret->in, &result,
                      &ret->why)) {
        reply_failed(r, &ret->why);
        return false;
    }
    if (result == SIGN_IN_BAD_STATE) {
        reply_bad_state(r, &ret->why);
        return false;
    }
    ret->refused = !named && names_server(proof) ? server_unnamed
                                                 : refusal_of(result, app->ceremony, &ret->why);
    tell(r, "sign_in", ret->refused.code != NULL ? ret->refused.code : "ok");
    return true;
}

/* ---- GET /auth/callback/eth and /auth/callback/github ---- */

bool check_field(HttpRequest *r, FormResult got, const char *name) {
    char text[120];
    if (got == FORM_FOUND)
        return true;
    if (got == FORM_ABSENT) {
        snprintf(text, sizeof text, "Failed to deserialize query string: missing field `%s`", name);
        http_reply_error(r, 422, "RequestError::MissingParameter", text);
    } else {
        snprintf(text, sizeof text, "the parameter `%s` is malformed or too long", name);
        http_reply_error(r, 400, "RequestError::BadParameter", text);
    }
    return false;
}

static bool take_callback(HttpRequest *r, char code[CODE_MAX], char state[AUTH_STATE_MAX]) {
    return check_field(r, http_query_get(r, "code", code, CODE_MAX), "code") &&
           check_field(r, http_query_get(r, "state", state, AUTH_STATE_MAX), "state");
}

static void callback_eth(HttpRequest *r) {
    char code[CODE_MAX], state[AUTH_STATE_MAX];
    Attempt a;
    if (!take_callback(r, code, state))
        return;
    SignInProof proof = {.state = state, .code = code};
    if (sign_in(r, &proof, &a))
        reply_attempt(r, &a);
}

const HttpHandler on_callback_eth = {.on_end = callback_eth};

/* No code is anybody's here: what remains is to tell it the way the state says. */
static void callback_github(HttpRequest *r) {
    static const ApiError not_offered = {400, "AuthErrorPayload::InvalidAuthCode",
                                         "this server offers no sign-in with GitHub: use your "
                                         "invitation"};
    char code[CODE_MAX], state[AUTH_STATE_MAX];
    Attempt a;
    if (!take_callback(r, code, state))
        return;
    SignInProof nobody = {.state = state, .code = ""};
    if (!sign_in(r, &nobody, &a))
        return;
    a.refused = not_offered;
    reply_attempt(r, &a);
}

const HttpHandler on_callback_github = {.on_end = callback_github};
