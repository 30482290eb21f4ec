/* How a ceremony's state follows its journal. replay.c reads it at the start,
 * journal.c what others append, command.c adds to it, event_log.c tells the operator. Private to
 * the files of a Ceremony.
 *
 * INVARIANT: seq, head and tree are those of the same journal as the state. Who writes holds
 * `writer` (or nobody else knows the ceremony yet). */
#pragma once

#include "base/buf.h"
#include "run/ceremony_private.h"
#include "run/contributions.h"

/* The event is durable: the state, and what is remembered beside it, follow. Held: writer. */
void journal_apply(Ceremony *c, const Event *e);
/* Reads what other processes have appended. Held: writer. */
bool journal_sync(Ceremony *c, CvkErr *err) MUST_USE;

/* An entry with its private part, which was checked. CVK_EBACKEND "journal.private": that is
 * damaged or lost: whom it admitted could come again, and a ban would be forgotten. Nobody may
 * leave a private part out yet (to forget a person on purpose will be an event of its own). */
bool journal_read_entry(const StoreEntry *entry, Event *ret, CvkErr *err) MUST_USE;
/* c's seq, head and tree go on to the next entry; the state does not. Held: writer. */
bool journal_pass_entry(Ceremony *c, const StoreEntry *entry, CvkErr *err) MUST_USE;
/* The state too; an acceptance is noted. Held: writer. */
bool journal_take_entry(Ceremony *c, const StoreEntry *entry, const Event *e, Acceptances *a,
                        CvkErr *err) MUST_USE;
/* If it ended somebody's turn or place, that is remembered (standing.c). Held: published. */
void standing_note(Ceremony *c, const Event *e, uint64_t participant);
/* An append has come through (err NULL), or has not: vitals.c. Held: writer. */
void journal_note_append(Ceremony *c, const CvkErr *err);
/* While appends fail, tries now and then whether they still do. Of the thread that keeps the time;
 * held: writer. */
void journal_probe(Ceremony *c);
/* A verification took so long. */
void verify_note(Ceremony *c, int64_t ms);
/* Its public line takes its place in the feed, to be shown by who applies it. Held: writer. */
void journal_feed(const Ceremony *c, const StoreEntry *entry);
/* Compares these with their rows; `take` gets c. Held: writer. */
bool journal_compare_rows(Ceremony *c, const Acceptances *a,
                          bool (*take)(void *ctx, const StoreContribution *k, CvkErr *err),
                          CvkErr *err) MUST_USE;
/* For `take`: the contribution is the newest. */
bool journal_adopt(void *ceremony, const StoreContribution *k, CvkErr *err) MUST_USE;

/* The state as bytes, from which a start goes on, appended: the length of the frontier in two
 * bytes, the frontier, the engine's. Held: writer. */
bool journal_snapshot(const Ceremony *c, CvkBuf *ret, CvkErr *err) MUST_USE;
/* Appends CeremonyOpened: the ceremony is new, or its making was cut off behind its row. */
bool journal_begin(Ceremony *c, CvkErr *err) MUST_USE;
/* What the operator sees of an event that is about to be applied; all of it is in the journal. */
void journal_tell(const Ceremony *c, uint64_t seq, const Event *e);
