/* Signing in by a wallet's signature, for programs: GET /auth/nonce says what a message of Sign-In
 * with Ethereum must hold, POST /login takes it. */
#include "api/body.h"
#include "api/sign_in.h"

#include "auth/siwe.h"
#include "base/clock.h"
#include "format/doc.h"

#include <stdio.h>
#include <string.h>

#define STATEMENT_MAX 200
#define NONCE_ANSWER_MAX (2 * LIMIT_SIWE + 4096)

/* ---- GET /auth/nonce ---- */

/* A message that will be taken, but for its address, and what it refers to. */
typedef struct {
    SignInNonce nonce;
    char domain[AUTH_SERVER_MAX], issued_at[CVK_TIME_TEXT], expires_at[CVK_TIME_TEXT];
    char statement[STATEMENT_MAX];
    CvkBuf uri;
    SiweMessage message;
} Offer;

static bool make_offer(HttpRequest *r, Offer *o) {
    const App *app = http_app(r);
    o->uri = CVK_BUF(LIMIT_SIWE);
    node_nonce(app->node, &o->nonce);
    cvk_time_format(o->nonce.issued_ms, o->issued_at);
    cvk_time_format(o->nonce.expires_ms, o->expires_at);
    snprintf(
        o->statement, sizeof o->statement,
        "Sign in to take part in the ceremony %s. This costs nothing and sends no transaction.",
        ceremony_name(app->ceremony));
    if (!server_name(r, o->domain) || !add_base_url(r, &o->uri, NULL))
        return false;
    o->message = (SiweMessage){.domain = SIWE_TEXT(o->domain),
                               .statement = SIWE_TEXT(o->statement),
                               .uri = {.at = cvk_buf_str(&o->uri), .n = o->uri.n},
                               .version = SIWE_TEXT("1"),
                               .chain_id = SIWE_TEXT("1"),
                               .nonce = SIWE_TEXT(o->nonce.nonce),
                               .issued_at = SIWE_TEXT(o->issued_at),
                               .expires_at = SIWE_TEXT(o->expires_at)};
    return true;
}

static void put_text(JsonWriter *w, const char *key, SiweText text) {
    json_put_key(w, key);
    json_put_strn(w, text.at, text.n);
}

static void put_offer(JsonWriter *w, const Offer *o) {
    const SiweMessage *m = &o->message;
    put_text(w, "nonce", m->nonce);
    put_text(w, "domain", m->domain);
    put_text(w, "uri", m->uri);
    put_text(w, "statement", m->statement);
    put_text(w, "version", m->version);
    json_put_key(w, "chain_id");
    json_put_uint(w, 1);
    put_text(w, "issued_at", m->issued_at);
    put_text(w, "expiration_time", m->expires_at);
}

/* The whole message, for an address that is given. */
static bool put_message(JsonWriter *w, Offer *o, const char *address) {
    char text[ETH_ADDRESS_TEXT];
    _cleanup_buf_ CvkBuf b = CVK_BUF(LIMIT_SIWE);
    if (address[0] == '\0')
        return true;
    if (!eth_address_read(address, o->message.address) || !siwe_write(&o->message, &b, NULL))
        return false;
    eth_address_checksummed(o->message.address, text);
    json_put_key(w, "address");
    json_put_str(w, text);
    json_put_key(w, "message");
    json_put_str(w, cvk_buf_str(&b));
    return true;
}

static void reply_offer(HttpRequest *r, Offer *o, const char *address) {
    static const ApiError no_address = {400, "RequestError::BadParameter",
                                        "the parameter `address` is no Ethereum address (are its "
                                        "capitals right?)"};
    _cleanup_buf_ CvkBuf b = CVK_BUF(NONCE_ANSWER_MAX);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    json_object_begin(&w);
    put_offer(&w, o);
    bool fits = put_message(&w, o, address);
    json_object_end(&w);
    bool ok = json_finish(&w, NULL);
    if (fits)
        reply_built(r, 200, "application/json", &b, ok);
    else
        reply_api_error(r, &no_address);
}

static void nonce(HttpRequest *r) {
    char address[ETH_ADDRESS_TEXT];
    Offer o;
    FormResult got = http_query_get(r, "address", address, sizeof address);
    if (ceremony_wallets(app_ceremony(r)) == WALLETS_NONE) {
        reply_api_error(r, &wallets_not_offered);
        return;
    }
    if (got != FORM_ABSENT && !check_field(r, got, "address"))
        return;
    if (make_offer(r, &o))
        reply_offer(r, &o, address);
    else
        reply_api_error(r, &server_unnamed);
    cvk_buf_done(&o.uri);
}

const HttpHandler on_nonce = {.on_end = nonce};

/* ---- what POST /login takes ---- */

enum { LOGIN_MESSAGE, LOGIN_SIGNATURE, LOGIN_SIG, LOGIN_ADDRESS, LOGIN_FIELDS };
static const char *const login_names[LOGIN_FIELDS] = {"message", "signature", "sig", "ethAddress"};

typedef struct {
    LoginBody *body;
    bool there[LOGIN_FIELDS];
} LoginRead;

static bool login_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    LoginRead *x = ctx;
    LoginBody *b = x->body;
    x->there[which] = true;
    switch (which) {
    case LOGIN_MESSAGE:
        return doc_text(r, b->message, sizeof b->message, err);
    case LOGIN_ADDRESS:
        return doc_text(r, b->address, sizeof b->address, err);
    default: /* two names of one thing */
        return doc_text(r, b->code, sizeof b->code, err);
    }
}

bool login_body_read(const char *json, size_t n, LoginBody *ret, CvkErr *err) {
    static const DocObject kind = {.names = login_names,
                                   .n = LOGIN_FIELDS,
                                   .optional = (1u << LOGIN_FIELDS) - 1,
                                   .open = true,
                                   .field = login_field};
    JsonMemory memory = {.data = json, .n = n};
    LoginBody body = {.kind = PROOF_WALLET};
    LoginRead x = {.body = &body};
    JsonReader *r = json_reader_new(json_from_memory(&memory), LIMIT_LOGIN, err);
    bool ok = r != NULL && doc_object(r, &kind, &x, err) && json_read_end(r, err);
    json_reader_free(r);
    if (!ok)
        return false;
    bool siwe = x.there[LOGIN_MESSAGE] && x.there[LOGIN_SIGNATURE];
    bool constant = x.there[LOGIN_SIG] && x.there[LOGIN_ADDRESS];
    if (siwe == constant)
        return cvk_fail(err, CVK_EBADREQ, "login.fields",
                        "the body must have `message` and `signature` (or `sig` and `ethAddress`)");
    body.kind = siwe ? PROOF_WALLET : PROOF_CONSTANT;
    *ret = body;
    return true;
}

SignInProof login_proof(const LoginBody *body, const char *state) {
    return (SignInProof){.kind = body->kind,
                         .state = state,
                         .code = body->code,
                         .message = body->message,
                         .address = body->address};
}

bool take_login(HttpRequest *r, const char *json, size_t n, LoginBody *ret) {
    static const ApiError not_offered = {403, "AuthErrorPayload::OldSignInNotOffered",
                                         "this server does not take a signature of the constant "
                                         "text: sign a message with a nonce (GET /auth/nonce)"};
    const App *app = http_app(r);
    CvkErr err;
    if (!login_body_read(json, n, ret, &err)) {
        if (err.code == CVK_EINTERNAL)
            reply_failed(r, &err);
        else
            http_reply_error(r, 400, "RequestError::InvalidJson", err.msg);
        return false;
    }
    bool ok = ret->kind != PROOF_CONSTANT || app->legacy_login;
    if (!ok)
        reply_api_error(r, &not_offered);
    return ok;
}

/* ---- POST /login ---- */

/* What clients of 2022 call them; the token is the session id. */
static void reply_login(HttpRequest *r, const SignedIn *in) {
    bool ethereum = strcmp(in->provider, "Ethereum") == 0;
    _cleanup_buf_ CvkBuf b = CVK_BUF(4096);
    JsonWriter w = JSON_WRITER(json_to_buf(&b), 0);
    json_object_begin(&w);
    json_put_key(&w, "participant");
    json_object_begin(&w);
    json_put_key(&w, "idType");
    json_put_str(&w, ethereum ? "ethAddress" : "githubHandle");
    json_put_key(&w, "id");
    json_put_str(&w, in->nickname);
    json_object_end(&w);
    json_put_key(&w, "token");
    json_put_str(&w, in->session_id);
    put_signed_in(&w, in);
    json_object_end(&w);
    bool ok = json_finish(&w, NULL);
    reply_built(r, 200, "application/json", &b, ok);
}

static void begin_login(HttpRequest *r) {
    body_begin_json(r, LIMIT_LOGIN);
}

static void end_login(HttpRequest *r) {
    LoginBody body;
    Attempt a;
    size_t n;
    const char *json = body_text(r, &n);
    if (!take_login(r, json, n, &body))
        return;
    const SignInProof proof = login_proof(&body, NULL);
    if (!sign_in(r, &proof, &a))
        return;
    if (a.refused.code != NULL)
        reply_api_error(r, &a.refused);
    else
        reply_login(r, &a.in);
}

const HttpHandler on_login = {
    .on_headers = begin_login, .on_body = body_take, .on_end = end_login, .on_done = body_free};
