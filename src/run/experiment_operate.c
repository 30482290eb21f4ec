/* What the operator does: participants, deployments, public files. */
#include "base/hex.h"
#include "base/name.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "base/words.h"
#include "codec/base64.h"
#include "run/experiment_private.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- ids ---- */

#define ID_BYTES 16

/* The id, given or new, and what is kept of it. */
static bool make_id(const char *id, char *ret_id, uint8_t ret_secret[32], CvkErr *err) {
    uint8_t random[ID_BYTES];
    if (id == NULL) {
        cvk_random(random, sizeof random);
        base64url_encode(random, sizeof random, ret_id);
    } else {
        if (!cvk_name_ok(id, LIMIT_PROVER_ID))
            return cvk_fail(err, CVK_EBADREQ, "participant.id",
                            "an id is 1 to %d letters, digits, '-' or '_'", LIMIT_PROVER_ID);
        snprintf(ret_id, LIMIT_PROVER_ID + 1, "%s", id);
    }
    cvk_sha256(ret_id, strlen(ret_id), ret_secret);
    return true;
}

/* Held: writer. Ids of those who are disabled stay taken. */
static bool is_free(const Experiment *e, const uint8_t secret[32], CvkErr *err) {
    uint32_t whose = experiment_whose(e, secret);
    return whose == 0 || cvk_fail(err, CVK_ECONFLICT, "participant.exists",
                                  "participant %" PRIu32 " has this id already", whose);
}

static bool fail_no_group(const Experiment *e, const char *name, CvkErr *err) {
    const char *names[MARKET_GROUPS_MAX];
    char all[CVK_WORDS_TEXT];
    for (size_t i = 0; i < e->rules.n_groups; i++)
        names[i] = e->rules.groups[i].name;
    if (e->rules.n_groups == 0)
        return cvk_fail(err, CVK_ENOTFOUND, "group.none",
                        "there is no group '%.40s': this experiment was opened without any "
                        "('convoke market new --group')",
                        name);
    return cvk_fail(err, CVK_ENOTFOUND, "group.none", "there is no group '%.40s': it is one of %s",
                    name, cvk_words(names, e->rules.n_groups, all));
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
    return fail_no_group(e, name, err);
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

static void take_words(StoreParticipant *p, const ParticipantWords *w) {
    if (w != NULL && w->label != NULL)
        p->label = w->label;
    if (w != NULL && w->contact != NULL)
        p->contact = w->contact;
    if (w != NULL && w->note != NULL)
        p->note = w->note;
}

bool experiment_participant_add(Experiment *e, const char *id, const char *group,
                                const ParticipantWords *words, char *ret_id, uint32_t *ret,
                                CvkErr *err) {
    StoreParticipant p = {.label = "", .contact = "", .note = "", .allowed = true};
    char text[LIMIT_PROVER_ID + 1];
    uint32_t at;
    take_words(&p, words);
    if (!make_id(id, text, p.secret, err) || !find_group(e, group, &at, err) ||
        !experiment_begin(e, err))
        return false;
    p.id = (uint32_t)e->n_provers + 1;
    p.group = at == MARKET_NO_GROUP ? -1 : (int32_t)at;
    p.created_ms = run_clock_now(e->clock);
    if (!experiment_end(e, add_participant(e, &p, err), err))
        return false;
    snprintf(ret_id, LIMIT_PROVER_ID + 1, "%s", text);
    *ret = p.id;
    return true;
}

/* Held: writer, in a transaction. */
static bool set_allowed(Experiment *e, uint32_t participant, bool on, CvkErr *err) {
    uint8_t secret[32];
    bool digits = cvk_hex_decode(e->provers[participant - 1].secret, sizeof secret, secret);
    assert(digits);
    return store_participant_set(e->store, e->id, participant, secret, on, err);
}

bool experiment_participant_allow(Experiment *e, uint32_t participant, bool on, CvkErr *err) {
    MarketChange c = {.kind = CHANGE_PARTICIPANT_ALLOWED, .participant = participant, .on = on};
    if (!experiment_begin(e, err))
        return false;
    c.ms = run_clock_now(e->clock);
    MarketEntry entry = market_entry_of(&c);
    bool ok = market_check(e->state, &c, err) && set_allowed(e, participant, on, err) &&
              experiment_log(e, &entry, err);
    return experiment_end(e, ok, err);
}

/* One participant's row, as it becomes. */
typedef struct {
    Experiment *e;
    const uint8_t *secret;         /* NULL: as it was */
    const ParticipantWords *words; /* likewise */
    MarketEntry entry;
} Rewriting;

static bool rewrite(void *ctx, const StoreParticipant *p, CvkErr *err) {
    Rewriting *r = ctx;
    StoreParticipant now = *p;
    if (r->secret != NULL)
        memcpy(now.secret, r->secret, sizeof now.secret);
    take_words(&now, r->words);
    store_participant_digest(&now, r->entry.row);
    return r->secret != NULL
               ? store_participant_set(r->e->store, r->e->id, now.id, now.secret, now.allowed, err)
               : store_participant_describe(r->e->store, r->e->id, &now, err);
}

/* Held: writer, in a transaction. */
static bool rewrite_participant(Rewriting *r, CvkErr *err) {
    Experiment *e = r->e;
    const uint32_t participant = r->entry.change.participant;
    bool found;
    r->entry.change.ms = run_clock_now(e->clock);
    return store_participant_get(e->store, e->id, participant, rewrite, r, &found, err) &&
           (found || cvk_fail(err, CVK_ENOTFOUND, "participant.none", "there is no participant %u",
                              participant)) &&
           experiment_log(e, &r->entry, err);
}

bool experiment_participant_describe(Experiment *e, uint32_t participant,
                                     const ParticipantWords *words, CvkErr *err) {
    Rewriting r = {
        .e = e,
        .words = words,
        .entry = {.type = ENTRY_PARTICIPANT_DESCRIBED, .change = {.participant = participant}}};
    return experiment_begin(e, err) && experiment_end(e, rewrite_participant(&r, err), err);
}

bool experiment_participant_rotate(Experiment *e, uint32_t participant, const char *id,
                                   char *ret_id, CvkErr *err) {
    char text[LIMIT_PROVER_ID + 1];
    uint8_t secret[32];
    Rewriting r = {
        .e = e,
        .secret = secret,
        .entry = {.type = ENTRY_PARTICIPANT_ROTATED, .change = {.participant = participant}}};
    if (!make_id(id, text, secret, err) || !experiment_begin(e, err) ||
        !experiment_end(e, is_free(e, secret, err) && rewrite_participant(&r, err), err))
        return false;
    snprintf(ret_id, LIMIT_PROVER_ID + 1, "%s", text);
    return true;
}

/* ---- deployments ---- */

bool experiment_deployment_set(Experiment *e, const StoreDeployment *d, CvkErr *err) {
    MarketEntry entry = {.type = ENTRY_DEPLOYMENT_SET, .change = {.participant = d->participant}};
    StoreDeployment row = *d;
    if (strlen(d->deployment) > LIMIT_DEPLOYMENT)
        return cvk_fail(err, CVK_EBADREQ, "deployment.name", "a deployment has %d bytes at most",
                        LIMIT_DEPLOYMENT);
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
