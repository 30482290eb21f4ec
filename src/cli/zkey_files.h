/* What is done with .zkey files by more than one command. Threads: none. */
#pragma once

#include "cli/compute.h"
#include "format/zkey.h"

/* `old` with one contribution more to a new file, which appears when it is complete. The secret
 * comes from `draw`: the caller's to wipe. */
bool zkey_file_contribute(const Phase2Key *old, const char *out, Draw *draw,
                          const ContributionParams *params, Compute *c, Phase2Contribution *ret,
                          CvkErr *err) MUST_USE;
