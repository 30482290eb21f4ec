/* What is done with .ptau files, and what the commands on them share. Each writes a new file, which
 * appears when it is complete, and shows bars of its own. Threads: none. */
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

/* Powers to which nobody has contributed; only curve and powers of *s are looked at. ret_hash: of
 * the first challenge. */
bool ptau_file_new(const char *out, const Phase1State *s, Compute *c,
                   uint8_t ret_hash[BLAKE2B_BYTES], CvkErr *err) MUST_USE;

/* `from` (ptau_need_whole) and one contribution more, whose secret `d` gives: the caller's to wipe.
 * made->params are given, the rest of *made is filled in. */
bool ptau_file_contribute(const Ptau *from, const char *out, Draw *d, Compute *c,
                          Phase1Contribution *made, CvkErr *err) MUST_USE;

/* With the Lagrange bases; `convert`: `from` has them all but the largest. */
bool ptau_file_prepare(const Ptau *from, bool convert, const char *out, Compute *c,
                       CvkErr *err) MUST_USE;
