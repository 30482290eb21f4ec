/* Files in gzip: for what is sent over and over. The only user of <zlib.h>. Threads: any. */
#pragma once

#include "base/err.h"

#include <stdio.h>

/* Writes what is left of `in` to `out`, compressed, quickly rather than well: 6 MB of hex
 * become 3.3 in about 40 ms. The caller flushes, looks for errors and closes. */
bool cvk_gzip(FILE *in, FILE *out, CvkErr *err) MUST_USE;
