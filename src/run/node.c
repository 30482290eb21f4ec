#include "run/node.h"

#include "base/alloc.h"
#include "base/cond.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/words.h"
#include "run/kept_head.h"
#include "run/node_private.h"
#include "run/preset.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ---- */

bool node_has_room(const Node *n, CvkErr *err) {
    return n->n_ceremonies + n->n_experiments < LIMIT_CEREMONIES ||
           cvk_fail(err, CVK_ELIMIT, "limit.ceremonies", "a directory holds at most %d ceremonies",
                    LIMIT_CEREMONIES);
}

bool node_open_ceremony(Node *n, const char *name, Ceremony **ret, CvkErr *err) {
    if (!node_has_room(n, err))
        return false;
    CeremonyHost host = {.dir = n->dir,
                         .pool = n->pool,
                         .auth = n->auth,
                         .key = n->key,
                         .clock = n->clock,
                         .sessions_max = n->sessions_max,
                         .find_kind = n->find_kind};
    if (!ceremony_open(&host, n->store_path, name, ret, err))
        return cvk_fail_prefix(err, "ceremony '%s'", name);
    size_t at = n->n_ceremonies;
    n->ceremonies[at] = *ret;
    n->n_ceremonies = at + 1;
    return true;
}

bool node_open_experiment(Node *n, const StoreCeremony *row, Experiment **ret, CvkErr *err) {
    ExperimentHost host = {.dir = n->dir,
                           .store_path = n->store_path,
                           .clock = n->clock,
                           .verify = n->verify,
                           .key = n->key,
                           .tables_only = n->tables_only};
    if (!node_has_room(n, err) || !experiment_open(&host, row, ret, err))
        return false;
    size_t at = n->n_experiments;
    n->experiments[at] = *ret;
    n->n_experiments = at + 1;
    return true;
}

static bool open_each(void *ctx, const StoreCeremony *row, CvkErr *err) {
    Ceremony *c;
    Experiment *e;
    return strcmp(row->kind, STORE_MARKET_KIND) == 0 ? node_open_experiment(ctx, row, &e, err)
                                                     : node_open_ceremony(ctx, row->name, &c, err);
}

/* What only the server does: look whether the newest responses are there, clean up after a crash,
 * finish what it cut off, keep time. */
static bool start_serving(Node *n, CvkErr *err) {
    char cache[LIMIT_PATH];
    if (!node_make_dirs(n->dir, err) || !cvk_path(cache, n->dir, "cache", err))
        return false; /* a backup may have left empty ones out */
    blob_tmp_clear(n->dir);
    cvk_dir_clear(cache);
    kept_heads_clear(n->dir);
    for (size_t i = 0; i < n->n_ceremonies; i++)
        if (!ceremony_intact(n->ceremonies[i], err))
            return cvk_fail_prefix(err, "ceremony '%s'", n->ceremonies[i]->name);
    if (!node_begin_time(n, err))
        return false;
    for (size_t i = 0; i < n->n_ceremonies; i++)
        node_judge_again(n->ceremonies[i]);
    return true;
}

/* A server's jobs run on the workers, so it needs one for each core, and those who wait for an
 * answer go before them; elsewhere the caller works along. */
static CvkPool *new_pool(NodeOptions options, CvkErr *err) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = options.threads == 0 && cores > 0 ? (unsigned)cores : options.threads;
    return options.serving ? cvk_pool_new_behind(threads, err) : cvk_pool_new(options.threads, err);
}

/* A directory that we may not look into may well be one. */
static bool is_ours(const Node *n, CvkErr *err) {
    if (access(n->store_path, F_OK) == 0)
        return true;
    if (errno != ENOENT && errno != ENOTDIR)
        return cvk_fail_errno(err, "dir.open", "cannot look into '%s'", CVK_SHOWN(n->dir));
    return cvk_fail(err, CVK_ENOTFOUND, "dir.none",
                    "'%s' is no convoke directory: make one with 'convoke init'",
                    CVK_SHOWN(n->dir));
}

static bool open_node(Node *n, const char *dir, NodeOptions options, CvkErr *err) {
    if ((size_t)snprintf(n->dir, sizeof n->dir, "%s", dir) >= sizeof n->dir - 16)
        return cvk_fail(err, CVK_ELIMIT, "path.long", "the directory's path is too long");
    if (!cvk_path(n->store_path, dir, "convoke.db", err))
        return false;
    if (!is_ours(n, err))
        return false;
    if (!(options.serving ? node_lock(n, err) : node_migrate(n->dir, err)))
        return false;
    n->sessions_max = options.sessions_max;
    n->find_kind = options.find_kind;
    n->tables_only = options.tables_only;
    n->clock = run_clock_new(options.clock, err);
    n->pool = n->clock != NULL ? new_pool(options, err) : NULL;
    n->verify = n->pool != NULL ? verify_process_new(NULL, err) : NULL;
    return n->verify != NULL && node_read_key(n, err) &&
           store_open(n->store_path, false, &n->store, err) &&
           store_ceremony_each(n->store, open_each, n, err) &&
           (!options.serving || start_serving(n, err)) &&
           (!options.serving || options.by_hand || node_start_timer(n, err));
}

bool node_open(const char *dir, NodeOptions options, Node **ret, CvkErr *err) {
    Node *n = cvk_alloc(1, sizeof *n, err);
    if (n == NULL)
        return false;
    n->lock_fd = -1;
    n->alive.fd = -1;
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
    unsigned patience_ms = KEPT_HEAD_PATIENCE_MS; /* of all of them together */
    if (n == NULL)
        return NULL;
    node_stop_timer(n);
    cvk_pool_free(n->pool); /* finishes its jobs, which use the ceremonies */
    for (size_t i = 0; i < n->n_ceremonies; i++)
        ceremony_close(n->ceremonies[i]);
    for (size_t i = 0; i < n->n_experiments; i++)
        experiment_close(n->experiments[i], &patience_ms);
    verify_process_free(n->verify);
    store_close(n->store);
    auth_free(n->auth);
    alive_close(&n->alive);
    run_clock_free(n->clock);
    cvk_secret_free(n->key);
    if (n->lock_fd >= 0)
        close(n->lock_fd);
    pthread_cond_destroy(&n->timer_wake);
    pthread_mutex_destroy(&n->timer_lock);
    pthread_mutex_destroy(&n->store_lock);
    free(n);
    return NULL;
}

/* ---- what it has ---- */

CvkPool *node_pool(Node *n) {
    return n->pool;
}

const char *node_address(const Node *n) {
    return n->address;
}

typedef struct {
    const char *noun, *make, *id_none, *id_which; /* the noun is its option's name, too */
} Sort;

/* Which of n: the one of this name, or (NULL) the only one. */
static bool find_named(const Sort *s, const char *const *names, size_t n, const char *name,
                       size_t *ret, CvkErr *err) {
    char all[CVK_WORDS_TEXT];
    *ret = 0;
    if (n == 0)
        return cvk_fail(err, CVK_ENOTFOUND, s->id_none,
                        "there is no %s yet: make one with 'convoke %s'", s->noun, s->make);
    cvk_words(names, n, all);
    if (name == NULL)
        return n == 1 || cvk_fail(err, CVK_ECONFLICT, s->id_which,
                                  "there is more than one %s here: say which with --%s (%s)",
                                  s->noun, s->noun, all);
    while (*ret < n && strcmp(names[*ret], name) != 0)
        ++*ret;
    return *ret < n || cvk_fail(err, CVK_ENOTFOUND, s->id_none,
                                "there is no %s '%.63s' here: it is one of %s", s->noun, name, all);
}

Ceremony *node_ceremony_at(Node *n, size_t i) {
    return i < n->n_ceremonies ? n->ceremonies[i] : NULL;
}

bool node_ceremony(Node *n, const char *name, Ceremony **ret, CvkErr *err) {
    static const Sort sort = {"ceremony", "ceremony new", "ceremony.none", "ceremony.which"};
    const char *names[LIMIT_CEREMONIES];
    size_t at;
    for (size_t i = 0; i < n->n_ceremonies; i++)
        names[i] = n->ceremonies[i]->name;
    if (!find_named(&sort, names, n->n_ceremonies, name, &at, err))
        return false;
    *ret = n->ceremonies[at];
    return true;
}

Experiment *node_experiment_at(Node *n, size_t i) {
    return i < n->n_experiments ? n->experiments[i] : NULL;
}

bool node_experiment(Node *n, const char *name, Experiment **ret, CvkErr *err) {
    static const Sort sort = {"experiment", "market new", "experiment.none", "experiment.which"};
    const char *names[LIMIT_CEREMONIES];
    size_t at;
    for (size_t i = 0; i < n->n_experiments; i++)
        names[i] = n->experiments[i]->name;
    if (!find_named(&sort, names, n->n_experiments, name, &at, err))
        return false;
    *ret = n->experiments[at];
    return true;
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

bool node_add_row(const Node *n, Store *s, const char *name, const char *kind,
                  const char *definition, int64_t *ret_id, CvkErr *err) {
    return store_ceremony_add(s, name, kind, definition, run_clock_now(n->clock), ret_id, err) &&
           kept_head_is_none(n->dir, name, n->key, err);
}

static bool add_ceremony(Node *n, const char *name, const char *kind, const char *definition,
                         CvkErr *err) {
    int64_t id;
    if (!store_begin(n->store, err))
        return false;
    if (node_add_row(n, n->store, name, kind, definition, &id, err) && store_commit(n->store, err))
        return true;
    store_rollback(n->store);
    return false;
}

bool node_ceremony_new(Node *n, const char *name, const char *preset, const char *sizes,
                       const char *const *settings, CvkErr *err) {
    Definition d;
    Ceremony *c;
    if (!node_has_room(n, err) || !definition_make(name, preset, sizes, settings, &d, err) ||
        !check_definition(&d, err))
        return false;
    _cleanup_free_ char *json = definition_write(&d, err);
    if (json == NULL)
        return false;
    pthread_mutex_lock(&n->store_lock);
    bool ok = add_ceremony(n, name, d.kind, json, err);
    pthread_mutex_unlock(&n->store_lock);
    return ok && node_open_ceremony(n, name, &c, err);
}
