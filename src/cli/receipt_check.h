/* What a receipt says of the journal: against itself, and against a journal that somebody shows.
 * Threads: any. */
#pragma once

#include "base/err.h"
#include "format/receipt.h"

#include <stdio.h>

/* Does the entry that the receipt quotes lead to the root, and is it the acceptance of the very
 * contribution that the receipt is about? NULL: so it is; else what is wrong. has_journal must be
 * true. */
const char *receipt_proof_fault(const ReceiptClaims *c);

/* A journal beside a receipt's claim of its first N entries. The proof holds the roots of a few
 * stretches that together are those before entry N, so a change is found in one of them. */
typedef struct {
    bool same;
    uint64_t from, to; /* not the same: the first stretch that differs, in entries from 1 */
    bool ends;         /* it does not differ so far, but the journal ends after `entries` */
    uint64_t entries;
} JournalMatch;

/* One pass over the journal up to entry N. The proof must hold. A line that is not the entry that
 * should stand there is a difference. False: "file.read", or CVK_EBADREQ "journal.line": not even
 * the first line is an entry. */
bool receipt_journal_match(const ReceiptJournal *j, FILE *journal, JournalMatch *ret,
                           CvkErr *err) MUST_USE;
