#include "cli/exits.h"

#include <stddef.h>

const char *const exit_meanings[EXITS_N] = {
    [EXIT_DONE] = "done; what was checked is valid",
    [EXIT_INVALID] = "the answer is no: what was checked is invalid, or a promise was broken",
    [EXIT_UNUSABLE] = "not done; standard error says why",
};

const char *exits_text(const Exits *e, ExitCode code) {
    if (e->of[code] != NULL)
        return e->of[code];
    switch (code) {
    case EXIT_DONE:
        return "done";
    case EXIT_UNUSABLE:
        return exit_meanings[EXIT_UNUSABLE];
    case EXIT_INVALID:
        break;
    }
    return NULL;
}
