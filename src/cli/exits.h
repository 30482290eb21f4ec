/* The exit codes of every command: one table, which the help, the manual and docs/CLI.md print. A
 * signal that ends the program shows as the shell has it (128 and its number).
 * Threads: immutable. */
#pragma once

typedef enum {
    EXIT_DONE = 0,    /* done; or the verdict is: valid */
    EXIT_INVALID = 1, /* there is a verdict, and it is bad */
    EXIT_UNUSABLE = 2 /* there is none, or nothing was done */
} ExitCode;
#define EXITS_N 3

/* What a code means wherever it is used. */
extern const char *const exit_meanings[EXITS_N];

/* What each code means of one command in particular. NULL: what it means everywhere; for
 * EXIT_INVALID: the command gives no verdict and never ends so. */
typedef struct {
    const char *of[EXITS_N];
} Exits;

/* NULL: the command never ends so. */
const char *exits_text(const Exits *e, ExitCode code);
