/* Signing in to a server of the KZG protocol, with an invitation's key or a wallet's. */
#include "auth/siwe.h"
#include "base/hex.h"
#include "base/limits.h"
#include "client/kzg_private.h"
#include "codec/json_write.h"

#include <stdio.h>
#include <string.h>

static const char SIGNING_IN[] = "signing in";

/* ---- invitations ---- */

/* The login state is a parameter of the address to which a browser would go; it is base64url, so
 * nothing in it is escaped. */
static bool state_of_url(const char *url, char ret[AUTH_STATE_MAX], CvkErr *err) {
    const char *at = strchr(url, '?');
    while (at != NULL && strncmp(at + 1, "state=", 6) != 0)
        at = strchr(at + 1, '&');
    size_t n = at != NULL ? strcspn(at + 7, "&#") : 0;
    const char *state = at != NULL ? at + 7 : "";
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (n == 0 || n >= AUTH_STATE_MAX || strspn(state, digits) != n)
        return cvk_fail(err, CVK_EBACKEND, "server.strange",
                        "the server's sign-in address carries no state");
    memcpy(ret, state, n);
    ret[n] = '\0';
    return true;
}

static bool ask_state(KzgClient *c, char ret[AUTH_STATE_MAX], CvkErr *err) {
    WebReply reply = {0};
    KzgReplyMeaning meaning;
    char url[KZG_CLIENT_URL_MAX];
    bool ok = kzg_client_get(c, "/auth/request_link", "asking to sign in", &reply, &meaning, err);
    if (ok && meaning.kind != KZG_REPLY_OK)
        ok = kzg_reply_fail(&meaning, "asking to sign in", err);
    if (ok && !kzg_reply_string(&reply, NULL, "eth_auth_url", url, sizeof url))
        ok = cvk_fail(err, CVK_EBACKEND, "server.strange", "the server gives no way to sign in");
    ok = ok && state_of_url(url, ret, err);
    cvk_buf_done(&reply.into);
    return ok;
}

static bool sign_state(const KzgClient *c, const char *state, const uint8_t *key,
                       char ret_code[2 + 131], CvkErr *err) {
    char server[AUTH_SERVER_MAX], text[AUTH_SIGN_IN_MAX];
    uint8_t digest[32], signature[ETH_SIGNATURE_BYTES];
    if (!auth_server_name(c->url, server))
        return cvk_fail(err, CVK_EBADREQ, "net.url", "'%.200s' names no server", c->url);
    auth_sign_in_text(server, state, text);
    eth_personal_digest(text, strlen(text), digest);
    if (!eth_sign(key, digest, signature, err))
        return false;
    memcpy(ret_code, "0x", 2);
    cvk_hex_encode(signature, sizeof signature, ret_code + 2);
    return true;
}

/* What every sign-in is answered with. Leaves the reply to the caller. */
static bool take_session(KzgClient *c, const WebReply *reply, char *ret_identity, CvkErr *err) {
    char session[AUTH_SESSION_TEXT], identity[LIMIT_IDENTITY + 1];
    if (!kzg_reply_string(reply, NULL, "session_id", session, sizeof session) ||
        !kzg_reply_string(reply, "id_token", "sub", identity, sizeof identity))
        return cvk_fail(err, CVK_EBACKEND, "server.strange", "the server gives no session");
    if (!kzg_client_use_session(c, session, err))
        return false;
    snprintf(ret_identity, LIMIT_IDENTITY + 1, "%s", identity);
    return true;
}

bool kzg_client_sign_in(KzgClient *c, const uint8_t key[ETH_SECRET_BYTES], char *ret_identity,
                        CvkErr *err) {
    char state[AUTH_STATE_MAX], code[2 + 131], path[KZG_CLIENT_URL_MAX];
    if (!ask_state(c, state, err) || !sign_state(c, state, key, code, err))
        return false;
    snprintf(path, sizeof path, "/auth/callback/eth?code=%s&state=%s", code, state);

    WebReply reply = {0};
    KzgReplyMeaning meaning;
    bool ok = kzg_client_get(c, path, SIGNING_IN, &reply, &meaning, err);
    if (ok && meaning.kind != KZG_REPLY_OK)
        ok = kzg_reply_fail(&meaning, SIGNING_IN, err);
    ok = ok && take_session(c, &reply, ret_identity, err);
    cvk_buf_done(&reply.into);
    return ok;
}

/* ---- Sign-In with Ethereum ---- */

#define LOST_ANSWERS_MAX 3

/* What the server gives for a message; the rest of it is ours to say. */
typedef struct {
    char nonce[128], issued_at[64], expires_at[64], domain[AUTH_SERVER_MAX];
} Offer;

static bool ask_nonce(KzgClient *c, Offer *ret, CvkErr *err) {
    WebReply reply = {0};
    KzgReplyMeaning meaning;
    bool ok = kzg_client_get(c, "/auth/nonce", SIGNING_IN, &reply, &meaning, err);
    if (ok && meaning.status == 404)
        ok = cvk_fail(err, CVK_EBACKEND, "server.no_wallets",
                      "this server knows no sign-in with an Ethereum key: ask its operators for an "
                      "invitation");
    else if (ok && meaning.kind != KZG_REPLY_OK)
        ok = kzg_reply_fail(&meaning, SIGNING_IN, err);
    if (ok &&
        (!kzg_reply_string(&reply, NULL, "nonce", ret->nonce, sizeof ret->nonce) ||
         !kzg_reply_string(&reply, NULL, "domain", ret->domain, sizeof ret->domain) ||
         !kzg_reply_string(&reply, NULL, "issued_at", ret->issued_at, sizeof ret->issued_at) ||
         !kzg_reply_string(&reply, NULL, "expiration_time", ret->expires_at,
                           sizeof ret->expires_at)))
        ok = cvk_fail(err, CVK_EBACKEND, "server.strange", "the server gives no nonce to sign");
    cvk_buf_done(&reply.into);
    return ok;
}

/* The message names the server as the person does, never as the server says: a signature that
 * another site has lured out of them would be of no use there. */
static bool make_message(const KzgClient *c, const Offer *offer, const uint8_t *key, CvkBuf *ret,
                         CvkErr *err) {
    char server[AUTH_SERVER_MAX];
    if (!auth_server_name(c->url, server))
        return cvk_fail(err, CVK_EBADREQ, "net.url", "'%.200s' names no server", c->url);
    if (strcmp(server, offer->domain) != 0)
        return cvk_fail(
            err, CVK_ECONFLICT, "server.name",
            "you call the server %.80s, and it calls itself %.80s: use that address, if "
            "you trust it, as one signs in to a name",
            server, offer->domain);
    SiweMessage m = {.domain = SIWE_TEXT(server),
                     .statement = SIWE_TEXT("I want to take part in the ceremony."),
                     .uri = SIWE_TEXT(c->url),
                     .version = SIWE_TEXT("1"),
                     .chain_id = SIWE_TEXT("1"),
                     .nonce = SIWE_TEXT(offer->nonce),
                     .issued_at = SIWE_TEXT(offer->issued_at),
                     .expires_at = SIWE_TEXT(offer->expires_at)};
    return eth_key_address(key, m.address, err) && siwe_write(&m, ret, err);
}

/* {"message","signature"} */
static bool make_login(const KzgClient *c, const Offer *offer, const uint8_t *key, CvkBuf *ret,
                       CvkErr *err) {
    uint8_t digest[32], signature[ETH_SIGNATURE_BYTES];
    _cleanup_buf_ CvkBuf message = CVK_BUF(LIMIT_SIWE);
    if (!make_message(c, offer, key, &message, err))
        return false;
    eth_personal_digest(message.data, message.n, digest);
    if (!eth_sign(key, digest, signature, err))
        return false;
    JsonWriter w = JSON_WRITER(json_to_buf(ret), 0);
    json_object_begin(&w);
    json_put_key(&w, "message");
    json_put_strn(&w, message.data, message.n);
    json_put_key(&w, "signature");
    json_put_hex(&w, signature, sizeof signature);
    json_object_end(&w);
    return json_finish(&w, err);
}

/* *ret_again: an answer was lost, and with it the nonce: a new one will do. */
static bool log_in(KzgClient *c, const CvkBuf *body, char *ret_identity, bool *ret_again,
                   CvkErr *err) {
    char url[1200];
    WebReply reply = {.into = CVK_BUF(LIMIT_REPLY)};
    KzgReplyMeaning meaning = {0};
    unsigned tries;
    snprintf(url, sizeof url, "%s/login", c->url);
    WebRequest rq = {.method = "POST",
                     .url = url,
                     .body = cvk_buf_str(body),
                     .body_n = body->n,
                     .total_s = KZG_CLIENT_SMALL_S};
    bool ok = kzg_client_ask(c, &rq, SIGNING_IN, &reply, &meaning, &tries, err);
    *ret_again = ok && tries > 1 && strcmp(meaning.code, "AuthErrorPayload::InvalidNonce") == 0;
    if (ok && meaning.kind != KZG_REPLY_OK)
        ok = kzg_reply_fail(&meaning, SIGNING_IN, err);
    ok = ok && take_session(c, &reply, ret_identity, err);
    cvk_buf_done(&reply.into);
    return ok;
}

bool kzg_client_sign_in_wallet(KzgClient *c, const uint8_t key[ETH_SECRET_BYTES],
                               char *ret_identity, CvkErr *err) {
    bool again = true;
    for (int i = 0; i < LOST_ANSWERS_MAX && again; i++) {
        Offer offer;
        _cleanup_buf_ CvkBuf body = CVK_BUF(LIMIT_LOGIN);
        if (!ask_nonce(c, &offer, err) || !make_login(c, &offer, key, &body, err))
            return false;
        if (log_in(c, &body, ret_identity, &again, err))
            return true;
    }
    return false;
}
