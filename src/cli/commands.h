/* Every command of the program, in the order in which people meet them.
 * Threads: immutable. */
#pragma once

#include "cli/options.h"

typedef struct {
    const char *who; /* a heading, where a new group begins; else NULL */
    const Subcommand *command;
} Command;

/* Ends with a command that is NULL. */
extern const Command commands[];

extern const char commands_about[]; /* what the program is, in a sentence */

/* cmd_help.c. The list of all commands; those that begin with a word (false: none does); the error
 * that `word` (and `next`, or NULL) names none. `out` is a FILE. */
void help_list(void *out);
bool help_group(const char *word, void *out);
int help_unknown(const char *word, const char *next);

/* The command that argv's first words name, and how many words (1 or 2) that took. NULL: none. */
const Subcommand *commands_find(const Command *table, int argc, char **argv, int *ret_words);
