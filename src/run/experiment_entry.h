/* Entries of an experiment's journal, as one line of JSON: {"v":1,"type":"BatchAdded","now":...}.
 * Each says what changed; the digest of the row that was written with it says the rest
 * (store/market.h). What is read and written again gives the same bytes; anything else is refused.
 * Threads: pure functions. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "market/market.h"

#include <stdint.h>

#define MARKET_NAME_MAX LIMIT_DEPLOYMENT /* the longest that an entry has */

typedef enum {
    ENTRY_OPENED = 0,
    ENTRY_PARTICIPANT_ADDED,
    ENTRY_PARTICIPANT_ALLOWED,
    ENTRY_PARTICIPANT_ROTATED,   /* they have another id */
    ENTRY_PARTICIPANT_DESCRIBED, /* or another label, contact or note */
    ENTRY_BATCH_ADDED,
    ENTRY_BATCH_RETIRED,
    ENTRY_BATCH_DESCRIBED, /* it has other covariates */
    ENTRY_REQUEST_ISSUED,
    ENTRY_REQUEST_CLOSED,
    ENTRY_REQUEST_REOPENED,
    ENTRY_PROOF_ACCEPTED, /* closes its request as done */
    ENTRY_ATTEMPT,
    ENTRY_DEPLOYMENT_SET,
    ENTRY_FILE_PUBLISHED,
    ENTRIES_N
} MarketEntryType;

typedef struct {
    MarketEntryType type;
    MarketChange change;            /* its ms and numbers are those of every entry */
    char name[MARKET_NAME_MAX + 1]; /* OPENED: the experiment's; DEPLOYMENT_SET, FILE_PUBLISHED */
    uint8_t definition[32];         /* OPENED: its hash */
    uint64_t attempt;               /* ATTEMPT: its number */
    uint8_t row[32];                /* the digest of what was written */
} MarketEntry;

/* An entry that does this to the state. */
MarketEntry market_entry_of(const MarketChange *c);
/* What it does to the state; false: nothing. */
bool market_entry_changes(const MarketEntry *e, MarketChange *ret);

const char *market_entry_name(MarketEntryType t);

/* Appends, without newline. */
bool market_entry_write(const MarketEntry *e, CvkBuf *b, CvkErr *err) MUST_USE;
/* CVK_EBACKEND "entry.syntax": we never wrote it. */
bool market_entry_read(const char *json, size_t n, MarketEntry *ret, CvkErr *err) MUST_USE;
