/* The inside of an export, shared by experiment_export.c and by the files of single tables:
 * experiment_export_panel.c, _people.c and _json.c. Nobody else includes this. */
#pragma once

#include "base/buf.h"
#include "engine/id_index.h"
#include "format/batch_manifest.h"
#include "run/experiment_export.h"

typedef struct {
    char *name, *covariates; /* JSON */
} BatchText;

/* A covariate that some batch has: a column. */
typedef struct {
    char column[COVARIATE_NAME_MAX + sizeof "batch."];
    bool is_text; /* of some batch it is no number */
} Covariate;

/* A cell of the panel. */
typedef struct {
    uint32_t batch, participant;
    int64_t price, cost, ms;
} Bid;

typedef struct {
    char name[EXPORT_ALIAS_MAX];
    uint32_t participant;
} Person;

typedef struct {
    const ExportOptions *options;
    Store *store; /* in a transaction that reads */
    int64_t experiment;
    const MarketRules *rules;
    TableWriter *to;
    BatchText *batches; /* by number, from 1 */
    size_t n_batches, batches_cap;
    Covariate *covariates;
    size_t n_covariates, covariates_cap;
    IdIndex by_name; /* of covariates: theirs stand behind "batch." */
    size_t n_people;
    Bid *bids;
    size_t n_bids, bids_cap;
    size_t n_fixed;    /* columns before the covariates */
    bool tells_groups; /* one more column, behind them */
    int32_t *groups;   /* of participant i + 1, then; below 0: of none */
    size_t n_groups, groups_cap;
    Cell *cells;       /* one row */
    CvkBuf row;        /* texts of its covariates, one after another */
    char (*names)[64]; /* the panel's columns */
    Person *people;    /* of the panel, in the order of their columns */
    size_t *place;     /* of participant i + 1 in that order */
} Export;

/* ---- experiment_export.c ---- */

/* What this participant is called: their number, or what the key makes of it. Returns ret. */
const char *export_who(const Export *x, uint32_t participant, char ret[EXPORT_ALIAS_MAX]);
/* The same as a cell: an integer, or a text in `room`. */
Cell export_who_cell(const Export *x, uint32_t participant, char room[EXPORT_ALIAS_MAX]);
/* What their deployment is called: its name, or (in `room`) what the key makes of it. */
const char *export_deployment(const Export *x, uint32_t participant, const char *name,
                              char room[EXPORT_ALIAS_MAX]);
Cell export_batch_name(const Export *x, uint32_t batch);
/* The writer for these columns, and, if `covariates`, for theirs; x->cells is a row of them. */
bool export_begin(Export *x, const Column *fixed, size_t n, bool covariates, const CvkSink *to,
                  CvkErr *err) MUST_USE;
/* Writes x->cells, of which the fixed ones are set, with the covariates of this batch. */
bool export_row(Export *x, uint32_t batch, CvkErr *err) MUST_USE;

/* ---- experiment_export_panel.c ---- */

/* A row a batch. The batches are held already. "market.broken": a row is of nobody. */
bool export_panel(Export *x, const CvkSink *to, CvkErr *err) MUST_USE;

/* ---- experiment_export_people.c ---- */

/* "market.broken": a request is of nobody. */
bool export_participants(Export *x, const CvkSink *to, CvkErr *err) MUST_USE;
bool export_deployments(Export *x, const CvkSink *to, CvkErr *err) MUST_USE;

/* ---- experiment_export_json.c ---- */

/* A row a submission and member of what its prover said beyond the known fields. */
bool export_extras(Export *x, const CvkSink *to, CvkErr *err) MUST_USE;
/* The journal, a row an entry. CVK_EBADREQ "export.named": there is a key. */
bool export_events(Export *x, const CvkSink *to, CvkErr *err) MUST_USE;
