/* Where the shared test data are: CONVOKE_SHARED, or ../shared beside the source tree
 * (tools/run-tests sets the variable to that). Include after support/test.h. */
#pragma once

#include <unistd.h>

/* Writes the path of `name` in the shared data to ret; without it the running test is skipped with
 * a line that says so, which CI counts as a failure. */
static inline void shared_path(char *ret, size_t cap, const char *name) {
    const char *dir = getenv("CONVOKE_SHARED");
    snprintf(ret, cap, "%s/%s", dir != NULL ? dir : "../shared", name);
    if (access(ret, R_OK) == 0)
        return;
    print_message("# SKIP: no %s (set CONVOKE_SHARED to the folder of the shared data)\n", ret);
    skip();
}
