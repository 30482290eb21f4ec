/* What a .ptau file says of itself, for people (contributions as snarkjs prints them, newest first)
 * and for programs. Threads: none. */
#pragma once

#include "codec/json_write.h"
#include "format/ptau.h"

/* The hashes of each contribution, and its beacon if it is one. */
void ptau_say_contributions(const Ptau *p);

/* "bytes", "curve", "power", "ceremony_power", "prepared" (no, short, yes) and "contributions",
 * oldest first. Into an object that is open. */
void ptau_put(const Ptau *p, JsonWriter *w);
