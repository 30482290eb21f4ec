/* How often somebody may ask: a bucket of tokens for each address and class of request. A bucket
 * holds a whole period's tokens and refills evenly.
 *
 * The table has a fixed size. When it is full the bucket used longest ago makes room, so a flood
 * from many addresses costs memory nothing and at worst forgives the oldest.
 * Threads: any. Time is given, so tests need no clock. */
#pragma once

#include "base/err.h"
#include "http/peer.h"

#include <stdint.h>

typedef struct {
    uint32_t requests; /* 0: without limit */
    int64_t per_ms;
} RateLimit;

typedef struct RateTable RateTable;

/* `n_classes` limits, copied; `clients`: buckets kept at once. */
RateTable *rate_new(const RateLimit *limits, unsigned n_classes, size_t clients,
                    CvkErr *err) MUST_USE;
RateTable *rate_free(RateTable *t);

/* Takes a token. False: there is none; *ret_wait_ms says when the next one comes. */
bool rate_take(RateTable *t, const ConnPeer *peer, unsigned class_, int64_t now_ms,
               int64_t *ret_wait_ms) MUST_USE;
