/* Tables of who proves, and of what they said that they prove with. Anonymous rows stand in the
 * order of their names and have no times of their own, as the order, too, would tell who it is. */
#include "base/alloc.h"
#include "run/experiment_export_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- participants ---- */

typedef struct {
    char name[EXPORT_ALIAS_MAX];
    uint32_t id;
    int32_t group;
    bool allowed;
    int64_t created_ms;
    uint32_t requests[REQUEST_STATES_N];
} Prover;

typedef struct {
    const Export *x;
    Prover *held; /* by number, from 1 */
    size_t n, cap;
} Provers;

static const Column participant_columns[] = {
    {"participant", COLUMN_INT}, {"group", COLUMN_TEXT},     {"posted_price_cents", COLUMN_CENTS},
    {"state", COLUMN_TEXT},      {"created_ms", COLUMN_INT}, {"open", COLUMN_INT},
    {"done", COLUMN_INT},        {"expired", COLUMN_INT},    {"skipped", COLUMN_INT},
};
#define PARTICIPANT_COLUMNS (sizeof participant_columns / sizeof *participant_columns)

static bool hold_prover(void *ctx, const StoreParticipant *p, CvkErr *err) {
    Provers *all = ctx;
    if (!cvk_grow(&all->held, all->n, &all->cap, sizeof *all->held, err))
        return false;
    Prover *to = &all->held[all->n++];
    *to = (Prover){
        .id = p->id, .group = p->group, .allowed = p->allowed, .created_ms = p->created_ms};
    export_who(all->x, p->id, to->name);
    return p->id == all->n ||
           cvk_fail(err, CVK_EBACKEND, "market.broken", "participant %zu is lost", all->n);
}

static bool count_request(void *ctx, const StoreRequest *r, CvkErr *err) {
    Provers *all = ctx;
    if (r->participant == 0 || r->participant > all->n || r->state >= REQUEST_STATES_N)
        return cvk_fail(err, CVK_EBACKEND, "market.broken",
                        "request %" PRIu64 " is in no state, or of participant %" PRIu32
                        ", who is not there",
                        r->id, r->participant);
    all->held[r->participant - 1].requests[r->state]++;
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const Prover *)a)->name, ((const Prover *)b)->name);
}

static bool put_prover(Export *x, const Prover *p, CvkErr *err) {
    char room[EXPORT_ALIAS_MAX];
    const MarketGroup *group = market_group_at(x->rules, p->group);
    const Cell cells[PARTICIPANT_COLUMNS] = {
        export_who_cell(x, p->id, room),
        cell_text(group != NULL ? group->name : NULL),
        group != NULL && group->posted_price >= 0 ? cell_int(group->posted_price) : CELL_NONE,
        cell_text(p->allowed ? "enabled" : "disabled"),
        x->options->key == NULL ? cell_int(p->created_ms) : CELL_NONE,
        cell_int(p->requests[REQUEST_OPEN]),
        cell_int(p->requests[REQUEST_DONE]),
        cell_int(p->requests[REQUEST_EXPIRED]),
        cell_int(p->requests[REQUEST_SKIPPED]),
    };
    return table_write(x->to, cells, err);
}

bool export_participants(Export *x, const CvkSink *to, CvkErr *err) {
    Provers all = {.x = x};
    bool ok = export_begin(x, participant_columns, PARTICIPANT_COLUMNS, false, to, err) &&
              store_participant_each(x->store, x->experiment, 1, hold_prover, &all, err) &&
              store_request_each(x->store, x->experiment, 1, count_request, &all, err);
    if (ok && all.n > 0 && x->options->key != NULL)
        qsort(all.held, all.n, sizeof *all.held, by_name);
    for (size_t i = 0; ok && i < all.n; i++)
        ok = put_prover(x, &all.held[i], err);
    free(all.held);
    return ok;
}

/* ---- deployments ---- */

typedef struct {
    char who[EXPORT_ALIAS_MAX];
    uint32_t participant;
    char *name, *description, *hardware;
    int64_t rate, power_w, changed_ms;
} Deployment;

typedef struct {
    const Export *x;
    Deployment *held;
    size_t n, cap;
} Deployments;

static const Column deployment_columns[] = {
    {"participant", COLUMN_INT}, {"deployment", COLUMN_TEXT},      {"description", COLUMN_TEXT},
    {"hardware", COLUMN_TEXT},   {"cents_per_hour", COLUMN_CENTS}, {"power_w", COLUMN_INT},
    {"changed_ms", COLUMN_INT},
};
#define DEPLOYMENT_COLUMNS (sizeof deployment_columns / sizeof *deployment_columns)

static bool hold_deployment(void *ctx, const StoreDeployment *d, CvkErr *err) {
    Deployments *all = ctx;
    char room[EXPORT_ALIAS_MAX];
    if (!cvk_grow(&all->held, all->n, &all->cap, sizeof *all->held, err))
        return false;
    Deployment *to = &all->held[all->n++];
    *to = (Deployment){.participant = d->participant,
                       .rate = d->rate,
                       .power_w = d->power_w,
                       .changed_ms = d->changed_ms};
    export_who(all->x, d->participant, to->who);
    to->name = cvk_strdup(export_deployment(all->x, d->participant, d->deployment, room), err);
    to->description = cvk_strdup(d->description, err);
    to->hardware = cvk_strdup(d->hardware, err);
    return to->name != NULL && to->description != NULL && to->hardware != NULL;
}

static int by_who_and_name(const void *a, const void *b) {
    const Deployment *x = a, *y = b;
    int order = strcmp(x->who, y->who);
    return order != 0 ? order : strcmp(x->name, y->name);
}

/* The description is the operator's prose, in which names may stand. */
static bool put_deployment(Export *x, const Deployment *d, CvkErr *err) {
    const bool named = x->options->key == NULL;
    char room[EXPORT_ALIAS_MAX];
    const Cell cells[DEPLOYMENT_COLUMNS] = {
        export_who_cell(x, d->participant, room),
        cell_text(d->name),
        cell_text(named && d->description[0] != '\0' ? d->description : NULL),
        cell_text(d->hardware[0] != '\0' ? d->hardware : NULL),
        d->rate >= 0 ? cell_int(d->rate) : CELL_NONE,
        d->power_w >= 0 ? cell_int(d->power_w) : CELL_NONE,
        named ? cell_int(d->changed_ms) : CELL_NONE,
    };
    return table_write(x->to, cells, err);
}

bool export_deployments(Export *x, const CvkSink *to, CvkErr *err) {
    Deployments all = {.x = x};
    bool ok = export_begin(x, deployment_columns, DEPLOYMENT_COLUMNS, false, to, err) &&
              store_deployment_each(x->store, x->experiment, hold_deployment, &all, err);
    if (ok && all.n > 0 && x->options->key != NULL)
        qsort(all.held, all.n, sizeof *all.held, by_who_and_name);
    for (size_t i = 0; ok && i < all.n; i++)
        ok = put_deployment(x, &all.held[i], err);
    for (size_t i = 0; i < all.n; i++) {
        free(all.held[i].name);
        free(all.held[i].description);
        free(all.held[i].hardware);
    }
    free(all.held);
    return ok;
}
