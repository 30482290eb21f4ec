/* A journal as a file, one entry a line, exactly in this form (the event as it was hashed):
 *
 *     {"seq":1,"hash":"0x<64 digits>","event":{...}}
 *
 * `hash` is the chain's, engine/event_json.h. Threads: plain values. */
#pragma once

#include "base/err.h"
#include "base/sha256.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JOURNAL_LINE_MAX 4096  /* bytes, with its newline */
#define JOURNAL_EVENT_MAX 3900 /* bytes of an event that is to stand in one */

typedef struct {
    uint64_t seq;
    uint8_t hash[SHA256_BYTES];
    const char *event; /* JSON, not terminated; a reader's points into its line */
    size_t event_n;
} JournalLine;

/* With its newline, and no zero byte behind it; how many bytes that is. event_n is at most
 * JOURNAL_EVENT_MAX. */
size_t journal_line_put(const JournalLine *l, char ret[JOURNAL_LINE_MAX]);
/* The same to a file. "file.write". */
bool journal_line_write(FILE *out, const JournalLine *l, CvkErr *err) MUST_USE;

/* Takes the n bytes of entry `seq`, without newline, apart. CVK_EBADREQ "journal.line". */
bool journal_line_read(const char *line, size_t n, uint64_t seq, JournalLine *ret,
                       CvkErr *err) MUST_USE;

/* Calls fn with each line of f, its newline taken off, numbered from 1; fn may stop it by returning
 * false. CVK_EBADREQ "journal.line": a line is cut off, or longer than JOURNAL_LINE_MAX. For any
 * file of lines: also those that hold no journal. */
bool lines_each(FILE *f, bool (*fn)(void *ctx, uint64_t number, char *line, size_t n, CvkErr *err),
                void *ctx, CvkErr *err) MUST_USE;
