/* What a key says of itself, for people (contributions as snarkjs prints them, newest first) and
 * for programs. Threads: none. */
#pragma once

#include "codec/json_write.h"
#include "format/zkey.h"

/* The circuit's hash, then each contribution with its hash, and its beacon if it is one. */
void zkey_say_contributions(const Phase2Key *key);

/* "bytes", "curve", "variables", "public", "domain", "coefficients", "circuit_hash" and
 * "contributions", oldest first. Into an object that is open. */
void zkey_put(const Zkey *z, JsonWriter *w);
