/* The inside of a Node, shared by the files that make it: node.c (opening, closing, its
 * ceremonies), node_dir.c (the directory's own files), timer.c (time), sign_in.c (who is expected,
 * and sessions), prove.c (who it is). Nobody else includes this. */
#pragma once

#include "algebra/eth_key.h"
#include "auth/auth.h"
#include "run/alive.h"
#include "run/ceremony_private.h"
#include "run/clock.h"
#include "run/experiment_private.h"
#include "run/node.h"

#include <pthread.h>

struct Node {
    char dir[LIMIT_PATH], store_path[LIMIT_PATH];
    RunClock *clock;
    int lock_fd;
    uint8_t *key; /* guarded: ETH_SECRET_BYTES */
    char address[ETH_ADDRESS_TEXT];
    Auth *auth;
    CvkPool *pool;
    size_t sessions_max;
    const Kind *(*find_kind)(const char *name);
    bool tables_only;

    pthread_mutex_t store_lock; /* before any of a ceremony's */
    Store *store;

    Ceremony *ceremonies[LIMIT_CEREMONIES];
    _Atomic size_t n_ceremonies; /* raised when the new one is complete: the timer reads it */

    VerifyProcess *verify; /* of all experiments' proofs */
    Experiment *experiments[LIMIT_CEREMONIES];
    _Atomic size_t n_experiments;

    /* of the thread that keeps the time */
    Alive alive;
    unsigned ticks;

    pthread_t timer;
    bool timer_runs;
    pthread_mutex_t timer_lock;
    pthread_cond_t timer_wake;
    bool stopping;
};

/* node.c */

/* The row of a new ceremony or experiment, within a transaction of s. Nobody can open it where a
 * head of an earlier one is kept: "journal.older", "head.damaged". ECONFLICT "ceremony.exists". */
bool node_add_row(const Node *n, Store *s, const char *name, const char *kind,
                  const char *definition, int64_t *ret_id, CvkErr *err) MUST_USE;
/* For one ceremony or experiment more: ELIMIT "limit.ceremonies". */
bool node_has_room(const Node *n, CvkErr *err) MUST_USE;
/* Opens a ceremony, or an experiment, that the store has. */
bool node_open_ceremony(Node *n, const char *name, Ceremony **ret, CvkErr *err) MUST_USE;
bool node_open_experiment(Node *n, const StoreCeremony *row, Experiment **ret,
                          CvkErr *err) MUST_USE;

/* node_dir.c */

/* Only one process at a time serves a directory: ECONFLICT "dir.locked". */
bool node_lock(Node *n, CvkErr *err) MUST_USE;
/* For who has no lock: brings an older release's database to this one's schema, but refuses while a
 * server has the directory ("dir.old"). Call it where no server of this very process has it. */
bool node_migrate(const char *dir, CvkErr *err) MUST_USE;
/* The key of the server of a directory, ETH_SECRET_BYTES: NULL, EBADREQ "key.damaged". The caller
 * frees it (cvk_secret_free). */
uint8_t *node_key(const char *dir, CvkErr *err);
/* The server's key, and what is derived from it. EBADREQ "key.damaged". */
bool node_read_key(Node *n, CvkErr *err) MUST_USE;
/* The directories that are missing. */
bool node_make_dirs(const char *dir, CvkErr *err) MUST_USE;

/* prove.c */

/* Somebody whose identity is proven. */
typedef struct {
    char identity[LIMIT_IDENTITY + 1];
    bool has_nonce; /* which must not have been used, and is used up by a session */
    uint8_t nonce[AUTH_NONCE_NAME];
    int64_t nonce_expires_ms;
} Proven;
/* SIGN_IN_OK, BAD_CODE, BAD_WALLET (*err says why), STRANGER or NO_WALLETS. False: no verdict. */
bool node_prove(Node *n, Ceremony *c, const SignInProof *proof, Proven *ret,
                SignInResult *ret_result, CvkErr *err) MUST_USE;

#define SESSION_LIFE_MS ((int64_t)24 * 3600 * 1000)

/* session_life.c */

/* Deletes sessions past their time. Whoever waits or has the turn is renewed in time. */
void node_sweep_sessions(Node *n);

/* timer.c */

/* Judges the response of the Ceremony `ctx` that waits for its verdict, if there is one. For a
 * pool.
 */
void node_judge_again(void *ctx);
/* Time begins; what passed since the server was last alive cost nobody anything. Before anything
 * else is decided. */
bool node_begin_time(Node *n, CvkErr *err) MUST_USE;
/* A thread that ticks, until node_stop_timer. */
bool node_start_timer(Node *n, CvkErr *err) MUST_USE;
void node_stop_timer(Node *n);
