/* Taking over what is left of a damaged database into one that was restored from an older backup.
 *
 * Nothing of the damaged one is believed: an entry is taken over when it extends the chain, a
 * contribution when it is the one that its entry names. The file is written to by SQLite (its log
 * is gone through), so it must be a copy. Threads: one. */
#pragma once

#include "store/store.h"

typedef struct {
    uint64_t entries, contributions; /* taken over */
    /* What the damaged database had, as far as it tells, and what is missing now. */
    uint64_t lost_entries, lost_contributions;
    uint64_t lost_parts; /* 1: it ends before an admission of which only the public part is left */
    bool unclear;        /* it does not tell how far it went: more may be lost */
    uint64_t lost_blobs; /* of contributions before the newest: only their files are gone */
} StoreSalvaged;

typedef struct Salvage Salvage;

/* CVK_EBACKEND: nothing of it can be read. */
bool salvage_open(const char *path, Salvage **ret, CvkErr *err) MUST_USE;
Salvage *salvage_close(Salvage *from); /* NULL is fine; returns NULL */

/* Does `c`, a ceremony of s, have its journal there too, so that one went on where the other ends?
 * True also where s has no entry. */
bool salvage_matches(Salvage *from, Store *s, const StoreCeremony *c, bool *ret,
                     CvkErr *err) MUST_USE;
/* Ceremonies that s lacks are added to it, still without entries. Within a transaction of s. */
bool salvage_ceremonies(Salvage *from, Store *s, CvkErr *err) MUST_USE;
/* Entries, private parts and contributions of c. `blob` is asked for each response that a
 * contribution needs, in order; the journal never ends up with one as its newest whose response is
 * missing. Within a transaction of s. False: s could not be read or written. */
bool salvage_journal(Salvage *from, Store *s, const StoreCeremony *c,
                     bool (*blob)(void *ctx, const uint8_t hash[32]), void *ctx, StoreSalvaged *ret,
                     CvkErr *err) MUST_USE;
/* Invitations and sessions that s lacks; ceremonies that got no entry go. Not the used keys: those
 * of lost contributions must be free again, so the caller adds them from what was taken. Within a
 * transaction of s, after all journals. *ret_whole: every row could be read. */
bool salvage_tables(Salvage *from, Store *s, bool *ret_whole, CvkErr *err) MUST_USE;
