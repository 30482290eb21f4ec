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

#define COMMAND_WORDS_MAX 3 /* of a command's name */

/* cmd_help.c. The list of all commands, to `out` (a FILE). */
void help_list(void *out);
/* The n words (one at least) name no command: says so, and lists those that begin like them; with
 * --help after such a beginning that list is what was asked for. Returns the exit code. */
int help_unknown(char *const *words, int n);

/* The command that argv's first words name, and how many words that took. NULL: none. */
const Subcommand *commands_find(const Command *table, int argc, char **argv, int *ret_words);
