/* A running directory: store, blobs, keys, ceremonies, and what moves them. Everything the server
 * and the operator's commands do to DIR goes through here.
 *
 *     convoke.db   journal and tables
 *     blobs/       accepted responses, and the one that is judged
 *     heads/       of each journal, the newest head that was signed
 *     tmp/         uploads under way
 *     cache/       challenges and transcripts made from all that
 *     server.key   the key of receipts
 *     lock         held by `serve`
 *     alive        when that last kept time
 *
 * Threads: any, unless said. */
#pragma once

#include "auth/auth.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/progress.h"
#include "run/ceremony.h"
#include "run/clock.h"
#include "run/kind.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Node Node;

/* Makes DIR with a fresh server key. ECONFLICT "dir.used" if it holds something already. */
bool node_init(const char *dir, CvkErr *err) MUST_USE;

typedef struct {
    bool serving;        /* take the lock (a second server is refused: "dir.locked"), run timers */
    unsigned threads;    /* of the pool; 0 = as many as the machine has */
    ClockSources clock;  /* tests bring their own */
    bool by_hand;        /* serving without a thread for the timer: the caller calls node_tick */
    size_t sessions_max; /* of each ceremony, that have not ended; 0 = LIMIT_SESSIONS */
    const Kind *(*find_kind)(const char *name); /* tests bring their own; NULL: kind_find */
    /* Not serving, for experiment_panel and experiment_export: these read the tables, so the state
     * of experiments is not read into memory as well, and no command may begin. */
    bool tables_only;
} NodeOptions;

/* Opens DIR, replays every ceremony (snapshot + journal), re-runs a verification that a crash cut
 * off. */
bool node_open(const char *dir, NodeOptions options, Node **ret, CvkErr *err) MUST_USE;
/* Finishes what runs. NULL is fine; returns NULL. */
Node *node_close(Node *n);

/* What the timer does each 200 ms: time passes. Of a serving node that was opened by_hand. */
void node_tick(Node *n);

CvkPool *node_pool(Node *n);
const char *node_address(const Node *n); /* of the receipts' key, EIP-55 text */

/* name NULL: the only one. The pointer lives as long as the node. */
bool node_ceremony(Node *n, const char *name, Ceremony **ret, CvkErr *err) MUST_USE;
Ceremony *node_ceremony_at(Node *n, size_t i); /* NULL past the last */

/* A new ceremony: preset "ethereum" or "kzg"; `sizes` may be NULL for the preset's own; `settings`
 * are "key=value" pairs over the preset (keys: see docs/CONFIG.md), NULL-terminated, may be NULL.
 * One thread at a time; what serves may run beside it. */
bool node_ceremony_new(Node *n, const char *name, const char *preset, const char *sizes,
                       const char *const *settings, CvkErr *err) MUST_USE;

/* A new invitation; identity NULL: the new key's own eth|0x... The text and the identity to the
 * caller. */
bool node_invite(Node *n, const char *identity, char *ret_text, char *ret_identity,
                 CvkErr *err) MUST_USE;
/* The holder of this address (eth_address_read) may come with their own wallet; nothing is handed
 * out. EBADREQ "wallet.address", ECONFLICT "invitation.exists". */
bool node_invite_wallet(Node *n, const char *address, const char *identity, char *ret_identity,
                        CvkErr *err) MUST_USE;

/* ---- signing in ---- */
typedef enum {
    SIGN_IN_OK = 0,
    SIGN_IN_BAD_STATE,  /* *err says which of auth_state_open's ids */
    SIGN_IN_BAD_CODE,   /* nobody's, or not invited */
    SIGN_IN_BAD_WALLET, /* *err says which: siwe_read's and siwe_check's ids, auth_nonce_open's,
                           "nonce.used", "siwe.signature", "wallet.address" */
    SIGN_IN_STRANGER,   /* a wallet, but none that the operator entered */
    SIGN_IN_NO_WALLETS, /* the ceremony takes none */
    SIGN_IN_OUT,        /* has contributed, or is out for good */
    SIGN_IN_FULL,       /* too many sessions */
    SIGN_IN_CLOSED, /* nobody new: a lobby is draining, or it is another server's ceremony now */
} SignInResult;

typedef struct {
    char session_id[37];
    char identity[LIMIT_IDENTITY + 1];
    char nickname[LIMIT_IDENTITY + 1]; /* lower-case address, or GitHub login */
    char provider[16];                 /* "Ethereum", "Github" */
} SignedIn;

bool node_login_state(Node *n, const char *redirect, char *ret_state, CvkErr *err) MUST_USE;
/* What a message of Sign-In with Ethereum must hold to be taken here, once. */
typedef struct {
    char nonce[AUTH_NONCE_TEXT];
    int64_t issued_ms, expires_ms;
} SignInNonce;
void node_nonce(Node *n, SignInNonce *ret);

/* What somebody brings to sign in. */
typedef enum { PROOF_INVITATION = 0, PROOF_WALLET, PROOF_CONSTANT } ProofKind;
typedef struct {
    ProofKind kind;
    const char *server; /* how they call us (auth_server_name) */
    const char *state;  /* NULL: none, where nobody is to be led back */
    /* PROOF_INVITATION: a signature (auth_code_address), or its text; "" signs nobody in. Else: the
     * wallet's signature, 0x... */
    const char *code;
    const char *message; /* PROOF_WALLET: what it signed (auth/siwe.h) */
    const char *address; /* PROOF_CONSTANT: whose signature of AUTH_CONSTANT_TEXT it is */
} SignInProof;

/* ret_redirect[LIMIT_REDIRECT + 1] is set whenever the state could be opened. False: no verdict
 * (store). */
bool node_sign_in(Node *n, Ceremony *c, const SignInProof *proof, char *ret_redirect, SignedIn *ret,
                  SignInResult *ret_result, CvkErr *err) MUST_USE;
/* Their turn is given up as by ceremony_abort (a response that is being verified gets its verdict),
 * their place is given up, and the session id is worth nothing for ever; whoever signs in again
 * gets another. False: it failed, and may be tried again. */
bool node_log_out(Node *n, Ceremony *c, const Session *s, CvkErr *err) MUST_USE;
