/* Verifying documents that anybody may have made: each fault is told with its place, nothing stops
 * at the first. Three outcomes: valid; invalid (it is what it claims to be, and wrong); unusable
 * (it is no such document, or cannot be read).
 * Threads: one, save that the mathematics uses the pool. */
#pragma once

#include "base/pool.h"
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

typedef struct {
    bool json;
    CvkPool *pool;
    const char *base;       /* --base; NULL */
    const KzgSizes *sizes;  /* expected; NULL: any */
    const uint8_t *address; /* whose the manifest must be; NULL: anybody's */
    bool in_dir;            /* a malformed file is invalid, as the manifest vouches for it */
    size_t files, invalid, unusable; /* findings so far */
    KzgTranscriptWire *transcript;   /* the last one that could be read; for what hangs on it */
} Verification;

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

/* ---- verify_records.c: the parts of an export that hang on its transcript ---- */

typedef struct {
    bool known;             /* false: the manifest is broken; the documents stand alone */
    uint8_t server[20];     /* whose receipts they are */
    uint8_t definition[32]; /* sha256 of definition.json */
    uint8_t head[32];       /* the journal's last hash */
    uint64_t entries, contributions;
    bool finalized;
} RecordsExpected;

void verify_journal(Verification *v, FILE *f, const char *shown, const RecordsExpected *x);
void verify_receipts(Verification *v, FILE *f, const char *shown, const RecordsExpected *x);
