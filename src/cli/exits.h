/* The exit codes of every command: one table, which the help, the manual and docs/CLI.md print. A
 * signal that ends the program shows as the shell has it (128 and its number).
 * Threads: immutable. */
#pragma once

typedef enum {
    EXIT_DONE = 0,     /* done; or the verdict is: valid */
    EXIT_INVALID = 1,  /* there is a verdict, and it is bad */
    EXIT_UNUSABLE = 2, /* there is none, or nothing was done */
    /* convoke prove: what a script that proves without end decides by */
    EXIT_STRANGER = 3, /* the server knows nobody of this id */
    EXIT_FINISHED = 4, /* nothing is left to prove */
    EXIT_REFUSED = 5,  /* the server did not take the proof */
    EXIT_PROVER = 6,   /* the prover failed */
    EXIT_NETWORK = 7,  /* no connection, for as long as there was patience */
    EXIT_SERVER = 8    /* the server failed, or is another kind of server */
} ExitCode;
#define EXITS_N 9

/* What a code means wherever it is used. */
extern const char *const exit_meanings[EXITS_N];

/* What each code means of one command in particular. NULL: what it means everywhere; for
 * EXIT_INVALID and above EXIT_UNUSABLE: the command never ends so. */
typedef struct {
    const char *of[EXITS_N];
} Exits;

/* NULL: the command never ends so. */
const char *exits_text(const Exits *e, ExitCode code);
