#include "cli/exits.h"

#include <stddef.h>

const char *const exit_meanings[EXITS_N] = {
    [EXIT_DONE] = "done; what was checked is valid",
    [EXIT_INVALID] = "the answer is no: what was checked is invalid, or a promise was broken",
    [EXIT_UNUSABLE] = "not done; standard error says why",
    [EXIT_STRANGER] = "convoke prove: the server knows no such participant",
    [EXIT_FINISHED] = "convoke prove: nothing is left to prove",
    [EXIT_REFUSED] = "convoke prove: the server did not take the proof",
    [EXIT_PROVER] = "convoke prove: the prover failed",
    [EXIT_NETWORK] = "convoke prove: no connection",
    [EXIT_SERVER] = "convoke prove: the server failed",
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
    case EXIT_STRANGER:
    case EXIT_FINISHED:
    case EXIT_REFUSED:
    case EXIT_PROVER:
    case EXIT_NETWORK:
    case EXIT_SERVER:
        break;
    }
    return NULL;
}
