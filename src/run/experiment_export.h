/* An experiment's tables as files for other programs. Columns and their order are fixed
 * (docs/MARKET.md); behind them stand the covariates of the batch, "batch.NAME".
 *
 * What comes in while an export runs may be in it or not. Memory: the batches' names and
 * covariates; a panel 32 bytes a submission more,
 * participants and deployments their rows. Threads: any. */
#pragma once

#include "base/source.h"
#include "format/table.h"
#include "run/experiment.h"

typedef enum {
    EXPORT_SUBMISSIONS,
    EXPORT_ATTEMPTS,
    EXPORT_REQUESTS,
    EXPORT_BATCHES,
    EXPORT_PANEL, /* a row a batch; price, cost and time of each participant */
    EXPORT_PARTICIPANTS,
    EXPORT_DEPLOYMENTS, /* those that the operator described */
    EXPORT_EXTRAS,      /* a row a submission and what its prover said beyond the known fields */
    EXPORT_EVENTS,      /* the journal; not with a key */
    EXPORT_TABLES_N
} ExportTable;
extern const char *const export_table_names[EXPORT_TABLES_N]; /* "submissions", ... */

#define EXPORT_ALIAS_MAX 33 /* an anonymous name: 128 bits */

typedef struct {
    ExportTable table;
    TableFormat format;
    uint32_t flags_exclude; /* submissions with one of these are left out (extras too) */
    /* Participants and deployments get names that nobody without this key can tell whose they are,
     * and what could say it all the same is left out (docs/MARKET.md). The same key gives the same
     * names. NULL: as they are. */
    const uint8_t *key; /* 32 bytes */
} ExportOptions;

/* About 5 us a row. False: the sink failed, or the store did; what was written is a part.
 * CVK_EBADREQ "export.named": events, with a key. */
bool experiment_export(Experiment *e, const ExportOptions *o, const CvkSink *to,
                       CvkErr *err) MUST_USE;
