/* Verifying documents that anybody may have made: each fault is told with its place, nothing stops
 * at the first. Three outcomes: valid; invalid (it is what it claims to be, and wrong); unusable
 * (it is no such document, or cannot be read).
 * Threads: one, save that the mathematics uses the pool. */
#pragma once

#include "algebra/eth_key.h"
#include "base/merkle.h"
#include "base/pool.h"
#include "format/doc.h"
#include "format/openings.h"
#include "format/report.h"
#include "setup/kzg_wire.h"

#include <stdio.h>

typedef enum { OUTCOME_VALID, OUTCOME_INVALID, OUTCOME_UNUSABLE } Outcome;

typedef struct {
    const char *file; /* as shown */
    const char *kind; /* "transcript", ... */
    Outcome outcome;
    const char *id;    /* what is wrong, a constant; "valid" */
    size_t sub, index; /* from 1, from 0: where; only if has_sub, has_index */
    bool has_sub, has_index;
    char text[REPORT_TEXT];
} Finding;

/* What a journal says of the contributions, for the receipts. */
typedef struct {
    uint64_t entry;            /* of the acceptance */
    uint8_t root[MERKLE_HASH]; /* of the journal up to there */
    size_t key;                /* which of the keys was in force */
} Acceptance;

typedef struct {
    bool known; /* false: the ceremony was opened by a release that did not name its key */
    uint8_t address[ETH_ADDRESS_BYTES];
} ServerKey;

typedef struct {
    DocList accepted; /* Acceptance; the first is of contribution 1 */
    DocList keys;     /* ServerKey: who opened the ceremony, then each who took it over */
    bool whole;       /* without fault up to its end: there are no other contributions */
    bool proofs;      /* its releases put a proof into every receipt */
    char ceremony[LIMIT_IDENTITY + 1];
} JournalFacts;

typedef struct {
    bool json;
    CvkPool *pool;
    const char *base;       /* --base; NULL */
    const KzgSizes *sizes;  /* expected; NULL: any */
    const uint8_t *address; /* whose the manifest must be; NULL: anybody's */
    bool in_dir;            /* a malformed file is invalid, as the manifest vouches for it */
    size_t files, invalid, unusable; /* findings so far */
    KzgTranscriptWire *transcript;   /* the last one that could be read; for what hangs on it */
    Opening *openings;               /* of an exported directory's participants */
    size_t n_openings;
    bool nameless; /* something is wrong with them, which was told: others need not tell it again */
    JournalFacts journal;
    /* --receipt, --head: files to be held against the directory; NULL-ended */
    const char *const *receipts, *const *heads;
} Verification;

void verify_done(Verification *v); /* what was read; not the pool */

/* Prints a finding and counts it. */
void verify_tell(Verification *v, const Finding *f);
/* Without a place. */
void verify_tell_text(Verification *v, const char *file, const char *kind, Outcome outcome,
                      const char *id, const char *fmt, ...) PRINTF_LIKE(6, 7);
/* The document could not be read: its fault, or the disk's. */
void verify_tell_error(Verification *v, const char *file, const char *kind, const CvkErr *err);
size_t verify_faults(const Verification *v);

/* One document by what is in it; `shown` names it. */
void verify_file(Verification *v, const char *path, const char *shown);
/* The same, of a known kind, from an open file. */
void verify_transcript(Verification *v, FILE *f, const char *shown);
void verify_trusted_setup(Verification *v, FILE *f, const char *shown);
void verify_contribution(Verification *v, FILE *f, const char *shown);

/* An exported directory. */
void verify_dir(Verification *v, const char *dir);

/* ---- the parts of an export that hang on its transcript, and on each other in this order ---- */

typedef struct {
    bool known;             /* false: the manifest is broken; the documents stand alone */
    uint8_t server[20];     /* whose journal it is at its end */
    uint8_t definition[32]; /* sha256 of definition.json */
    uint8_t head[32];       /* the journal's last hash */
    bool has_root;
    uint8_t root[32]; /* of the journal's Merkle tree */
    uint64_t entries, contributions;
    bool finalized;
} RecordsExpected;

void verify_participants(Verification *v, FILE *f, const char *shown);
void verify_journal(Verification *v, FILE *f, const char *shown, const RecordsExpected *x);
void verify_receipts(Verification *v, FILE *f, const char *shown, const RecordsExpected *x);
/* One receipt that somebody has kept, against all that. */
void verify_own_receipt(Verification *v, const char *path, const RecordsExpected *x);
/* And a signed head. */
void verify_own_head(Verification *v, const char *path, const RecordsExpected *x);
