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
        fprintf(out, "  %-26s %s\n", c->command->name, c->command->purpose);
    }
}

/* Is it a command whose name goes on after these words? */
static bool goes_on(const Command *c, const char *words) {
    size_t n = strlen(words);
    return n > 0 && strncmp(c->command->name, words, n) == 0 && c->command->name[n] == ' ';
}

static bool is_group(const char *words) {
    for (const Command *c = commands; c->command != NULL; c++)
        if (goes_on(c, words))
            return true;
    return false;
}

static void list_group(const char *words, FILE *out) {
    for (const Command *c = commands; c->command != NULL; c++)
        if (goes_on(c, words))
            fprintf(out, "  convoke %-26s %s\n", c->command->name, c->command->purpose);
}

/* First words of snarkjs's commands, which people who know it will try. */
static bool is_snarkjs(const char *word) {
    static const char *const words[] = {"powersoftau", "r1cs", "wtns", "plonk", "fflonk", "file"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* As many of the words as the names of several commands begin with, blanks between; how many. */
static int longest_group(char *const *words, int n, char *ret, size_t cap) {
    size_t used = 0;
    for (int i = 0; i < n; i++) {
        int more = snprintf(ret + used, cap - used, "%s%s", i > 0 ? " " : "", words[i]);
        if (more < 0 || (size_t)more >= cap - used || !is_group(ret)) {
            ret[used] = '\0';
            return i;
        }
        used += (size_t)more;
    }
    return n;
}

int help_unknown(char *const *words, int n) {
    char group[64];
    int in_group = longest_group(words, n, group, sizeof group);
    const char *next = in_group < n ? words[in_group] : NULL;
    if (in_group > 0 && next != NULL && strcmp(next, "--help") == 0) {
        list_group(group, stdout);
        return EXIT_DONE;
    }
    if (in_group > 0)
        list_group(group, stderr);
    if (in_group == 0)
        say_step("convoke: '%s' is no command: %s", words[0],
                 is_snarkjs(words[0])
                     ? "docs/SNARKJS.md tells what stands for each of snarkjs's, such "
                       "as 'convoke ptau' for 'powersoftau'"
                     : "'convoke help' lists them");
    else if (next != NULL)
        say_step("convoke: '%s %s' is no command: what begins with '%s' is one of these", group,
                 next, group);
    else
        say_step("convoke: '%s' is not complete: it is one of these", group);
    return EXIT_UNUSABLE;
}

static int help_of(char **words, int n) {
    char group[64];
    int used;
    const Subcommand *c = commands_find(commands, n, words, &used);
    if (c != NULL)
        subcommand_help(c, stdout);
    else if (longest_group(words, n, group, sizeof group) == n)
        list_group(group, stdout);
    else
        return help_unknown(words, n);
    return EXIT_DONE;
}

static int run_help(const Args *args) {
    char words[COMMAND_WORDS_MAX][64], *at[COMMAND_WORDS_MAX];
    int n = (int)args_n(args);
    for (int i = 0; i < n; i++) {
        snprintf(words[i], sizeof words[i], "%s", args_at(args, (size_t)i));
        at[i] = words[i];
    }
    if (args_flag(args, "man"))
        manual_man(commands, stdout);
    else if (args_flag(args, "markdown"))
        manual_markdown(commands, stdout);
    else if (n == 0)
        help_list(stdout);
    else
        return help_of(at, n);
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
    .args_max = COMMAND_WORDS_MAX,
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
