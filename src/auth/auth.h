/* Signing in by invitation, and what every way to sign in shares: login states, nonces, sessions.
 * siwe.h has the messages that wallets sign.
 *
 * An invitation is an Ethereum key that the operator makes and hands out; its address (or the
 * identity that the operator names) is who signs in. The holder proves the key by an EIP-191
 * signature over the sign-in text of a login state; people in a browser may paste the invitation
 * instead. A session id is a version-4 UUID derived from the server's secret and the identity, so
 * the same person gets the same session again, over restarts, and the database holds only its hash.
 * A login state is sealed by the server (HMAC) and carries the redirect and its expiry: nothing is
 * stored for people who never come back.
 * Threads: any (immutable after auth_new). */
#pragma once

#include "algebra/eth_key.h"
#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

#define AUTH_SESSION_TEXT 37
#define AUTH_STATE_MAX 4096
#define AUTH_STATE_LIFE_MS 3600000

typedef struct Auth Auth;

/* `secret`: 32 bytes that only this server knows; copied into guarded memory. */
Auth *auth_new(const uint8_t secret[32], CvkErr *err) MUST_USE;
Auth *auth_free(Auth *a);

/* A sealed state for this redirect ("" = none), base64url, to ret[AUTH_STATE_MAX]. */
bool auth_state_make(const Auth *a, const char *redirect, int64_t now_ms, char ret[AUTH_STATE_MAX],
                     CvkErr *err) MUST_USE;
/* Opens it. CVK_EBADREQ: "state.base64" (invalid base64 data), "state.json" (not our JSON),
 * "state.seal" (not sealed by us, or expired). ret_redirect[LIMIT_REDIRECT + 1] is "" when there is
 * none. */
bool auth_state_open(const Auth *a, const char *state, int64_t now_ms, char *ret_redirect,
                     CvkErr *err) MUST_USE;

/* ---- nonces: what makes a wallet's message ours, and good for one sign-in ----
 * 64 hex digits: when it expires, randomness, and the server's seal over both. Nothing is stored
 * until one is used; then its name is, until it expires. */
#define AUTH_NONCE_TEXT 65
#define AUTH_NONCE_NAME 16
#define AUTH_NONCE_LIFE_MS 600000
void auth_nonce_make(const Auth *a, int64_t now_ms, char ret[AUTH_NONCE_TEXT]);
/* False (CVK_EAUTH): "nonce.foreign" (not sealed by us), "nonce.expired". */
bool auth_nonce_open(const Auth *a, const char *text, size_t n, int64_t now_ms,
                     uint8_t ret_name[AUTH_NONCE_NAME], int64_t *ret_expires_ms,
                     CvkErr *err) MUST_USE;

/* What clients of 2022 signed (EIP-191): the same for everybody and for ever, so whoever sees one
 * such signature can sign in with it. For operators who allow it. */
#define AUTH_CONSTANT_TEXT "ZKParty sign-in"

/* How a server is called in what people sign: the host and port of its address, in lower case,
 * without the scheme's own port: "ceremony.example.org", "127.0.0.1:3000". Whoever is lured to
 * another server signs that one's name, so the signature is of no use here. From an address
 * (http://..., https://...) or from the bare value of a Host field. False: it names no host. */
#define AUTH_SERVER_MAX 256
bool auth_server_name(const char *address, char ret[AUTH_SERVER_MAX]) MUST_USE;

/* What the holder of an invitation signs (EIP-191) to sign in at this server under this state; to
 * ret[AUTH_SIGN_IN_MAX]. */
#define AUTH_SIGN_IN_MAX (AUTH_STATE_MAX + AUTH_SERVER_MAX + 128)
void auth_sign_in_text(const char *server, const char *state, char ret[AUTH_SIGN_IN_MAX]);
/* Whose signature is `code` ("0x" + 130 hex digits) for this server, under this state? */
bool auth_code_address(const char *server, const char *state, const char *code,
                       uint8_t ret_address[ETH_ADDRESS_BYTES]) MUST_USE;

/* Invitations as text: "convoke-invitation-v1:" + 64 hex digits of the key. */
#define AUTH_INVITATION_TEXT 87
void auth_invitation_format(const uint8_t secret[32], char ret[AUTH_INVITATION_TEXT]);
bool auth_invitation_parse(const char *text, uint8_t ret_secret[32]) MUST_USE;

/* The session of (ceremony, identity): its id and the hash under which it is stored. Another
 * generation has another id: logging out raises it. */
void auth_session_id(const Auth *a, int64_t ceremony, const char *identity, uint64_t generation,
                     char ret[AUTH_SESSION_TEXT]);
void auth_session_hash(const char *session_id, uint8_t ret[32]);
/* What a contribution's row keeps of who uploaded it: the same for all of their sessions (it is the
 * hash of the first). */
void auth_uploader(const Auth *a, int64_t ceremony, const char *identity, uint8_t ret[32]);
