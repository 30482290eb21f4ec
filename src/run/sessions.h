/* The sessions of one ceremony that live, in memory: a request costs a look-up here, no SQL. The
 * database is where they survive; whoever changes one there changes it here too (session_life.c).
 *
 * INVARIANT: nobody has more than one. Every call but sessions_walk takes constant time.
 * Threads: none of its own; of a Ceremony it is guarded by `published`. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Sessions Sessions;

typedef struct {
    const char *identity; /* what is given back lives until the next change */
    uint8_t hash[32];     /* auth_session_hash */
    int64_t expires_ms;
    bool ended; /* its owner went out */
} SessionRow;

Sessions *sessions_new(CvkErr *err) MUST_USE;
Sessions *sessions_free(Sessions *s); /* NULL is fine; returns NULL */

/* Takes the place of what its owner had. False: memory, or more than twice LIMIT_SESSIONS
 * ("limit.count"). */
bool sessions_put(Sessions *s, const SessionRow *row, CvkErr *err) MUST_USE;
bool sessions_find(const Sessions *s, const uint8_t hash[32], SessionRow *ret) MUST_USE;
bool sessions_of(const Sessions *s, const char *identity, SessionRow *ret) MUST_USE;
/* Their owner goes out, or logs out: no-ops where there is none. */
void sessions_end(Sessions *s, const char *identity);
void sessions_remove(Sessions *s, const char *identity);
void sessions_renew(Sessions *s, const uint8_t hash[32], int64_t expires_ms);

/* How many have not ended. */
size_t sessions_live(const Sessions *s);

/* One after another, from the newest: call with *at = sessions_n until it is false. What `ret` is
 * may be removed between two calls, and others may come or go, of which some may then be missed. */
size_t sessions_n(const Sessions *s);
bool sessions_walk(const Sessions *s, size_t *at, SessionRow *ret);
