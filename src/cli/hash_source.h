/* The hash of a file that may be large, with a bar. Threads: none. */
#pragma once

#include "base/blake2b.h"
#include "base/source.h"

/* BLAKE2b of all of it. `quiet`: no bar. False: it cannot be read. */
bool hash_source(const CvkSource *whole, bool quiet, uint8_t ret[BLAKE2B_BYTES],
                 CvkErr *err) MUST_USE;
