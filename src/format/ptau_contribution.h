/* One contribution as it lies in section 7 of a .ptau file. For ptau.c.
 *
 * The hash state in it was begun over the challenge's hash and the compressed points of the whole
 * ceremony, so how far it has come is known from the power. snarkjs 0.7.6 writes only the low half
 * of the counter of hashed bytes, which matters from power 25 on: the reader puts it right, and
 * refuses any other contradiction. Threads: pure functions. */
#pragma once

#include "format/sections.h"
#include "setup/phase1.h"

/* The least that one takes: without parameters. */
uint64_t ptau_contribution_bytes(const Curve *c);
/* The next one. Ids "ptau.point", "ptau.hash_state", and those of the parameters. */
bool ptau_contribution_read(SectionCursor *from, const Curve *c, unsigned ceremony_power,
                            Phase1Contribution *ret, CvkErr *err) MUST_USE;
bool ptau_contribution_write(const Phase1Contribution *p, const CvkSink *to, CvkErr *err) MUST_USE;
