/* What a .ptau file says of itself, for people (contributions as snarkjs prints them, newest first)
 * and for programs. Threads: none. */
#pragma once

#include "codec/json_write.h"
#include "format/ptau.h"

/* The hashes of each contribution, and its beacon if it is one. The first challenge, which is in no
 * file and costs its computation, is told by those who know it (NULL: not). */
void ptau_say_contributions(const Ptau *p, const uint8_t *first);

/* "bytes", "curve", "power", "ceremony_power", "prepared" (no, short, yes) and "contributions",
 * oldest first. Into an object that is open. */
void ptau_put(const Ptau *p, JsonWriter *w);
