/* A participant of a KZG ceremony over HTTP: sign in, wait for the turn, hand in, look afterwards.
 *
 * The network may fail at any point. Every call here tries again with growing waits until it has an
 * answer, and says so through `world.say`; what is repeated is safe to repeat: the holder of the
 * turn gets the same challenge again, and an upload whose answer was lost is sent with the same
 * bytes, for which a convoke server gives the same receipt.
 * Time, randomness and the network come from `world`, so that tests need none of them.
 * THREADS: a client belongs to one thread. */
#pragma once

#include "algebra/eth_key.h"
#include "auth/auth.h"
#include "client/ask.h"
#include "client/kzg_reply.h"
#include "format/receipt.h"

typedef struct KzgClient KzgClient;

/* `url`: the server's address, without a path or with the prefix under which it answers. */
KzgClient *kzg_client_new(const char *url, const ClientWorld *world, CvkErr *err) MUST_USE;
KzgClient *kzg_client_free(KzgClient *c); /* NULL is fine; returns NULL */

/* A session made elsewhere (a browser): AUTH_SESSION_TEXT - 1 characters. "session.text" if not. */
bool kzg_client_use_session(KzgClient *c, const char *session, CvkErr *err) MUST_USE;
const char *kzg_client_session(const KzgClient *c); /* "" before sign-in */

/* Signs in with an invitation's key: asks for a login state, signs it, trades the signature for a
 * session. ret_identity[LIMIT_IDENTITY + 1] is whom the server takes us for. */
bool kzg_client_sign_in(KzgClient *c, const uint8_t key[ETH_SECRET_BYTES], char *ret_identity,
                        CvkErr *err) MUST_USE;

/* Signs in with an Ethereum account's key, by a message of Sign-In with Ethereum that names the
 * server as the url does. "server.name": it calls itself otherwise; "server.no_wallets". */
bool kzg_client_sign_in_wallet(KzgClient *c, const uint8_t key[ETH_SECRET_BYTES],
                               char *ret_identity, CvkErr *err) MUST_USE;

/* Asks for the turn until it is ours, as often as the server wishes (Retry-After, else every 30 s);
 * then *ret_challenge holds the document (its `max` caps it), in binary where the server knows that
 * form, else JSON: its first byte tells (kzg_form_of). "session.unknown": sign in again.
 * `ask_once`: a wait is an error, "turn.busy". */
bool kzg_client_wait_turn(KzgClient *c, bool ask_once, CvkProgress receiving, CvkBuf *ret_challenge,
                          CvkErr *err) MUST_USE;

/* Hands in the response: in the form in which the challenge came, which is one that the server
 * knows. Only the same bytes are the same response, when it is repeated. *ret_json is the answer as
 * it came (empty before): keep it; *ret the same taken apart (kzg_receipt_answer_done). The server
 * verifies before it answers: seconds. "turn.not_yours" after a lost answer may mean that it was
 * accepted all the same (servers of the original protocol do not repeat a receipt): the transcript
 * tells. */
bool kzg_client_submit(KzgClient *c, const char *response, size_t n, CvkProgress sending,
                       CvkBuf *ret_json, KzgReceiptAnswer *ret, CvkErr *err) MUST_USE;

/* Gives up the turn. */
bool kzg_client_abort(KzgClient *c, CvkErr *err) MUST_USE;

typedef struct {
    uint64_t lobby_size, contributions;
    uint8_t address[ETH_ADDRESS_BYTES]; /* whose signature receipts carry */
} KzgStatus;
bool kzg_client_status(KzgClient *c, KzgStatus *ret, CvkErr *err) MUST_USE;

/* The transcript (JSON, whatever it travelled in) to `into`, from its present position on; on
 * failure it may hold a part. */
bool kzg_client_transcript(KzgClient *c, FILE *into, CvkProgress receiving, CvkErr *err) MUST_USE;
