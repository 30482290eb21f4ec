/* Which one is wrong, where a check of many at once says that one is. Threads: none shared. */
#pragma once

#include "base/err.h"

#include <stddef.h>

/* Does every one of the relations [from, from + n) hold? */
typedef bool (*RangeHoldsFn)(void *ctx, size_t from, size_t n, bool *ret_holds, CvkErr *err);

/* The lowest of `n` relations, of which one is known not to hold, that does not: log2(n) calls over
 * ranges that halve. */
bool lowest_broken(RangeHoldsFn holds, void *ctx, size_t n, size_t *ret, CvkErr *err) MUST_USE;
