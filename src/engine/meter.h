/* How many bytes of an upload came in the last so many milliseconds, for a window of any length
 * that the asker chooses, in constant memory: rings of buckets, each ring's twice as wide as those
 * of the one before. Also which responses are whole and wait to be stored. All of it is of one
 * lease; a newer one begins anew. Threads: the owner's. */
#pragma once

#include "base/limits.h"
#include "engine/presence_private.h"

typedef struct {
    int64_t index; /* of its stretch of time: from index * width on */
    uint64_t bytes;
} MeterBucket;

typedef struct {
    uint64_t lease; /* 0: none was ever measured */
    bool measured;
    int64_t began_ms, newest_ms; /* on this meter's clock, which stands still in a skip */
    int64_t skipped_ms;
    MeterBucket bucket[PRESENCE_LEVELS][PRESENCE_BUCKETS];
    uint64_t whole_lease;
    int64_t whole_ms[LIMIT_UPLOADS];
    size_t whole_n;
} Meter;

void meter_add(Meter *m, uint64_t lease, uint64_t bytes, int64_t now_ms);
void meter_skip(Meter *m, int64_t by_ms);
bool meter_bytes(const Meter *m, uint64_t lease, int64_t now_ms, int64_t window_ms, uint64_t *ret);

void meter_whole(Meter *m, uint64_t lease, bool whole, int64_t at_ms);
bool meter_is_whole(const Meter *m, uint64_t lease, int64_t by_ms);
