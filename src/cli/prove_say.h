/* How `convoke prove` says what became of a batch, and with which exit code an error ends it.
 * Threads: one. */
#pragma once

#include "cli/prove.h"

/* One line, or one JSON object. */
void prove_say(const ProveOutcome *o, bool json);
/* The same where there was no answer; o->status is set. */
void prove_say_error(const ProveOutcome *o, const CvkErr *err, bool json);

/* EXIT_PROVER, EXIT_NETWORK, EXIT_SERVER or EXIT_UNUSABLE */
ExitCode prove_error_exit(const CvkErr *err);
