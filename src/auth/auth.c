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

/* ---- nonces ---- */

#define NONCE_SEAL 16      /* bytes of the MAC that are kept */
#define NONCE_TIME_BYTES 6 /* of its expiry in milliseconds, big-endian */
_Static_assert(2 * (AUTH_NONCE_NAME + NONCE_SEAL) + 1 == AUTH_NONCE_TEXT, "all of it is digits");

static void seal_nonce(const Auth *a, const uint8_t name[AUTH_NONCE_NAME],
                       uint8_t ret[NONCE_SEAL]) {
    static const char what[] = "nonce\n";
    uint8_t text[sizeof what - 1 + AUTH_NONCE_NAME], mac[SHA256_BYTES];
    memcpy(text, what, sizeof what - 1);
    memcpy(text + sizeof what - 1, name, AUTH_NONCE_NAME);
    cvk_hmac_sha256(a->secret, text, sizeof text, mac);
    memcpy(ret, mac, NONCE_SEAL);
}

void auth_nonce_make(const Auth *a, int64_t now_ms, char ret[AUTH_NONCE_TEXT]) {
    uint8_t nonce[AUTH_NONCE_NAME + NONCE_SEAL];
    int64_t expires = now_ms + AUTH_NONCE_LIFE_MS;
    for (int i = 0; i < NONCE_TIME_BYTES; i++)
        nonce[i] = (uint8_t)(expires >> (8 * (NONCE_TIME_BYTES - 1 - i)));
    cvk_random(nonce + NONCE_TIME_BYTES, AUTH_NONCE_NAME - NONCE_TIME_BYTES);
    seal_nonce(a, nonce, nonce + AUTH_NONCE_NAME);
    cvk_hex_encode(nonce, sizeof nonce, ret);
}

bool auth_nonce_open(const Auth *a, const char *text, size_t n, int64_t now_ms,
                     uint8_t ret_name[AUTH_NONCE_NAME], int64_t *ret_expires_ms, CvkErr *err) {
    uint8_t nonce[AUTH_NONCE_NAME + NONCE_SEAL], seal[NONCE_SEAL];
    int64_t expires = 0;
    bool ours = n == AUTH_NONCE_TEXT - 1 && cvk_hex_decode(text, sizeof nonce, nonce);
    if (ours) {
        seal_nonce(a, nonce, seal);
        ours = cvk_secret_equal(seal, nonce + AUTH_NONCE_NAME, sizeof seal);
    }
    if (!ours)
        return cvk_fail(err, CVK_EAUTH, "nonce.foreign",
                        "the message's nonce was not made by this server: sign in anew");
    for (int i = 0; i < NONCE_TIME_BYTES; i++)
        expires = expires << 8 | nonce[i];
    if (now_ms > expires)
        return cvk_fail(err, CVK_EAUTH, "nonce.expired",
                        "the message's nonce has expired: sign in anew");
    memcpy(ret_name, nonce, AUTH_NONCE_NAME);
    *ret_expires_ms = expires;
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

void auth_session_id(const Auth *a, int64_t ceremony, const char *identity, uint64_t generation,
                     char ret[AUTH_SESSION_TEXT]) {
    char text[LIMIT_IDENTITY + 64], kind[32] = "session"; /* the first generation is unnumbered */
    if (generation != 0)
        snprintf(kind, sizeof kind, "session %" PRIu64, generation);
    int n = snprintf(text, sizeof text, "%s\n%" PRId64 "\n%s", kind, ceremony, identity);
    uint8_t mac[SHA256_BYTES];
    cvk_hmac_sha256(a->secret, text, (size_t)n, mac);
    cvk_uuid4(mac, ret);
    cvk_wipe(mac, sizeof mac);
}

void auth_session_hash(const char *session_id, uint8_t ret[32]) {
    cvk_sha256(session_id, strlen(session_id), ret);
}

void auth_uploader(const Auth *a, int64_t ceremony, const char *identity, uint8_t ret[32]) {
    char id[AUTH_SESSION_TEXT];
    auth_session_id(a, ceremony, identity, 0, id);
    auth_session_hash(id, ret);
    cvk_wipe(id, sizeof id);
}
