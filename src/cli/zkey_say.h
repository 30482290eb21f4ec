/* The contributions to a key, for people (as snarkjs prints them, newest first) and for programs.
 * Threads: none. */
#pragma once

#include "codec/json_write.h"
#include "setup/phase2.h"

/* The circuit's hash, then each contribution with its hash, and its beacon if it is one. */
void zkey_say_contributions(const Phase2Key *key);

/* "circuit_hash", and "contributions": oldest first, each an object with type, name, hash, and of a
 * beacon iterations_exp and beacon_hash. Into an object that is open. */
void zkey_put_contributions(const Phase2Key *key, JsonWriter *w);
