/* Signing in as the original protocol's clients know it: they open one of two links, somebody signs
 * in there, and a session id comes back by a redirect or to be pasted. Both links lead to a page of
 * ours, which takes an invitation; programs prove theirs at /auth/callback/eth by a signature, so
 * that the invitation itself never leaves them. */
#include "api/app.h"

#include "auth/auth.h"
#include "base/alloc.h"
#include "codec/json_write.h"
#include "http/gate.h"

#include <stdio.h>
#include <string.h>

#define CODE_MAX 512
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
                              "</strong>.</p>\n<p>If the invitation was mistyped or not pasted "
                              "whole, go back and try again.</p>\n",
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

static void reply_session(HttpRequest *r, const SignedIn *in) {
    _cleanup_buf_ CvkBuf b = CVK_BUF(4096);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    json_object_begin(&w);
    json_put_key(&w, "id_token");
    json_object_begin(&w);
    json_put_key(&w, "exp");
    json_put_uint(&w, UINT64_MAX);
    json_put_key(&w, "nickname");
    json_put_str(&w, in->nickname);
    json_put_key(&w, "provider");
    json_put_str(&w, in->provider);
    json_put_key(&w, "sub");
    json_put_str(&w, in->identity);
    json_object_end(&w);
    json_put_key(&w, "session_id");
    json_put_str(&w, in->session_id);
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

/* The name under which this request reached us. */
static void server_name(const HttpRequest *r, char ret[AUTH_SERVER_MAX]) {
    const App *app = http_app(r);
    const char *address = app->public_url != NULL ? app->public_url : http_header(r, "Host");
    if (address == NULL || !auth_server_name(address, ret))
        ret[0] = '\0';
}

static const ApiError *why_closed(Ceremony *c) {
    static const ApiError closed = {503, "AuthErrorPayload::CeremonyClosed",
                                    "the ceremony takes nobody new"};
    static const ApiError moved = {503, "AuthErrorPayload::CeremonyHandedOver",
                                   "the ceremony has moved to another server"};
    CeremonyStatus status;
    ceremony_status(c, &status);
    return status.view.handed_over ? &moved : &closed;
}

static void sign_in(HttpRequest *r, const char *state, const char *code, const ApiError *bad_code) {
    static const ApiError out = {400, "AuthErrorPayload::UserAlreadyContributed",
                                 "user already contributed"};
    const App *app = http_app(r);
    char redirect[LIMIT_REDIRECT + 1];
    SignedIn in;
    SignInResult result;
    CvkErr err;
    char server[AUTH_SERVER_MAX];
    server_name(r, server);
    const SignInProof proof = {.server = server, .state = state, .code = code};
    if (!node_sign_in(app->node, app->ceremony, &proof, redirect, &in, &result, &err)) {
        reply_failed(r, &err);
        return;
    }
    switch (result) {
    case SIGN_IN_OK:
        reply_signed_in(r, redirect, &in);
        break;
    case SIGN_IN_BAD_STATE:
        reply_bad_state(r, &err);
        break;
    case SIGN_IN_BAD_CODE:
        reply_refused(r, redirect, bad_code);
        break;
    case SIGN_IN_BAD_WALLET:
        reply_refused(r, redirect, &(ApiError){400, wallet_code(&err), err.msg});
        break;
    case SIGN_IN_STRANGER:
        reply_refused(r, redirect, &not_invited);
        break;
    case SIGN_IN_NO_WALLETS:
        reply_refused(r, redirect, &no_wallets);
        break;
    case SIGN_IN_OUT:
        reply_refused(r, redirect, &out);
        break;
    case SIGN_IN_FULL:
        reply_refused(r, redirect, &lobby_full);
        break;
    case SIGN_IN_CLOSED:
        reply_refused(r, redirect, why_closed(app->ceremony));
        break;
    }
}

/* ---- GET /auth/callback/eth and /auth/callback/github ---- */

static const ApiError invalid_code = {400, "AuthErrorPayload::InvalidAuthCode",
                                      "invalid authorization code"};

/* False: the reply says what is wrong with it. */
static bool check_field(HttpRequest *r, FormResult got, const char *name) {
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
    if (take_callback(r, code, state))
        sign_in(r, state, code, &invalid_code);
}

const HttpHandler on_callback_eth = {.on_end = callback_eth};

/* No code is anybody's here: what remains is to tell it the way the state says. */
static void callback_github(HttpRequest *r) {
    static const ApiError not_offered = {400, "AuthErrorPayload::InvalidAuthCode",
                                         "this server offers no sign-in with GitHub: use your "
                                         "invitation"};
    char code[CODE_MAX], state[AUTH_STATE_MAX];
    if (take_callback(r, code, state))
        sign_in(r, state, "", &not_offered);
}

const HttpHandler on_callback_github = {.on_end = callback_github};

/* ---- GET and POST /auth/sign_in: the page and its form ---- */

/* The origin of a redirect that auth_redirect_allowed let pass, for the page's policy; "" for what
 * could not stand there. */
static void origin_of(const char *redirect, char ret[LIMIT_REDIRECT + 1]) {
    const char *host = strstr(redirect, "://");
    size_t n = host != NULL ? (size_t)(host + 3 - redirect) + strcspn(host + 3, "/?#") : 0;
    if (strcspn(redirect, " ;,'\"\\") < n)
        n = 0;
    memcpy(ret, redirect, n);
    ret[n] = '\0';
}

static bool add_sign_in(CvkBuf *b, const HttpRequest *r, const char *state, const char *redirect) {
    bool ok =
        page_begin(b, r, "Sign in to contribute", NULL) &&
        cvk_buf_add_str(b,
                        "<p>Paste the invitation that you were given. It is your key to this "
                        "ceremony: give it to nobody else, and use it only here or with "
                        "<code>convoke contribute</code>, which does not even send it.</p>\n"
                        "<form method=\"post\" action=\"",
                        NULL) &&
        add_base_url(r, b, NULL) &&
        cvk_buf_add_str(b, "/auth/sign_in\">\n<input type=\"hidden\" name=\"state\" value=\"",
                        NULL) &&
        html_add(b, state, NULL) &&
        cvk_buf_add_str(b,
                        "\">\n<label for=\"code\">Invitation</label>\n<input id=\"code\" "
                        "name=\"code\" type=\"password\" autocomplete=\"off\" required autofocus>\n"
                        "<button>Sign in</button>\n</form>\n",
                        NULL);
    if (redirect[0] != '\0')
        ok = ok && cvk_buf_add_str(b, "<p>You then return to <code>", NULL) &&
             html_add(b, redirect, NULL) && cvk_buf_add_str(b, "</code>.</p>\n", NULL);
    return ok && page_end(b, NULL);
}

static void reply_sign_in_page(HttpRequest *r, const char *state, const char *redirect) {
    char origin[LIMIT_REDIRECT + 1];
    _cleanup_buf_ CvkBuf b = CVK_BUF(PAGE_MAX);
    origin_of(redirect, origin);
    bool ok = add_sign_in(&b, r, state, origin);
    reply_page(r, 200, &b, ok, origin);
}

/* Browsers follow a form's answer only where the page's policy allows it, so the page must know
 * where the state leads: an attempt with no code tells, and signs nobody in. */
static void sign_in_page(HttpRequest *r) {
    const App *app = http_app(r);
    char state[AUTH_STATE_MAX], redirect[LIMIT_REDIRECT + 1];
    SignedIn in;
    SignInResult result;
    CvkErr err;
    if (!check_field(r, http_query_get(r, "state", state, sizeof state), "state"))
        return;
    const SignInProof nobody = {.server = "", .state = state, .code = ""};
    if (!node_sign_in(app->node, app->ceremony, &nobody, redirect, &in, &result, &err))
        reply_failed(r, &err);
    else if (result == SIGN_IN_BAD_STATE)
        reply_bad_state(r, &err);
    else
        reply_sign_in_page(r, state, redirect);
}

const HttpHandler on_sign_in_page = {.on_end = sign_in_page};

static void begin_form(HttpRequest *r) {
    static const ApiError not_a_form = {
        415, "RequestError::UnsupportedMediaType",
        "Expected request with `Content-Type: application/x-www-form-urlencoded`"};
    const char *type = http_header(r, "Content-Type");
    if (type == NULL ||
        !http_name_is(type, strcspn(type, "; \t"), "application/x-www-form-urlencoded")) {
        reply_api_error(r, &not_a_form);
        return;
    }
    CvkErr err;
    CvkBuf *form = cvk_alloc(1, sizeof *form, &err);
    if (form == NULL) {
        reply_failed(r, &err);
        return;
    }
    form->max = LIMIT_FORM;
    http_set_data(r, form);
}

static void take_form(HttpRequest *r, const void *data, size_t n) {
    CvkErr err;
    if (cvk_buf_add(http_data(r), data, n, &err))
        return;
    if (err.code == CVK_ELIMIT)
        reply_too_large(r);
    else
        reply_failed(r, &err);
}

static void end_form(HttpRequest *r) {
    const CvkBuf *form = http_data(r);
    char code[CODE_MAX], state[AUTH_STATE_MAX];
    const char *text = cvk_buf_str(form);
    if (!check_field(r, form_get(text, form->n, "code", code, sizeof code), "code") ||
        !check_field(r, form_get(text, form->n, "state", state, sizeof state), "state"))
        return;
    sign_in(r, state, code, &invalid_code);
}

static void free_form(HttpRequest *r, bool sent) {
    (void)sent;
    CvkBuf *form = http_data(r);
    if (form != NULL)
        cvk_buf_done(form);
    free(form);
}

const HttpHandler on_sign_in_form = {
    .on_headers = begin_form, .on_body = take_form, .on_end = end_form, .on_done = free_form};
