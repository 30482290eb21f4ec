/* One line an event on standard error, logfmt or JSON: `ts level event=lease.expired lease=7
 * ms=12`. Only cli/, run/ and http/ log; everything above them reports through its results.
 * Threads: any; a line is written whole. */
#pragma once

#include "base/err.h"

typedef enum { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG } CvkLogLevel;

/* Set once at start, before threads. The default is LOG_INFO, logfmt. */
void cvk_log_setup(CvkLogLevel level, bool json);
/* Would a line of this level be written? For who must not format in vain. */
bool cvk_log_wants(CvkLogLevel level);

/* `event` is a constant such as "lease.expired"; then pairs of key and value strings, ended by
 * NULL: cvk_log(LOG_INFO, "lease.expired", "lease", "7", NULL). Values are escaped; a line
 * is at most 2048 bytes: a longer value is cut, and a pair without room is left out. */
void cvk_log(CvkLogLevel level, const char *event, ...) __attribute__((sentinel));

/* For a failed operation: the pairs "error" = err->id and "message" = err->msg. */
void cvk_log_err(CvkLogLevel level, const char *event, const CvkErr *err);
