/* What the operator does: participants, deployments, public files. */
#include "base/rng.h"
#include "base/sha256.h"
#include "codec/base64.h"
#include "run/experiment_private.h"

#include <stdio.h>
#include <string.h>

/* ---- ids ---- */

#define ID_BYTES 16
#define ID_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

/* The id, given or new, and what is kept of it. */
static bool make_id(const char *id, char *ret_id, uint8_t ret_secret[32], CvkErr *err) {
    uint8_t random[ID_BYTES];
    if (id == NULL) {
        cvk_random(random, sizeof random);
        base64url_encode(random, sizeof random, ret_id);
    } else {
        size_t n = strlen(id);
        if (n == 0 || n > PROVER_ID_MAX || strspn(id, ID_CHARS) != n)
            return cvk_fail(err, CVK_EBADREQ, "participant.id",
                            "an id is 1 to %d letters, digits, '-' or '_'", PROVER_ID_MAX);
        snprintf(ret_id, PROVER_ID_MAX + 1, "%s", id);
    }
    cvk_sha256(ret_id, strlen(ret_id), ret_secret);
    return true;
}

/* Held: writer. Ids of those who are disabled stay taken. */
static bool is_free(const Experiment *e, const uint8_t secret[32], CvkErr *err) {
    for (size_t i = 0; i < e->n_provers; i++)
        if (memcmp(e->provers[i].secret, secret, 32) == 0)
            return cvk_fail(err, CVK_ECONFLICT, "participant.exists",
                            "participant %zu has this id already", i + 1);
    return true;
}

static bool find_group(const Experiment *e, const char *name, uint32_t *ret, CvkErr *err) {
    *ret = MARKET_NO_GROUP;
    if (name == NULL)
        return true;
    for (size_t i = 0; i < e->rules.n_groups; i++)
        if (strcmp(e->rules.groups[i].name, name) == 0) {
            *ret = (uint32_t)i;
            return true;
        }
    return cvk_fail(err, CVK_ENOTFOUND, "group.none", "there is no group '%.40s'", name);
}

/* ---- participants ---- */

/* Held: writer, in a transaction. */
static bool add_participant(Experiment *e, StoreParticipant *p, CvkErr *err) {
    MarketChange c = {.kind = CHANGE_PARTICIPANT_ADDED,
                      .ms = p->created_ms,
                      .participant = p->id,
                      .group = p->group < 0 ? MARKET_NO_GROUP : (uint32_t)p->group};
    MarketEntry entry = market_entry_of(&c);
    if (!is_free(e, p->secret, err) || !market_check(e->state, &c, err))
        return false;
    cvk_random(p->token, sizeof p->token);
    store_participant_digest(p, entry.row);
    return store_participant_add(e->store, e->id, p, err) && experiment_log(e, &entry, err);
}

bool experiment_participant_add(Experiment *e, const char *id, const char *label, const char *group,
                                const char *note, char *ret_id, uint32_t *ret, CvkErr *err) {
    StoreParticipant p = {
        .label = label == NULL ? "" : label, .note = note == NULL ? "" : note, .allowed = true};
    char text[PROVER_ID_MAX + 1];
    uint32_t at;
    if (!make_id(id, text, p.secret, err) || !find_group(e, group, &at, err) ||
        !experiment_begin(e, err))
        return false;
    p.id = (uint32_t)e->n_provers + 1;
    p.group = at == MARKET_NO_GROUP ? -1 : (int32_t)at;
    p.created_ms = run_clock_now(e->clock);
    if (!experiment_end(e, add_participant(e, &p, err), err))
        return false;
    snprintf(ret_id, PROVER_ID_MAX + 1, "%s", text);
    *ret = p.id;
    return true;
}

bool experiment_participant_allow(Experiment *e, uint32_t participant, bool on, CvkErr *err) {
    MarketChange c = {.kind = CHANGE_PARTICIPANT_ALLOWED, .participant = participant, .on = on};
    if (!experiment_begin(e, err))
        return false;
    c.ms = run_clock_now(e->clock);
    MarketEntry entry = market_entry_of(&c);
    bool ok = market_check(e->state, &c, err) &&
              store_participant_set(e->store, e->id, participant,
                                    e->provers[participant - 1].secret, on, err) &&
              experiment_log(e, &entry, err);
    return experiment_end(e, ok, err);
}

typedef struct {
    Experiment *e;
    const uint8_t *secret;
    MarketEntry *entry;
} Rotating;

static bool rotate(void *ctx, const StoreParticipant *p, CvkErr *err) {
    const Rotating *r = ctx;
    StoreParticipant now = *p;
    memcpy(now.secret, r->secret, sizeof now.secret);
    store_participant_digest(&now, r->entry->row);
    return store_participant_set(r->e->store, r->e->id, p->id, r->secret, p->allowed, err);
}

bool experiment_participant_rotate(Experiment *e, uint32_t participant, const char *id,
                                   char *ret_id, CvkErr *err) {
    MarketEntry entry = {.type = ENTRY_PARTICIPANT_ROTATED, .change = {.participant = participant}};
    char text[PROVER_ID_MAX + 1];
    uint8_t secret[32];
    Rotating r = {.e = e, .secret = secret, .entry = &entry};
    bool found = false;
    if (!make_id(id, text, secret, err) || !experiment_begin(e, err))
        return false;
    entry.change.ms = run_clock_now(e->clock);
    bool ok = is_free(e, secret, err) &&
              store_participant_get(e->store, e->id, participant, rotate, &r, &found, err) &&
              (found || cvk_fail(err, CVK_ENOTFOUND, "participant.none",
                                 "there is no participant %u", participant)) &&
              experiment_log(e, &entry, err);
    if (!experiment_end(e, ok, err))
        return false;
    snprintf(ret_id, PROVER_ID_MAX + 1, "%s", text);
    return true;
}

/* ---- deployments ---- */

bool experiment_deployment_set(Experiment *e, const StoreDeployment *d, CvkErr *err) {
    MarketEntry entry = {.type = ENTRY_DEPLOYMENT_SET, .change = {.participant = d->participant}};
    StoreDeployment row = *d;
    if (strlen(d->deployment) > MARKET_NAME_MAX)
        return cvk_fail(err, CVK_EBADREQ, "deployment.name", "a deployment has %d bytes at most",
                        MARKET_NAME_MAX);
    snprintf(entry.name, sizeof entry.name, "%s", d->deployment);
    if (!experiment_begin(e, err))
        return false;
    row.changed_ms = entry.change.ms = run_clock_now(e->clock);
    store_deployment_digest(&row, entry.row);
    bool ok = ((d->participant != 0 && d->participant <= e->n_provers) ||
               cvk_fail(err, CVK_ENOTFOUND, "participant.none", "there is no participant %u",
                        d->participant)) &&
              store_deployment_put(e->store, e->id, &row, err) && experiment_log(e, &entry, err);
    return experiment_end(e, ok, err);
}
