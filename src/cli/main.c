/* convoke: finds the subcommand, parses its options, runs it. */
#include "base/log.h"
#include "cli/say.h"
#include "cli/subcommands.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *who; /* a heading in the list, where a new group begins */
    const Subcommand *command;
} table[] = {
    {"to run a ceremony", &CLI_INIT},
    {NULL, &CLI_CEREMONY_NEW},
    {NULL, &CLI_INVITE},
    {NULL, &CLI_SERVE},
    {NULL, &CLI_CEREMONY_STATUS},
    {NULL, &CLI_CEREMONY_PAUSE},
    {NULL, &CLI_CEREMONY_DRAIN},
    {NULL, &CLI_CEREMONY_REOPEN},
    {NULL, &CLI_CEREMONY_FINALIZE},
    {NULL, &CLI_CEREMONY_EXPORT},
    {NULL, &CLI_CEREMONY_IMPORT},
    {NULL, &CLI_PARTICIPANT_LIST},
    {NULL, &CLI_PARTICIPANT_DROP},
    {NULL, &CLI_PARTICIPANT_BAN},
    {NULL, &CLI_PARTICIPANT_UNBAN},
    {NULL, &CLI_PARTICIPANT_PARDON},
    {NULL, &CLI_BACKUP},
    {NULL, &CLI_RESTORE},
    {"to take part", &CLI_CONTRIBUTE},
    {"to check, without trusting anybody", &CLI_VERIFY},
    {NULL, &CLI_RECEIPT_VERIFY},
    {"other", &CLI_BENCH},
};
#define N_COMMANDS (sizeof table / sizeof *table)

static int list_commands(FILE *out) {
    fprintf(out, "convoke runs computations that need many hands, none of which has to be trusted."
                 "\n\nusage: convoke COMMAND [arguments]\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (table[i].who != NULL)
            fprintf(out, "\n%s:\n", table[i].who);
        fprintf(out, "  %-20s %s\n", table[i].command->name, table[i].command->purpose);
    }
    fprintf(out, "  %-20s %s\n  %-20s %s\n", "help COMMAND", "what a command does, with examples",
            "version", "which convoke this is");
    return EXIT_DONE;
}

/* How many of argv's words name this command: 0, 1 or 2. */
static int names(const Subcommand *c, int argc, char **argv) {
    size_t first = strcspn(c->name, " ");
    if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], c->name, first) != 0)
        return 0;
    if (c->name[first] == '\0')
        return 1;
    return argc >= 2 && strcmp(argv[1], c->name + first + 1) == 0 ? 2 : 0;
}

static const Subcommand *find(int argc, char **argv, int *ret_words) {
    for (size_t i = 0; i < N_COMMANDS; i++) {
        *ret_words = names(table[i].command, argc, argv);
        if (*ret_words > 0)
            return table[i].command;
    }
    return NULL;
}

/* `convoke ceremony` alone: which commands begin so? */
static bool list_group(const char *word, FILE *out) {
    size_t n = strlen(word);
    bool any = false;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const Subcommand *c = table[i].command;
        if (strncmp(c->name, word, n) == 0 && c->name[n] == ' ') {
            fprintf(out, "  convoke %-20s %s\n", c->name, c->purpose);
            any = true;
        }
    }
    return any;
}

static int fail_unknown(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--help") == 0 && list_group(argv[0], stdout))
        return EXIT_DONE;
    if (list_group(argv[0], stderr)) {
        fprintf(stderr, "convoke: '%s%s%s' is not complete: it is one of these\n", argv[0],
                argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
        return EXIT_UNUSABLE;
    }
    fprintf(stderr, "convoke: '%s' is no command: 'convoke help' lists them\n", argv[0]);
    return EXIT_UNUSABLE;
}

static int help(int argc, char **argv) {
    int words;
    if (argc == 0)
        return list_commands(stdout);
    const Subcommand *c = find(argc, argv, &words);
    if (c == NULL)
        return list_group(argv[0], stdout) ? EXIT_DONE : fail_unknown(argc, argv);
    subcommand_help(c, stdout);
    return EXIT_DONE;
}

static int run(int argc, char **argv) {
    int words;
    const Subcommand *c = find(argc, argv, &words);
    if (c == NULL)
        return fail_unknown(argc, argv);
    Args *args;
    bool wants_help;
    CvkErr err;
    if (!args_parse(c, argc - words + 1, argv + words - 1, &args, &wants_help, &err))
        return say_error(NULL, &err);
    int status = EXIT_DONE;
    if (wants_help)
        subcommand_help(c, stdout);
    else
        status = c->run(args);
    args_free(args);
    return status;
}

static int finish(int status) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "convoke: cannot write to standard output\n");
    return EXIT_UNUSABLE;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN);
    cvk_log_setup(LOG_WARN, false); /* commands speak for themselves; serve logs more */
    if (argc < 2) {
        list_commands(stderr);
        return EXIT_UNUSABLE;
    }
    const char *word = argv[1];
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return finish(help(argc - 2, argv + 2));
    if (strcmp(word, "version") == 0 || strcmp(word, "--version") == 0) {
        say_result("convoke " CONVOKE_VERSION);
        return finish(EXIT_DONE);
    }
    return finish(run(argc - 1, argv + 1));
}
