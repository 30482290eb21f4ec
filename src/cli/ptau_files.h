/* What the commands on .ptau files share. Threads: none. */
#pragma once

#include "cli/compute.h"
#include "format/ptau.h"
#include "setup/phase1_contribute.h"

/* A file that was cut to a smaller power has lost what the hashes are made of: nobody can
 * contribute to it ("ptau.truncated"). */
bool ptau_need_whole(const Ptau *p, CvkErr *err) MUST_USE;

/* The last contribution; NULL: nobody has contributed. */
const Phase1Contribution *ptau_last(const Ptau *p);

/* The hash that the next contribution answers. If nobody has contributed, it is computed, with a
 * bar of its own. */
void ptau_challenge(const Ptau *p, Compute *c, uint8_t ret[BLAKE2B_BYTES]);

/* The vectors' sections of a file that is being written, one after the other. */
Phase1Output ptau_output(SectionWriter *w);
