/* The data of an analysis: one row a submission, in memory, and the names that its numbers stand
 * for. 88 bytes a row: a million are 88 MB. Whoever makes one (run/ from the tables, tests, the
 * bench) adds names first, then rows. Immutable afterwards; threads may share it then. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t participant, batch, deployment, acceleration; /* indices into the panel's names */
    uint32_t group;    /* their treatment: an index into its names + 1; 0: of none */
    uint32_t seq;      /* this participant's how-manyeth request, from 1 */
    uint32_t flags;    /* market/market.h: MARKET_FLAG_... */
    uint32_t attempts; /* refused ones before */
    uint32_t nth;      /* this deployment's how-manyeth proof, from 1: see panel_number */
    int64_t issued_ms, first_get_ms, received_ms; /* 0: not known */
    int64_t proving_ms;                           /* as declared */
    int64_t cost, price;                          /* micro-cents */
} PanelRow;

/* A request that is open (or expired, skipped): its time is censored, not absent. */
typedef struct {
    uint32_t participant, batch;
    int64_t issued_ms, until_ms; /* it was open so long at least */
} PanelOpen;

typedef enum {
    PANEL_PARTICIPANT,
    PANEL_BATCH,
    PANEL_DEPLOYMENT,
    PANEL_ACCELERATION,
    PANEL_GROUP, /* treatments of participants */
    PANEL_NAMES_N
} PanelNames;

typedef struct Panel Panel;

Panel *panel_new(CvkErr *err) MUST_USE;
Panel *panel_free(Panel *p); /* NULL is fine; returns NULL */
/* The index of a name, added if it is new. Deployments are named "participant/deployment". */
bool panel_name(Panel *p, PanelNames of, const char *name, uint32_t *ret, CvkErr *err) MUST_USE;
/* "panel.row": an index that names nothing, or a negative amount or time. */
bool panel_add(Panel *p, const PanelRow *row, CvkErr *err) MUST_USE;
bool panel_add_open(Panel *p, const PanelOpen *open, CvkErr *err) MUST_USE;
#define PANEL_COVARIATES_MAX 64
/* A covariate of a batch (n_tx, gas, ...), from its manifest. CVK_ELIMIT "panel.covariates". */
bool panel_covariate(Panel *p, uint32_t batch, const char *name, double value,
                     CvkErr *err) MUST_USE;
/* What a deployment costs by its operator's account: micro-cents an hour; for imputed costs. */
bool panel_deployment_rate(Panel *p, uint32_t deployment, int64_t micro_cents_per_hour,
                           CvkErr *err) MUST_USE;

/* Numbers the proofs of each deployment in the order of their requests. Once all rows are there:
 * selections of them keep these numbers, as experience is not lost with a row. O(n log n). */
bool panel_number(Panel *p, CvkErr *err) MUST_USE;

size_t panel_n(const Panel *p);
const PanelRow *panel_rows(const Panel *p);
size_t panel_open_n(const Panel *p);
const PanelOpen *panel_opens(const Panel *p);
size_t panel_names_n(const Panel *p, PanelNames of);
const char *panel_name_at(const Panel *p, PanelNames of, uint32_t i);

/* False: there is none so called. */
bool panel_find(const Panel *p, PanelNames of, const char *name, uint32_t *ret) MUST_USE;
size_t panel_covariates_n(const Panel *p);
const char *panel_covariate_name(const Panel *p, size_t i);
double panel_covariate_at(const Panel *p, size_t i, uint32_t batch); /* NaN: not known */
int64_t panel_rate(const Panel *p, uint32_t deployment);             /* -1: not known */
