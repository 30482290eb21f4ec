#include "run/node.h"

#include "algebra/eth_key.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/sha256.h"
#include "format/identity.h"
#include "run/ceremony_private.h"
#include "run/preset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICK_MS 200
#define SESSION_LIFE_MS ((int64_t)24 * 3600 * 1000)
#define SESSION_SWEEP_TICKS 1500 /* every five minutes */
#define JUDGE_TICKS 50           /* every ten seconds */

struct Node {
    char dir[LIMIT_PATH], store_path[LIMIT_PATH];
    int64_t (*now_ms)(void);
    int lock_fd;
    uint8_t *key; /* guarded: ETH_SECRET_BYTES */
    char address[ETH_ADDRESS_TEXT];
    Auth *auth;
    CvkPool *pool;

    pthread_mutex_t store_lock;
    Store *store;

    Ceremony *ceremonies[LIMIT_CEREMONIES];
    _Atomic size_t n_ceremonies; /* raised when the new one is complete: the timer reads it */

    pthread_t timer;
    bool timer_runs;
    pthread_mutex_t timer_lock;
    pthread_cond_t timer_wake;
    bool stopping;
};

/* ---- making a directory ---- */

static bool write_key(const char *dir, CvkErr *err) {
    char path[LIMIT_PATH];
    _cleanup_secret_ uint8_t *secret = cvk_secret_alloc(ETH_SECRET_BYTES, err);
    _cleanup_secret_ char *text = cvk_secret_alloc(2 * ETH_SECRET_BYTES + 1, err);
    if (secret == NULL || text == NULL || !eth_key_new(secret, err) ||
        !cvk_path(path, dir, "server.key", err))
        return false;
    cvk_hex_encode(secret, ETH_SECRET_BYTES, text);
    return cvk_file_write(path, text, 2 * ETH_SECRET_BYTES, 0600, err);
}

static bool make_dirs(const char *dir, CvkErr *err) {
    char path[LIMIT_PATH];
    return blob_dirs_make(dir, err) && cvk_path(path, dir, "cache", err) &&
           cvk_dir_make(path, 0700, err);
}

bool node_init(const char *dir, CvkErr *err) {
    bool empty = true;
    char path[LIMIT_PATH];
    if (!cvk_dir_make(dir, 0700, err) || !cvk_dir_empty(dir, &empty, err))
        return false;
    if (!empty)
        return cvk_fail(err, CVK_ECONFLICT, "dir.used",
                        "directory '%.200s' is not empty: name a new one", dir);
    Store *store = NULL;
    bool ok = make_dirs(dir, err) && write_key(dir, err) &&
              cvk_path(path, dir, "convoke.db", err) && store_open(path, true, &store, err);
    store_close(store);
    return ok && cvk_dir_sync(dir, err);
}

/* ---- opening ---- */

static bool take_lock(Node *n, CvkErr *err) {
    char path[LIMIT_PATH];
    if (!cvk_path(path, n->dir, "lock", err))
        return false;
    n->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (n->lock_fd < 0)
        return cvk_fail_errno(err, "dir.lock", "cannot open '%s'", path);
    if (fcntl(n->lock_fd, F_SETLK, &lock) == 0)
        return true;
    if (errno == EACCES || errno == EAGAIN)
        return cvk_fail(err, CVK_ECONFLICT, "dir.locked",
                        "another convoke serves '%.200s': stop it first, or use its address",
                        n->dir);
    return cvk_fail_errno(err, "dir.lock", "cannot lock '%s'", path);
}

static bool read_key(Node *n, CvkErr *err) {
    char path[LIMIT_PATH];
    uint8_t address[ETH_ADDRESS_BYTES];
    CvkBuf text = CVK_BUF(2 * ETH_SECRET_BYTES + 1);
    n->key = cvk_secret_alloc(ETH_SECRET_BYTES, err);
    bool ok = n->key != NULL && cvk_path(path, n->dir, "server.key", err) &&
              cvk_file_read(path, &text, err);
    if (ok &&
        (text.n < 2 * ETH_SECRET_BYTES || !cvk_hex_decode(text.data, ETH_SECRET_BYTES, n->key) ||
         !eth_key_address(n->key, address, err)))
        ok = cvk_fail(err, CVK_EBADREQ, "key.damaged",
                      "'%.200s' is no server key: restore it from a backup", path);
    if (text.data != NULL)
        cvk_wipe(text.data, text.n);
    cvk_buf_done(&text);
    if (!ok)
        return false;
    eth_address_checksummed(address, n->address);
    return true;
}

static bool make_auth(Node *n, CvkErr *err) {
    static const char purpose[] = "convoke sessions";
    uint8_t secret[SHA256_BYTES];
    cvk_hmac_sha256(n->key, purpose, sizeof purpose - 1, secret);
    n->auth = auth_new(secret, err);
    cvk_wipe(secret, sizeof secret);
    return n->auth != NULL;
}

static bool has_room(const Node *n, CvkErr *err) {
    return n->n_ceremonies < LIMIT_CEREMONIES ||
           cvk_fail(err, CVK_ELIMIT, "limit.ceremonies", "a directory holds at most %d ceremonies",
                    LIMIT_CEREMONIES);
}

static bool open_ceremony(Node *n, const char *name, Ceremony **ret, CvkErr *err) {
    if (!has_room(n, err))
        return false;
    CeremonyHost host = {
        .dir = n->dir, .pool = n->pool, .auth = n->auth, .key = n->key, .now_ms = n->now_ms};
    if (!ceremony_open(&host, n->store_path, name, ret, err))
        return cvk_fail_prefix(err, "ceremony '%s'", name);
    size_t at = n->n_ceremonies;
    n->ceremonies[at] = *ret;
    n->n_ceremonies = at + 1;
    return true;
}

static bool open_each(void *ctx, const StoreCeremony *row, CvkErr *err) {
    Ceremony *c;
    return open_ceremony(ctx, row->name, &c, err);
}

static void judge_again(void *ctx) {
    CvkErr err;
    if (!ceremony_recover(ctx, &err))
        cvk_log_err(LOG_ERROR, "judge.failed", &err); /* its lease runs out at no cost */
}

static void *run_timer(void *arg);

/* What only the server does: look whether the newest responses are there, clean up after a crash,
 * finish what it cut off, keep time. */
static bool start_serving(Node *n, CvkErr *err) {
    char cache[LIMIT_PATH];
    if (!make_dirs(n->dir, err) || !cvk_path(cache, n->dir, "cache", err))
        return false; /* a backup may have left empty ones out */
    blob_tmp_clear(n->dir);
    cvk_dir_clear(cache);
    for (size_t i = 0; i < n->n_ceremonies; i++) {
        if (!ceremony_intact(n->ceremonies[i], err))
            return cvk_fail_prefix(err, "ceremony '%s'", n->ceremonies[i]->name);
        judge_again(n->ceremonies[i]);
    }
    n->timer_runs = pthread_create(&n->timer, NULL, run_timer, n) == 0;
    return n->timer_runs ||
           cvk_fail(err, CVK_EINTERNAL, "timer.start", "cannot start the timer thread");
}

/* A server's jobs run on the workers, so it needs one for each core; elsewhere the caller works
 * along. */
static unsigned pool_threads(NodeOptions options) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return options.threads == 0 && options.serving && cores > 0 ? (unsigned)cores : options.threads;
}

static bool open_node(Node *n, const char *dir, NodeOptions options, CvkErr *err) {
    if ((size_t)snprintf(n->dir, sizeof n->dir, "%s", dir) >= sizeof n->dir - 16)
        return cvk_fail(err, CVK_ELIMIT, "path.long", "the directory's path is too long");
    if (!cvk_path(n->store_path, dir, "convoke.db", err))
        return false;
    if (!cvk_file_exists(n->store_path))
        return cvk_fail(err, CVK_ENOTFOUND, "dir.none",
                        "'%.200s' is no convoke directory: make one with 'convoke init'", dir);
    if (options.serving && !take_lock(n, err))
        return false;
    n->pool = cvk_pool_new(pool_threads(options), err);
    return n->pool != NULL && read_key(n, err) && make_auth(n, err) &&
           store_open(n->store_path, false, &n->store, err) &&
           store_ceremony_each(n->store, open_each, n, err) &&
           (!options.serving || start_serving(n, err));
}

bool node_open(const char *dir, NodeOptions options, Node **ret, CvkErr *err) {
    Node *n = cvk_alloc(1, sizeof *n, err);
    if (n == NULL)
        return false;
    n->lock_fd = -1;
    n->now_ms = options.now_ms != NULL ? options.now_ms : cvk_wall_ms;
    pthread_mutex_init(&n->store_lock, NULL);
    pthread_mutex_init(&n->timer_lock, NULL);
    cvk_cond_init(&n->timer_wake);
    if (!open_node(n, dir, options, err)) {
        node_close(n);
        return false;
    }
    *ret = n;
    return true;
}

Node *node_close(Node *n) {
    if (n == NULL)
        return NULL;
    if (n->timer_runs) {
        pthread_mutex_lock(&n->timer_lock);
        n->stopping = true;
        pthread_cond_signal(&n->timer_wake);
        pthread_mutex_unlock(&n->timer_lock);
        pthread_join(n->timer, NULL);
    }
    cvk_pool_free(n->pool); /* finishes its jobs, which use the ceremonies */
    for (size_t i = 0; i < n->n_ceremonies; i++)
        ceremony_close(n->ceremonies[i]);
    store_close(n->store);
    auth_free(n->auth);
    cvk_secret_free(n->key);
    if (n->lock_fd >= 0)
        close(n->lock_fd);
    pthread_cond_destroy(&n->timer_wake);
    pthread_mutex_destroy(&n->timer_lock);
    pthread_mutex_destroy(&n->store_lock);
    free(n);
    return NULL;
}

/* ---- time ---- */

/* A verification that failed for our own faults (a full disk) is tried again. Whoever judges now is
 * not disturbed. */
static void judge_what_waits(Node *n) {
    CvkErr err;
    for (size_t i = 0; i < n->n_ceremonies; i++)
        if (ceremony_is_unjudged(n->ceremonies[i]) &&
            !cvk_pool_post(n->pool, LIMIT_JOBS, judge_again, n->ceremonies[i], &err))
            cvk_log_err(LOG_WARN, "judge.put_off", &err);
}

static void tick(Node *n, unsigned count) {
    CvkErr err;
    for (size_t i = 0; i < n->n_ceremonies; i++)
        if (!ceremony_tick(n->ceremonies[i], &err))
            cvk_log_err(LOG_ERROR, "tick.failed", &err);
    if (count % JUDGE_TICKS == 0)
        judge_what_waits(n);
    if (count % SESSION_SWEEP_TICKS != 0)
        return;
    pthread_mutex_lock(&n->store_lock);
    if (!store_session_expire(n->store, n->now_ms(), &err))
        cvk_log_err(LOG_WARN, "sessions.sweep_failed", &err);
    pthread_mutex_unlock(&n->store_lock);
}

static void *run_timer(void *arg) {
    Node *n = arg;
    unsigned count = 0;
    pthread_mutex_lock(&n->timer_lock);
    while (!n->stopping) {
        cvk_cond_wait_ms(&n->timer_wake, &n->timer_lock, TICK_MS);
        if (n->stopping)
            break;
        pthread_mutex_unlock(&n->timer_lock);
        tick(n, ++count);
        pthread_mutex_lock(&n->timer_lock);
    }
    pthread_mutex_unlock(&n->timer_lock);
    return NULL;
}

/* ---- what it has ---- */

CvkPool *node_pool(Node *n) {
    return n->pool;
}

const char *node_dir(const Node *n) {
    return n->dir;
}

const char *node_address(const Node *n) {
    return n->address;
}

Ceremony *node_ceremony_at(Node *n, size_t i) {
    return i < n->n_ceremonies ? n->ceremonies[i] : NULL;
}

bool node_ceremony(Node *n, const char *name, Ceremony **ret, CvkErr *err) {
    if (n->n_ceremonies == 0)
        return cvk_fail(err, CVK_ENOTFOUND, "ceremony.none",
                        "there is no ceremony yet: make one with 'convoke ceremony new'");
    if (name == NULL && n->n_ceremonies > 1)
        return cvk_fail(err, CVK_ECONFLICT, "ceremony.which",
                        "there are %zu ceremonies: name one of them", n->n_ceremonies);
    for (size_t i = 0; i < n->n_ceremonies; i++)
        if (name == NULL || strcmp(n->ceremonies[i]->name, name) == 0) {
            *ret = n->ceremonies[i];
            return true;
        }
    return cvk_fail(err, CVK_ENOTFOUND, "ceremony.none", "there is no ceremony '%.63s'", name);
}

/* The ceremony's kind must accept the sizes before anything is written. */
static bool check_definition(const Definition *d, CvkErr *err) {
    const Kind *kind = kind_find(d->kind);
    void *self = NULL;
    if (kind == NULL || !kind->make(d->sizes, &self, err))
        return false;
    kind->free(self);
    return true;
}

bool node_ceremony_new(Node *n, const char *name, const char *preset, const char *sizes,
                       const char *const *settings, CvkErr *err) {
    Definition d;
    Ceremony *c;
    int64_t id;
    if (!has_room(n, err) || !definition_make(name, preset, sizes, settings, &d, err) ||
        !check_definition(&d, err))
        return false;
    _cleanup_free_ char *json = definition_write(&d, err);
    if (json == NULL)
        return false;
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_ceremony_add(n->store, name, d.kind, json, n->now_ms(), &id, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok && open_ceremony(n, name, &c, err);
}

/* ---- invitations and sessions ---- */

bool node_invite(Node *n, const char *identity, char *ret_text, char *ret_identity, CvkErr *err) {
    StoreInvitation row = {.created_ms = n->now_ms()};
    Identity parsed;
    _cleanup_secret_ uint8_t *secret = cvk_secret_alloc(ETH_SECRET_BYTES, err);
    if (secret == NULL || !eth_key_new(secret, err) || !eth_key_address(secret, row.address, err))
        return false;
    char own[LIMIT_IDENTITY + 1] = "eth|";
    eth_address_lower(row.address, own + strlen(own));
    if (!identity_parse(identity != NULL ? identity : own, &parsed, err))
        return cvk_fail_prefix(err, "'%.60s' is not like eth|0x... or git|123|login",
                               identity != NULL ? identity : own);
    snprintf(row.identity, sizeof row.identity, "%s", parsed.text);
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_invitation_add(n->store, &row, err);
    pthread_mutex_unlock(&n->store_lock);
    if (ok) {
        auth_invitation_format(secret, ret_text);
        snprintf(ret_identity, LIMIT_IDENTITY + 1, "%s", row.identity);
    }
    return ok;
}

bool node_login_state(Node *n, const char *redirect, char *ret_state, CvkErr *err) {
    return auth_state_make(n->auth, redirect, n->now_ms(), ret_state, err);
}

static bool count_sessions(Node *n, const Ceremony *c, uint64_t *ret, CvkErr *err) {
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_session_count(n->store, c->id, n->now_ms(), ret, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok;
}

bool node_sessions_full(Node *n, Ceremony *c) {
    uint64_t count;
    CvkErr err;
    return count_sessions(n, c, &count, &err) && count >= LIMIT_SESSIONS;
}

/* Who brings this code? *ret_found false: nobody whom the operator invited. */
static bool find_invited(Node *n, const SignInProof *proof, StoreInvitation *ret, bool *ret_found,
                         CvkErr *err) {
    uint8_t address[ETH_ADDRESS_BYTES];
    uint8_t secret[ETH_SECRET_BYTES];
    *ret_found = false;
    bool known = auth_invitation_parse(proof->code, secret)
                     ? eth_key_address(secret, address, err)
                     : auth_code_address(proof->server, proof->state, proof->code, address);
    cvk_wipe(secret, sizeof secret);
    if (!known)
        return true;
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_invitation_get(n->store, address, ret, ret_found, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok;
}

static bool put_session(Node *n, const Ceremony *c, const char *identity, SignedIn *ret,
                        CvkErr *err) {
    int64_t now = n->now_ms();
    StoreSession row = {.ceremony = c->id, .created_ms = now, .expires_ms = now + SESSION_LIFE_MS};
    snprintf(row.identity, sizeof row.identity, "%s", identity);
    auth_session_id(n->auth, c->id, identity, ret->session_id);
    auth_session_hash(ret->session_id, row.hash);
    pthread_mutex_lock(&n->store_lock);
    bool ok = store_session_put(n->store, &row, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok;
}

static bool describe(const char *identity, SignedIn *ret, CvkErr *err) {
    Identity parsed;
    if (!identity_parse(identity, &parsed, err))
        return false;
    snprintf(ret->identity, sizeof ret->identity, "%s", parsed.text);
    snprintf(ret->nickname, sizeof ret->nickname, "%s", parsed.nickname);
    snprintf(ret->provider, sizeof ret->provider, "%s", identity_provider(parsed.kind));
    return true;
}

bool node_sign_in(Node *n, Ceremony *c, const SignInProof *proof, char *ret_redirect, SignedIn *ret,
                  SignInResult *ret_result, CvkErr *err) {
    StoreInvitation invited;
    bool found;
    ret_redirect[0] = '\0';
    *ret_result = SIGN_IN_BAD_STATE;
    if (!auth_state_open(n->auth, proof->state, n->now_ms(), ret_redirect, err))
        return err->code == CVK_EBADREQ;
    if (!find_invited(n, proof, &invited, &found, err))
        return false;
    *ret_result = SIGN_IN_BAD_CODE;
    if (!found)
        return true;
    pthread_mutex_lock(&c->published);
    bool out = engine_is_out(c->state, invited.identity);
    pthread_mutex_unlock(&c->published);
    *ret_result = out ? SIGN_IN_OUT : SIGN_IN_FULL;
    if (out || node_sessions_full(n, c))
        return true;
    *ret_result = SIGN_IN_OK;
    return describe(invited.identity, ret, err) && put_session(n, c, invited.identity, ret, err);
}
