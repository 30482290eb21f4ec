/* Opening and closing, and what memory answers. */
#include "run/experiment.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/sha256.h"
#include "codec/base64.h"
#include "run/experiment_private.h"
#include "run/experiment_rules.h"

#include <stdio.h>
#include <string.h>

#define FLUSH_MS 1000 /* how often what was served is written, and a head kept */

/* ---- opening ---- */

static bool read_definition(Experiment *e, const StoreCeremony *row, CvkErr *err) {
    char name[64];
    if (!experiment_rules_read(row->definition, name, &e->rules, err))
        return false;
    if (strcmp(name, row->name) != 0)
        return cvk_fail(err, CVK_EBACKEND, "journal.definition",
                        "the definition is of experiment '%s'", name);
    snprintf(e->name, sizeof e->name, "%s", row->name);
    cvk_sha256(row->definition, strlen(row->definition), e->hash);
    return true;
}

static bool open_all(Experiment *e, const StoreCeremony *row, CvkErr *err) {
    if (!read_definition(e, row, err) || !store_open(e->store_path, false, &e->store, err) ||
        !store_open(e->store_path, false, &e->reader, err) ||
        !store_open(e->store_path, false, &e->watch, err))
        return false;
    store_wait_for_none(e->watch); /* it is asked where nothing may wait: busy is not current */
    e->state = market_new(&e->rules, err);
    return e->state != NULL && experiment_load(e, err);
}

bool experiment_open(const ExperimentHost *host, const StoreCeremony *row, Experiment **ret,
                     CvkErr *err) {
    Experiment *e = cvk_alloc(1, sizeof *e, err);
    if (e == NULL)
        return false;
    pthread_mutex_init(&e->writer, NULL);
    pthread_mutex_init(&e->published, NULL);
    pthread_cond_init(&e->kept, NULL);
    pthread_mutex_init(&e->reader_lock, NULL);
    pthread_mutex_init(&e->watch_lock, NULL);
    e->watched = -1;
    snprintf(e->dir, sizeof e->dir, "%s", host->dir);
    snprintf(e->store_path, sizeof e->store_path, "%s", host->store_path);
    e->clock = host->clock;
    e->verify = host->verify;
    e->tables_only = host->tables_only;
    e->id = row->id;
    kept_head_init(&e->kept_head, e->dir, e->name, host->key);
    if (!open_all(e, row, err)) {
        experiment_close(e, NULL);
        return cvk_fail_prefix(err, "experiment '%s'", row->name);
    }
    *ret = e;
    return true;
}

Experiment *experiment_close(Experiment *e, unsigned *patience_ms) {
    CvkErr ignored; /* counts of a second, of an experiment that is closed for good */
    if (e == NULL)
        return NULL;
    if (e->n_served != 0)
        (void)!experiment_flush_served(e, &ignored);
    if (e->wrote)
        experiment_keep_head(e, patience_ms);
    kept_head_done(&e->kept_head);
    store_close(e->store);
    store_close(e->reader);
    store_close(e->watch);
    market_free(e->state);
    id_index_done(&e->by_secret);
    free(e->provers);
    free(e->issued);
    free(e->served);
    free(e->pending);
    pthread_mutex_destroy(&e->writer);
    pthread_mutex_destroy(&e->published);
    pthread_cond_destroy(&e->kept);
    pthread_mutex_destroy(&e->reader_lock);
    pthread_mutex_destroy(&e->watch_lock);
    free(e);
    return NULL;
}

/* ---- time ---- */

bool experiment_tick(Experiment *e, CvkErr *err) {
    int64_t now_ms = run_clock_now(e->clock);
    bool ok =
        (experiment_is_current(e) || experiment_make_current(e, err)) && experiment_sweep(e, err);
    if (now_ms - e->flushed_ms >= FLUSH_MS) {
        e->flushed_ms = now_ms;
        ok = experiment_flush_served(e, ok ? err : NULL) && ok;
        experiment_keep_head(e, NULL); /* ceremonies' turns end on this thread, too */
    }
    return ok;
}

/* ---- what it is ---- */

const char *experiment_name(const Experiment *e) {
    return e->name;
}

const MarketRules *experiment_rules(const Experiment *e) {
    return &e->rules;
}

const uint8_t *experiment_hash(const Experiment *e) {
    return e->hash;
}

void experiment_counts(Experiment *e, MarketCounts *ret) {
    pthread_mutex_lock(&e->published);
    market_counts(e->state, ret);
    pthread_mutex_unlock(&e->published);
}

/* ---- who ---- */

/* How long a look-up takes may tell with which digest another one agrees, and how far. That helps
 * nobody: which id has a digest that begins so is as hard to find as the id. */
uint32_t experiment_whose(const Experiment *e, const uint8_t secret[32]) {
    char digits[2 * 32 + 1];
    cvk_hex_encode(secret, 32, digits);
    uint32_t at = id_index_find(&e->by_secret, experiment_provers(e), digits);
    return at == ID_NONE ? 0 : at + 1;
}

uint32_t experiment_who(Experiment *e, const char *id, size_t n) {
    uint8_t secret[32];
    if (n == 0 || n > LIMIT_PROVER_ID)
        return 0;
    cvk_sha256(id, n, secret);
    pthread_mutex_lock(&e->published);
    uint32_t who = experiment_whose(e, secret);
    if (who != 0 && !market_allowed(e->state, who))
        who = 0;
    pthread_mutex_unlock(&e->published);
    return who;
}

/* ---- what they have open ---- */

void experiment_answer(const Experiment *e, uint32_t participant, uint64_t request,
                       OpenRequest *ret) {
    char theirs[BASE64URL_TEXT(STORE_TOKEN_BYTES)], own[BASE64URL_TEXT(STORE_TOKEN_BYTES)];
    base64url_encode(e->provers[participant - 1].token, STORE_TOKEN_BYTES, theirs);
    base64url_encode(e->issued[request - 1].token, STORE_TOKEN_BYTES, own);
    const MarketGroup *group = market_group_at(&e->rules, market_group(e->state, participant));
    ret->request = request;
    ret->posted_price = group != NULL ? group->posted_price : -1;
    snprintf(ret->path, sizeof ret->path, "static/%s/%s", theirs, own);
}

MarketNext experiment_peek(Experiment *e, uint32_t participant, OpenRequest *ret) {
    MarketChange c;
    int64_t now_ms = run_clock_now(e->clock);
    pthread_mutex_lock(&e->published);
    MarketNext next = market_next(e->state, participant, now_ms, &c);
    if (next == NEXT_OPEN) {
        experiment_answer(e, participant, c.request, ret);
        experiment_asked_again(e, c.request);
    }
    pthread_mutex_unlock(&e->published);
    return next;
}

MarketMay experiment_may_submit(Experiment *e, uint32_t participant, uint64_t request,
                                const uint8_t body[32]) {
    pthread_mutex_lock(&e->published);
    MarketMay may = market_may_submit(e->state, participant, request, body);
    pthread_mutex_unlock(&e->published);
    return may;
}
