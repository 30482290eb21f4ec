/* What a prover's program says of itself and of its proof: the JSON object that it wrote to
 * $PM_META (docs/PROVERS.md). Pure: it is a program of others, and is believed no more than peers.
 * Threads: any. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "codec/json_read.h"
#include "codec/json_write.h"

#include <stdint.h>

typedef struct {
    bool has_time, has_cost, has_price, has_deployment, has_acceleration;
    int64_t proving_ms;  /* 1 to 2^53 - 1 */
    int64_t cost, price; /* micro-cents */
    char deployment[LIMIT_DEPLOYMENT + 1];
    bool deployment_is_number; /* `deployment` is its text, as it was written */
    char acceleration[LIMIT_ACCELERATION + 1];
} ProverSays;

/* Members that it does not know go on to `rest`, in which an object is open; of one that stands
 * twice the last counts. False: "json.*", or "prover.says": a member is not what it may be, or not
 * the program's to say; nothing that was written to `rest` may be used then. */
bool prover_says_read(const char *json, size_t n, ProverSays *ret, JsonWriter *rest,
                      CvkErr *err) MUST_USE;

/* A value of a submission: a proving time, or (of this key) an amount. Errors as above. */
bool prover_says_time(JsonReader *r, int64_t *ret, CvkErr *err) MUST_USE;
bool prover_says_amount(JsonReader *r, const char *key, int64_t *ret, CvkErr *err) MUST_USE;
