#include "auth/auth.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/rng.h"
#include "base/secret.h"
#include "base/sha256.h"
#include "codec/base64.h"
#include "codec/json_write.h"
#include "format/doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define INVITATION_PREFIX "convoke-invitation-v1:"
#define SEAL_TEXT (2 * SHA256_BYTES + 1)
#define STATE_JSON_MAX (LIMIT_REDIRECT + 512)

struct Auth {
    uint8_t secret[32];
};

Auth *auth_new(const uint8_t secret[32], CvkErr *err) {
    Auth *a = cvk_secret_alloc(sizeof *a, err);
    if (a != NULL)
        memcpy(a->secret, secret, sizeof a->secret);
    return a;
}

Auth *auth_free(Auth *a) {
    return cvk_secret_free(a);
}

/* ---- redirects ---- */

/* The origin of an http(s) address: scheme and authority. False when it has none or the authority
 * has a character that could make two readers disagree about the host (user info, backslash,
 * control). */
static bool origin_of(const char *address, size_t *ret_n) {
    size_t scheme = strncmp(address, "http://", 7) == 0    ? 7
                    : strncmp(address, "https://", 8) == 0 ? 8
                                                           : 0;
    if (scheme == 0)
        return false;
    size_t n = scheme;
    for (; address[n] != '\0' && strchr("/?#", address[n]) == NULL; n++)
        if ((unsigned char)address[n] <= 0x20 || (unsigned char)address[n] >= 0x7f ||
            strchr("@\\\"<>", address[n]) != NULL)
            return false;
    *ret_n = n;
    return n > scheme;
}

/* Control characters, and what no URL holds and JSON would write twice as long (a state has room
 * for LIMIT_REDIRECT). */
static bool has_odd_characters(const char *s) {
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || strchr("\"\\\x7f", *s) != NULL)
            return true;
    return false;
}

static bool is_loopback(const char *origin, size_t n) {
    static const char *const hosts[] = {"http://localhost",  "http://127.0.0.1",  "http://[::1]",
                                        "https://localhost", "https://127.0.0.1", "https://[::1]"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        size_t host = strlen(hosts[i]);
        if (n >= host && strncmp(origin, hosts[i], host) == 0 && (n == host || origin[host] == ':'))
            return true;
    }
    return false;
}

bool auth_redirect_allowed(const char *redirect, const char *allowed) {
    size_t n;
    if (strlen(redirect) > LIMIT_REDIRECT || has_odd_characters(redirect) ||
        !origin_of(redirect, &n))
        return false;
    if (is_loopback(redirect, n))
        return true;
    for (const char *at = allowed; *at != '\0';) {
        size_t item = strcspn(at, ",");
        if (item == n && strncmp(at, redirect, n) == 0)
            return true;
        at += item;
        if (*at == ',')
            at++;
    }
    return false;
}

/* ---- login states ---- */

typedef struct {
    char redirect[LIMIT_REDIRECT + 1];
    int64_t expires_ms;
    char nonce[33];
    char seal[SEAL_TEXT];
} State;

static void seal_of(const Auth *a, const State *s, char ret[SEAL_TEXT]) {
    char text[STATE_JSON_MAX];
    int n = snprintf(text, sizeof text, "login-state\n%" PRId64 "\n%s\n%s", s->expires_ms, s->nonce,
                     s->redirect);
    uint8_t mac[SHA256_BYTES];
    cvk_hmac_sha256(a->secret, text, (size_t)n, mac);
    cvk_hex_encode(mac, sizeof mac, ret);
}

static bool state_write(const State *s, CvkBuf *b, CvkErr *err) {
    JsonWriter w = JSON_WRITER(json_to_buf(b), 0);
    json_object_begin(&w);
    json_put_key(&w, "redirect");
    if (s->redirect[0] != '\0')
        json_put_str(&w, s->redirect);
    else
        json_put_null(&w);
    json_put_key(&w, "expires");
    json_put_int(&w, s->expires_ms);
    json_put_key(&w, "nonce");
    json_put_str(&w, s->nonce);
    json_put_key(&w, "seal");
    json_put_str(&w, s->seal);
    json_object_end(&w);
    return json_finish(&w, err);
}

bool auth_state_make(const Auth *a, const char *redirect, int64_t now_ms, char ret[AUTH_STATE_MAX],
                     CvkErr *err) {
    State s = {.expires_ms = now_ms + AUTH_STATE_LIFE_MS};
    if (strlen(redirect) > LIMIT_REDIRECT)
        return cvk_fail(err, CVK_ELIMIT, "redirect.long", "redirect_to is longer than %d bytes",
                        LIMIT_REDIRECT);
    snprintf(s.redirect, sizeof s.redirect, "%s", redirect);
    uint8_t nonce[16];
    cvk_random(nonce, sizeof nonce);
    cvk_hex_encode(nonce, sizeof nonce, s.nonce);
    seal_of(a, &s, s.seal);
    _cleanup_buf_ CvkBuf b = CVK_BUF(AUTH_STATE_MAX / 4 * 3 - 3);
    if (!state_write(&s, &b, err))
        return false;
    base64url_encode(b.data, b.n, ret);
    return true;
}

static bool take_redirect(JsonReader *r, State *s, CvkErr *err) {
    JsonType type;
    if (!json_read_peek(r, &type, err))
        return false;
    return type == JSON_TYPE_NULL ? json_read_null(r, err)
                                  : doc_text(r, s->redirect, sizeof s->redirect, err);
}

enum { STATE_REDIRECT, STATE_EXPIRES, STATE_NONCE, STATE_SEAL, STATE_FIELDS };
static const char *const state_names[STATE_FIELDS] = {"redirect", "expires", "nonce", "seal"};

static bool state_field(JsonReader *r, size_t which, void *ctx, CvkErr *err) {
    State *s = ctx;
    switch (which) {
    case STATE_REDIRECT:
        return take_redirect(r, s, err);
    case STATE_EXPIRES:
        return json_read_int(r, &s->expires_ms, err);
    case STATE_NONCE:
        return doc_text(r, s->nonce, sizeof s->nonce, err);
    default:
        return doc_text(r, s->seal, sizeof s->seal, err);
    }
}

static bool state_read(const char *json, size_t n, State *s, CvkErr *err) {
    static const DocObject kind = {.names = state_names, .n = STATE_FIELDS, .field = state_field};
    JsonMemory memory = {.data = json, .n = n};
    JsonReader *r = json_reader_new(json_from_memory(&memory), n, err);
    bool ok = r != NULL && doc_object(r, &kind, s, err) && json_read_end(r, err);
    json_reader_free(r);
    return ok;
}

bool auth_state_open(const Auth *a, const char *state, int64_t now_ms, char *ret_redirect,
                     CvkErr *err) {
    uint8_t json[AUTH_STATE_MAX];
    size_t n;
    if (!base64url_decode(state, strlen(state), json, sizeof json, &n))
        return cvk_fail(err, CVK_EBADREQ, "state.base64", "invalid base64 data in state parameter");
    State s = {.expires_ms = 0};
    if (!state_read((const char *)json, n, &s, err))
        return cvk_fail(err, CVK_EBADREQ, "state.json", "invalid json in state parameter");
    char seal[SEAL_TEXT];
    seal_of(a, &s, seal);
    if (strlen(s.seal) != sizeof seal - 1 || !cvk_secret_equal(seal, s.seal, sizeof seal))
        return cvk_fail(err, CVK_EBADREQ, "state.seal",
                        "this state was not made by this server: sign in anew");
    if (now_ms > s.expires_ms)
        return cvk_fail(err, CVK_EBADREQ, "state.seal", "this sign-in has expired: sign in anew");
    memcpy(ret_redirect, s.redirect, strlen(s.redirect) + 1);
    return true;
}

/* ---- codes and invitations ---- */

bool auth_server_name(const char *address, char ret[AUTH_SERVER_MAX]) {
    bool https = strncmp(address, "https://", 8) == 0, http = strncmp(address, "http://", 7) == 0;
    const char *host = address + (https ? 8 : http ? 7 : 0);
    size_t n = strcspn(host, "/?#");
    if (!https && n > 3 && strncmp(host + n - 3, ":80", 3) == 0)
        n -= 3;
    if (!http && n > 4 && strncmp(host + n - 4, ":443", 4) == 0)
        n -= 4;
    if (n == 0 || n >= AUTH_SERVER_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = host[i];
        if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7f || strchr("@\\\"<>", c) != NULL)
            return false;
        ret[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    ret[n] = '\0';
    return true;
}

void auth_sign_in_text(const char *server, const char *state, char ret[AUTH_SIGN_IN_MAX]) {
    snprintf(ret, AUTH_SIGN_IN_MAX,
             "convoke sign-in\nI want to take part in a ceremony.\nserver: %s\nstate: %s", server,
             state);
}

bool auth_code_address(const char *server, const char *state, const char *code,
                       uint8_t ret_address[ETH_ADDRESS_BYTES]) {
    uint8_t signature[ETH_SIGNATURE_BYTES], digest[32];
    if (!cvk_hex_parse(code, sizeof signature, signature) || strlen(state) >= AUTH_STATE_MAX ||
        strlen(server) >= AUTH_SERVER_MAX)
        return false;
    char text[AUTH_SIGN_IN_MAX];
    auth_sign_in_text(server, state, text);
    eth_personal_digest(text, strlen(text), digest);
    return eth_recover(digest, signature, ret_address);
}

void auth_invitation_format(const uint8_t secret[32], char ret[AUTH_INVITATION_TEXT]) {
    memcpy(ret, INVITATION_PREFIX, sizeof INVITATION_PREFIX - 1);
    cvk_hex_encode(secret, 32, ret + sizeof INVITATION_PREFIX - 1);
}

bool auth_invitation_parse(const char *text, uint8_t ret_secret[32]) {
    size_t prefix = sizeof INVITATION_PREFIX - 1;
    return strlen(text) == prefix + 64 && strncmp(text, INVITATION_PREFIX, prefix) == 0 &&
           cvk_hex_decode(text + prefix, 32, ret_secret);
}

/* ---- sessions ---- */

void auth_session_id(const Auth *a, int64_t ceremony, const char *identity,
                     char ret[AUTH_SESSION_TEXT]) {
    char text[LIMIT_IDENTITY + 64];
    int n = snprintf(text, sizeof text, "session\n%" PRId64 "\n%s", ceremony, identity);
    uint8_t mac[SHA256_BYTES];
    cvk_hmac_sha256(a->secret, text, (size_t)n, mac);
    cvk_uuid4(mac, ret);
    cvk_wipe(mac, sizeof mac);
}

void auth_session_hash(const char *session_id, uint8_t ret[32]) {
    cvk_sha256(session_id, strlen(session_id), ret);
}
