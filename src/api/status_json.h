/* A ceremony's state as JSON members, the same at /ceremony/status and from `convoke ceremony
 * status --json`. Threads: any. */
#pragma once

#include "codec/json_write.h"
#include "run/ceremony.h"

/* Into the object that is open: "entry", "mode", "drained", "handed_over", "waiting", "measured",
 * "expected_wait", "policy". `waiting_known`: lobby_size is how many wait (only the server knows
 * who is in a lobby). */
void status_put_rules(JsonWriter *w, const CeremonyStatus *s, bool waiting_known);

/* "expected_wait": an object, or null. */
void status_put_estimate(JsonWriter *w, const EngineEstimate *e);
/* A time as text; null for INT64_MAX. */
void status_put_time(JsonWriter *w, const char *key, int64_t ms);

/* Until the turn of somebody who comes now. */
void status_estimate(const CeremonyStatus *s, EngineEstimate *ret);
