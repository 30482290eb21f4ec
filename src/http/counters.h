/* What the server does and has done, in numbers (for /metrics).
 *
 * Counts only grow, from the server's start. Threads: any; the numbers of one look are not of
 * exactly one moment. Cost: no lock but that of the connections, held for some words. */
#pragma once

#include "http/conn.h"
#include "http/request.h"

#include <stddef.h>
#include <stdint.h>

#define HTTP_STATUS_CLASSES 6 /* [2]: 2xx, and so on; [0]: ended without an answer */
#define HTTP_LATENCIES 13     /* bounds */

typedef struct {
    uint64_t requests[HTTP_STATUS_CLASSES];
    uint64_t refused_peers; /* connections: their peer had too many already */
    uint64_t cut;           /* connections: too slow, or silent */
    uint64_t body_bytes;    /* of requests, taken or dropped */
    /* Requests by the time from being whole to having their reply: [i] took at most
     * http_latency_us[i], and more than the bound before; the last: more than any bound. Those that
     * were parked, and streams, are not in it: they wait on purpose. */
    uint64_t latency[HTTP_LATENCIES + 1];
    uint64_t latency_sum_us;
    size_t connections[CONN_PHASES]; /* open now */
    size_t jobs;                     /* waiting or running now */
} HttpCounters;

extern const uint64_t http_latency_us[HTTP_LATENCIES]; /* rising */

/* Of the server that the request came to. */
void http_counters(const HttpRequest *r, HttpCounters *ret);
