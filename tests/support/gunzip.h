/* A compressed fixture as a stream, through gzip(1). Include after support/test.h. */
#pragma once

#include "support/shared.h"

/* Close with pclose; it gives 0 when gzip was content. */
static inline FILE *gunzip_shared(const char *name) {
    char path[1024], command[1100];
    shared_path(path, sizeof path, name);
    assert_null(strchr(path, '\''));
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    FILE *stream = popen(command, "r");
    assert_non_null(stream);
    return stream;
}
