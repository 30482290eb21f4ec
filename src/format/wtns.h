/* The head of a witness: every wire's value, as circom's programs write it (.wtns).
 *
 * INVARIANT. A Wtns that is open has a prime of ours, as many values as it says, the first of them
 * one and all below the prime. Threads: immutable. */
#pragma once

#include "algebra/curve.h"
#include "format/sections.h"

typedef struct Wtns Wtns;

bool wtns_open(const char *path, Wtns **ret, CvkErr *err) MUST_USE;
bool wtns_memory(const void *data, size_t n, const char *name, Wtns **ret, CvkErr *err) MUST_USE;
Wtns *wtns_close(Wtns *w); /* NULL is fine; returns NULL */

const Curve *wtns_curve(const Wtns *w);
uint32_t wtns_n(const Wtns *w);
/* Values of FR_BYTES each, little endian; lives as long as w. */
CvkSource wtns_values(const Wtns *w);
