/* Where a contributor's secrets come from: always the system's randomness, to which a person may
 * add a text (which cannot make it worse). The text comes from a file, from a prompt that shows
 * nothing, or, for scripts, from the command line, where others may see it. Threads: none. */
#pragma once

#include "algebra/draw.h"
#include "cli/options.h"

#define OPTION_ENTROPY_FILE                                                                        \
    {                                                                                              \
        "entropy-file", "FILE", NULL,                                                              \
            "Mix what is in FILE (- is standard input) into the randomness of the system, which "  \
            "is taken in any case. Without it you are asked for a text if you are at a terminal."  \
    }
#define OPTION_ENTROPY                                                                             \
    {                                                                                              \
        "entropy", "TEXT", NULL,                                                                   \
            "The same with a text of the command line. Others on this machine may see it in the "  \
            "list of processes: better is --entropy-file."                                         \
    }
#define OPTION_NAME                                                                                \
    { "name", "TEXT", NULL, "What the contribution is called. Nobody checks or signs it." }

/* A stream to draw secrets from, in guarded memory; NULL: *err says why. From here on the process
 * leaves no image of its memory when it crashes. The caller frees it with cvk_secret_free. `args`
 * are of a command with both OPTION_ENTROPY*. */
Draw *entropy_take(const Args *args, CvkErr *err) MUST_USE;

/* What a person types, up to the end of the line, without showing it; for tests of entropy_take's
 * parts. `in` is a terminal. False ("entropy.cancelled"): they pressed Ctrl-C. */
bool entropy_prompt(int in, int out, char *ret, size_t cap, size_t *ret_n, CvkErr *err) MUST_USE;
