/* The perpetual powers of tau that everybody takes, by the published hashes of their files.
 * Threads: pure functions. */
#pragma once

#include "format/ptau.h"

/* Is there a published file of this curve and power from a ceremony of that power? To say which
 * one it is takes hashing all of it. */
bool ptau_may_be_known(const Ptau *p);
/* The name of the published file with this BLAKE2b-512; NULL: none. */
const char *ptau_known_name(const uint8_t hash[BLAKE2B_BYTES]);
