/* Are an experiment's tables what its journal says? Every entry is read, and the digest of its row
 * computed again; the state that the entries lead to is compared with that of the tables. Whoever
 * changes a row, adds one, or takes one away is found, unless they can also write the journal: that
 * is found with a head of it that was signed before. Threads: one. */
#pragma once

#include "base/err.h"
#include "format/head.h"
#include "store/store.h"

#include <stdint.h>

typedef struct {
    uint64_t entries, requests, submissions, attempts;
    uint32_t participants, batches;
    uint8_t hash[32], root[32]; /* of the journal */
} ExperimentAudit;

/* The journal must have grown from each of these heads, whose signatures are the caller's to check.
 * False: "journal.broken", "journal.short", "journal.definition", "journal.older", "journal.other",
 * "entry.syntax", "market.broken" or "market.changed" (says which row). About 15 us a submission.
 */
bool experiment_audit_rows(Store *s, const StoreCeremony *c, const JournalHead *heads,
                           size_t n_heads, ExperimentAudit *ret, CvkErr *err) MUST_USE;
