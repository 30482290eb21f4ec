/* What the program says of itself: the list of commands, a command's help, the manual, the version.
 */
#include "cli/commands.h"
#include "cli/manual.h"
#include "cli/say.h"
#include "cli/subcommands.h"

#include <stdio.h>
#include <string.h>

static const Option help_options[] = {
    {"man", NULL, NULL, "All commands as a manual page (roff), on standard output."},
    {"markdown", NULL, NULL, "All commands as a page in Markdown: docs/CLI.md."},
    {NULL, NULL, NULL, NULL},
};
static const Option no_options[] = {{NULL, NULL, NULL, NULL}};

void help_list(void *out) {
    fprintf(out, "%s\n\nusage: convoke COMMAND [arguments]\n", commands_about);
    for (const Command *c = commands; c->command != NULL; c++) {
        if (c->who != NULL)
            fprintf(out, "\n%s:\n", c->who);
        fprintf(out, "  %-22s %s\n", c->command->name, c->command->purpose);
    }
}

bool help_group(const char *word, void *out) {
    size_t n = strlen(word);
    bool any = false;
    for (const Command *c = commands; c->command != NULL; c++) {
        const char *name = c->command->name;
        if (strncmp(name, word, n) == 0 && name[n] == ' ') {
            fprintf(out, "  convoke %-22s %s\n", name, c->command->purpose);
            any = true;
        }
    }
    return any;
}

/* First words of snarkjs's commands, which people who know it will try. */
static bool is_snarkjs(const char *word) {
    static const char *const words[] = {"powersoftau", "r1cs", "wtns", "plonk", "fflonk", "file"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

int help_unknown(const char *word, const char *next) {
    if (!help_group(word, stderr))
        say_step("convoke: '%s' is no command: %s", word,
                 is_snarkjs(word) ? "docs/SNARKJS.md tells what stands for each of snarkjs's, such "
                                    "as 'convoke ptau' for 'powersoftau'"
                                  : "'convoke help' lists them");
    else if (next != NULL)
        say_step("convoke: '%s %s' is no command: what begins with '%s' is one of these", word,
                 next, word);
    else
        say_step("convoke: '%s' is not complete: it is one of these", word);
    return EXIT_UNUSABLE;
}

static int help_of(char *words[2], int n) {
    int used;
    const Subcommand *c = commands_find(commands, n, words, &used);
    if (c != NULL)
        subcommand_help(c, stdout);
    else if (n > 1 || !help_group(words[0], stdout))
        return help_unknown(words[0], words[1]);
    return EXIT_DONE;
}

static int run_help(const Args *args) {
    char words[2][64] = {"", ""};
    int n = (int)args_n(args);
    for (int i = 0; i < n; i++)
        snprintf(words[i], sizeof words[i], "%s", args_at(args, (size_t)i));
    if (args_flag(args, "man"))
        manual_man(commands, stdout);
    else if (args_flag(args, "markdown"))
        manual_markdown(commands, stdout);
    else if (n == 0)
        help_list(stdout);
    else
        return help_of((char *[]){words[0], n > 1 ? words[1] : NULL}, n);
    return EXIT_DONE;
}

static int run_version(const Args *args) {
    (void)args;
    say_result("convoke " CONVOKE_VERSION);
    return EXIT_DONE;
}

const Subcommand CLI_HELP = {
    .name = "help",
    .purpose = "what there is, or what a command does, with examples",
    .usage = "[COMMAND]\n--man | --markdown",
    .options = help_options,
    .examples = "convoke help ceremony new\n"
                "convoke help --man > convoke.1 && man ./convoke.1",
    .args_min = 0,
    .args_max = 2,
    .run = run_help,
};

const Subcommand CLI_VERSION = {
    .name = "version",
    .purpose = "which convoke this is",
    .usage = "",
    .options = no_options,
    .examples = "convoke version",
    .args_min = 0,
    .args_max = 0,
    .run = run_version,
};
