/* How a ceremony's state follows its journal. journal.c reads it, command.c adds to it,
 * event_log.c tells the operator, head.c keeps what was signed. Private to the files of a Ceremony.
 *
 * INVARIANT: seq, head and tree are those of the same journal as the state. Who writes holds
 * `writer` (or nobody else knows the ceremony yet). */
#pragma once

#include "base/buf.h"
#include "format/head.h"
#include "run/ceremony_private.h"

/* The event is durable: the state, and what is remembered beside it, follow. Held: writer. */
void journal_apply(Ceremony *c, const Event *e);
/* Reads what other processes have appended. Held: writer. */
bool journal_sync(Ceremony *c, CvkErr *err) MUST_USE;
/* The state as bytes, from which a start goes on, appended. Held: writer. */
bool journal_snapshot(const Ceremony *c, CvkBuf *ret, CvkErr *err) MUST_USE;
/* Appends CeremonyOpened: the ceremony is new, or its making was cut off behind its row. */
bool journal_begin(Ceremony *c, CvkErr *err) MUST_USE;
/* What the operator sees of an event that is about to be applied; all of it is in the journal. */
void journal_tell(const Ceremony *c, const Event *e);

/* DIR/heads/NAME.json: the journal's head at the newest acceptance, signed. A database that is
 * older than what was signed must not be served: it would take back what people have receipts of.
 */

/* Keeps it, unless a newer one is kept. A failure is logged: the check of the next start is then of
 * an older head. */
void head_keep(Ceremony *c, uint64_t entries, const uint8_t root[MERKLE_HASH]);
/* *ret_found false: none was kept. EBACKEND "head.damaged": not ours, or of another ceremony. */
bool head_kept(const Ceremony *c, JournalHead *ret, bool *ret_found, CvkErr *err) MUST_USE;
