/* What engine_decide asks of presence; nobody outside the engine includes this. Every answer is of
 * the moment `now_ms` (the decision's), so that equal questions get equal answers. */
#pragma once

#include "engine/presence.h"

/* When somebody checked in last, and had not been refused. Waking from a parked poll is no
 * check-in. False: never, or forgotten. */
bool presence_last_asked(const Presence *p, const char *identity, int64_t *ret_ms);
/* Was `identity` seen at or after `since_ms`? A parked one is seen at every moment. */
bool presence_seen(const Presence *p, const char *identity, int64_t since_ms);
/* How many were? Takes a step for each who was not. */
size_t presence_seen_since(const Presence *p, int64_t since_ms);

/* ---- who is ready for a free slot ---- */

/* Ready: parked, or seen within ready_ms before now_ms and at most ready_ms after the time before.
 * Somebody seen once only is not: nobody knows when they come again. */
bool presence_ready(const Presence *p, const char *identity, int64_t now_ms, int64_t ready_ms);

/* Everybody who is ready, in no order to rely on: call with a zeroed walk until it gives NULL.
 * Altogether a step for each who is parked or was seen within ready_ms. */
typedef struct {
    uint32_t at; /* record + 1; 0 = at the beginning */
    bool seen;   /* past the parked ones */
} PresenceWalk;
const char *presence_next_ready(const Presence *p, PresenceWalk *w, int64_t now_ms,
                                int64_t ready_ms);

/* ---- who is late ---- */

/* Those whose check-in was due before now_ms, at most `max` of them (up to PRESENCE_LATE_MAX), the
 * one due longest ago first and the others in no order to rely on; returns how many. A parked one
 * is not late. Names live until the next call that changes presence. */
#define PRESENCE_LATE_MAX 32
size_t presence_late(const Presence *p, int64_t now_ms, const char **ret, size_t max);

/* ---- the upload of the live lease ---- */

/* How many bytes came under `lease` in the last window_ms? False: that cannot be told, as they have
 * not been counted for so long (since the first presence_received under this lease), or the window
 * is longer than what is remembered (PRESENCE_WINDOW_MAX).
 *
 * Rounding: whole buckets are counted, so what came up to window / 31 (but at least
 * PRESENCE_BUCKET_MS) before the window is counted too, and never less than what came in it: an
 * upload that kept its rate is never found slow. */
#define PRESENCE_BUCKET_MS 256
#define PRESENCE_BUCKETS 64
#define PRESENCE_LEVELS 12
#define PRESENCE_WINDOW_MAX                                                                        \
    ((int64_t)(PRESENCE_BUCKETS - 1) * (PRESENCE_BUCKET_MS << (PRESENCE_LEVELS - 1))) /* 9 hours   \
                                                                                       */
bool presence_upload_bytes(const Presence *p, uint64_t lease, int64_t now_ms, int64_t window_ms,
                           uint64_t *ret);
/* Is there a response under `lease` that was whole by `by_ms` (the deadline), not yet given up? */
bool presence_is_whole(const Presence *p, uint64_t lease, int64_t by_ms);
