/* Subcommands as in git, each described by one table: what it parses is what its --help teaches.
 *
 * USAGE: a file per subcommand defines one const Subcommand; commands.c lists them. Options may
 * stand anywhere among the arguments; "--" ends them; --help belongs to every command. Threads:
 * none; parsing happens at start. */
#pragma once

#include "base/err.h"
#include "cli/exits.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *name;    /* long name; NULL ends the table */
    const char *value;   /* what it takes, such as "FILE"; NULL: nothing, it is a flag */
    const char *preset;  /* the default as people write it; NULL: none */
    const char *meaning; /* one or more sentences; "\n" breaks the line */
} Option;

typedef struct Args Args;

typedef struct {
    const char *name;    /* "ceremony new" */
    const char *purpose; /* one line for the list of commands */
    const char *usage;   /* what stands after "convoke <name> "; "\n" starts another form */
    const char *about;   /* paragraphs; NULL: the purpose says it all */
    const Option *options;
    const char *examples; /* lines, each a command */
    Exits exits;
    size_t args_min, args_max;
    int (*run)(const Args *args);
} Subcommand;

#define ARGS_LIST_MAX 64 /* times an option may be repeated, and positional arguments */

/* The arguments after the command's name. CVK_EBADREQ "usage.*" says what to do. *ret_help: --help
 * was among them, nothing else was checked. */
bool args_parse(const Subcommand *c, int argc, char **argv, Args **ret, bool *ret_help,
                CvkErr *err) MUST_USE;
Args *args_free(Args *a); /* NULL is fine; returns NULL */

const char *args_command(const Args *a);      /* its name, such as "market status" */
size_t args_n(const Args *a);                 /* positional arguments */
const char *args_at(const Args *a, size_t i); /* NULL past the last */

/* By name; a name that is not in the command's table is a bug. The last one given counts. */
bool args_flag(const Args *a, const char *name);
const char *args_text(const Args *a, const char *name); /* the table's default; else NULL */
bool args_uint(const Args *a, const char *name, uint64_t max, uint64_t *ret, CvkErr *err) MUST_USE;
/* Every one given, NULL-terminated; lives as long as `a`. */
const char *const *args_list(const Args *a, const char *name);

/* The whole help of one command, to `out` (a FILE). */
void subcommand_help(const Subcommand *c, void *out);
