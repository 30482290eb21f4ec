/* The tables as the data of an analysis. */
#include "base/alloc.h"
#include "codec/json_read.h"
#include "run/experiment_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_EACH 4096 /* submissions, between two looks at how far it is */

/* A row's deployment is mostly the one of its participant's row before. */
typedef struct {
    char name[LIMIT_DEPLOYMENT + 1];
    uint32_t index;
    uint32_t group; /* as a row has it */
} Recent;

typedef struct {
    Panel *panel;
    const MarketRules *rules;
    Recent *recent; /* by participant */
    size_t n, cap;
    char last[LIMIT_DEPLOYMENT + 1]; /* the acceleration of the row before */
    uint32_t last_index;
    CvkProgress progress;
    uint64_t done, total; /* submissions */
} Filling;

/* ---- names: the index of a participant or a batch is its number - 1 ---- */

static bool is_taken(const Filling *f, const char *name) {
    uint32_t index;
    return panel_find(f->panel, PANEL_PARTICIPANT, name, &index);
}

/* "p2", or where that is somebody's label "p2-2", "p2-3", ... */
static void number(const Filling *f, uint32_t participant, char ret[32]) {
    snprintf(ret, 32, "p%u", participant);
    for (unsigned i = 2; is_taken(f, ret); i++)
        snprintf(ret, 32, "p%u-%u", participant, i);
}

static bool group_of(Filling *f, const StoreParticipant *p, uint32_t *ret, CvkErr *err) {
    const MarketGroup *group = market_group_at(f->rules, p->group);
    *ret = 0;
    if (group == NULL)
        return p->group < 0 ||
               cvk_fail(err, CVK_EBACKEND, "market.broken", "participant %u is of no group", p->id);
    if (!panel_name(f->panel, PANEL_GROUP, group->name, ret, err))
        return false;
    ++*ret;
    return true;
}

static bool add_participant(void *ctx, const StoreParticipant *p, CvkErr *err) {
    Filling *f = ctx;
    char numbered[32];
    const char *name = p->label;
    uint32_t index, group;
    if (name[0] == '\0' || is_taken(f, name)) {
        number(f, p->id, numbered);
        name = numbered;
    }
    if (!cvk_grow(&f->recent, f->n, &f->cap, sizeof *f->recent, err) ||
        !panel_name(f->panel, PANEL_PARTICIPANT, name, &index, err) || !group_of(f, p, &group, err))
        return false;
    f->recent[f->n++] = (Recent){.index = UINT32_MAX, .group = group};
    return index + 1 == p->id ||
           cvk_fail(err, CVK_EBACKEND, "market.broken", "participant %zu is lost", f->n);
}

/* Numbers are covariates; anything else in the object is for people. */
static bool take_covariate(Filling *f, uint32_t batch, JsonReader *r, const char *key,
                           CvkErr *err) {
    char name[128], number[64];
    const char *text;
    JsonType type;
    size_t n;
    snprintf(name, sizeof name, "%s", key);
    if (!json_read_peek(r, &type, err))
        return false;
    if (type != JSON_TYPE_NUMBER)
        return json_read_skip(r, err);
    if (!json_read_number(r, &text, &n, err))
        return false;
    if (n >= sizeof number)
        return true;
    memcpy(number, text, n);
    number[n] = '\0';
    return panel_covariate(f->panel, batch, name, strtod(number, NULL), err);
}

static bool take_covariates(Filling *f, uint32_t batch, const char *json, CvkErr *err) {
    JsonMemory memory = {.data = json, .n = strlen(json)};
    JsonReader *r = json_reader_new(json_from_memory(&memory), LIMIT_MARKET_JSON, err);
    const char *key = "";
    bool ok = r != NULL && json_read_object(r, err);
    while (ok && (ok = json_read_key(r, &key, err)) && key != NULL)
        ok = take_covariate(f, batch, r, key, err);
    json_reader_free(r);
    return ok;
}

static bool add_batch(void *ctx, const StoreBatch *b, CvkErr *err) {
    Filling *f = ctx;
    uint32_t index;
    return panel_name(f->panel, PANEL_BATCH, b->name, &index, err) &&
           (strcmp(b->covariates, "{}") == 0 || take_covariates(f, index, b->covariates, err));
}

static bool deployment_of(Filling *f, uint32_t participant, const char *name, uint32_t *ret,
                          CvkErr *err) {
    char full[2 * LIMIT_DEPLOYMENT + 2];
    Recent *r = &f->recent[participant - 1];
    if (r->index == UINT32_MAX || strcmp(r->name, name) != 0) {
        snprintf(full, sizeof full, "%s/%s",
                 panel_name_at(f->panel, PANEL_PARTICIPANT, participant - 1), name);
        if (!panel_name(f->panel, PANEL_DEPLOYMENT, full, &r->index, err))
            return false;
        snprintf(r->name, sizeof r->name, "%s", name);
    }
    *ret = r->index;
    return true;
}

static bool acceleration_of(Filling *f, const char *name, uint32_t *ret, CvkErr *err) {
    if (f->last_index == UINT32_MAX || strcmp(f->last, name) != 0) {
        if (!panel_name(f->panel, PANEL_ACCELERATION, name, &f->last_index, err))
            return false;
        snprintf(f->last, sizeof f->last, "%s", name);
    }
    *ret = f->last_index;
    return true;
}

/* ---- rows ---- */

static bool add_submission(void *ctx, const StoreSubmission *x, CvkErr *err) {
    Filling *f = ctx;
    PanelRow row = {.participant = x->participant - 1,
                    .batch = x->batch - 1,
                    .seq = x->seq,
                    .flags = x->flags,
                    .attempts = x->attempts,
                    .issued_ms = x->issued_ms,
                    .first_get_ms = x->first_get_ms,
                    .received_ms = x->received_ms,
                    .proving_ms = x->proving_ms,
                    .cost = x->cost,
                    .price = x->price};
    const char *acceleration = x->acceleration[0] == '\0' ? "unsaid" : x->acceleration;
    if (x->participant == 0 || x->participant > f->n)
        return cvk_fail(err, CVK_EBACKEND, "market.broken", "a submission of nobody");
    row.group = f->recent[x->participant - 1].group;
    if (++f->done % TOLD_EACH == 0 && f->progress.fn != NULL)
        f->progress.fn(f->progress.ctx, (size_t)f->done, (size_t)f->total);
    return deployment_of(f, x->participant, x->deployment, &row.deployment, err) &&
           acceleration_of(f, acceleration, &row.acceleration, err) &&
           panel_add(f->panel, &row, err);
}

static bool add_rate(void *ctx, const StoreDeployment *d, CvkErr *err) {
    Filling *f = ctx;
    uint32_t index;
    if (d->rate < 0)
        return true;
    if (d->participant == 0 || d->participant > f->n)
        return cvk_fail(err, CVK_EBACKEND, "market.broken", "a deployment of nobody");
    return deployment_of(f, d->participant, d->deployment, &index, err) &&
           panel_deployment_rate(f->panel, index, d->rate, err);
}

/* What was not proved was open so long at least. */
static bool add_open(void *ctx, const StoreRequest *r, CvkErr *err) {
    Filling *f = ctx;
    PanelOpen open = {.participant = r->participant - 1,
                      .batch = r->batch - 1,
                      .issued_ms = r->issued_ms,
                      .until_ms = r->closed_ms};
    if (open.until_ms < open.issued_ms) /* by a wall clock that was set back */
        open.until_ms = open.issued_ms;
    return panel_add_open(f->panel, &open, err);
}

static bool fill(Experiment *e, Store *s, Filling *f, CvkErr *err) {
    uint64_t attempts;
    return store_market_count(s, e->id, &f->total, &attempts, err) &&
           store_participant_each(s, e->id, 1, add_participant, f, err) &&
           store_batch_each(s, e->id, 1, add_batch, f, err) &&
           store_submission_each(s, e->id, 1, add_submission, f, err) &&
           store_deployment_each(s, e->id, add_rate, f, err) &&
           store_request_unproved_each(s, e->id, run_clock_now(e->clock), add_open, f, err);
}

bool experiment_panel(Experiment *e, CvkProgress progress, Panel **ret, CvkErr *err) {
    Filling f = {.rules = &e->rules, .last_index = UINT32_MAX, .progress = progress};
    Store *s = NULL;
    f.panel = panel_new(err);
    bool ok = f.panel != NULL && store_open(e->store_path, false, &s, err) &&
              store_begin_read(s, err) && fill(e, s, &f, err) && panel_number(f.panel, err);
    store_close(s);
    free(f.recent);
    if (ok)
        *ret = f.panel;
    else
        panel_free(f.panel);
    return ok;
}
