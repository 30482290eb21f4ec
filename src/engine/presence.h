/* Who was seen when, whose poll is parked, and how far the live lease's upload is: kept beside the
 * state, not in the journal. engine_decide reads it; only consequences become events.
 *
 * In a lobby, whoever was seen within checkin_every + checkin_tolerance is a member (without the
 * slot's holder). The caller removes whoever goes out or (fifo) leaves the queue but for a turn,
 * expects whoever is back from a turn at their place, and calls presence_count now and then (a
 * timer), which forgets. Every call but presence_count and presence_skip takes constant time, or in
 * a queue the logarithm of those present. Times that lie before the newest one count as that.
 * Threads: none of its own; whoever guards the state guards it too. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Presence Presence;

Presence *presence_new(CvkErr *err) MUST_USE;
Presence *presence_free(Presence *p);

/* Remembers that `identity` was seen at `now_ms` (a refused check-in is not), and that the next
 * check-in is late after `due_ms` (fifo; engine_due tells; INT64_MAX = never). False: memory, or
 * LIMIT_SESSIONS are present ("limit.count"). */
bool presence_touch(Presence *p, const char *identity, int64_t now_ms, int64_t due_ms,
                    CvkErr *err) MUST_USE;
/* The server has started, and they waited when it stopped: they count as seen now, but have not
 * asked, and how often they come is not known from that. */
bool presence_seat(Presence *p, const char *identity, int64_t now_ms, int64_t due_ms,
                   CvkErr *err) MUST_USE;
void presence_remove(Presence *p, const char *identity);
/* Their next check-in is late after due_ms now, without their having been seen. No-op for somebody
 * who was never seen. */
void presence_expect(Presence *p, const char *identity, int64_t due_ms);
/* A parked one is seen at every moment. False: never seen, or forgotten. */
bool presence_last_seen(const Presence *p, const char *identity, int64_t *ret_ms);
/* How many were seen within `window_ms`; in a lobby those seen earlier are forgotten (`forget`). */
size_t presence_count(Presence *p, int64_t now_ms, int64_t window_ms, bool forget);

/* Their poll waits for an answer (or does no longer). While it does they count as seen; then they
 * were seen last at now_ms, and what was due is due so much later. No-op for somebody who was never
 * seen. */
void presence_park(Presence *p, const char *identity, bool parked, int64_t now_ms);

/* The server slept: everybody counts as seen so much later, and is due so much later; an upload's
 * clock stood still. */
void presence_skip(Presence *p, int64_t by_ms);

/* ---- the upload of the live lease ---- */

/* So many further bytes of a response under `lease` have come. A newer lease begins anew. Called
 * with 0 bytes when the lease comes to uploading (and at start, if it is there): from the first
 * call on its rate is known, and nobody loses a turn over a rate that is not. */
void presence_received(Presence *p, uint64_t lease, uint64_t bytes, int64_t now_ms);
/* A response under `lease` is whole since `at_ms` and waits to be stored: until it is given up
 * again (whole false, with the same at_ms), the lease does not run out in uploading. Several may be
 * whole at once (LIMIT_UPLOADS). */
void presence_whole(Presence *p, uint64_t lease, bool whole, int64_t at_ms);
