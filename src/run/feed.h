/* The newest lines of a public journal (format/journal_lines.h), in a ring, for those who follow it
 * as it grows. What has fallen out of the ring is in the store: ceremony_journal_lines.
 *
 * INVARIANT: the ring holds entries without a gap, and its newest is the journal's. Only what the
 * public journal holds ever gets into it. Whoever holds a line's number can be told, at any time
 * later, what comes next.
 * Threads: any; one at a time adds. */
#pragma once

#include "base/err.h"
#include "format/journal_lines.h"

typedef struct Feed Feed;

Feed *feed_new(CvkErr *err) MUST_USE; /* about LIMIT_FEED_BYTES, touched as it fills */
Feed *feed_free(Feed *f);             /* nobody watches it; NULL is fine; returns NULL */

/* The entry is durable: it takes its place, and is seen from feed_show on. One that does not follow
 * the newest begins the ring anew. */
void feed_add(Feed *f, const JournalLine *line);
/* What was added may be seen, as the state has followed it. Calls those who watch if there is
 * something new. */
void feed_show(Feed *f);

/* The number of the newest entry that may be seen; 0: there is none. */
uint64_t feed_newest(Feed *f);

typedef enum {
    FEED_LINE,  /* copied, with its newline; no zero byte */
    FEED_AHEAD, /* it is not there yet */
    FEED_OLDER, /* it has fallen out of the ring */
} FeedResult;
FeedResult feed_line(Feed *f, uint64_t seq, char ret[JOURNAL_LINE_MAX], size_t *ret_n);

/* Calls fn(ctx) each time the journal has grown, on the thread that made it grow: no lock of the
 * feed's is held, but the thread may hold those of its work, so fn only takes note and returns at
 * once. ELIMIT "limit.count": LIMIT_FEED_WATCHERS watch. */
bool feed_watch(Feed *f, void (*fn)(void *ctx), void *ctx, CvkErr *err) MUST_USE;
/* Returns when fn is not running and will not run again. Not from within fn. */
void feed_unwatch(Feed *f, void *ctx);
