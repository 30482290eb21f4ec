/* Are an experiment's tables what its journal says? Every entry is read, and the digest of its row
 * computed again; the state that the entries lead to is compared with that of the tables. Whoever
 * changes a row, adds one, or takes one away is found, unless they can also write a journal whose
 * end is known elsewhere. Threads: one. */
#pragma once

#include "base/err.h"
#include "store/store.h"

#include <stdint.h>

typedef struct {
    uint64_t entries, requests, submissions, attempts;
    uint32_t participants, batches;
    uint8_t hash[32], root[32]; /* of the journal */
} ExperimentAudit;

/* False: "journal.broken", "journal.short", "journal.definition", "entry.syntax", "market.broken"
 * or "market.changed" (says which row). About 15 us a submission. */
bool experiment_audit_rows(Store *s, const StoreCeremony *c, ExperimentAudit *ret,
                           CvkErr *err) MUST_USE;
